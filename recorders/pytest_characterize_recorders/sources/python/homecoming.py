"""Answers of another interpreter as values of this one."""

from __future__ import annotations

import builtins
import json
from datetime import datetime, time, timedelta, tzinfo
from typing import Any, Final

from pytest_characterize.codec import from_tagged, to_tagged
from pytest_characterize.errors import RecordingError, StoreError
from pytest_characterize.freezing import freeze
from pytest_characterize.values import Value

_OLD: Final = "exceptions."


def parsed(answer: bytes) -> dict[str, Any]:
    """An answer with trees in it as goldens spell them."""
    found: dict[str, Any] = json.loads(answer, object_hook=_spelled)
    return found


def value_of(tree: Any, where: str) -> Value:
    """The value of a tree.

    Raises:
        RecordingError: ``worker-answer``: it has no value, or another one here.
    """
    try:
        return from_tagged(tree, where)
    except StoreError as error:
        raise RecordingError(
            error.message, slug="worker-answer", hint="record a function that gives it in another form"
        ) from None


def _spelled(tree: dict[str, Any]) -> dict[str, Any]:
    """Zones and exceptions as this interpreter knows them."""
    if "zone" in tree:
        kind: type[datetime | time] = datetime if "$datetime" in tree else time
        plain = kind.fromisoformat(tree["$datetime" if "$datetime" in tree else "$time"])
        zone = _Zone(tree["zone"], plain.utcoffset())
        return to_tagged(freeze(plain.replace(tzinfo=zone, fold=tree.get("fold", 0))))  # type: ignore[no-any-return]
    if "types" in tree:
        return tree | {"types": [_modern(name) for name in tree["types"]]}
    return tree


def _modern(name: str) -> str:
    """Python 2 keeps its exceptions in a module of their own; some of them are gone."""
    short = name.removeprefix(_OLD)
    return f"builtins.{short}" if name.startswith(_OLD) and hasattr(builtins, short) else name


class _Zone(tzinfo):
    """What a zone of another interpreter told of itself."""

    def __init__(self, key: str, offset: timedelta | None) -> None:
        self.key, self._offset = key, offset

    def utcoffset(self, _moment: datetime | None) -> timedelta | None:
        """At the moment of the answer."""
        return self._offset

    def dst(self, _moment: datetime | None) -> None:
        """Not told."""

    def tzname(self, _moment: datetime | None) -> str:
        """Its key."""
        return self.key
