"""Keeps the catalogue of one routine of MariaDB while it is instrumented, and writes the code of its probes.

A probe counts in a user variable of the session, which no rollback and no error takes back. It counts within the
condition of an ``IF``, which touches neither ``ROW_COUNT()`` nor the diagnostics area, as ``SET`` and ``DO`` would. The
condition compares with ``< 0``: the server works out ``IS NULL`` once and for all, without evaluating it.
"""

from __future__ import annotations

import zlib
from collections.abc import Sequence

from pytest_characterize.rules.catalogue import Rule
from pytest_characterize.rules.ledger import Ledger, point
from pytest_characterize.rules.plpgsql.lexer import Token
from pytest_characterize.rules.plpgsql.text import MARK, Pair
from pytest_characterize.rules.plpgsql.tree import Span


class Book(Ledger):
    """What is known of one routine, and where its counters go.

    Args:
        routine: the name that the rules bear.
        body: the text from ``CREATE`` on.
        offset: where that begins in the kept source.
    """

    def __init__(self, routine: str, body: str, offset: int, tokens: Sequence[Token]) -> None:
        super().__init__(routine, body, offset, tokens)
        self._scope = f"{MARK}:{zlib.crc32(self.encoded.encode()):08x}"
        self._flags = 0

    def flag(self) -> str:
        """A fresh variable of this routine's own."""
        self._flags += 1
        return self.cell(f"f{self._flags}")

    def cell(self, name: str) -> str:
        """A variable of this routine's own; servers take no names of more than 64 characters."""
        return f"@`{self._scope}:{name}`"

    def hit(self, rule: Rule) -> str:
        """A condition that is false, and counts; behind the variable stands what it counts."""
        cell = self.cell(point(rule))
        return f"({cell}/*{MARK}:{rule.id}*/:=ifnull({cell},0)+1)<0"

    def report(self, rules: Sequence[Rule], *more: str) -> str:
        """A statement that counts rules, and evaluates further conditions that are false."""
        return evaluated(*map(self.hit, rules), *more)

    def outcome(self, span: Span, holds: Rule | None, fails: Rule | None) -> None:
        """Count how a condition comes out, wherever it stands."""
        opening, closing = "(", ")"
        if holds:
            opening, closing = f"({opening}", f"{closing} AND NOT({self.hit(holds)}))"
        if fails:
            closing += f" OR {self.hit(fails)}"
        self.around(span, Pair(f"({opening}", f"{closing})"), [rule for rule in (holds, fails) if rule])

    def value(self, span: Span, rule: Rule) -> None:
        """Count each evaluation of an expression that is an arm of another one."""
        self.around(span, Pair(f"IF({self.hit(rule)},NULL,", ")"), [rule])


def evaluated(*conditions: str) -> str:
    """A statement that evaluates conditions, all of them false.

    >>> evaluated("(@a:=1)<0")
    'IF (@a:=1)<0 THEN BEGIN END;END IF;'
    """
    return f"IF {' OR '.join(conditions)} THEN BEGIN END;END IF;"


def assigned(cell: str, value: int) -> str:
    """A condition that is false, and sets a variable to a number that is not negative."""
    return f"({cell}:={value})<0"
