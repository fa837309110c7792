"""A command in an empty folder of its own: what it is given, and what it leaves.

Both sides are observed by the same means, so that what they leave is the same value if it is the same:
``{"exit": 0, "stdout": "...", "stderr": "", "files": {"out.csv": [...]}}``.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from signal import Signals
from tempfile import TemporaryDirectory
from typing import Any, Final

from pytest_characterize.errors import CharacterizeError
from pytest_characterize.formats import Format, Text, UnreadableError, encoding_fault
from pytest_characterize.processes import Finished, OutOfTime, TooMuchOutput, family, finish

PATIENCE: Final = 60.0
LIMIT: Final = 8 * 2**20
"""Bytes that a command may print, and as many that the files may have which it leaves: more is no golden."""

PLACES: Final = ("work", "home")
"""The command's folder, and that of its ``HOME`` and ``TMPDIR``; in outputs ``<work>`` and ``<home>`` stand for
their paths, which are others each time."""

_ENVIRONMENT: Final = {"LANG": "C.UTF-8", "TZ": "UTC", "PYTHONDONTWRITEBYTECODE": "1"}
"""The last one keeps a program in Python from leaving compiled files in the project."""


@dataclass(frozen=True)
class Task:
    """What is asked.

    Attributes:
        argv: the program, as a name on ``PATH`` or as an absolute path, and its arguments.
        environment: what the program gets besides ``PATH``, ``HOME``, ``TMPDIR``, and a few that are the same
            everywhere.
        input_files: what lies in the folder before, by relative name.
    """

    argv: Sequence[str]
    stdin: bytes = b""
    environment: Mapping[str, str] = field(default_factory=dict)
    input_files: Mapping[str, bytes] = field(default_factory=dict)


@dataclass(frozen=True)
class Reading:
    """How what is left is read.

    Attributes:
        files: pattern -> format; a file is read as the first pattern says that fits.
        encoding: of stdout and stderr, ``None`` for bytes.
        error: what is raised where it cannot be observed.
        lenient: whether what legacy is not allowed is a difference instead of an error: a death by a signal, and
            what is not in the declared form, which is kept as bytes.
        secrets: what must not be in anything that is left, by the name that a message may tell.
    """

    files: Mapping[str, Format] = field(default_factory=dict)
    encoding: str | None = "utf-8"
    error: type[CharacterizeError] = CharacterizeError
    lenient: bool = False
    secrets: Mapping[str, bytes] = field(default_factory=dict, repr=False)

    def __post_init__(self) -> None:
        for pattern, how in self.files.items():
            fault = how.fault() if isinstance(how, Format) else f"a {type(how).__name__} is no format"
            if fault := fault or _pattern_fault(pattern):
                raise self.error(
                    f"files= cannot be used, {pattern!r}: {fault}",
                    slug="command-files",
                    hint='write it like files={"out/*.csv": Csv(";")}',
                )
        if self.encoding is not None and (fault := encoding_fault(self.encoding)):
            raise self.error(fault, slug="command-files", hint="write it like encoding='latin-1'")


def run(task: Task, reading: Reading, who: str, seconds: float | None = None) -> dict[str, Any]:
    """Run the command, and tell what it left.

    Args:
        who: the command, for messages.

    Raises:
        CharacterizeError: ``command-unknown``, ``command-timeout``, ``command-killed``, ``command-too-much``,
            ``command-unreadable``, ``command-secret`` or ``command-input-file``, as ``reading.error``.
    """
    with scratch(task.input_files, reading.error) as folder:
        done = _finished(task, folder, reading.error, who, PATIENCE if seconds is None else seconds)
        if done.exit < 0 and not reading.lenient:
            raise reading.error(
                f"{who} was killed by {Signals(-done.exit).name}",
                slug="command-killed",
                hint="see what it does there, or leave the case out: nobody can tell its own end from one by others",
            )
        return left(folder, done, reading, who)


def encoded(content: str | bytes, encoding: str | None, what: str, error: type[CharacterizeError]) -> bytes:
    """What a command is given, as bytes.

    Raises:
        CharacterizeError: ``command-encoding``, as ``error``.
    """
    if isinstance(content, bytes):
        return content
    try:
        return content.encode(encoding or "utf-8")
    except UnicodeEncodeError as fault:
        odd = content[fault.start]
        raise error(
            f"{what} holds {odd!a}, which {encoding or 'utf-8'} does not have",
            slug="command-encoding",
            hint="declare the encoding that the command reads: encoding=..., or give bytes",
        ) from None


def left(folder: Path, done: Finished, reading: Reading, who: str) -> dict[str, Any]:
    """Everything that counts of what a command did in this folder."""

    def value(content: bytes, how: Format | None, what: str) -> Any:
        """What was written, read as ``how`` says, without this run's folders and secrets."""
        for name in PLACES:
            content = content.replace(os.fsencode(folder.parent / name), f"<{name}>".encode())
        for name, secret in reading.secrets.items():
            if secret in content:
                raise reading.error(
                    f"{who}: {what} holds the secret {name}",
                    slug="command-secret",
                    hint="have it not written there, or leave that file out of files=",
                )
        try:
            return how.read(content) if how else content
        except UnreadableError as error:
            if reading.lenient:
                return content
            raise reading.error(
                f"{who}: {what} is not what it is declared to be: {error}",
                slug="command-unreadable",
                hint="declare its format and encoding as they are, or Binary(), or encoding=None for what is printed",
            ) from None

    text = Text(reading.encoding) if reading.encoding else None
    return {
        "exit": done.exit,
        "stdout": value(done.stdout, text, "its output"),
        "stderr": value(done.stderr, text, "its error output"),
        "files": {
            name: value(content, how, f"the file {name!r}")
            for name, content, how in _files(folder, reading, who)
        },
    }


