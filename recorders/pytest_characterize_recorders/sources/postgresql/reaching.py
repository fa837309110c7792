"""Which routines a routine may reach: those that its source names, and so on; and the triggers of tables it names.

By name, not by analysis: one too many costs a few milliseconds, one too few would leave rules unseen.
Dynamic SQL that builds a name is not followed.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from typing import Final

import psycopg

from pytest_characterize_recorders.sources.postgresql.routines import Routine

_NAME: Final = re.compile(r'"((?:[^"]|"")+)"|([A-Za-z_\u0080-\uffff][\w$\u0080-\uffff]*)')

_WRITTEN: Final = b"""
SELECT p.proname, n.nspname || '.' || p.proname || '(' || coalesce((
           SELECT string_agg(format_type(t.type, NULL), ', ' ORDER BY t.place)
           FROM unnest(p.proargtypes) WITH ORDINALITY AS t(type, place)), '') || ')',
       pg_get_functiondef(p.oid)
FROM pg_proc p
JOIN pg_namespace n ON n.oid = p.pronamespace
JOIN pg_language l ON l.oid = p.prolang
WHERE l.lanname IN ('plpgsql', 'sql') AND p.prokind IN ('f', 'p')
  AND n.nspname NOT IN ('pg_catalog', 'information_schema') AND n.nspname !~ '^pg_temp'
  AND NOT EXISTS (SELECT FROM pg_depend d
                  WHERE d.classid = 'pg_proc'::regclass AND d.objid = p.oid AND d.deptype = 'e')
"""

_TRIGGERED: Final = b"""
SELECT c.relname, p.proname
FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid JOIN pg_proc p ON p.oid = t.tgfoid
WHERE NOT t.tgisinternal
"""


def reached(connection: psycopg.Connection, routine: Routine) -> Mapping[str, str]:
    """Signature -> ``CREATE OR REPLACE`` statement: the routine itself first, then what it may reach."""
    return {
        routine.signature: routine.source,
        **reached_by(connection, routine.source, {routine.name}, {routine.signature}),
    }


def reached_by(
    connection: psycopg.Connection, text: str, seen: Iterable[str] = (), known: Iterable[str] = ()
) -> Mapping[str, str]:
    """Signature -> ``CREATE OR REPLACE`` statement of what a text may reach.

    Args:
        seen: names that are not followed any more.
        known: signatures that are left out.
    """
    written: dict[str, dict[str, str]] = defaultdict(dict)
    for name, signature, source in connection.execute(_WRITTEN).fetchall():
        written[name][signature] = source
    behind: dict[str, set[str]] = defaultdict(set)
    for table, function in connection.execute(_TRIGGERED).fetchall():
        behind[table].add(function)
    found: dict[str, str] = {}
    waiting, followed, left_out = [text], set(seen), set(known)
    while waiting:
        for name in set(_names(waiting.pop())):
            for callee in {name, *behind.get(name, ())} - followed:
                followed.add(callee)
                new = {
                    signature: source
                    for signature, source in written.get(callee, {}).items()
                    if signature not in found and signature not in left_out
                }
                found |= new
                waiting += new.values()
    return found


def _names(source: str) -> Iterator[str]:
    """Every name in the text, as the server would fold it."""
    for match in _NAME.finditer(source):
        yield match[1].replace('""', '"') if match[1] else match[2].lower()
