"""Mutants of small pieces of Python, for tests."""

from __future__ import annotations

import textwrap

from pytest_characterize.rules.mutated import MutatedText
from pytest_characterize.rules.python.mutants.making import mutants

PARAMETERS = "a, b=None, c=None"


def mutated(body: str) -> tuple[MutatedText, ...]:
    """The mutants of a function with that body; all of them are Python."""
    source = f"def f({PARAMETERS}):\n" + textwrap.indent(textwrap.dedent(body), "    ")
    found = mutants(source, "legacy")
    for one in found:
        compile(one.text, "<mutant>", "exec")
    return found


def changed(body: str, operator: str) -> list[tuple[str, str]]:
    """What one operator makes of what, in a function with that body."""
    found = [one.mutant for one in mutated(body)]
    return [(mutant.was, mutant.becomes) for mutant in found if mutant.operator == operator]


def results(body: str, operator: str, call: str) -> list[object]:
    """What the mutants of one operator give, each for the same call."""
    return [_result(one.text, call) for one in mutated(body) if one.mutant.operator == operator]


def _result(text: str, call: str) -> object:
    space: dict[str, object] = {}
    exec(text, space)
    return eval(call, space)
