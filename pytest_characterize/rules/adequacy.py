"""Adequacy: what the matrices of all tests together say of each rule mutant."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence, Set
from dataclasses import dataclass, field, replace
from types import MappingProxyType
from typing import TypeAlias

from pytest_characterize.matrix import Matrix, MutantRow
from pytest_characterize.rulebook import RuleProblem
from pytest_characterize.rulemutants import Adequacy, Fate, Mutant, MutantStatus
from pytest_characterize.rules.declared import Catalogue, Equivalent

Behaviours: TypeAlias = Mapping[str, str]
"""Label of a case -> digest of its golden, of one test."""


@dataclass(frozen=True, slots=True)
class Judged:
    """The adequacy, and where it comes from.

    Attributes:
        problems: what is wrong with the mutants that were declared equivalent.
        matrices: by test, as far as they are of today's legacy; a case whose golden is another one is excluded.
    """

    adequacy: Adequacy
    problems: tuple[RuleProblem, ...] = ()
    matrices: Mapping[str, Matrix] = field(default_factory=dict)


def judge(
    matrices: Iterable[Matrix],
    texts: Mapping[tuple[str, str], str],
    goldens: Mapping[str, Behaviours],
    catalogue: Catalogue,
    loosenings: Mapping[str, str] = MappingProxyType({}),
) -> Judged:
    """What the goldens of today say of each mutant.

    Args:
        matrices: one a test; what is not of today's legacy and goldens is left out, and told.
        texts: (source, routine) -> sha256 of the kept text.
        goldens: by test.
        loosenings: digest of the loosenings of today by test, as far as they are known.
    """
    found: dict[tuple[str, str], MutantStatus] = {}
    notes: list[str] = []
    limits: dict[str, None] = {}
    current: dict[str, Matrix] = {}
    for matrix in matrices:
        if stale := [
            name for name, digest in matrix.sources.items() if texts.get((matrix.source, name)) != digest
        ]:
            notes.append(f"{matrix.test}: its mutants are of another {stale[0]}")
            continue
        if loosenings.get(matrix.test, matrix.policies) != matrix.policies:
            notes.append(f"{matrix.test}: its mutants were compared under other loosenings")
            continue
        behaviours = goldens.get(matrix.test, {})
        known = {case.label for case in matrix.cases if behaviours.get(case.label) == case.behaviour}
        if newer := len(behaviours.keys() - known):
            notes.append(f"{matrix.test}: no mutant was run on {newer} of its cases")
        current[matrix.test] = today = _of_today(matrix, known)
        limits |= {
            f"{name}: {number} further changes were not made, as there would be too many": None
            for name, number in matrix.left_out.items()
        }
        for row in matrix.rows:
            key = matrix.source, row.mutant.id
            found[key] = _together(found.get(key), _status(row, today, pending=newer > 0))
    problems = tuple(_declared(found, catalogue))
    ordered = sorted(found.values(), key=lambda one: (one.source, one.mutant.routine, _place(one.mutant)))
    return Judged(Adequacy(tuple(ordered), tuple(notes), tuple(limits)), problems, current)


def _of_today(matrix: Matrix, known: Set[str]) -> Matrix:
    """The matrix, with the cases excluded whose goldens are other ones."""
    cases = (
        case if case.label in known else replace(case, excluded="its golden is another one now")
        for case in matrix.cases
    )
    return replace(matrix, cases=tuple(cases))


def _status(row: MutantRow, matrix: Matrix, *, pending: bool) -> MutantStatus:
    sound = {position for position, case in enumerate(matrix.cases) if not case.excluded}
    fate: Fate = "pending" if pending and row.fate in ("run", "unreached") else row.fate
    return MutantStatus(
        row.mutant,
        matrix.source,
        fate,
        reached=len(sound.intersection(row.ran)),
        noticed=len(sound.intersection(row.changed)),
        telling={matrix.test: row.telling} if row.telling else {},
    )


_FATES: Sequence[Fate] = ("invalid", "pending", "run", "unreached")
"""Of two tests' fates the one that stands first is that of both."""


def _together(one: MutantStatus | None, other: MutantStatus) -> MutantStatus:
    if one is None:
        return other
    return replace(
        one,
        fate=min(one.fate, other.fate, key=_FATES.index),
        reached=one.reached + other.reached,
        noticed=one.noticed + other.noticed,
        telling={**one.telling, **other.telling},
    )


def _declared(found: dict[tuple[str, str], MutantStatus], catalogue: Catalogue) -> Iterable[RuleProblem]:
    """Mark the mutants that are declared equivalent; a declaration that is wrong is told."""
    if not found:
        return
    for one in catalogue.equivalents:
        keys = [key for key in found if key[1] == one.mutant and one.source in ("", key[0])]
        if not keys:
            yield _wrong(one, catalogue.file, "there is no such mutant (any more)")
        for key in keys:
            if found[key].noticed:
                yield _wrong(one, catalogue.file, f"{found[key].noticed} goldens notice it")
            else:
                found[key] = replace(found[key], equivalent=one.reason)


def _wrong(one: Equivalent, file: str, why: str) -> RuleProblem:
    return RuleProblem(
        slug="equivalent-wrong",
        message=f"{file}: {one.mutant} is declared equivalent, but {why}",
        hint=f"take the [[equivalent]] out of {file}, or name the mutant that the report names",
    )


def _place(mutant: Mutant) -> tuple[int, str]:
    return mutant.line, mutant.id
