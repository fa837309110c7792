"""What a report says of one change, held against what is right."""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any


@dataclass(frozen=True)
class Edit:
    """One place of the successor."""

    file: str
    was: str
    becomes: str


@dataclass(frozen=True)
class Change:
    """A mistake of a migrating developer.

    Attributes:
        rules: what is right in legacy: routine or module, and pieces of its lines.
        unseen: why no recorded input shows it.
    """

    name: str
    edits: tuple[Edit, ...]
    rules: tuple[tuple[str, ...], ...]
    unseen: str

    @classmethod
    def of(cls, entry: Mapping[str, Any]) -> Change:
        """A change of the table."""
        return cls(
            entry["name"],
            tuple(Edit(*edit) for edit in entry["edits"]),
            tuple(tuple(rule) for rule in entry.get("rules", ())),
            entry.get("unseen", ""),
        )


@dataclass(frozen=True)
class Legacy:
    """The legacy sources and their mutants, as they are kept beside the goldens."""

    folder: Path

    @cached_property
    def _lines(self) -> Mapping[str, list[str]]:
        """The lines of each routine's body, the first of them that of ``$$``."""
        found = {}
        for file in sorted((self.folder / "legacy").rglob("*.json")):
            kept = json.loads(file.read_text("utf-8"))
            text = kept["text"]
            starts = [at for at, line in enumerate(text) if line.startswith("AS $")] or [0]
            found[_short(kept["name"])] = text[starts[0] :]
        return found

    @cached_property
    def _mutated(self) -> Mapping[tuple[str, str, str], set[int]]:
        """Routine and change of each mutant -> its lines."""
        found: dict[tuple[str, str, str], set[int]] = {}
        for file in sorted((self.folder / "mutants").rglob("*.jsonl.gz")):
            for mutant in _mutants(
                [json.loads(line) for line in gzip.decompress(file.read_bytes()).splitlines()]
            ):
                key = _short(mutant["routine"]), mutant["was"], mutant["becomes"]
                found.setdefault(key, set()).add(mutant["line"])
        return found

    def right(self, change: Change) -> frozenset[tuple[str, int]]:
        """Routine and line of every place that is right."""
        return frozenset(
            (routine, line)
            for routine, *pieces in change.rules
            for piece in pieces
            for line in self._at(routine, piece)
        )

    def _at(self, routine: str, piece: str) -> Iterator[int]:
        text, plus, more = piece.rpartition(" +")
        if not (plus and more.isdigit()):
            text, more = piece, "0"
        lines = [number for number, line in enumerate(self._lines[routine], 1) if text in line]
        if len(lines) != 1:
            raise ValueError(f"{routine}: {len(lines)} lines have {text!r}")
        return iter(range(lines[0], lines[0] + int(more) + 1))

    def places(self, suspect: Mapping[str, Any]) -> set[tuple[str, int]]:
        """Where a suspect points to: its line, and that of the statement that its mutant changes."""
        routine = _short(suspect["routine"])
        lines = (
            self._mutated.get((routine, suspect["was"], suspect["becomes"]), set())
            if suspect["was"]
            else set()
        )
        return {(routine, line) for line in {suspect["line"], *lines}}


@dataclass(frozen=True)
class Judged:
    """What became of a change.

    Attributes:
        place: of the right rule among the suspects of the entry that names it best, from 1; 0 if none does.
        silent: nothing is suspected.
        found: how the first suspect was found.
        reproduced: how many mutants together do just what the candidate does; 0 if none.
    """

    change: Change
    report: Mapping[str, Any]
    cases: int
    entries: int
    place: int
    silent: bool
    found: str
    reproduced: int
    others: int

    @property
    def drifts(self) -> bool:
        """Whether the drift was found."""
        return self.cases > 0

    @property
    def ranked(self) -> bool:
        """Whether there is a rule to be named."""
        return self.drifts and bool(self.change.rules)


def judged(change: Change, report: Mapping[str, Any], legacy: Legacy) -> Judged:
    """What a report says of a change."""
    right = legacy.right(change)
    drifts = report["drifts"]
    places = [_place(drift["suspects"], right, legacy) for drift in drifts]
    told = [drift["explanation"] for drift in drifts if drift["explanation"]]
    suspects = [one for drift in drifts for one in drift["suspects"]]
    return Judged(
        change,
        report,
        sum(case["verdict"] != "matched" for case in report["cases"]),
        len(drifts),
        min((place for place in places if place), default=0),
        not suspects,
        suspects[0]["found"] if suspects else "",
        min((len(one["mutants"]) for one in told), default=0),
        sum(bool(drift["suspects"]) and not place for drift, place in zip(drifts, places, strict=True)),
    )


def _place(suspects: list[Mapping[str, Any]], right: frozenset[tuple[str, int]], legacy: Legacy) -> int:
    for number, suspect in enumerate(suspects, 1):
        if legacy.places(suspect) & right:
            return number
    return 0


def _short(routine: str) -> str:
    """A routine as the table names it: without schema and types; a module without its packages."""
    return routine.partition("(")[0].rpartition(".")[2]


def _mutants(matrix: Any) -> Iterator[Mapping[str, Any]]:
    """Every object in a matrix that says what a mutant changes."""
    if isinstance(matrix, dict):
        if {"was", "becomes", "line", "routine"} <= matrix.keys():
            yield matrix
        for value in matrix.values():
            yield from _mutants(value)
    elif isinstance(matrix, list):
        for value in matrix:
            yield from _mutants(value)
