"""Exceptions and database errors: class, code, text and details."""

from __future__ import annotations

from collections.abc import Iterator

from pytest_characterize.compare.paths import Path
from pytest_characterize.compare.texts import finding
from pytest_characterize.compare.walking import Pair, Walk, difference
from pytest_characterize.model import Difference, Kind
from pytest_characterize.values import Raised


def compare_raised(_walk: Walk, path: Path, legacy: Raised, candidate: Raised) -> Iterator[Difference | Pair]:
    """Two errors. Code and details belong to the class, so they are compared only where it agrees.

    A declared exception mapping has been applied by whoever observed the candidate: its exception then
    bears legacy's class names.
    """
    old, new = legacy.types[0], candidate.types[0]
    if old != new:
        note = "a subclass of legacy's" if old in candidate.types else ""
        yield difference((path, "type"), Kind.ERROR, old, new, note)
    elif legacy.code != candidate.code:
        yield difference((path, "code"), Kind.ERROR, legacy.code, candidate.code)
    if legacy.message != candidate.message:
        kind, note = finding(legacy.message, candidate.message)
        told = note or (kind.value if kind is not Kind.VALUE else "")
        yield difference((path, "message"), Kind.MESSAGE, legacy.message, candidate.message, told)
    if old == new:
        yield (path, "details"), dict(legacy.details), dict(candidate.details)
