"""Files as values: by columns, as text, byte by byte; nothing is lost that a format does not say it loses."""

from __future__ import annotations

import csv
from io import StringIO
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pytest_characterize.codec import dumps, loads
from pytest_characterize.formats import (
    BEYOND,
    LINE_END,
    Binary,
    Csv,
    FixedWidth,
    Format,
    Text,
    UnreadableError,
)

BANK = FixedWidth([("account", 6), ("amount", 4)])
SORTS = FixedWidth([("kind", 1), ("name", 4)], records={"T": [("kind", 1), ("count", 2)]})


@pytest.mark.parametrize(
    ("content", "value"),
    [
        (b"", []),
        (b"  4711 950\n", [{"account": "  4711", "amount": " 950"}]),
        (b"  4711 950\r\n", [{"account": "  4711", "amount": " 950", LINE_END: "\r\n"}]),
        (b"  4711 950", [{"account": "  4711", "amount": " 950", LINE_END: ""}]),
        (b"  4711 950X \n", [{"account": "  4711", "amount": " 950", BEYOND: "X "}]),
        (b"  4711 9\n", [{"account": "  4711", "amount": " 9"}]),
        (b"  4711\n", [{"account": "  4711"}]),
        (b"\n\n", [{}, {}]),
        (b"K\xc3\xa4the 1.00\n", [{"account": "Käthe ", "amount": "1.00"}]),
    ],
)
def test_lines_of_fixed_width(content: bytes, value: Any) -> None:
    assert BANK.read(content) == value


def test_lines_of_several_sorts() -> None:
    assert SORTS.read(b"DAnna\nT 1\n") == [{"kind": "D", "name": "Anna"}, {"kind": "T", "count": " 1"}]


def test_records_without_an_end() -> None:
    tape = FixedWidth([("a", 2), ("b", 3)], newline="", encoding="cp500")
    assert tape.read("12abc34def5".encode("cp500")) == [
        {"a": "12", "b": "abc"}, {"a": "34", "b": "def"}, {"a": "5"},
    ]  # fmt: skip


@pytest.mark.parametrize("newline", ["\n", "\r\n", ""])
@given(text=st.text(st.sampled_from("ab \n\r\x85ä")))
def test_nothing_of_a_file_of_fixed_width_is_lost(newline: str, text: str) -> None:
    rows = FixedWidth([("one", 2), ("two", 3)], newline=newline).read(text.encode())
    lines = []
    for row in rows:
        end = row.pop(LINE_END, newline)
        assert list(row) == ["one", "two", BEYOND][: len(row)]
        lines.append("".join(row.values()) + end)
    assert "".join(lines) == text


def test_cells_by_the_names_of_the_first_line() -> None:
    content = 'id;name;note\r\n7;"Käthe; geb. M.";\r\n8; Otto ;"two\nlines"\r\n'.encode("latin-1")
    assert Csv(";", "latin-1").read(content) == [
        ["id", "name", "note"],
        {"id": "7", "name": "Käthe; geb. M.", "note": ""},
        {"id": "8", "name": " Otto ", "note": "two\nlines"},
    ]


@pytest.mark.parametrize(
    ("content", "value"),
    [
        (b"", []),
        (b"a,b\n", [["a", "b"]]),
        (b"a,b\n1\n", [["a", "b"], {"a": "1"}]),
        (b"a,b\n\n", [["a", "b"], {}]),
        (b"a,b\n1,2,3\n", [["a", "b"], {"a": "1", "b": "2", "column 3": "3"}]),
        (b"a,a,\n1,2,3\n", [["a", "a", ""], {"a": "1", "a (2)": "2", "column 3": "3"}]),
        (b"column 2\n1,2\n", [["column 2"], {"column 2": "1", "column 2 (2)": "2"}]),
        (b"a\n1", [["a"], {"a": "1"}]),
    ],
)
def test_odd_tables(content: bytes, value: Any) -> None:
    assert Csv().read(content) == value


def test_a_table_without_names() -> None:
    assert Csv("|", quote="'", columns=["id", "name"]).read(b"7|'a|b'\n") == [{"id": "7", "name": "a|b"}]
    assert Csv(columns=["id"]).read(b"") == []


cells = st.lists(st.text(st.sampled_from('ab ,;"\n\rä'), max_size=4), min_size=1, max_size=4)


@given(st.lists(cells, min_size=1, max_size=4))
def test_no_cell_is_lost(rows: list[list[str]]) -> None:
    text = StringIO(newline="")
    csv.writer(text, quoting=csv.QUOTE_ALL).writerows(rows)
    names, *found = Csv().read(text.getvalue().encode())
    assert [names, *(list(row.values()) for row in found if isinstance(row, dict))] == rows


def test_text_and_bytes() -> None:
    assert Text("latin-1").read(b"K\xe4the\r\n") == "Käthe\r\n"
    assert Binary().read(b"\x00\xff") == b"\x00\xff"


@pytest.mark.parametrize(
    ("how", "content", "why"),
    [
        (Text(), b"abc\xe4", "byte 3 (0xe4) is not utf-8"),
        (Csv(), b"a\n\xe4\n", "byte 2 (0xe4) is not utf-8"),
        (FixedWidth([("a", 1)], encoding="ascii"), b"\xc3\xa4", "byte 0 (0xc3) is not ascii"),
        (Text("utf-16"), b"\xff\xfea", "is not utf-16"),
        (Csv(), b"a\n" + b"x" * 200_000, "line 2: field larger than field limit"),
    ],
)
def test_what_is_not_as_it_is_declared(how: Format, content: bytes, why: str) -> None:
    with pytest.raises(UnreadableError) as caught:
        how.read(content)
    assert why in str(caught.value)


@pytest.mark.parametrize(
    ("how", "why"),
    [
        (Text("latin-17"), "unknown encoding: latin-17"),
        (Text("hex"), "not a text encoding"),
        (Csv(";;"), "one character each"),
        (Csv(quote=""), "one character each"),
        (Csv(encoding="no"), "unknown encoding"),
        (FixedWidth([]), "at least one character wide"),
        (FixedWidth([("a", 0)]), "at least one character wide"),
        (FixedWidth([("a", 1), ("a", 2)]), "names of their own"),
        (FixedWidth([("beyond", 1)]), "names of their own"),
        (FixedWidth([("a", 1)], records={"T": []}), "at least one character wide"),
        (FixedWidth([("a", 1)], newline="x"), "newline= is one of"),
        (FixedWidth([("a", 1)], newline="", records={"T": [("a", 1)]}), "need a line end"),
        (FixedWidth([("a", 1)], encoding="no"), "unknown encoding"),
    ],
)
def test_what_nothing_can_be_read_by(how: Format, why: str) -> None:
    assert why in how.fault()


@pytest.mark.parametrize("how", [BANK, SORTS, Csv(";", columns=["a"]), Text(), Binary()])
def test_a_format_can_be_used_and_stored(how: Format) -> None:
    assert how.fault() == ""
    assert loads(dumps(how.as_value()), "golden") == how.as_value()


def test_formats_in_a_golden() -> None:
    assert BANK.as_value() == {
        "format": "fixed width", "columns": [["account", 6], ["amount", 4]], "encoding": "utf-8", "newline": "\n",
    }  # fmt: skip
    assert Csv(";").as_value() == {"format": "csv", "delimiter": ";", "encoding": "utf-8", "quote": '"'}
    assert Binary().as_value() == {"format": "binary"}
