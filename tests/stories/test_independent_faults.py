"""The bench of faults that others wrote: its arithmetic, and two tiny programs with faults of our own."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

BENCH = Path(__file__).resolve().parents[2] / "bench"
PROGRAMS = """
import sys
from pathlib import Path
from independent_faults import judged
from independent_projects import Program

fee = "def fee(n):\\n    if n > 3:\\n        return n * 2\\n    return n\\n"
own = "def own(n):\\n    return n + 9\\n"
cases = [{"n": n} for n in (1, 3, 4, 20)]
body = "return plain(program(n))"
rows, silent = judged([
    Program("fee", fee, fee.replace("n > 3", "n >= 3"), ["n"], body, cases, {}),
    Program("own", own, own.replace("    ret", "    while n > 9:\\n        pass\\n    ret"), ["n"], body, cases, {}),
], Path(sys.argv[1]))
assert not silent, silent
for row in rows:
    print(row.name, row.drifting, row.hung, sorted(row.line), sorted(row.rule), row.orders["ours"][:1])
"""


def test_two_programs_are_judged(tmp_path: Path) -> None:
    ran = subprocess.run(
        [sys.executable, "-c", PROGRAMS, str(tmp_path)], cwd=BENCH, capture_output=True, text=True
    )
    assert ran.returncode == 0, ran.stderr
    fee, own = ran.stdout.splitlines()
    assert fee == "fee 1 0 [2] [2] [[2]]"
    assert own.startswith("own 1 1 [1] [1]")


def test_ties_and_truth(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(BENCH)
    from independent_ranks import Within, by_score, changed_lines, ochiai, wilson, within

    assert within([[1, 2], [3]], {2}, 1) == Within(1, 0.5, 0)
    assert within([[1, 2], [3]], {3}, 3) == Within(1, 1, 1)
    assert within([[1, 2], [3]], {3}, 2) == Within(0, 0, 0)
    assert by_score(ochiai([({1, 2}, True), ({1}, False)])) == [[2], [1]]
    assert changed_lines("a = 1\nb = 2\nc = 3\n", "a = 1\nb = 4\nc = 3\n") == {2}
    assert changed_lines("a = 1\nc = 3\n", "a = 1\nb = 4\nc = 3\n") == {1}
    low, high = wilson(0.5, 10)
    assert (round(low, 3), round(high, 3)) == (0.237, 0.763)
