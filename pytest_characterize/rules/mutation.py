"""The room's door for mutants: legacy sources in which one thing is changed."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final, TypeAlias

from pytest_characterize.rules.mutated import MutatedText as MutatedText
from pytest_characterize.rules.plpgsql.mutants import making as plpgsql
from pytest_characterize.rules.python.mutants import making as python

Mutator: TypeAlias = Callable[[str, str], tuple[MutatedText, ...]]
"""(text, name) -> its mutants; none for a text that cannot be read."""

MUTATORS: Final[Mapping[str, Mutator]] = {"procedure": plpgsql.mutants, "function": python.mutants}
"""Descriptor kind -> what makes mutants of a source of that kind."""

COUNTS_LEFT_OUT: Final[Mapping[str, Callable[[str, str], int]]] = {
    "procedure": lambda text, name: plpgsql.made(text, name).left_out,
    "function": lambda text, name: python.made(text, name).left_out,
}
"""Descriptor kind -> (text, name) -> how many mutants of a source were left out, as there would be too many."""


def mutants(kind: str, sources: Mapping[str, str]) -> tuple[MutatedText, ...]:
    """The mutants of all sources, by source and place; none for kinds whose language has no operators."""
    mutator = MUTATORS.get(kind)
    if mutator is None:
        return ()
    return tuple(one for name, text in sources.items() for one in mutator(text, name))


def left_out(kind: str, sources: Mapping[str, str]) -> dict[str, int]:
    """How many mutants were left out, by source, of those that would have too many."""
    count = COUNTS_LEFT_OUT.get(kind)
    found = {name: count(text, name) for name, text in sources.items()} if count else {}
    return {name: number for name, number in found.items() if number}
