"""One drifting case in pytest's FAILURES section: made from its differences, so that it costs no traceback."""

from __future__ import annotations

from typing import Final

from pytest_characterize.model import CaseResult, Difference, Kind
from pytest_characterize.report.line_diffs import LineDiff, show_lines
from pytest_characterize.report.showing import show_input, show_pair
from pytest_characterize.report.visible import pad, unspoken, visible

_DIFFERENCES: Final = 12
_WIDTH: Final = 100


def case_lines(case: CaseResult, width: int = _WIDTH, line_diff: LineDiff | None = None) -> list[str]:
    """What was asked, what differs (the first dozen), where the golden is, how to run the case alone.

    Args:
        line_diff: shows the first difference line by line if its values are large: that costs as much as
            all else together. Without it each value has one line.
    """
    room = max(width - 14, 40)
    lines = [
        f"DRIFT  {visible(case.legacy or case.test)}  {show_input(case.input, room) or visible(case.label)}"
    ]
    shown = case.differences[:_DIFFERENCES]
    longest = min(max((len(visible(difference.path)) for difference in shown), default=0), 40)
    for number, difference in enumerate(shown):
        note = f"  ({visible(difference.note)})" if difference.note else ""
        lines.append(f"  {pad(visible(difference.path), longest)}  {difference.kind}{note}")
        lines += _sides(difference, room, None if number else line_diff)
    if len(case.differences) > _DIFFERENCES:
        lines.append(f"  and {len(case.differences) - _DIFFERENCES} more differences in this case")
    lines.append(f"  golden  {visible(case.golden)}")
    lines.append(f"  next    pytest --characterize -k {case.case[:8]}")
    return [unspoken(line) for line in lines]


def _sides(difference: Difference, room: int, line_diff: LineDiff | None) -> list[str]:
    legacy, candidate = difference.legacy, difference.candidate
    if line_diff is not None and (changed := show_lines(legacy, candidate, line_diff, room)):
        return ["    - legacy  + candidate", *(f"    {line}" for line in changed)]
    left, right = show_pair(legacy, candidate, room, typed=difference.kind is Kind.TYPE)
    return [f"    legacy     {left}", f"    candidate  {right}"]
