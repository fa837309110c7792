"""Other comparisons in place of a comparison."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from pytest_characterize.rulemutants import Operator
from pytest_characterize.rules.plpgsql.expressions import is_repeatable
from pytest_characterize.rules.plpgsql.lexer import TokenKind
from pytest_characterize.rules.plpgsql.mutants.changes import Change, leave_out, replace
from pytest_characterize.rules.plpgsql.mutants.code import Code
from pytest_characterize.rules.plpgsql.mutants.precedence import COMPARISON, COMPARISONS, Infix
from pytest_characterize.rules.plpgsql.mutants.sorts import is_textual_field
from pytest_characterize.rules.plpgsql.tree import Span

_BOUNDARY: Final = {"<": "<=", "<=": "<", ">": ">=", ">=": ">"}
_OTHERS: Final = {
    "<": ("<>", ">="),
    "<=": ("=", ">"),
    ">": ("<>", "<="),
    ">=": ("=", "<"),
    "=": ("<>",),
    "<>": ("=",),
    "!=": ("=",),
}
"""What implies or contradicts each comparison; the remaining ones are noticed where these are."""

_ORDERED: Final = {"=": ("<=", ">="), "<>": ("<", ">"), "!=": ("<", ">")}
"""What else is worth a try where the values have an order that matters."""

_PATTERNS: Final = {"~": "!~", "!~": "~", "~*": "~", "!~*": "!~", "~~": "!~~", "!~~": "~~"}
_WITH_ORDER: Final = ("number", "date", "moment", "clock", "interval")


def changes(code: Code) -> Iterator[Change]:
    """Every comparison of the source, changed."""
    for index in code.expressions.indexes():
        if not code.expressions.levels[index]:
            continue
        word = code.words[index]
        if word in COMPARISONS and code.expressions.levels[index] == COMPARISON:
            yield from _comparison(code, code.expressions.infix(index), word)
        elif word in _PATTERNS:
            yield _other(code, code.expressions.infix(index), _PATTERNS[word])
        elif word == "is":
            yield from _is(code, index)
        elif word in ("like", "ilike"):
            yield from _like(code, index)
        elif word == "in":
            yield from _in(code, index)
        elif word == "between" and code.expressions.has_upper_bound(index):
            yield from _between(code, index)


def _other(code: Code, infix: Infix, text: str, operator: Operator = Operator.RELATION) -> Change:
    return replace(operator, infix.span, infix.first, infix.past, text)


def _comparison(code: Code, infix: Infix, word: str) -> Iterator[Change]:
    if word in _BOUNDARY:
        yield _other(code, infix, _BOUNDARY[word], Operator.BOUNDARY)
    for other in _OTHERS[word]:
        yield _other(code, infix, other)
    if word in _ORDERED and _is_ordered(code, infix):
        for other in _ORDERED[word]:
            yield _other(code, infix, other)


def _is_ordered(code: Code, infix: Infix) -> bool:
    """Whether more or less of a value is likely to matter: not where a query looks for keys."""
    sides = {code.sort(infix.left), code.sort(infix.right)}
    if sides.isdisjoint(_WITH_ORDER):
        return False
    return code.expressions.region(infix.first) not in code.places.queries or any(
        code.is_number(side) for side in (infix.left, infix.right)
    )


def _is(code: Code, index: int) -> Iterator[Change]:
    infix = code.expressions.infix(index)
    shown = infix.span
    if code.words[index + 1] == "not":
        yield leave_out(Operator.RELATION, shown, index + 1, index + 2)
    else:
        yield replace(Operator.RELATION, shown, index + 1, index + 1, "NOT ")
    yield from _unknown(code, infix)
    if "distinct" in code.words[infix.first : infix.past]:
        yield _other(code, infix, "=" if code.words[index + 1] == "not" else "<>")


def _unknown(code: Code, infix: Infix) -> Iterator[Change]:
    """An empty text taken as unknown."""
    words = code.words[infix.first : infix.right.past]
    sort = code.sort(infix.left)
    if words not in (["is", "null"], ["is", "not", "null"]):
        return
    if sort != "text" and (sort or not is_textual_field(code, infix.left)):
        return
    value = code.raw(infix.left)
    whole = Span(infix.left.first, infix.right.past)
    other = (
        f"({value} IS NULL OR {value} = '')"
        if len(words) == 2
        else f"({value} IS NOT NULL AND {value} <> '')"
    )
    yield replace(Operator.RELATION, whole, *whole, other)


def _negated(code: Code, infix: Infix) -> Change:
    """``IN`` for ``NOT IN``, and the other way round."""
    if code.words[infix.first] == "not":
        return leave_out(Operator.RELATION, infix.span, infix.first, infix.first + 1)
    return replace(Operator.RELATION, infix.span, infix.first, infix.first, "NOT ")


def _like(code: Code, index: int) -> Iterator[Change]:
    infix = code.expressions.infix(index)
    yield _negated(code, infix)
    other = "ILIKE" if code.words[index] == "like" else "LIKE"
    if any(letter.isalpha() for letter in code.line(infix.right)):
        yield replace(Operator.RELATION, infix.span, index, index + 1, other)
    if code.words[infix.first] != "not" and infix.right.past - infix.right.first == 1:
        yield _other(code, infix, "=")


def _in(code: Code, index: int) -> Iterator[Change]:
    infix = code.expressions.infix(index)
    yield _negated(code, infix)
    items = code.expressions.items(index + 1)
    if len(items) < 2 or code.words[index + 2] in ("select", "with", "values"):
        return
    for number, item in enumerate(items):
        first = item.first if number == 0 else item.first - 1
        past = item.past + 1 if number == 0 else item.past
        yield leave_out(Operator.RELATION, infix.span, first, past)


def _between(code: Code, index: int) -> Iterator[Change]:
    infix = code.expressions.infix(index)
    upper = code.expressions.upper_bound(index)
    shown = Span(infix.left.first, upper.past)
    negated = code.words[infix.first] == "not"
    if negated:
        yield leave_out(Operator.RELATION, shown, infix.first, infix.first + 1)
    else:
        yield replace(Operator.RELATION, shown, infix.first, infix.first, "NOT ")
    if code.words[index + 1] in ("symmetric", "asymmetric") or not _may_be_doubled(code, infix.left):
        return
    value, low = code.line(infix.left), code.raw(infix.right)
    high = code.raw(Span(upper.first + 1, upper.past))
    opening, closing = ("NOT (", ")") if negated else ("(", ")")
    for operator, text in (
        (Operator.BOUNDARY, f"{value} > {low} AND {value} <= {high}"),
        (Operator.BOUNDARY, f"{value} >= {low} AND {value} < {high}"),
        (Operator.OPERAND, f"{value} >= {low}"),
        (Operator.OPERAND, f"{value} <= {high}"),
    ):
        yield replace(operator, shown, shown.first, shown.past, f"{opening}{text}{closing}")


def _may_be_doubled(code: Code, span: Span) -> bool:
    alone = span.past - span.first == 1 and code.tokens[span.first].kind is not TokenKind.STRING
    return alone or is_repeatable(code.tokens, span)
