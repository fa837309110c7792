"""HTTP responses: status, the headers that are behaviour, bodies by what they say."""

from __future__ import annotations

import codecs
from decimal import Decimal
from typing import Any

import pytest
from compare_support import differences, response, told

from pytest_characterize.compare.comparing import compare
from pytest_characterize.descriptors import Ignore, Tolerance
from pytest_characterize.model import Interaction, Kind, Observation, Outcome
from pytest_characterize.values import ABSENT, MAX_DEPTH, Response

JSON = "application/json"
FORM = "application/x-www-form-urlencoded"
TEXT = "text/plain; charset=utf-8"


def exchanged(answer: Response, uri: str = "") -> Observation:
    exchange = Interaction("GET", uri, (), b"", answer.status, "", answer.headers, answer.body)
    return Observation(Outcome("responded", answer), interactions=(exchange,) if uri else ())


class TestStatusAndHeaders:
    def test_the_same(self) -> None:
        one = response("x", TEXT, 200, [("X-Trace", "1"), ("Date", "today")])
        assert told(one, response("x", TEXT, 200, [("X-Trace", "2")])) == []

    def test_status(self) -> None:
        (found,) = differences(response(status=200), response(status=201))
        assert (found.path, found.kind, found.legacy, found.candidate) == ("$.status", Kind.STATUS, 200, 201)

    def test_the_reason_is_no_behaviour(self) -> None:
        assert told(Response(200, (), b"", "OK"), Response(200, (), b"", "Fine")) == []

    def test_a_header_that_counts(self) -> None:
        one, other = (
            response(headers=[(name, value)]) for name, value in [("LOCATION", "/a"), ("location", "/b")]
        )
        (found,) = differences(one, other)
        assert (found.path, found.kind, found.legacy, found.candidate) == (
            "$.headers.location",
            Kind.HEADER,
            "/a",
            "/b",
        )

    def test_a_header_on_one_side(self) -> None:
        (found,) = differences(response(headers=[("Allow", "GET")]), response())
        assert (found.path, found.kind, found.candidate) == ("$.headers.allow", Kind.HEADER, ABSENT)
        (found,) = differences(response(), response(headers=[("Allow", "GET")]))
        assert (found.kind, found.legacy) == (Kind.HEADER, ABSENT)

    def test_a_header_that_comes_twice(self) -> None:
        one = response(headers=[("Allow", "GET"), ("Allow", "POST")])
        assert told(one, response(headers=[("Allow", "GET"), ("Allow", "PUT")])) == [
            ("$.headers.allow[1]", "header")
        ]
        assert told(one, response(headers=[("Allow", "GET")])) == [("$.headers.allow[1]", "header")]

    def test_only_the_named_headers_count(self) -> None:
        one, other = (exchanged(response(headers=[("X-Total", total)])) for total in "12")
        assert compare(one, other).differences == ()
        (found,) = compare(one, other, headers=["X-TOTAL"]).differences
        assert (found.path, found.kind) == ("$.headers.x-total", Kind.HEADER)

    def test_the_evidence_for_a_header(self) -> None:
        one, other = (response(headers=[("Allow", value)]) for value in ("GET", "get"))
        assert differences(one, other)[0].note == "equal when case is ignored"

    def test_ignored_by_policy(self) -> None:
        one, other = response("a", "text/plain; charset=latin-1"), response("a", TEXT)
        assert told(one, other) == [("$.headers.content-type", "header")]
        assert told(one, other, Ignore("$.headers.content-type", reason="UTF-8 at last")) == []


