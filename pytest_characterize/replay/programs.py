"""Programs that reach the network for whoever starts them.

Child processes are not blocked in general: candidates run converters, compilers and management
commands. Only well-known network clients are refused, since none of their traffic can be seen.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import PurePosixPath, PureWindowsPath
from typing import Final

# fmt: off
CLIENTS: Final = frozenset(
    (
        "psql", "pg_dump", "pg_dumpall", "pg_restore", "pg_isready", "createdb", "dropdb",
        "vacuumdb",
        "mysql", "mysqldump", "mysqladmin", "mysqlimport", "mariadb", "mariadb-dump", "mongosh",
        "mongo", "mongodump", "redis-cli",
        "sqlplus", "sqlldr", "expdp", "impdp", "sqlcmd", "bcp", "isql", "iusql", "tsql", "fisql",
        "db2", "snowsql",
        "curl", "wget", "http", "https", "xh", "aria2c", "lynx", "links", "w3m",
        "ssh", "scp", "sftp", "rsync", "ftp", "lftp", "tftp", "telnet", "nc", "ncat", "netcat",
        "socat", "smbclient",
    )
)
"""Names of programs, without folder and ending."""

_WRAPPERS: Final = frozenset(
    (
        "sh", "bash", "dash", "zsh", "ksh", "fish", "busybox", "cmd", "powershell",
        "env", "sudo", "doas", "nice", "nohup", "timeout", "time", "xargs", "stdbuf", "setsid",
    )
)
# fmt: on
_WORD: Final = re.compile(r"[^\s;&|()<>`$\"']+")


def network_client(program: str, arguments: Sequence[str] = ()) -> str:
    """The network client that a command line starts, ``""`` if none.

    Behind a shell or a wrapper such as ``env`` every word of the line counts, since the command may
    stand anywhere in it: rather refuse an ``echo curl`` than miss a ``curl``.

    Args:
        arguments: the whole argument vector, the program's own name first.

    >>> network_client("/usr/bin/psql", ["psql", "-c", "select 1"])
    'psql'
    >>> network_client("/bin/sh", ["sh", "-c", "cd /tmp && PGHOST=old psql"])
    'psql'
    """
    names = [_name(program), *(_name(word) for word in arguments[:1])]
    if not _WRAPPERS.isdisjoint(names):
        names += [_name(word) for text in arguments for word in _WORD.findall(text)]
    return next((name for name in names if name in CLIENTS), "")


def _name(word: str) -> str:
    return PureWindowsPath(PurePosixPath(word).name).name.lower().removesuffix(".exe")
