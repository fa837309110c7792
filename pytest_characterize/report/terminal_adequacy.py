"""Adequacy in the terminal: how many changed rules the goldens would notice, and what nothing pins."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from pytest_characterize.model import RunResult
from pytest_characterize.report.adequacy import Hole, by_context, holes, is_known, left_out, percent
from pytest_characterize.report.layout import ALL, DOUBTFUL, FAINT, GAP, STRONG, Layout
from pytest_characterize.report.showing import show_input
from pytest_characterize.report.visible import columns, pad, shorten, visible
from pytest_characterize.report.words import count

_HOLES: Final = 5
_NOTES: Final = 3
_TEXT: Final = 60
_AGAINST: Final = 2


class AdequacyPage(Layout):
    """The block that speaks of rule mutants."""

    def adequacy(self, result: RunResult) -> Iterator[list[str]]:
        """What the goldens would notice; nothing where no mutant was ever run."""
        found, book = result.adequacy, result.rules
        if not is_known(found):
            return
        counted = found.count
        style = STRONG if counted.noticed == counted.made else DOUBTFUL
        told = f"{counted.noticed} of {count(counted.made, 'changed rule')} would be noticed"
        block = self.headed("ADEQUACY", style, percent(counted), told, ", ".join(left_out(counted)))
        cells = [
            (visible(shorten(name, _TEXT)), percent(one), f"{one.noticed} of {one.made}")
            for name, one in by_context(found, book).items()
        ]
        widths = [max((columns(row[at]) for row in cells), default=0) for at in range(3)]
        block += [
            self.row("" if at else "context", GAP.join(map(pad, row, widths)).rstrip())
            for at, row in enumerate(cells)
        ]
        every = holes(found, book) if result.complete else ()
        for at, hole in enumerate(every[:_HOLES]):
            block += self._hole("" if at else "not pinned", hole)
        block += self._more(len(every) - _HOLES, "other place")
        unknown = (*found.notes, *found.limits)
        for at, note in enumerate(unknown[:_NOTES]):
            block += self.wrapped("" if at else "unknown", visible(note))
        block += self._more(len(unknown) - _NOTES, "other reason")
        if found.notes or counted.pending:
            block.append(self.row("next", "pytest --characterize-mutants", STRONG))
        yield block

    def _hole(self, label: str, hole: Hole) -> list[str]:
        against = [shorten(visible(piece), _TEXT) for piece in hole.against[:_AGAINST]]
        more = f" (and {len(hole.against) - _AGAINST} more)" if len(hole.against) > _AGAINST else ""
        was = f"{visible(hole.place)}  {shorten(visible(hole.was), _TEXT)}"
        lines = self.fitting(label, was, f"against {' or '.join(against)}{more}")
        if hole.telling is not None:
            test, given = next(iter(hole.telling.telling.items()))
            told = f"add to {visible(test.rpartition('::')[2])}: {show_input(given, self.room)}"
            lines += self.wrapped("", told)
        return lines

    def _more(self, number: int, noun: str) -> list[str]:
        if number <= 0:
            return []
        return [self.style(line, **FAINT) for line in self.wrapped("", f"and {count(number, noun)}; {ALL}")]
