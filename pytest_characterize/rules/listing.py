"""A routine's source, line for line, with what the cases did on each line."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from pytest_characterize.rulebook import DeclaredStatus, RoutineStatus, RuleStatus
from pytest_characterize.rules.kept import KeptSource


@dataclass(frozen=True, slots=True)
class ListedLine:
    """One line of a source.

    Attributes:
        number: as reports count lines; 0 and less before the routine's body.
        rules: those that are on the line.
        names: the declared business rules that begin on the line.
    """

    number: int
    text: str
    rules: tuple[RuleStatus, ...] = ()
    names: tuple[str, ...] = ()

    @property
    def missed(self) -> bool:
        """Whether a rule of the line was never exercised."""
        return any(not rule.exercised for rule in self.rules)


def listing(
    kept: KeptSource, routine: RoutineStatus, declared: Iterable[DeclaredStatus] = ()
) -> tuple[ListedLine, ...]:
    """The whole source, annotated."""
    rules: dict[int, list[RuleStatus]] = {}
    for rule in routine.rules:
        rules.setdefault(rule.line, []).append(rule)
    names: dict[int, list[str]] = {}
    for one in declared:
        here = [at.rule.line for at in one.anchored if at.routine == routine]
        if here:
            names.setdefault(min(here), []).append(one.id)
    texts = dict(enumerate(kept.text.rstrip("\n").split("\n"), 2 - kept.first_line)) if kept.text else {}
    return tuple(
        ListedLine(number, texts.get(number, ""), tuple(rules.get(number, ())), tuple(names.get(number, ())))
        for number in sorted(texts.keys() | (set() if texts else rules.keys()))
    )


def margin(rules: Sequence[RuleStatus]) -> str:
    """What the cases did on a line: how many took which way.

    >>> branch = RuleStatus("f:2.branch1", 2, "branch", "IF x", "taken", written=True, cases=3)
    >>> margin([branch, RuleStatus("f:2.branch2", 2, "branch", "IF x", "no branch taken", False)])
    '3 taken, 0 no branch taken'
    """
    return ", ".join(f"{by(rule)} {rule.arm}" for rule in rules)


def by(rule: RuleStatus) -> str:
    """What exercised a rule: a number of cases, or runs of which nobody knows the cases."""
    runs = "" if not rule.runs else "run" if rule.runs == 1 else f"{rule.runs} runs"
    return f"{rule.cases} + {runs}" if runs and rule.cases else runs or str(rule.cases)
