"""The statements of a PL/pgSQL body as a tree; expressions and SQL stay spans of tokens."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Literal, NamedTuple, TypeAlias


class Span(NamedTuple):
    """Tokens ``first`` up to, not including, ``past``, as indexes into the body's tokens."""

    first: int
    past: int


@dataclass(frozen=True, slots=True)
class Simple:
    """A statement that decides nothing by itself.

    Attributes:
        span: the whole statement with its ``;``.
        searchable: whether it is PL/pgSQL or a query, so that functions may be called in it; not so
            for utility statements such as ``CREATE``.
    """

    span: Span
    searchable: bool = True


@dataclass(frozen=True, slots=True)
class Counted:
    """A statement that reports how many rows it matched, and may match none.

    Attributes:
        verb: its first words in capitals: ``UPDATE``, ``SELECT INTO``, ``RETURN QUERY``, ...
        sets_found: whether it sets the variable ``FOUND`` (``EXECUTE`` does not).
    """

    span: Span
    verb: str
    sets_found: bool = True


@dataclass(frozen=True, slots=True)
class Return:
    """``RETURN``, with or without a value."""

    span: Span


@dataclass(frozen=True, slots=True)
class Jump:
    """``EXIT`` or ``CONTINUE``; ``condition`` is what stands after ``WHEN``."""

    span: Span
    verb: Literal["EXIT", "CONTINUE"]
    condition: Span | None


@dataclass(frozen=True, slots=True)
class Arm:
    """Statements under a condition.

    Attributes:
        keyword: the token that begins the arm: ``IF``, ``ELSIF``, ``WHEN``, ``ELSE``.
        condition: ``None`` for ``ELSE``.
        opener: the token after which the statements begin: ``THEN`` or ``ELSE``.
    """

    keyword: int
    condition: Span | None
    opener: int
    body: tuple[Statement, ...]


@dataclass(frozen=True, slots=True)
class If:
    """``IF``: its arms in order, ``ELSE`` last if there is one; ``end`` is the token ``END``."""

    span: Span
    arms: tuple[Arm, ...]
    end: int


@dataclass(frozen=True, slots=True)
class Case:
    """The statement ``CASE``; ``subject`` is the expression that a simple one compares."""

    span: Span
    subject: Span | None
    arms: tuple[Arm, ...]
    end: int


@dataclass(frozen=True, slots=True)
class Loop:
    """``LOOP``, ``WHILE``, ``FOR``, ``FOREACH``, or MariaDB's ``REPEAT``.

    Attributes:
        keyword: the token that says which.
        header: what stands between it and ``LOOP``.
        opener: the token ``LOOP``.
    """

    span: Span
    verb: Literal["LOOP", "WHILE", "FOR", "FOREACH", "REPEAT"]
    keyword: int
    header: Span
    opener: int
    body: tuple[Statement, ...]


@dataclass(frozen=True, slots=True)
class Block:
    """``[DECLARE ...] BEGIN ... [EXCEPTION ...] END``.

    Attributes:
        declarations: the tokens after ``DECLARE``, empty where there is none.
        declares: whether there is a ``DECLARE``.
        begin: the token ``BEGIN``.
        handlers: arms whose condition is a list of error conditions.
    """

    span: Span
    declares: bool
    declarations: Span
    begin: int
    body: tuple[Statement, ...]
    handlers: tuple[Arm, ...] = field(default=())


Statement: TypeAlias = Simple | Counted | Return | Jump | If | Case | Loop | Block
Statements: TypeAlias = Sequence[Statement]
