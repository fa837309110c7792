"""Cassettes: VCR's structure, read strictly by us and, where it can, by VCR itself."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from store_samples import exchange
from vcr.cassette import Cassette
from vcr.serializers import jsonserializer

from pytest_characterize.errors import StoreError
from pytest_characterize.model import Interaction
from pytest_characterize.store.cassettes import as_stored, cassette_text, read_cassette, response_of
from pytest_characterize.values import Response

NAME = "cassettes/x/y/z.json"


@pytest.mark.parametrize(
    "body",
    [b"", b"{}", "Größe".encode(), "Größe".encode("latin-1"), b"\x00\xff", b"a\r\nb\n", b"\xef\xbb\xbfx"],
)
def test_bodies_come_back_to_the_byte(body: bytes) -> None:
    interaction = exchange(body, request_body=body)
    assert read_cassette(cassette_text([interaction]), NAME) == (interaction,)


def test_repeated_headers_keep_their_order() -> None:
    headers = (("Set-Cookie", "b=1"), ("Set-Cookie", "a=2"), ("X-A", "1"), ("x-a", "2"))
    (interaction,) = read_cassette(cassette_text([exchange(headers=headers)]), NAME)
    assert interaction.response_headers == headers


def test_headers_in_between_move_behind_the_first_of_their_name() -> None:
    scattered = exchange(headers=(("A", "1"), ("B", "2"), ("A", "3")))
    (interaction,) = read_cassette(cassette_text([scattered]), NAME)
    assert interaction.response_headers == (("A", "1"), ("A", "3"), ("B", "2"))
    assert response_of(scattered) == response_of(interaction)
    assert as_stored(Response(200, scattered.response_headers, b"{}", "OK")) == response_of(interaction)


def test_no_exchange_is_a_cassette_too() -> None:
    assert read_cassette(cassette_text([]), NAME) == ()


TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)
HEADERS = st.dictionaries(TEXT, st.lists(TEXT, min_size=1, max_size=3), max_size=4).map(
    lambda grouped: tuple((name, value) for name, values in grouped.items() for value in values)
)
INTERACTIONS = st.builds(
    Interaction,
    method=TEXT,
    uri=TEXT,
    request_headers=HEADERS,
    request_body=st.binary(max_size=50),
    status=st.integers(100, 999),
    reason=TEXT,
    response_headers=HEADERS,
    response_body=st.binary(max_size=50) | TEXT.map(str.encode),
)


@given(st.lists(INTERACTIONS, max_size=4))
def test_every_exchange_comes_back(interactions: list[Interaction]) -> None:
    text = cassette_text(interactions)
    assert text.isascii()
    assert read_cassette(text, NAME) == tuple(interactions)
    assert cassette_text(read_cassette(text, NAME)) == text


def test_vcr_itself_loads_it(tmp_path: Path) -> None:
    interactions = [
        exchange('{"Größe": 1}\r\n'.encode(), request_body="säge".encode(), method="POST"),
        exchange(
            b"<p>", headers=(("Set-Cookie", "a=1"), ("Set-Cookie", "b=2")), status=404, reason="Not Found"
        ),
    ]
    path = tmp_path / "cassette.json"
    path.write_text(cassette_text(interactions), "utf-8")
    loaded = Cassette.load(path=str(path), serializer=jsonserializer, record_mode="none")
    assert [(request.method, request.uri, request.body) for request in loaded.requests] == [
        ("POST", "http://legacy.test/invoice/7", "säge".encode()),
        ("GET", "http://legacy.test/invoice/7", None),
    ]
    assert loaded.requests[0].headers == {"Accept": "*/*"}
    assert [response["body"]["string"] for response in loaded.responses] == [
        interaction.response_body for interaction in interactions
    ]
    assert loaded.responses[1]["status"] == {"code": 404, "message": "Not Found"}
    assert loaded.responses[1]["headers"] == {"Set-Cookie": ["a=1", "b=2"]}


def tree_of(*interactions: Interaction) -> Any:
    return json.loads(cassette_text(interactions or [exchange()]))


def damaged(text: str) -> str:
    with pytest.raises(StoreError) as caught:
        read_cassette(text, NAME)
    assert caught.value.message.startswith(NAME)
    assert caught.value.hint
    return f"{caught.value.slug}: {caught.value.message}"


@pytest.mark.parametrize(
    ("path", "value", "told"),
    [
        (["version"], 2, "$.version: 2 is unknown"),
        (["version"], True, "$.version: True is unknown"),
        (["version"], ..., "key 'version' is missing"),
        (["interactions"], ..., "key 'interactions' is missing"),
        (["interactions"], {}, "dict where list"),
        (["metadata"], {}, "key 'metadata' is unknown"),
        (["interactions", 0], "x", "$.interactions[0]: str where dict"),
        (["interactions", 0, "request"], ..., "$.interactions[0]: key 'request' is missing"),
        (["interactions", 0, "request", "method"], ..., "$.interactions[0].request: key 'method' is missing"),
        (["interactions", 0, "request", "uri"], 1, "$.interactions[0].request.uri: int where str"),
        (["interactions", 0, "request", "headers"], [], "request.headers: list where dict"),
        (["interactions", 0, "response", "headers", "A"], "x", "response.headers.A: str where list"),
        (["interactions", 0, "response", "headers", "A"], [1], "int where str"),
        (["interactions", 0, "response", "status"], 200, "int where dict"),
        (["interactions", 0, "response", "status", "code"], "200", "status.code: str where int"),
        (["interactions", 0, "response", "status", "message"], None, "message: NoneType where str"),
        (["interactions", 0, "response", "body"], {}, "key 'string' is missing"),
        (["interactions", 0, "response", "body"], None, "NoneType where dict"),
        (["interactions", 0, "response", "body"], {"base64": "*"}, "neither UTF-8 text nor base64"),
        (["interactions", 0, "response", "body"], {"base64": "é"}, "neither UTF-8 text nor base64"),
        (["interactions", 0, "response", "body"], {"base64": "", "string": ""}, "is unknown"),
        (["interactions", 0, "response", "body", "string"], None, "NoneType where str"),
        (["interactions", 0, "response", "protocol"], "1.1", "key 'protocol' is unknown"),
    ],
)
def test_a_strange_structure_is_named_by_its_path(path: list[Any], value: Any, told: str) -> None:
    tree = tree_of()
    owner = tree
    for part in path[:-1]:
        owner = owner[part]
    if value is ...:
        del owner[path[-1]]
    else:
        owner[path[-1]] = value
    assert told in damaged(json.dumps(tree))


def test_a_lone_surrogate_is_no_body() -> None:
    tree = tree_of()
    tree["interactions"][0]["response"]["body"]["string"] = "\udc80"
    assert "neither UTF-8 text nor base64" in damaged(json.dumps(tree))


@pytest.mark.parametrize("share", [0.0, 0.01, 0.3, 0.5, 0.7, 0.99])
def test_a_cut_cassette_is_damaged(share: float) -> None:
    text = cassette_text([exchange(), exchange(b"second")])
    assert damaged(text[: int(len(text) * share)])


def test_a_duplicate_key_is_damaged() -> None:
    text = cassette_text([exchange()]).replace('"version": 1,', '"version": 1, "version": 1,')
    assert "twice" in damaged(text)


def test_equal_exchanges_have_one_text() -> None:
    assert cassette_text([exchange()]) == cassette_text([replace(exchange())])
