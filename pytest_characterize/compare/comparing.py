"""The room's one door: two observations in, what differs out."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Final

from pytest_characterize.compare.dispatch import dispatcher
from pytest_characterize.compare.paths import EFFECTS, NOTICES, RAISED, RETURNED, Path, Token
from pytest_characterize.compare.policies import compiled
from pytest_characterize.compare.responses import without_own_host
from pytest_characterize.compare.sequences import REPEATED
from pytest_characterize.compare.walking import Walk, difference
from pytest_characterize.descriptors import Policy
from pytest_characterize.model import Comparison, Difference, Kind, Observation
from pytest_characterize.settings import COMPARED_HEADERS
from pytest_characterize.values import ABSENT, Response, Value

_PRESENCE: Final = frozenset({Kind.MISSING, Kind.EXTRA})


def compare(
    golden: Observation,
    observed: Observation,
    policies: Sequence[Policy] = (),
    headers: Sequence[str] = COMPARED_HEADERS,
) -> Comparison:
    """Everything in which the candidate differs from legacy.

    Strict, to the type: ``1``, ``1.0``, ``True`` and ``Decimal("1")`` are four values, a tuple is no
    list, ``Decimal("1.0")`` is not ``Decimal("1.00")``. Not compared are: the names of classes
    (of records and enumerations), which differ by necessity; the names of time zones, only their
    offsets; the order of a dictionary's keys; the number of queries and the exchanges behind a response.

    Args:
        policies: declared loosenings; each appears in the result with the number of differences that
            it took away. Where several fit, the first one takes the difference.
        headers: response headers that are behaviour.

    Raises:
        UsageError: ``policy-bad-path``, ``policy-bad-limit``.
    """
    active = compiled(tuple(policies))
    walk = Walk(dispatcher(tuple([name.lower() for name in headers])), active.unordered)
    return active.apply(_differences(walk, golden, observed))


def compare_part(
    path: str,
    legacy: Value,
    candidate: Value,
    policies: Sequence[Policy] = (),
    headers: Sequence[str] = COMPARED_HEADERS,
) -> tuple[Difference, ...]:
    """The same of two values at one path, as :func:`compare` tells them.

    What is an effect or a notice is not told as one, but by what differs in it.
    """
    active = compiled(tuple(policies))
    root: Path = (None, Token(path))
    if legacy is ABSENT or candidate is ABSENT:
        kind = Kind.EXTRA if legacy is ABSENT else Kind.MISSING
        found = [] if legacy is candidate else [difference(root, kind, legacy, candidate)]
        return active.apply(found).differences
    walk = Walk(dispatcher(tuple([name.lower() for name in headers])), active.unordered)
    return active.apply(walk.differences(root, legacy, candidate)).differences


def _differences(walk: Walk, golden: Observation, observed: Observation) -> Iterator[Difference]:
    yield from _outcome(walk, golden, observed)
    yield from _effects(walk, golden.effects, observed.effects)
    if golden.notices or observed.notices:
        for found in walk.nested().differences(NOTICES, list(golden.notices), list(observed.notices)):
            yield replace(found, kind=Kind.NOTICE, note=found.note or _told(found.kind))


def _outcome(walk: Walk, golden: Observation, observed: Observation) -> Iterator[Difference]:
    legacy, candidate = golden.outcome, observed.outcome
    if legacy.how != candidate.how:
        kind = Kind.ERROR if "raised" in (legacy.how, candidate.how) else Kind.TYPE
        note = f"legacy {legacy.how}, the candidate {candidate.how}"
        yield difference(RETURNED, kind, legacy.value, candidate.value, note)
        return
    root = RAISED if legacy.how == "raised" else RETURNED
    yield from walk.differences(root, _without_host(golden), _without_host(observed))


def _without_host(observation: Observation) -> Value:
    value = observation.outcome.value
    return without_own_host(value, observation) if isinstance(value, Response) else value


def _effects(walk: Walk, golden: Mapping[str, Value], observed: Mapping[str, Value]) -> Iterator[Difference]:
    """Effect by effect; one that was observed on one side only is a difference, whatever it holds."""
    for name in [*golden, *(name for name in observed if name not in golden)]:
        path: Path = (EFFECTS, name)
        if name not in observed:
            yield difference(path, Kind.EFFECT, golden[name], ABSENT, "not observed for the candidate")
        elif name not in golden:
            yield difference(path, Kind.EFFECT, ABSENT, observed[name], "not observed for legacy")
        else:
            for found in walk.nested().differences(path, golden[name], observed[name]):
                yield _as_effect(found)


def _as_effect(found: Difference) -> Difference:
    """What was done on one side only is an effect that is missing or extra, not merely a value."""
    text = isinstance(found.legacy, str | bytes)
    if found.kind in _PRESENCE or (found.kind is Kind.EMPTY and not text):
        told = _told(found.kind)
        repeated = found.note.startswith(REPEATED)
        return replace(
            found, kind=Kind.EFFECT, note=f"{told}; {found.note}" if repeated else found.note or told
        )
    return found


def _told(kind: Kind) -> str:
    return "" if kind is Kind.VALUE else kind.value
