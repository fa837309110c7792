"""Keeps the catalogue of one module while it is instrumented: ids, rules, probes, what is unknown."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Final
from urllib.parse import quote

from pytest_characterize.rules.catalogue import Cause, Depth, Instrumented, Probe, Rule, RuleKind, Unknown
from pytest_characterize.rules.python.lexer import Kind
from pytest_characterize.rules.python.source import Source, Span
from pytest_characterize.rules.python.text import Place, Weaver, flag_name, probe_name

_HARMLESS: Final = ".<>_-"
"""Characters that stay readable in ids besides letters and digits."""


class Book:
    """What is known of one module, and where its probes go.

    Args:
        module: the name that its rules bear.

    Attributes:
        arms: (token, arm) -> the rule that was found there.
    """

    def __init__(self, module: str, source: Source, depth: Depth) -> None:
        self.source = source
        self.depth = depth
        self.module = module
        self._encoded = quote(module, safe=_HARMLESS)
        self._probe = probe_name(module)
        self._weaver = Weaver(source.text)
        self.arms: dict[tuple[int, str], Rule] = {}
        self._rules: list[Rule] = []
        self._probes: list[Probe] = []
        self._reported: list[tuple[str, ...]] = []
        self._unknown: list[Unknown] = []
        self._numbers: Counter[tuple[int, RuleKind]] = Counter()
        self._flags = 0

    # The catalogue

    def rule(
        self,
        routine: str,
        kind: RuleKind,
        token: int,
        text: str,
        arm: str,
        *,
        of: Rule | None = None,
        written: bool = True,
    ) -> Rule:
        """A new rule, found at ``token``, one more arm of the decision that ``of`` belongs to."""
        line = self.source.line(token)
        self._numbers[line, kind] += 1
        rule_id = f"{self._encoded}:{line}.{kind.value}{self._numbers[line, kind]}"
        decision = of.decision if of else rule_id
        rule = Rule(rule_id, self._routine(routine), line, kind, text, arm, decision, written)
        self._rules.append(rule)
        self.arms.setdefault((token, arm), rule)
        return rule

    def not_known(self, routine: str, span: Span, cause: Cause, reason: str) -> None:
        """Note that something cannot be instrumented."""
        text = self.source.words(span)
        line = self.source.line(span.first)
        self._unknown.append(Unknown(self._routine(routine), line, text, cause, reason))

    def _routine(self, routine: str) -> str:
        return f"{self.module}:{routine}" if routine else self.module

    # The code of probes

    def report(self, rules: Sequence[Rule]) -> str:
        """An expression that reports rules; it gives ``None``."""
        self._reported.append(tuple(rule.id for rule in rules))
        return f"{self._probe}({len(self._reported) - 1})"

    def flag(self) -> str:
        """A fresh name for a variable of ours."""
        self._flags += 1
        return flag_name(self._flags - 1)

    def before(self, token: int, code: str, rules: Sequence[Rule], keyword: int) -> None:
        """Run simple code before the statement that begins at ``token``.

        Args:
            keyword: the token whose line the code counts as being on.
        """
        source = self.source
        indentation = source.indentation(token)
        start = source.tokens[token].start
        if indentation is None:
            self._weaver.at(start, f"{code};")
        else:
            line = source.line(keyword)
            start = source.line_start(start)
            self._weaver.line_before(start, indentation + code, Place(line, line, 0))
        self._note(start, code, rules)

    def behind(self, span: Span, code: str, rules: Sequence[Rule]) -> None:
        """Run simple code behind a simple statement, on its line."""
        end = self.source.end(span)
        self._weaver.at(end, f";{code}")
        self._note(end, code, rules)

    def after(self, end: int, past: int, code: str, rules: Sequence[Rule], keyword: int) -> None:
        """Put a line behind a suite, indented as the statement that begins with ``keyword``.

        Args:
            end: offset behind the suite's last line break.
            past: the token behind the suite.
        """
        source = self.source
        while source.tokens[past - 1].kind in (Kind.NEWLINE, Kind.DEDENT):
            past -= 1
        last = source.tokens[past - 1].end
        column = source.text[source.line_start(last) : last].encode("utf-8", "surrogatepass")
        place = Place(source.line(keyword), source.line_at(last), len(column))
        self._weaver.line_after(end, (source.indentation(keyword) or "") + code, place)
        self._note(end, code, rules)

    def around(self, span: Span, opening: str, closing: str, rules: Sequence[Rule]) -> None:
        """Put a pair around a span."""
        start, end = self.source.start(span), self.source.end(span)
        self._weaver.around(start, end, opening, closing)
        self._note(start, opening + closing, rules)

    def outcome(self, span: Span, holds: Rule, fails: Rule) -> None:
        """Report how a condition comes out, where nothing but its truth counts."""
        closing = f") and not {self.report([holds])} or {self.report([fails])})"
        self.around(span, "((", closing, [holds, fails])

    def _note(self, offset: int, text: str, rules: Sequence[Rule]) -> None:
        if rules:
            self._probes.append(Probe(tuple(rule.id for rule in rules), offset, text))

    # The result

    def instrumented(self) -> Instrumented:
        """The module with all its probes."""
        text = self.source.text
        if self._reported:
            text = self._weaver.woven(self._probe, self._reported, every=self.depth.every)
        return Instrumented(
            routine=self.module,
            text=text,
            rules=tuple(self._rules),
            probes=tuple(sorted(self._probes, key=lambda probe: probe.offset)),
            unknown=tuple(self._unknown),
        )
