"""The corridor: record, store, replay, compare, explain, report, in that order.

A session is pushed, not driving: doors call :meth:`Session.plan` for each marked test, then either
:meth:`Session.record`, or :meth:`Session.load` and :meth:`Session.judge` once a case, and
:meth:`Session.finish` once a run. It decides whether the store may write; rooms decide nothing.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from importlib.metadata import version
from time import perf_counter
from typing import Final, Literal

from pytest_characterize.compare.comparing import compare
from pytest_characterize.descriptors import Descriptor, Ignore, Policy, Secret, Tables
from pytest_characterize.errors import (
    CharacterizeError,
    ConfigurationError,
    RecordingError,
    ReplayError,
    UnsupportedValueError,
    UsageError,
)
from pytest_characterize.explain.grouping import group
from pytest_characterize.freezing import freeze
from pytest_characterize.identity import case_id, slug
from pytest_characterize.model import (
    Case,
    CaseResult,
    Golden,
    Observation,
    Problem,
    RunResult,
    RunVerdict,
    TestSpec,
    Verdict,
)
from pytest_characterize.recording.loading import recorder_factory
from pytest_characterize.recording.protocols import Recorder, RecordingContext
from pytest_characterize.scrub import Scrubber
from pytest_characterize.settings import Settings, Source
from pytest_characterize.store.atomic_store import Store
from pytest_characterize.store.golden_file import golden_text
from pytest_characterize.store.manifest import Damage, Entry, Stamp
from pytest_characterize.values import Member, Raised, Record, Value

TOOL_VERSION: Final = version("pytest-characterize")
Action = Literal["new", "kept", "unchanged", "pending", "restated", "failed"]
RecordMode = Literal["new", "rewrite"]
Environment = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class PlannedCase:
    """A case that can be replayed: what the test says, and where its golden is."""

    spec: TestSpec
    entry: Entry


@dataclass(frozen=True, slots=True)
class Plan:
    """What one marked test has to show for itself: manifest united with given cases.

    Attributes:
        cases: given by the code or explored, as recorded in the store.
        settled: cases that have their verdict without being played (unrecorded, unplayed, damaged).
    """

    spec: TestSpec
    cases: tuple[PlannedCase, ...]
    settled: tuple[CaseResult, ...]


@dataclass(frozen=True, slots=True)
class Recorded:
    """What recording did about one case.

    Attributes:
        action: ``new`` (golden written), ``kept`` (a golden was there, legacy was not asked),
            ``unchanged`` (legacy was asked and does the same), ``pending`` (behaves differently, awaits
            review), ``restated`` (does the same, but is another version of legacy: awaits review as
            well), ``failed``.
    """

    label: str
    action: Action
    file: str = ""
    error: CharacterizeError | None = None


class Session:
    """One run over one project.

    Args:
        settings: the project's configuration.
        environment: variables with addresses and secrets; read while recording, except for the scrub key.
    """

    def __init__(self, settings: Settings, environment: Environment = os.environ) -> None:
        key = environment.get("CHARACTERIZE_SCRUB_KEY", "")
        self.settings = settings
        self.scrubber = Scrubber(settings.redaction, key.encode() or None)
        self.store = Store(settings.root, settings.store, guard=self._refuse_leaks)
        self._environment = environment

    # -- planning ------------------------------------------------------------------------------------

    def given(self, spec: TestSpec) -> tuple[Case, ...]:
        """The cases that the code names, scrubbed and identified.

        Raises:
            UsageError: ``case-doubled``; UnsupportedValueError; RecordingError ``scrub-key-missing``.
        """
        cases: dict[str, Case] = {}
        for position, raw in enumerate(spec.inputs):
            try:
                scrubbed, _ = self.scrubber.value(_plain_input(raw))
            except CharacterizeError as error:
                error.message = f"{spec.test}: case {position}: {error.message}"
                raise
            identity = case_id(spec.legacy.identity(), scrubbed)
            if identity in cases:
                raise UsageError(
                    f"{spec.test}: case {position} has the same input as another case ({cases[identity].label})",
                    slug="case-doubled",
                    hint="remove one of the two, or make their inputs differ",
                )
            cases[identity] = Case(identity, spec.test, slug(scrubbed), scrubbed)
        return tuple(cases.values())

    def plan(self, spec: TestSpec) -> Plan:
        """Unite the given cases with what the store holds; whatever cannot be played is settled here."""
        given = {case.id: case for case in self.given(spec)}
        shelf = self.store.shelf(spec.test)
        damaged = {damage.id for damage in shelf.problems}
        stored = {entry.id: entry for entry in shelf.entries if entry.id not in damaged}
        settled = [_damaged(spec.test, damage, spec.legacy) for damage in shelf.problems]
        settled += [
            _unrecorded(case, spec.legacy)
            for id_, case in given.items()
            if id_ not in stored and id_ not in damaged
        ]
        playable = [PlannedCase(spec, stored[id_]) for id_ in given if id_ in stored]
        for entry in stored.values():
            if entry.id in given:
                continue
            if entry.origin == "given":
                settled.append(_unplayed(entry, "the test no longer names this case"))
            else:
                playable.append(PlannedCase(spec, entry))
        return Plan(spec, tuple(playable), tuple(settled))

    def strays(self, planned: Iterable[str], reason: Callable[[str], str | None]) -> list[CaseResult]:
        """Cases of the store whose tests nobody planned.

        Args:
            planned: tests that were planned.
            reason: why a test is not there, in words; ``None`` if it was merely not selected.
        """
        known = set(planned)
        results = []
        for test in self.store.tests():
            if test not in known and (why := reason(test)) is not None:
                shelf = self.store.shelf(test)
                results += [_damaged(test, damage) for damage in shelf.problems]
                results += [_unplayed(entry, why) for entry in shelf.entries]
        return results

    # -- recording -----------------------------------------------------------------------------------

    def record(self, spec: TestSpec, mode: RecordMode, *, in_ci: bool = False) -> Iterator[Recorded]:
        """Run legacy on the given cases and write goldens, one case at a time, each safe once yielded.

        Args:
            in_ci: whether the run was allowed under CI; the manifest says so, and so do reports.

        Raises:
            RecordingError: the recorder could not be opened; nothing was written.
        """
        given = self.given(spec)
        shelf = self.store.shelf(spec.test)
        stored = {entry.id: entry for entry in shelf.entries}
        damaged = {damage.id: damage for damage in shelf.problems}
        if blocking := [damage for damage in shelf.problems if not damage.id and not damage.leftover]:
            raise blocking[0].error()
        wanted = []
        for case in given:
            if mode == "rewrite" or case.id not in stored:
                wanted.append(case)
            elif case.id in damaged:
                yield Recorded(case.label, "failed", stored[case.id].file, damaged[case.id].error())
            else:
                yield Recorded(case.label, "kept", stored[case.id].file)
        if not wanted:
            return
        tool = f"{TOOL_VERSION} (in CI)" if in_ci else TOOL_VERSION
        recorder = recorder_factory(spec.legacy.kind)(spec.legacy, self._recording_context(spec))
        try:
            with self.store.recording():
                for case in wanted:
                    yield self._record_case(spec, recorder, case, tool, mode, stored.get(case.id))
        finally:
            recorder.close()

    def _record_case(
        self, spec: TestSpec, recorder: Recorder, case: Case, tool: str, mode: RecordMode, entry: Entry | None
    ) -> Recorded:
        now, start = datetime.now(UTC), perf_counter()
        try:
            accepted = self.store.load(entry) if mode == "rewrite" and entry else None
            observation, hits = recorder.observe(case)
            seconds = perf_counter() - start
            scrubbed, scrubs = self.scrubber.observation(observation)
            golden = Golden(
                case, spec.legacy.as_value(), scrubbed, hits, scrubs, provenance=dict(recorder.provenance())
            )
            stamp = Stamp(
                recorded_at=now.isoformat(timespec="microseconds"),
                at=spec.at.isoformat() if spec.at else "",
                duration=round(seconds, 6),
                tool=tool,
            )
            if mode == "new":
                return Recorded(case.label, "new", self._relative(self.store.write(golden, stamp)))
            path = self.store.propose(golden, stamp)
            if path is None:
                return Recorded(case.label, "unchanged")
            action: Action = "restated" if _same(golden, accepted) else "pending"
            return Recorded(case.label, action, self._relative(path))
        except CharacterizeError as error:
            return Recorded(case.label, "failed", error=error)

    def _recording_context(self, spec: TestSpec) -> RecordingContext:
        source, address = self._source(spec.legacy)
        return RecordingContext(self.settings, source, address, self._secret, self.scrubber, spec.args)

    def _source(self, legacy: Descriptor) -> tuple[Source | None, str]:
        if not legacy.source:
            return None, ""
        source = self.settings.sources.get(legacy.source)
        if source is None:
            known = ", ".join(sorted(self.settings.sources)) or "none"
            raise ConfigurationError(
                f"source {legacy.source!r} is not configured (known: {known})",
                slug="source-unknown",
                hint=f"add [tool.characterize.sources.{legacy.source}] to pyproject.toml",
            )
        return source, self._variable(source.secret_variable, f"the address of source {source.name!r}")

    def _secret(self, secret: Secret) -> str:
        return self._variable(secret.variable, "a secret")

    def _variable(self, name: str, what: str) -> str:
        value = self._environment.get(name, "")
        if not value:
            raise ConfigurationError(
                f"environment variable {name} is not set ({what})",
                slug="variable-missing",
                hint=f"export {name}=... for this run; it is never stored",
            )
        return value

    def _relative(self, path: os.PathLike[str]) -> str:
        return os.path.relpath(path, self.settings.root).replace(os.sep, "/")

    def _refuse_leaks(self, text: str, file: str) -> None:
        findings = self.scrubber.leaks(text)
        if findings:
            raise RecordingError(
                f"{file}: not written, it would contain what looks like a secret: {findings[0]}",
                slug="scrub-leak",
                hint="name the field in [tool.characterize.redaction] fields, then record again",
            )

    # -- replaying -----------------------------------------------------------------------------------

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
        self, planned: PlannedCase, golden: Golden, observed: Observation, duration: float
    ) -> CaseResult:
        """Compare what the candidate did with the golden: matched or drifted."""
        scrubbed, _ = self.scrubber.observation(observed)
        comparison = compare(
            golden.observation, scrubbed, self._policies(planned.spec), self.settings.headers
        )
        return replace(
            self.result(
                planned, Verdict.DRIFTED if comparison.differences else Verdict.MATCHED, golden=golden
            ),
            differences=comparison.differences,
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
        entry = planned.entry
        return CaseResult(
            test=entry.test,
            case=entry.id,
            label=entry.label,
            verdict=verdict,
            legacy=title(planned.spec.legacy),
            input=golden.case.input if golden else {},
            golden=entry.file,
            problem=problem,
            provenance=(dict(golden.provenance) if golden else {}) | {"recorded by": entry.tool},
            recorded_at=entry.recorded_at,
        )

    def _policies(self, spec: TestSpec) -> tuple[Policy, ...]:
        """The test's declared loosenings, and the mapped tables' columns that have no counterpart."""
        if not isinstance(spec.legacy.effects, Tables):
            return spec.policies
        mappings = [
            self.settings.tables[name] for name in spec.legacy.effects.names if name in self.settings.tables
        ]
        return spec.policies + tuple(
            Ignore(f"$effects.tables.{mapping.table}.*[*].{column}", reason=reason)
            for mapping in mappings
            for column, reason in mapping.ignored.items()
        )

    # -- finishing -----------------------------------------------------------------------------------

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
        return RunResult(
            verdict=_run_verdict(ordered, complete=not reasons),
            complete=not reasons,
            incomplete_because=tuple(reasons),
            results=ordered,
            groups=group(ordered),
            started_at=started_at.isoformat(timespec="seconds"),
            duration=duration,
            provenance={"pytest-characterize": TOOL_VERSION} | dict(provenance),
        )


def title(legacy: Descriptor) -> str:
    """How reports name a legacy thing: ``billing.invoice_total``, ``web GET /invoice/{id}``."""
    value: Mapping[str, Value] = legacy.as_value()
    if legacy.kind == "http":
        return f"{legacy.source} {value['method']} {value['path']}"
    name = str(
        value.get("name") or value.get("target") or " ".join(str(value.get("sql", legacy.kind)).split())
    )
    name = name if len(name) <= 60 else name[:59] + "…"
    return f"{legacy.source}.{name}" if legacy.source else name


def _run_verdict(results: tuple[CaseResult, ...], *, complete: bool) -> RunVerdict:
    verdicts = {result.verdict for result in results}
    if verdicts & {Verdict.DRIFTED, Verdict.EXPIRED}:
        return RunVerdict.DRIFT
    if not complete or not all(verdict.passes for verdict in verdicts):
        return RunVerdict.INCOMPLETE
    return RunVerdict.PASS


def _damaged(test: str, damage: Damage, legacy: Descriptor | None = None) -> CaseResult:
    return CaseResult(
        test=test,
        case=damage.id,
        label=damage.label,
        verdict=Verdict.ERRORED,
        legacy=title(legacy) if legacy else "",
        golden=damage.file,
        problem=Problem(damage.slug, damage.message, damage.hint),
    )


def _plain_input(raw: Mapping[str, Value]) -> Value:
    """An input as both sides get it.

    Raises:
        UnsupportedValueError: also for what would reach the two sides as something else than it is.
    """
    frozen = freeze(dict(raw))
    for name, value in frozen.items():
        if _holds_object(value):
            raise UnsupportedValueError(
                f"input {name!r} holds an object that a golden cannot give back as it is: {value!r:.80}",
                slug="input-unsupported",
                hint="name plain values (numbers, texts, dates, lists, dictionaries) and build objects in the test",
            )
    return frozen


def _holds_object(value: Value) -> bool:
    if isinstance(value, dict):
        return any(map(_holds_object, value.keys())) or any(map(_holds_object, value.values()))
    if isinstance(value, list | tuple | set | frozenset):
        return any(map(_holds_object, value))
    return isinstance(value, Record | Member | Raised)


def _same(golden: Golden, accepted: Golden | None) -> bool:
    """Whether both hold the same behaviour, whatever version of legacy showed it."""
    return accepted is not None and golden_text(
        replace(golden, provenance=accepted.provenance)
    ) == golden_text(accepted)


def _unrecorded(case: Case, legacy: Descriptor) -> CaseResult:
    return CaseResult(
        test=case.test,
        case=case.id,
        label=case.label,
        verdict=Verdict.UNRECORDED,
        legacy=title(legacy),
        input=case.input,
        problem=Problem(
            "case-unrecorded",
            "the code names this case, but there is no golden for it",
            "record it where legacy can be reached: pytest --characterize-record=new",
        ),
    )


def _unplayed(entry: Entry, why: str) -> CaseResult:
    return CaseResult(
        test=entry.test,
        case=entry.id,
        label=entry.label,
        verdict=Verdict.UNPLAYED,
        golden=entry.file,
        recorded_at=entry.recorded_at,
        problem=Problem(
            "case-unplayed",
            f"there is a golden, but {why}",
            f"bring the case back, or: pytest-characterize prune {entry.id[:8]}",
        ),
    )
