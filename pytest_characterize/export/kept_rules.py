"""The rules of a kept source as branches, which is how coverage.py counts."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TypeAlias

from pytest_characterize.rules.catalogue import Rule
from pytest_characterize.rules.dialects import lines_before_rules
from pytest_characterize.rules.instrumenting import instrumented

Arc: TypeAlias = tuple[int, int]
"""The line of a rule in the kept text, and a negative number that no other rule of the text has."""


@dataclass(frozen=True, slots=True)
class KeptRules:
    """One kept source.

    Attributes:
        rules: in the order of the source.
        arcs: id of a rule -> its branch.
    """

    text: str
    rules: tuple[Rule, ...]
    arcs: Mapping[str, Arc]

    @classmethod
    def read(cls, kind: str, name: str, text: str) -> KeptRules:
        """The rules of a text; none where its kind has no probes."""
        probed = instrumented(kind, {name: text}).get(name)
        rules = probed.rules if probed else ()
        before = lines_before_rules(text) if kind == "procedure" else 0
        arcs = {rule.id: (before + rule.line, -place) for place, rule in enumerate(rules, 1)}
        return cls(text, rules, arcs)

    def rule_at(self, arc: Arc) -> Rule:
        """The rule that a branch stands for."""
        return self.rules[-arc[1] - 1]
