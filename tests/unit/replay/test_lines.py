"""Which lines run in a block, on every interpreter that there is."""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from pytest_characterize.replay.lines import Files, tracer

ROOT = Path(__file__).parents[3]

PROGRAM = """
import sys
from pathlib import Path
sys.path[:0] = [{root!r}, {project!r}]
from pytest_characterize.replay.lines import Files, tracer
import candidate
files = Files(Path({project!r}))
found = tracer(files)
for number in (1, 5, 1):
    with found.watching() as lines:
        candidate.f(number)
    print(lines.by_file(files), lines.because)
candidate.f(5)
found.close()
found.close()
"""

CANDIDATE = """import json
def f(number):
    for _ in range(2): json.dumps(1)
    if number > 3:
        return list(g(number))
def g(number):
    yield number
    yield -number
"""


def interpreters() -> Iterator[str]:
    """This one, and later ones where they are installed."""
    yield sys.executable
    beside = Path(sys.base_prefix).parent
    for version in ("3.12", "3.13", "3.14"):
        places = [*map(str, sorted(beside.glob(f"{version}*/bin/python"))), shutil.which(f"python{version}")]
        for place in filter(None, places):
            if subprocess.run([place, "-c", ""], capture_output=True, check=False).returncode == 0:
                yield place
                break


@pytest.fixture
def candidate(tmp_path: Path) -> Path:
    (tmp_path / "candidate.py").write_text(CANDIDATE)
    return tmp_path


def test_each_block_has_its_own_lines(candidate: Path) -> None:
    program = PROGRAM.format(root=str(ROOT), project=str(candidate))
    for interpreter in interpreters():
        done = subprocess.run(
            [interpreter, "-c", program], capture_output=True, text=True, check=False, cwd=candidate
        )
        assert done.stdout.splitlines() == [
            "{'candidate.py': (3, 4)} ", "{'candidate.py': (3, 4, 5, 7, 8)} ", "{'candidate.py': (3, 4)} ",
        ], (interpreter, done.stderr)  # fmt: skip


@pytest.mark.skipif(sys.version_info >= (3, 12), reason="several may watch at once from Python 3.12 on")
def test_another_tracer_goes_on(candidate: Path) -> None:
    def other(*_: object) -> None:
        return None

    before = sys.gettrace()
    sys.settrace(other)
    try:
        with tracer(Files(candidate)).watching() as lines:
            assert sys.gettrace() is other
    finally:
        sys.settrace(before)
    assert "traces already" in lines.because


@pytest.mark.parametrize(
    ("filename", "name"),
    [
        ("shop/prices.py", "shop/prices.py"),
        (".venv/lib/python3.11/site-packages/shop.py", ""),
        ("../elsewhere.py", ""),
    ],
)
def test_files_that_count(tmp_path: Path, filename: str, name: str) -> None:
    files = Files(tmp_path)
    assert files.name(str(tmp_path / filename)) == name
    assert files.name("<string>") == ""
    assert files.name(json_file()) == ""


def json_file() -> str:
    import json

    return str(json.__file__)
