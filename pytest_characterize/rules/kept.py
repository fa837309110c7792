"""A legacy source as it is kept beside the goldens, with what its language's probes know of it."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from pytest_characterize.rules.catalogue import Instrumented
from pytest_characterize.rules.dialects import lines_before_rules
from pytest_characterize.rules.instrumenting import instrumented


@dataclass(frozen=True, slots=True)
class KeptSource:
    """The source of one routine and its rules.

    Attributes:
        source: name of the configured legacy source.
        name: the routine, as its recorder names it.
        kind: the descriptor kind that it was recorded for.
        file: where it is kept, relative to the project's root.
        probed: its rules, and what is unknown of it.
    """

    source: str
    name: str
    kind: str
    text: str
    file: str
    probed: Instrumented

    @property
    def first_line(self) -> int:
        """The line of the text that rules call line 1."""
        lines_before = _BODIES.get(self.kind)
        return 1 + (lines_before(self.text) if lines_before else 0)


def kept_source(source: str, name: str, kind: str, text: str, file: str) -> KeptSource | None:
    """The routine's rules; ``None`` for a kind whose language has no probes."""
    probed = instrumented(kind, {name: text}).get(name)
    return KeptSource(source, name, kind, text, file, probed) if probed else None


def called(names: Iterable[tuple[str, str]]) -> dict[tuple[str, str], str]:
    """The shortest name of each (source, routine) that no other one has.

    >>> called([("b", "public.f(integer)"), ("b", "public.g(text)"), ("b", "old.g(text)")])
    {('b', 'public.f(integer)'): 'f', ('b', 'public.g(text)'): 'public.g', ('b', 'old.g(text)'): 'old.g'}
    """
    forms = {key: names_of(key[1]) for key in names}
    times = Counter(form for several in forms.values() for form in several)
    return {
        key: next((form for form in several if times[form] == 1), key[1]) for key, several in forms.items()
    }


def names_of(routine: str) -> tuple[str, ...]:
    """The names that a routine answers to, the shortest first: without what it is in, without its parameters.

    >>> names_of("public.f(integer)"), names_of("shop.prices:price")
    (('f', 'public.f', 'public.f(integer)'), ('price', 'prices:price', 'shop.prices:price'))
    >>> names_of("acme/billing/Fee.java")
    ('Fee.java', 'billing/Fee.java', 'acme/billing/Fee.java')
    """
    if "/" in routine and '"' not in routine and "(" not in routine:
        parts = routine.split("/")
        return tuple("/".join(parts[at:]) for at in reversed(range(len(parts))) if parts[at])
    whole = routine.partition("(")[0] or routine
    starts = [0, *(match.end() for match in re.finditer("[.:]", whole))]
    shorter = [whole[start:] for start in reversed(starts) if whole[start:]]
    return tuple(dict.fromkeys((*shorter, routine)))


_BODIES: Final[Mapping[str, Callable[[str], int]]] = {"procedure": lines_before_rules}
"""Kinds whose texts begin with something that the lines of their rules do not count."""
