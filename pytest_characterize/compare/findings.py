"""What a detector says about two values that differ."""

from __future__ import annotations

from typing import TypeAlias

from pytest_characterize.model import Kind
from pytest_characterize.values import Value

Finding: TypeAlias = tuple[Kind, str]
"""The kind of a difference, and the evidence for it in one clause (``""`` if there is none to tell)."""


def type_name(value: Value) -> str:
    """How notes name a value's type."""
    return "None" if value is None else type(value).__name__
