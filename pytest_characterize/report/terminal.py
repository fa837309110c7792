"""The summary at the end of a run: drifts by cause, cases without evidence, loosenings, the verdict.

Lists are cut to what a person reads in a terminal, never without saying how much was left off; the JSON
report has everything.
"""

from __future__ import annotations

import textwrap
from collections.abc import Iterator, Mapping, Sequence
from itertools import groupby
from types import MappingProxyType
from typing import Final, Protocol, TypeAlias

from pytest_characterize.model import DriftGroup, Kind, RunResult, RunVerdict, Verdict
from pytest_characterize.report.showing import show_input, show_pair
from pytest_characterize.report.summary import GOLDEN, Loosening, Trouble, loosenings, shared_cases, troubles
from pytest_characterize.report.visible import columns, pad, shorten, unspoken, visible
from pytest_characterize.report.words import action, count, node_id, standing, sum_line, where

NARROWEST: Final = 60
"""Lines are laid out for at least this many columns."""

_BLOCKS: Final = 20
_MESSAGES: Final = 5
_NAMED: Final = 3
_LINES: Final = 4
_LABEL: Final = 14
_GAP: Final = "   "
_ALL: Final = "--characterize-report=json:PATH lists all"

_WIDEST: Final = 40

Markup: TypeAlias = Mapping[str, bool]
_PLAIN: Final[Markup] = MappingProxyType({})
_BAD: Final = {"red": True, "bold": True}
_GOOD: Final = {"green": True, "bold": True}
_DOUBTFUL: Final = {"yellow": True, "bold": True}
_FAINT: Final = {"light": True}
_STRONG: Final = {"bold": True}
_VERDICTS: Final = {
    Verdict.DRIFTED: _BAD,
    Verdict.EXPIRED: _BAD,
    Verdict.ERRORED: _BAD,
    Verdict.WAIVED: _FAINT,
}


class Style(Protocol):
    """How a piece of a line is coloured; it must not change what the piece says.

    pytest's ``TerminalWriter.markup`` is one.
    """

    def __call__(self, text: str, **markup: bool) -> str:
        """The text as it is printed; ``markup`` names colours, ``bold`` and ``light``."""


def plain(text: str, **markup: bool) -> str:
    """No colour at all."""
    return text


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
        [page.verdict(result)],
    ]
    return [line for block in blocks for line in (*block, "")][:-1]


