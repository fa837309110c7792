"""What probes say: rule hits out of the messages of an execution."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Final

from pytest_characterize.rules.catalogue import Heard

SEVERITY: Final = "INFO"
"""Probes speak in this severity, which no setting of the client or the routine silences."""

_MESSAGE: Final = re.compile(
    r"~pc:(?P<routine>[^:\s]*(?: [^:\s]*)*):(?P<points>\d+\.[a-z]+\d+(?:,\d+\.[a-z]+\d+)*)"
)


def hits(messages: Iterable[tuple[str, str]]) -> Mapping[str, int]:
    """Rule id -> how often it was reported; only positive counts.

    >>> hits([("INFO", "~pc:f:3.branch1,4.return1"), ("NOTICE", "paid"), ("INFO", "~pc:f:4.return1")])
    {'f:3.branch1': 1, 'f:4.return1': 2}
    """
    return heard(messages).hits


def heard(messages: Iterable[tuple[str, str]]) -> Heard:
    """Take the messages of an execution apart.

    Args:
        messages: severity (not localised) and primary text of each, in order.
    """
    counts: Counter[str] = Counter()
    notices = []
    for position, (severity, message) in enumerate(messages):
        rules = rules_of(severity, message)
        counts.update(rules)
        if not rules:
            notices.append(position)
    return Heard(dict(counts), tuple(notices))


def rules_of(severity: str, message: str) -> list[str]:
    """Ids of the rules that a message reports; none if it is the legacy system's own."""
    found = _MESSAGE.fullmatch(message) if severity == SEVERITY else None
    if found is None:
        return []
    return [f"{found['routine']}:{point}" for point in found["points"].split(",")]
