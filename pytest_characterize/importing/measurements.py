"""Coverage of legacy that another tool has measured, imported beside the goldens."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import BinaryIO, Final, TypeAlias

from pytest_characterize.errors import UsageError
from pytest_characterize.importing.coverage.clover import read_clover
from pytest_characterize.importing.coverage.cobertura import read_cobertura
from pytest_characterize.importing.coverage.gathering import Gathering
from pytest_characterize.importing.coverage.jacoco import read_jacoco
from pytest_characterize.importing.coverage.lcov import read_lcov
from pytest_characterize.importing.coverage.opencover import read_opencover
from pytest_characterize.importing.coverage.texts import Texts, plain_name
from pytest_characterize.measured import KIND, Format, MeasuredFile, Measurement
from pytest_characterize.session import Session
from pytest_characterize.store.manifest import Entry
from pytest_characterize.store.source_files import SourceText

_Read: TypeAlias = tuple[Gathering, tuple[str, ...]]

_LARGEST: Final = 1 << 30
_READERS: Final[Mapping[Format, Callable[[BinaryIO, str], _Read]]] = {
    "lcov": lambda stream, where: (read_lcov(stream, where), ()),
    "cobertura": read_cobertura,
    "jacoco": lambda stream, where: (read_jacoco(stream, where), ()),
    "clover": lambda stream, where: (read_clover(stream, where), ()),
    "opencover": lambda stream, where: (read_opencover(stream, where), ()),
}


@dataclass(frozen=True, slots=True)
class Asked:
    """What an import is asked to do.

    Attributes:
        report: the file that a coverage tool has written.
        source: name of the legacy source that was measured; ``None`` for that of the case.
        case: the beginning of a case's id, or part of its label, if the report is of one case.
        test: part of the case's test, where the case alone does not say which one it is.
        run: what to call a report over many cases; by default its file's name.
        root: the folder of legacy's source files, if they are at hand.
    """

    format: Format
    report: Path
    source: str | None = None
    case: str = ""
    test: str = ""
    run: str = ""
    root: Path | None = None


@dataclass(frozen=True, slots=True)
class Done:
    """What came of an import.

    Attributes:
        file: where it is kept now.
        without_text: the source files that were not found below the folder.
    """

    file: str
    measurement: Measurement
    without_text: tuple[str, ...]


def import_coverage(session: Session, asked: Asked) -> Done:
    """Keep what a report says, in the place of what the same report said before.

    Raises:
        UsageError: ``coverage-damaged``, ``coverage-unreadable``, ``coverage-empty``, ``coverage-other-text``,
            ``coverage-case``, ``coverage-source`` or ``coverage-root``; nothing is written.
        StoreError: it cannot be written.
    """
    about = _about(session, asked)
    gathering, folders = _read(asked)
    files, texts = _placed(session, asked, gathering, folders)
    measurement = replace(about, files=files)
    with session.store.recording():
        for text in texts:
            session.store.keep_source(replace(text, source=measurement.source))
        file = session.store.keep_measurement(measurement)
    return Done(file, measurement, tuple(one.name for one in files if not one.sha256))


def _read(asked: Asked) -> _Read:
    where = str(asked.report)
    try:
        if asked.report.stat().st_size > _LARGEST:
            raise UsageError(
                f"{where}: is larger than {_LARGEST} bytes",
                slug="coverage-unreadable",
                hint="let the coverage tool leave out what is not legacy",
            )
        with asked.report.open("rb") as stream:
            found = _READERS[asked.format](stream, where)
    except OSError as error:
        raise UsageError(
            f"{where}: cannot be read: {error.strerror}",
            slug="coverage-unreadable",
            hint="name the file that the coverage tool has written",
        ) from None
    if not any(file.arms for file in found[0].files()):
        raise UsageError(
            f"{where}: says nothing of any branch, function or line",
            slug="coverage-empty",
            hint="see that legacy was measured, and that the report has details and not totals only",
        )
    return found


def _placed(
    session: Session, asked: Asked, gathering: Gathering, folders: tuple[str, ...]
) -> tuple[tuple[MeasuredFile, ...], tuple[SourceText, ...]]:
    """The files by the names that they have below the root, and the texts that were found there."""
    if asked.root is not None and not asked.root.is_dir():
        raise UsageError(
            f"--root={asked.root}: is no folder",
            slug="coverage-root",
            hint="name the folder of legacy's source files, or leave the option out",
        )
    known = Texts(asked.root) if asked.root is not None else None
    files: dict[str, MeasuredFile] = {}
    texts: dict[str, SourceText] = {}
    for file in gathering.files():
        found = known.find(file.name, folders) if known else None
        name = found.name if found else plain_name(file.name, session.settings.root)
        placed = replace(file, name=name)
        if found:
            _refuse_other_text(asked, placed, found.text)
            texts[name] = SourceText("", name, KIND, found.text)
            placed = replace(placed, sha256=texts[name].sha256)
        if name in files:
            raise UsageError(
                f"{asked.report}: {file.name} and another source file of the report are both {name}",
                slug="coverage-root",
                hint="name a folder below which they have different paths",
            )
        files[name] = placed
    return tuple(files[name] for name in sorted(files)), tuple(texts.values())


def _refuse_other_text(asked: Asked, file: MeasuredFile, text: str) -> None:
    last = max((arm.line for arm in file.arms), default=0)
    if last > text.count("\n") + 1:
        raise UsageError(
            f"{asked.report}: {file.name} has no line {last}, so this is not the text that was measured",
            slug="coverage-other-text",
            hint="name the folder of the sources that legacy was built from when it was measured",
        )


def _about(session: Session, asked: Asked) -> Measurement:
    if not (asked.case or asked.test):
        known = session.settings.sources
        if asked.source and asked.source not in known:
            raise UsageError(
                f"--source {asked.source}: is not configured (known: {', '.join(sorted(known)) or 'none'})",
                slug="source-unknown",
                hint=f"leave it out, or add [tool.characterize.sources.{asked.source}] to pyproject.toml",
            )
        run = asked.run or asked.report.name
        return Measurement(asked.source or "", asked.format, (), run=run)
    entry = _entry(session, asked)
    golden = session.store.load(entry)
    source = str(golden.descriptor.get("source", ""))
    if asked.source not in (None, source):
        raise UsageError(
            f"{entry.label} is a case of the source {source!r}, not of {asked.source!r}",
            slug="coverage-source",
            hint=f"write --source {source}" if source else "leave --source out",
        )
    return Measurement(source, asked.format, (), test=entry.test, case=entry.id, label=entry.label)


def _entry(session: Session, asked: Asked) -> Entry:
    store = session.store
    entries = [entry for test in store.tests() for entry in store.shelf(test).entries]
    found = [
        entry
        for entry in entries
        if asked.test in entry.test and (entry.id.startswith(asked.case) or asked.case in entry.label)
    ]
    if len(found) != 1:
        wanted = " ".join(filter(None, (asked.test, asked.case)))
        which = ", ".join(entry.label for entry in found[:5]) or "none"
        raise UsageError(
            f"{wanted!r} means {len(found)} cases: {which}",
            slug="coverage-case",
            hint="name one recorded case with --case and --test, or neither for a report over many cases",
        )
    return found[0]
