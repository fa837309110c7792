"""JSON documents, where a number is a number, but its scale and a doubled key are told."""

from __future__ import annotations

import json
from collections.abc import Iterator
from decimal import Decimal
from typing import Final, NoReturn

from pytest_characterize.compare.numeric import finding
from pytest_characterize.compare.paths import Path
from pytest_characterize.compare.plain import dispatch_plain
from pytest_characterize.compare.walking import Comparator, Pair, Walk, difference
from pytest_characterize.model import Difference
from pytest_characterize.values import MAX_DEPTH, Value

_DEEPEST: Final = MAX_DEPTH - 10
"""Deeper documents could not be shown as values in a report."""


class NotJsonError(ValueError):
    """The text is no JSON document that two readers would understand alike; says why."""


def read_json(text: str) -> Value:
    """The document: whole numbers as ``int``, all others as ``Decimal`` with their scale.

    Raises:
        NotJsonError: it is malformed, repeats a key, has numbers that are none, or is nested too deep.
    """
    try:
        document = json.loads(
            text, parse_float=Decimal, parse_constant=_no_number, object_pairs_hook=_without_doubles
        )
    except json.JSONDecodeError as error:
        raise NotJsonError(f"{error.msg} at character {error.pos}") from None
    except RecursionError:
        raise NotJsonError("nested too deep") from None
    except NotJsonError:
        raise
    except (ValueError, ArithmeticError):  # beyond Python's limits for digits and exponents
        raise NotJsonError("a number is too large") from None
    if text.count("[") + text.count("{") > _DEEPEST and _deeper_than(document, _DEEPEST):
        raise NotJsonError("nested too deep")
    return document


def compare_json(walk: Walk, path: Path, legacy: Value, candidate: Value) -> Iterator[Difference]:
    """Two documents that :func:`read_json` read."""
    return walk.nested(_dispatch).differences(path, legacy, candidate)


def _dispatch(legacy: Value, candidate: Value) -> Comparator:
    """As for Python's own types, but ``1`` and ``1.0`` are both just numbers."""
    if {type(legacy), type(candidate)} == {int, Decimal}:
        return _compare_numbers
    return dispatch_plain(legacy, candidate)


def _compare_numbers(
    _walk: Walk, path: Path, legacy: int | Decimal, candidate: int | Decimal
) -> Iterator[Difference | Pair]:
    kind, note = finding(legacy, candidate)
    yield difference(path, kind, legacy, candidate, note)


def _without_doubles(pairs: list[tuple[str, Value]]) -> dict[str, Value]:
    found = dict(pairs)
    if len(found) < len(pairs):
        doubled = next(key for at, (key, _) in enumerate(pairs) if key in dict(pairs[:at]))
        raise NotJsonError(f"the key {doubled!r} comes twice")
    return found


def _no_number(name: str) -> NoReturn:
    raise NotJsonError(f"{name} is no JSON number")


def _deeper_than(document: Value, limit: int) -> bool:
    level = [document]
    for _ in range(limit + 1):
        level = [
            item
            for container in level
            for item in (container.values() if type(container) is dict else container)
            if type(item) in (dict, list)
        ]
        if not level:
            return False
    return True
