"""What every report says, worked out once: tallies that add up, problems and loosenings by kind."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from pytest_characterize.descriptors import Policy
from pytest_characterize.model import CaseResult, DriftGroup, RunResult, Verdict
from pytest_characterize.report.words import WITHOUT_EVIDENCE, action, node_id, where

GOLDEN: Final = "<golden>"
"""Stands for each case's own golden in a message that several cases share."""

_TOLD_BY_CASE: Final = (*WITHOUT_EVIDENCE, Verdict.EXPIRED, Verdict.DRIFTED, Verdict.WAIVED)


@dataclass(frozen=True, slots=True)
class Tally:
    """The cases of one test (or of several, or of all) by verdict.

    Attributes:
        legacy: what the test compares with, as the results name it.
    """

    test: str
    legacy: str
    counts: Mapping[Verdict, int]

    @property
    def total(self) -> int:
        """All cases; the counts add up to it."""
        return sum(self.counts.values())


@dataclass(frozen=True, slots=True)
class Trouble:
    """Cases that ended in one verdict for one reason.

    Attributes:
        slug: the reason's slug, ``""`` where the verdict says it all.
        message: what the cases' messages have in common; their own names are left out of it.
        hint: the next step.
    """

    verdict: Verdict
    slug: str
    message: str
    hint: str
    cases: tuple[CaseResult, ...]


@dataclass(frozen=True, slots=True)
class Loosening:
    """A declared policy and what it did in this run.

    Attributes:
        hits: differences that it took away; 0 means that the run would have been the same without it.
        cases: cases with at least one hit.
        tests: the tests that it was declared for and that were compared.
    """

    policy: Policy
    hits: int
    cases: int
    tests: tuple[str, ...]


def tallies(results: Iterable[CaseResult]) -> tuple[Tally, ...]:
    """One tally a test, in the order of the results."""
    by_test: dict[str, list[CaseResult]] = {}
    for result in results:
        by_test.setdefault(result.test, []).append(result)
    return tuple(
        Tally(test, next((case.legacy for case in cases if case.legacy), ""), _counted(cases))
        for test, cases in by_test.items()
    )


def together(several: Iterable[Tally], test: str) -> Tally:
    """Tallies added up, under another name."""
    counts: Counter[Verdict] = Counter()
    for tally in several:
        counts.update(tally.counts)
    return Tally(test, "", {verdict: counts[verdict] for verdict in Verdict})


def troubles(result: RunResult) -> tuple[Trouble, ...]:
    """Every case that a reader must hear about and that no drift group tells, by verdict and reason."""
    grouped = {id_of(case) for group in result.groups for case in group.cases}
    found: dict[tuple[int, str, str, str], list[CaseResult]] = {}
    for case in result.results:
        if case.verdict is Verdict.MATCHED or (case.verdict is Verdict.DRIFTED and id_of(case) in grouped):
            continue
        found.setdefault((_TOLD_BY_CASE.index(case.verdict), *_reason(case)), []).append(case)
    return tuple(
        _trouble(_TOLD_BY_CASE[rank], slug, message, hint, tuple(found[rank, slug, message, hint]))
        for rank, slug, message, hint in sorted(found, key=lambda key: key[:2])
    )


def loosenings(results: Iterable[CaseResult]) -> tuple[Loosening, ...]:
    """Every declared policy of the compared cases with its hits, most hits first."""
    hits: Counter[Policy] = Counter()
    cases: Counter[Policy] = Counter()
    tests: dict[Policy, dict[str, None]] = {}
    for result in results:
        for hit in result.policy_hits:
            hits[hit.policy] += hit.count
            cases[hit.policy] += bool(hit.count)
            tests.setdefault(hit.policy, {})[result.test] = None
    found = [Loosening(policy, hits[policy], cases[policy], tuple(names)) for policy, names in tests.items()]
    return tuple(
        sorted(found, key=lambda one: (-one.hits, action(one.policy), where(one.policy), one.policy.reason))
    )


def shared_cases(groups: Sequence[DriftGroup]) -> int:
    """How many cases drift for more than one cause (so that the causes' counts exceed the cases')."""
    causes = Counter(id_of(case) for group in groups for case in group.cases)
    return sum(1 for number in causes.values() if number > 1)


def id_of(case: CaseResult) -> tuple[str, str]:
    """What tells a case from all others of a run."""
    return case.test, case.label


def _reason(case: CaseResult) -> tuple[str, str, str]:
    if case.problem is not None:
        problem = case.problem
        return problem.slug, _without_names(problem.message, case), _without_names(problem.hint, case)
    if case.differences:
        return "", f"{case.differences[0].kind} at {case.differences[0].path}", ""
    return "", "", ""


def _trouble(verdict: Verdict, slug: str, message: str, hint: str, cases: tuple[CaseResult, ...]) -> Trouble:
    """One case keeps its own words; several have only what they share."""
    if len(cases) == 1 and cases[0].problem is not None:
        message, hint = cases[0].problem.message, cases[0].problem.hint
    return Trouble(verdict, slug, message, hint, cases)


def _without_names(message: str, case: CaseResult) -> str:
    """The text with the case's own names replaced, so that equal troubles of many cases are one."""
    for name, word in (
        (case.golden, GOLDEN),
        (node_id(case), "<case>"),
        (case.label, "<case>"),
        (case.case, "<case>"),
        (case.case[:12], "<case>"),
        (case.case[:8], "<case>"),
        (case.test, "<test>"),
    ):
        if name:
            message = message.replace(name, word)
    return message


def _counted(results: Iterable[CaseResult]) -> dict[Verdict, int]:
    counts = dict.fromkeys(Verdict, 0)
    for result in results:
        counts[result.verdict] += 1
    return counts
