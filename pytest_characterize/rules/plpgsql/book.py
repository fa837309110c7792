"""Keeps the catalogue of one routine while it is instrumented, and writes the code of its probes."""

from __future__ import annotations

import zlib
from collections.abc import Sequence
from typing import Final

from pytest_characterize.rules.catalogue import Depth, Rule
from pytest_characterize.rules.ledger import Ledger, point
from pytest_characterize.rules.plpgsql.guards import WIDTH, Flag, Guard, declarations
from pytest_characterize.rules.plpgsql.helpers import NAMED, NOTHING, SEEN
from pytest_characterize.rules.plpgsql.lexer import Token
from pytest_characterize.rules.plpgsql.text import Pair, outcome, reporting, taken
from pytest_characterize.rules.plpgsql.tree import Span

FIRST_FLAG: Final = 10_000
"""Flags and the guards that share their array are numbered apart."""


class Book(Ledger):
    """What is known of one routine, and where its probes go.

    Args:
        routine: the name that the rules bear.
        body: the text between the dollar quotes.
        offset: where it begins in the definition.
    """

    def __init__(self, routine: str, body: str, offset: int, tokens: Sequence[Token], depth: Depth) -> None:
        super().__init__(routine, body, offset, tokens)
        self.depth = depth
        self.calls = False
        self._scope = f"pc.h{zlib.crc32(self.encoded.encode()):08x}."
        self._guards = 0
        self._flags = FIRST_FLAG

    # The code of probes

    def flag(self) -> Flag:
        """A fresh flag."""
        self._flags += 1
        return Flag(self._flags)

    def report(self, rules: Sequence[Rule], *, repeated: bool) -> str:
        """Code that reports rules; ``repeated`` says that it may run more than once in a call."""
        code = reporting(self.encoded, [point(rule) for rule in rules])
        if self.depth.every or (self._guards >= WIDTH and not repeated):
            return code
        self.calls = True
        self._guards += 1
        return Guard(self._guards - 1, f"{self._scope}{SEEN}").once(code)

    @property
    def declarations(self) -> str:
        """The variables that the code needs."""
        return declarations(f"{self._scope}{SEEN}" if self._guards else "")

    def outcome(self, span: Span, holds: Rule | None, fails: Rule | None) -> None:
        """Report how a condition comes out, wherever it stands."""
        pair = self.outcome_pair(holds, fails)
        self.around(span, pair, [rule for rule in (holds, fails) if rule])

    def outcome_pair(self, holds: Rule | None, fails: Rule | None) -> Pair:
        """What must stand around a condition to report how it comes out."""
        self.calls = True
        function = "each" if self.depth.every else "if"
        return outcome(function, self.encoded, self._memory(holds), self._memory(fails))

    def taken(self, span: Span, rule: Rule) -> None:
        """Report when the condition of a jump holds."""
        self.calls = True
        function = "now" if self.depth.every else "at"
        self.around(span, taken(function, self.encoded, self._memory(rule)), [rule])

    def _memory(self, rule: Rule | None) -> str:
        """The setting that remembers that a rule has been reported; it ends in the rule's place."""
        return f"{self._scope}{NAMED}{point(rule)}" if rule else f"{self._scope}{NOTHING}"
