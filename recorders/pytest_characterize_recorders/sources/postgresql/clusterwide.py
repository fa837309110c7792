"""What belongs to the whole server and so is in no copy of a database: a call in a copy would change it for good."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Final

import psycopg

from pytest_characterize.errors import RecordingError
from pytest_characterize_recorders.sources.postgresql.irreversible import code_of

STATEMENTS: Final[Mapping[str, str]] = {
    r"(?:CREATE|ALTER|DROP)\s+(?:ROLE|GROUP|USER(?!\s+MAPPING)|DATABASE|TABLESPACE|SUBSCRIPTION)": "acts on the server",
    r"(?:REASSIGN|DROP)\s+OWNED": "acts on other databases",
    r"(?:GRANT|REVOKE)\b(?:(?!\bON\b)[^;])*?\b(?:TO|FROM)": "changes what roles may do everywhere",
    r"(?:GRANT|REVOKE)\b[^;]*?\bON\s+(?:DATABASE|TABLESPACE|PARAMETER)": "changes what roles may do everywhere",
    r"COMMENT\s+ON\s+(?:DATABASE|ROLE|TABLESPACE)": "acts on the server",
    r"SECURITY\s+LABEL": "acts on the server",
    r"CURRENT_(?:DATABASE|CATALOG)": "asks for the name of the database, which is that of the copy",
}
"""Statements and words (as patterns) that a copy does not keep to itself, and what they do."""
_SAID: Final = [(re.compile(rf"\b({said})\b", re.IGNORECASE), what) for said, what in STATEMENTS.items()]


def refuse_clusterwide(what: str, sources: Mapping[str, str]) -> None:
    """Refuse what would leave the copy of a database, or would see that it is one.

    Args:
        what: what is to be recorded, for the message.
        sources: texts by name: its own, and what it may reach.

    Raises:
        RecordingError: ``cannot-be-undone``.
    """
    for name, text in sources.items():
        code = code_of(text)
        for pattern, does in _SAID:
            found = pattern.search(code)
            if found:
                where = "" if name == what else f", in {name}"
                raise RecordingError(
                    f"{what} commits and was not run in a copy of the database{where}:"
                    f" {' '.join(found[1].split())[:60]} {does}",
                    slug="cannot-be-undone",
                    hint="record what it calls besides, or a version of it without that",
                )


@contextmanager
def unchanged_cluster(connection: psycopg.Connection, database: str) -> Iterator[None]:
    """Tell it if roles, or rights and settings of a database, are others after the block.

    Raises:
        RecordingError: ``clone-cluster-changed``.
    """
    before = connection.execute(_STATE, (database,)).fetchone()
    yield
    if connection.execute(_STATE, (database,)).fetchone() != before:
        raise RecordingError(
            "roles, or rights and settings of the database, were changed while the call ran in a copy:"
            " they belong to the whole server, and the change is still there",
            slug="clone-cluster-changed",
            hint="take it back by hand; record with a role that may not change roles and rights",
        )


_STATE: Final = """
SELECT (SELECT string_agg(r::text, '' ORDER BY r.oid) FROM pg_roles r),
       (SELECT string_agg(m::text, '' ORDER BY m.roleid, m.member) FROM pg_auth_members m),
       (SELECT string_agg(s::text, '' ORDER BY s.setdatabase, s.setrole) FROM pg_db_role_setting s
        WHERE s.setdatabase IN (0, d.oid)),
       d.datdba, d.datacl::text, d.datconnlimit, d.datallowconn, shobj_description(d.oid, 'pg_database')
FROM pg_database d WHERE d.datname = %s
"""
