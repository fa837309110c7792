"""The candidate's notices: what it logs during its call, told as legacy tells its warnings."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Final

from pytest_characterize.values import Value

LEVELS: Final[Mapping[str, int]] = {
    "DEBUG": logging.DEBUG,
    "LOG": logging.INFO,
    "INFO": logging.INFO,
    "NOTE": logging.INFO,
    "NOTICE": logging.INFO,
    "WARNING": logging.WARNING,
    "ERROR": logging.ERROR,
}
"""Legacy's severities, in upper case, as levels of Python's logging."""


@dataclass(frozen=True, slots=True)
class Logged:
    """One record: its level, and its text with the arguments filled in."""

    level: int
    message: str


class NoticeLog:
    """Hears one logger and those below it.

    Args:
        logger: its name.
    """

    def __init__(self, logger: str) -> None:
        self._logger = logging.getLogger(logger)

    @contextmanager
    def heard(self) -> Iterator[list[Logged]]:
        """The records of the block from INFO on, whatever level the project has set."""
        records: list[Logged] = []
        handler = _Keeping(records)
        level = self._logger.level
        self._logger.addHandler(handler)
        if self._logger.getEffectiveLevel() > logging.INFO:
            self._logger.setLevel(logging.INFO)
        try:
            yield records
        finally:
            self._logger.setLevel(level)
            self._logger.removeHandler(handler)


def in_legacys_words(records: Iterable[Logged], legacy: Sequence[Value]) -> tuple[Value, ...]:
    """The records as notices, in order.

    A record stands for the first notice of legacy with its text that no other stands for, else for the first
    one that is left. It has that notice's code and details, which Python's logging has no place for, and its
    severity if their levels agree.

    >>> warned = {"severity": "Warning", "code": "1642", "message": "nothing reserved"}
    >>> in_legacys_words([Logged(logging.WARNING, "nothing reserved")], [warned])
    ({'severity': 'Warning', 'code': '1642', 'message': 'nothing reserved'},)
    >>> in_legacys_words([Logged(logging.INFO, "all reserved")], [])
    ({'severity': 'INFO', 'message': 'all reserved'},)
    """
    logged = list(records)
    left = [notice for notice in legacy if isinstance(notice, dict)]
    partners: list[dict[Any, Value] | None] = [_taken(left, record.message) for record in logged]
    return tuple(
        _notice(record, partner or (left.pop(0) if left else {}))
        for record, partner in zip(logged, partners, strict=True)
    )


def _taken(left: list[dict[Any, Value]], message: str) -> dict[Any, Value] | None:
    """The first notice of this text, which is then no more left."""
    for place, notice in enumerate(left):
        if notice.get("message") == message:
            return left.pop(place)
    return None


def _notice(record: Logged, legacy: Mapping[Any, Value]) -> dict[Any, Value]:
    severity = legacy.get("severity")
    level = LEVELS.get(severity.rstrip("12345").upper()) if isinstance(severity, str) else None
    own = severity if level == record.level else logging.getLevelName(record.level)
    return {**legacy, "severity": own, "message": record.message}


class _Keeping(logging.Handler):
    """Keeps what is logged; a record that cannot be written out is told as it stands in the code."""

    def __init__(self, records: list[Logged]) -> None:
        super().__init__(logging.INFO)
        self._records = records

    def emit(self, record: logging.LogRecord) -> None:
        """Keep a record."""
        try:
            message = record.getMessage()
        except Exception:
            message = str(record.msg)
        self._records.append(Logged(record.levelno, message))
