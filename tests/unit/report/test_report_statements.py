"""What the Markdown summary says of SQL statements, whatever is in them."""

from __future__ import annotations

from pytest_characterize.model import CaseResult, Verdict
from pytest_characterize.report.markdown_statements import section
from pytest_characterize.report.marks import Page
from pytest_characterize.report.statements import statement_uses
from pytest_characterize.sql.counting import StatementCount, grouped


def result(name: str, sql: str, times: int, legacy: int | None = None) -> CaseResult:
    count = StatementCount(times, legacy, grouped([("", sql)] * times))
    return CaseResult(f"tests/test_{name}.py::test", "", name, Verdict.MATCHED, statements=count)


def test_a_statement_cannot_break_out_of_its_block() -> None:
    text = "\n".join(section([result("a", 'SELECT "```\n</details> | x" FROM `t`', 9)], Page("", 10, 10)))
    assert "````sql\n" in text
    assert text.endswith("\n````")
    assert "\n</details>" not in text


def test_only_striking_statements_are_laid_out() -> None:
    results = [result("a", "SELECT 1 FROM t", 2), result("b", "SELECT 2 FROM u", 2, legacy=1)]
    assert [use.striking for use in statement_uses(results)] == [False, True]
    text = "\n".join(section(results, Page("", 10, 10)))
    assert text.count("```sql") == 1
    assert "FROM u\n```" in text


def test_where_nothing_was_counted_nothing_is_said() -> None:
    assert list(section([CaseResult("t", "", "", Verdict.ERRORED)], Page("", 10, 10))) == []
