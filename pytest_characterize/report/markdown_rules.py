"""The auditor's view of the legacy rules: what the cases exercised, what nobody ever tried, what is not known."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import TypeVar

from pytest_characterize.model import CaseResult, DriftGroup, RunResult
from pytest_characterize.report.marks import Page, cell, code, plain, table
from pytest_characterize.report.rules import (
    STALE,
    behaving,
    by_one_case,
    cases_by_rule,
    cases_of,
    evidence,
    exercising,
    is_known,
    joint,
    matching,
    measured_runs,
    missing,
    never_exercised,
    only_by_errors,
    only_by_runs,
    parity,
    percent,
    place,
    reproducing,
    unknown,
    weight,
)
from pytest_characterize.report.words import count
from pytest_characterize.rulebook import (
    Anchored,
    CaseNote,
    DeclaredStatus,
    RuleBook,
    RuleCount,
    RuleProblem,
    RuleStatus,
    total,
)

_COUNTS = ("Rules", "Exercised", "Never", "Coverage", "At parity", "Unknown places")

_Item = TypeVar("_Item")


def suspects(group: DriftGroup) -> Iterator[str]:
    """The legacy rules that may be behind a drift, as lines of its list."""
    for rank, one in enumerate(group.suspects):
        where, text = code(f"{one.routine}:{one.line}"), code(one.text)
        label = "Legacy rule" if rank == 0 else "And" if joint(group) else "Or"
        yield f"- {label}: {where} {text}, {plain(evidence(one) + weight(one))}"
    if (told := group.explanation) is not None:
        like = code(behaving(told, next(iter(group.suspects), None)))
        yield f"- Behaves like: {like}, which {plain(reproducing(told))}"


def section(result: RunResult, page: Page) -> Iterator[str]:
    """Everything about the rules; nothing where no legacy source is known."""
    book = result.rules
    if not is_known(book):
        return
    yield from ("", "## Legacy rules", "")
    yield from _head(book, result.results, complete=result.complete)
    yield from _listed("Problems", book.problems, page, _problem, "problem")
    yield from _numbers(book, page)
    yield from _declared(result, page)
    yield from _rules("Never exercised", never_exercised(book), page, lambda one: missing(one.rule))
    yield from _rules("Exercised only by errors", only_by_errors(book), page, _arm)
    yield from _rules("Exercised by one case only", by_one_case(book), page, _arm)
    yield from _rules(
        "Exercised by measured runs only, so that parity is not known",
        only_by_runs(book),
        page,
        lambda one: f"{one.rule.arm}: {count(one.rule.runs, 'run')}",
    )
    yield from _listed(
        "Unknown: could not be instrumented",
        unknown(book),
        page,
        lambda one: f"{code(one[0].name)}: {code(one[1])}",
        "place",
    )
    yield from _notes(f"Stale: {STALE}", book.stale, page)
    yield from _notes("Unseen: rules could not be seen while recording", book.unseen, page)
    yield from _every_rule(book, page)


def _head(book: RuleBook, results: Sequence[CaseResult], *, complete: bool) -> Iterator[str]:
    whole = book.count
    yield (
        f"**{percent(whole)}: {whole.exercised} of {count(whole.known, 'legacy rule')} exercised by "
        f"{exercising(book, results)} of {count(len(results), 'case')}{measured_runs(book)}, "
        f"{whole.never} never.** "
        f"A rule is one way that a decision of legacy code can go. "
        f"{count(whole.unknown, 'place')} could not be instrumented: what is there counts neither way."
    )
    if not complete:
        yield ""
        yield "This run is incomplete: rules that only other cases exercise are counted as never exercised here."


def _numbers(book: RuleBook, page: Page) -> Iterator[str]:
    contexts = [(name, total(one.count for one in several)) for name, several in book.contexts().items()]
    rows = [[cell(name), *_counts(counted)] for name, counted in contexts]
    rows.append(["**Total**", *(f"**{number}**" for number in _counts(book.count))])
    yield from ("", "### By context", "")
    yield from table(("Context", *_COUNTS), rows, numbers=range(1, 7))
    yield from ("", "### By routine", "")
    shown, left = page.entries_of(book.routines)
    yield from table(
        ("Context", "Routine", *_COUNTS),
        ([cell(one.context), cell(one.routine), *_counts(one.count)] for one in shown),
        numbers=range(2, 8),
    )
    yield from page.left_off(left, "more routine")


def _counts(counted: RuleCount) -> list[str]:
    return [
        str(counted.known),
        str(counted.exercised),
        str(counted.never),
        percent(counted),
        parity(counted),
        str(counted.unknown),
    ]


def _declared(result: RunResult, page: Page) -> Iterator[str]:
    declared = result.rules.declared
    if not declared:
        return
    yield from ("", "### Business rules", "")
    shown, left = page.entries_of(declared)
    head = ("Rule", "Title", "Context", "Criticality", "Owner", "Where", "Exercised", "Cases matched")
    cases = cases_by_rule(result)
    yield from table(head, (_business_rule(one, cases_of(one, cases)) for one in shown))
    yield from page.left_off(left, "more business rule")


def _business_rule(one: DeclaredStatus, cases: Sequence[CaseResult]) -> list[str]:
    where = dict.fromkeys(place(at.routine, at.rule) for at in one.anchored)
    counted = one.count
    return [
        cell(one.id),
        plain(one.title),
        plain(one.context),
        one.criticality,
        plain(one.owner),
        cell(", ".join(where)) or "nowhere",
        f"{counted.exercised} of {counted.known}" if counted.known else "unknown",
        f"{matching(cases)} of {len(cases)}",
    ]


def _rules(
    title: str, rules: Sequence[Anchored], page: Page, told: Callable[[Anchored], str]
) -> Iterator[str]:
    if not rules:
        return
    yield from ("", f"### {title}: {count(len(rules), 'rule')}", "")
    shown, left = page.entries_of(rules)
    rows = (
        [cell(one.routine.context), cell(place(one.routine, one.rule)), cell(one.rule.text), plain(told(one))]
        for one in shown
    )
    yield from table(("Context", "Where", "Rule", "What"), rows)
    yield from page.left_off(left, "more rule")


def _arm(one: Anchored) -> str:
    return f"{one.rule.arm}: {count(one.rule.cases, 'case')}"


def _notes(title: str, notes: Sequence[CaseNote], page: Page) -> Iterator[str]:
    yield from _listed(
        title,
        notes,
        page,
        lambda note: f"{code(f'{note.test}[{note.label}]')}: {plain(note.because)}",
        "case",
    )


def _problem(one: RuleProblem) -> str:
    return f"{plain(one.message)} ({plain(one.slug)}). Next: {plain(one.hint)}."


def _listed(
    title: str, items: Sequence[_Item], page: Page, told: Callable[[_Item], str], noun: str
) -> Iterator[str]:
    if not items:
        return
    yield from ("", f"### {title}", "")
    shown, left = page.entries_of(items)
    yield from (f"- {told(item)}" for item in shown)
    yield from page.left_off(left, f"more {noun}")


def _every_rule(book: RuleBook, page: Page) -> Iterator[str]:
    """The whole catalogue, folded, a routine at a time."""
    if not book.routines:
        return
    yield from ("", "### Every rule")
    shown, left = page.entries_of(book.routines)
    head = ("Line", "Rule", "Arm", "Cases", "Errors", "Matched")
    for routine in shown:
        counted = routine.count
        told = f"{counted.exercised} of {count(counted.known, 'rule')} exercised, {percent(counted)}"
        yield from ("", f"{code(routine.routine)}: {told}.", "")
        if routine.rules:
            yield from page.folded(routine.rules, head, _rule_row, noun="rule", numbers=(0, 3, 4, 5))
    yield from page.left_off(left, "more routine")


def _rule_row(rule: RuleStatus) -> list[str]:
    runs = f" + {count(rule.runs, 'run')}" if rule.runs else ""
    cases, raised = f"{rule.cases}{runs}", str(rule.raised)
    return [str(rule.line), cell(rule.text), plain(rule.arm), cases, raised, str(rule.matched)]
