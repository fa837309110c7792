"""Legacy source texts beside the goldens, so that rule coverage can be read with the legacy system gone.

One file a routine, ``legacy/<source>/<routine>.json``: the text line by line, so that a review sees what
changed in legacy as it sees any other change.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from hashlib import sha256

from pytest_characterize.codec import parse_json, pretty_json
from pytest_characterize.errors import StoreError
from pytest_characterize.store.disk import Disk
from pytest_characterize.store.names import safe

SCHEMA = 1


@dataclass(frozen=True, slots=True)
class SourceText:
    """The source of one legacy routine or module.

    Attributes:
        source: name of the configured legacy source, ``""`` for code of the project.
        name: as its recorder names it.
        kind: the descriptor kind that it was recorded for.
    """

    source: str
    name: str
    kind: str
    text: str

    @property
    def sha256(self) -> str:
        """Hash of the text, as goldens' provenance states it."""
        return sha256(self.text.encode("utf-8", "replace")).hexdigest()


def source_file(directory: str, one: SourceText) -> str:
    """Where the text is kept."""
    return f"{directory}/legacy/{safe(one.source, one.source or 'project')}/{safe(one.name, one.name)}.json"


def source_content(one: SourceText) -> str:
    """The text of its file."""
    tree = {
        "schema": SCHEMA,
        "source": one.source,
        "name": one.name,
        "kind": one.kind,
        "sha256": one.sha256,
        "text": one.text.split("\n"),
    }
    return pretty_json(tree)


@dataclass(frozen=True, slots=True)
class KeptTexts:
    """Every source text that is kept.

    Attributes:
        texts: file -> what it holds, sorted by file.
        damages: one a file that cannot be read, or that does not hold what was recorded.
    """

    texts: Mapping[str, SourceText]
    damages: tuple[StoreError, ...] = ()


def read_sources(disk: Disk, directory: str) -> KeptTexts:
    """Every text that is kept; damage is told and does not keep the others from being read."""
    texts, damages = {}, []
    try:
        files = list(_files(disk, f"{directory}/legacy"))
    except StoreError as error:
        return KeptTexts({}, (error,))
    for file in files:
        try:
            one = _read(disk, file)
            if source_file(directory, one) != file:
                raise _damaged(file)
            texts[file] = one
        except StoreError as error:
            damages.append(error)
    return KeptTexts(texts, tuple(damages))


def _files(disk: Disk, top: str) -> Iterator[str]:
    for folder, entry in sorted(disk.names(top).items()):
        if entry.is_dir(follow_symlinks=False):
            for name in sorted(disk.names(f"{top}/{folder}")):
                if name.endswith(".json"):
                    yield f"{top}/{folder}/{name}"


def _read(disk: Disk, file: str) -> SourceText:
    tree = parse_json(disk.read(file) or b"", file)
    match tree:
        case {
            "schema": 1,
            "source": str(source),
            "name": str(name),
            "kind": str(kind),
            "sha256": digest,
            "text": list(lines),
        }:
            one = SourceText(source, name, kind, "\n".join(map(str, lines)))
            if one.sha256 == digest:
                return one
    raise _damaged(file)


def _damaged(file: str) -> StoreError:
    return StoreError(
        f"{file}: is not the source text that was recorded",
        slug="source-text-damaged",
        hint="restore it with git checkout, or delete it and record with --characterize-record=rewrite",
    )
