"""Which versions of which routines a case's hits were seen in, and whether those are the ones that are kept.

A rule's id counts lines, so a hit means nothing once its routine has another text. A golden therefore
says which text each routine had that its case ran through, the called one and those behind it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from hashlib import sha256
from typing import Final
from urllib.parse import unquote

from pytest_characterize.model import RuleHit

KEY: Final = "rule sources"
"""The name under which a golden's provenance holds the versions."""

_DIGITS: Final = 12


def routine_of(rule: str) -> str:
    """The routine that a rule's id belongs to.

    >>> routine_of("public.f(integer):3.branch1")
    'public.f(integer)'
    """
    return unquote(rule.rpartition(":")[0])


def versions(hits: Iterable[RuleHit], texts: Mapping[str, str]) -> str:
    """The called routine and those that were hit, each with the beginning of its text's sha256.

    >>> versions([RuleHit("g:1.entry1")], {"f": "BEGIN END", "g": "BEGIN END", "h": ""})
    'f=63ae322a81b0; g=63ae322a81b0'

    Args:
        texts: what the recorder gives as a case's sources: the called routine is the first.
    """
    routines = {*list(texts)[:1], *(routine_of(hit.rule) for hit in hits)}
    return "; ".join(f"{routine}={_digest(texts[routine])}" for routine in sorted(routines & texts.keys()))


def lost(told: str, texts: Mapping[str, str]) -> tuple[str, ...]:
    """Those of the told routines of which no text is kept any more.

    >>> lost("f=63ae322a81b0; g=63ae322a81b0", {"f": "BEGIN END"})
    ('g',)
    """
    return tuple(routine for routine, _ in _parts(told) if routine not in texts)


def changed(told: str, texts: Mapping[str, str]) -> tuple[str, ...]:
    """Those of the told routines whose text is another one by now; what is not kept cannot be compared.

    >>> changed("f=63ae322a81b0; g=63ae322a81b0", {"f": "BEGIN END", "g": "BEGIN; END"})
    ('g',)
    """
    return tuple(
        routine for routine, digest in _parts(told) if routine in texts and _digest(texts[routine]) != digest
    )


def _parts(told: str) -> Iterator[tuple[str, str]]:
    for part in told.split("; ") if told else ():
        routine, _, digest = part.rpartition("=")
        yield routine, digest


def _digest(text: str) -> str:
    return sha256(text.encode("utf-8", "replace")).hexdigest()[:_DIGITS]
