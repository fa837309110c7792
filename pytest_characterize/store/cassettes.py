"""Recorded HTTP in VCR's version-1 structure, as JSON, with a strict reader of our own.

A body that is not UTF-8 is ``{"base64": ...}``, which VCR's JSON serializer has no word for. VCR groups
headers by name; so repeated ones keep their order among themselves, and names the order in which each
first came.
"""

from __future__ import annotations

from base64 import b64decode, b64encode
from collections.abc import Iterable, Iterator
from typing import Final, TypeAlias

from pytest_characterize.codec import parse_json, pretty_json
from pytest_characterize.errors import StoreError
from pytest_characterize.model import Interaction
from pytest_characterize.paths import LocatedError
from pytest_characterize.store.shape import Tree, Under, field, has_fields, has_type
from pytest_characterize.values import Response

VERSION: Final = 1
"""VCR's number of the structure."""

Headers: TypeAlias = tuple[tuple[str, str], ...]


def cassette_text(interactions: Iterable[Interaction]) -> str:
    """The cassette that holds these exchanges, oldest first; the same exchanges give the same text."""
    return pretty_json({"version": VERSION, "interactions": [_to_tree(item) for item in interactions]})


def read_cassette(text: str | bytes, where: str) -> tuple[Interaction, ...]:
    """The exchanges that :func:`cassette_text` wrote.

    Args:
        where: the file's name, for errors.

    Raises:
        StoreError: ``cassette-damaged``; or the text is no strict JSON.
    """
    tree = parse_json(text, where)
    try:
        cassette = has_fields(tree, ("version", "interactions"))
        if cassette["version"] != VERSION or type(cassette["version"]) is not int:
            raise LocatedError(f"{cassette['version']!r} is unknown").under("version")
        return tuple(_read_all(field(cassette, "interactions", list)))
    except LocatedError as error:
        raise StoreError(
            f"{where}: {error.path}: {error.message}",
            slug="cassette-damaged",
            hint="restore the file with git checkout, or record the case again",
        ) from None


def response_of(interaction: Interaction) -> Response:
    """The response of an exchange, its headers in the order that a cassette keeps."""
    return Response(
        status=interaction.status,
        headers=_flat(_grouped(interaction.response_headers)),
        body=interaction.response_body,
        reason=interaction.reason,
    )


def as_stored(response: Response) -> Response:
    """A response as it comes back from a cassette: with its headers grouped by name."""
    return Response(response.status, _flat(_grouped(response.headers)), response.body, response.reason)


def _to_tree(interaction: Interaction) -> Tree:
    body = _body(interaction.response_body)
    return {
        "request": {
            "method": interaction.method,
            "uri": interaction.uri,
            "body": _body(interaction.request_body) if interaction.request_body else None,
            "headers": _grouped(interaction.request_headers),
        },
        "response": {
            "status": {"code": interaction.status, "message": interaction.reason},
            "headers": _grouped(interaction.response_headers),
            "body": {"string": body} if isinstance(body, str) else body,
        },
    }


def _body(body: bytes) -> str | dict[str, str]:
    try:
        return body.decode("utf-8")
    except UnicodeDecodeError:
        return {"base64": b64encode(body).decode("ascii")}


def _grouped(headers: Headers) -> dict[str, list[str]]:
    grouped: dict[str, list[str]] = {}
    for name, value in headers:
        grouped.setdefault(name, []).append(value)
    return grouped


def _flat(grouped: dict[str, list[str]]) -> Headers:
    return tuple((name, value) for name, values in grouped.items() for value in values)


def _read_all(trees: list[Tree]) -> Iterator[Interaction]:
    for index, tree in enumerate(trees):
        with Under("interactions"), Under(index):
            yield _read(tree)


def _read(tree: Tree) -> Interaction:
    exchange = has_fields(tree, ("request", "response"))
    with Under("request"):
        request = has_fields(exchange["request"], ("method", "uri", "body", "headers"))
        method, uri = field(request, "method", str), field(request, "uri", str)
        request_headers = _headers(request)
        request_body = b"" if request["body"] is None else _read_body(request["body"])
    with Under("response"):
        response = has_fields(exchange["response"], ("status", "headers", "body"))
        with Under("status"):
            status = has_fields(response["status"], ("code", "message"))
            code, message = field(status, "code", int), field(status, "message", str)
        return Interaction(
            method=method,
            uri=uri,
            request_headers=request_headers,
            request_body=request_body,
            status=code,
            reason=message,
            response_headers=_headers(response),
            response_body=_response_body(field(response, "body", dict)),
        )


def _headers(message: dict[str, Tree]) -> Headers:
    with Under("headers"):
        grouped = has_type(message["headers"], dict)
        return tuple((name, has_type(value, str)) for name in grouped for value in field(grouped, name, list))


def _response_body(tree: dict[str, Tree]) -> bytes:
    if "base64" in tree:
        return _read_body(tree)
    with Under("body"):
        text = has_fields(tree, ("string",))["string"]
    return _read_body(has_type(text, str))


def _read_body(tree: Tree) -> bytes:
    with Under("body"):
        try:
            if isinstance(tree, dict):
                return b64decode(field(has_fields(tree, ("base64",)), "base64", str), validate=True)
            return has_type(tree, str).encode("utf-8")
        except ValueError:
            raise LocatedError("neither UTF-8 text nor base64") from None
