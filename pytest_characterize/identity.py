"""Who a case is: a hash of what is asked and with what, and a short readable name.

The hash has its own version, independent of the format of golden files: goldens can change their
layout without changing who they belong to. Its vectors are frozen in ``tests/unit/test_identity.py``.
"""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections.abc import Mapping
from datetime import date, datetime, time
from decimal import Decimal
from typing import Final
from uuid import UUID

from pytest_characterize.codec import canonical
from pytest_characterize.values import Cell, Member, Record, Value

IDENTITY_VERSION: Final = 1
"""Changes only when equal cases would get other ids; then every golden is renamed by a migration."""

MAX_SLUG: Final = 40
MAX_VALUE: Final = 16
"""Longer texts are cut: they make no good names, and a secret in a name would be published."""

_OTHERS: Final = re.compile(r"[^a-z0-9]+")
_RESERVED: Final = frozenset(
    {"con", "prn", "aux", "nul"} | {f"{name}{number}" for name in ("com", "lpt") for number in range(10)}
)


def case_id(descriptor_identity: Mapping[str, Value], input: Mapping[str, Value]) -> str:  # noqa: A002
    """The case's id: 64 hex digits of the canonical form of descriptor and (scrubbed) input."""
    return id_of_parts(canonical(dict(descriptor_identity)), canonical(dict(input)))


def id_of_parts(descriptor_identity: bytes, input: bytes) -> str:  # noqa: A002
    """The case's id from the canonical forms of descriptor and (scrubbed) input."""
    parts = (b"case %d" % IDENTITY_VERSION, descriptor_identity, input)
    return hashlib.sha256(b"\n".join(parts)).hexdigest()


def slug(input: Mapping[str, Value]) -> str:  # noqa: A002
    """A short name from the input, in ``[a-z0-9-]``, not unique, never empty, a file name everywhere.

    >>> slug({"customer_id": 7, "on": date(2024, 3, 1)})
    'customer-id-7-on-2024-03-01'
    """
    named, values = [], []
    for name in sorted(input):
        value = _plain(_text(input[name]))[:MAX_VALUE].strip("-")
        values.append(value)
        named += [_plain(name), value]
    for words in (named, values):
        text = "-".join(filter(None, words))
        if 0 < len(text) <= MAX_SLUG:
            break
    else:
        text = (text[: MAX_SLUG + 1].rpartition("-")[0] or text[:MAX_SLUG]).strip("-")
    return f"case-{text}" if text in _RESERVED else text or "case"


def _plain(text: str) -> str:
    if not text.isascii():
        text = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode("ascii")
    return _OTHERS.sub("-", text.lower()).strip("-")


def _text(value: Value) -> str:
    match value:
        case str():
            return value.partition(":")[0] if value.startswith("scrubbed:") else value[: 8 * MAX_VALUE]
        case bool() | None | UUID() | datetime() | date() | time():
            return str(value)
        case int() | float() | Decimal():
            text = hex(value) if isinstance(value, int) and abs(value) > 10**16 else str(value)
            return text.replace("-", "minus-", 1) if text.startswith("-") else text
        case Member():
            return value.name
        case Cell():
            return value.text or "null"
        case Record():
            return value.type.rpartition(".")[2]
        case list() | tuple() | set() | frozenset() | dict():
            return f"{len(value)}-items"
        case _:
            return type(value).__name__
