"""The room's door for mutants: legacy sources in which one thing is changed.

A language is loaded with the first source that is written in it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final, TypeAlias

from pytest_characterize.rules.dialects import dialect
from pytest_characterize.rules.mutated import MutatedText as MutatedText

Mutator: TypeAlias = Callable[[str, str], tuple[MutatedText, ...]]
"""(text, name) -> its mutants; none for a text that cannot be read."""


def _procedure(text: str, name: str) -> tuple[MutatedText, ...]:
    if dialect(text) == "mariadb":
        from pytest_characterize.rules.mariadb.mutants import making as ours

        return ours.mutants(text, name)
    from pytest_characterize.rules.plpgsql.mutants import making

    return making.mutants(text, name)


def _procedure_left_out(text: str, name: str) -> int:
    if dialect(text) == "mariadb":
        from pytest_characterize.rules.mariadb.mutants import making as ours

        return ours.made(text, name).left_out
    from pytest_characterize.rules.plpgsql.mutants import making

    return making.made(text, name).left_out


def _python(text: str, name: str) -> tuple[MutatedText, ...]:
    from pytest_characterize.rules.python.mutants import making

    return making.mutants(text, name)


def _python_left_out(text: str, name: str) -> int:
    from pytest_characterize.rules.python.mutants import making

    return making.made(text, name).left_out


MUTATORS: Final[Mapping[str, Mutator]] = {"procedure": _procedure, "function": _python}
"""Descriptor kind -> what makes mutants of a source of that kind."""

COUNTS_LEFT_OUT: Final[Mapping[str, Callable[[str, str], int]]] = {
    "procedure": _procedure_left_out,
    "function": _python_left_out,
}
"""Descriptor kind -> (text, name) -> how many mutants of a source were left out, as there would be too many."""


def mutants(kind: str, sources: Mapping[str, str]) -> tuple[MutatedText, ...]:
    """The mutants of all sources, by source and place; none for kinds whose language has no operators."""
    mutator = MUTATORS.get(kind)
    if mutator is None:
        return ()
    found = tuple(one for name, text in sources.items() for one in mutator(text, name))
    return _among(found, sources) if any(one.constant for one in found) else found


def _among(found: tuple[MutatedText, ...], sources: Mapping[str, str]) -> tuple[MutatedText, ...]:
    from pytest_characterize.rules.python.mutants import constants

    return tuple(constants.among(found, sources))


def left_out(kind: str, sources: Mapping[str, str]) -> dict[str, int]:
    """How many mutants were left out, by source, of those that would have too many."""
    count = COUNTS_LEFT_OUT.get(kind)
    found = {name: count(text, name) for name, text in sources.items()} if count else {}
    return {name: number for name, number in found.items() if number}
