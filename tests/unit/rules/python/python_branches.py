"""Branches as coverage.py has them, beside the rules that say the same."""

from __future__ import annotations

import ast
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence, Set
from dataclasses import dataclass, field

from coverage.results import Analysis

from pytest_characterize.rules.catalogue import Rule, RuleKind


@dataclass(frozen=True)
class Claim:
    """A rule says that control goes (or never goes) from a line to one of some others.

    Attributes:
        rules: any of them is as good as the branch.
    """

    line: int
    targets: frozenset[int]
    rules: tuple[Rule, ...]


@dataclass
class Agreement:
    """How two ways of seeing the same branches compare."""

    branches: int = 0
    compared: int = 0
    taken: int = 0
    against: list[str] = field(default_factory=list)

    def __add__(self, other: Agreement) -> Agreement:
        return Agreement(
            self.branches + other.branches,
            self.compared + other.compared,
            self.taken + other.taken,
            self.against + other.against,
        )

    def told(self) -> str:
        """Both counts in one line."""
        return (
            f"{self.compared} of {self.branches} branches compared, {self.taken} decided so,"
            f" {len(self.against)} different"
        )


def compare(path: str, rules: Iterable[Rule], hit: Set[str], analysis: Analysis, text: str) -> Agreement:
    """Whether rules and branches of one file say the same, wherever both say something."""
    lines = _Lines(text)
    possible: dict[int, set[int]] = defaultdict(set)
    for line, target in analysis.arc_possibilities:
        possible[line].add(target)
    branching = set(analysis.branch_stats())
    executed = set(analysis.arcs_executed)
    agreement = Agreement(branches=sum(len(possible[line]) for line in branching))
    for claim in _claims(rules, lines, possible):
        if claim.line not in branching or not claim.targets <= possible[claim.line]:
            continue
        theirs = any((claim.line, target) in executed for target in claim.targets)
        ours = any(rule.id in hit for rule in claim.rules)
        agreement.compared += len(claim.targets)
        agreement.taken += ours
        if ours != theirs:
            says = "taken" if theirs else "not taken"
            agreement.against.append(f"{path}:{claim.line} -> {sorted(claim.targets)}: {says}, {claim.rules}")
    return agreement


class _Lines:
    """Where the arms of a module's decisions begin, by the line of their keyword."""

    def __init__(self, text: str) -> None:
        self.bodies: dict[tuple[str, int], list[int]] = defaultdict(list)
        for node in ast.walk(ast.parse(text)):
            match node:
                case ast.If(lineno=line, body=body):
                    self.bodies["if", line].append(_first(body))
                case ast.For(lineno=line, body=body) | ast.AsyncFor(lineno=line, body=body):
                    self.bodies["loop", line].append(_first(body))
                    self.bodies["loop else", line].append(_first(node.orelse))
                case ast.While(lineno=line, body=body):
                    self.bodies["loop", line].append(_first(body))
                    self.bodies["loop else", line].append(_first(node.orelse))
                case ast.ExceptHandler(lineno=line, body=body):
                    self.bodies["except", line].append(_first(body))
                case ast.match_case(pattern=pattern, body=body):
                    self.bodies["case", pattern.lineno].append(_first(body))

    def body(self, kind: str, line: int) -> int:
        """The first line of a body; 0 if several decisions begin on the line, or body and keyword share it."""
        found = self.bodies.get((kind, line), [])
        return found[0] if len(found) == 1 and found[0] != line else 0


def _first(body: Sequence[ast.stmt]) -> int:
    if not body:
        return 0
    decorators = getattr(body[0], "decorator_list", [])
    return min([body[0].lineno, *(one.lineno for one in decorators)])


def _claims(rules: Iterable[Rule], lines: _Lines, possible: Mapping[int, Set[int]]) -> Iterator[Claim]:
    decisions: dict[str, list[Rule]] = defaultdict(list)
    for rule in rules:
        decisions[rule.decision].append(rule)
    for decision in decisions.values():
        match decision[0].kind:
            case RuleKind.BRANCH if not decision[0].text.startswith("assert"):
                yield from _of_if(decision, lines, possible)
            case RuleKind.CASE:
                yield from _of_match(decision, lines, possible)
            case RuleKind.LOOP:
                yield from _of_loop(decision, lines)
            case RuleKind.HANDLER:
                for rule in decision:
                    if rule.arm == "caught" and (body := lines.body("except", rule.line)):
                        yield Claim(rule.line, frozenset({body}), (rule,))


def _of_if(decision: Sequence[Rule], lines: _Lines, possible: Mapping[int, Set[int]]) -> Iterator[Claim]:
    conditions = [rule for rule in decision if rule.text != "else" and rule.arm == "taken"]
    for rule in conditions:
        if body := lines.body("if", rule.line):
            yield Claim(rule.line, frozenset({body}), (rule,))
    yield from _others(conditions[-1], [r for r in decision if r not in conditions], "if", lines, possible)


def _of_match(decision: Sequence[Rule], lines: _Lines, possible: Mapping[int, Set[int]]) -> Iterator[Claim]:
    taken = [rule for rule in decision if rule.arm == "taken"]
    for rule in taken:
        if body := lines.body("case", rule.line):
            yield Claim(rule.line, frozenset({body}), (rule,))
    none = [rule for rule in decision if rule.arm == "no case matches"]
    yield from _others(taken[-1], none, "case", lines, possible)


def _others(
    last: Rule, rules: Sequence[Rule], kind: str, lines: _Lines, possible: Mapping[int, Set[int]]
) -> Iterator[Claim]:
    """That the last condition fails: control goes anywhere but into its body."""
    body = lines.body(kind, last.line)
    others = frozenset(possible.get(last.line, set()) - {body})
    if body and others and rules:
        yield Claim(last.line, others, tuple(rules))


def _of_loop(decision: Sequence[Rule], lines: _Lines) -> Iterator[Claim]:
    line = decision[0].line
    for rule in decision:
        kind = {"body entered": "loop", "ended without break": "loop else"}.get(rule.arm, "")
        if kind and (body := lines.body(kind, line)):
            yield Claim(line, frozenset({body}), (rule,))
