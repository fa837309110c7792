"""What explaining the drifts of the example's first port takes of a replay, in CPU milliseconds: the best of several.

    python bench/explaining.py FOLDER [TIMES]

FOLDER is one that ``bench/matrix.py`` has filled. Replays the example in it once, and then asks again what was asked
in that replay: what is read of the matrices, which mutants do what the candidate did in a drifting case (with the
matrices at hand, which adequacy reads in any case), and which drifts have one cause.
"""

from __future__ import annotations

import gc
import os
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from pytest_characterize.explain.causes import causes
from pytest_characterize.model import Verdict
from pytest_characterize.session.likenesses import Likenesses
from pytest_characterize.store import matrix_file

REPLAY = ["-p", "characterize", "-p", "django", "-p", "no:cacheprovider", "--characterize", "--tb=no", "-q"]
ASKED: list[tuple[Likenesses, tuple[Any, ...]]] = []
"""Every drifting case for which the matrices were asked."""
JUDGED: list[tuple[tuple[Any, ...], dict[str, Any]]] = []
"""What the causes were asked with."""


def main() -> int:
    """Replay, ask again, and tell; 0 if there was something to ask."""
    folder, times = Path(sys.argv[1]).resolve(), int(sys.argv[2]) if len(sys.argv) > 2 else 10
    _replay(folder)
    if not JUDGED or not ASKED:
        print("nothing drifts, or nothing was replayed")
        return 1
    gc.collect()
    gc.freeze()
    arguments, named = JUDGED[-1]
    cases = list(arguments[0])
    drifting = sum(case.verdict is Verdict.DRIFTED for case in cases)
    reading, likening = zip(*(_asked_again() for _ in range(times)), strict=True)
    grouping = [_timed(lambda: causes(*arguments, **named)) for _ in range(times)]
    print(f"{len(cases)} cases, {drifting} drift; load {os.getloadavg()[0]:.1f}; best of {times}, CPU")
    for what, taken in (("matrices", reading), ("likenesses", likening), ("causes", grouping)):
        best = 1000 * min(taken)
        print(
            f"{what:10} {best:7.1f} ms, {best / len(cases):.3f} a case, {best / drifting:.2f} a drifting case"
        )
    return 0


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


def _timed(work: Callable[[], object]) -> float:
    started = time.process_time()
    work()
    return time.process_time() - started


if __name__ == "__main__":
    sys.exit(main())
