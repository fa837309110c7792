"""The piece of source that a reader needs to see around a literal."""

from __future__ import annotations

from typing import Final

from pytest_characterize.rules.plpgsql.mutants.code import Code
from pytest_characterize.rules.plpgsql.mutants.precedence import RANGE
from pytest_characterize.rules.plpgsql.tree import Span

_SHORT: Final = 8
"""Values of so few words are shown as a whole."""


def shown_around(code: Code, index: int) -> Span:
    """The comparison or the operation that a literal is part of; a call, a list or the literal itself otherwise."""
    expressions = code.expressions
    region = expressions.region(index)
    for at in (index - 1, index + 1, index - 2):
        if region.first <= at < region.past and expressions.levels[at]:
            infix = expressions.infix(at)
            if expressions.levels[at] == RANGE and code.words[at] in ("between", "and"):
                return expressions.between(index) or infix.span
            if infix.span.first <= index < infix.span.past and infix.right.first < infix.right.past:
                return infix.span
    if index - 1 in code.places.assigning:
        return Span(index - 2, index + 1)
    opening = expressions.enclosing(index)
    if opening > region.first:
        if expressions.levels[opening - 1] == RANGE:
            return expressions.infix(opening - 1).span
        call = expressions.call(opening - 1)
        return call.span if call else Span(opening, expressions.partner[opening] + 1)
    return _statement_part(code, region) if region.past - region.first <= _SHORT else Span(index, index + 1)


def _statement_part(code: Code, region: Span) -> Span:
    """A short value with the target that it is assigned to, or with its keyword."""
    for one in code.places.assignments:
        if one.value == region:
            return Span(one.target.first, one.value.past)
    for declaration in code.places.declarations:
        if declaration.value == region:
            return declaration.span
    if region.first and code.tokens[region.first - 1].word in ("return", "when"):
        return Span(region.first - 1, region.past)
    return region