@contextmanager
def scratch(input_files: Mapping[str, bytes], error: type[CharacterizeError]) -> Iterator[Path]:
    """The folder of a command, with these files; it is gone when the block is left.

    Raises:
        CharacterizeError: ``command-input-file``, as ``error``.
    """
    with TemporaryDirectory(prefix="characterize-", ignore_cleanup_errors=True) as name:
        folder, home = (Path(name).resolve() / place for place in PLACES)
        folder.mkdir()
        home.mkdir()
        for file, content in input_files.items():
            path = folder / file
            try:
                if _leads_out(file):
                    raise ValueError("it would not lie in the command's folder")
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_bytes(content)
            except (OSError, ValueError) as fault:
                raise error(
                    f"the input file {file!a} cannot be written: {getattr(fault, 'strerror', None) or fault}",
                    slug="command-input-file",
                    hint="give it a relative name without '..'",
                ) from None
        yield folder


def _finished(task: Task, folder: Path, error: type[CharacterizeError], who: str, seconds: float) -> Finished:
    home = str(folder.parent / "home")
    environment = {"PATH": os.environ.get("PATH", os.defpath), "HOME": home, "TMPDIR": home}
    environment |= _ENVIRONMENT | dict(task.environment)
    program = shutil.which(task.argv[0], path=environment["PATH"])
    try:
        if program is None:
            raise FileNotFoundError("there is no such program, or it may not be executed")
        with family([program, *task.argv[1:]], folder, environment) as found:
            return finish(found, task.stdin, seconds, LIMIT)
    except (OSError, ValueError) as fault:  # a text with a zero in it is no argument
        raise error(
            f"{who} cannot be started: {task.argv[0]}: {getattr(fault, 'strerror', None) or fault}",
            slug="command-unknown",
            hint='name a program on PATH, or a file of the project as Path("legacy/batch.sh")',
        ) from None
    except OutOfTime as fault:
        raise error(
            f"{who} was ended: {fault}",
            slug="command-timeout",
            hint="see what it waits for, or give it more time: timeout=...",
        ) from None
    except TooMuchOutput as fault:
        raise _too_much(who, str(fault), error) from None


def _files(folder: Path, reading: Reading, who: str) -> Iterator[tuple[str, bytes, Format]]:
    """The files that count, each once; what is no regular file in the folder is none."""
    seen: set[Path] = set()
    size = 0
    for pattern, how in reading.files.items():
        for path in sorted(folder.glob(pattern)):
            if path in seen or path.resolve() != path or not path.is_file():
                continue
            seen.add(path)
            size += path.lstat().st_size
            if size > LIMIT:
                raise _too_much(who, f"files of more than {LIMIT / 2**20:g} MiB", reading.error)
            yield path.relative_to(folder).as_posix(), path.read_bytes(), how


def _too_much(who: str, what: str, error: type[CharacterizeError]) -> CharacterizeError:
    return error(
        f"{who} leaves more than a golden should hold: {what}",
        slug="command-too-much",
        hint="choose a case with less output, or declare fewer files",
    )


def _pattern_fault(pattern: str) -> str:
    if _leads_out(pattern):
        return "a pattern stays within the command's folder"
    if any("**" in part and part != "**" for part in PurePosixPath(pattern).parts):
        return "'**' stands for folders, between slashes"
    return ""


def _leads_out(name: str) -> bool:
    path = PurePosixPath(name)
    return path.is_absolute() or ".." in path.parts or not path.parts
