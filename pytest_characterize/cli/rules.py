"""rules scan, rules status: what the kept legacy sources decide, and what the goldens exercise of it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from typing import Final, TypeAlias

from pytest_characterize.errors import RecordingError, UsageError
from pytest_characterize.report.layout import FAINT, STRONG, Style
from pytest_characterize.report.rules import percent
from pytest_characterize.report.visible import columns, pad, shorten, visible
from pytest_characterize.report.words import count
from pytest_characterize.rulebook import RoutineStatus, RuleBook
from pytest_characterize.rules.drafting import draft
from pytest_characterize.rules.kept import KeptSource, names_of
from pytest_characterize.rules.listing import ListedLine, listing, margin
from pytest_characterize.session.rules import Rules

_MARGIN: Final = 34
_MISSED: Final = {"red": True}
_HIT: Final = {"green": True}

Complain: TypeAlias = Callable[[str], None]
"""Takes a line about something wrong that does not stop the command."""


def scan(rules: Rules, complain: Complain, *, write: bool) -> Iterator[str]:
    """Draft an entry of ``rules.toml`` for each decision that is not declared; an existing file stays as it is.

    Raises:
        RecordingError: ``rules-no-source``; ConfigurationError: the existing file cannot be read.
        StoreError: ``rules-exist``.
    """
    rules.catalogue()
    text = draft(_book(rules, complain))
    entries = count(text.count("[[rule]]"), "decision")
    if write:
        yield f"drafted  {rules.store.draft_catalogue(text)}  {entries}"
    elif text:
        yield text.rstrip("\n")
    else:
        yield "# every decision of the kept sources is declared"


def status(rules: Rules, complain: Complain, names: Sequence[str], style: Style) -> Iterator[str]:
    """The annotated sources: how many goldens took which way, on each line.

    Raises:
        RecordingError: ``rules-no-source``; UsageError: ``rules-no-match``.
    """
    book = _book(rules, complain)
    kept = {(one.source, one.name): one for one in rules.kept()}
    chosen = _chosen(book.routines, names)
    for place, routine in enumerate(chosen):
        yield from [""] if place else []
        yield from _annotated(kept[routine.source, routine.routine], routine, book, style)
    yield ""
    for why, number in Counter(note.because for note in (*book.stale, *book.unseen)).most_common():
        yield f"not counted  {count(number, 'golden')}: {visible(why)}"
    told = f"{book.count.exercised} of {count(book.count.known, 'rule')} exercised"
    yield f"{percent(book.count)}  {told} in {count(len(book.routines), 'routine')}"


def _book(rules: Rules, complain: Complain) -> RuleBook:
    results, errors = rules.recorded()
    book = rules.book(results)
    for error in errors:
        complain(f"not counted: {error}")
    for problem in book.problems:
        complain(f"{problem.message} [{problem.slug}] hint: {problem.hint}")
    if not book.routines:
        raise RecordingError(
            "no legacy source is kept, so no rule is known",
            slug="rules-no-source",
            hint="record a procedure or a function: pytest --characterize-record=new keeps its source",
        )
    return book


def _chosen(routines: Sequence[RoutineStatus], names: Sequence[str]) -> Sequence[RoutineStatus]:
    if not names:
        return routines
    chosen: list[RoutineStatus] = []
    for name in names:
        found = [routine for routine in routines if name in names_of(routine.routine)]
        if not found:
            known = ", ".join(routine.name for routine in routines)
            raise UsageError(
                f"no source of a routine {name!r} is kept", slug="rules-no-match", hint=f"there are {known}"
            )
        chosen += [routine for routine in found if routine not in chosen]
    return chosen


def _annotated(kept: KeptSource, routine: RoutineStatus, book: RuleBook, style: Style) -> Iterator[str]:
    counted = routine.count
    told = f"{counted.exercised} of {count(counted.known, 'rule')} exercised, {percent(counted)}"
    yield f"{style(visible(routine.routine), **STRONG)}  {visible(routine.context)}  {told}"
    yield style(visible(kept.file), **FAINT)
    lines = listing(kept, routine, book.declared)
    width = min(max((columns(visible(margin(line.rules))) for line in lines), default=0), _MARGIN)
    for line in lines:
        yield _line(line, width, style)
    for why in routine.unknown:
        yield f"{style('unknown', **_MISSED)}  {visible(why)}"


def _line(line: ListedLine, width: int, style: Style) -> str:
    told = pad(shorten(visible(margin(line.rules)), width), width)
    colour = _MISSED if line.missed else _HIT if line.rules else FAINT
    mark = style("!", **_MISSED) if line.missed else " "
    number = f"{line.number:>4}" if line.number > 0 else "    "
    text = visible(line.text.expandtabs(4))
    names = f"  [{visible(', '.join(line.names))}]" if line.names else ""
    return f"{mark} {style(told, **colour)} {style(number, **FAINT)}  {text}{style(names, **STRONG)}".rstrip()
