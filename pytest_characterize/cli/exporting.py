"""export: the goldens' knowledge in the files of other tools."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from pytest_characterize.export.coverage_data import export_coverage
from pytest_characterize.report.words import count
from pytest_characterize.session import Session


def coverage(session: Session, file: Path) -> Iterator[str]:
    """Write a data file of coverage.py with a context a case."""
    done = export_coverage(session.store, session.settings.directory, file.absolute())
    yield f"exported  {file}  {count(done.cases, 'case')}, {count(done.sources, 'legacy source')}"
    if done.stale:
        yield f"left out  {count(done.stale, 'golden')} of another version of legacy; record them again"
    yield f"next: coverage html --rcfile={file}-report.ini"
