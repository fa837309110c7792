"""The room's door for recordings: the right language's probes, and hits out of what an execution said.

A language is loaded with the first source that is written in it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from pytest_characterize.model import RuleHit
from pytest_characterize.rules.catalogue import Instrumented
from pytest_characterize.rules.dialects import dialect
from pytest_characterize.rules.plpgsql.messages import heard
from pytest_characterize.values import Value


@dataclass(frozen=True, slots=True)
class Language:
    """How the sources of one descriptor kind are instrumented.

    Attributes:
        put_probes_into: (text, name) -> the text with probes.
        repeatable: whether a case can be run twice without the next one noticing; if not, its one run is
            the one with probes.
    """

    put_probes_into: Callable[[str, str], Instrumented]
    repeatable: bool


@lru_cache(256)
def _procedure(text: str, name: str) -> Instrumented:
    if dialect(text) == "mariadb":
        from pytest_characterize.rules.mariadb import probes as counters

        return counters.instrument(text, name)
    from pytest_characterize.rules.plpgsql import probes

    return probes.instrument(text, name)


@lru_cache(4096)
def _python(text: str, name: str) -> Instrumented:
    from pytest_characterize.rules.python import probes

    return probes.instrument(text, name)


LANGUAGES: Final[Mapping[str, Language]] = {
    "procedure": Language(_procedure, repeatable=True),
    "function": Language(_python, repeatable=False),
}
"""Descriptor kind -> what puts probes into a source of that kind."""


def instrumented(kind: str, sources: Mapping[str, str]) -> dict[str, Instrumented]:
    """Each source with its probes, by name; empty for kinds whose language has no probes."""
    language = LANGUAGES.get(kind)
    if language is None:
        return {}
    return {name: language.put_probes_into(text, name) for name, text in sources.items()}


def variant(probed: Mapping[str, Instrumented]) -> dict[str, str]:
    """What a recorder installs to hear the probes; sources without any are left out."""
    return {name: "; ".join((*one.setup, one.text)) for name, one in probed.items() if one.probes}


def rule_hits(notices: Sequence[Value]) -> tuple[RuleHit, ...]:
    """The rules that an execution reported among its notices, sorted by id."""
    messages = [(notice["severity"], notice["message"]) for notice in notices if isinstance(notice, dict)]
    return tuple(RuleHit(rule, count) for rule, count in sorted(heard(messages).hits.items()))
