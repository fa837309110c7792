"""What a log says, line by line, and what is made of it."""

from __future__ import annotations

import json
from contextlib import suppress
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pytest_characterize.casefiles import cases_from
from pytest_characterize.errors import CharacterizeError, UsageError
from pytest_characterize.importing.calls import UnusableError, asked
from pytest_characterize.importing.entries import Statement, statements
from pytest_characterize.importing.postgresql import Imported, import_postgresql
from pytest_characterize.session import Session
from pytest_characterize.settings import load_settings

LISTS = '{"schema": "1", "lists": {"f": %s}}'


def log(path: Path, *entries: tuple[str, str] | str) -> Path:
    """A jsonlog of these messages and details; a plain text is a line as it is."""
    lines = [
        one if isinstance(one, str) else json.dumps({"dbname": "x", "message": one[0], "detail": one[1]})
        for one in entries
    ]
    path.write_text("".join(f"{line}\n" for line in lines), "utf-8")
    return path


def run(root: Path, *logs: Path, most: int = 200, key: str = "k" * 32) -> Imported:
    session = Session(load_settings(root), {"CHARACTERIZE_SCRUB_KEY": key})
    return import_postgresql(session, logs, root / "cases.json", {}, most)


@pytest.mark.parametrize(
    ("sql", "parameters", "name", "given"),
    [
        ("CALL p($1)", {1: "7"}, "p", {"p1": "7"}),
        ("select Billing.\"Fee\"(1, -2.5, 'it''s', NULL, true)", {}, "billing.Fee",
         {"p1": "1", "p2": "-2.5", "p3": "it's", "p4": None, "p5": "true"}),
        ("SELECT * FROM f(a => $2, b := $1::numeric(10,2));", {1: "1", 2: "2"}, "f", {"a": "2", "b": "1"}),
        ("SELECT f() AS x", {}, "f", {}),
        ("SELECT f($1) x", {1: None}, "f", {"p1": None}),
        ("SELECT f(a) FROM t WHERE b = $1", {1: "1"}, "", {"p1": "1"}),
        ("WITH x AS (SELECT 1) SELECT * FROM x WHERE a <-> b > $1", {1: "1"}, "", {"p1": "1"}),
    ],
)  # fmt: skip
def test_what_is_asked(
    sql: str, parameters: dict[int, str | None], name: str, given: dict[str, str | None]
) -> None:
    one = asked(Statement(sql, parameters))
    assert (one.name, one.given) == (name, given)


def test_a_query_keeps_its_text() -> None:
    one = asked(Statement("SELECT a <-> b, c % 2 FROM t WHERE d = $1 AND e = $1;", {1: "x"}))
    assert one.sql == "SELECT a <-> b, c %% 2 FROM t WHERE d = %(p1)s AND e = %(p1)s"


@pytest.mark.parametrize(
    ("sql", "reason"),
    [
        ("", "no call and no query"),
        ("BEGIN", "no call and no query: BEGIN"),
        ("SELECT f($1)", "parameters that were not logged"),
        ("SELECT f(now())", "no plain values"),
        ("SELECT f(E'a\\\\')", "no plain values"),
        ("SELECT f((1)", "no plain values"),
        ("SELECT pg_sleep(1)", "PostgreSQL itself"),
        ("SELECT a FROM t WHERE b = 'x'", "values in their text"),
        ("SELECT f(1); SELECT f(2)", "several"),
    ],
)
def test_what_cannot_be_used_says_why(sql: str, reason: str) -> None:
    with pytest.raises(UnusableError, match=reason):
        asked(Statement(sql, {}))


@given(st.text(), st.text())
def test_no_message_breaks_the_import(message: str, sql: str) -> None:
    for text in (message, sql, f"SELECT f({sql})"):
        with suppress(UnusableError):
            assert all(isinstance(name, str) for name in asked(Statement(text, {})).given)


def test_every_statement_is_used_or_counted(tmp_path: Path) -> None:
    execute = "execute <unnamed>: SELECT fee($1, $2)"
    path = log(
        tmp_path / "a.json",
        (execute, "Parameters: $1 = '7', $2 = 'a, $3 = ''b'''"),
        (f"duration: 0.5 ms  {execute}", "parameters: $1 = '7', $2 = 'a, $3 = ''b'''"),
        ("duration: 0.1 ms  bind <unnamed>: SELECT fee($1, $2)", ""),
        (execute, "Parameters: $1 = '8', $2 = 'a...'"),
        (execute, "Parameters: $1 = '8"),
        ("execute fetch from c: SELECT 1", ""),
        ("statement: DELETE FROM t", ""),
        ("checkpoint starting", ""),
        '{"message": "statement: SELE',
    )
    done = run(tmp_path, path)
    assert (done.statements, done.used, done.lines) == (8, 2, 1)
    assert done.used + sum(done.not_used.values()) == done.statements
    assert len(done.not_used) == 5
    (case,) = done.lists["fee"].cases
    assert (case.seen, dict(case.input)) == (2, {"p1": "7", "p2": "a, $3 = 'b'"})


