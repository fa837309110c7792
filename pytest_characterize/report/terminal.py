"""The summary at the end of a run: drifts by cause, cases without evidence, loosenings, the verdict.

Lists are cut to what a person reads in a terminal, never without saying how much was left off; the JSON
report has everything.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import groupby
from typing import Final

from pytest_characterize.model import DriftGroup, DriftPlace, DriftTest, Kind, RunResult, RunVerdict, Verdict
from pytest_characterize.report.layout import (
    ALL,
    BAD,
    DOUBTFUL,
    FAINT,
    GAP,
    GOOD,
    STRONG,
    Style,
    plain,
)
from pytest_characterize.report.places import also, follow_ups, kind_of
from pytest_characterize.report.showing import show_input, show_pair
from pytest_characterize.report.statements import StatementUse, statement_uses
from pytest_characterize.report.summary import GOLDEN, Loosening, Trouble, loosenings, shared_cases, troubles
from pytest_characterize.report.terminal_adequacy import AdequacyPage
from pytest_characterize.report.terminal_rules import RulesPage
from pytest_characterize.report.visible import columns, pad, unspoken, visible
from pytest_characterize.report.words import action, count, node_id, standing, sum_line, where

NARROWEST: Final = 60
"""Lines are laid out for at least this many columns."""

_BLOCKS: Final = 20
_MESSAGES: Final = 5
_NAMED: Final = 3
_PLACES: Final = 4
_WIDEST: Final = 40
_VERDICTS: Final = {
    Verdict.DRIFTED: BAD,
    Verdict.EXPIRED: BAD,
    Verdict.ERRORED: BAD,
    Verdict.WAIVED: FAINT,
}


def lines(result: RunResult, width: int = 100, style: Style = plain) -> list[str]:
    """The summary's lines, without line ends; paths and commands to copy are never cut."""
    page = _Page(max(width, NARROWEST), style)
    blocks = [
        *(page.drift(group) for group in result.groups[:_BLOCKS]),
        *page.further_drifts(result.groups),
        *(
            page.trouble(verdict, slug, list(reasons))
            for (verdict, slug), reasons in groupby(troubles(result), lambda one: (one.verdict, one.slug))
        ),
        *page.loosened(loosenings(result.results)),
        *page.statements([use for use in statement_uses(result.results) if use.striking]),
        *page.coverage(result),
        *page.adequacy(result),
        [page.verdict(result)],
    ]
    return [line for block in blocks for line in (*block, "")][:-1]


