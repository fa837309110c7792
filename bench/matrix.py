"""How long the matrix of the example's rule mutants takes, in wall and in CPU seconds.

    python bench/matrix.py FOLDER [PYTEST-ARGUMENT...]

Starts the example's legacy system in FOLDER and records it. Then tries the mutants three times: all of them, again with
nothing changed, and after one case was added to one test. Tells after each what it took of this machine, whose load
stands beside it, and whether legacy's database is what it was.
"""

from __future__ import annotations

import os
import resource
import sys
import time
from dataclasses import replace
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "scripts"))

import demo_story  # noqa: E402
import processes  # noqa: E402

TEST = Path("tests/characterization/test_closing.py")
LAST_CASE = '(at(6, 26, 18), "CRD"),'
ANOTHER = '(at(6, 26, 19), "CRD"),'


def main() -> int:
    """The three runs; 0 if legacy is untouched."""
    folder = Path(sys.argv[1]).resolve()
    folder.mkdir(parents=True, exist_ok=True)
    place = demo_story._prepare(folder)
    python, _ = demo_story._old_python(place)
    path = os.pathsep.join([str(folder), os.environ.get("PYTHONPATH", "")])
    place = replace(place, env={**place.env, "BILLSYS_PYTHON": python, "PYTHONPATH": path})
    with demo_story._legacy_system(place) as legacy:
        print(demo_story._record(place, legacy), flush=True)
        before = legacy.dump(place)
        tried(place, legacy, "all")
        tried(place, legacy, "nothing changed")
        test = place.example / TEST
        test.write_text(
            test.read_text("utf-8").replace(LAST_CASE, f"{LAST_CASE}\n            {ANOTHER}"), "utf-8"
        )
        demo_story._record(place, legacy)
        tried(place, legacy, "one case more")
        same = legacy.dump(place) == before
    print("the database is the same" if same else "THE DATABASE HAS CHANGED")
    return 0 if same else 1


def tried(place: demo_story.Workplace, legacy: demo_story.LegacySystem, what: str) -> None:
    """One run of the mutants, and what it took."""
    started, ours, theirs = time.perf_counter(), _children(), _server(legacy)
    command = [
        *demo_story.PYTEST,
        "-q",
        "--characterize-mutants",
        "--characterize-record-in-ci",
        *sys.argv[2:],
    ]
    done = processes.run(command, cwd=place.example, env={**place.env, **legacy.addresses()}, quiet=True)
    wall = time.perf_counter() - started
    told = [line for line in done.stdout.splitlines() if line.startswith("characterize: ")]
    print(
        f"{what}: {wall:.1f} s; CPU {_children() - ours:.1f} s, server {_server(legacy) - theirs:.1f} s;",
        end=" ",
    )
    print(
        f"load {os.getloadavg()[0]:.1f}, status {done.returncode}; {told[-1] if told else done.stdout}",
        flush=True,
    )


def _children() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def _server(legacy: demo_story.LegacySystem) -> float:
    """CPU seconds of the server's connections that have ended."""
    folder = dict(part.split("=", 1) for part in legacy.dsn.split())["host"]
    postmaster = Path(folder, "data", "postmaster.pid").read_text("ascii").split()[0]
    fields = Path("/proc", postmaster, "stat").read_text("ascii").rpartition(")")[2].split()
    return (int(fields[13]) + int(fields[14])) / os.sysconf("SC_CLK_TCK")


if __name__ == "__main__":
    sys.exit(main())
