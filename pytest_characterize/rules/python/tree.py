"""The statements of a module as a tree; expressions stay spans of tokens."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

from pytest_characterize.rules.python.source import Span


@dataclass(frozen=True, slots=True)
class Suite:
    """What stands under a header.

    Attributes:
        past: the token behind its last one.
        end: offset behind the line break of its last line.
    """

    statements: tuple[Statement, ...]
    past: int
    end: int


@dataclass(frozen=True, slots=True)
class Simple:
    """A statement on one logical line, without its ``;``."""

    span: Span


@dataclass(frozen=True, slots=True)
class Opaque:
    """A compound statement that is not known, with all that stands under it."""

    span: Span


@dataclass(frozen=True, slots=True)
class Arm:
    """A header with its suite.

    Attributes:
        keyword: its first token.
        header: what stands between its keyword and its colon; empty for ``else``.
    """

    keyword: int
    header: Span
    suite: Suite


@dataclass(frozen=True, slots=True)
class If:
    """``if`` with its ``elif`` arms.

    Attributes:
        otherwise: the written ``else``.
    """

    arms: tuple[Arm, ...]
    otherwise: Arm | None


@dataclass(frozen=True, slots=True)
class Loop:
    """``for``, ``async for`` or ``while``.

    Attributes:
        first: its first token, which may be ``async``.
        verb: ``for`` or ``while``.
    """

    first: int
    verb: str
    body: Arm
    otherwise: Arm | None


@dataclass(frozen=True, slots=True)
class Try:
    """``try`` with what belongs to it."""

    body: Arm
    handlers: tuple[Arm, ...]
    otherwise: Arm | None
    final: Arm | None


@dataclass(frozen=True, slots=True)
class With:
    """``with`` or ``async with``; ``first`` is its first token."""

    first: int
    body: Arm


@dataclass(frozen=True, slots=True)
class Match:
    """``match``; the headers of its cases hold pattern and guard."""

    keyword: int
    subject: Span
    cases: tuple[Arm, ...]


@dataclass(frozen=True, slots=True)
class Definition:
    """A function or class.

    Attributes:
        decorators: what stands behind each ``@``.
        first: ``async``, ``def`` or ``class``.
        verb: ``def`` or ``class``.
        name: its name.
        body: its header is what stands between the name and the colon.
    """

    decorators: tuple[Span, ...]
    first: int
    verb: str
    name: str
    body: Arm


Statement: TypeAlias = Simple | Opaque | If | Loop | Try | With | Match | Definition


def first_token(statement: Statement) -> int:
    """The token that a statement begins with."""
    match statement:
        case Simple(span) | Opaque(span):
            return span.first
        case If(arms):
            return arms[0].keyword
        case Loop(first):
            return first
        case Match(keyword):
            return keyword
        case Try(body):
            return body.keyword
        case With(first):
            return first
        case Definition(decorators, first):
            return decorators[0].first - 1 if decorators else first
