"""What stands in for a missing value, left out or changed."""

from __future__ import annotations

from collections.abc import Iterator

from pytest_characterize.rulemutants import Operator
from pytest_characterize.rules.plpgsql.lexer import TokenKind
from pytest_characterize.rules.plpgsql.mutants.changes import Change, leave_out, replace
from pytest_characterize.rules.plpgsql.mutants.code import Code, bracketed
from pytest_characterize.rules.plpgsql.mutants.constants import neighbours
from pytest_characterize.rules.plpgsql.mutants.precedence import Call
from pytest_characterize.rules.plpgsql.tree import Span


def changes(code: Code) -> Iterator[Change]:
    """``COALESCE`` without its default, ``NULLIF`` without its null, variables without their initial value."""
    for index in code.expressions.indexes():
        if code.words[index] not in ("coalesce", "nullif"):
            continue
        call = code.expressions.call(index)
        if call is None or len(call.arguments) < 2:
            continue
        if len(call.arguments) == 2:
            yield replace(Operator.DEFAULT, call.span, *call.span, bracketed(code, call.arguments[0]))
            yield from _also_empty(code, call, code.words[index])
        else:
            last = call.arguments[-1]
            yield leave_out(Operator.DEFAULT, call.span, last.first - 1, last.past)
    for one in code.places.declarations:
        if one.operator > 0 and not one.fixed and code.normal(one.value) != "null":
            yield leave_out(Operator.DEFAULT, one.span, one.operator, one.value.past)


def _also_empty(code: Code, call: Call, word: str) -> Iterator[Change]:
    """The default also in place of an empty text."""
    value, default = call.arguments
    words = code.words[value.first : value.past]
    textual = default.past == default.first + 1 and code.tokens[default.first].kind is TokenKind.STRING
    if (
        word != "coalesce"
        or not textual
        or code.line(default) == "''"
        or code.sort(value) not in ("", "text")
    ):
        return
    if words[0] not in ("nullif", "case") and "||" not in words:
        yield replace(Operator.DEFAULT, call.span, *value, f"nullif({code.raw(value)}, '')")


def parameters(code: Code) -> Iterator[Change]:
    """Other defaults of parameters; a default cannot be taken away from a routine that has one."""
    for one in code.places.declarations:
        if one.operator < 0 or one.value.first >= one.value.past:
            continue
        for text in (*_others(code, one.value), "NULL"):
            yield replace(Operator.DEFAULT, one.span, *one.value, text)


def _others(code: Code, value: Span) -> Iterator[str]:
    """Literals that are near to a default that is one."""
    token = code.tokens[value.first]
    if value.past - value.first > 1 and code.words[value.first + 1] != "::":
        return
    rest = code.raw(Span(value.first + 1, value.past))
    if token.kind is TokenKind.NUMBER:
        for other in neighbours(token.text):
            yield f"{f'({other})' if rest else other}{rest}"
    elif token.kind is TokenKind.STRING and rest in ("", "::text", "::character varying"):
        yield f"''{rest}"
    elif token.word in ("true", "false"):
        yield "FALSE" if token.word == "true" else "TRUE"
