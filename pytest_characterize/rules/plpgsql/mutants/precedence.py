"""How tightly operators bind, which words end an operand, and what an operator or a call consists of."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, NamedTuple

from pytest_characterize.rules.plpgsql.lexer import keywords
from pytest_characterize.rules.plpgsql.tree import Span

OR, AND, NOT, IS, COMPARISON, RANGE, OTHER, SUM, PRODUCT, POWER, ZONE, CAST = range(1, 13)
"""How tightly operators bind."""

COMPARISONS: Final = frozenset(("<", ">", "=", "<=", ">=", "<>", "!="))

LEVELS: Final = (
    {"or": OR, "and": AND, "is": IS, "::": CAST, "^": POWER, "isnull": IS, "notnull": IS}
    | dict.fromkeys(COMPARISONS, COMPARISON)
    | dict.fromkeys(("*", "/", "%"), PRODUCT)
    | dict.fromkeys(("between", "in", "like", "ilike", "similar"), RANGE)
)
RANGES: Final = keywords("between in like ilike similar")
"""Operators that ``NOT`` may stand before."""

BOUNDARIES: Final = keywords(
    "select from where group having order limit offset union intersect except window fetch for into returning "
    "set values on using when then case by distinct as asc desc nulls rows range do update insert delete join left "
    "right full inner outer cross natural lateral strict with exists else end escape variadic reverse"
)
"""Keywords that no operand crosses; ``exists`` begins one."""

NO_OPERAND: Final = BOUNDARIES | keywords("and or not in like ilike similar between is any all some")
"""Keywords that do not end an operand."""

ALSO_FUNCTIONS: Final = keywords("left right exists range reverse")
"""Keywords that are functions before a bracket."""

AFTER_IS: Final = keywords("not null true false unknown distinct from document normalized")
"""What may be part of the operator ``IS``."""


class Call(NamedTuple):
    """A function and its arguments.

    Attributes:
        name: the token with its name, without schema.
        first: where its name begins, with schema.
        opening: the token ``(``.
        closing: the token ``)``.
    """

    name: int
    first: int
    opening: int
    closing: int
    arguments: tuple[Span, ...]

    @property
    def span(self) -> Span:
        """All of it."""
        return Span(self.first, self.closing + 1)


@dataclass(frozen=True, slots=True)
class Infix:
    """An operator with its operands; ``first`` to ``past`` is the operator itself, several words for ``NOT IN``."""

    first: int
    past: int
    left: Span
    right: Span

    @property
    def span(self) -> Span:
        """All of it."""
        return Span(self.left.first, self.right.past)
