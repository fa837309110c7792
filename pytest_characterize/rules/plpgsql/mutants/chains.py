"""Chains of operators that bind equally: ``a || b || c``, ``a - b + c``."""

from __future__ import annotations

from pytest_characterize.rules.plpgsql.mutants.code import Code
from pytest_characterize.rules.plpgsql.tree import Span


def operators(code: Code, span: Span, level: int) -> list[int]:
    """The operators of one level in a span, outside of its brackets."""
    found, at = [], span.first
    while at < span.past:
        if code.expressions.levels[at] == level:
            found.append(at)
        at = max(code.expressions.partner.get(at, at), at) + 1
    return found


def operands(code: Code, span: Span, level: int) -> list[Span]:
    """What stands between them; the span itself if there are none."""
    found, first = [], span.first
    for at in operators(code, span, level):
        found.append(Span(first, at))
        first = at + 1
    return [*found, Span(first, span.past)]


def chain(code: Code, index: int) -> Span | None:
    """The whole chain whose last operator is at ``index``; ``None`` for any but the last."""
    infix = code.expressions.infix(index)
    past = infix.right.past
    within = past < code.expressions.region(index).past
    if within and code.expressions.levels[past] == code.expressions.levels[index]:
        return None
    return infix.span
