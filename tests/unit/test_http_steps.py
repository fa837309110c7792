"""Steps over HTTP: what is asked, what is kept, and ids inside texts."""

from __future__ import annotations

import json
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from pytest_characterize.bound_texts import in_body, in_text
from pytest_characterize.errors import UsageError
from pytest_characterize.http_steps import HttpSteps
from pytest_characterize.model import Outcome
from pytest_characterize.values import Raised, Record, Response, Value

ASKED = list[tuple[str, dict[str, Value], int]]


def steps_answering(*responses: Response) -> tuple[HttpSteps, ASKED]:
    asked: ASKED = []

    def drive(method: str, request: dict[str, Value], number: int) -> Outcome:
        asked.append((method, request, number))
        return Outcome("responded", responses[number] if responses else Response(204, (), b""))

    return HttpSteps(drive), asked


def test_a_request_is_written_out_once() -> None:
    steps, asked = steps_answering()
    steps.get("/a b/ä?x=1#end", query={"on": date(2024, 3, 1), "ids": [1, 2], "none": None, "yes": True})
    steps.post("/f", data={"total": Decimal("1.50"), "name": "ä&"})
    steps.put("/j", json={"id": 7, "on": date(2024, 3, 1)}, headers={"X-Note": "n"})
    steps.patch("/x", data="<a/>", headers={"content-type": "text/xml"})
    steps.delete("/d", data=b"\xff")
    form = ("Content-Type", "application/x-www-form-urlencoded")
    target = "/a%20b/%C3%A4?x=1&on=2024-03-01&ids=1&ids=2&yes=true"
    assert asked == [
        ("GET", {"target": target, "headers": (), "body": b""}, 0),
        ("POST", {"target": "/f", "headers": (form,), "body": b"total=1.50&name=%C3%A4%26"}, 1),
        (
            "PUT",
            {
                "target": "/j",
                "headers": (("X-Note", "n"), ("Content-Type", "application/json")),
                "body": b'{"id":7,"on":"2024-03-01"}',
            },
            2,
        ),
        ("PATCH", {"target": "/x", "headers": (("content-type", "text/xml"),), "body": b"<a/>"}, 3),
        ("DELETE", {"target": "/d", "headers": (), "body": b"\xff"}, 4),
    ]


@pytest.mark.parametrize(
    ("method", "path", "given"),
    [
        ("GET", "cart", {}),
        ("GET", "//elsewhere.invalid/", {}),
        ("GET", "http://elsewhere.invalid/", {}),
        ("get it", "/", {}),
        ("POST", "/", {"data": {}, "json": {}}),
        ("POST", "/", {"data": 7}),
        ("POST", "/", {"data": {"a": {"b": 1}}}),
        ("POST", "/", {"json": float("nan")}),
        ("GET", "/", {"query": {"a": b"bytes"}}),
    ],
)
def test_what_can_be_no_request_is_refused(method: str, path: str, given: dict[str, Any]) -> None:
    steps, asked = steps_answering()
    with pytest.raises(UsageError) as caught:
        steps.request(method, path, **given)
    assert caught.value.slug == "scenario-request"
    assert asked == []


def test_what_a_script_learns_from_an_answer() -> None:
    headers = (("Content-Type", "text/plain; charset=latin-1"), ("Location", "/x"))
    steps, _ = steps_answering(Response(302, headers, "ä".encode("latin-1")), Response(200, (), b'{"a": 1}'))
    answer = steps.get("/")
    assert (answer.status, answer.text, answer.header("location")) == (302, "ä", "/x")
    with pytest.raises(LookupError, match="302 has no header 'etag'"):
        answer.header("etag")
    assert steps.get("/").json() == {"a": 1}


def test_the_values_of_cookies_are_not_kept() -> None:
    steps, _ = steps_answering(Response(200, (("Set-Cookie", "id=s3cret; Path=/; HttpOnly"),), b""))
    steps.get("/")
    (step,) = steps.outcome().value
    assert step.fields["responded"].headers == (("Set-Cookie", "id=; Path=/; HttpOnly"),)


