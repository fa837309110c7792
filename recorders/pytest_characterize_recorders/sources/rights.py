"""Whether the account of a source may only read, where its configuration says so: ``read_only = true``."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from typing import Final

from pytest_characterize.errors import RecordingError
from pytest_characterize.settings import Source

READING: Final = frozenset(
    (
        *("USAGE", "SELECT", "EXECUTE", "SHOW VIEW", "SHOW DATABASES", "SHOW_ROUTINE", "SHOW CREATE ROUTINE"),
        *("PROCESS", "REPLICATION CLIENT", "BINLOG MONITOR", "SLAVE MONITOR"),
    )
)
"""Rights of MariaDB and MySQL with which nothing can be changed."""

POSTGRESQL: Final = """
WITH roles AS (SELECT * FROM pg_catalog.pg_roles WHERE pg_catalog.pg_has_role(session_user, oid, 'MEMBER')),
    schemas AS (
        SELECT * FROM pg_catalog.pg_namespace WHERE nspname !~ '^pg_' AND nspname <> 'information_schema'
    ),
    things AS (
        SELECT c.oid, c.relkind, schemas.nspname || '.' || c.relname AS name
        FROM pg_catalog.pg_class c JOIN schemas ON schemas.oid = c.relnamespace
    )
SELECT 'it is a superuser' FROM roles WHERE rolsuper
UNION ALL SELECT 'it may make databases' FROM roles WHERE rolcreatedb
UNION ALL SELECT 'it may make roles' FROM roles WHERE rolcreaterole
UNION ALL SELECT 'it may make schemas' FROM roles
    WHERE pg_catalog.has_database_privilege(oid, pg_catalog.current_database(), 'CREATE')
UNION ALL SELECT 'it may make tables in schema ' || nspname FROM schemas, roles
    WHERE pg_catalog.has_schema_privilege(roles.oid, schemas.oid, 'CREATE')
UNION ALL SELECT 'it may write ' || name FROM things, roles
    WHERE relkind IN ('r', 'p', 'v', 'f') AND (
        pg_catalog.has_table_privilege(roles.oid, things.oid, 'INSERT, UPDATE, DELETE, TRUNCATE, TRIGGER')
        OR pg_catalog.has_any_column_privilege(roles.oid, things.oid, 'INSERT, UPDATE'))
UNION ALL SELECT 'it may advance ' || name FROM things, roles
    WHERE relkind = 'S' AND pg_catalog.has_sequence_privilege(roles.oid, things.oid, 'USAGE, UPDATE')
LIMIT 1
"""
"""One thing that the role of a session may do besides reading, itself or as one that it may become; or no row."""

_QUOTED: Final = re.compile(r"`(?:[^`]|``)*+`|'(?:[^'\\]|\\.|'')*+'")
_COLUMNS: Final = re.compile(r"\([^()]*\)")


def writing_grant(shown: Callable[[str], Iterable[str] | None]) -> str:
    """What an account of MariaDB or MySQL may do besides reading, as a clause; ``""`` if nothing.

    >>> writing_grant(lambda whose: ["GRANT USAGE ON *.* TO `r`@`%`", "GRANT SELECT, UPDATE (`a`) ON `d`.* TO `r`@`%`"])
    'it may UPDATE'

    Args:
        shown: ``SHOW GRANTS``, with what follows these words: nothing, or ``FOR`` a role; ``None`` if the server
            does not show them.
    """
    waiting, seen = [""], set[str]()
    while waiting:
        whose = waiting.pop()
        seen.add(whose)
        if (grants := shown(whose)) is None:
            return f"it may become the role{whose.removeprefix(' FOR')}, whose rights it may not see"
        for grant in grants:
            names = _QUOTED.findall(grant)
            rights, on, _ = _COLUMNS.sub("", _QUOTED.sub("?", grant)).removeprefix("GRANT ").partition(" ON ")
            if not on:  # a role, which brings rights of its own
                waiting += [f" FOR {names[0]}"] if names and f" FOR {names[0]}" not in seen else []
                continue
            for right in rights.split(","):
                if right.strip().upper() not in READING:
                    return f"it may {right.strip()}"
    return ""


def require_read_only(source: Source, told: Sequence[str]) -> None:
    """Refuse an account that may do more than read.

    Args:
        told: clauses that say what.

    Raises:
        RecordingError: ``source-may-write``.
    """
    if told:
        raise RecordingError(
            f"source {source.name!r} is to be read only, but its account may do more: {told[0]}",
            slug="source-may-write",
            hint="revoke it, name another account in the address, or take read_only out of the source's table",
        )
