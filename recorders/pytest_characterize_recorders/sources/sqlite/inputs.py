"""A case's inputs as SQLite's driver takes them."""

from __future__ import annotations

from datetime import date, datetime, time
from decimal import Decimal
from typing import Any
from uuid import UUID

from pytest_characterize.values import Value
from pytest_characterize_recorders.sources.placeholders import bad_arguments


def bindable(value: Value) -> Any:
    """An input as a value of SQLite.

    Raises:
        RecordingError: ``query-bad-arguments``.
    """
    match value:
        case None | bool() | float() | str() | bytes():
            return value
        case int() if -(2**63) <= value < 2**63:
            return value
        case Decimal() if value.is_finite():
            return float(value)  # as SQLite reads the literal
        case date() | datetime() | time():
            return value.isoformat(" ") if isinstance(value, datetime) else value.isoformat()
        case UUID():
            return str(value)
    raise bad_arguments(f"SQLite has no value for an input of type {type(value).__name__}")
