"""Planning: what a test has to show for itself is the manifest united with the cases that its code names."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from pytest_characterize.codec import canonical
from pytest_characterize.descriptors import Command, Descriptor, HttpScenario
from pytest_characterize.errors import CharacterizeError, UnsupportedValueError, UsageError
from pytest_characterize.freezing import freeze
from pytest_characterize.identity import id_of_parts, slug
from pytest_characterize.model import Case, CaseResult, Problem, Verdict
from pytest_characterize.scrub import Scrubber
from pytest_characterize.specs import TestSpec
from pytest_characterize.store.atomic_store import Store
from pytest_characterize.store.manifest import Damage, Entry
from pytest_characterize.values import Member, Raised, Record, Value


@dataclass(frozen=True, slots=True)
class PlannedCase:
    """A case that can be replayed: what the test says, where its golden is, and how reports name its legacy."""

    spec: TestSpec
    entry: Entry
    title: str


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


def given_cases(spec: TestSpec, scrubber: Scrubber) -> tuple[Case, ...]:
    """The cases that the code names, scrubbed and identified.

    Raises:
        UsageError: ``case-doubled``; UnsupportedValueError; RecordingError ``scrub-key-missing``.
    """
    cases: dict[str, Case] = {}
    asked = canonical(spec.legacy.identity())
    for position, raw in enumerate(spec.inputs):
        try:
            scrubbed, _ = scrubber.value(_plain_input(raw))
        except CharacterizeError as error:
            error.message = f"{spec.test}: case {position}: {error.message}"
            raise
        identity = id_of_parts(asked, canonical(scrubbed))
        if identity in cases:
            raise UsageError(
                f"{spec.test}: case {position} has the same input as another case ({cases[identity].label})",
                slug="case-doubled",
                hint="remove one of the two, or make their inputs differ",
            )
        cases[identity] = Case(identity, spec.test, slug(scrubbed), scrubbed)
    return tuple(cases.values())


def plan(spec: TestSpec, given_now: Iterable[Case], store: Store) -> Plan:
    """Unite the given cases with what the store holds; whatever cannot be played is settled here."""
    given = {case.id: case for case in given_now}
    shelf = store.shelf(spec.test)
    damaged = {damage.id for damage in shelf.problems}
    stored = {entry.id: entry for entry in shelf.entries if entry.id not in damaged}
    settled = [_damaged(spec.test, damage, spec.legacy) for damage in shelf.problems]
    settled += [
        _unrecorded(case, spec.legacy)
        for id_, case in given.items()
        if id_ not in stored and id_ not in damaged
    ]
    named = title(spec.legacy)
    playable = [PlannedCase(spec, stored[id_], named) for id_ in given if id_ in stored]
    for entry in stored.values():
        if entry.id in given:
            continue
        if entry.origin == "given":
            settled.append(_unplayed(entry, "the test no longer names this case"))
        else:
            playable.append(PlannedCase(spec, entry, named))
    return Plan(spec, tuple(playable), tuple(settled))


def strays(planned: Iterable[str], reason: Callable[[str], str | None], store: Store) -> list[CaseResult]:
    """Cases of the store whose tests nobody planned.

    Args:
        planned: tests that were planned.
        reason: why a test is not there, in words; ``None`` if it was merely not selected.
    """
    known = set(planned)
    results = []
    for test in store.tests():
        if test not in known and (why := reason(test)) is not None:
            shelf = store.shelf(test)
            results += [_damaged(test, damage) for damage in shelf.problems]
            results += [_unplayed(entry, why) for entry in shelf.entries]
    return results


def title(legacy: Descriptor) -> str:
    """How reports name a legacy thing: ``billing.invoice_total``, ``web GET /invoice/{id}``."""
    value: Mapping[str, Value] = legacy.as_value()
    if legacy.kind == "http":
        return f"{legacy.source} {value['method']} {value['path']}"
    if isinstance(legacy, HttpScenario):
        return f"{legacy.source} {legacy.test.rpartition('::')[2]}"
    named = legacy.line if isinstance(legacy, Command) else value.get("name") or value.get("target")
    name = " ".join(str(named or value.get("sql", legacy.kind)).split())
    name = name if len(name) <= 60 else name[:59] + "…"
    return f"{legacy.source}.{name}" if legacy.source else name


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