class TestLocation:
    def test_the_own_host_is_no_behaviour(self) -> None:
        golden = exchanged(
            response(headers=[("Location", "http://legacy:8080/a?b=1")]), "http://legacy:8080/x"
        )
        observed = exchanged(response(headers=[("Location", "/a?b=1")]))
        assert compare(golden, observed).differences == ()

    def test_another_host_is(self) -> None:
        golden = exchanged(response(headers=[("Location", "http://sso/a")]), "http://legacy/x")
        observed = exchanged(response(headers=[("Location", "http://testserver/a")]))
        (found,) = compare(golden, observed).differences
        assert found.note == "the same path on another host"
        observed = exchanged(response(headers=[("Location", "http://sso/b")]))
        assert compare(golden, observed).differences[0].note == ""

    def test_a_host_that_only_begins_alike_is_another(self) -> None:
        golden = exchanged(response(headers=[("Location", "http://legacy.evil/a")]), "http://legacy/x")
        assert len(compare(golden, exchanged(response(headers=[("Location", "/a")]))).differences) == 1

    def test_a_location_that_is_none(self) -> None:
        assert told(response(headers=[("Location", "http://[x")]), response(headers=[("Location", "/")])) == [
            ("$.headers.location", "header")
        ]


class TestContentType:
    @pytest.mark.parametrize(
        ("one", "other"),
        [
            ("text/html; charset=utf-8", "Text/HTML;charset=UTF8"),
            ("text/html; charset=iso-8859-1", 'text/html; charset="latin1"'),
            ("application/json", "application/json; charset=utf-8"),
            ('multipart/mixed; boundary="a b"', 'multipart/mixed;  Boundary="a b"'),
            ("text/plain; a=1; b=2", "text/plain; b=2; a=1"),
        ],
    )
    def test_other_spellings(self, one: str, other: str) -> None:
        assert told(response("{}", one), response("{}", other)) == []

    @pytest.mark.parametrize(
        ("one", "other", "note"),
        [
            ("text/html", "text/plain", "text/html and text/plain"),
            ("text/html; charset=utf-8", "text/html", "another charset: utf-8 and none"),
            ("application/json; charset=latin-1", "application/json", "another charset: iso8859-1 and none"),
            (
                "text/plain; charset=klingon",
                "text/plain; charset=vulcan",
                "another charset: klingon and vulcan",
            ),
            ("text/plain; format=flowed", "text/plain", "other parameters"),
        ],
    )
    def test_other_types(self, one: str, other: str, note: str) -> None:
        (found,) = differences(response("{}", one), response("{}", other))
        assert (found.path, found.kind, found.note) == ("$.headers.content-type", Kind.HEADER, note)
        assert (found.legacy, found.candidate) == (one, other)


class TestCharset:
    def test_the_same_text_in_another_charset_is_one_difference(self) -> None:
        one = response("Müller\nÖl".encode("latin-1"), "text/plain; charset=iso-8859-1")
        assert told(one, response("Müller\nÖl", TEXT)) == [("$.headers.content-type", "header")]

    def test_the_same_bytes_in_another_charset_are_not_the_same(self) -> None:
        body = "Müller".encode()
        assert told(response(body, "text/plain; charset=latin-1"), response(body, TEXT)) == [
            ("$.headers.content-type", "header"),
            ("$.body", "encoding"),
        ]

    def test_bytes_that_are_wrong_in_their_charset(self) -> None:
        (found,) = differences(response(b"M\xfcller", TEXT), response("Müller", TEXT))
        assert (found.path, found.kind) == ("$.body", Kind.ENCODING)
        assert found.legacy == "M\ufffdller"

    @pytest.mark.parametrize(
        ("body", "content_type"),
        [
            ("Müller".encode(), "text/plain"),
            ("Müller".encode("latin-1"), "text/plain"),
            (codecs.BOM_UTF8 + "Müller".encode(), "text/plain"),
            ("Müller".encode("utf-16"), "text/plain"),
            ("Müller".encode("cp1252"), "text/plain; charset=windows-1252"),
            ("Müller".encode("latin-1"), "text/plain; charset=klingon"),
        ],
    )
    def test_ways_to_say_it(self, body: bytes, content_type: str) -> None:
        paths = [path for path, _ in told(response(body, content_type), response("Müller", TEXT))]
        assert paths == ["$.headers.content-type"]

    def test_markup_may_say_it_itself(self) -> None:
        page = '<html><head><meta charset="{}"><title>Müller</title></head><body>Öl</body></html>'
        one = response(page.format("iso-8859-1").encode("latin-1"), "text/html")
        other = response(page.format("utf-8").encode(), "text/html")
        assert told(one, other) == [("$.body/html/head/meta/@charset", "value")]
        xml = '<?xml version="1.0" encoding="{}"?><a>Müller</a>'
        one = response(xml.format("iso-8859-1").encode("latin-1"), "text/xml")
        assert told(one, response(xml.format("utf-8").encode(), "text/xml")) == []


