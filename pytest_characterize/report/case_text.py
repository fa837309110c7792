"""One drifting case in pytest's FAILURES section: made from its differences, so that it costs no traceback."""

from __future__ import annotations

from typing import Final

from pytest_characterize.model import CaseResult, Kind
from pytest_characterize.report.showing import show_input, show_pair
from pytest_characterize.report.visible import pad, unspoken, visible

_DIFFERENCES: Final = 12
_WIDTH: Final = 100


def case_lines(case: CaseResult, width: int = _WIDTH) -> list[str]:
    """What was asked, what differs (the first dozen), where the golden is, how to run the case alone."""
    room = max(width - 14, 40)
    lines = [
        f"DRIFT  {visible(case.legacy or case.test)}  {show_input(case.input, room) or visible(case.label)}"
    ]
    shown = case.differences[:_DIFFERENCES]
    longest = min(max((len(visible(difference.path)) for difference in shown), default=0), 40)
    for difference in shown:
        legacy, candidate = show_pair(
            difference.legacy, difference.candidate, room, typed=difference.kind is Kind.TYPE
        )
        note = f"  ({visible(difference.note)})" if difference.note else ""
        lines.append(f"  {pad(visible(difference.path), longest)}  {difference.kind}{note}")
        lines += [f"    legacy     {legacy}", f"    candidate  {candidate}"]
    if len(case.differences) > _DIFFERENCES:
        lines.append(f"  and {len(case.differences) - _DIFFERENCES} more differences in this case")
    lines.append(f"  golden  {visible(case.golden)}")
    lines.append(f"  next    pytest --characterize -k {case.case[:8]}")
    return [unspoken(line) for line in lines]
