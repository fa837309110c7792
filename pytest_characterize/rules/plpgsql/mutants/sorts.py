"""What sort of value an expression has, and what sort its surroundings ask for, as far as the text tells."""

from __future__ import annotations

from typing import Final

from pytest_characterize.rules.plpgsql.lexer import keywords
from pytest_characterize.rules.plpgsql.mutants.chains import operands
from pytest_characterize.rules.plpgsql.mutants.code import Code
from pytest_characterize.rules.plpgsql.mutants.precedence import COMPARISON, PRODUCT, SUM, Call
from pytest_characterize.rules.plpgsql.tree import Span

TIMES: Final = ("date", "moment", "clock", "interval")
ANY: Final = "any"
"""What takes a value of any sort."""

_JOINING: Final = (SUM, PRODUCT, COMPARISON)
_LIKE_THEIR_ARGUMENTS: Final = keywords("coalesce greatest least nullif min max")
_OF_TEXTS: Final = keywords("trim btrim ltrim rtrim upper lower initcap lpad rpad char_length")
_FIELD: Final = 3
"""Words of the field of a record: ``c.street``."""
_OF_NUMBERS: Final = keywords("sum avg")


def sort_of(code: Code, span: Span) -> str:
    """The sort of an expression; of calculations too, unlike :meth:`Code.sort`.

    A product of things that nobody has declared is a number, as hardly anything else can be multiplied.
    """
    known = code.sort(span)
    if known or span.first >= span.past:
        return known
    if (call := code.expressions.call(span.first)) and call.closing == span.past - 1:
        return _of_call(code, call)
    closed = code.expressions.partner.get(span.first) == span.past - 1
    if closed and code.words[span.first] == "(":
        return sort_of(code, Span(span.first + 1, span.past - 1))
    for level in (SUM, PRODUCT):
        parts = operands(code, span, level)
        if len(parts) > 1:
            sorts = {sort_of(code, part) for part in parts}
            timeless = sorts.isdisjoint(TIMES)
            return "number" if timeless and (level == PRODUCT or "number" in sorts) else ""
    return ""


def _of_call(code: Code, call: Call) -> str:
    if code.words[call.name] in _LIKE_THEIR_ARGUMENTS:
        sorts = {sort_of(code, argument) for argument in call.arguments} - {""}
        return sorts.pop() if len(sorts) == 1 else ""
    return ""


def wanted(code: Code, span: Span) -> str:
    """The sort that must stand in place of a span, :data:`ANY` if all do, ``""`` where the text does not tell."""
    before, after = span.first - 1, span.past
    for at, place in ((before, 1), (after, 0)):
        if at < len(code.expressions.levels) and code.expressions.levels[at] in _JOINING:
            infix = code.expressions.infix(at)
            sides = (infix.left, infix.right)
            if sides[place] == span:
                return sort_of(code, sides[1 - place])
    told = code.words[before] == "," and code.expressions.region(span.first) == span
    if told or "||" in (code.words[before], code.words[after]):
        return ANY  # what a message tells is such a value as well
    for one in code.places.assignments:
        if one.value == span:
            return code.sort(one.target)
    if code.words[before] == "return":
        return code.returns
    outer = code.expressions.call(before - 1) if code.words[before] == "(" else None
    if outer and len(outer.arguments) == 1 and code.words[outer.name] in _OF_NUMBERS:
        return "number"
    return ""


def is_textual_field(code: Code, span: Span) -> bool:
    """Whether a field, whose type no text tells, is used as a text elsewhere in the routine."""
    if span.past - span.first != _FIELD or code.words[span.first + 1] != ".":
        return False
    name = code.normal(span)
    for index in code.expressions.indexes():
        other = Span(index, min(index + _FIELD, len(code.tokens)))
        if index == span.first or code.words[index + 1] != "." or code.normal(other) != name:
            continue
        opening = code.expressions.enclosing(index)
        if (
            "||" in (code.words[index - 1], code.words[other.past])
            or (opening > 0 and code.words[opening - 1] in _OF_TEXTS)
            or wanted(code, other) == "text"
        ):
            return True
    return False
