"""Calls left out, calls that reach further, and what is done to each item rather than to their sum."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from pytest_characterize.rulemutants import Operator
from pytest_characterize.rules.plpgsql.lexer import TokenKind, keywords
from pytest_characterize.rules.plpgsql.mutants.arguments import KNOWN
from pytest_characterize.rules.plpgsql.mutants.arithmetic import INTEGERS
from pytest_characterize.rules.plpgsql.mutants.chains import chain, operands
from pytest_characterize.rules.plpgsql.mutants.changes import Change, Edit, replace
from pytest_characterize.rules.plpgsql.mutants.code import Code, bracketed
from pytest_characterize.rules.plpgsql.mutants.places import Assignment
from pytest_characterize.rules.plpgsql.mutants.precedence import PRODUCT, SUM, Call
from pytest_characterize.rules.plpgsql.mutants.sorts import ANY, sort_of, wanted
from pytest_characterize.rules.plpgsql.tree import Span

_ROUNDINGS: Final = keywords("round trunc ceil ceiling floor")
_OF_TEXTS: Final = keywords("upper lower initcap trim btrim ltrim rtrim")
_MARKS: Final = (TokenKind.STRING, TokenKind.NUMBER)


def changes(code: Code) -> Iterator[Change]:
    """Every call of the source that may do less, or more."""
    for index in code.expressions.indexes():
        call = code.expressions.call(index)
        if call is not None and call.arguments:
            yield from _left_out(code, call)
            yield from _summed(code, call)
        level = code.expressions.levels[index]
        if (level in (SUM, PRODUCT) or code.words[index] == "||") and (whole := chain(code, index)):
            yield from _reaching(code, whole, level)
    for one in code.places.assignments:
        yield from _each_item(code, one)


def _is_own(code: Code, call: Call) -> bool:
    """Whether it is a routine of legacy's."""
    return code.words[call.name] not in KNOWN and code.tokens[call.name].kind is TokenKind.WORD


def _is_key(code: Code, span: Span) -> bool:
    """Whether a value is a whole number that somebody has declared: it rather says which one than how much."""
    name = code.normal(span)
    return code.types.get(name, "") in INTEGERS


def _treats(code: Code, call: Call | None) -> bool:
    """Whether a call makes something of a number that is a number still: it rounds, as far as one can tell."""
    if call is None or not call.arguments:
        return False
    own = _is_own(code, call) and len(call.arguments) == 1 and not _is_key(code, call.arguments[0])
    return (own or code.words[call.name] in _ROUNDINGS) and sort_of(code, call.arguments[0]) == "number"


def _left_out(code: Code, call: Call) -> Iterator[Change]:
    """What one of legacy's routines is given, in place of what it makes of that."""
    value, place = sort_of(code, call.arguments[0]), wanted(code, call.span)
    if (
        len(call.arguments) == 1
        and value
        and not _is_key(code, call.arguments[0])
        and _is_own(code, call)
        and place in (ANY, value)
    ):
        yield replace(Operator.CALL, call.span, *call.span, bracketed(code, call.arguments[0]))


def _summed(code: Code, call: Call) -> Iterator[Change]:
    """The sum rounded, where each item was, and each item where the sum was."""
    inner = code.expressions.call(call.arguments[0].first)
    if inner is None or inner.span != call.arguments[0] or not inner.arguments:
        return
    if code.words[call.name] == "sum" and _treats(code, inner):
        outer, item = inner, inner.arguments[0]
    elif code.words[inner.name] == "sum" and (
        code.words[call.name] in _ROUNDINGS or (_is_own(code, call) and len(call.arguments) == 1)
    ):
        outer, item = call, inner.arguments[0]
    else:
        return
    aggregate = call if outer is inner else inner
    name, function = (code.raw(Span(one.first, one.opening)) for one in (aggregate, outer))
    rest = code.raw(Span(outer.arguments[0].past, outer.closing))
    raw = code.raw(item)
    text = f"{function}({name}({raw}){rest})" if outer is inner else f"{name}({function}({raw}{rest}))"
    yield replace(Operator.CALL, call.span, *call.span, text)


def _reaching(code: Code, whole: Span, level: int) -> Iterator[Change]:
    """All that is put together given to a call that takes one part of it."""
    for part in operands(code, whole, level):
        call = code.expressions.call(part.first)
        if call is None or call.span != part or not call.arguments:
            continue
        of_text = len(call.arguments) == 1 and code.words[call.name] in _OF_TEXTS
        if of_text if level not in (SUM, PRODUCT) else _treats(code, call):
            yield _around(code, whole, call, level)


def _around(code: Code, whole: Span, call: Call, level: int) -> Change:
    argument = call.arguments[0]
    name = code.raw(Span(call.first, call.opening + 1))
    rest = code.raw(Span(argument.past, call.closing + 1))
    before, after = code.raw(Span(whole.first, call.first)), code.raw(Span(call.closing + 1, whole.past))
    inner = code.raw(argument) if level == SUM and not before else bracketed(code, argument)
    text = f"{name}{before}{' ' if before else ''}{inner}{' ' if after else ''}{after}{rest}"
    return replace(Operator.CALL, whole, *whole, text)


def _each_item(code: Code, one: Assignment) -> Iterator[Change]:
    """``v := v + f(x)`` for ``v := v + x``, where ``f(v)`` is made of the sum."""
    parts = operands(code, one.value, SUM)
    target = code.normal(one.target)
    if len(parts) != 2 or code.words[parts[0].past] != "+" or code.normal(parts[0]) != target:
        return
    if parts[1].past - parts[1].first == 1 and code.tokens[parts[1].first].kind in _MARKS:
        return
    for index in code.expressions.indexes():
        call = code.expressions.call(index)
        if _treats(code, call) and call is not None and code.normal(call.arguments[0]) == target:
            name = code.raw(Span(call.first, call.opening + 1))
            rest = code.raw(Span(call.arguments[0].past, call.closing + 1))
            edit = Edit(*parts[1], f"{name}{code.raw(parts[1])}{rest}")
            yield Change(Operator.CALL, Span(one.target.first, one.value.past), (edit,))
            return
