"""Off by one at a boundary: the drifting cases, and hardly any others, have an input that legacy compares with."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from typing import Final

from pytest_characterize.explain.chance import chance
from pytest_characterize.explain.numbers import as_number
from pytest_characterize.values import Value

_CONSTANT: Final = re.compile(r"(?<![\w.])\d{1,20}(?:\.\d{1,20})?(?![\w.])")
_HARDLY: Final = 0.05


def boundary(
    drifting: Sequence[Mapping[str, Value]], others: Sequence[Mapping[str, Value]], conditions: Iterable[str]
) -> str:
    """Which input of all drifting cases equals a number of a legacy condition, in words.

    >>> boundary([{"years": 5}] * 2, [{"years": years} for years in range(20)], ["IF p_years > 5"])
    'every drifting case has years = 5, and 1 of 20 others'

    Args:
        drifting: the inputs of the drifting cases; ``others``: of those without this drift.
        conditions: the texts of legacy's decisions.
    """
    constants = {Decimal(found) for text in conditions for found in _CONSTANT.findall(text)}
    for name in sorted(drifting[0]) if drifting else ():
        values = {as_number(given.get(name)) for given in drifting}
        value = next(iter(values))
        if len(values) != 1 or value is None or value not in constants:
            continue
        also = sum(as_number(given.get(name)) == value for given in others)
        hits = len(drifting) + also
        if chance(len(drifting), len(drifting), hits, len(drifting) + len(others)) <= _HARDLY:
            return f"every drifting case has {name} = {value}, and {also} of {len(others)} others"
    return ""
