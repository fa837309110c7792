"""A page's project: its titled blocks are files, its console blocks are commands, run as a reader would."""

from __future__ import annotations

import doctest
import json
import os
import re
import shlex
import subprocess
import sys
import tomllib
from contextlib import ExitStack
from pathlib import Path
from tempfile import TemporaryDirectory

from doc_pages import LANGUAGES, ROOT, Block, Directive
from doc_services import start_service

from pytest_characterize.settings import load_settings
from tests.warm import run_pytest

_CLEAN = ("CI", "PYTEST_ADDOPTS", "PYTEST_XDIST_WORKER", "PYTEST_CURRENT_TEST", "CHARACTERIZE_SCRUB_KEY")
_EXPORT = re.compile(r"export ([A-Z_0-9]+)=(.*)")
_SECONDS, _LINES = 120, 60


class DocError(AssertionError):
    """A page says what is not so; the message names page and line."""


class DocProject:
    """An empty folder in which the steps of one page are followed."""

    def __init__(self, folder: Path, stack: ExitStack) -> None:
        self._folder, self._stack = folder, stack
        self._services: dict[str, ExitStack] = {}
        self._given: dict[str, str] = {}
        self._environment = {name: value for name, value in os.environ.items() if name not in _CLEAN} | {
            "COLUMNS": "100",
            "NO_COLOR": "1",
            "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
            "PYTHONDONTWRITEBYTECODE": "1",
        }

    def follow(self, step: Block | Directive) -> None:
        """Do what the step says."""
        if isinstance(step, Directive):
            self._direct(step)
        elif step.language not in LANGUAGES:
            raise DocError(f"{step.where}: a block says what it is, one of {', '.join(sorted(LANGUAGES))}")
        elif step.language == "console":
            self._console(step)
        else:
            if step.title:
                self._write(step)
            self._check(step)

    def _direct(self, directive: Directive) -> None:
        if directive.verb == "stop":
            self._services.pop(directive.words[0]).close()
            return
        if directive.verb == "file":
            name, source = directive.words
            self._write(Block(directive.where, "", (ROOT / source).read_text("utf-8"), {"title": name}))
            return
        kind, name, *arguments = directive.words
        service = self._services[name] = self._stack.enter_context(ExitStack())
        given = service.enter_context(start_service(kind, name, self._folder, arguments))
        self._given |= given
        self._environment |= given

    def _write(self, block: Block) -> None:
        path = (self._folder / block.title).resolve()
        if not path.is_relative_to(self._folder.resolve()):
            raise DocError(f"{block.where}: {block.title} leads out of the project")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(block.text, "utf-8")

    def _check(self, block: Block) -> None:
        match block.language:
            case "python" if block.title:
                compile(block.text, block.title, "exec")
            case "python" if ">>>" in block.text:
                self._doctest(block)
            case "python":
                self._run(block, [sys.executable, "-c", block.text], "", 0)
            case "json":
                json.loads(block.text)
            case "toml":
                self._toml(block)
            case "sql" if not block.title:
                raise DocError(f"{block.where}: a block of SQL is a file with a title, run by a service")

    def _toml(self, block: Block) -> None:
        document = tomllib.loads(block.text)
        if "characterize" in document.get("tool", {}):
            folder = self._folder / ".toml"
            folder.mkdir(exist_ok=True)
            (folder / "pyproject.toml").write_text(block.text, "utf-8")
            load_settings(folder)

    def _doctest(self, block: Block) -> None:
        parsed = doctest.DocTestParser().get_doctest(block.text, {}, block.where, block.where, 0)
        told: list[str] = []
        if doctest.DocTestRunner(optionflags=doctest.ELLIPSIS).run(parsed, out=told.append).failed:
            raise DocError("".join(told))

    def _console(self, block: Block) -> None:
        parts = re.split(r"^\$ ", block.text, flags=re.MULTILINE)
        if parts[0].strip() or len(parts) < 2:
            raise DocError(f"{block.where}: a console block begins with '$ '")
        exits = [int(code) for code in block.options.get("exit", "0").split(",")]
        for place, part in enumerate(parts[1:]):
            command, _, shown = part.partition("\n")
            self._command(block, command, shown, exits[min(place, len(exits) - 1)])

    def _command(self, block: Block, command: str, shown: str, code: int) -> None:
        if export := _EXPORT.fullmatch(command):
            name, value = export[1], shlex.split(export[2])[0]
            self._environment[name] = self._given.get(name, value)
            return
        words = shlex.split(command, comments=True)
        match words:
            case ["pip" | "pip3", "install", *packages]:
                _check_installable(block, packages)
            case ["make", *targets]:
                _check_targets(block, targets)
            case ["git", *_]:
                pass
            case ["rm", *names]:
                for name in names:
                    (self._folder / name).unlink()
            case ["pytest" | "pytest-characterize" | "python", *_]:
                self._run(block, words, shown, code)
            case _:
                raise DocError(f"{block.where}: nobody knows how to try {command!r}")

    def _run(self, block: Block, words: list[str], shown: str, code: int) -> None:
        status, printed = self._pytest(words[1:]) if words[0] == "pytest" else self._program(words)
        got = re.sub(r" +$", "", printed, flags=re.MULTILINE)
        tail = "\n".join(got.splitlines()[-_LINES:])
        if status != code:
            raise DocError(f"{block.where}: {words} exits {status}, not {code}:\n{tail}")
        if shown.strip() and not doctest.OutputChecker().check_output(shown, got, doctest.ELLIPSIS):
            raise DocError(f"{block.where}: {words} should print\n{shown}\nbut prints\n{tail}")

    def _program(self, words: list[str]) -> tuple[int, str]:
        done = subprocess.run(
            words,
            cwd=self._folder,
            env=self._environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            encoding="utf-8",
            timeout=_SECONDS,
        )
        return done.returncode, done.stdout

    def _pytest(self, arguments: list[str]) -> tuple[int, str]:
        with TemporaryDirectory() as elsewhere:
            told = Path(elsewhere, "told")
            status = run_pytest(arguments, self._folder, self._environment, told, told, script=True)
            return status, told.read_text("utf-8")


def _check_installable(block: Block, packages: list[str]) -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    for package in packages:
        name, _, extras = package.rstrip("]").partition("[")
        unknown = set(filter(None, extras.split(","))) - set(project["optional-dependencies"])
        if name == project["name"] and unknown:
            raise DocError(f"{block.where}: {package}: no such extra")


def _check_targets(block: Block, targets: list[str]) -> None:
    known = re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text("utf-8"), re.MULTILINE)
    if missing := sorted(set(targets) - set(known)):
        raise DocError(f"{block.where}: the Makefile has no {missing[0]}")
