"""Who compares Python's own types: one comparator a type; different types are a difference."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from pytest_characterize.compare.equality import EXACT
from pytest_characterize.compare.leaves import compare_leaves, compare_types
from pytest_characterize.compare.mappings import compare_mappings, compare_sets
from pytest_characterize.compare.sequences import compare_sequences
from pytest_characterize.compare.walking import Comparator
from pytest_characterize.values import Value

PLAIN: Final[Mapping[type, Comparator]] = {
    **dict.fromkeys(EXACT, compare_leaves),
    dict: compare_mappings,
    list: compare_sequences,
    tuple: compare_sequences,
    set: compare_sets,
    frozenset: compare_sets,
}
"""By type, for two values of that type."""


def dispatch_plain(legacy: Value, candidate: Value) -> Comparator:
    """The comparator of two values of Python's own types."""
    kind = type(legacy)
    return PLAIN[kind] if kind is type(candidate) else compare_types
