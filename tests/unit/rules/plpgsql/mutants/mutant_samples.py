"""Small routines and their mutants, as the tests of all operators read them."""

from __future__ import annotations

from pytest_characterize.rulemutants import Mutant, Operator
from pytest_characterize.rules.mutated import MutatedText
from pytest_characterize.rules.plpgsql.mutants.making import mutants

HEADER = (
    "CREATE FUNCTION f(p_a integer, p_b numeric, p_day date, p_text text) RETURNS integer LANGUAGE {} AS $f$"
)


def routine(body: str, language: str = "plpgsql") -> str:
    return f"{HEADER.format(language)}{body}$f$"


def made(body: str, language: str = "plpgsql") -> tuple[MutatedText, ...]:
    return mutants(routine(body, language), "f")


def statements(code: str, declared: str = "") -> str:
    return f"DECLARE {declared} BEGIN {code} END"


def changes(body: str, *operators: Operator, language: str = "plpgsql") -> list[tuple[str, str]]:
    """What the mutants of some operators change, in their order."""
    return [
        (one.mutant.was, one.mutant.becomes)
        for one in made(body, language)
        if not operators or one.mutant.operator in operators
    ]


def all_mutants(body: str) -> list[Mutant]:
    return [one.mutant for one in made(body)]
