"""How long it takes to compare two large documents, beside deepdiff on the same documents.

    python bench/compare.py [--leaves 100000] [--changed 0.01] [--deepdiff PYTHON]

``PYTHON`` is an interpreter of a throwaway virtual environment that has deepdiff; it is no dependency of
this project. Without it, only our own times are shown. Times are CPU time, the best of several runs, so
that other work on the machine matters less. Both sides get documents that share no objects, as a golden
and an observation do.
"""

from __future__ import annotations

import argparse
import json
import random
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

SHAPES = ("records", "wide", "tree", "deep")


def record(rand: random.Random, fields: int) -> dict[str, Any]:
    kinds = (
        lambda: rand.randint(0, 9999),
        lambda: f"text {rand.randint(0, 9999)}",
        lambda: rand.random(),
        lambda: None,
        lambda: rand.random() < 0.5,
    )
    return {f"field {at}": rand.choice(kinds)() for at in range(fields)}


def document(shape: str, leaves: int, rand: random.Random) -> Any:
    """``records``: a list of rows. ``wide``: rows of 100 fields. ``tree``: ten children a node.
    ``deep``: nested 190 times."""
    match shape:
        case "records":
            return [record(rand, 10) for _ in range(leaves // 10)]
        case "wide":
            return {"rows": [record(rand, 100) for _ in range(leaves // 100)]}
        case "tree":
            nodes: list[Any] = [record(rand, 10) for _ in range(leaves // 10)]
            while len(nodes) > 10:
                nodes = [nodes[at : at + 10] for at in range(0, len(nodes), 10)]
            return nodes
        case _:
            nested: Any = 1
            for level in range(190):
                nested = [*(f"{level}.{at}" for at in range(leaves // 190)), nested]
            return nested


def changed(document: Any, share: float, rand: random.Random) -> Any:
    """A copy in which this share of all leaves is another value."""
    copy = json.loads(json.dumps(document))
    containers, count = [copy], 0
    while containers:
        container = containers.pop()
        for key, value in container.items() if isinstance(container, dict) else enumerate(container):
            if isinstance(value, dict | list):
                containers.append(value)
            elif rand.random() < share:
                container[key], count = f"changed {count}", count + 1
    return copy


def best(work: Callable[[], int], seconds: float) -> tuple[float, int]:
    """The shortest CPU time of the work in milliseconds, and what it returned."""
    shortest, found, end = float("inf"), 0, time.perf_counter() + seconds
    while True:
        start = time.process_time()
        found = work()
        shortest = min(shortest, time.process_time() - start)
        if time.perf_counter() >= end:
            return shortest * 1000, found


def ours(legacy: Any, candidate: Any) -> int:
    from pytest_characterize.compare.comparing import compare
    from pytest_characterize.model import Observation, Outcome

    golden, observed = (Observation(Outcome("returned", side)) for side in (legacy, candidate))
    return len(compare(golden, observed).differences)


def deepdiffs(legacy: Any, candidate: Any) -> int:
    from deepdiff import DeepDiff

    return sum(len(found) for found in DeepDiff(legacy, candidate).values())


def measure(count: Callable[[Any, Any], int], args: argparse.Namespace) -> dict[str, list[tuple[float, int]]]:
    """By shape: equal documents, then changed ones."""
    results = {}
    for shape in args.shapes.split(","):
        rand = random.Random(7)
        legacy = document(shape, args.leaves, rand)
        pairs = [changed(legacy, share, rand) for share in (0.0, args.changed)]
        results[shape] = [
            best(lambda side=side, legacy=legacy: count(legacy, side), args.seconds) for side in pairs
        ]
    return results


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--leaves", type=int, default=100_000)
    parser.add_argument("--changed", type=float, default=0.01)
    parser.add_argument("--shapes", default=",".join(SHAPES))
    parser.add_argument("--seconds", type=float, default=2.0, help="at least so long for each figure")
    parser.add_argument("--deepdiff", metavar="PYTHON", default="")
    parser.add_argument("--only-deepdiff", action="store_true", help=argparse.SUPPRESS)
    args = parser.parse_args()
    if args.only_deepdiff:
        sys.setrecursionlimit(20_000)
        print(json.dumps(measure(deepdiffs, args)))
        return 0
    table = measure(ours, args)
    other = {}
    if args.deepdiff:
        command = [args.deepdiff, str(Path(__file__).resolve()), "--only-deepdiff", "--seconds", "0"]
        command += ["--leaves", str(args.leaves), "--changed", str(args.changed), "--shapes", args.shapes]
        other = json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)
    print(f"{args.leaves} leaves, {args.changed:.0%} changed   (CPU ms)")
    print(f"{'shape':10}{'':10}{'differences':>12}{'ours':>10}{'deepdiff':>12}{'ratio':>8}")
    for shape, figures in table.items():
        for at, name in enumerate(("equal", "changed")):
            row = f"{shape:10}{name:10}{figures[at][1]:12}{figures[at][0]:10.1f}"
            if shape in other:
                theirs = other[shape][at][0]
                row += f"{theirs:12.0f}{theirs / figures[at][0]:7.0f}x"
            print(row)
    return 0


if __name__ == "__main__":
    sys.exit(main())
