"""How long the embedded servers take to start: the first time, and from the kept template.

python bench/servers.py
python bench/servers.py --rounds 5
"""

from __future__ import annotations

import argparse
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from contextlib import AbstractContextManager

from pytest_characterize_recorders.embedded.account import in_namespace
from pytest_characterize_recorders.embedded.mariadb import MariaServer
from pytest_characterize_recorders.embedded.postgresql import PostgresServer

SERVERS: dict[str, Callable[[], AbstractContextManager[object]]] = {
    "PostgreSQL": PostgresServer,
    "MariaDB": MariaServer,
}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=7, help="starts from the template")
    parser.add_argument("--account", help="what the rows are headed with; measures as whoever runs this")
    options = parser.parse_args()
    if options.account:
        measure(options.account, options.rounds)
        return
    print("server      account        cold s   cached s (median, worst)")
    accounts = {"ordinary user": ()} if os.geteuid() else {"root": (), "ordinary user": in_namespace()}
    for account, prefix in accounts.items():
        itself = [sys.executable, __file__, "--rounds", str(options.rounds), "--account", account]
        subprocess.run([*prefix, *itself], check=True)


def measure(account: str, rounds: int) -> None:
    """Start each server once with an empty cache, and then again and again."""
    for name, server in SERVERS.items():
        with tempfile.TemporaryDirectory() as cache:
            os.environ["XDG_CACHE_HOME"] = cache
            cold, *cached = (seconds_to_start(server) for _ in range(rounds + 1))
        print(
            f"{name:11} {account:14} {cold:6.2f}   {statistics.median(cached):.2f}, {max(cached):.2f}",
            flush=True,
        )


def seconds_to_start(server: Callable[[], AbstractContextManager[object]]) -> float:
    """Until it takes connections; stopping it does not count."""
    started = time.monotonic()
    with server():
        return time.monotonic() - started


if __name__ == "__main__":
    main()
