"""Programs as candidates: what they leave, as the same value as a recorded :class:`Command`.

::

    FILES = {"bank.txt": FixedWidth([("account", 10), ("amount", 12)], encoding="latin-1")}


    @pytest.mark.characterize(
        legacy=Command(["sh", Path("legacy/close.sh"), "{month}"], files=FILES),
        cases=[{"month": "2024-03"}],
    )
    @pytest.mark.django_db
    def test_month_close(month):
        return run_management_command("month_close", month, files=FILES)

What a candidate leaves in another form than is declared is kept as bytes: that is a difference, and no error.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any, Final

from pytest_characterize.commands import Reading, Task, encoded, left, run, scratch
from pytest_characterize.errors import ReplayError
from pytest_characterize.formats import Format
from pytest_characterize.replay import django_commands, in_folder

_NOTHING: Final[Mapping[str, Any]] = {}


def run_command(
    argv: Sequence[object],
    *,
    stdin: str | bytes = "",
    environment: Mapping[str, str] = _NOTHING,
    input_files: Mapping[str, str | bytes] = _NOTHING,
    files: Mapping[str, Format] = _NOTHING,
    encoding: str | None = "utf-8",
    timeout: float | None = None,
) -> dict[str, Any]:
    """Run a program in an empty folder of its own, as a recorded command is run; the arguments as there.

    It is a process of its own: it sees neither the test's transaction nor its frozen clock.

    Args:
        argv: the program and its arguments, as texts, as paths (which are made absolute), or as what
            :class:`str` makes texts of.

    Raises:
        ReplayError: it could not be observed.
    """
    words = [str(word.absolute()) if isinstance(word, Path) else str(word) for word in argv]
    task = Task(
        words,
        stdin=encoded(stdin, encoding, "stdin", ReplayError),
        environment=environment,
        input_files=_encoded_files(input_files, encoding),
    )
    return run(task, _reading(files, encoding), f"the candidate's command {' '.join(words)!r}", timeout)


def run_management_command(
    name: str,
    *arguments: object,
    stdin: str | bytes = "",
    input_files: Mapping[str, str | bytes] = _NOTHING,
    files: Mapping[str, Format] = _NOTHING,
    encoding: str | None = "utf-8",
) -> dict[str, Any]:
    """Call a management command of Django in this process, in an empty folder, as if ``manage.py`` had.

    It works on the test's database. What it prints is in ``encoding``. A ``CommandError`` ends it with a
    status and a line on stderr, as in a shell; any other exception is the candidate's own.

    Args:
        arguments: as in a shell, made texts by :class:`str`.

    Raises:
        ReplayError: it could not be observed.
    """
    call = partial(django_commands.status, name, [str(word) for word in arguments])
    return _called(call, f"the management command {name!r}", stdin, input_files, files, encoding)


def run_callable(
    main: Callable[..., object],
    *arguments: object,
    stdin: str | bytes = "",
    input_files: Mapping[str, str | bytes] = _NOTHING,
    files: Mapping[str, Format] = _NOTHING,
    encoding: str | None = "utf-8",
) -> dict[str, Any]:
    """Call a Python callable in this process, in an empty folder, as a program that is ``sys.exit(main(...))``.

    It works on the test's database. What it prints is in ``encoding``. What it returns is the exit status
    as ``sys.exit`` understands it: ``None`` is 0; ``SystemExit`` ends it, and any other exception is the
    candidate's own.

    >>> run_callable(print, "closed")
    {'exit': 0, 'stdout': 'closed\\n', 'stderr': '', 'files': {}}

    Args:
        arguments: handed over as they are.

    Raises:
        ReplayError: it could not be observed.
    """
    who = f"the callable {getattr(main, '__qualname__', type(main).__name__)!r}"
    return _called(partial(main, *arguments), who, stdin, input_files, files, encoding)


def _called(
    main: Callable[[], object],
    who: str,
    stdin: str | bytes,
    input_files: Mapping[str, str | bytes],
    files: Mapping[str, Format],
    encoding: str | None,
) -> dict[str, Any]:
    reading = _reading(files, encoding)
    with scratch(_encoded_files(input_files, encoding), ReplayError) as folder:
        text = encoded(stdin, encoding, "stdin", ReplayError)
        done = in_folder.finished(main, folder, text, encoding or "utf-8")
        return left(folder, done, reading, who)


def _reading(files: Mapping[str, Format], encoding: str | None) -> Reading:
    return Reading(files, encoding, ReplayError, lenient=True)


def _encoded_files(input_files: Mapping[str, str | bytes], encoding: str | None) -> dict[str, bytes]:
    return {
        name: encoded(content, encoding, f"the input file {name!r}", ReplayError)
        for name, content in input_files.items()
    }
