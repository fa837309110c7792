"""Rules of legacy in any language: the arms that coverage tools have measured, joined over all their reports."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from hashlib import sha256
from itertools import groupby
from typing import Final, TypeAlias
from urllib.parse import quote

from pytest_characterize.measured import KIND, Arm, ArmKind, MeasuredFile, Measurement
from pytest_characterize.model import CaseResult, RuleHit
from pytest_characterize.rulebook import RuleProblem
from pytest_characterize.rules.catalogue import Cause, Instrumented, Rule, RuleKind, Unknown
from pytest_characterize.rules.kept import KeptSource

_LONGEST: Final = 120
_ARMS: Final[Mapping[ArmKind, str]] = {"entry": "entered", "line": "reached", "branch": "taken"}

_Place: TypeAlias = tuple[str, str]
"""Source and name of a file."""


@dataclass(frozen=True, slots=True)
class Joined:
    """What all measurements say together.

    Attributes:
        kept: a source file each, with its rules.
        hits: test and id of a case -> what is known of it.
        runs: source and id of a rule -> how many runs over unknown cases reached it.
        names: the names of those runs.
        problems: measurements of sources that have another text by now; what they say is left out.
    """

    kept: tuple[KeptSource, ...] = ()
    hits: Mapping[tuple[str, str], tuple[RuleHit, ...]] = field(default_factory=dict)
    runs: Mapping[tuple[str, str], int] = field(default_factory=dict)
    names: tuple[str, ...] = ()
    problems: tuple[RuleProblem, ...] = ()

    def with_hits(self, results: Sequence[CaseResult]) -> tuple[CaseResult, ...]:
        """The cases, each with what was measured of it besides what its recording has seen."""
        return tuple(
            replace(one, hits=(*one.hits, *more)) if (more := self.hits.get((one.test, one.case))) else one
            for one in results
        )


def join(measurements: Mapping[str, Measurement], texts: Mapping[_Place, tuple[str, str]]) -> Joined:
    """Every arm that any report names is a rule, once.

    Args:
        measurements: by the file that each is kept in.
        texts: source and name of a file -> its text, and where that is kept.
    """
    digests = {place: _digest(text) for place, (text, _) in texts.items()}
    arms: dict[_Place, dict[tuple[int, ArmKind, str], Arm]] = defaultdict(dict)
    unknown: dict[_Place, dict[str, None]] = defaultdict(dict)
    places: dict[_Place, str] = {}
    hits: dict[tuple[str, str], Counter[str]] = defaultdict(Counter)
    runs: Counter[tuple[str, str]] = Counter()
    problems: list[RuleProblem] = []
    for where, one in measurements.items():
        for file in one.files:
            place = (one.source, file.name)
            if file.sha256 and digests.get(place) != file.sha256:
                problems.append(_stale(where, file))
                continue
            places.setdefault(place, texts[place][1] if place in texts else where)
            unknown[place] |= dict.fromkeys(file.unknown)
            for arm in file.arms:
                arms[place].setdefault((arm.line, arm.kind, arm.key), arm)
                rule = _id(file.name, arm)
                if arm.hits and one.run:
                    runs[one.source, rule] += 1
                elif arm.hits:
                    hits[one.test, one.case][rule] += arm.hits
    kept = tuple(
        _kept(place, arms[place].values(), tuple(unknown[place]), texts.get(place, ("", ""))[0], file)
        for place, file in sorted(places.items())
    )
    known = {rule.id for one in kept for rule in one.probed.rules}
    return Joined(
        kept,
        {case: _hits(found, known) for case, found in hits.items()},
        runs,
        tuple(
            f"{one.source}: {one.run}" if one.source else one.run for one in measurements.values() if one.run
        ),
        tuple(problems),
    )


def _hits(found: Mapping[str, int], known: set[str]) -> tuple[RuleHit, ...]:
    return tuple(RuleHit(rule, number) for rule, number in sorted(found.items()) if rule in known)


def _kept(place: _Place, arms: Iterable[Arm], unknown: Sequence[str], text: str, file: str) -> KeptSource:
    source, name = place
    several = sorted(
        arms, key=lambda arm: (arm.line, arm.kind != "entry", _natural(arm.key.partition(".")[0]))
    )
    has_branches = any(arm.kind == "branch" for arm in several)
    lines = text.split("\n")
    shown = [arm for arm in several if arm.kind != "line" or not has_branches]
    rules = [
        rule
        for _, decision in groupby(shown, key=lambda arm: (arm.line, arm.kind, arm.key.partition(".")[0]))
        for rule in _rules(name, list(decision), lines)
    ]
    unknowns = tuple(Unknown(name, 0, "", Cause.MARKED, why) for why in unknown)
    return KeptSource(source, name, KIND, text, file, Instrumented(name, text, tuple(rules), (), unknowns))


def _rules(name: str, decision: Sequence[Arm], lines: Sequence[str]) -> Iterator[Rule]:
    for arm in decision:
        written = " ".join(lines[arm.line - 1].split()) if 0 < arm.line <= len(lines) else ""
        text = arm.told if arm.kind == "entry" else written or f"line {arm.line}"
        yield Rule(
            _id(name, arm),
            name,
            arm.line,
            RuleKind(arm.kind),
            text if len(text) <= _LONGEST else f"{text[:_LONGEST]}...",
            _ARMS[arm.kind] if arm.kind != "branch" else arm.told or _ARMS["branch"],
            _id(name, decision[0]),
        )


def _natural(decision: str) -> tuple[int, str]:
    return (int(decision), "") if decision.isdecimal() else (0, decision)


def _id(name: str, arm: Arm) -> str:
    return f"{quote(name, safe='/.')}:{arm.line}.{arm.kind}{quote(arm.key)}"


def _stale(where: str, file: MeasuredFile) -> RuleProblem:
    return RuleProblem(
        "coverage-stale",
        f"{where}: {file.name} has another text by now, or its text is no longer kept, "
        "so what was measured in it counts no more",
        "measure legacy again, and import the report with pytest-characterize import",
    )


def _digest(text: str) -> str:
    return sha256(text.encode("utf-8", "replace")).hexdigest()
