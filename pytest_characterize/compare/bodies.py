"""Bodies of HTTP responses, compared by what they say rather than by their bytes."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from typing import Final, TypeAlias
from urllib.parse import parse_qsl

from pytest_characterize.compare.elements import compare_documents
from pytest_characterize.compare.html_documents import read_html
from pytest_characterize.compare.json_documents import NotJsonError, compare_json, read_json
from pytest_characterize.compare.media import Reading, content_type, decode
from pytest_characterize.compare.paths import Path
from pytest_characterize.compare.plain import dispatch_plain
from pytest_characterize.compare.texts import bytes_finding, finding
from pytest_characterize.compare.walking import Walk, difference
from pytest_characterize.compare.xml_documents import NotXmlError, read_xml
from pytest_characterize.model import Difference, Kind
from pytest_characterize.values import Response, Value

TextComparator: TypeAlias = Callable[[Walk, Path, str, str], Iterator[Difference]]

_NEWLINE: Final = re.compile(r"\r\n|\n|\r")


def compare_bodies(walk: Walk, path: Path, legacy: Response, candidate: Response) -> Iterator[Difference]:
    """Two bodies, read as their content types say.

    Where only one side declares a type, both are read by it. Where the types disagree (the header is a
    difference already), both are read as JSON if both are JSON, otherwise they are two unlike texts.
    """
    types = content_type(legacy), content_type(candidate)
    if legacy.body == candidate.body and types[0].charset == types[1].charset:
        return
    reading, other = types[0].reading or types[1].reading, types[1].reading or types[0].reading
    if reading is None or other is None or Reading.BINARY in (reading, other):
        if legacy.body != candidate.body:
            kind, note = bytes_finding(legacy.body, candidate.body)
            yield difference(path, kind, legacy.body, candidate.body, note)
        return
    old, new = decode(legacy, types[0]), decode(candidate, types[1])
    if old == new:
        return
    if not old or not new:
        yield difference(path, Kind.EMPTY, old, new)
    elif reading is other:
        yield from _COMPARATORS[reading](walk, path, old, new)
    elif Reading.JSON in (reading, other) and (documents := _documents(old, new)):
        yield from compare_json(walk, path, *documents)
    else:
        yield difference(path, Kind.TYPE, old, new, f"{reading} and {other}")


def compare_text(walk: Walk, path: Path, legacy: str, candidate: str) -> Iterator[Difference]:
    """Line by line; the line endings are told once."""
    old, new = _NEWLINE.split(legacy), _NEWLINE.split(candidate)
    if len(old) == len(new) == 1 or legacy.split() == candidate.split():
        kind, note = finding(legacy, candidate)
        yield difference(path, kind, legacy, candidate, note)
        return
    endings = _endings(legacy), _endings(candidate)
    if all(endings) and endings[0] != endings[1]:
        yield difference(path, Kind.WHITESPACE, endings[0], endings[1], "line endings")
    yield from walk.nested(dispatch_plain).differences(path, old, new)


def _endings(text: str) -> list[str]:
    return sorted(set(_NEWLINE.findall(text)))


def _compare_form(walk: Walk, path: Path, legacy: str, candidate: str) -> Iterator[Difference]:
    """By name; the order of values counts where a name comes again."""
    old, new = _fields(legacy), _fields(candidate)
    for name in old.keys() | new.keys():
        having = [fields for fields in (old, new) if name in fields]
        if all(len(fields[name]) == 1 for fields in having):
            for fields in having:
                fields[name] = fields[name][0]
    yield from walk.nested(dispatch_plain).differences(path, old, new)


def _fields(text: str) -> dict[str, Value]:
    fields: dict[str, Value] = {}
    for name, value in parse_qsl(text, keep_blank_values=True):
        fields.setdefault(name, []).append(value)
    return fields


def _compare_json(walk: Walk, path: Path, legacy: str, candidate: str) -> Iterator[Difference]:
    return _compare_documents(walk, path, legacy, candidate, read_json, compare_json)


def _compare_xml(walk: Walk, path: Path, legacy: str, candidate: str) -> Iterator[Difference]:
    return _compare_documents(walk, path, legacy, candidate, read_xml, compare_documents)


def _compare_html(walk: Walk, path: Path, legacy: str, candidate: str) -> Iterator[Difference]:
    return compare_documents(walk, path, read_html(legacy), read_html(candidate))


def _compare_documents(
    walk: Walk,
    path: Path,
    legacy: str,
    candidate: str,
    read: Callable[[str], Value],
    compare: Callable[[Walk, Path, Value, Value], Iterator[Difference]],
) -> Iterator[Difference]:
    """Two documents; what is none on both sides is text, what is none on one side is one difference."""
    documents, faults = [], []
    for side, text in (("legacy", legacy), ("the candidate", candidate)):
        try:
            documents.append(read(text))
        except (NotJsonError, NotXmlError) as error:
            faults.append(f"{side}: {error}")
    match faults:
        case []:
            yield from compare(walk, path, *documents)
        case [fault]:
            yield difference(path, Kind.TYPE, legacy, candidate, fault)
        case _:
            for found in compare_text(walk, path, legacy, candidate):
                yield replace(found, note="; ".join(filter(None, [found.note, *faults])))


def _documents(legacy: str, candidate: str) -> list[Value]:
    """Both texts as JSON documents, empty unless both are objects or arrays."""
    try:
        documents = [read_json(legacy), read_json(candidate)]
    except NotJsonError:
        return []
    return documents if all(type(document) in (dict, list) for document in documents) else []


_COMPARATORS: Final[Mapping[Reading, TextComparator]] = {
    Reading.JSON: _compare_json,
    Reading.URLENCODED: _compare_form,
    Reading.HTML: _compare_html,
    Reading.XML: _compare_xml,
    Reading.TEXT: compare_text,
}
