"""Texts that are not trimmed, padded, cut or put together."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from pytest_characterize.rulemutants import Operator
from pytest_characterize.rules.plpgsql.lexer import keywords
from pytest_characterize.rules.plpgsql.mutants.arithmetic import operands_left_out
from pytest_characterize.rules.plpgsql.mutants.changes import Change, replace
from pytest_characterize.rules.plpgsql.mutants.code import Code, bracketed
from pytest_characterize.rules.plpgsql.mutants.precedence import Call
from pytest_characterize.rules.plpgsql.tree import Span

_FUNCTIONS: Final = keywords(
    "trim btrim ltrim rtrim upper lower initcap lpad rpad replace translate substr substring left right "
    "regexp_replace"
)
_OTHERS: Final = {
    "upper": "lower",
    "lower": "upper",
    "lpad": "rpad",
    "rpad": "lpad",
    "left": "right",
    "right": "left",
}
_SIDES: Final = keywords("both leading trailing")


def changes(code: Code) -> Iterator[Change]:
    """Every function of texts left out, every part of a text that is put together."""
    for index in code.expressions.indexes():
        word = code.words[index]
        if word == "||" and code.expressions.levels[index]:
            yield from operands_left_out(code, code.expressions.infix(index), Operator.TEXT)
        elif word in _FUNCTIONS and (call := code.expressions.call(index)) and call.arguments:
            value = _value(code, call)
            if value.first < value.past:
                yield replace(Operator.TEXT, call.span, *call.span, bracketed(code, value))
            if word in _OTHERS:
                yield replace(Operator.TEXT, call.span, index, index + 1, _OTHERS[word])


def _value(code: Code, call: Call) -> Span:
    """The text that a function is given."""
    first = call.arguments[0]
    words = code.words[first.first : first.past]
    if "from" not in words:
        return first
    at = first.first + words.index("from")
    if code.words[call.name] == "trim" or words[0] in _SIDES:
        return Span(at + 1, first.past)
    return Span(first.first, at)