class _Page:
    """One width and one style; every method lays out one block."""

    def __init__(self, width: int, style: Style) -> None:
        self._width, self._style = width, style

    def drift(self, group: DriftGroup) -> list[str]:
        """One cause of drift: what differs, a witness, where its golden is, and the next command."""
        golden, case = group.witness.golden, group.witness.case[:8]
        return [
            *self._heading(group),
            *self._witness(group),
            *([self._row("golden", visible(golden))] if golden else []),
            *([self._row("next", f"pytest --characterize -k {visible(case)}", _STRONG)] if case else []),
        ]

    def further_drifts(self, groups: Sequence[DriftGroup]) -> Iterator[list[str]]:
        """Causes beyond the first ones in a line or two each: none is left out."""
        if len(groups) > _BLOCKS:
            yield [line for group in groups[_BLOCKS:] for line in self._heading(group)]
        if shared := shared_cases(groups):
            verb = "drifts" if shared == 1 else "drift"
            yield [f"{count(shared, 'case')} {verb} for more than one of these causes"]

    def trouble(self, verdict: Verdict, slug: str, reasons: Sequence[Trouble]) -> list[str]:
        """Cases that ended without evidence for one reason, with the first messages and what to do."""
        total = count(sum(len(reason.cases) for reason in reasons), "case")
        head = [self._style(verdict.upper(), **_VERDICTS.get(verdict, _DOUBTFUL)) + "  " + total]
        block = [_GAP.join(head + ([self._style(visible(slug), **_FAINT)] if slug else []))]
        for position, reason in enumerate(reasons[:_MESSAGES]):
            many = f"({count(len(reason.cases), 'case')}) " if len(reasons) > 1 else ""
            block += self._wrapped("because", many + visible(reason.message)) if reason.message else []
            block += self._cases(reason)
            following = reasons[position + 1].hint if position + 1 < len(reasons[:_MESSAGES]) else ""
            block += self._wrapped("next", visible(reason.hint)) if reason.hint not in ("", following) else []
        if left := reasons[_MESSAGES:]:
            cases, others = sum(len(reason.cases) for reason in left), count(len(left), "other reason")
            block.append(self._row("", f"and {count(cases, 'case')} for {others}; {_ALL}", _FAINT))
        return block

    def loosened(self, policies: Sequence[Loosening]) -> Iterator[list[str]]:
        """Each declared loosening with its hits and its reason."""
        if not policies:
            return
        hits = count(sum(policy.hits for policy in policies), "difference")
        head = f"{self._style('LOOSENED', **_FAINT)}  {hits} taken away by policy"
        cells = [(action(one.policy), visible(where(one.policy)), _hits(one)) for one in policies]
        widths = [min(max(columns(row[place]) for row in cells), _WIDEST) for place in range(3)]
        rows = [_GAP.join(map(pad, row, widths)) for row in cells]
        reasons = [visible(one.policy.reason) for one in policies]
        lines = [f"  {row}{_GAP}{reason}" for row, reason in zip(rows, reasons, strict=True)]
        if any(columns(line) > self._width for line in lines):
            label = widths[0] + len(_GAP)
            lines = [
                line
                for row, reason in zip(rows, reasons, strict=True)
                for line in (f"  {row.rstrip()}", *self._wrapped("", reason, label))
            ]
        yield [head, *map(unspoken, lines)]

    def verdict(self, result: RunResult) -> str:
        """The run's last line: its verdict, and counts that add up."""
        tones = {RunVerdict.PASS: _GOOD, RunVerdict.DRIFT: _BAD, RunVerdict.INCOMPLETE: _DOUBTFUL}
        word = self._style(str(result.verdict), **tones[result.verdict])
        told = "; ".join(filter(None, (sum_line(result.counts()), standing(result))))
        return f"characterize: {word}  {visible(told)}"

    def _heading(self, group: DriftGroup) -> list[str]:
        name = visible(group.legacy or group.test)
        share = f"{len(group.cases)} of {count(group.of, 'case')}"
        what = f"{group.kind}: {visible(group.evidence)}" if group.evidence else str(group.kind)
        pattern = visible(group.pattern)
        head = f"{self._style('DRIFT', **_BAD)}  {self._style(f'{visible(group.name)} {name}', **_STRONG)}"
        start = f"DRIFT  {visible(group.name)} {name}{_GAP}{share}"
        if columns(_GAP.join((start, pattern, what))) <= self._width:
            return [_GAP.join((head, share, pattern, what))]
        return [_GAP.join((head, share)), *self._wrapped("differs", _GAP.join((pattern, what)))]

    def _witness(self, group: DriftGroup) -> list[str]:
        room = self._width - _LABEL - 2
        difference = group.difference
        typed = difference.kind is Kind.TYPE
        given = show_input(group.witness.input, room) or visible(group.witness.label)
        legacy, candidate = show_pair(difference.legacy, difference.candidate, room - 11, typed=typed)
        sides = f"legacy {legacy}{_GAP}candidate {candidate}"
        if columns(given) + 6 + columns(sides) <= room:
            return [self._row("witness", f"{given}      {sides}")]
        if columns(sides) <= room:
            return [self._row("witness", given), self._row("", sides)]
        return [
            self._row("witness", given),
            self._row("", f"legacy     {legacy}"),
            self._row("", f"candidate  {candidate}"),
        ]

    def _cases(self, reason: Trouble) -> list[str]:
        by_file = reason.message.startswith(GOLDEN)
        names = [visible(case.golden if by_file else node_id(case)) for case in reason.cases[:_NAMED]]
        if len(reason.cases) > _NAMED:
            names.append(f"and {len(reason.cases) - _NAMED} more")
        label = "case" if len(names) == 1 else "cases"
        return [self._row("" if place else label, name) for place, name in enumerate(names)]

    def _wrapped(self, label: str, text: str, indent: int = _LABEL) -> list[str]:
        """The text over a few lines, the last one with an ellipsis if there is still more."""
        room = self._width - indent - 2
        parts = textwrap.wrap(shorten(text, room * _LINES), room, break_on_hyphens=False) or [""]
        return [self._row("" if place else label, part, indent=indent) for place, part in enumerate(parts)]

    def _row(self, label: str, text: str, markup: Markup = _PLAIN, indent: int = _LABEL) -> str:
        start = self._style(pad(label, indent), **_FAINT) if label else " " * indent
        shown = unspoken(text)
        return f"  {start}{self._style(shown, **markup) if markup else shown}"


def _hits(policy: Loosening) -> str:
    if not policy.hits:
        return "0 hits, not needed"
    return f"{count(policy.hits, 'hit')} in {count(policy.cases, 'case')}"
