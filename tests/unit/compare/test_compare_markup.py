"""HTML and XML by content: what a reader of the page would see, and where."""

from __future__ import annotations

import random
from typing import Any

import pytest
from compare_support import differences, response, told

from pytest_characterize.compare.html_documents import read_html
from pytest_characterize.compare.markup import Element, outer
from pytest_characterize.compare.xml_documents import NotXmlError, read_xml
from pytest_characterize.descriptors import Ignore, Unordered
from pytest_characterize.model import Difference, Kind

HTML = "text/html; charset=utf-8"
XML = "application/xml"


def page(body: str, head: str = "<title>T</title>") -> str:
    return f"<!DOCTYPE html><html><head>{head}</head><body>{body}</body></html>"


def html(one: str, other: str, *policies: Any) -> tuple[Difference, ...]:
    return differences(response(one, HTML), response(other, HTML), *policies)


def in_body(one: str, other: str, *policies: Any) -> list[tuple[str, str]]:
    found = told(response(page(one), HTML), response(page(other), HTML), *policies)
    return [(path.removeprefix("$.body/html/body"), kind) for path, kind in found]


SAME = [
    ("<p>a</p>", "<P>a</P>"),
    ("<p>a<p>b", "<p>a</p><p>b</p>"),
    ("<ul><li>a<li>b</ul>", "<ul>\n  <li>a</li>\n  <li>b</li>\n</ul>"),
    ("<table><tr><td>1<td>2</table>", "<table><tbody><tr><td>1</td><td>2</td></tr></tbody></table>"),
    ('<a href="/x" id=y>z</a>', "<a id='y' href=/x>z</a>"),
    ("<input checked>", '<input checked="checked"/>'),
    ("<option selected=selected>1</option>", '<option selected="">1</option>'),
    ("<br>", "<br />"),
    ("<p>a &amp; b &uuml; &#8364;</p>", "<p>a & b ü €</p>"),
    ("<p>a<!-- c -->b</p>", "<p>ab</p>"),
    ("<p>\n  a   b\n</p>", "<p>a b</p>"),
    ("<div> <p>a</p> </div>", "<div><p>a</p></div>"),
    ("<p>a <b>b</b> c</p>", "<p>a\n<b>b</b>\nc</p>"),
    ("<td>x</td>", "x"),
    ("<p>a<br> b</p>", "<p>a<br>b</p>"),
    ("<svg><path d=M0 /></svg>", '<svg><path d="M0"></path></svg>'),
    ("<template><p>a</template>", "<template><p>a</p></template>"),
]


@pytest.mark.parametrize(("one", "other"), SAME)
def test_spellings_of_one_content(one: str, other: str) -> None:
    assert in_body(one, other) == []


DIFFERENT = [
    ("<p>a</p>", "<p>b</p>", [("/p[1]", "value")]),
    ("<p>95.00</p>", "<p>94.99</p>", [("/p[1]", "rounding")]),
    ("<p>Paid</p>", "<p>PAID</p>", [("/p[1]", "case")]),
    ("<p>a</p>", "<p></p>", [("/p[1]", "empty")]),
    ("<p>a</p><p>b</p>", "<p>a</p>", [("/p[2]", "missing")]),
    ("<p>a</p>", "<p>a</p><hr>", [("/hr", "extra")]),
    ("<div>a</div><div>b</div>", "<div>a</div><div>c</div>", [("/div[2]", "value")]),
    ("<p><b>a</b></p>", "<p><strong>a</strong></p>", [("/p[1]/b", "value")]),
    ("<p>a <b>b</b> c</p>", "<p>a <b>b</b> d</p>", [("/p[1]/text()[2]", "value")]),
    ("<p>a <b>b</b></p>", "<p>a<b>b</b></p>", [("/p[1]/text()", "padding")]),
    ("<b>a</b> <i>b</i>", "<b>a</b><i>b</i>", [("/text()", "missing")]),
    ("<p>a\u00a0b</p>", "<p>a b</p>", [("/p[1]", "whitespace")]),
    ('<a href="/a">x</a>', '<a href="/b">x</a>', [("/a/@href", "value")]),
    ("<a>x</a>", '<a title="">x</a>', [("/a/@title", "extra")]),
    ("<a id=1 name=2>x</a>", "<a name=2>x</a>", [("/a/@id", "missing")]),
    ('<p class="a b">x</p>', '<p class="b  a">x</p>', [("/p[1]/@class", "order")]),
    ('<p class="a b">x</p>', '<p class=" a  b ">x</p>', []),
    ('<p class="a b">x</p>', '<p class="a c">x</p>', [("/p[1]/@class", "value")]),
    ("<pre>a  b</pre>", "<pre>a b</pre>", [("/pre", "whitespace")]),
    ("<textarea> a</textarea>", "<textarea>a</textarea>", [("/textarea", "padding")]),
    ("<script>a  ()</script>", "<script>a ()</script>", [("/script", "whitespace")]),
    ("<script>a()</script>", "<script>b()</script>", [("/script", "value")]),
    ("<noscript><p>a</p></noscript>", "<noscript><p>b</p></noscript>", [("/noscript/p[1]", "value")]),
    ("<p>a</p>text", "<p>a</p><p>text</p>", [("/text()", "value")]),
    ("<ul><li>a<li>b<li>c</ul>", "<ul><li>b<li>c</ul>", [("/ul/li[1]", "missing")]),
    ("<ul><li>a<li>b</ul>", "<ul></ul>", [("/ul", "empty")]),
    ("<input>", "<input checked>", [("/input/@checked", "extra")]),
    ("<svg><circle r=1 /></svg>", "<svg><circle r=2 /></svg>", [("/svg/circle/@r", "value")]),
    ('<p a"b=1>x</p>', '<p a"b=2>x</p>', [('/p[1]/@"a\\"b"', "value")]),
]


