"""What somebody may have meant who named a thing that is not there."""

from __future__ import annotations

import difflib
from collections import defaultdict
from collections.abc import Iterable


def names_alike(asked: str, known: Iterable[tuple[str, str]]) -> str:
    """A clause for a message that names up to three of the known things (schema, name), or nothing.

    >>> names_alike("ledgr", [("public", "ledger"), ("old", "ledger"), ("public", "customer")])
    ' (alike: public.ledger, old.ledger)'
    """
    spellings: defaultdict[str, list[str]] = defaultdict(list)
    for schema, name in known:
        full = f"{schema}.{name}"
        spellings[name].append(full)
        spellings[full].append(full)
    close = difflib.get_close_matches(asked, spellings, n=3)
    found = list(dict.fromkeys(full for spelling in close for full in spellings[spelling]))
    return f" (alike: {', '.join(found[:3])})" if found else ""


def readings(declared: str) -> list[tuple[str | None, str]]:
    """Every way to read a name that may hold dots of its own; the catalog decides."""
    dots = [at for at, letter in enumerate(declared) if letter == "."]
    return [(None, declared), *((declared[:at], declared[at + 1 :]) for at in dots)]
