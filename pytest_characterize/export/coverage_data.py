"""What the goldens know of legacy's rules as a data file of coverage.py, with a context a case.

``coverage html --show-contexts`` then shows on each line of legacy which cases exercised it.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from pytest_characterize.errors import UsageError
from pytest_characterize.export.kept_rules import Arc, KeptRules
from pytest_characterize.measured import KIND
from pytest_characterize.model import Golden
from pytest_characterize.rules.versions import KEY, changed
from pytest_characterize.store.atomic_store import Store
from pytest_characterize.store.manifest import Entry
from pytest_characterize.store.source_files import SourceText

_PLUGIN: Final = "pytest_characterize.export.coverage_plugin"

_CONFIGURATION: Final = """\
[run]
branch = true
data_file = {data}
plugins = {plugin}

[html]
show_contexts = true
title = Legacy rules
"""


@dataclass(frozen=True, slots=True)
class Exported:
    """What was written.

    Attributes:
        data, configuration: the files for coverage.py.
        cases: how many goldens have hits in it.
        stale: how many were left out, because legacy has changed since.
    """

    data: Path
    configuration: Path
    sources: int
    cases: int
    stale: int


def export_coverage(store: Store, directory: str, file: Path) -> Exported:
    """Write the data file, in the place of an older one, and a configuration file beside it.

    Args:
        directory: the store's folder below the project's root.

    Raises:
        UsageError: ``coverage-missing``, ``coverage-nothing`` or ``coverage-unwritable``.
        StoreError: a golden or a kept source is damaged; nothing was written.
    """
    sources = store.sources()
    if sources.damages:
        raise sources.damages[0]
    kept = {
        (one.source, one.name): _Kept(one, store.root / file)
        for file, one in sources.texts.items()
        if one.kind != KIND  # coverage.py can combine reports of the tool that measured it
    }
    if not kept:
        raise UsageError(
            f"{directory}/legacy: holds no legacy source, so there is nothing to show",
            slug="coverage-nothing",
            hint="record a function or a procedure: pytest --characterize-record=new",
        )
    contexts: dict[str, dict[str, list[Arc]]] = {}
    stale = 0
    for entry, golden in _goldens(store):
        source = str(golden.descriptor.get("source", ""))
        texts = {name: one.text.text for (where, name), one in kept.items() if where == source}
        if changed(golden.provenance.get(KEY, ""), texts):
            stale += 1
            continue
        found = _arcs(golden, [one for (where, _), one in kept.items() if where == source])
        if found:
            contexts[f"{entry.test}[{entry.label}]"] = found
    configuration = file.with_name(f"{file.name}-report.ini")
    try:
        _write(file, contexts, [str(one.path) for one in kept.values()])
        configuration.write_text(_CONFIGURATION.format(data=file, plugin=_PLUGIN), "utf-8")
    except OSError as error:
        raise UsageError(
            f"{file}: cannot be written: {error.strerror or error}",
            slug="coverage-unwritable",
            hint="name a file in a folder that exists",
        ) from None
    return Exported(file, configuration, len(kept), len(contexts), stale)


class _Kept:
    """A kept source, where its file is, and its rules."""

    def __init__(self, text: SourceText, path: Path) -> None:
        self.text, self.path = text, path
        self.arcs = KeptRules.read(text.kind, text.name, text.text).arcs


def _goldens(store: Store) -> Iterator[tuple[Entry, Golden]]:
    for test in store.tests():
        shelf = store.shelf(test)
        if shelf.problems:
            raise shelf.problems[0].error()
        for entry in shelf.entries:
            yield entry, store.load(entry)


def _arcs(golden: Golden, kept: list[_Kept]) -> dict[str, list[Arc]]:
    """The branches that a case took, by file."""
    hit = {one.rule for one in golden.hits}
    found = {str(one.path): [arc for rule, arc in one.arcs.items() if rule in hit] for one in kept}
    return {path: arcs for path, arcs in found.items() if arcs}


def _write(file: Path, contexts: dict[str, dict[str, list[Arc]]], paths: list[str]) -> None:
    try:
        from coverage import CoverageData
    except ImportError:
        raise UsageError(
            "coverage.py is not installed, whose files this writes",
            slug="coverage-missing",
            hint="pip install 'pytest-characterize[coverage]'",
        ) from None
    new = file.with_name(f"{file.name}.{os.getpid()}.new")
    new.touch()
    new.unlink()
    try:
        data = CoverageData(basename=str(new))
        data.add_arcs(dict.fromkeys(paths, ()))  # that it holds branches must be known first
        data.touch_files(paths, f"{_PLUGIN}.LegacyRules")
        for context, arcs in contexts.items():
            data.set_context(context)
            data.add_arcs(arcs)
        data.close(force=True)
        new.replace(file)
    finally:
        new.unlink(missing_ok=True)
