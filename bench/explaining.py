"""What explaining the drifts of the example's first port takes of a replay, in CPU milliseconds: the best of several.

    python bench/explaining.py FOLDER [TIMES [EVERY]]

FOLDER is one that ``bench/matrix.py`` has filled. Replays the example in it once, and then asks again what was asked
in that replay: what is read of the matrices, which mutants do what the candidate did in a drifting case (with the
matrices at hand, which adequacy reads in any case), and which drifts have one cause, with and without what is known of
legacy's rules. What naming rules adds to grouping the drifts is the last line.

With EVERY, for example 10, not the first port is replayed, but the corrected successor with every tenth change of
``rule_changes.toml``, one at a time in copies of FOLDER, and only that last line is told of each.
"""

from __future__ import annotations

import gc
import os
import shutil
import subprocess
import sys
import tempfile
import time
import tomllib
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from pytest_characterize.explain.causes import causes
from pytest_characterize.model import Verdict
from pytest_characterize.rulebook import RuleBook
from pytest_characterize.session.likenesses import Likenesses
from pytest_characterize.store import matrix_file

REPLAY = ["-p", "characterize", "-p", "django", "-p", "no:cacheprovider", "--characterize", "--tb=no", "-q"]
CHANGES = Path(__file__).with_name("rule_changes.toml")
ASKED: list[tuple[Likenesses, tuple[Any, ...]]] = []
"""Every drifting case for which the matrices were asked."""
JUDGED: list[tuple[tuple[Any, ...], dict[str, Any]]] = []
"""What the causes were asked with."""


def main() -> int:
    """Replay, ask again, and tell; 0 if there was something to ask."""
    folder, times = Path(sys.argv[1]).resolve(), int(sys.argv[2]) if len(sys.argv) > 2 else 10
    if len(sys.argv) > 3:
        return _changed(folder, sys.argv[2], int(sys.argv[3]))
    _replay(folder)
    if not JUDGED or not ASKED:
        print("nothing drifts, or nothing was replayed")
        return 1
    gc.collect()
    gc.freeze()
    arguments, named = JUDGED[-1]
    cases = list(arguments[0])
    drifting = sum(case.verdict is Verdict.DRIFTED for case in cases)
    bare = [replace(case, likenesses=(), hits=()) for case in cases]
    before, started = _stolen(), time.perf_counter()
    rounds = [  # one after the other, as the machine is not always equally fast
        (
            *_asked_again(),
            _timed(lambda: causes(*arguments, **named)),
            _timed(lambda: causes(bare, matrices={}, rules=RuleBook())),
        )
        for _ in range(times)
    ]
    reading, likening, explaining, grouping = zip(*rounds, strict=True)
    stolen = 100 * (_stolen() - before) / (time.perf_counter() - started) / (os.cpu_count() or 1)
    print(
        f"{len(cases)} cases, {drifting} drift; load {os.getloadavg()[0]:.1f}, {stolen:.0f} % of the machine stolen; "
        f"best of {times}, CPU"
    )
    taken = {
        "matrices": min(reading),
        "likenesses": min(likening),
        "causes": min(explaining),
        "without rules": min(grouping),
    }
    taken["rules add"] = taken["likenesses"] + taken["causes"] - taken["without rules"]
    for what, seconds in taken.items():
        best = 1000 * seconds
        print(
            f"{what:13} {best:7.1f} ms, {best / len(cases):.3f} a case, {best / drifting:.2f} a drifting case"
        )
    return 0


def _changed(folder: Path, times: str, every: int) -> int:
    """The same of copies with one change each."""
    changes = tomllib.loads(CHANGES.read_text("utf-8"))["change"][::every]
    for change in changes:
        with tempfile.TemporaryDirectory() as scratch:
            copy = Path(shutil.copytree(folder, Path(scratch) / "copy"))
            for name, was, becomes in change["edits"]:
                file = copy / "example_legacy" / "successor" / "billing" / name
                file.write_text(file.read_text("utf-8").replace(was, becomes), "utf-8")
            done = subprocess.run(
                [sys.executable, __file__, str(copy), times],
                env=os.environ | {"CHARACTERIZE_DEMO_FIXED": "1"},
                capture_output=True,
                text=True,
                check=False,
            )
        told = done.stdout.splitlines()
        print(f"{change['name'][:45]:45} {told[-1]}" if done.returncode else _brief(change["name"], told))
    return 0


def _brief(name: str, told: list[str]) -> str:
    drifting = told[-6].split(",")[1].strip().partition(";")[0]
    return f"{name[:45]:45} {drifting:>9} {told[-1]}"


def _replay(folder: Path) -> None:
    """The replay, in this process; what it asks is kept."""
    os.environ |= {"CHARACTERIZE_SCRUB_KEY": "0" * 64, "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"}
    os.chdir(folder / "example_legacy")
    sys.path.insert(0, str(folder))
    of = Likenesses.of

    def asked(self: Likenesses, *arguments: Any) -> Any:
        """As it is, and kept."""
        ASKED.append((self, arguments))
        return of(self, *arguments)

    def judged(*arguments: Any, **named: Any) -> Any:
        """As it is, and kept."""
        JUDGED.append((arguments, named))
        return causes(*arguments, **named)

    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(Likenesses, "of", asked)
        patched.setattr("pytest_characterize.session.judging.causes", judged)
        pytest.main(REPLAY)


def _asked_again() -> tuple[float, float]:
    """CPU seconds of reading the matrices, and of all likenesses, as if nobody had asked before."""
    matrix_file.read_matrix.cache_clear()
    store = ASKED[0][0].store
    tests = {arguments[0].test for _, arguments in ASKED}
    reading = _timed(lambda: [store.matrix(test) for test in tests])
    fresh = Likenesses(store)
    return reading, _timed(lambda: [fresh.of(*arguments) for _, arguments in ASKED])


def _stolen() -> float:
    """Seconds of CPU that the host of a virtual machine has given to others: what runs meanwhile takes longer."""
    file = Path("/proc/stat")
    return int(file.read_text("ascii").split()[8]) / os.sysconf("SC_CLK_TCK") if file.exists() else 0.0


def _timed(work: Callable[[], object]) -> float:
    started = time.process_time()
    work()
    return time.process_time() - started


if __name__ == "__main__":
    sys.exit(main())