def test_an_exception_in_the_place_of_an_answer_is_kept() -> None:
    steps = HttpSteps(lambda method, asked, number: Outcome("raised", Raised(("m.No",), "no")))
    assert steps.get("/").status == 0
    assert steps.outcome().value[0].fields["raised"] == Raised(("m.No",), "no")


@pytest.mark.parametrize("number", [1017, 3])
def test_two_sides_with_other_ids_keep_the_same(number: int) -> None:
    made = Response(201, (("Location", f"/orders/{number}"),), b"")
    kind = (("Content-Type", "application/json"),)
    shown = Response(200, kind, json.dumps({"number": number, "quantity": 3}).encode())
    steps, asked = steps_answering(made, shown)
    order = steps.bind(
        "order", steps.post("/orders").header("location").rpartition("/")[2], "orders", "number"
    )
    steps.get(f"/orders/{order}", query={"number": int(str(order))})
    assert asked[1][1]["target"] == f"/orders/{number}?number={number}"
    first, second = steps.outcome().value
    assert first.fields["responded"].headers == (("Location", "/orders/{id:order}"),)
    assert second.fields["request"] == "GET /orders/{id:order}"
    assert second.fields["with"]["query"]["number"] == Record("characterize.Id", {"name": "order"})
    assert second.fields["responded"].body == b'{"number": "{id:order}", "quantity": 3}'


IDS = {("order", "17"): "o", ("orders", "17"): "o", ("Stück", "A-1"): "ü"}


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("/orders/17", "/orders/{id:o}"),
        ("/orders/17/pay?order=17#17", "/orders/{id:o}/pay?order={id:o}#17"),
        ("<order>17</order>", "<order>{id:o}</order>"),
        ('<td class="order">\n  17\n</td>', '<td class="order">\n  {id:o}\n</td>'),
        ('<input name="order" value="17">', '<input name="order" value="{id:o}">'),
        ("order 17.", "order {id:o}."),
        *((same, same) for same in ("/orders/170", "/orders/1/17", "order -17", "order 17.5", "reorder 17")),
        *(
            (same, same)
            for same in ("order of 17", "orders/17-2", "17", "order 0.17", "<order></order><b>17")
        ),
    ],
)
def test_an_id_is_bound_directly_after_its_key(text: str, named: str) -> None:
    assert in_text(text, IDS) == named


@pytest.mark.parametrize(
    ("body", "named"),
    [
        ('{"order": 17, "n": 17, "x": [17]}', '{"order": "{id:o}", "n": 17, "x": [17]}'),
        ('{"orders" : [17, "17", 18, {"n": 17}]}', '{"orders" : ["{id:o}", "{id:o}", 18, {"n": 17}]}'),
        ('{"a": {"order": 17}, "b": 17.0, "order": 17.0}', '{"a": {"order": "{id:o}"}, "b": 17.0, "order": 17.0}'),
        ('{"St\\u00fcck": "A-1", "Stück": "A-1"}', '{"St\\u00fcck": "{id:ü}", "Stück": "{id:ü}"}'),
        ('{"url": "\\/orders\\/17"}', '{"url": "\\/orders\\/{id:o}"}'),
        ('}]{"order": 17', '}]{"order": "{id:o}"'),
    ],
)  # fmt: skip
def test_an_id_in_json_is_bound_below_its_key(body: str, named: str) -> None:
    assert in_body(body.encode(), "application/json", IDS).decode() == named


def test_other_bytes_of_a_body_stay_as_they_are() -> None:
    page = "<p>ä order 17 é</p>".encode("latin-1")
    assert in_body(page, "text/html", IDS) == page.replace(b"17", b"{id:o}")
    assert in_body(b"\0order 17", "image/png", IDS) == b"\0order 17"
