"""What a function knows before it comes to a place: names that are bound by then, and texts that it compares with."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final

from pytest_characterize.rules.catalogue import Rule
from pytest_characterize.rules.python.lexer import Kind
from pytest_characterize.rules.python.mutants.literals import content_of
from pytest_characterize.rules.python.source import Source, Span
from pytest_characterize.rules.python.tree import (
    Arm,
    Definition,
    If,
    Loop,
    Match,
    Opaque,
    Simple,
    Statement,
    Try,
    With,
)

ASSIGNING: Final = frozenset(
    {"+=", "-=", "*=", "/=", "//=", "%=", "@=", "&=", "|=", "^=", ">>=", "<<=", "**="}
)
_COMPARING: Final = frozenset({"==", "!=", "<>"})


_HELD_OPEN: Final = frozenset({"yield", "await"})
"""Words of functions that one case may begin and another one go on with."""


def entered(source: Source, arms: Mapping[tuple[int, str], Rule], definition: Definition) -> tuple[str, ...]:
    """The rule that every case hits that gets into a function; none where a case may go on with another one's.

    Args:
        arms: (token, arm) -> rule, of the module's rules.
    """
    body = definition.body
    words = {source.word(index) for index in range(body.keyword, body.suite.past)}
    rule = arms.get((body.keyword, "entered"))
    return () if rule is None or words & _HELD_OPEN else (rule.id,)


def parts_of_assignment(source: Source, span: Span) -> tuple[list[Span], int | None, Span]:
    """The targets of a statement, the token of its last ``=`` or ``+=``, and what is assigned.

    A statement that assigns nothing is all value.
    """
    first, targets, mark = span.first, [], None
    index = span.first
    while index < span.past and source.word(index) != "lambda":
        word = source.word(index)
        if word == "=" or word in ASSIGNING:
            targets.append(Span(first, index))
            first, mark = index + 1, index
        elif word == ":" and not targets:
            targets.append(Span(first, index))
            first = span.past  # an annotation is no value
        index = source.partner.get(index, index) + 1
    return targets, mark, Span(min(first, span.past), span.past)


def names_in(source: Source, span: Span) -> list[str]:
    """The names that a target binds; things that it only changes are none."""
    return [
        source.word(index)
        for index in range(*span)
        if source.kind(index) is Kind.NAME
        and source.word(index + 1) not in (".", "[", "(")
        and source.word(index - 1) != "."
    ]


def first_bound(source: Source, definition: Definition) -> dict[str, int]:
    """Name -> token where a function binds it first."""
    found: dict[str, int] = {}
    header = definition.body.header
    for name in names_in(source, header):
        found.setdefault(name, header.first)
    for name, token in _bound(source, definition.body.suite.statements):
        found[name] = min(token, found.get(name, token))
    return found


def _bound(source: Source, statements: tuple[Statement, ...]) -> Iterator[tuple[str, int]]:
    for statement in statements:
        match statement:
            case Simple(span):
                targets, _, _ = parts_of_assignment(source, span)
                if source.word(span.first) in ("global", "nonlocal", "import", "from"):
                    targets = [span]
                yield from ((name, span.first) for one in targets for name in names_in(source, one))
            case Definition(_, first, _, name):
                yield name, first
            case Opaque():
                continue
            case If() | Loop() | Try() | With() | Match():
                for arm in arms_of(statement):
                    yield from ((name, arm.keyword) for name in names_in(source, arm.header))
                    yield from _bound(source, arm.suite.statements)


def arms_of(statement: If | Loop | Try | With | Match) -> tuple[Arm, ...]:
    """All headers with suites that a compound statement has, in the order of the source."""
    some: list[Arm | None]
    match statement:
        case If(arms, otherwise):
            some = [*arms, otherwise]
        case Loop(_, _, body, otherwise):
            some = [body, otherwise]
        case Try(body, handlers, otherwise, final):
            some = [body, *handlers, otherwise, final]
        case With(_, body):
            some = [body]
        case Match(_, _, cases):
            some = [*cases]
    return tuple(arm for arm in some if arm is not None)


def compared_texts(source: Source, span: Span) -> tuple[str, ...]:
    """The texts that stand beside ``==``, or in the bracket behind ``in``, each once."""
    found = []
    for index in range(*span):
        if source.kind(index) is not Kind.STRING:
            continue
        beside = {source.word(index - 1), source.word(index + 1)} & _COMPARING
        if beside or source.word(_opener(source, index) - 1) == "in" or source.word(index - 1) == "case":
            found.append(content_of(source.word(index)))
    return tuple(dict.fromkeys(text for text in found if text))


def returned_texts(source: Source, span: Span) -> tuple[str, ...]:
    """The texts that a function returns as they are written there, each once."""
    found = [
        content_of(source.word(index))
        for index in range(*span)
        if source.kind(index) is Kind.STRING
        and source.word(index - 1) == "return"
        and source.kind(index + 1) is Kind.NEWLINE
    ]
    return tuple(dict.fromkeys(text for text in found if text is not None))


def returned_numbers(source: Source, span: Span) -> tuple[int, ...]:
    """The tokens of numbers that a function returns as they are written there."""
    return tuple(
        index
        for index in range(*span)
        if source.kind(index) is Kind.NUMBER
        and source.word(index - 1) == "return"
        and source.kind(index + 1) is Kind.NEWLINE
    )


def _opener(source: Source, index: int) -> int:
    """The bracket around a text that stands among others in it; 0 for any other text."""
    while source.kind(index) is Kind.STRING or source.word(index) == ",":
        index -= 1
    return index if source.word(index) in ("(", "[", "{") else 0
