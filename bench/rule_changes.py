"""The example's successor, changed in one rule at a time: is the drift found, and is the legacy rule named?

    python bench/rule_changes.py FOLDER [NAME...]

Starts the example's legacy system, records its goldens and the matrix of its rule mutants in FOLDER (which are taken as
they are if they are there already), and then replays, legacy gone, once for each change of ``rule_changes.toml`` (or
those that are named) on a copy of the corrected successor with just that change. Replays run in forks of a process
that has everything imported, as many at a time as JOBS says (2). Prints a table, the misses, and the figures.
"""

from __future__ import annotations

import json
import os
import sys
import tempfile
import time
import tomllib
from collections.abc import Iterable, Sequence
from dataclasses import replace
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent / "scripts")]

import demo_story  # noqa: E402
import processes  # noqa: E402
from rule_changes_judged import Change, Judged, Legacy, judged  # noqa: E402
from rule_changes_replayed import Replays  # noqa: E402
from rule_changes_told import tell  # noqa: E402

KEY = "0" * 64
JOBS = int(os.environ.get("JOBS", "2"))


def workplace(folder: Path) -> demo_story.Workplace:
    """The folder with goldens and matrices; made unless they are there."""
    recorded = folder / demo_story.EXAMPLE / "characterization" / "mutants"
    key = os.environ.get("CHARACTERIZE_SCRUB_KEY", KEY)
    if recorded.is_dir():
        return demo_story.Workplace(folder, dict(os.environ) | {"CHARACTERIZE_SCRUB_KEY": key})
    folder.mkdir(parents=True, exist_ok=True)
    place = demo_story._prepare(folder)
    python, _ = demo_story._old_python(place)
    path = os.pathsep.join([str(folder), os.environ.get("PYTHONPATH", "")])
    place = replace(
        place,
        env={**place.env, "BILLSYS_PYTHON": python, "CHARACTERIZE_SCRUB_KEY": key, "PYTHONPATH": path},
    )
    with demo_story._legacy_system(place) as legacy:
        print(demo_story._record(place, legacy), flush=True)
        started = time.perf_counter()
        done = processes.run(
            [*demo_story.PYTEST, "-q", "--characterize-mutants", "--characterize-record-in-ci"],
            cwd=place.example,
            env={**place.env, **legacy.addresses()},
        )
        if done.returncode != 0:
            raise SystemExit("the mutants could not be run")
        print(f"matrix: {time.perf_counter() - started:.1f} s", flush=True)
    return place


def changes(names: Sequence[str]) -> list[Change]:
    """Those of the table, or those of them that are named."""
    table = tomllib.loads((HERE / "rule_changes.toml").read_text("utf-8"))["change"]
    every = [Change.of(entry) for entry in table]
    if len({change.name for change in every}) < len(every):
        raise SystemExit("two changes have one name")
    return [change for change in every if not names or change.name in names]


def replayed(place: demo_story.Workplace, every: Iterable[Change]) -> list[Judged]:
    """What the report of each change says."""
    legacy = Legacy(place.example / "characterization")
    with tempfile.TemporaryDirectory(prefix="rule-changes-") as scratch:
        replays = Replays(place.example, Path(scratch), place.env)
        return [judged(change, report, legacy) for change, report in replays.reports(every, JOBS)]


def main() -> int:
    """The whole bench; 0 if everything has been replayed."""
    place = workplace(Path(sys.argv[1]).resolve())
    started = time.perf_counter()
    found = replayed(place, changes(sys.argv[2:]))
    tell(found)
    print(f"{len(found)} replays in {time.perf_counter() - started:.0f} s, {JOBS} at a time")
    if "DUMP" in os.environ:
        Path(os.environ["DUMP"]).write_text(json.dumps({one.change.name: one.report for one in found}))
    return 0


if __name__ == "__main__":
    sys.exit(main())
