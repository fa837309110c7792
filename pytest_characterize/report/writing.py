"""Report files: ``--characterize-report=FORMAT:PATH``.

A format is one renderer in :data:`RENDERERS`; a new one is a new file and a line there.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from secrets import token_hex
from typing import Final, TypeAlias

from pytest_characterize.errors import UsageError
from pytest_characterize.model import RunResult
from pytest_characterize.report import json_report, markdown

Renderer: TypeAlias = Callable[[RunResult, str | None], str]
"""Takes the run, and the way from the report's folder to the project's root (``None``: outside of it)."""

_BEGINNING: Final = 12
"""Bytes by which a report of ours is told from other files."""

RENDERERS: Final[Mapping[str, Renderer]] = {
    "json": lambda result, _: json_report.render_text(result),
    "md": markdown.render,
}
"""The known formats."""


@dataclass(frozen=True, slots=True)
class ReportSpec:
    """A report that was asked for: which format, and the file that it goes to."""

    format: str
    path: Path


def parse_specs(texts: Iterable[str]) -> tuple[ReportSpec, ...]:
    """What the option's values ask for.

    Raises:
        UsageError: as :func:`parse_spec`, and ``report-same-path`` where one report would overwrite another.
    """
    specs = tuple(map(parse_spec, texts))
    for place, spec in enumerate(specs):
        for earlier in specs[:place]:
            if _absolute(spec.path) == _absolute(earlier.path):
                raise UsageError(
                    f"--characterize-report: {earlier.format} and {spec.format} reports both go to {spec.path}",
                    slug="report-same-path",
                    hint="give each report a file of its own",
                )
    return specs


def parse_spec(text: str) -> ReportSpec:
    r"""What one ``FORMAT:PATH`` asks for; only the first colon separates.

    >>> parse_spec("md:build/drift.md").format
    'md'

    Raises:
        UsageError: ``report-unknown-format`` or ``report-without-path``.
    """
    format_, colon, path = text.partition(":")
    if format_ not in RENDERERS:
        example = f"json:{text}" if not colon or len(format_) == 1 else f"json:{path}"
        raise UsageError(
            f"--characterize-report={text}: unknown format {format_!r} (known: {', '.join(RENDERERS)})",
            slug="report-unknown-format",
            hint=f"write FORMAT:PATH, for example {example}",
        )
    if not path or "\0" in path:
        raise UsageError(
            f"--characterize-report={text}: names no file",
            slug="report-without-path",
            hint=f"write FORMAT:PATH, for example {format_}:build/drift.{format_}",
        )
    return ReportSpec(format_, Path(os.path.expanduser(path)))  # noqa: PTH111 - Path's raises for unknown users


def write_reports(
    result: RunResult, specs: Iterable[ReportSpec], root: Path | None = None
) -> tuple[Path, ...]:
    """Write each report, whole or not at all; one that cannot be written does not stop the others.

    Args:
        root: the project's root, so that reports inside the project can link to its goldens.

    Returns:
        The files written, in the order of ``specs``.

    Raises:
        UsageError: ``report-unwritable``, after all others were written.
    """
    written, failures = [], []
    for spec in specs:
        try:
            _write(spec.path, RENDERERS[spec.format](result, _to_root(spec.path, root)))
            written.append(spec.path)
        except _ForeignFileError:
            failures.append(f"{spec.format} report {spec.path}: is a file that holds something else")
        except FileExistsError:
            failures.append(f"{spec.format} report {spec.path}: what should be its folder is a file")
        except OSError as error:
            failures.append(f"{spec.format} report {spec.path}: {error.strerror or error}")
    if failures:
        raise UsageError(
            f"not written: {'; '.join(failures)}",
            slug="report-unwritable",
            hint="give --characterize-report a path that can be written; the verdict above holds without it",
        )
    return tuple(written)


def _to_root(path: Path, root: Path | None) -> str | None:
    """The way from the report's folder to the root (``"../../"``), ``None`` from outside the project."""
    folder = _absolute(path).parent
    if root is None or not folder.is_relative_to(_absolute(root)):
        return None
    return "../" * len(folder.relative_to(_absolute(root)).parts)


class _ForeignFileError(Exception):
    """The file is there and no report of the same format: it could be anything, so it is left alone."""


def _write(path: Path, text: str) -> None:
    """By a temporary file beside the target; only what is no regular file (a pipe) is written directly."""
    target = _absolute(path)
    if target.is_file() and not _begins_alike(target, text):
        raise _ForeignFileError
    target.parent.mkdir(parents=True, exist_ok=True)
    if target.exists() and not target.is_file():
        with target.open("w", encoding="utf-8", newline="\n") as stream:
            stream.write(text)
        return
    temporary = target.with_name(f".{target.name}.{token_hex(4)}.tmp")
    try:
        with temporary.open("x", encoding="utf-8", newline="\n") as stream:
            stream.write(text)
            stream.flush()
            os.fsync(stream.fileno())
        temporary.replace(target)
    except BaseException:
        with suppress(FileNotFoundError):
            temporary.unlink()
        raise


def _begins_alike(target: Path, text: str) -> bool:
    """Whether the file is empty or begins as the text does; reports of a format begin alike."""
    with target.open("rb") as stream:
        begin = stream.read(_BEGINNING)
    return begin in (b"", text[:_BEGINNING].encode())


def _absolute(path: Path) -> Path:
    """Where writing really goes: links followed, so that a link is not replaced by a file."""
    return Path(os.path.realpath(path))
