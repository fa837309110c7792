"""``make demo``: record the example's legacy system, replay it on its Django successor, check the drifts.

Everything happens in the folder ``.demo``: a virtual environment of its own, a copy of the example, the
goldens, the reports. Exit status: 0 the drifts are the planted ones, 1 they are not, 2 a step failed,
128 + n ended by signal n.

This file needs Python's standard library only; :mod:`demo_story` runs in the virtual environment.
"""

from __future__ import annotations

import argparse
import hashlib
import os
import sys
from pathlib import Path
from typing import NoReturn

if sys.version_info < (3, 11):  # noqa: UP036 - this is where it is said
    sys.exit("make demo needs Python 3.11 or newer; try: make demo PYTHON=python3.12")

from processes import Interrupted, interruptions, run
from telling import say, step

ROOT = Path(__file__).resolve().parents[1]
STORY = Path(__file__).with_name("demo_story.py")


def main() -> int:
    """Prepare the virtual environment and go on inside it."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--folder", type=Path, default=ROOT / ".demo", help="where to work (default: .demo)")
    parser.add_argument(
        "--here", action="store_true", help="use this interpreter, with everything installed, and no other"
    )
    options = parser.parse_args()
    folder = options.folder.absolute()
    interruptions.install()
    try:
        folder.mkdir(parents=True, exist_ok=True)
        python = Path(sys.executable) if options.here else _environment(folder / "venv")
    except Interrupted as interrupted:
        say(f"interrupted by {interrupted}")
        return 128 + interrupted.signum
    except OSError as error:
        say(f"failed: {error}; remove {folder}, or name another with --folder")
        return 2
    return 2 if python is None else _go_on(python, folder)


def _go_on(python: Path, folder: Path) -> NoReturn:
    """Become the story: the same process, so that a signal needs no forwarding."""
    sys.stdout.flush()
    os.execv(python, [str(python), str(STORY), str(folder)])


def _environment(venv: Path) -> Path | None:
    """A virtual environment with the project in it; made once, and again when ``pyproject.toml`` changes."""
    python = venv / "bin" / "python"
    stamp = venv / ".installed"
    wanted = hashlib.sha256(f"{ROOT}\n{(ROOT / 'pyproject.toml').read_text('utf-8')}".encode()).hexdigest()
    with step("virtual environment") as current:
        if stamp.exists() and stamp.read_text("utf-8") == wanted:
            current.detail = "made before"
            return python
        pip = [
            str(python),
            "-m",
            "pip",
            "install",
            "--quiet",
            "--disable-pip-version-check",
            "--no-input",
            "--no-compile",
        ]
        commands = [
            [sys.executable, "-m", "venv", "--clear", str(venv)],
            [*pip, "-e", f"{ROOT}[all]"],
        ]
        for command in commands:
            done = run(command, cwd=ROOT, env=os.environ, quiet=True)
            if done.returncode != 0:
                say()
                say(done.stdout)
                say(f"failed: {' '.join(command)}")
                return None
        stamp.write_text(wanted, "utf-8")
        current.detail = "pip install -e '.[all]'"
    return python


if __name__ == "__main__":
    sys.exit(main())
