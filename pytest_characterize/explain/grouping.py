"""Which drifts belong together: those of one test, at one path, of one kind."""

from __future__ import annotations

import re
import sys
from collections import Counter
from collections.abc import Sequence
from typing import Final, TypeAlias

from pytest_characterize.codec import canonical
from pytest_characterize.errors import UnsupportedValueError
from pytest_characterize.explain.evidence import evidence
from pytest_characterize.model import CaseResult, Difference, DriftGroup, Kind, Verdict

_INDEX: Final = re.compile(r"\[\d+\]")
_DRIFTS: Final = frozenset({Verdict.DRIFTED, Verdict.EXPIRED})

Key: TypeAlias = tuple[str, str, Kind]
"""Test, path pattern, kind."""


def group(results: Sequence[CaseResult]) -> tuple[DriftGroup, ...]:
    """The drifts of a run by cause, the largest first; the order of the results does not matter for it.

    A case with several differences belongs to several groups, and to each of them once.
    """
    of = Counter(result.test for result in results)
    found: dict[Key, dict[int, list[Difference]]] = {}
    for at, result in enumerate(results):
        if result.verdict in _DRIFTS:
            for difference in result.differences:
                key = (result.test, pattern(difference.path), difference.kind)
                found.setdefault(key, {}).setdefault(at, []).append(difference)
    keys = sorted(found, key=lambda key: (-len(found[key]), key))
    return tuple(
        _group(f"D{number}", key, {at: tuple(found[key][at]) for at in found[key]}, results, of[key[0]])
        for number, key in enumerate(keys, 1)
    )


def pattern(path: str) -> str:
    """The path with every index as ``[*]``.

    >>> pattern("$.lines[2].price")
    '$.lines[*].price'
    """
    return _INDEX.sub("[*]", path)


def _group(
    name: str,
    key: Key,
    differences: dict[int, tuple[Difference, ...]],
    results: Sequence[CaseResult],
    of: int,
) -> DriftGroup:
    test, where, kind = key
    smallest = min(differences, key=lambda at: _size(results[at]))
    return DriftGroup(
        name=name,
        test=test,
        legacy=results[smallest].legacy,
        pattern=where,
        kind=kind,
        cases=tuple(results[at] for at in differences),
        of=of,
        witness=results[smallest],
        difference=differences[smallest][0],
        evidence=evidence([one for found in differences.values() for one in found]),
    )


def _size(result: CaseResult) -> tuple[int, str, str]:
    """How much there is to read in a case's input; the label decides between equals."""
    try:
        size = len(canonical(dict(result.input)))
    except UnsupportedValueError:  # an input that is too deep to be written is the largest of all
        size = sys.maxsize
    return size, result.label, result.case
