"""The table and the figures."""

from __future__ import annotations

from collections.abc import Sequence

from rule_changes_judged import Judged

FIRST_FEW = 3


def tell(found: Sequence[Judged]) -> None:
    """Print a line a change, and then the figures."""
    for one in found:
        print(_line(one))
    drifting = [one for one in found if one.drifts]
    ranked = [one for one in found if one.ranked]
    unseen = [one for one in found if not one.drifts]
    print()
    print(
        f"{len(found)} changes, {sum(len(one.change.edits) > 1 for one in found)} of them of several places"
    )
    print(
        f"drift found: {len(drifting)}; not found: {len(unseen)}, of which no input can show: "
        f"{sum(bool(one.change.unseen) for one in unseen)}"
    )
    print(_share("one entry", sum(one.entries == 1 for one in drifting), len(drifting)))
    print(_share("right rule first", sum(one.place == 1 for one in ranked), len(ranked)))
    print(_share("in the first three", sum(1 <= one.place <= FIRST_FEW for one in ranked), len(ranked)))
    print(_share("silent", sum(one.silent for one in ranked), len(ranked)))
    print(_share("reproduced by one mutant", sum(one.reproduced == 1 for one in ranked), len(ranked)))
    print(_share("reproduced by two", sum(one.reproduced == 2 for one in ranked), len(ranked)))
    nameless = [one for one in drifting if not one.change.rules]
    print(
        _share("silent where no legacy code can be seen", sum(one.silent for one in nameless), len(nameless))
    )


def _share(what: str, some: int, every: int) -> str:
    return f"{what}: {some} of {every}" + (f" ({100 * some / every:.1f} %)" if every else "")


def _line(one: Judged) -> str:
    if not one.drifts:
        how = f"not found: {one.change.unseen or '???'}"
    else:
        place = (
            "-"
            if not one.change.rules
            else str(one.place)
            if one.place
            else "silent"
            if one.silent
            else "wrong"
        )
        mutants = f"{one.reproduced} mutants" if one.reproduced else ""
        how = f"{one.cases:>3} cases  {one.entries} entries  rule {place:<6}  {one.found:<10}  {mutants}"
    return f"{one.change.name:<52} {how}"
