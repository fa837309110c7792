"""The room's door for recordings: the right language's probes, and hits out of what an execution said."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache
from typing import Final

from pytest_characterize.model import RuleHit
from pytest_characterize.rules.catalogue import Instrumented
from pytest_characterize.rules.plpgsql.messages import heard
from pytest_characterize.rules.plpgsql.probes import instrument
from pytest_characterize.values import Value

LANGUAGES: Final[Mapping[str, Callable[[str, str], Instrumented]]] = {"procedure": lru_cache(256)(instrument)}
"""Descriptor kind -> what puts probes into a source of that kind."""


def instrumented(kind: str, sources: Mapping[str, str]) -> dict[str, Instrumented]:
    """Each source with its probes, by name; empty for kinds whose language has no probes."""
    put_probes_into = LANGUAGES.get(kind)
    if put_probes_into is None:
        return {}
    return {name: put_probes_into(text, name) for name, text in sources.items()}


def variant(probed: Mapping[str, Instrumented]) -> dict[str, str]:
    """What a recorder installs to hear the probes; sources without any are left out."""
    return {name: "; ".join((*one.setup, one.text)) for name, one in probed.items() if one.probes}


def rule_hits(notices: Sequence[Value]) -> tuple[RuleHit, ...]:
    """The rules that an execution reported among its notices, sorted by id."""
    messages = [(notice["severity"], notice["message"]) for notice in notices if isinstance(notice, dict)]
    return tuple(RuleHit(rule, count) for rule, count in sorted(heard(messages).hits.items()))
