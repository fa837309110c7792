"""Changes that would only make a loop endless, as far as its text tells; they say nothing and take long."""

from __future__ import annotations

from pytest_characterize.rules.plpgsql.mutants.code import Code
from pytest_characterize.rules.plpgsql.tree import Jump, Loop, Return, Simple, Span


def innermost_loop(code: Code, span: Span) -> Loop | None:
    """The loop that a statement is in."""
    found = [loop for loop in code.places.loops if loop.opener < span.first and span.past < loop.span.past]
    return found[-1] if found else None


def may_leave(code: Code, loop: Loop, *, but: Jump | None = None) -> bool:
    """Whether something in a loop may leave it: ``EXIT``, ``RETURN``, or an exception."""
    for statement in code.places.statements:
        if not (loop.opener < statement.span.first and statement.span.past < loop.span.past):
            continue
        match statement:
            case Jump(verb="EXIT") if statement is not but:
                return True
            case Return():
                return True
            case Simple() if code.words[statement.span.first] == "raise":
                return True
    return False


def may_end_otherwise(code: Code, jump: Jump) -> bool:
    """Whether the loop of an ``EXIT`` ends without it."""
    loop = innermost_loop(code, jump.span)
    return loop is None or loop.verb != "LOOP" or may_leave(code, loop, but=jump)


def drives_a_loop(code: Code, span: Span, target: Span) -> bool:
    """Whether an assignment is the only one in a loop to something that ends it."""
    loop = innermost_loop(code, span)
    if loop is None or loop.verb not in ("WHILE", "LOOP"):
        return False
    name = code.normal(target)
    within = Span(loop.opener + 1, loop.span.past - 1)
    elsewhere = [
        one
        for one in code.places.assignments
        if within.first <= one.target.first < within.past and code.normal(one.target) == name
    ]
    deciding = (
        [loop.header]
        if loop.verb == "WHILE"
        else [one.span for one in code.places.conditions if within.first <= one.span.first < within.past]
    )
    decides = any(name in f" {code.normal(one)} " for one in deciding)
    return decides and len(elsewhere) == 1
