"""Statements, effects and single columns of them left out."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from pytest_characterize.rulemutants import Operator
from pytest_characterize.rules.plpgsql.lexer import keywords
from pytest_characterize.rules.plpgsql.mutants.changes import Change, leave_out, replace
from pytest_characterize.rules.plpgsql.mutants.code import Code
from pytest_characterize.rules.plpgsql.mutants.endless import drives_a_loop, may_end_otherwise
from pytest_characterize.rules.plpgsql.mutants.places import after_label
from pytest_characterize.rules.plpgsql.tree import Counted, Jump, Return, Simple, Span, Statement

_NEEDED: Final = keywords("null open close fetch move")
"""Statements that do nothing, or without which a cursor is in no state to go on."""

_LEVELS: Final = keywords("debug log info notice warning")
_ANSWERS: Final = 3
"""An error is answered in so many ways."""

_SHORT_ANSWER: Final = 4
"""Answers of so few words, ``RETURN 'OK';``, do not depend on what led to them."""

_SET_ENDS: Final = keywords("from where returning when set do")


def changes(code: Code) -> Iterator[Change]:
    """Every statement of the source left out, or a part of it."""
    for statement in code.places.statements:
        if is_effect(code, statement):
            yield leave_out(Operator.STATEMENT, statement.span, *statement.span)
            yield from _other_errors(code, statement)
        elif isinstance(statement, Return):
            yield from _return(code, statement)
    for query in code.places.queries:
        yield from _set_lists(code, query)
        yield from _insert(code, query)


def is_effect(code: Code, statement: Statement) -> bool:
    """Whether a statement can be left out so that something goes on without it."""
    match statement:
        case Counted():
            return code.words[after_label(code.tokens, statement.span.first)] not in _NEEDED
        case Simple():
            if code.words[after_label(code.tokens, statement.span.first)] in _NEEDED:
                return False
            return not any(
                one.statement == statement.span and drives_a_loop(code, one.statement, one.target)
                for one in code.places.assignments
            )
        case Jump(condition=None):
            return statement.verb == "CONTINUE" or may_end_otherwise(code, statement)
        case _:
            return False


def _other_errors(code: Code, statement: Statement) -> Iterator[Change]:
    """An exception without its options, and ``RETURN`` of what the routine returns elsewhere in its place."""
    first = after_label(code.tokens, statement.span.first)
    if code.words[first] != "raise" or code.words[first + 1] in _LEVELS:
        return
    words = code.words[first : statement.span.past - 1]
    if "using" in words and words.index("using") > 2:
        using = first + words.index("using")
        yield leave_out(Operator.STATEMENT, statement.span, using, statement.span.past - 1)
    answers = [one.span for one in code.places.statements if isinstance(one, Return)]
    texts = (code.line(span) for span in answers if span.past - span.first <= _SHORT_ANSWER)
    for text in list(dict.fromkeys(texts))[:_ANSWERS]:
        yield replace(Operator.STATEMENT, statement.span, first, statement.span.past, text)


def _return(code: Code, statement: Return) -> Iterator[Change]:
    """``RETURN`` of nothing in place of a value; a bare ``RETURN`` left out."""
    first = after_label(code.tokens, statement.span.first)
    value = Span(first + 1, statement.span.past - 1)
    if value.first == value.past:
        yield leave_out(Operator.STATEMENT, statement.span, *statement.span)
    elif code.normal(value) != "null":
        yield replace(Operator.STATEMENT, Span(first, value.past), *value, "NULL")


def _set_lists(code: Code, query: Span) -> Iterator[Change]:
    """One assignment of ``UPDATE ... SET a = 1, b = 2`` left out."""
    for index in range(*query):
        if code.words[index] != "set" or not code.expressions.is_word(index):
            continue
        past = code.expressions.clause_end(index + 1, _SET_ENDS)
        items = code.expressions.listed(index + 1, past)
        if len(items) < 2:
            continue
        for number, item in enumerate(items):
            first = item.first if number == 0 else item.first - 1
            yield leave_out(
                Operator.STATEMENT, Span(index, past), first, item.past + 1 if number == 0 else item.past
            )


def _insert(code: Code, query: Span) -> Iterator[Change]:
    """One column of ``INSERT INTO t (a, b) VALUES (1, 2)`` left out, so that it gets its default."""
    words = code.words
    for index in range(*query):
        if words[index] != "insert" or not code.expressions.is_word(index):
            continue
        opening = next((at for at in range(index, query.past) if code.tokens[at].word == "("), -1)
        closing = code.expressions.partner.get(opening, -1)
        if closing < 0 or words[closing + 1] != "values" or words[closing + 2] != "(":
            continue
        columns, values = code.expressions.items(opening), code.expressions.items(closing + 2)
        past = code.expressions.partner[closing + 2] + 1
        if len(columns) != len(values) or len(columns) < 2 or words[past : past + 1] == [","]:
            continue
        for number, (column, value) in enumerate(zip(columns, values, strict=True)):
            edits = tuple(
                edit for span in (column, value) for edit in leave_out_of_list(span, number == 0).edits
            )
            yield Change(Operator.STATEMENT, Span(index, past), edits)


def leave_out_of_list(item: Span, first: bool) -> Change:
    """An item of a list with the comma before it, or behind it if it is the first one."""
    return leave_out(
        Operator.STATEMENT,
        item,
        item.first if first else item.first - 1,
        item.past + 1 if first else item.past,
    )
