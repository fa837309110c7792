"""What MariaDB's statements have besides those of PL/pgSQL, whose tree serves here too."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from pytest_characterize.rules.plpgsql.tree import Arm, Loop, Span


@dataclass(frozen=True, slots=True)
class Handler(Arm):
    """``DECLARE ... HANDLER FOR condition statement``: the keyword is ``DECLARE``, the opener ends the condition.

    Attributes:
        action: what happens when its statement is done.
        block: whether its statement is ``BEGIN ... END``, which has a place for a probe.
    """

    action: Literal["continue", "exit", "undo"]
    block: bool


@dataclass(frozen=True, slots=True)
class Repeat(Loop):
    """``REPEAT ... UNTIL condition END REPEAT``: runs at least once.

    Attributes:
        until: the condition that ends it.
    """

    until: Span
