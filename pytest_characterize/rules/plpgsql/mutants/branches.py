"""Arms that are never or always taken, arms with each other's statements, handlers that do not catch."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import Final

from pytest_characterize.rulemutants import Operator
from pytest_characterize.rules.plpgsql.expressions import CaseExpression
from pytest_characterize.rules.plpgsql.mutants.changes import Change, Edit, leave_out, replace
from pytest_characterize.rules.plpgsql.mutants.code import Code
from pytest_characterize.rules.plpgsql.mutants.endless import may_end_otherwise, may_leave
from pytest_characterize.rules.plpgsql.mutants.statements import is_effect
from pytest_characterize.rules.plpgsql.tree import Arm, Block, Case, If, Jump, Loop, Span

_NARROWER: Final = ("integrity_constraint_violation", "data_exception", "raise_exception")
"""Conditions that ``OTHERS`` may have been written for."""


def changes(code: Code) -> Iterator[Change]:
    """Every arm of the source, changed."""
    for statement in code.places.statements:
        match statement:
            case If():
                yield from _decision(code, statement.arms)
            case Case():
                yield from _case(code, statement)
            case Loop(verb="WHILE"):
                yield from _while(code, statement)
            case Jump():
                yield from _jump(code, statement)
            case Block():
                for handler in statement.handlers:
                    yield from _handler(code, handler)
    for case in code.expressions.cases:
        yield from _case_expression(code, case)


def _body(arm: Arm) -> Span:
    """The statements of an arm."""
    return Span(arm.opener + 1, arm.body[-1].span.past if arm.body else arm.opener + 1)


def _whole(arm: Arm) -> Span:
    return Span(arm.keyword, _body(arm).past)


def _comes_to(shown: Span, condition: Span, text: str) -> Change:
    return replace(Operator.BRANCH, shown, condition.first, condition.past, text)


# Decisions


def _decision(code: Code, arms: Sequence[Arm]) -> Iterator[Change]:
    for arm in arms:
        if arm.condition is None:
            yield from _otherwise(arm)
            continue
        shown = Span(arm.keyword, arm.opener + 1)
        lone = len(arm.body) == 1 and is_effect(code, arm.body[0])
        if not (arm is arms[-1] and lone):
            yield _comes_to(shown, arm.condition, "FALSE")
        yield _comes_to(shown, arm.condition, "TRUE")
    for one, other in pairwise(arms):
        yield from _exchanged(code, one, other)
        if other.condition is not None and not _exclude(code, one, other):
            yield _reordered(code, one, other)
    for number, arm in enumerate(arms[2:], 2):
        if arm.condition is not None and not any(_exclude(code, one, arm) for one in arms[:number]):
            yield _asked_first(code, arms[: number + 1])


def _otherwise(arm: Arm) -> Iterator[Change]:
    """``ELSE`` without its statements."""
    if arm.body:
        yield leave_out(Operator.BRANCH, _whole(arm), *_body(arm))


def _exchanged(code: Code, one: Arm, other: Arm) -> Iterator[Change]:
    """Each arm with the other one's statements."""
    if one.body and other.body:
        shown = Span(one.keyword, _body(other).past)
        first, second = _body(one), _body(other)
        edits = (Edit(*first, code.raw(second)), Edit(*second, code.raw(first)))
        yield Change(Operator.SWAP, shown, edits)


def _reordered(code: Code, one: Arm, other: Arm) -> Change:
    """The second condition asked before the first one."""
    first, second = Span(one.keyword + 1, _body(one).past), Span(other.keyword + 1, _body(other).past)
    edits = (Edit(*first, code.raw(second)), Edit(*second, code.raw(first)))
    return Change(Operator.SWAP, Span(one.keyword, second.past), edits)


def _asked_first(code: Code, arms: Sequence[Arm]) -> Change:
    """The last one's condition asked before all others."""
    spans = [Span(arm.keyword + 1, _body(arm).past) for arm in arms]
    edits = tuple(
        Edit(*span, code.raw(other)) for span, other in zip(spans, [spans[-1], *spans[:-1]], strict=True)
    )
    return Change(Operator.SWAP, Span(arms[0].keyword, spans[-1].past), edits)


