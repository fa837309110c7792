"""What coverage tools said of legacy, beside the goldens: ``coverage/<source>/<format>/<run or case>.json``.

A file is of one report, written whole or not at all, and importing the report again replaces it. No
manifest lists them: what is gone was exercised by nothing, which no gate takes for good news.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final, get_args
from urllib.parse import quote, unquote

from pytest_characterize.codec import parse_json, pretty_json
from pytest_characterize.errors import StoreError
from pytest_characterize.measured import Arm, ArmKind, Format, MeasuredFile, Measurement
from pytest_characterize.store.disk import Disk
from pytest_characterize.store.names import safe

SCHEMA: Final = 1

_FORMATS: Final[tuple[str, ...]] = get_args(Format)
_KINDS: Final[tuple[str, ...]] = get_args(ArmKind)


@dataclass(frozen=True, slots=True)
class KeptMeasurements:
    """Everything that was imported.

    Attributes:
        measurements: file -> what it holds, sorted by file.
        damages: one a file that cannot be read, or that is of another place.
    """

    measurements: Mapping[str, Measurement]
    damages: tuple[StoreError, ...] = ()


def measurement_file(directory: str, one: Measurement) -> str:
    """Where a measurement is kept."""
    name = safe(one.run, one.run) if one.run else safe(f"{one.test}::{one.case}", one.label, faithful=False)
    return f"{directory}/coverage/{safe(one.source, one.source or 'project')}/{one.format}/{name}.json"


def measurement_content(one: Measurement) -> str:
    """The text of its file: a line an arm, so that a review sees what is exercised and what no more."""
    about = {"run": one.run} if one.run else {"test": one.test, "case": one.case, "label": one.label}
    files = [
        {
            "name": file.name,
            "sha256": file.sha256,
            "unknown": list(file.unknown),
            "arms": [
                f"{arm.line} {arm.kind} {quote(arm.key)} {arm.hits} {arm.told}".rstrip() for arm in file.arms
            ],
        }
        for file in one.files
    ]
    tree = {"schema": SCHEMA, "source": one.source, "format": one.format, **about, "files": files}
    return pretty_json(tree)


def read_measurements(disk: Disk, directory: str) -> KeptMeasurements:
    """Everything that was imported; damage is told and does not keep the others from being read."""
    found, damages = {}, []
    try:
        files = list(_files(disk, f"{directory}/coverage"))
    except StoreError as error:
        return KeptMeasurements({}, (error,))
    for file in files:
        try:
            one = _read(disk, file)
            if measurement_file(directory, one) != file:
                raise _damaged(file)
            found[file] = one
        except StoreError as error:
            damages.append(error)
    return KeptMeasurements(found, tuple(damages))


def _files(disk: Disk, top: str, levels: int = 3) -> Iterator[str]:
    for name, entry in sorted(disk.names(top).items()):
        if levels == 1 and name.endswith(".json"):
            yield f"{top}/{name}"
        elif levels > 1 and (entry.is_dir(follow_symlinks=False) or entry.is_symlink()):
            yield from _files(disk, f"{top}/{name}", levels - 1)


def _read(disk: Disk, file: str) -> Measurement:
    tree = parse_json(disk.read(file) or b"", file)
    try:
        if tree["schema"] == SCHEMA and tree["format"] in _FORMATS:
            return Measurement(
                source=_text(tree["source"]),
                format=tree["format"],
                files=tuple(map(_file, tree["files"])),
                run=_text(tree.get("run", "")),
                test=_text(tree.get("test", "")),
                case=_text(tree.get("case", "")),
                label=_text(tree.get("label", "")),
            )
    except (KeyError, TypeError, ValueError, AttributeError):
        pass
    raise _damaged(file)


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise TypeError
    return value


def _file(tree: Any) -> MeasuredFile:
    arms, unknown = tuple(map(_arm, tree["arms"])), tuple(map(_text, tree["unknown"]))
    return MeasuredFile(_text(tree["name"]), arms, unknown, _text(tree["sha256"]))


def _arm(text: str) -> Arm:
    line, kind, key, hits, told = (*text.split(" ", 4), "")[:5]
    if kind not in _KINDS or not (line.isdecimal() and hits.isdecimal()):
        raise ValueError(text)
    return Arm(int(line), kind, unquote(key), int(hits), told)  # type: ignore[arg-type]  # one of _KINDS


def _damaged(file: str) -> StoreError:
    return StoreError(
        f"{file}: is not the coverage that was imported",
        slug="coverage-file-damaged",
        hint="restore it with git checkout, or delete it and run pytest-characterize import again",
    )
