"""Other ways to round, and other numbers of decimal places."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from typing import Final, NamedTuple

from pytest_characterize.rulemutants import Operator
from pytest_characterize.rules.plpgsql.lexer import TokenKind
from pytest_characterize.rules.plpgsql.mutants.changes import Change, Edit, replace
from pytest_characterize.rules.plpgsql.mutants.code import Code, bracketed
from pytest_characterize.rules.plpgsql.mutants.places import arms_of
from pytest_characterize.rules.plpgsql.mutants.precedence import COMPARISON, SUM, Call
from pytest_characterize.rules.plpgsql.tree import Arm, Span

HALF_EVEN: Final = "pg_temp.characterize_half_even"
"""The function that rounds half to even, which legacy does not know."""

SETUP: Final = (
    f"""CREATE OR REPLACE FUNCTION {HALF_EVEN}(value numeric, digits integer DEFAULT 0) RETURNS numeric
LANGUAGE sql IMMUTABLE AS $half$SELECT CASE WHEN value <> trunc(value, digits)
AND round(value, digits) + trunc(value, digits) = 2 * value
AND mod(trunc(value, digits), 2 * (round(value, digits) - trunc(value, digits))) = 0
THEN trunc(value, digits) ELSE round(value, digits) END$half$""",
    f"""CREATE OR REPLACE FUNCTION {HALF_EVEN}(value double precision) RETURNS double precision
LANGUAGE sql IMMUTABLE AS $half$SELECT round(value)$half$""",
)
"""What makes it; ``round`` of a ``double precision`` is half to even already."""

_OTHERS: Final = {"round": "trunc", "trunc": "round", "ceil": "floor", "ceiling": "floor", "floor": "ceil"}
_HALF: Final = Decimal("0.5")


class _Numeric(NamedTuple):
    """``numeric(12,2)``: the token of the type's name, that of its scale, and the bracket that closes it."""

    name: int
    scale: int
    closing: int


def changes(code: Code) -> Iterator[Change]:
    """Every rounding of the source, changed."""
    for index in code.expressions.indexes():
        word = code.words[index]
        if word in _OTHERS and (call := code.expressions.call(index)):
            yield from _call(code, call, word)
        elif word == "::" and (numeric := _numeric(code, index + 1)):
            yield from _cast(code, index, numeric)
        elif word == "as" and (numeric := _numeric(code, index + 1)):
            yield from _scales(code, Span(numeric.name, numeric.closing + 1), numeric)
    yield from _declared(code)
    for statement in code.places.statements:
        for arm in arms_of(statement):
            yield from _half_by_hand(code, arm)


def _half_even(shown: Span, span: Span, text: str) -> Change:
    return Change(Operator.ROUNDING, shown, (Edit(span.first, span.past, text),), SETUP)


# Functions


def _call(code: Code, call: Call, word: str) -> Iterator[Change]:
    if len(call.arguments) not in (1, 2):
        return
    value = call.arguments[0]
    yield replace(Operator.ROUNDING, call.span, call.first, call.name + 1, _OTHERS[word])
    yield replace(Operator.ROUNDING, call.span, *call.span, bracketed(code, value))
    if word == "round":
        yield _half_even(call.span, Span(call.first, call.name + 1), HALF_EVEN)
    if len(call.arguments) == 2 and code.is_number(call.arguments[1]):
        digits = call.arguments[1]
        for other in _neighbours(code.line(digits)):
            yield replace(Operator.SCALE, call.span, *digits, other)
    if word in ("floor", "trunc") and len(call.arguments) == 1:
        yield from _added_half(code, call)


def _added_half(code: Code, call: Call) -> Iterator[Change]:
    """``floor(x + 0.5)``, which is rounding as well."""
    value = call.arguments[0]
    plus = value.past - 2
    if plus <= value.first or code.words[plus] != "+" or code.expressions.levels[plus] != SUM:
        return
    if _is_half(code, plus + 1) and code.expressions.infix(plus).span == value:
        text = f"{HALF_EVEN}({code.raw(Span(value.first, plus))})"
        yield _half_even(call.span, call.span, text)


