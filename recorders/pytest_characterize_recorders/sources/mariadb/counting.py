"""What counters in a changed source have counted.

A counter is a user variable, behind which stands in a comment what it counts: ``@`name`/*~pc:RULE*/``.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Final

from pymysql.connections import Connection

from pytest_characterize.model import RuleHit
from pytest_characterize_recorders.sources.mariadb.routines import fetch

AT_ONCE: Final = 500
_COUNTER: Final = re.compile(r"(@`~pc:[^`]+`)/\*~pc:([^*]+)\*/")


def counted(connection: Connection, sources: Iterable[str]) -> tuple[RuleHit, ...]:
    """The hits of a session, sorted by rule."""
    rules = {cell: rule for source in sources for cell, rule in _COUNTER.findall(source)}
    cells, hits = list(rules), []
    for first in range(0, len(cells), AT_ONCE):
        some = cells[first : first + AT_ONCE]
        [counts] = fetch(connection, f"SELECT {', '.join(f'CAST({cell} AS unsigned)' for cell in some)}")
        hits += [RuleHit(rules[cell], int(count)) for cell, count in zip(some, counts, strict=True) if count]
    return tuple(sorted(hits, key=lambda hit: hit.rule))
