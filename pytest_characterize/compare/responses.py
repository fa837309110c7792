"""HTTP responses: status, the headers that are behaviour, and the body by its content."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Final
from urllib.parse import urlsplit

from pytest_characterize.compare.bodies import compare_bodies
from pytest_characterize.compare.media import header, parse_content_type
from pytest_characterize.compare.paths import Path
from pytest_characterize.compare.texts import finding
from pytest_characterize.compare.walking import Pair, Walk, difference
from pytest_characterize.model import Difference, Kind, Observation
from pytest_characterize.values import ABSENT, Response

_LINKING: Final = frozenset({"location", "content-location"})


def compare_responses(
    headers: Sequence[str], walk: Walk, path: Path, legacy: Response, candidate: Response
) -> Iterator[Difference | Pair]:
    """Two responses. Of the headers only those named (lower case) are behaviour."""
    if legacy.status != candidate.status:
        yield difference((path, "status"), Kind.STATUS, legacy.status, candidate.status)
    for name in headers:
        yield from _compare_header(((path, "headers"), name), name, legacy, candidate)
    yield from compare_bodies(walk, (path, "body"), legacy, candidate)


def without_own_host(response: Response, observation: Observation) -> Response:
    """The response with links to its own host made relative: which host answered is no behaviour."""
    if not observation.interactions:
        return response
    own = _origin(observation.interactions[-1].uri)
    return replace(
        response,
        headers=tuple(
            (name, value[len(own) :] if name.lower() in _LINKING and value.startswith(own + "/") else value)
            for name, value in response.headers
        ),
    )


def _compare_header(path: Path, name: str, legacy: Response, candidate: Response) -> Iterator[Difference]:
    old, new = header(legacy, name), header(candidate, name)
    if len(old) <= 1 and len(new) <= 1:
        yield from _compare_values(path, name, old[0] if old else None, new[0] if new else None)
        return
    for index in range(max(len(old), len(new))):
        yield from _compare_values(
            (path, index),
            name,
            old[index] if index < len(old) else None,
            new[index] if index < len(new) else None,
        )


def _compare_values(path: Path, name: str, old: str | None, new: str | None) -> Iterator[Difference]:
    if old == new:
        return
    if old is None or new is None:
        yield difference(path, Kind.HEADER, ABSENT if old is None else old, ABSENT if new is None else new)
        return
    if name == "content-type":
        if parse_content_type(old) != parse_content_type(new):
            yield difference(path, Kind.HEADER, old, new, _content_type_note(old, new))
        return
    kind, note = finding(old, new)
    if name in _LINKING and _beyond_origin(old) == _beyond_origin(new):
        note = "the same path on another host"
    yield difference(path, Kind.HEADER, old, new, note or (kind.value if kind is not Kind.VALUE else ""))


def _content_type_note(old: str, new: str) -> str:
    legacy, candidate = parse_content_type(old), parse_content_type(new)
    if legacy.media != candidate.media:
        return f"{legacy.media} and {candidate.media}"
    if legacy.charset != candidate.charset:
        return f"another charset: {legacy.charset or 'none'} and {candidate.charset or 'none'}"
    return "other parameters"


def _origin(uri: str) -> str:
    parts = urlsplit(uri)
    return f"{parts.scheme}://{parts.netloc}"


def _beyond_origin(uri: str) -> str:
    try:
        return urlsplit(uri)._replace(scheme="", netloc="").geturl()
    except ValueError:
        return uri
