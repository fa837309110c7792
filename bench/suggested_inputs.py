"""The example's goldens, and what they notice once the inputs are added that its report suggests.

    python bench/suggested_inputs.py FOLDER

Starts the example's legacy system in FOLDER, records it, tries its rule mutants, and replays the corrected
successor. The report names survivors, some with an input that would tell them from legacy. These inputs become
cases of the tests that they are suggested for; they are recorded, the mutants are tried on them, and the next replay
tells how many of those survivors are noticed now, and whether the successor still behaves as legacy does. It may
not: what nobody had thought of is what the suggestions are for.
"""

from __future__ import annotations

import json
import os
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "scripts"))

import demo_story  # noqa: E402
import processes  # noqa: E402

PLUGIN = """
import json
from pathlib import Path

import pytest
from pytest_characterize.codec import from_tagged

ADDED = json.loads(Path(__file__).with_name("suggested.json").read_text("utf-8"))


@pytest.hookimpl(tryfirst=True)
def pytest_pycollect_makeitem(collector, name, obj):
    inputs = ADDED.get(f"{collector.nodeid}::{name}", ())
    for mark in getattr(obj, "pytestmark", ()) if inputs else ():
        if mark.name == "characterize":
            known, new = mark.kwargs["cases"], [from_tagged(one, "suggested.json") for one in inputs]
            mark.kwargs["cases"] = [*known, *(one for one in new if one not in known)]
            inputs = ()
"""


def suggested(report: dict[str, Any]) -> tuple[set[str], dict[str, list[Any]]]:
    """The survivors that have a suggestion, and the suggested inputs by test, each once."""
    survivors: set[str] = set()
    by_test: dict[str, list[Any]] = {}
    for mutant in report["adequacy"]["mutants"]:
        if mutant["noticed"] or not mutant["telling"]:
            continue
        survivors.add(mutant["id"])
        for one in mutant["telling"]:
            inputs = by_test.setdefault(one["test"], [])
            if one["input"] not in inputs:
                inputs.append(one["input"])
    return survivors, by_test


def run(place: demo_story.Workplace, *arguments: str, env: dict[str, str] | None = None) -> str:
    """Run pytest in the example; its last lines are printed."""
    done = processes.run(
        [*demo_story.PYTEST, "-p", "suggested", "-q", *arguments],
        cwd=place.example,
        env={**place.env, **(env or {})},
        quiet=True,
    )
    told = [line for line in done.stdout.splitlines() if line.startswith("characterize: ")]
    judged = "--characterize" in arguments and done.returncode == pytest.ExitCode.TESTS_FAILED
    if not told or (done.returncode != 0 and not judged):
        raise SystemExit(done.stdout[-4_000:])
    print(told[-1], flush=True)
    return told[-1]


def replayed(place: demo_story.Workplace, name: str) -> dict[str, Any]:
    """The report of a replay of the corrected successor."""
    path = place.reports / name
    run(place, "--characterize", f"--characterize-report=json:{path}", env={"CHARACTERIZE_DEMO_FIXED": "1"})
    found: dict[str, Any] = json.loads(path.read_text("utf-8"))
    print(json.dumps(found["adequacy"]["counts"]), flush=True)
    return found


def main() -> int:
    """Both rounds; 0 if at least four of five survivors with a suggestion are noticed in the end."""
    folder = Path(sys.argv[1]).resolve()
    folder.mkdir(parents=True, exist_ok=True)
    place = demo_story._prepare(folder)
    python, _ = demo_story._old_python(place)
    path = os.pathsep.join([str(folder), os.environ.get("PYTHONPATH", "")])
    place = replace(place, env={**place.env, "BILLSYS_PYTHON": python, "PYTHONPATH": path})
    (folder / "suggested.py").write_text(PLUGIN, "utf-8")
    (folder / "suggested.json").write_text("{}", "utf-8")
    with demo_story._legacy_system(place) as legacy:
        mutants = ("--characterize-mutants", "--characterize-record-in-ci")
        print(demo_story._record(place, legacy), flush=True)
        run(place, *mutants, env=legacy.addresses())
        survivors, by_test = suggested(replayed(place, "before.json"))
        print(
            f"{len(survivors)} survivors with {sum(map(len, by_test.values()))} inputs for {len(by_test)} tests"
        )
        (folder / "suggested.json").write_text(json.dumps(by_test), "utf-8")
        run(place, "--characterize-record=new", "--characterize-record-in-ci", env=legacy.addresses())
        run(place, *mutants, env=legacy.addresses())
        after = replayed(place, "after.json")
    noticed = {one["id"] for one in after["adequacy"]["mutants"] if one["noticed"]}
    print(f"noticed now: {len(survivors & noticed)} of {len(survivors)}; not: {sorted(survivors - noticed)}")
    return 0 if len(survivors & noticed) >= 0.8 * len(survivors) else 1


if __name__ == "__main__":
    sys.exit(main())
