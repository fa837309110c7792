"""The rules in the terminal: coverage by context, what was never exercised, and the rule behind a drift."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from typing import Final, TypeAlias

from pytest_characterize.model import DriftGroup, RunResult
from pytest_characterize.report.layout import ALL, BAD, DOUBTFUL, FAINT, GAP, STRONG, Layout
from pytest_characterize.report.rules import (
    REFRESH,
    STALE,
    behaving,
    by_one_case,
    evidence,
    exercising,
    is_known,
    joint,
    measured_runs,
    missing,
    names,
    never_entered,
    never_exercised,
    not_pinned,
    only_by_errors,
    only_by_runs,
    parity,
    percent,
    place,
    reproducing,
    unknown,
    weight,
)
from pytest_characterize.report.visible import columns, pad, shorten, visible
from pytest_characterize.report.words import count
from pytest_characterize.rulebook import Anchored, CaseNote, RuleBook, RuleCount, RuleProblem, total

_NEVER: Final = 10
_FEW: Final = 3
_TEXT: Final = 60
_WEIGHT: Final = 100

_Told: TypeAlias = Callable[[Anchored], str]


class RulesPage(Layout):
    """The blocks and rows that speak of rules."""

    def suspects(self, group: DriftGroup) -> list[str]:
        """The rule behind a drift, and shortened what else it may be; nothing where nothing stands out."""
        lines = []
        for rank, suspect in enumerate(group.suspects):
            where = f"{visible(suspect.routine)}:{suspect.line}"
            text = shorten(visible(suspect.text), _TEXT if rank == 0 else _TEXT // 2)
            label = ("and" if joint(group) else "or") if rank else "legacy rule"
            lines += self.fitting(
                label, f"{where}  {text}", visible(evidence(suspect) + shorten(weight(suspect), _WEIGHT))
            )
            if rank == 0:
                lines += self._explanation(group)
        return lines or self._explanation(group)

    def _explanation(self, group: DriftGroup) -> list[str]:
        """The mutant that does what the candidate does."""
        told = group.explanation
        if told is None:
            return []
        text = shorten(visible(behaving(told, next(iter(group.suspects), None))), _WEIGHT)
        return self.fitting("behaves like", text, reproducing(told))

    def coverage(self, result: RunResult) -> Iterator[list[str]]:
        """The block about rule coverage, and one about what keeps the rules from being known."""
        book = result.rules
        if is_known(book):
            yield [
                *self._head(result),
                *self._contexts(book),
                *self._declared(book),
                *([] if not result.complete else self._gaps(book)),
                *self._unknown(book),
                *self._unseen(book.unseen),
            ]
        yield from self._stale(book.stale)
        yield from self._problems(book.problems)

    def _head(self, result: RunResult) -> Iterator[str]:
        book, whole = result.rules, result.rules.count
        run = "" if result.complete else " of this incomplete run"
        cases = f"{exercising(book, result.results)} of {count(len(result.results), 'case')}{run}"
        cases += measured_runs(book)
        style = DOUBTFUL if whole.never or whole.unknown else STRONG
        told = f"{whole.exercised} of {count(whole.known, 'legacy rule')} exercised"
        places = f"{count(whole.unknown, 'place')} unknown" if whole.unknown else ""
        lines = self.headed("RULES", style, percent(whole), f"{told} by {cases}", places)
        yield from (
            lines
            if len(lines) == 1
            else self.headed("RULES", style, percent(whole), told, f"by {cases}", places)
        )

    def _contexts(self, book: RuleBook) -> Iterator[str]:
        contexts = {name: total(one.count for one in several) for name, several in book.contexts().items()}
        rows = sorted(contexts.items(), key=lambda item: (item[1].percent or 0.0, item[0]))
        cells = [(visible(shorten(name, _TEXT)), *_numbers(counted)) for name, counted in rows]
        widths = [max((columns(row[at]) for row in cells), default=0) for at in range(4)]
        fits = sum(widths) + 3 * len(GAP) <= self.room
        for at, row in enumerate(cells):
            label = "" if at else "context"
            if fits:
                yield self.row(label, GAP.join(map(pad, row, widths)).rstrip())
            else:
                yield from self.fitting(label, row[0], GAP.join(row[1:]))

    def _declared(self, book: RuleBook) -> Iterator[str]:
        if not book.declared:
            return
        open_ = not_pinned(book)
        pinned = len(book.declared) - len(open_)
        yield from self.wrapped(
            "declared", f"{pinned} of {count(len(book.declared), 'business rule')} exercised in full"
        )
        for one in open_[:_FEW]:
            told = " ".join(filter(None, (one.id, one.title)))
            state = f"{one.count.exercised} of {count(one.count.known, 'decision')}"
            grade = f"({one.criticality}) " if one.criticality else ""
            yield from self.fitting("", f"{grade}{shorten(visible(told), _TEXT)}", state)
        yield from self._left(len(open_) - _FEW, "other business rule")

    def _gaps(self, book: RuleBook) -> Iterator[str]:
        silent = never_entered(book)
        if silent:
            rules = sum(len(routine.rules) for routine in silent)
            what = f"{visible(names(silent[:_FEW]))}: never entered ({count(rules, 'rule')})"
            more = f" and {count(len(silent) - _FEW, 'other routine')}" if len(silent) > _FEW else ""
            yield from self.wrapped("never", what.replace(":", f"{more}:", 1) if more else what)
        told = {(routine.source, routine.routine) for routine in silent}
        rest = [one for one in never_exercised(book) if (one.routine.source, one.routine.routine) not in told]
        yield from self._rules("" if silent else "never", rest, _NEVER, lambda one: missing(one.rule))
        by_errors = only_by_errors(book)
        yield from self._rules("only errors", by_errors, _FEW, lambda one: one.rule.arm)
        single = len(by_one_case(book))
        if single:
            verb = "is" if single == 1 else "are"
            yield from self.wrapped(
                "one case", f"{count(single, 'rule')} {verb} exercised by a single case each"
            )
        by_runs = len(only_by_runs(book))
        if by_runs:
            verb = "is" if by_runs == 1 else "are"
            what = f"{count(by_runs, 'rule')} {verb} exercised by measured runs only, so parity is not known"
            yield from self.wrapped("by runs", what)

    def _rules(self, label: str, rules: Sequence[Anchored], most: int, told: _Told) -> Iterator[str]:
        shown = rules[:most]
        places = [visible(place(one.routine, one.rule)) for one in shown]
        ends = [visible(told(one)) for one in shown]
        width = min(max(map(columns, places), default=0), 40)
        room = max(20, min(_TEXT, self.room - width - 2 - len(GAP) - max(map(columns, ends), default=0)))
        for at, (one, where, end) in enumerate(zip(shown, places, ends, strict=True)):
            text = shorten(visible(one.rule.text), room)
            yield from self.fitting("" if at else label, f"{pad(where, width)}  {text}", end)
        yield from self._left(len(rules) - most, "other rule")

    def _unknown(self, book: RuleBook) -> Iterator[str]:
        every = unknown(book)
        for at, (routine, why) in enumerate(every[:_FEW]):
            yield from self.wrapped("" if at else "unknown", visible(f"{routine.name}: {why}"))
        yield from self._left(len(every) - _FEW, "other place")

    def _unseen(self, notes: Sequence[CaseNote]) -> Iterator[str]:
        if notes:
            yield from self.wrapped("unseen", f"in {count(len(notes), 'case')}: the run with probes failed")
            yield from self._reasons("", notes)

    def _stale(self, notes: Sequence[CaseNote]) -> Iterator[list[str]]:
        if notes:
            yield [
                *self.headed("STALE", DOUBTFUL, count(len(notes), "golden"), STALE),
                *self._reasons("because", notes),
                *self.wrapped("next", REFRESH),
            ]

    def _reasons(self, label: str, notes: Sequence[CaseNote]) -> Iterator[str]:
        reasons = Counter(note.because for note in notes).most_common()
        for at, (why, number) in enumerate(reasons[:_FEW]):
            yield from self.wrapped("" if at else label, visible(f"{why} ({count(number, 'case')})"))
        yield from self._left(len(reasons) - _FEW, "other reason")

    def _left(self, number: int, noun: str) -> Iterator[str]:
        if number > 0:
            lines = self.wrapped("", f"and {count(number, noun)}; {ALL}")
            yield from (self.style(line, **FAINT) for line in lines)

    def _problems(self, problems: Sequence[RuleProblem]) -> Iterator[list[str]]:
        if not problems:
            return
        block = self.headed("BROKEN", BAD, f"{count(len(problems), 'problem')} with the legacy rules")
        for at, problem in enumerate(problems[:_NEVER]):
            block += self.wrapped("" if at else "because", visible(f"{problem.message} [{problem.slug}]"))
        block += self._left(len(problems) - _NEVER, "other problem")
        hints = dict.fromkeys(problem.hint for problem in problems[:_NEVER])
        for at, hint in enumerate(hints):
            block += self.wrapped("" if at else "next", visible(hint))
        yield block


def _numbers(counted: RuleCount) -> tuple[str, str, str]:
    besides = f", {counted.unknown} unknown" if counted.unknown else ""
    return (
        percent(counted),
        f"{counted.exercised} of {counted.known}{besides}",
        f"{parity(counted)} at parity",
    )