def test_a_csv_file_that_was_cut_loses_its_last_line_only(tmp_path: Path) -> None:
    row = ["x"] * 13 + ["statement: SELECT fee(1)", ""] + [""] * 8
    path = tmp_path / "a.csv"
    path.write_text(",".join(row) + "\n" + ",".join(row)[:40] + ',"statement: SEL', "utf-8")
    found = list(statements(path))
    assert [one.sql for one in found if one] == ["SELECT fee(1)", ""]
    assert [bool(one.why_not) for one in found if one] == [False, True]


def test_secrets_are_gone_before_anything_is_written(tmp_path: Path) -> None:
    path = log(tmp_path / "a.json", ("statement: SELECT log_in(password => 'lovelace', tries => 1)", ""))
    run(tmp_path, path)
    text = (tmp_path / "cases.json").read_text("utf-8")
    assert "lovelace" not in text
    assert "scrubbed:password:" in text


def test_the_most_frequent_are_kept_and_the_others_told(tmp_path: Path) -> None:
    numbers = [1, 2, 2, 3, 3, 3]
    done = run(
        tmp_path, log(tmp_path / "a.json", *((f"statement: SELECT f({n})", "") for n in numbers)), most=2
    )
    assert [(case.input["p1"], case.seen) for case in done.lists["f"].cases] == [("3", 3), ("2", 2)]
    assert (done.used, sum(done.not_used.values())) == (5, 1)


@pytest.mark.parametrize(
    ("content", "slug"),
    [
        ("2024-03-01 LOG:  statement: SELECT 1\n", "log-unknown-format"),
        ("", "import-nothing"),
        (None, "log-unreadable"),
    ],
)
def test_what_is_no_log_is_an_error(tmp_path: Path, content: str | None, slug: str) -> None:
    path = tmp_path / "a.log"
    if content is not None:
        path.write_text(content, "utf-8")
    with pytest.raises(UsageError) as caught:
        run(tmp_path, path)
    assert caught.value.slug == slug
    assert not (tmp_path / "cases.json").exists()


def test_a_file_of_cases_is_never_written_over(tmp_path: Path) -> None:
    path = log(tmp_path / "a.json", ("statement: SELECT f(1)", ""))
    run(tmp_path, path)
    with pytest.raises(UsageError) as caught:
        run(tmp_path, path)
    assert caught.value.slug == "import-exists"


def test_cases_have_the_types_that_the_file_says(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "pyproject.toml").write_text("", "utf-8")
    run(
        tmp_path,
        log(tmp_path / "a.json", ("statement: SELECT f(1, 2.50, '2024-02-29', true, '007', NULL)", "")),
    )
    (case,) = cases_from("cases.json", "f")
    wanted = {"p1": 1, "p2": Decimal("2.50"), "p3": date(2024, 2, 29), "p4": True, "p5": "007", "p6": None}
    assert (case, str(case["p2"])) == (wanted, "2.50")


@pytest.mark.parametrize(
    ("text", "name", "slug"),
    [
        ('{"schema": "1", "lists": {}}', "f", "cases-file-unknown-list"),
        ('{"schema": "2", "lists": {}}', "f", "cases-file-unreadable"),
        ("{", "f", "cases-file-unreadable"),
        (LISTS % '{"types": {"a": "int"}, "cases": [{"input": {"a": "x"}}]}', "f", "cases-file-bad-value"),
        (LISTS % '{"types": {"a": "int"}, "cases": [{"input": {"a": 7}}]}', "f", "cases-file-bad-value"),
        ('{"schema": "1", "lists": {"f": {"types": {"a": "uuid"}, "cases": []}}}', "f", "cases-file-bad-value"),
        ('{"schema": "1", "lists": {"f": 7}}', "f", "cases-file-bad-value"),
    ],
)  # fmt: skip
def test_a_file_that_cannot_be_used_is_an_error(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, text: str, name: str, slug: str
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "cases.json").write_text(text, "utf-8")
    with pytest.raises(CharacterizeError) as caught:
        cases_from("cases.json", name)
    assert caught.value.slug == slug
