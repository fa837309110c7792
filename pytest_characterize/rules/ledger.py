"""What is known of one routine while it is instrumented, in whatever dialect: ids, rules, probes, what is unknown."""

from __future__ import annotations

from bisect import bisect_right
from collections import Counter
from collections.abc import Sequence
from typing import Final
from urllib.parse import quote

from pytest_characterize.rules.catalogue import Cause, Probe, Rule, RuleKind, Unknown
from pytest_characterize.rules.plpgsql.expressions import source_of
from pytest_characterize.rules.plpgsql.lexer import Token
from pytest_characterize.rules.plpgsql.text import Insertions, Pair, statement
from pytest_characterize.rules.plpgsql.tree import Span

_HARMLESS: Final = '.(),[]" _$-*'
"""Characters that stay readable in ids besides letters and digits."""


class Ledger:
    """The rules of one routine, and where its probes go.

    Args:
        routine: the name that the rules bear.
        body: the text whose lines the rules count.
        offset: where it begins in the definition.
    """

    def __init__(self, routine: str, body: str, offset: int, tokens: Sequence[Token]) -> None:
        self.tokens = tokens
        self.insertions = Insertions()
        self.rules: list[Rule] = []
        self.probes: list[Probe] = []
        self.unknown: list[Unknown] = []
        self.encoded = quote(routine, safe=_HARMLESS)
        self.name = routine
        self._offset = offset
        self._bodies: list[tuple[Span, Rule]] = []
        self._lines = [index for index, character in enumerate(body) if character == "\n"]
        self._numbers: Counter[tuple[int, RuleKind]] = Counter()

    # The catalogue

    def rule(
        self, kind: RuleKind, token: int, text: str, arm: str, *, of: Rule | None = None, written: bool = True
    ) -> Rule:
        """A new rule, found at ``token``, one more arm of the decision that ``of`` belongs to."""
        line = self.line(token)
        self._numbers[line, kind] += 1
        rule_id = f"{self.encoded}:{line}.{kind.value}{self._numbers[line, kind]}"
        decision = of.decision if of else rule_id
        rule = Rule(rule_id, self.name, line, kind, text, arm, decision, written)
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
        self.unknown.append(Unknown(self.name, self.line(span.first), text, Cause.UNSAFE, reason))

    def line(self, token: int) -> int:
        """The line of a token within the body, counted as the server does."""
        return bisect_right(self._lines, self.tokens[token].start) + 1

    def source(self, *pieces: str | Span) -> str:
        """Words and spans of the source in one line."""
        return " ".join(
            piece if isinstance(piece, str) else source_of(self.tokens, piece) for piece in pieces
        )

    # Probes

    def after(self, token: int, code: str, rules: Sequence[Rule]) -> None:
        """Run code after a token."""
        self._note(self.tokens[token].end, statement(code), rules)
        self.insertions.after(self.tokens[token].end, statement(code))

    def before(self, token: int, code: str, rules: Sequence[Rule] = ()) -> None:
        """Run code before a token."""
        self._note(self.tokens[token].start, statement(code), rules)
        self.insertions.before(self.tokens[token].start, statement(code))

    def around(self, span: Span, pair: Pair, rules: Sequence[Rule]) -> None:
        """Put a pair around a span."""
        start, end = self.tokens[span.first].start, self.tokens[span.past - 1].end
        self._note(start, pair.opening + pair.closing, rules)
        self.insertions.around(start, end, *pair)

    def _note(self, offset: int, text: str, rules: Sequence[Rule]) -> None:
        if rules:
            self.probes.append(Probe(tuple(rule.id for rule in rules), self._offset + offset, text))


def point(rule: Rule) -> str:
    """The part of a rule's id that names it within its routine."""
    return rule.id.rpartition(":")[2]