def _neighbours(digits: str) -> Iterator[str]:
    if digits.isdecimal():
        yield str(int(digits) + 1)
        if int(digits):
            yield str(int(digits) - 1)


# Types


def _numeric(code: Code, index: int) -> _Numeric | None:
    """The type with a scale that begins at ``index``."""
    words = code.words[index : index + 6]
    fits = words[:1] in (["numeric"], ["decimal"]) and words[1::2] == ["(", ",", ")"]
    return _Numeric(index, index + 4, index + 5) if fits and len(words) == 6 else None


def _scales(code: Code, shown: Span, numeric: _Numeric) -> Iterator[Change]:
    for other in _neighbours(code.tokens[numeric.scale].text):
        yield replace(Operator.SCALE, shown, numeric.scale, numeric.scale + 1, other)
    yield replace(Operator.ROUNDING, shown, numeric.name + 1, numeric.closing + 1, "")


def _cast(code: Code, index: int, numeric: _Numeric) -> Iterator[Change]:
    value = Span(code.expressions.infix(index).left.first, index)
    shown = Span(value.first, numeric.closing + 1)
    yield from _scales(code, shown, numeric)
    yield from _value_rounded(code, shown, value, code.tokens[numeric.scale].text)


def _value_rounded(code: Code, shown: Span, value: Span, scale: str) -> Iterator[Change]:
    """A value that its type would round, rounded in another way before."""
    if value.first >= value.past or code.is_number(value):
        return
    whole = Span(value.first, value.past)
    yield _half_even(shown, whole, f"{HALF_EVEN}({_unbracketed(code, value)}, {scale})")
    yield replace(Operator.ROUNDING, shown, *whole, f"trunc({_unbracketed(code, value)}, {scale})")


def _unbracketed(code: Code, span: Span) -> str:
    closed = code.expressions.partner.get(span.first) == span.past - 1 and code.words[span.first] == "("
    return code.raw(Span(span.first + 1, span.past - 1) if closed else span)


def _declared(code: Code) -> Iterator[Change]:
    """Variables with another scale, and values that are rounded when they are assigned to one."""
    scales: dict[str, str] = {}
    for one in code.places.declarations:
        numeric = _numeric(code, one.type.first)
        if numeric:
            scales[one.name] = code.tokens[numeric.scale].text
            yield from _scales(code, Span(one.span.first, one.type.past), numeric)
    for given in code.places.assignments:
        scale = scales.get(code.line(given.target).strip('"').lower())
        if scale is not None and code.types.get(code.line(given.target).lower()):
            shown = Span(given.target.first, given.value.past)
            yield from _value_rounded(code, shown, given.value, scale)


# By hand


def _is_half(code: Code, index: int) -> bool:
    token = code.tokens[index]
    plain = token.kind is TokenKind.NUMBER and set(token.text) <= set("0.5")
    return plain and Decimal(token.text) == _HALF


def _half_by_hand(code: Code, arm: Arm) -> Iterator[Change]:
    """``IF rest >= 0.5 THEN n := n + 1;`` with half to even."""
    if arm.condition is None or len(arm.body) != 1:
        return
    compared = arm.condition.past - 2
    raised = [one for one in code.places.assignments if one.statement == arm.body[0].span]
    if compared <= arm.condition.first or code.expressions.levels[compared] != COMPARISON or not raised:
        return
    target, value = code.line(raised[0].target), code.normal(raised[0].value)
    word = code.words[compared]
    counts = value in (f"{target.lower()} + 1", f"{target.lower()} - 1")
    if not counts or word not in ("=", ">=") or not _is_half(code, compared + 1):
        return
    rest = code.raw(Span(arm.condition.first, compared))
    half = code.tokens[compared + 1].text
    text = f"{rest.rstrip()} = {half} AND {target} % 2 <> 0"
    if word == ">=":
        text = f"{rest.rstrip()} > {half} OR {text}"
    yield replace(Operator.ROUNDING, Span(arm.keyword, arm.opener + 1), *arm.condition, text)
