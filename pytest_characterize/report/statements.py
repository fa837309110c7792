"""What the reports say of the candidate's SQL statements: information, never a verdict."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Final

from pytest_characterize.model import CaseResult
from pytest_characterize.report.visible import sound
from pytest_characterize.sql.counting import StatementCount, StatementGroup

_REPEATED: Final = 5
"""So many equal statements in one case look like a query in a loop."""


@dataclass(frozen=True, slots=True)
class StatementUse:
    """The statements of one test.

    Attributes:
        cases: how many of its cases were counted.
        total: the statements of all of them.
        case: the one with the most statements.
        count: its statements.
    """

    test: str
    cases: int
    total: int
    case: CaseResult
    count: StatementCount

    @property
    def repeated(self) -> StatementGroup | None:
        """The most frequent statement of the case, if it came more than once."""
        first = self.count.groups[0] if self.count.groups else None
        return first if first is not None and first.times > 1 else None

    @property
    def striking(self) -> bool:
        """Whether a reader should look: more statements than legacy, or the same one again and again."""
        more = self.count.legacy is not None and self.count.candidate > self.count.legacy
        return more or (self.repeated is not None and self.repeated.times >= _REPEATED)

    @property
    def told(self) -> str:
        """The case's numbers: ``51 statements (legacy: 2)``."""
        legacy = "not counted" if self.count.legacy is None else str(self.count.legacy)
        noun = "statement" if self.count.candidate == 1 else "statements"
        return f"{self.count.candidate} {noun} (legacy: {legacy})"


def statement_uses(results: Iterable[CaseResult]) -> tuple[StatementUse, ...]:
    """One use a test whose statements were counted, in the order of the results."""
    by_test: dict[str, list[tuple[CaseResult, StatementCount]]] = {}
    for result in results:
        if result.statements is not None:
            by_test.setdefault(result.test, []).append((result, result.statements))
    found = []
    for test, counted in by_test.items():
        case, most = max(counted, key=lambda one: one[1].candidate)
        total = sum(count.candidate for _, count in counted)
        found.append(StatementUse(test, len(counted), total, case, most))
    return tuple(found)


def as_json(case: CaseResult) -> dict[str, Any] | None:
    """A case's statements for the JSON report; ``None`` where they were not counted."""
    if case.statements is None:
        return None
    return {
        "candidate": case.statements.candidate,
        "legacy": case.statements.legacy,
        "groups": [
            {"times": group.times, "digest": group.fingerprint.digest, "text": sound(group.fingerprint.text)}
            for group in case.statements.groups
        ],
    }
