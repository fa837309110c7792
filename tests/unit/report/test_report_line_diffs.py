"""Large values line by line: unfolded, compared in a window, cut and harmless."""

from __future__ import annotations

import difflib
from collections.abc import Sequence
from decimal import Decimal
from time import process_time

import pytest
from hypothesis import given
from run_strategies import VALUES, of_runs

from pytest_characterize.report.line_diffs import show_lines
from pytest_characterize.report.unfolding import has_lines, unfold
from pytest_characterize.report.visible import columns
from pytest_characterize.values import ABSENT, Cell, Column, Raised, Record, Response, Rows, Value


def plain_diff(legacy: Sequence[str], candidate: Sequence[str]) -> list[str]:
    """A line diff of the standard library, for tests of what is around it."""
    return [line for line in difflib.ndiff(legacy, candidate) if not line.startswith("?")]


def diff(legacy: Value, candidate: Value, width: int = 80) -> list[str]:
    return show_lines(legacy, candidate, plain_diff, width)


def rows(*texts: str | None) -> Rows:
    columns_ = (Column("code", "text"), Column("name", "text"))
    return Rows("postgresql", columns_, tuple((str(n), text) for n, text in enumerate(texts)))


# -- unfolding ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("value", "lines"),
    [
        (7, ["7"]),
        ("one line\n", [r"'one line\n'"]),
        ("two\nlines", [r"'two\n'", "'lines'"]),
        ("a\r\nb\r\n", [r"'a\r\n'", r"'b\r\n'"]),
        (b"two\nlines\xff", [r"b'two\n'", r"b'lines\xff'"]),
        ([], ["[]"]),
        ([1, 2], ["[", "  1,", "  2,", "]"]),
        ((1,), ["(", "  1,", ")"]),
        ({2, 1}, ["{", "  1,", "  2,", "}"]),
        (frozenset({1}), ["frozenset({", "  1,", "})"]),
        ({"a": None, 2: [1, 2]}, ["{", "  'a': None,", "  2: [1, 2],", "}"]),
        ({"a": "x\ny"}, ["{", r"  'a': 'x\n'", "    'y',", "}"]),
        ([{"a": [[1]]}], ["[", "  {", "    'a': [", "      [1],", "    ],", "  },", "]"]),
        (Record("m.Order", {"id": 7, "tags": ("a", "b")}), ["Order(", "  id=7,", "  tags=('a', 'b'),", ")"]),
        (rows("x", None), ["0 rows (code, name)", "  ('0', 'x')", "  ('1', NULL)"]),
        (Cell("postgresql", "text", "a\nb"), [r"'a\nb'"]),
        (Raised(("m.Error",), "a\nb"), [r"Error: a\nb"]),
        (Response(200, (), b"a\nb", "OK"), [r"200 OK, b'a\nb'"]),
        ([ABSENT], ["[", "  (absent),", "]"]),
    ],
    ids=repr,
)
def test_lines_of_a_value(value: Value, lines: list[str]) -> None:
    assert list(unfold(value)) == lines
    assert has_lines(value) is (len(lines) > 1)


def test_small_containers_of_scalars_stay_on_one_line() -> None:
    assert "  [1, 2, 3]," in list(unfold([[1, 2, 3], []]))
    assert "  ['" + "x" * 60 + "']," not in list(unfold([["x" * 60]]))
    assert len(list(unfold([list(range(13))]))) == 17


def test_lines_are_made_as_they_are_asked_for() -> None:
    endless = [list(range(13))] * 1_000_000
    start = process_time()
    assert next(unfold(endless)) == "["
    assert process_time() - start < 0.1


@of_runs
@given(VALUES)
def test_any_line_is_harmless(value: Value) -> None:
    for line in unfold(value):
        assert line.isprintable()


# -- differences -------------------------------------------------------------------------------------


def test_a_changed_line_of_a_text_with_what_is_around_it() -> None:
    legacy = "".join(f"line {n}\n" for n in range(40))
    shown = diff(legacy, legacy.replace("line 20\n", "line twenty\n"))
    assert shown[:5] == [
        r"  'line 18\n'", r"  'line 19\n'", r"- 'line 20\n'", r"+ 'line twenty\n'", r"  'line 21\n'",
    ]  # fmt: skip
    assert shown[-1] == "  …"
    assert len(shown) <= 18


def test_a_changed_cell_a_changed_field_and_a_moved_item() -> None:
    long = "x" * 40
    assert diff(rows(long, long, "a"), rows(long, long, "b"))[2:] == ["-   ('2', 'a')", "+   ('2', 'b')"]
    record = Record("m.C", {"a": long, "b": long, "c": 1})
    assert "-   c=1," in diff(record, Record("m.C", {**record.fields, "c": True}))
    moved = diff([long, long + "1", long + "2"], [long, long + "2", long + "1"])
    assert sum(line.startswith("- ") for line in moved) == 1
    assert sum(line.startswith("+ ") for line in moved) == 1


@pytest.mark.parametrize(
    ("legacy", "candidate"),
    [
        (1, 2),
        ("a", "b\nc"),
        (None, "a\nb"),
        ("a\nb", ABSENT),
        (ABSENT, [1] * 80),
        ([], [1] * 80),
        ([1, 2], [2, 1]),
        ({"a": 1}, {"a": 2}),
        ("a\nb", "a\nb"),
        ([Decimal("1.0")] * 80, [1.0] * 80),
        (list(range(400)), [*range(399), 0]),
    ],
    ids=lambda value: repr(value)[:20],
)
def test_where_lines_say_no_more_there_are_none(legacy: Value, candidate: Value) -> None:
    assert diff(legacy, candidate) == []


def test_lines_that_are_all_context_are_none() -> None:
    assert show_lines("a\nb", "a\nc", lambda legacy, candidate: ["  a", "  b"], 80) == []


def test_long_lines_are_cut_where_they_differ() -> None:
    head, tail = "x" * 3_000, "y" * 500
    shown = diff(f"first\n{head}a{tail}\n", f"first\n{head}b{tail}\n")
    (left,) = [line for line in shown if line.startswith("- ")]
    (right,) = [line for line in shown if line.startswith("+ ")]
    assert "xay" in left
    assert "xby" in right
    assert max(map(columns, shown)) <= 80


def test_lines_that_look_alike_are_told_apart() -> None:
    assert diff("caf\u00e9\nx", "cafe\u0301\nx")[:2] == [r"- 'caf\xe9\n'", r"+ 'cafe\u0301\n'"]


def test_the_line_diff_gets_a_few_changed_lines_only() -> None:
    sizes = []

    def watched(legacy: Sequence[str], candidate: Sequence[str]) -> list[str]:
        sizes.append((len(legacy), len(candidate)))
        return plain_diff(legacy, candidate)

    legacy = [f"a text number {n}" for n in range(200)]
    shown = show_lines(legacy, [f"{line}!" for line in legacy], watched, 80)
    assert sizes == [(3, 3)]
    assert shown[-1] == "  …"
    show_lines(legacy, legacy[:100] + ["new"] * 50 + legacy[100:], watched, 80)
    assert max(sizes[-1]) <= 16


@of_runs
@given(VALUES, VALUES)
def test_any_two_values(legacy: Value, candidate: Value) -> None:
    shown = diff(legacy, candidate, 60)
    assert len(shown) <= 33
    for line in shown:
        assert line.isprintable()
        assert line[:2] in ("- ", "+ ", "  ")
        assert columns(line) <= 60
    if shown:
        assert any(line[:2] != "  " for line in shown)
