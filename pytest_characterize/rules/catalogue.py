"""The words that every language's rules share: rules, probes, what is unknown, and an instrumented routine.

A **rule** is one way that a decision of legacy code can go: the arm of an ``IF``, a handler, a loop that ran
zero times. It is the unit that a case hits. The rules of one decision name each other by
:attr:`Rule.decision`, so that coverage can be read by decision as well as by arm.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum


class RuleKind(StrEnum):
    """What sort of decision a rule belongs to; part of the rule's id."""

    ENTRY = "entry"
    BRANCH = "branch"
    CASE = "case"
    LOOP = "loop"
    JUMP = "jump"
    HANDLER = "handler"
    RETURN = "return"
    ROWS = "rows"
    EXPRESSION = "expression"
    OPERAND = "operand"
    LINE = "line"


@dataclass(frozen=True, slots=True)
class Rule:
    """One way that a decision can go.

    Attributes:
        id: ``<routine>:<line>.<kind><number on that line>``, the same for the same source text, whatever
            else is instrumented; the routine is percent-encoded where its name has odd characters.
        routine: the routine's name as its recorder gave it.
        line: line within the routine's body, as the server's own messages count it.
        text: the decision as the source has it, in one line: ``ELSIF v_tenure > 5``.
        arm: what a hit says, in words: ``taken``, ``no branch taken``, ``no row``, ``zero iterations``.
        decision: id of the decision's first rule.
        written: whether the arm stands in the source; an ``ELSE`` that nobody wrote does not.
    """

    id: str
    routine: str
    line: int
    kind: RuleKind
    text: str
    arm: str
    decision: str
    written: bool = True


@dataclass(frozen=True, slots=True)
class Probe:
    """What was inserted to see rules.

    Attributes:
        rules: ids of the rules that it reports; several where one implies the other.
        offset: where in the original text.
        text: what was inserted there.
    """

    rules: tuple[str, ...]
    offset: int
    text: str


class Cause(StrEnum):
    """Why something is unknown; closed."""

    SYNTAX = "syntax"
    LANGUAGE = "language"
    ATOMIC = "sql-standard body"
    NO_BODY = "no body"
    MARKED = "marked"
    UNSAFE = "unsafe"
    IMPORT = "import"


@dataclass(frozen=True, slots=True)
class Unknown:
    """Something that could not be instrumented: neither covered nor uncovered, and shown as such.

    Attributes:
        line: as :attr:`Rule.line`; 0 for the routine as a whole.
        text: the source concerned, in one line; ``""`` for the routine as a whole.
        reason: one clause for a human.
    """

    routine: str
    line: int
    text: str
    cause: Cause
    reason: str


@dataclass(frozen=True, slots=True)
class Depth:
    """How much to instrument.

    Attributes:
        expressions: the arms of ``CASE`` expressions in SQL.
        operands: each operand of ``AND`` and ``OR`` in a condition, true and not true.
        every: report every hit; by default a transaction reports a rule once (or little more often), which
            keeps loops cheap, so that a count says no more than that the rule was hit.
        imports: what a Python module decides while it is imported, which no case does.
    """

    expressions: bool = True
    operands: bool = False
    every: bool = False
    imports: bool = False


@dataclass(frozen=True, slots=True)
class Instrumented:
    """A routine with its probes.

    Attributes:
        text: the source with all probes in place, line for line; the source itself where there are none.
        setup: statements to run once before any text is installed, in the same transaction.
    """

    routine: str
    text: str
    rules: tuple[Rule, ...] = ()
    probes: tuple[Probe, ...] = ()
    unknown: tuple[Unknown, ...] = ()
    setup: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Heard:
    """The messages of one execution, taken apart.

    Attributes:
        hits: rule id -> how often it was reported.
        notices: positions of the messages that are the legacy system's own, in order.
    """

    hits: Mapping[str, int] = field(default_factory=dict)
    notices: tuple[int, ...] = ()