class _Page(RulesPage, AdequacyPage):
    """Every method lays out one block."""

    def drift(self, group: DriftGroup) -> list[str]:
        """One cause of drift: what differs, a witness, where its golden is, and the next command."""
        golden = group.witness.golden
        return [
            *self._heading(group),
            *self._also(group),
            *self.suspects(group),
            *self._witness(group),
            *([self.row("golden", visible(golden))] if golden else []),
            *self._next(group),
        ]

    def further_drifts(self, groups: Sequence[DriftGroup]) -> Iterator[list[str]]:
        """Causes beyond the first ones in a few lines each: none is left out."""
        if len(groups) > _BLOCKS:
            yield [line for group in groups[_BLOCKS:] for line in (*self._heading(group), *self._next(group))]
        if shared := shared_cases(groups):
            verb = "drifts" if shared == 1 else "drift"
            yield [f"{count(shared, 'case')} {verb} for more than one of these causes"]

    def trouble(self, verdict: Verdict, slug: str, reasons: Sequence[Trouble]) -> list[str]:
        """Cases that ended without evidence for one reason, with the first messages and what to do."""
        total = count(sum(len(reason.cases) for reason in reasons), "case")
        head = [self.style(verdict.upper(), **_VERDICTS.get(verdict, DOUBTFUL)) + "  " + total]
        block = [GAP.join(head + ([self.style(visible(slug), **FAINT)] if slug else []))]
        for position, reason in enumerate(reasons[:_MESSAGES]):
            many = f"({count(len(reason.cases), 'case')}) " if len(reasons) > 1 else ""
            block += self.wrapped("because", many + visible(reason.message)) if reason.message else []
            block += self._cases(reason)
            following = reasons[position + 1].hint if position + 1 < len(reasons[:_MESSAGES]) else ""
            block += self.wrapped("next", visible(reason.hint)) if reason.hint not in ("", following) else []
        if left := reasons[_MESSAGES:]:
            cases, others = sum(len(reason.cases) for reason in left), count(len(left), "other reason")
            block.append(self.row("", f"and {count(cases, 'case')} for {others}; {ALL}", FAINT))
        return block

    def loosened(self, policies: Sequence[Loosening]) -> Iterator[list[str]]:
        """Each declared loosening with its hits and its reason."""
        if not policies:
            return
        hits = count(sum(policy.hits for policy in policies), "difference")
        head = f"{self.style('LOOSENED', **FAINT)}  {hits} taken away by policy"
        cells = [(action(one.policy), visible(where(one.policy)), _hits(one)) for one in policies]
        widths = [min(max(columns(row[place]) for row in cells), _WIDEST) for place in range(3)]
        rows = [GAP.join(map(pad, row, widths)) for row in cells]
        reasons = [visible(one.policy.reason) for one in policies]
        lines = [f"  {row}{GAP}{reason}" for row, reason in zip(rows, reasons, strict=True)]
        if any(columns(line) > self.width for line in lines):
            label = widths[0] + len(GAP)
            lines = [
                line
                for row, reason in zip(rows, reasons, strict=True)
                for line in (f"  {row.rstrip()}", *self.wrapped("", reason, label))
            ]
        yield [head, *map(unspoken, lines)]

    def statements(self, uses: Sequence[StatementUse]) -> Iterator[list[str]]:
        """Tests whose candidate sends more statements than legacy, or the same one again and again."""
        if not uses:
            return
        block = self.headed(
            "STATEMENTS", DOUBTFUL, f"{count(len(uses), 'test')} to look at; nothing is red for it"
        )
        for use in uses[:_BLOCKS]:
            block.append(self.row("most", f"{use.told}{GAP}{visible(node_id(use.case))}"))
            if use.repeated is not None:
                text = visible(use.repeated.fingerprint.text)
                block += self.wrapped("repeated", f"{use.repeated.times} x {text}")
        if len(uses) > _BLOCKS:
            block.append(self.row("", f"and {count(len(uses) - _BLOCKS, 'more test')}; {ALL}", FAINT))
        yield block

    def verdict(self, result: RunResult) -> str:
        """The run's last line: its verdict, and counts that add up."""
        tones = {RunVerdict.PASS: GOOD, RunVerdict.DRIFT: BAD, RunVerdict.INCOMPLETE: DOUBTFUL}
        word = self.style(str(result.verdict), **tones[result.verdict])
        told = "; ".join(filter(None, (sum_line(result.counts()), standing(result))))
        return f"characterize: {word}  {visible(told)}"

    def _heading(self, group: DriftGroup) -> list[str]:
        name = visible(group.legacy or group.test)
        share = f"{len(group.cases)} of {count(group.of, 'case')}"
        if len(group.tests) > 1:
            share += f" in {count(len(group.tests), 'test')}"
        what = visible(kind_of(group))
        pattern = visible(group.pattern)
        head = f"{self.style('DRIFT', **BAD)}  {self.style(f'{visible(group.name)} {name}', **STRONG)}"
        start = f"DRIFT  {visible(group.name)} {name}{GAP}{share}"
        if columns(GAP.join((start, pattern, what))) <= self.width:
            return [GAP.join((head, share, pattern, what))]
        return [GAP.join((head, share)), *self.wrapped("differs", GAP.join((pattern, what)))]

    def _also(self, group: DriftGroup) -> Iterator[str]:
        """Where else the cause shows: in the same test, in others, and in later steps of scenarios."""
        elsewhere = also(group)
        here = [place for place in elsewhere if place.test == group.test]
        yield from self._few("also", [self._place(place) for place in here])
        others = [
            (test, [place for place in elsewhere if place.test == test.test]) for test in group.tests[1:]
        ]
        yield from self._few("also in", [_other_test(test, places) for test, places in others])
        yield from self._few("follow-ups", [self._place(place) for place in follow_ups(group)])

    def _few(self, label: str, told: Sequence[tuple[str, str]]) -> Iterator[str]:
        """The first of several, a row each."""
        for rank, pieces in enumerate(told[:_PLACES]):
            yield from self.fitting("" if rank else label, *pieces)
        if left := told[_PLACES:]:
            yield self.row("", f"and {len(left)} more; {ALL}", FAINT)

    def _place(self, place: DriftPlace) -> tuple[str, str]:
        """A place and what is so there; what its values have in common only where a line has room for it."""
        where, cases = visible(place.pattern), count(place.cases, "case")
        told = f"{visible(kind_of(place))}, {cases}"
        fits = columns(f"{where}{GAP}{told}") <= self.room
        return where, told if fits else f"{place.kind}, {cases}"

    def _next(self, group: DriftGroup) -> Iterator[str]:
        """How to run the witness alone."""
        if case := group.witness.case[:8]:
            yield self.row("next", f"pytest --characterize -k {visible(case)}", STRONG)

    def _witness(self, group: DriftGroup) -> list[str]:
        room = self.room
        difference = group.difference
        typed = difference.kind is Kind.TYPE
        given = show_input(group.witness.input, room) or visible(group.witness.label)
        legacy, candidate = show_pair(difference.legacy, difference.candidate, room - 11, typed=typed)
        sides = f"legacy {legacy}{GAP}candidate {candidate}"
        if columns(given) + 6 + columns(sides) <= room:
            return [self.row("witness", f"{given}      {sides}")]
        if columns(sides) <= room:
            return [self.row("witness", given), self.row("", sides)]
        return [
            self.row("witness", given),
            self.row("", f"legacy     {legacy}"),
            self.row("", f"candidate  {candidate}"),
        ]

    def _cases(self, reason: Trouble) -> list[str]:
        by_file = reason.message.startswith(GOLDEN)
        names = [visible(case.golden if by_file else node_id(case)) for case in reason.cases[:_NAMED]]
        if len(reason.cases) > _NAMED:
            names.append(f"and {len(reason.cases) - _NAMED} more")
        label = "case" if len(names) == 1 else "cases"
        return [self.row("" if place else label, name) for place, name in enumerate(names)]


def _other_test(test: DriftTest, places: Sequence[DriftPlace]) -> tuple[str, str]:
    shares = f"{len(test.cases)} of {count(test.of, 'case')}"
    where = visible(places[0].pattern) if places else ""
    more = f" and {count(len(places) - 1, 'other place')}" if len(places) > 1 else ""
    return visible(test.legacy or test.test), GAP.join(filter(None, (shares, where + more)))


def _hits(policy: Loosening) -> str:
    if not policy.hits:
        return "0 hits, not needed"
    return f"{count(policy.hits, 'hit')} in {count(policy.cases, 'case')}"