class TestJson:
    def told(self, one: str, other: str, *policies: Any) -> list[tuple[str, str]]:
        return told(response(one, JSON), response(other, JSON), *policies)

    def test_spelling_is_no_content(self) -> None:
        assert self.told('{"a": 1, "b": [true, "\\u00fc"]}', '{"b":[true,"ü"],\n"a":1}') == []

    @pytest.mark.parametrize(
        ("one", "other", "kind"),
        [
            ("1.0", "1.00", "scale"),
            ("1", "1.0", "scale"),
            ("100", "1e2", "scale"),
            ("1.00", "1.01", "rounding"),
            ("1", "2.5", "value"),
            ("1", "2", "value"),
            ("1", '"1"', "type"),
            ("1", "true", "type"),
            ("null", '"null"', "null"),
            ("null", '""', "empty"),
            ('"2024-03-01T10:00:00Z"', '"2024-03-01T11:00:00+01:00"', "timezone"),
            ("[]", "{}", "type"),
            ("9007199254740993", "9007199254740992", "value"),
            ("0.1", "0.1000000000000000055511151231257827", "rounding"),
        ],
    )
    def test_a_value(self, one: str, other: str, kind: str) -> None:
        assert self.told(f'{{"total": [{one}]}}', f'{{"total": [{other}]}}') == [("$.body.total[0]", kind)]

    def test_numbers_keep_their_scale_in_the_difference(self) -> None:
        (found,) = differences(response("[95.00]", JSON), response("[94.99]", JSON))
        assert (found.legacy, found.candidate) == (Decimal("95.00"), Decimal("94.99"))

    def test_tolerance_between_whole_and_broken_numbers(self) -> None:
        assert self.told("[1]", "[1.004]", Tolerance("$.body[0]", absolute="0.01", reason="r")) == []

    def test_items_are_aligned(self) -> None:
        assert self.told("[1,2,3,4]", "[1,3,4]") == [("$.body[1]", "missing")]

    @pytest.mark.parametrize(
        ("text", "fault"),
        [
            ('{"a": 1, "a": 2}', "the key 'a' comes twice"),
            ('{"a": NaN}', "NaN is no JSON number"),
            ('{"a": -Infinity}', "-Infinity is no JSON number"),
            ("{'a': 1}", "Expecting property name"),
            ("[1, 2", "at character 5"),
            ("[" * 100_000, "nested too deep"),
            ("[" * (MAX_DEPTH + 1) + "]" * (MAX_DEPTH + 1), "nested too deep"),
            ("1" * 5000, "too large"),
            ("1e99999999999999999999", "too large"),
        ],
    )
    def test_what_is_no_json_on_one_side(self, text: str, fault: str) -> None:
        (found,) = differences(response('{"a": 1}', JSON), response(text, JSON))
        assert (found.path, found.kind) == ("$.body", Kind.TYPE)
        assert found.note.startswith("the candidate: ")
        assert fault in found.note
        assert (found.legacy, found.candidate) == ('{"a": 1}', text)

    def test_what_is_no_json_on_both_sides_is_text(self) -> None:
        one, other = response("oops\nline a", JSON), response("oops\nline b", JSON)
        (found,) = differences(one, other)
        assert (found.path, found.kind) == ("$.body[1]", Kind.VALUE)
        assert "legacy: Expecting value" in found.note
        assert "the candidate: Expecting value" in found.note

    def test_deep_but_not_too_deep(self) -> None:
        deep = MAX_DEPTH - 10
        one, other = ("[" * deep + number + "]" * deep for number in "12")
        assert self.told(one, other) == [("$.body" + "[0]" * deep, "value")]

    def test_a_vendor_s_type(self) -> None:
        kind = "application/problem+json"
        assert told(response('{"a":1}', kind), response('{"a":2}', kind)) == [("$.body.a", "value")]


