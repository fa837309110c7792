"""How many statements there were, and which of them were the same but for their values."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from pytest_characterize.sql.fingerprints import Fingerprint, fingerprint, opening

_TRANSACTIONS: Final = frozenset({"BEGIN", "COMMIT", "RELEASE", "ROLLBACK", "SAVEPOINT", "START"})


@dataclass(frozen=True, slots=True)
class StatementGroup:
    """Statements of one fingerprint, and how many there were."""

    fingerprint: Fingerprint
    times: int


@dataclass(frozen=True, slots=True)
class StatementCount:
    """The statements of one case on both sides.

    Attributes:
        candidate: how many the candidate sent.
        legacy: how many legacy sent, ``None`` where nobody counted them, as inside a procedure.
        groups: the candidate's, the most frequent first; their times add up to ``candidate``.
    """

    candidate: int
    legacy: int | None
    groups: tuple[StatementGroup, ...]


def grouped(sent: Iterable[tuple[str, str]]) -> tuple[StatementGroup, ...]:
    """Statements by fingerprint, the most frequent first; what only begins or ends transactions is left out.

    Args:
        sent: the dialect and the text of each.
    """
    texts = Counter(sent)
    found: dict[Fingerprint, int] = {}
    for (vendor, text), times in texts.items():
        if opening(text, vendor) not in _TRANSACTIONS:
            one = fingerprint(text, vendor)
            found[one] = found.get(one, 0) + times
    ordered = sorted(found.items(), key=lambda item: (-item[1], item[0].text))
    return tuple(StatementGroup(one, times) for one, times in ordered)
