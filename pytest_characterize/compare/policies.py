"""Declared loosenings: each takes differences away, only at its own path, and is told how many."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from decimal import Decimal, InvalidOperation
from functools import lru_cache
from typing import Final

from pytest_characterize.compare.numeric import tolerated
from pytest_characterize.compare.paths import Path, Pattern, check_pattern, render
from pytest_characterize.compare.walking import never
from pytest_characterize.descriptors import Ignore, Policy, Tolerance, Unordered
from pytest_characterize.errors import UsageError
from pytest_characterize.model import Comparison, Difference, Kind, PolicyHit

_NUMERIC: Final = frozenset({Kind.VALUE, Kind.ROUNDING, Kind.SCALE})


class Policies:
    """The policies of one comparison, compiled.

    Raises:
        UsageError: ``policy-bad-path``, ``policy-bad-limit``.
    """

    def __init__(self, policies: tuple[Policy, ...]) -> None:
        self._policies = policies
        self._tests = [_test(policy) for policy in policies]
        self._multisets = [Pattern(policy.path) for policy in policies if isinstance(policy, Unordered)]
        self._ignored = [Pattern(policy.path) for policy in policies if isinstance(policy, Ignore)]
        self.ignore = lru_cache(maxsize=4096)(self._ignores)
        """Whether whatever differs at a path is ignored; ``[*]`` in it is every item."""

    @property
    def unordered(self) -> Callable[[Path], bool]:
        """Whether the sequence at a path was declared to be a multiset."""
        return self._is_multiset if self._multisets else never

    def apply(self, differences: Iterable[Difference]) -> Comparison:
        """What is left, and how much each policy took away. The first policy that fits gets the hit."""
        if not self._policies:
            return Comparison(tuple(differences))
        left, counts = [], [0] * len(self._policies)
        for found in differences:
            taker = next((at for at, test in enumerate(self._tests) if test(found)), None)
            if taker is None:
                left.append(found)
            else:
                counts[taker] += 1
        hits = (PolicyHit(policy, count) for policy, count in zip(self._policies, counts, strict=True))
        return Comparison(tuple(left), tuple(hits))

    @property
    def ignore_some(self) -> bool:
        """Whether anything is ignored at all."""
        return bool(self._ignored)

    def _ignores(self, path: str) -> bool:
        return any(pattern.covers(path) for pattern in self._ignored)

    def _is_multiset(self, path: Path) -> bool:
        text = render(path)
        return any(pattern.at(text) for pattern in self._multisets)


@lru_cache(maxsize=256)
def compiled(policies: tuple[Policy, ...]) -> Policies:
    """The policies compiled; cached, since all cases of a test have the same."""
    return Policies(policies)


def check_policy(policy: Policy) -> None:
    """Refuse a policy that cannot be applied, when it is declared rather than when it is needed.

    Raises:
        UsageError: ``policy-bad-path``, ``policy-bad-limit``.
    """
    check_pattern(policy.path)
    if isinstance(policy, Tolerance):
        _check_limits(policy)


def _test(policy: Policy) -> Callable[[Difference], bool]:
    """Whether the policy takes a difference away."""
    check_policy(policy)
    pattern = Pattern(policy.path)
    match policy:
        case Ignore():
            return lambda found: pattern.covers(found.path)
        case Unordered():
            return lambda found: found.kind is Kind.ORDER and pattern.at(found.path)
        case Tolerance():
            return lambda found: (
                found.kind in _NUMERIC
                and pattern.at(found.path)
                and tolerated(policy, found.legacy, found.candidate)
            )


def _check_limits(policy: Tolerance) -> None:
    for name in ("absolute", "relative"):
        limit = getattr(policy, name)
        try:
            if Decimal(limit) >= 0 and Decimal(limit).is_finite():
                continue
        except (InvalidOperation, ValueError, TypeError):
            pass
        raise UsageError(
            f"tolerance at {policy.path!r}: {name}={limit!r} is no limit",
            slug="policy-bad-limit",
            hint=f'write a number from 0 on, as text where it has decimals: {name}="0.01"',
        )