@pytest.mark.parametrize(("one", "other", "expected"), DIFFERENT)
def test_contents_that_differ(one: str, other: str, expected: list[tuple[str, str]]) -> None:
    assert in_body(one, other) == expected


TABLE = page("<h1>Invoices</h1><table><tr><th>No<th>Total{rows}</table><h2>Notes</h2><p>none</p>")


def table(*rows: tuple[str, str]) -> str:
    return TABLE.replace("{rows}", "".join(f"<tr><td>{number}<td>{total}" for number, total in rows))


class TestTables:
    legacy = table(("1", "95.00"), ("2", "10.00"), ("3", "7.50"))

    def test_a_cell(self) -> None:
        (found,) = html(self.legacy, table(("1", "95.00"), ("2", "9.99"), ("3", "7.50")))
        assert found.path == "$.body/html/body/table/tbody/tr[3]/td[2]"
        assert (found.kind, found.legacy, found.candidate) == (Kind.ROUNDING, "10.00", "9.99")
        assert found.note == "1 unit in the last place (0.01); under 'Invoices'"

    def test_a_row(self) -> None:
        (found,) = html(self.legacy, table(("1", "95.00"), ("3", "7.50")))
        assert found.path == "$.body/html/body/table/tbody/tr[3]"
        assert (found.kind, found.legacy) == (Kind.MISSING, "<tr><td>2</td><td>10.00</td></tr>")

    def test_rows_in_another_order(self) -> None:
        candidate = table(("3", "7.50"), ("1", "95.00"), ("2", "10.00"))
        (found,) = html(self.legacy, candidate)
        assert (found.path, found.kind) == ("$.body/html/body/table/tbody", Kind.ORDER)
        assert html(self.legacy, candidate, Unordered("$.body/**/tbody", reason="r")) == ()

    def test_an_ignored_column(self) -> None:
        candidate = table(("1", "1"), ("2", "2"), ("3", "3"))
        assert html(self.legacy, candidate, Ignore("$.body/**/tr[*]/td[2]", reason="r")) == ()

    def test_one_row_has_the_pattern_of_many(self) -> None:
        (found,) = html(table(("1", "95.00")), table(("1", "94.99")))
        assert found.path == "$.body/html/body/table/tbody/tr[2]/td[2]"


class TestWhere:
    def test_the_nearest_id(self) -> None:
        one, other = (page(f'<h1>Top</h1><div id="box"><h2>Sub</h2><p>{text}</p></div>') for text in "ab")
        assert html(one, other)[0].note == "in #box"

    def test_the_last_heading(self) -> None:
        one, other = (page(f"<h1>Top</h1><div><h2>Sub <i>two</i></h2></div><p>{text}</p>") for text in "ab")
        assert html(one, other)[0].note == "under 'Sub two'"

    def test_nothing_to_go_by(self) -> None:
        assert html(page("<p>a"), page("<p>b"))[0].note == ""


