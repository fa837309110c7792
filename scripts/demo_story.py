"""The demo's story, told inside the virtual environment: ``python demo_story.py FOLDER``."""

from __future__ import annotations

import json
import os
import re
import secrets
import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, replace
from pathlib import Path

from planted import read_plants
from processes import Interrupted, child, interruptions, run
from telling import RED, painted, say, step
from verdict import tell_verdict

from pytest_characterize.errors import CharacterizeError

ROOT = Path(__file__).resolve().parents[1]
EXAMPLE = "example_legacy"
PASSWORD = "demo-only"
OLD_PYTHON = "python2.7"
NOT_COPIED = shutil.ignore_patterns("__pycache__", "*.sqlite3")
PYTEST = (sys.executable, "-m", "pytest", "-p", "characterize", "-p", "django")
"""With the plugins that a fresh environment has, whatever else is installed here."""
REPLAY_ENDED = (0, 1)
"""Exit statuses of pytest that mean: every test has run."""


class Failed(Exception):  # noqa: N818 - it is told, not handled
    """A step of the demo could not be done."""

    def __init__(self, what: str, output: str = "") -> None:
        super().__init__(what)
        self.output = output


@dataclass(frozen=True)
class Workplace:
    """The demo's folder and what its children get as environment."""

    folder: Path
    env: Mapping[str, str]

    @property
    def example(self) -> Path:
        """The copy of the example, so that the checkout stays as it is."""
        return self.folder / EXAMPLE

    @property
    def reports(self) -> Path:
        """Where the reports are written."""
        return self.folder / "reports"

    def python(
        self, *arguments: str | Path, env: Mapping[str, str] | None = None
    ) -> subprocess.CompletedProcess[str]:
        """Run Python quietly in the folder.

        Raises:
            Failed: it ended with another status than 0.
        """
        done = run([sys.executable, *arguments], cwd=self.folder, env={**self.env, **(env or {})}, quiet=True)
        if done.returncode != 0:
            raise Failed(" ".join(map(str, arguments)), done.stdout)
        return done


@dataclass(frozen=True)
class LegacySystem:
    """The legacy system while it runs: where it is, and what reads its whole database."""

    dsn: str
    url: str
    pg_dump: Path

    def addresses(self) -> dict[str, str]:
        """What the recorders find in their environment."""
        return {
            "CHARACTERIZE_SOURCE_BILLING_DSN": self.dsn,
            "CHARACTERIZE_SOURCE_WEB_URL": self.url,
            "BILLSYS_PASSWORD": PASSWORD,
        }

    def dump(self, place: Workplace) -> str:
        """The whole database as SQL: schema, routines, data, sequences."""
        done = run([self.pg_dump, f"--dbname={self.dsn}"], cwd=place.folder, env=place.env, quiet=True)
        if done.returncode != 0:
            raise Failed("pg_dump", done.stdout)
        # a guard against hostile dumps, drawn at random every time
        return re.sub(r"^\\(un)?restrict .*\n", "", done.stdout, flags=re.MULTILINE)


def main(folder: Path) -> int:
    """Tell the story; the exit status as :mod:`demo` says."""
    interruptions.install()
    try:
        return _story(_prepare(folder))
    except Interrupted as interrupted:
        say(f"interrupted by {interrupted}; everything that was started has been stopped")
        return 128 + interrupted.signum
    except (CharacterizeError, OSError) as error:
        say(painted(f"failed: {error}", RED))
        return 2
    except Failed as failed:
        say(failed.output)
        say(painted(f"failed: {failed}", RED))
        return 2


def _prepare(folder: Path) -> Workplace:
    """An empty workplace with a copy of the example."""
    foreign = ("CHARACTERIZE_SOURCE_", "DJANGO_", "PG", "PYTEST_")
    env = {name: value for name, value in os.environ.items() if not name.startswith(foreign)}
    env |= {"CHARACTERIZE_SCRUB_KEY": secrets.token_hex(32), "PYTHONPATH": str(folder)}
    env["PYTEST_DISABLE_PLUGIN_AUTOLOAD"] = "1"
    # as in an activated environment: "python" is this one
    env["PATH"] = os.pathsep.join([str(Path(sys.executable).parent), env.get("PATH", os.defpath)])
    place = Workplace(folder, env)
    for leftover in (place.example, place.reports):
        shutil.rmtree(leftover, ignore_errors=True)
    shutil.copytree(ROOT / EXAMPLE, place.example, ignore=NOT_COPIED)
    place.reports.mkdir()
    return place


