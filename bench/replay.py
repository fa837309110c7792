"""Replaying recorded function cases beside bare parametrised items and beside syrupy, same plugins loaded.

    python bench/replay.py [CASES]

The same function is called with the same inputs on all sides: the bare items look at one value of its result,
syrupy at the whole one, in its own files. Prints CPU seconds (user and system) of whole pytest processes and
the ratios; each side runs three times in turn, the median counts. In ``drifting`` every case drifts, and is
shown as pytest shows failures.
"""

from __future__ import annotations

import os
import resource
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

PYPROJECT = '[tool.pytest.ini_options]\npythonpath = ["."]\n'
SHOP = """
import os

PERCENT = int(os.environ.get("PERCENT", "95"))

def price(quantity):
    return {"quantity": quantity, "total": quantity * 10 * (PERCENT if quantity > -1 else 100)}
"""
MARKED = """
import pytest, shop
from pytest_characterize import Function

@pytest.mark.characterize(legacy=Function("shop:price"), cases=[{{"quantity": n}} for n in range({cases})])
def test_price(quantity):
    return shop.price(quantity)
"""
BARE = """
import pytest, shop

@pytest.mark.parametrize("quantity", range({cases}), ids=lambda n: f"quantity-{{n}}-0123456789ab")
def test_price(quantity):
    assert shop.price(quantity)["quantity"] == quantity
"""
SNAPSHOT = """
import pytest, shop

@pytest.mark.parametrize("quantity", range({cases}), ids=lambda n: f"quantity-{{n}}-0123456789ab")
def test_price(quantity, snapshot):
    assert shop.price(quantity) == snapshot
"""


def cpu_seconds(folder: Path, *args: str, exit_status: int = 0, percent: int = 95) -> float:
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", *args]
    environment = os.environ | {"PERCENT": str(percent)}
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False, env=environment)
    assert done.returncode == exit_status, done.stdout[-3000:]
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def main() -> None:
    cases = int(sys.argv[1]) if len(sys.argv) > 1 else 10_000
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
    os.environ.pop("CI", None)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "pyproject.toml").write_text(PYPROJECT)
        (folder / "shop.py").write_text(SHOP)
        (folder / "test_marked.py").write_text(MARKED.format(cases=cases))
        (folder / "test_bare.py").write_text(BARE.format(cases=cases))
        (folder / "test_snapshot.py").write_text(SNAPSHOT.format(cases=cases))
        recording = cpu_seconds(folder, "--characterize-record=new", "test_marked.py")
        updating = cpu_seconds(folder, "--snapshot-update", "test_snapshot.py")
        sides = {
            "replay": ("--characterize", "test_marked.py"),
            "bare": ("test_bare.py",),
            "syrupy": ("test_snapshot.py",),
        }
        found: dict[str, list[float]] = {side: [] for side in sides}
        for _ in range(3):
            for side, args in sides.items():
                found[side].append(cpu_seconds(folder, *args))
            drifting = cpu_seconds(folder, *sides["replay"], exit_status=1, percent=94)
            found.setdefault("drifting", []).append(drifting)
    print(
        f"{cases} cases: recording {1000 * recording / cases:.2f} ms a case, syrupy's {1000 * updating / cases:.2f}"
    )
    bare = statistics.median(found["bare"])
    for side, seconds in found.items():
        middle = statistics.median(seconds)
        print(
            f"{side:>6} {middle:6.2f} s CPU, {1000 * middle / cases:.3f} ms a case, {middle / bare:.2f} x bare"
        )


if __name__ == "__main__":
    main()
