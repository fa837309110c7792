"""The auditor's view of adequacy: which changes of legacy's rules the goldens would not notice."""

from __future__ import annotations

from collections.abc import Iterator

from pytest_characterize.model import RunResult
from pytest_characterize.report.adequacy import (
    Hole,
    by_context,
    by_routine,
    equivalents,
    holes,
    is_known,
    left_out,
    percent,
)
from pytest_characterize.report.marks import Page, cell, code, plain, table
from pytest_characterize.report.showing import show_input
from pytest_characterize.report.words import count
from pytest_characterize.rulemutants import AdequacyCount

_HEAD = ("Mutants", "Noticed", "Survived", "Not reached", "Not run yet", "Adequacy")


def section(result: RunResult, page: Page) -> Iterator[str]:
    """Everything about rule mutants; nothing where none was ever run."""
    found, book = result.adequacy, result.rules
    if not is_known(found):
        return
    counted = found.count
    yield from ("", "## Would the goldens notice?", "")
    yield (
        f"Legacy's rules were changed in one place at a time and run on the recorded inputs: of "
        f"{count(counted.made, 'change')} the goldens notice {counted.noticed} ({percent(counted)})."
    )
    if counted.noticed < counted.made:
        yield ""
        yield f"The others: {', '.join(left_out(counted))}."
    if unknown := (*found.notes, *found.limits):
        yield from ("", "Not all is known:", "")
        shown, left = page.entries_of(unknown)
        yield from (f"- {plain(note)}" for note in shown)
        yield from page.left_off(left, "more reason")
    yield ""
    rows = [[cell(name), *_numbers(one)] for name, one in by_context(found, book).items()]
    rows += [[cell(f"{name}"), *_numbers(one)] for name, one in by_routine(found, book).items()]
    shown_rows, left = page.entries_of(rows)
    yield from table(("Context, routine", *_HEAD), shown_rows, numbers=range(1, 7))
    yield from page.left_off(left, "more routine")
    every = holes(found, book)
    if every:
        yield from ("", "### Not pinned", "")
        shown_holes, left = page.entries_of(every)
        head = ("Where", "Nothing pins", "Against", "An input that would tell them apart")
        yield from table(head, map(_hole, shown_holes))
        yield from page.left_off(left, "more place")
    declared = equivalents(found)
    if declared:
        yield from ("", "### Declared equivalent", "")
        shown_equal, left = page.entries_of(declared)
        yield from table(
            ("Mutant", "Is", "Would be", "Reason"),
            (
                [cell(one.mutant.id), cell(one.mutant.was), cell(one.mutant.becomes), plain(one.equivalent)]
                for one in shown_equal
            ),
        )
        yield from page.left_off(left, "more mutant")


def _numbers(one: AdequacyCount) -> list[str]:
    numbers = (one.made, one.noticed, one.survived, one.unreached, one.pending)
    return [*map(str, numbers), percent(one)]


def _hole(hole: Hole) -> list[str]:
    told = ""
    if hole.telling is not None:
        test, given = next(iter(hole.telling.telling.items()))
        told = f"{cell(show_input(given))} ({plain(test.rpartition('::')[2])})"
    against = ", ".join(code(piece) if piece else "left out" for piece in hole.against)
    return [cell(hole.place), cell(hole.was), against, told]
