"""Confines a child of this process: what it does stays within it, or is refused and told."""

from __future__ import annotations

import os
import signal
import stat
import sys
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any, Final, NoReturn

MEMORY: Final = 1 << 30
"""Bytes that it may take more than this process has."""
FILE: Final = 1 << 24
"""Bytes that a file may have that it writes."""

_WRITING: Final = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND
_REFUSED: Final = {
    **dict.fromkeys(["os.remove", "os.rename", "os.mkdir", "os.rmdir", "os.link", "os.symlink"], "files"),
    **dict.fromkeys(["os.truncate", "os.chmod", "os.chown", "os.utime", "os.mkfifo", "os.mknod"], "files"),
    **dict.fromkeys(["os.fork", "os.forkpty", "os.exec", "os.posix_spawn", "os.spawn"], "another process"),
    **dict.fromkeys(
        ["os.system", "subprocess.Popen", "pty.spawn", "os.kill", "os.killpg"], "another process"
    ),
    **dict.fromkeys(["socket.connect", "socket.bind", "socket.sendto", "socket.sendmsg"], "the network"),
}
"""What reaches further than a process of its own, by the events that Python raises."""
_DRIVERS: Final = ("psycopg", "psycopg2", "MySQLdb", "oracledb", "cx_Oracle", "pyodbc", "pymssql")
"""Libraries that connect to databases without Python being told."""


class Refused(BaseException):
    """What was called would reach further than this process; no error that legacy may handle as one of its own."""


def let_go(kept: int) -> None:
    """Exchange what this process shares with its parent, sockets, pipes, files to be written, for nothing at all.

    None of it is closed as far as the parent is concerned; a connection that is used here would be spoilt there.

    Args:
        kept: the one descriptor that stays.
    """
    sys.dont_write_bytecode = True
    nothing = os.open(os.devnull, os.O_RDWR)
    for descriptor in [int(entry.name) for entry in Path("/dev/fd").iterdir()]:
        with suppress(OSError):  # the one that the folder was read with
            if descriptor not in (kept, nothing) and _is_shared(descriptor):
                os.dup2(nothing, descriptor, inheritable=descriptor < 3)
    _limit_memory()


def confine(seconds: float) -> list[str]:
    """From now on refuse what would reach further than this process; for good.

    Returns:
        What was refused so far, a clause each.
    """
    import resource

    resource.setrlimit(resource.RLIMIT_FSIZE, (FILE, FILE))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    limit = int(seconds) + 2
    resource.setrlimit(resource.RLIMIT_CPU, (limit, limit))
    signal.signal(signal.SIGXFSZ, signal.SIG_DFL)
    refused: list[str] = []
    sys.addaudithook(_watcher(refused))
    for name in _DRIVERS:
        if hasattr(sys.modules.get(name), "connect"):
            setattr(sys.modules[name], "connect", _no_connection(refused))  # noqa: B010
    return refused


def _is_shared(descriptor: int) -> bool:
    import fcntl

    mode = os.fstat(descriptor).st_mode
    if descriptor < 3 or stat.S_ISSOCK(mode) or stat.S_ISFIFO(mode):
        return True
    writes = fcntl.fcntl(descriptor, fcntl.F_GETFL) & (os.O_WRONLY | os.O_RDWR)
    return bool(writes) and (stat.S_ISREG(mode) or stat.S_ISCHR(mode))


def _limit_memory() -> None:
    import resource

    with suppress(
        OSError, ValueError, IndexError
    ):  # other systems do not tell, and few of them would hold to it
        taken = int(Path("/proc/self/statm").read_text("ascii").split()[0]) * resource.getpagesize()
        _, most = resource.getrlimit(resource.RLIMIT_AS)
        resource.setrlimit(resource.RLIMIT_AS, (taken + MEMORY, most))


def _watcher(refused: list[str]) -> Callable[[str, tuple[Any, ...]], None]:
    def watch(event: str, arguments: tuple[Any, ...]) -> None:
        """Refuse an event."""
        if event == "open":
            path, mode, flags = arguments
            writes = set(mode or "") & set("wax+") or (isinstance(flags, int) and flags & _WRITING)
            if writes and not isinstance(path, int) and path not in (os.devnull, os.devnull.encode()):
                _refuse(refused, "files")
        elif event in _REFUSED:
            _refuse(refused, _REFUSED[event])
        elif event == "sqlite3.connect" and arguments[0] not in (":memory:", ""):
            _refuse(refused, "a database")

    return watch


def _no_connection(refused: list[str]) -> Callable[..., NoReturn]:
    def connect(*_: object, **__: object) -> NoReturn:
        """Refuse a connection."""
        _refuse(refused, "a database")

    return connect


def _refuse(refused: list[str], what: str) -> NoReturn:
    refused.append(f"it reaches out to {what}, where what it does would stay")
    raise Refused(refused[-1])
