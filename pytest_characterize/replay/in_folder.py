"""Python code that works on files and prints, called in this process as a program of its own would be started."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import chdir, contextmanager, redirect_stderr, redirect_stdout
from io import BytesIO, TextIOWrapper
from pathlib import Path

from pytest_characterize.processes import Finished


def finished(main: Callable[[], object], folder: Path, stdin: bytes, encoding: str) -> Finished:
    """How ``sys.exit(main())`` ends with ``folder`` as working folder, and what it prints.

    Any other exception than ``SystemExit`` is the caller's to see.
    """
    with _standard_streams(stdin, encoding) as (stdout, stderr), chdir(folder):
        try:
            code = main()
        except SystemExit as error:
            code = error.code
        status = _exit_status(code)
    return Finished(status, stdout.getvalue(), stderr.getvalue())


def _exit_status(code: object) -> int:
    """What the system is told, as the interpreter does at its end."""
    if code is None:
        return 0
    if isinstance(code, int):
        return code & 0xFF
    print(code, file=sys.stderr)  # noqa: T201 - it is what Python prints
    return 1


@contextmanager
def _standard_streams(stdin: bytes, encoding: str) -> Iterator[tuple[BytesIO, BytesIO]]:
    outer, stdout, stderr = sys.stdin, BytesIO(), BytesIO()
    out, err = (TextIOWrapper(raw, encoding, write_through=True) for raw in (stdout, stderr))
    sys.stdin = TextIOWrapper(BytesIO(stdin), encoding)
    try:
        with redirect_stdout(out), redirect_stderr(err):
            yield stdout, stderr
    finally:
        sys.stdin = outer
        for wrapper in (out, err):
            wrapper.detach()
