"""Keeps the catalogue of one routine while it is instrumented: ids, rules, probes, what is unknown."""

from __future__ import annotations

import zlib
from bisect import bisect_right
from collections import Counter
from collections.abc import Sequence
from typing import Final
from urllib.parse import quote

from pytest_characterize.rules.catalogue import Cause, Depth, Probe, Rule, RuleKind, Unknown
from pytest_characterize.rules.plpgsql.expressions import source_of
from pytest_characterize.rules.plpgsql.guards import WIDTH, Flag, Guard, declarations
from pytest_characterize.rules.plpgsql.helpers import NAMED, NOTHING, SEEN
from pytest_characterize.rules.plpgsql.lexer import Token
from pytest_characterize.rules.plpgsql.text import (
    Insertions,
    Pair,
    outcome,
    reporting,
    statement,
    taken,
)
from pytest_characterize.rules.plpgsql.tree import Span

_HARMLESS: Final = '.(),[]" _$-*'
"""Characters that stay readable in ids besides letters and digits."""

FIRST_FLAG: Final = 10_000
"""Flags and the guards that share their array are numbered apart."""


class Book:
    """What is known of one routine, and where its probes go.

    Args:
        routine: the name that the rules bear.
        body: the text between the dollar quotes.
        offset: where it begins in the definition.
    """

    def __init__(self, routine: str, body: str, offset: int, tokens: Sequence[Token], depth: Depth) -> None:
        self.tokens = tokens
        self.depth = depth
        self.insertions = Insertions()
        self.rules: list[Rule] = []
        self.probes: list[Probe] = []
        self.unknown: list[Unknown] = []
        self.calls = False
        self._routine = routine
        self._encoded = quote(routine, safe=_HARMLESS)
        self._scope = f"pc.h{zlib.crc32(self._encoded.encode()):08x}."
        self._offset = offset
        self._bodies: list[tuple[Span, Rule]] = []
        self._guards = 0
        self._flags = FIRST_FLAG
        self._lines = [index for index, character in enumerate(body) if character == "\n"]
        self._numbers: Counter[tuple[int, RuleKind]] = Counter()

    # The catalogue

    def rule(
        self, kind: RuleKind, token: int, text: str, arm: str, *, of: Rule | None = None, written: bool = True
    ) -> Rule:
        """A new rule, found at ``token``, one more arm of the decision that ``of`` belongs to."""
        line = self.line(token)
        self._numbers[line, kind] += 1
        rule_id = f"{self._encoded}:{line}.{kind.value}{self._numbers[line, kind]}"
        decision = of.decision if of else rule_id
        rule = Rule(rule_id, self._routine, line, kind, text, arm, decision, written)
        self.rules.append(rule)
        return rule

    def leads_into(self, body: Span, rule: Rule) -> None:
        """Note that no statement of ``body`` runs unless ``rule`` is hit; outer bodies come first."""
        self._bodies.append((body, rule))

    def leading_to(self, span: Span) -> Rule | None:
        """The rule of the innermost statements that all of ``span`` belongs to; ``None`` outside of any.

        What a condition decides is not told by its own arms: if it fails, none of them is hit.
        """
        for body, rule in reversed(self._bodies):
            if body.first <= span.first and span.past <= body.past:
                return rule
        return None

    def not_known(self, span: Span, reason: str) -> None:
        """Note that something cannot be instrumented safely."""
        text = source_of(self.tokens, span)
        self.unknown.append(Unknown(self._routine, self.line(span.first), text, Cause.UNSAFE, reason))

    def line(self, token: int) -> int:
        """The line of a token within the body, counted as the server does."""
        return bisect_right(self._lines, self.tokens[token].start) + 1

    def source(self, *pieces: str | Span) -> str:
        """Words and spans of the source in one line."""
        return " ".join(
            piece if isinstance(piece, str) else source_of(self.tokens, piece) for piece in pieces
        )

    # The code of probes

    def flag(self) -> Flag:
        """A fresh flag."""
        self._flags += 1
        return Flag(self._flags)

    def report(self, rules: Sequence[Rule], *, repeated: bool) -> str:
        """Code that reports rules; ``repeated`` says that it may run more than once in a call."""
        code = reporting(self._encoded, [_point(rule) for rule in rules])
        if self.depth.every or (self._guards >= WIDTH and not repeated):
            return code
        self.calls = True
        self._guards += 1
        return Guard(self._guards - 1, f"{self._scope}{SEEN}").once(code)

    @property
    def declarations(self) -> str:
        """The variables that the code needs."""
        return declarations(f"{self._scope}{SEEN}" if self._guards else "")

    def after(self, token: int, code: str, rules: Sequence[Rule]) -> None:
        """Run code after a token."""
        self._note(self.tokens[token].end, statement(code), rules)
        self.insertions.after(self.tokens[token].end, statement(code))

    def before(self, token: int, code: str, rules: Sequence[Rule] = ()) -> None:
        """Run code before a token."""
        self._note(self.tokens[token].start, statement(code), rules)
        self.insertions.before(self.tokens[token].start, statement(code))

    def outcome(self, span: Span, holds: Rule | None, fails: Rule | None) -> None:
        """Report how a condition comes out, wherever it stands."""
        pair = self.outcome_pair(holds, fails)
        self.around(span, pair, [rule for rule in (holds, fails) if rule])

    def outcome_pair(self, holds: Rule | None, fails: Rule | None) -> Pair:
        """What must stand around a condition to report how it comes out."""
        self.calls = True
        function = "each" if self.depth.every else "if"
        return outcome(function, self._encoded, self._memory(holds), self._memory(fails))

    def taken(self, span: Span, rule: Rule) -> None:
        """Report when the condition of a jump holds."""
        self.calls = True
        function = "now" if self.depth.every else "at"
        self.around(span, taken(function, self._encoded, self._memory(rule)), [rule])

    def around(self, span: Span, pair: Pair, rules: Sequence[Rule]) -> None:
        """Put a pair around a span."""
        start, end = self.tokens[span.first].start, self.tokens[span.past - 1].end
        self._note(start, pair.opening + pair.closing, rules)
        self.insertions.around(start, end, *pair)

    def _memory(self, rule: Rule | None) -> str:
        """The setting that remembers that a rule has been reported; it ends in the rule's place."""
        return f"{self._scope}{NAMED}{_point(rule)}" if rule else f"{self._scope}{NOTHING}"

    @property
    def encoded(self) -> str:
        """The routine's name as ids have it."""
        return self._encoded

    def _note(self, offset: int, text: str, rules: Sequence[Rule]) -> None:
        if rules:
            self.probes.append(Probe(tuple(rule.id for rule in rules), self._offset + offset, text))


def _point(rule: Rule) -> str:
    """The part of a rule's id that names it within its routine."""
    return rule.id.rpartition(":")[2]
