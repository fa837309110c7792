"""Numbers that the same thing gets elsewhere: in another arm, by another ``RETURN``."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from decimal import Decimal

from pytest_characterize.rulemutants import Operator
from pytest_characterize.rules.plpgsql.lexer import TokenKind
from pytest_characterize.rules.plpgsql.mutants.changes import Change, replace
from pytest_characterize.rules.plpgsql.mutants.code import Code
from pytest_characterize.rules.plpgsql.mutants.constants import ordinals_of
from pytest_characterize.rules.plpgsql.mutants.precedence import PRODUCT
from pytest_characterize.rules.plpgsql.mutants.shown import shown_around
from pytest_characterize.rules.plpgsql.tree import Return, Span


def changes(code: Code) -> Iterator[Change]:
    """For each number that something gets, those nearest before and behind it of what it gets elsewhere."""
    ordinals = ordinals_of(code)
    for values in _values(code).values():
        numbers = sorted(
            index
            for value in values
            for index in range(*value)
            if code.tokens[index].kind is TokenKind.NUMBER
            and not (index in ordinals or _is_factor(code, index))
        )
        lone = {value.first for value in values if value.past == value.first + 1}
        for index in lone.intersection(numbers):
            own = Decimal(code.tokens[index].text)
            others = [one for one in numbers if Decimal(code.tokens[one].text) != own]
            nearest = (
                [one for one in others if one < index][-1:],
                [one for one in others if one > index][:1],
            )
            for other in (code.tokens[one].text for some in nearest for one in some):
                yield replace(Operator.CONSTANT, shown_around(code, index), index, index + 1, other)


def _is_factor(code: Code, index: int) -> bool:
    """Whether something is multiplied or divided by a number, which is no amount then."""
    return PRODUCT in (
        *code.expressions.levels[index - 1 : index],
        *code.expressions.levels[index + 1 : index + 2],
    )


def _values(code: Code) -> dict[str, list[Span]]:
    """What each variable is given, and what is returned; not in queries."""
    found: dict[str, list[Span]] = defaultdict(list)
    for one in code.places.assignments:
        found[f":{code.normal(one.target)}"].append(one.value)
    for statement in code.places.statements:
        if isinstance(statement, Return):
            found["return"].append(Span(statement.span.first + 1, statement.span.past - 1))
    return found
