"""Judging: one verdict a case, one verdict a run."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from pytest_characterize.compare.comparing import compare
from pytest_characterize.descriptors import Flow, Ignore, Policy, Tables
from pytest_characterize.errors import ReplayError
from pytest_characterize.explain.causes import causes
from pytest_characterize.model import (
    CaseResult,
    Golden,
    Likeness,
    Observation,
    Problem,
    RunResult,
    RunVerdict,
    Verdict,
)
from pytest_characterize.scrub import Scrubber
from pytest_characterize.session.calling import called
from pytest_characterize.session.generated_keys import in_legacys_keys
from pytest_characterize.session.likenesses import Likenesses
from pytest_characterize.session.planning import PlannedCase
from pytest_characterize.session.recording import TOOL_VERSION
from pytest_characterize.session.rules import Rules
from pytest_characterize.session.statements import above_limit, counted
from pytest_characterize.settings import Settings
from pytest_characterize.specs import TestSpec
from pytest_characterize.sql.counting import StatementGroup
from pytest_characterize.store.atomic_store import Store


@dataclass(frozen=True, slots=True)
class Judging:
    """What judging needs: the goldens, the declared loosenings, and the scrubber that both sides pass."""

    settings: Settings
    store: Store
    scrubber: Scrubber
    likenesses: Likenesses

    def load(self, planned: PlannedCase) -> Golden:
        """The golden of a planned case, checked against what the test says today.

        Raises:
            StoreError: it is missing, damaged or edited.
            ReplayError: ``golden-outdated``: the test observes something else than was recorded.
        """
        golden = self.store.load(planned.entry)
        if dict(golden.descriptor) != planned.spec.legacy.as_value():
            raise ReplayError(
                f"{planned.entry.file}: was recorded with another legacy= than the test has now",
                slug="golden-outdated",
                hint="record it again with --characterize-record=rewrite, then pytest-characterize accept",
            )
        return golden

    def judge(
        self,
        planned: PlannedCase,
        golden: Golden,
        observed: Observation,
        duration: float,
        statements: tuple[StatementGroup, ...] = (),
    ) -> CaseResult:
        """Compare what the candidate did with the golden: matched or drifted.

        Args:
            statements: the candidate's SQL statements, where they were counted.

        Raises:
            ReplayError: ``statements-not-counted``: they are limited, and nobody could count them.
        """
        count = counted(planned.entry.file, planned.spec.queries, golden.observation, observed, statements)
        told = in_legacys_keys(observed, golden.observation, self.settings.tables)
        scrubbed, _ = self.scrubber.observation(told)
        policies, headers = policies_of(planned.spec, self.settings), self.settings.headers
        comparison = compare(golden.observation, scrubbed, policies, headers)
        differences = comparison.differences + above_limit(planned.spec.queries, count)
        if not differences:
            verdict, alike = Verdict.MATCHED, tuple[Likeness, ...]()
        else:
            verdict = Verdict.DRIFTED
            alike = self.likenesses.of(
                planned.entry, comparison.differences, policies, headers, planned.spec.raises
            )
        return CaseResult(
            **_told(planned, golden),
            verdict=verdict,
            differences=differences,
            likenesses=alike,
            statements=count,
            policy_hits=comparison.policy_hits,
            duration=duration,
        )

    def result(
        self,
        planned: PlannedCase,
        verdict: Verdict,
        problem: Problem | None = None,
        golden: Golden | None = None,
    ) -> CaseResult:
        """The result of a planned case that ended in ``verdict``."""
        return CaseResult(**_told(planned, golden), verdict=verdict, problem=problem)

    def finish(
        self,
        results: Iterable[CaseResult],
        incomplete_because: Iterable[str],
        started_at: datetime,
        duration: float,
        provenance: Mapping[str, str],
    ) -> RunResult:
        """Everything that a report may know; called once, on the controlling process only."""
        ordered = tuple(sorted(results, key=lambda result: (result.test, result.label, result.case)))
        reasons = list(incomplete_because)
        if not ordered:
            reasons.append("no case was replayed")
        legacy = Rules(self.store)
        ordered = legacy.with_measured(ordered)
        rules = legacy.book(ordered)
        judged = legacy.adequacy(ordered)
        rules = replace(rules, problems=rules.problems + judged.problems)
        return RunResult(
            verdict=_run_verdict(ordered, complete=not reasons and not rules.in_doubt),
            complete=not reasons,
            incomplete_because=tuple(reasons),
            results=ordered,
            groups=causes(ordered, matrices=judged.matrices, rules=rules, calls=called(self.store, ordered)),
            started_at=started_at.isoformat(timespec="seconds"),
            duration=duration,
            provenance={"pytest-characterize": TOOL_VERSION} | dict(provenance),
            rules=rules,
            adequacy=judged.adequacy,
        )


def _run_verdict(results: tuple[CaseResult, ...], *, complete: bool) -> RunVerdict:
    verdicts = {result.verdict for result in results}
    if verdicts & {Verdict.DRIFTED, Verdict.EXPIRED}:
        return RunVerdict.DRIFT
    if not complete or not all(verdict.passes for verdict in verdicts):
        return RunVerdict.INCOMPLETE
    return RunVerdict.PASS


def _told(planned: PlannedCase, golden: Golden | None) -> dict[str, Any]:
    """What a result says of its case, whatever the verdict."""
    entry = planned.entry
    return {
        "test": entry.test,
        "case": entry.id,
        "label": entry.label,
        "legacy": planned.title,
        "input": golden.case.input if golden else {},
        "golden": entry.file,
        "provenance": {**(golden.provenance if golden else {}), "recorded by": entry.tool},
        "recorded_at": entry.recorded_at,
        "source": planned.spec.legacy.source,
        "raised": golden is not None and golden.observation.outcome.how == "raised",
        "hits": golden.hits if golden else (),
        "flow": isinstance(planned.spec.legacy, Flow),
    }


def policies_of(spec: TestSpec, settings: Settings) -> tuple[Policy, ...]:
    """A test's declared loosenings, and the mapped tables' columns that have no counterpart."""
    effects, mapped = spec.legacy.effects, settings.tables
    if not isinstance(effects, Tables):
        return spec.policies
    mappings = [mapped[name] for name in (mapped if effects.found else effects.names) if name in mapped]
    return spec.policies + tuple(
        Ignore(f"$effects.tables.{mapping.table}.*[*].{column}", reason=reason)
        for mapping in mappings
        for column, reason in mapping.ignored.items()
    )