def _exclude(code: Code, one: Arm, other: Arm) -> bool:
    """Whether two conditions compare one thing with two literals, so that their order does not matter."""
    sides = [_equality(code, arm.condition) for arm in (one, other) if arm.condition]
    return len(sides) == 2 and bool(sides[0]) and sides[0] == sides[1]


def _equality(code: Code, span: Span) -> str:
    if span.past - span.first < 3 or code.words[span.past - 2] != "=":
        return ""
    infix = code.expressions.infix(span.past - 2) if code.expressions.levels[span.past - 2] else None
    literal = code.sort(Span(span.past - 1, span.past)) and not code.words[span.past - 1]
    return code.normal(infix.left) if infix and literal and infix.span == span else ""


def _case(code: Code, statement: Case) -> Iterator[Change]:
    if statement.subject is None:
        yield from _decision(code, statement.arms)
        return
    whens = [arm for arm in statement.arms if arm.condition is not None]
    for arm in statement.arms:
        if arm.condition is None:
            yield from _otherwise(arm)
        elif len(whens) > 1:
            yield leave_out(Operator.BRANCH, _whole(arm), *_whole(arm))
    for one, other in pairwise(statement.arms):
        yield from _exchanged(code, one, other)


# Loops


def _while(code: Code, loop: Loop) -> Iterator[Change]:
    shown = Span(loop.keyword, loop.opener + 1)
    yield _comes_to(shown, loop.header, "FALSE")
    if may_leave(code, loop):
        yield _comes_to(shown, loop.header, "TRUE")


def _jump(code: Code, jump: Jump) -> Iterator[Change]:
    if jump.condition is None:
        return
    shown = Span(jump.span.first, jump.span.past - 1)
    if jump.verb == "CONTINUE" or may_end_otherwise(code, jump):
        yield _comes_to(shown, jump.condition, "FALSE")
    yield _comes_to(shown, jump.condition, "TRUE")


# Handlers


def _handler(code: Code, handler: Arm) -> Iterator[Change]:
    assert handler.condition is not None
    body = _body(handler)
    yield replace(Operator.BRANCH, _whole(handler), *body, "RAISE;")
    shown = Span(handler.keyword, handler.opener + 1)
    words = [code.tokens[index].word for index in range(*handler.condition)]
    if words == ["others"]:
        for narrower in _NARROWER:
            yield _comes_to(shown, handler.condition, narrower)
    elif words[1::2] == ["or"] * (len(words) // 2):
        for index in range(handler.condition.first, handler.condition.past, 2):
            yield _comes_to(shown, handler.condition, code.tokens[index].text)


# CASE expressions


def _case_expression(code: Code, case: CaseExpression) -> Iterator[Change]:
    shown = Span(case.first, case.last + 1)
    ends = [when for when, _ in case.whens[1:]]
    last = case.otherwise if case.otherwise is not None else case.last
    results = [
        Span(condition.past + 1, end) for (_, condition), end in zip(case.whens, [*ends, last], strict=True)
    ]
    for (when, condition), result in zip(case.whens, results, strict=True):
        if case.subject is None:
            arm = Span(when, condition.past)
            yield _comes_to(arm, condition, "FALSE")
            yield _comes_to(arm, condition, "TRUE")
        elif len(case.whens) > 1:
            yield leave_out(Operator.BRANCH, shown, when, result.past)
    if case.otherwise is not None:
        results.append(Span(case.otherwise + 1, case.last))
        if code.normal(results[-1]) != "null":
            yield leave_out(Operator.BRANCH, shown, case.otherwise, case.last)
    for one, other in pairwise(results):
        edits = (Edit(*one, code.raw(other)), Edit(*other, code.raw(one)))
        yield Change(Operator.SWAP, shown, edits)
