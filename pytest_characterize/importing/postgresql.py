"""From PostgreSQL's logs to a file of cases: each input once, the most frequent first, nothing left out silently."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final, TypeAlias

from pytest_characterize.casefiles import SCRUBBED, CaseList, SeenCase, cases_text
from pytest_characterize.errors import UsageError
from pytest_characterize.importing.calls import Asked, UnusableError, asked
from pytest_characterize.importing.entries import statements
from pytest_characterize.session import Session
from pytest_characterize.sql.fingerprints import fingerprint

_Input: TypeAlias = tuple[str | None, ...]
_GUESSES: Final = (
    ("int", re.compile(r"-?(?:0|[1-9][0-9]{0,17})")),
    ("decimal", re.compile(r"-?(?:0|[1-9][0-9]*)\.[0-9]+")),
    ("date", re.compile(r"[0-9]{4}-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12][0-9]|3[01])")),
    ("bool", re.compile(r"t|f|true|false")),
)


@dataclass(slots=True)
class _Found:
    """One routine with one list of input names, or one query."""

    asked: Asked
    inputs: Counter[_Input] = field(default_factory=Counter)


@dataclass(frozen=True, slots=True)
class Imported:
    """What came of an import.

    Attributes:
        statements: how many there were; those that were used and those that were not add up to it.
        used: how many stand behind the cases that were written.
        not_used: reason -> how many.
        lines: lines of the logs that are no statements.
        lists: what was written, by name.
    """

    statements: int
    used: int
    not_used: Mapping[str, int]
    lines: int
    lists: Mapping[str, CaseList]


def import_postgresql(
    session: Session,
    logs: Iterable[Path],
    output: Path,
    names: Mapping[str, Sequence[str]],
    most: int,
) -> Imported:
    """Write the cases of the logs to a new file.

    Args:
        names: routine -> names of its inputs, for calls that give arguments by position.
        most: how many cases of one routine or query are kept.

    Raises:
        UsageError: ``import-exists``, ``import-nothing``, ``import-unwritable``, ``import-names`` or what
            :func:`~pytest_characterize.importing.entries.statements` raises.
        RecordingError: ``scrub-key-missing`` or ``scrub-leak``; nothing is written.
    """
    if output.exists():
        raise UsageError(
            f"{output}: is there already, and may have been edited",
            slug="import-exists",
            hint="name another file with --output, or remove this one",
        )
    found: dict[tuple[str, ...], _Found] = {}
    not_used: Counter[str] = Counter()
    total = lines = 0
    for path in logs:
        for statement in statements(path):
            if statement is None:
                lines += 1
                continue
            total += 1
            try:
                _keep(found, asked(statement), names)
            except UnusableError as reason:
                not_used[str(reason)] += 1
    lists = _lists(session, found, most, not_used)
    if not lists:
        raise UsageError(
            f"no case in {total} statements: {_told(not_used) or 'the logs hold none'}",
            slug="import-nothing",
            hint="log with log_statement = 'all' (or log_min_duration_statement = 0) while legacy is in use",
        )
    text = cases_text(lists)
    session.refuse_leaks(text, str(output))
    _write(output, text)
    return Imported(total, total - sum(not_used.values()), dict(not_used.most_common()), lines, lists)


def _told(reasons: Counter[str]) -> str:
    return "; ".join(f"{number} {reason}" for reason, number in reasons.most_common(5))


def _keep(found: dict[tuple[str, ...], _Found], one: Asked, names: Mapping[str, Sequence[str]]) -> None:
    wanted = names.get(one.name)
    if wanted is not None:
        if len(wanted) != len(one.given):
            raise UsageError(
                f"--inputs {one.name}={','.join(wanted)}: a call has {len(one.given)} arguments",
                slug="import-names",
                hint="name as many inputs as the routine has arguments in the logs",
            )
        renamed = dict(zip(one.given, wanted, strict=True))
        one = Asked(
            one.name,
            one.sql,
            {renamed[key]: value for key, value in one.given.items()},
            {renamed[key]: type_ for key, type_ in one.types.items()},
        )
    key = (one.name, *one.given) if one.name else ("", one.sql)
    place = found.setdefault(key, _Found(one))
    place.inputs[tuple(one.given.values())] += 1


def _lists(
    session: Session, found: Mapping[tuple[str, ...], _Found], most: int, not_used: Counter[str]
) -> dict[str, CaseList]:
    lists: dict[str, CaseList] = {}
    for one in found.values():
        name = one.asked.name or f"query {fingerprint(one.asked.sql).digest}"
        if name in lists:  # a routine that is called with other names, or with fewer arguments
            name = f"{name}({', '.join(one.asked.given)})"
        ordered = sorted(one.inputs.items(), key=lambda item: (-item[1], [text or "" for text in item[0]]))
        if left := sum(times for _, times in ordered[most:]):
            not_used[f"calls whose input is not among the {most} most frequent ones (see --most)"] += left
        lists[name] = _list(session, one.asked, ordered[:most])
    return lists


def _list(session: Session, one: Asked, inputs: Sequence[tuple[_Input, int]]) -> CaseList:
    clean: Counter[_Input] = Counter()
    for given, times in inputs:
        scrubbed, _ = session.scrubber.value(dict(zip(one.given, given, strict=True)))
        assert isinstance(scrubbed, dict)
        clean[tuple(None if text is None else str(text) for text in scrubbed.values())] += times
    types = {
        name: one.types.get(name) or _guess([given[place] for given in clean])
        for place, name in enumerate(one.given)
    }
    cases = [SeenCase(dict(zip(one.given, given, strict=True)), times) for given, times in clean.items()]
    legacy = f"{one.sql}({', '.join(one.given)})" if one.name else one.sql
    return CaseList(legacy, types, cases)


def _guess(texts: Iterable[str | None]) -> str:
    """The type that all texts of an input have, ``text`` if there is no other."""
    known = [text for text in texts if text is not None and not text.startswith(SCRUBBED)]
    fitting = (name for name, pattern in _GUESSES if all(map(pattern.fullmatch, known)))
    return next(fitting, "text") if known else "text"


def _write(output: Path, text: str) -> None:
    try:
        output.parent.mkdir(parents=True, exist_ok=True)
        with output.open("x", encoding="utf-8", newline="\n") as file:
            file.write(text)
    except OSError as error:
        raise UsageError(
            f"{output}: cannot be written: {error.strerror}",
            slug="import-unwritable",
            hint="name another file",
        ) from None