class TestDocuments:
    def test_the_doctype(self) -> None:
        one, other = "<!DOCTYPE html><p>a", "<p>a"
        assert told(response(one, HTML), response(other, HTML)) == [("$.body/@doctype", "missing")]
        assert told(response(one, HTML), response(one.lower(), HTML)) == []

    def test_the_title(self) -> None:
        one, other = page("", "<title> a  b </title>"), page("", "<title>a b</title>")
        assert html(one, other) == ()
        assert [found.path for found in html(one, page("", "<title>c</title>"))] == ["$.body/html/head/title"]

    def test_fragments(self) -> None:
        assert told(response("<li>a", HTML), response("<li>b", HTML)) == [("$.body/html/body/li[1]", "value")]

    @pytest.mark.parametrize(
        "mess", ["<" * 5000, "<table><td><ul><li><b><p>", "<p \0=\0>\0", "<a" * 500, "\ud800<p>\udfff"]
    )
    def test_anything_is_html(self, mess: str) -> None:
        assert read_html(mess).tag == "#document"
        assert told(response(mess.encode("utf-8", "surrogatepass"), HTML), response("", HTML)) == [
            ("$.body", "empty")
        ]

    @pytest.mark.parametrize("seed", range(30))
    def test_random_mess_equals_itself_and_ends(self, seed: int) -> None:
        rand = random.Random(seed)
        pieces = [
            "<p>",
            "</p>",
            "<b>",
            "</i>",
            "<table>",
            "<tr>",
            "<td a=1",
            ">",
            "x",
            " ",
            "&amp",
            "<!--",
            "-->",
            "<li>",
        ]
        mess = "".join(rand.choice(pieces) for _ in range(300))
        assert html(mess, mess + " ") == () or "<!--" in mess
        assert html(page(mess), page("<hr>" + mess))

    def test_deeply_nested(self) -> None:
        depth = 3000
        one, other = ("<div>" * depth + text for text in "ab")
        (found,) = html(one, other)
        assert found.path.count("/div") == depth

    def test_a_deep_subtree_as_text(self) -> None:
        deep = read_html("<div>" * 3000 + "a")
        assert outer(deep).count("</div>") == 3000

    def test_markup_as_text(self) -> None:
        shown = outer(read_html('<p title="a&quot;b">1 &lt; 2<br><script>a < b</script>'))
        assert shown == (
            '<html><head></head><body><p title="a&quot;b">1 &lt; 2<br><script>a < b</script></p></body></html>'
        )


class TestXml:
    def told(self, one: str, other: str) -> list[tuple[str, str]]:
        return told(response(one, XML), response(other, XML))

    def test_spellings_of_one_content(self) -> None:
        one = '<?xml version="1.0"?>\n<a x="1" y="2"><!-- c --><b>1</b><c/></a>'
        assert self.told(one, "<a y='2' x='1'>\n  <b>1</b>\n  <c></c>\n</a>") == []
        assert self.told('<p:a xmlns:p="urn:x"/>', '<a xmlns="urn:x"/>') == []
        assert self.told("<a><![CDATA[<]]></a>", "<a>&lt;</a>") == []

    def test_contents_that_differ(self) -> None:
        assert self.told("<a><b>1</b></a>", "<a><b>2</b></a>") == [("$.body/a/b", "value")]
        assert self.told("<a><b/><b/></a>", "<a><b/></a>") == [("$.body/a/b[2]", "missing")]
        assert self.told('<a x="1"/>', '<a x="2"/>') == [("$.body/a/@x", "value")]
        assert self.told("<a> x</a>", "<a>x</a>") == [("$.body/a", "padding")]
        assert self.told("<a/>", "<A/>") == [("$.body/a", "value")]
        assert self.told('<a xmlns="urn:x"/>', '<a xmlns="urn:y"/>') == [("$.body/a", "value")]
        assert self.told("<a>x<b/>y</a>", "<a>x<b/>z</a>") == [("$.body/a/text()[2]", "value")]

    def test_what_is_no_xml(self) -> None:
        (found,) = differences(response("<a/>", XML), response("<a>", XML))
        assert (found.path, found.kind) == ("$.body", Kind.TYPE)
        assert found.note.startswith("the candidate: no element found")
        with pytest.raises(NotXmlError):
            read_xml("<a>\ud800</a>")

    def test_entity_bombs_do_not_go_off(self) -> None:
        levels = "".join(f'<!ENTITY e{n + 1} "{f"&e{n};" * 10}">' for n in range(12))
        bomb = f'<!DOCTYPE a [<!ENTITY e0 "ha">{levels}]><a>&e12;</a>'
        with pytest.raises(NotXmlError):
            read_xml(bomb)

    def test_deeply_nested(self) -> None:
        one, other = ("<a>" * 3000 + text + "</a>" * 3000 for text in "xy")
        ((path, kind),) = self.told(one, other)
        assert (path.count("/a"), kind) == (3000, "value")


def test_elements_hash_by_content() -> None:
    one, other = (Element("p", {"a": "1", "b": "2"}, []), Element("p", {"b": "2", "a": "1"}, []))
    assert one.mark == other.mark
    assert one.mark != Element("p", {"a": "1"}, []).mark