class TestForms:
    def told(self, one: str, other: str) -> list[tuple[str, str]]:
        return told(response(one, FORM), response(other, FORM))

    def test_the_order_of_names_is_no_content(self) -> None:
        assert self.told("a=1&b=%C3%BC+x", "b=ü%20x&a=1") == []

    def test_values(self) -> None:
        assert self.told("a=1&b=", "a=2&c=") == [
            ("$.body.a", "value"),
            ("$.body.b", "missing"),
            ("$.body.c", "extra"),
        ]

    def test_repeated_names(self) -> None:
        assert self.told("a=1&a=2", "a=1&a=2") == []
        assert self.told("a=1&a=2", "a=2&a=1") == [("$.body.a", "order")]
        assert self.told("a=1&a=2", "a=2") == [("$.body.a[0]", "missing")]


class TestText:
    def told(self, one: str, other: str) -> list[tuple[str, str]]:
        return told(response(one, TEXT), response(other, TEXT))

    def test_by_line(self) -> None:
        assert self.told("a\nb\nc\nd\n", "a\nc\nD\n") == [("$.body[1]", "missing"), ("$.body[3]", "case")]

    def test_a_single_line_is_the_body(self) -> None:
        assert self.told("total: 95.00", "total: 94.99") == [("$.body", "value")]

    def test_line_endings_are_told_once(self) -> None:
        assert self.told("a\r\nb\r\n", "a\nb\n") == [("$.body", "whitespace")]
        (endings, line) = differences(response("a\r\nb\r\nc", TEXT), response("a\nx\nc", TEXT))
        assert (endings.path, endings.legacy, endings.candidate) == ("$.body", ["\r\n"], ["\n"])
        assert (line.path, line.kind) == ("$.body[1]", Kind.VALUE)

    def test_a_missing_end_of_line(self) -> None:
        assert self.told("a\nb\n", "a\nb") == [("$.body", "whitespace")]

    def test_other_separators_are_content(self) -> None:
        assert self.told("a\x0bb\u2028c", "a\x0bb\u2028d") == [("$.body", "value")]


class TestBytes:
    def test_what_is_no_text(self) -> None:
        one, other = response(b"\x89PNG\x00", "image/png"), response(b"\x89PNG\x01", "image/png")
        (found,) = differences(one, other)
        assert (found.path, found.kind, found.legacy) == ("$.body", Kind.VALUE, b"\x89PNG\x00")
        assert found.note == "they part at byte 4 of 5 and 5"

    def test_without_a_type(self) -> None:
        assert told(response(b"ab "), response(b"ab")) == [("$.body", "padding")]
        assert told(response(b"ab"), response(b"ab")) == []


class TestTypesThatDisagree:
    def test_html_became_json(self) -> None:
        one, other = (
            response("<p>no such invoice</p>", "text/html", 404),
            response('{"detail": "no"}', JSON, 404),
        )
        header, body = differences(one, other)
        assert header.path == "$.headers.content-type"
        assert (body.path, body.kind, body.note) == ("$.body", Kind.TYPE, "HTML and JSON")

    def test_json_under_a_wrong_type(self) -> None:
        one, other = response('{"a": 1.0}', "text/html"), response('{"a":1.00}', JSON)
        assert told(one, other) == [("$.headers.content-type", "header"), ("$.body.a", "scale")]

    def test_one_side_says_nothing(self) -> None:
        assert told(response('{"a":1}'), response('{"a": 2}', JSON)) == [
            ("$.headers.content-type", "header"),
            ("$.body.a", "value"),
        ]

    def test_text_and_bytes(self) -> None:
        one, other = response("a", TEXT), response("b", "application/octet-stream")
        assert told(one, other) == [("$.headers.content-type", "header"), ("$.body", "value")]

    def test_an_empty_body(self) -> None:
        (found,) = differences(response('{"a": 1}', JSON), response("", JSON))
        assert (found.path, found.kind, found.legacy, found.candidate) == (
            "$.body",
            Kind.EMPTY,
            '{"a": 1}',
            "",
        )


def test_a_response_within_a_value() -> None:
    one, other = ({"steps": [response(status, JSON)]} for status in ("1", "2"))
    assert told(one, other) == [("$.steps[0].body", "value")]
