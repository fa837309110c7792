"""Check a drift report against the drifts that were planted: ``python planted.py REPORT.json PLANTED.toml``.

A plant is declared by predicates: a test (a glob), a path (a pattern as a policy has it) and kinds. It names
the decision of the legacy sources that it breaks, or why there is none.

Every difference of a drifting case must match exactly one planted predicate, every predicate must be
matched, and every case must have been compared. Exit status 0 if so, else 1 with what is not.
"""

from __future__ import annotations

import json
import sys
import tomllib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

from pytest_characterize.compare.paths import Pattern


@dataclass(frozen=True)
class Predicate:
    """Where a planted drift shows."""

    plant: str
    test: str
    path: str
    kinds: frozenset[str]

    def matches(self, difference: Difference) -> bool:
        """Whether this is what it looks like when the plant works."""
        return (
            fnmatchcase(difference.test, self.test)
            and Pattern(self.path).at(difference.path)
            and difference.kind in self.kinds
        )

    def __str__(self) -> str:
        kinds = " or ".join(sorted(self.kinds))
        return f"{self.plant}: {self.test} at {self.path} ({kinds})"


@dataclass(frozen=True)
class Decision:
    """A decision of the legacy sources and its arm, as reports name them."""

    routine: str
    condition: str
    arm: str

    def __str__(self) -> str:
        return f"{self.routine}: {self.condition}, {self.arm}"


@dataclass(frozen=True)
class Plant:
    """A planted drift.

    Attributes:
        kind: what sort of porting mistake it is.
        rule: the legacy rule that it breaks, in words.
        breaks: the decision that this rule is in legacy, ``None`` if there is none.
        no_decision: why there is none.
        exactly: the piece of source that it is, where that decides nothing by itself: only mutants can name it.
    """

    name: str
    kind: str
    rule: str
    predicates: tuple[Predicate, ...]
    breaks: Decision | None = None
    no_decision: str = ""
    exactly: Decision | None = None


@dataclass(frozen=True)
class Difference:
    """A difference of the report."""

    test: str
    case: str
    path: str
    kind: str

    def __str__(self) -> str:
        return f"{self.test}[{self.case}] at {self.path} ({self.kind})"


@dataclass(frozen=True)
class Judgement:
    """What the check found.

    Attributes:
        found: cases by plant.
        unplanted: differences that no predicate explains.
        ambiguous: differences that several predicates explain.
        unmatched: predicates that nothing matches.
        uncompared: cases that ended neither as matched nor as drifted.
    """

    found: Mapping[str, frozenset[str]]
    unplanted: tuple[Difference, ...]
    ambiguous: tuple[Difference, ...]
    unmatched: tuple[Predicate, ...]
    uncompared: tuple[str, ...]

    @property
    def holds(self) -> bool:
        """Whether the report shows the planted drifts, all of them and nothing else."""
        return not (self.unplanted or self.ambiguous or self.unmatched or self.uncompared)

    def complaints(self) -> Iterator[str]:
        """What is not as it should be, a line each."""
        yield from (f"not planted: {difference}" for difference in self.unplanted)
        yield from (f"planted twice: {difference}" for difference in self.ambiguous)
        yield from (f"not found: {predicate}" for predicate in self.unmatched)
        yield from (f"not compared: {case}" for case in self.uncompared)


def read_plants(path: Path) -> tuple[Plant, ...]:
    """The planted drifts that a file declares."""
    return tuple(_plant(entry) for entry in tomllib.loads(path.read_text("utf-8"))["plant"])


def judge(report: Mapping[str, Any], plants: Iterable[Plant]) -> Judgement:
    """Compare a report's differences with what was planted."""
    predicates = [predicate for plant in plants for predicate in plant.predicates]
    by_predicate: dict[Predicate, set[str]] = {predicate: set() for predicate in predicates}
    unplanted, ambiguous = [], []
    for difference in _differences(report):
        fitting = [predicate for predicate in predicates if predicate.matches(difference)]
        if len(fitting) == 1:
            by_predicate[fitting[0]].add(f"{difference.test}[{difference.case}]")
        else:
            (ambiguous if fitting else unplanted).append(difference)
    found: dict[str, frozenset[str]] = {}
    for predicate, cases in by_predicate.items():
        found[predicate.plant] = found.get(predicate.plant, frozenset()) | cases
    return Judgement(
        found,
        tuple(unplanted),
        tuple(ambiguous),
        tuple(predicate for predicate, cases in by_predicate.items() if not cases),
        tuple(_uncompared(report)),
    )


def _plant(entry: Mapping[str, Any]) -> Plant:
    predicates = tuple(
        Predicate(entry["name"], shown["test"], shown["path"], frozenset(shown["kinds"]))
        for shown in entry["shows"]
    )
    breaks, exactly = (Decision(**entry[key]) if key in entry else None for key in ("breaks", "exactly"))
    return Plant(
        entry["name"], entry["kind"], entry["rule"], predicates, breaks, entry.get("no_decision", ""), exactly
    )


def _differences(report: Mapping[str, Any]) -> Iterator[Difference]:
    for case in report["cases"]:
        if case["verdict"] == "drifted":
            for difference in case["differences"]:
                yield Difference(case["test"], case["label"], difference["path"], difference["kind"])


def _uncompared(report: Mapping[str, Any]) -> Iterator[str]:
    for case in report["cases"]:
        if case["verdict"] not in ("matched", "drifted") or (
            case["verdict"] == "drifted" and not case["differences"]
        ):
            yield f"{case['test']}[{case['label']}] ended as {case['verdict']}"


def main(arguments: list[str]) -> int:
    """Check one report."""
    report, planted = map(Path, arguments)
    judgement = judge(json.loads(report.read_text("utf-8")), read_plants(planted))
    for complaint in judgement.complaints():
        print(complaint)
    return 0 if judgement.holds else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
