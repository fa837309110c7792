"""Fill an empty database with BILLSYS: ``python -m example_legacy.legacy.load --dsn "dbname=..."``."""

import argparse
import re
from collections.abc import Iterator
from pathlib import Path

import psycopg

HERE = Path(__file__).parent
COPY_BLOCK = re.compile(r"^(COPY .+? FROM stdin;)\n(.*?)^\\\.\n", re.MULTILINE | re.DOTALL)


def load(dsn: str) -> None:
    """Create the tables and routines and copy the data, in one transaction."""
    with psycopg.connect(dsn) as connection, connection.cursor() as cursor:
        for script in ("schema.sql", "routines.sql"):
            cursor.execute(_read(script).encode())
        dump = _read("data.sql")
        for statement, rows in _copy_blocks(dump):
            with cursor.copy(statement.encode()) as copy:
                copy.write(rows)
        cursor.execute(COPY_BLOCK.sub("", dump).encode())


def _read(script: str) -> str:
    return (HERE / script).read_text("utf-8")


def _copy_blocks(dump: str) -> Iterator[tuple[str, str]]:
    for block in COPY_BLOCK.finditer(dump):
        yield block[1].removesuffix(";"), block[2]


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--dsn", required=True)
    load(parser.parse_args().dsn)
