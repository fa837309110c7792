"""What somebody has instead of what a golden holds: the same of a rule mutant and of a candidate has the same name."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import replace
from functools import lru_cache
from typing import Final

from pytest_characterize.codec import canonical_tree, to_tagged
from pytest_characterize.compare.policies import Policies
from pytest_characterize.deeds import Alteration, Tree
from pytest_characterize.explain.directions import direction
from pytest_characterize.model import Difference, Kind, Observation
from pytest_characterize.paths import show_part
from pytest_characterize.values import ABSENT, Rows, Value

_INDEX: Final = re.compile(r"\[\d+\]\Z")
_ADDED: Final = re.compile(r"\[\+\d*\]\Z")
_EFFECTS: Final = "$effects"

ORDER: Final = "order"
"""The direction of an alteration that is only another order; its tree tells where in the golden the items stand."""


def altered(differences: Iterable[Difference], policies: Policies) -> tuple[Alteration, ...]:
    """The differences from a golden as alterations, one by one.

    An item that only the other side has stands wherever that side has it, as far as order is no behaviour. So it has
    no index, but is the first, second, ... that is so: ``$.lines[+]``, ``$.lines[+2]``. Its ignored fields are left
    out.

    Where items stand in another order, this order is all: what else became of them is told for itself. But which of
    several items that legacy has not is which, the values tell.
    """
    counts: Counter[tuple[str, bytes]] = Counter()
    found = []
    for one in differences:
        if one.order and one.order.count(-1) < 2:
            found.append(Alteration(one.path, ORDER, list(one.order), moved=True))
            continue
        path, tree = one.path, to_tagged(one.candidate)
        if one.legacy is ABSENT and (index := _INDEX.search(path)):
            tree = _without_ignored(path, tree, policies)
            path = path[: index.start()]
            again = path, canonical_tree(tree)
            counts[again] += 1
            path += f"[+{counts[again]}]" if counts[again] > 1 else "[+]"
        found.append(Alteration(path, direction(one.legacy, one.candidate), tree, one.kind is Kind.ORDER))
    return tuple(found)


@lru_cache(maxsize=4096)
def added_to(path: str) -> str:
    """To which sequence the item at a path was added; ``""`` if it is none that was added."""
    sign = _ADDED.search(path)
    return path[: sign.start()] if sign else ""


def without_ignored_columns(observation: Observation, policies: Policies) -> Observation:
    """The observation without the columns of its effects that are ignored.

    A column that is ignored, a number that was counted for instance, would still say which rows belong together, and
    legacy and its mutants have it where the candidate has none.
    """
    if not policies.ignore_some:
        return observation
    effects = {
        name: _without_columns(f"{_EFFECTS}{show_part(name)}", value, policies)
        for name, value in observation.effects.items()
    }
    return replace(observation, effects=effects)


def _without_columns(path: str, value: Value, policies: Policies) -> Value:
    if type(value) is dict:
        return {
            key: _without_columns(f"{path}{show_part(key)}", item, policies) for key, item in value.items()
        }
    if not isinstance(value, Rows):
        return value
    kept = [
        place
        for place, column in enumerate(value.columns)
        if not policies.ignore(f"{path}[*]{show_part(column.name)}")
    ]
    if len(kept) == len(value.columns):
        return value
    return replace(
        value,
        columns=tuple(value.columns[place] for place in kept),
        rows=tuple(tuple(row[place] for place in kept) for row in value.rows),
    )


def _without_ignored(path: str, tree: Tree, policies: Policies) -> Tree:
    if not policies.ignore_some or not isinstance(tree, dict):
        return tree
    return {key: value for key, value in tree.items() if not policies.ignore(f"{path}{show_part(key)}")}