def _story(place: Workplace) -> int:
    with step("the accounting server's Python") as current:
        python, current.detail = _old_python(place)
    place = replace(place, env={**place.env, "BILLSYS_PYTHON": python})
    with ExitStack() as stack:
        with step("legacy system: PostgreSQL and its front end") as current:
            legacy = stack.enter_context(_legacy_system(place))
            current.detail = legacy.url
        before = legacy.dump(place)
        with step("recording what it does") as current:
            current.detail = _record(place, legacy)
        if place.env.get("CHARACTERIZE_DEMO_MUTANTS") == "1":
            with step("changing its rules, one at a time") as current:
                current.detail = _change_rules(place, legacy)
        with step("its database afterwards") as current:
            if legacy.dump(place) != before:
                raise Failed("recording has changed the legacy database")
            current.detail = f"unchanged ({len(before):,} characters of dump)"
        with step("legacy system stopped"):
            stack.close()
    say("replay on the Django successor, with the legacy system gone:")
    say()
    _replay(place)
    say()
    return _verdict(place)


def _old_python(place: Workplace) -> tuple[str, str]:
    """The interpreter that runs the old server's module, and what is to be said about it."""
    from pytest_characterize_recorders.sources.python.interpreters import places

    with suppress(CharacterizeError):
        for found in places(OLD_PYTHON, place.folder):
            if run([found, "-c", "pass"], cwd=place.folder, env=place.env, quiet=True).returncode == 0:
                return OLD_PYTHON, OLD_PYTHON
    mine = ".".join(map(str, sys.version_info[:2]))
    return sys.executable, f"there is no {OLD_PYTHON} here, Python {mine} runs its module"


@contextmanager
def _legacy_system(place: Workplace) -> Iterator[LegacySystem]:
    from pytest_characterize_recorders.embedded.postgresql import PostgresServer

    server = PostgresServer()
    try:
        server.start()
        with interruptions.held():
            dsn = server.create_database("billing")
        place.python("-m", f"{EXAMPLE}.legacy.load", "--dsn", dsn)
        app = [sys.executable, "-m", f"{EXAMPLE}.legacy.app", "--dsn", dsn, "--port", "0", "--training"]
        with child(app, cwd=place.folder, env=place.env, output=subprocess.PIPE) as process:
            assert process.stdout is not None
            url = process.stdout.readline().strip()
            if not url.startswith("http://"):
                raise Failed("the legacy front end did not start", url + process.stdout.read())
            yield LegacySystem(dsn, url, server.binaries / "pg_dump")
    finally:
        with interruptions.held():
            server.stop()


def _record(place: Workplace, legacy: LegacySystem) -> str:
    """Record; how many goldens there are now."""
    done = run(
        [*PYTEST, "--characterize-record=new", "--characterize-record-in-ci"],
        cwd=place.example,
        env={**place.env, **legacy.addresses()},
        quiet=True,
    )
    if done.returncode != 0:
        raise Failed("recording", done.stdout)
    goldens = sum(1 for _ in (place.example / "characterization" / "goldens").rglob("*.json"))
    return f"{goldens} goldens"


def _change_rules(place: Workplace, legacy: LegacySystem) -> str:
    """Run mutants of the legacy rules on the recorded inputs; how many of them."""
    done = run(
        [*PYTEST, "--characterize-mutants", "--characterize-record-in-ci", "-q"],
        cwd=place.example,
        env={**place.env, **legacy.addresses()},
        quiet=True,
    )
    told = re.search(r"^characterize: (\d+ mutants?)", done.stdout, re.MULTILINE)
    if done.returncode != 0 or told is None:
        raise Failed("changing its rules", done.stdout)
    return told[1]


def _replay(place: Workplace) -> None:
    """Replay in sight of the user; pytest itself prints the drift summary."""
    reports = [f"--characterize-report={kind}:{place.reports / f'drift.{kind}'}" for kind in ("json", "md")]
    done = run(
        [*PYTEST, "--characterize", "--tb=no", "-q", "-r", "N", *reports],
        cwd=place.example,
        env=place.env,
    )
    if done.returncode not in REPLAY_ENDED or not (place.reports / "drift.json").exists():
        raise Failed(f"replay: pytest ended with status {done.returncode} before every case was judged")


def _verdict(place: Workplace) -> int:
    """Hold the report against what was planted."""
    report = json.loads((place.reports / "drift.json").read_text("utf-8"))
    fixed = place.env.get("CHARACTERIZE_DEMO_FIXED") == "1"
    return 0 if tell_verdict(report, () if fixed else read_plants(place.example / "planted.toml")) else 1


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))
