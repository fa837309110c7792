"""Items and failures of our own that pytest shows without a traceback."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from pytest_characterize.errors import CharacterizeError
from pytest_characterize.model import CaseResult, Problem

RESULT = pytest.StashKey[CaseResult]()
"""On an item: the verdict of its case, as far as it is known."""


class CaseFailure(pytest.fail.Exception):  # type: ignore[name-defined, misc]
    """A case that failed: drift, or an error of ours. The message is the whole report of it, no traceback.

    Attributes:
        problem: why the case ended without evidence, ``None`` for a drift.
    """

    def __init__(self, message: str, problem: Problem | None = None) -> None:
        super().__init__(message, pytrace=False)
        self.problem = problem


class shown_as_failure:  # noqa: N801 - a context manager; entered twice a case, so it is no generator
    """Turn an error of ours into a failure that pytest shows without a traceback."""

    __slots__ = ()

    def __enter__(self) -> None:
        return None

    def __exit__(self, kind: object, error: BaseException | None, trace: object) -> None:
        if isinstance(error, CharacterizeError):
            raise CaseFailure(str(error), Problem(error.slug, error.message, error.hint)) from None


class SettledItem(pytest.Item):
    """A case that has its verdict already: unrecorded, unplayed or damaged. It fails when it runs."""

    def __init__(self, *, result: CaseResult, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.stash[RESULT] = result
        self.add_marker("characterize")

    def runtest(self) -> None:
        """Fail with the reason."""
        raise CaseFailure(problem_text(self.stash[RESULT]))

    def reportinfo(self) -> tuple[Path, int | None, str]:
        """Where the test would be."""
        return self.path, None, self.name


def problem_text(result: CaseResult) -> str:
    """Verdict, reason and next step of a case that ended without evidence, as text."""
    problem = result.problem
    lines = [f"{result.verdict.value.upper()}  {result.test}  {result.label}".rstrip()]
    if problem:
        lines.append(f"  {problem.message} [{problem.slug}]")
    if result.golden:
        lines.append(f"  golden  {result.golden}")
    if problem and problem.hint:
        lines.append(f"  next    {problem.hint}")
    return "\n".join(lines)
