"""Values of hard types come back as the server's own text, through results and through row changes."""

from __future__ import annotations

import random
import string

import psycopg
import pytest
from legacy_database import Legacy
from psycopg.conninfo import make_conninfo

from pytest_characterize.descriptors import Procedure, Query, Tables
from pytest_characterize.errors import RecordingError
from pytest_characterize.values import Cell, Rows
from pytest_characterize_recorders.effects.rows_text import read_row

TYPES = (
    "CREATE TYPE mood AS ENUM ('sad', 'so-so', 'happy ''n'' glad')",
    "CREATE TYPE pair AS (a int, b text)",
    "CREATE TYPE nest AS (p pair, c char(3), f boolean)",
    "CREATE DOMAIN cents AS numeric(12, 2) CHECK (value >= 0)",
    "CREATE TYPE fruits AS RANGE (subtype = text)",
)
HARD: tuple[tuple[str, str], ...] = (
    ("numeric", "1.0"),
    ("numeric", "1.00"),
    ("numeric(10,2)", "0.00"),
    ("numeric", "NaN"),
    ("numeric", "-Infinity"),
    ("numeric", "12345678901234567890123456789.000000000000000000001"),
    ("double precision", "0.1"),
    ("double precision", "-0"),
    ("double precision", "1e-323"),
    ("double precision", "1.7976931348623157e+308"),
    ("double precision", "NaN"),
    ("real", "3.4028235e+38"),
    ("bigint", "-9223372036854775808"),
    ("boolean", "t"),
    ("text", ""),
    ("text", "  padded  "),
    ("text", "tab\tnew\nline\r\\ \"quoted\" 'single' {},()"),
    ("text", "e\u0301 \u00e9 \U0001f600 \u202e"),
    ("character(5)", "ab   "),
    ("character(5)", "     "),
    ("character varying(3)", "ab "),
    ('"char"', "x"),
    ("name", "Mixed Case"),
    ("bytea", "\\x00ff5c27"),
    ("date", "infinity"),
    ("date", "0044-03-15 BC"),
    ("date", "9999-12-31"),
    ("date", "12024-02-29"),
    ("time without time zone", "24:00:00"),
    ("time with time zone", "12:00:00.000001+05:30"),
    ("timestamp without time zone", "-infinity"),
    ("timestamp without time zone", "0001-01-01 00:00:00 BC"),
    ("timestamp with time zone", "2024-03-01 00:00:00.1+00"),
    ("interval", "P1M30D"),
    ("interval", "P1Y2M-3DT-4H-5.000006S"),
    ("money", "$1,234.50"),
    ("json", '{"a": 1, "a":   2}'),
    ("jsonb", '{"a": 1.00, "b": [null, "x"]}'),
    ("jsonpath", '$."a"[*]?(@ > 1)'),
    ("uuid", "a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11"),
    ("inet", "192.168.1.1"),
    ("cidr", "192.168.0.0/16"),
    ("macaddr", "08:00:2b:01:02:03"),
    ("bit(4)", "1010"),
    ("bit varying", ""),
    ("integer[]", "[0:1]={1,NULL}"),
    ("text[]", '{"",NULL,"NULL","a,b","{\\"}"}'),
    ("integer[]", "{{1,2},{3,4}}"),
    ("pair", '(1,"a ""b"", (c)")'),
    ("nest", '("(,)","x  ",t)'),
    ("mood", "happy 'n' glad"),
    ("cents", "12.50"),
    ("int4range", "[1,10)"),
    ("int4range", "empty"),
    ("int4multirange", "{[1,3),[5,8)}"),
    ("tstzrange", '["2024-01-01 00:00:00+00",)'),
    ("fruits", '["apple, red",pear)'),
    ("tsvector", "'a':1A 'it''s':2"),
    ("tsquery", "'a' & !( 'b' | 'c':* )"),
    ("point", "(1.5,-0)"),
    ("path", "((0,0),(1,1))"),
    ("pg_lsn", "16/B374D848"),
    ("oid", "4294967295"),
    ("regclass", "pg_class"),
)


@pytest.fixture
def typed(legacy: Legacy) -> Legacy:
    legacy.run(*TYPES)
    return legacy


def function(name: str, arguments: str, returns: str, body: str) -> str:
    return f"CREATE FUNCTION {name}({arguments}) RETURNS {returns} LANGUAGE plpgsql AS $body$ {body} $body$"


def test_there_are_fifty() -> None:
    assert len(set(HARD)) >= 50


def test_through_arguments_results_and_queries(typed: Legacy) -> None:
    """In as text, out as the same text, with the type as it was declared."""
    for number, (kind, _) in enumerate(HARD):
        typed.run(function(f"echo_{number}", f"value {kind}", kind, "BEGIN RETURN value; END"))
    for number, (kind, text) in enumerate(HARD):
        returned = typed.call(f"echo_{number}", value=text)
        assert kind in ("pair", "nest") or (isinstance(returned, Cell) and returned.text == text), kind
        selected = typed.select(
            f"SELECT '{text.replace(chr(39), 2 * chr(39)).replace('%', '%%')}'::{kind} AS v"
        )
        assert isinstance(selected, Rows)
        assert selected.rows == ((text,),), kind
        assert selected.columns[0].type == {"cents": "numeric(12,2)"}.get(kind, kind)


def test_through_row_changes_by_triggers_and_by_snapshots(typed: Legacy) -> None:
    columns = ", ".join(f'"c{number}" {kind}' for number, (kind, _) in enumerate(HARD))
    values = ", ".join("'" + text.replace("'", "''") + "'" for _, text in HARD)
    typed.run(
        f"CREATE TABLE hard (id int PRIMARY KEY, {columns})",
        function("fill", "", "void", f"BEGIN INSERT INTO hard VALUES (1, {values}); END"),
        function("refill", "", "void", f"BEGIN TRUNCATE hard; INSERT INTO hard VALUES (1, {values}); END"),
    )
    for routine in ("fill", "refill"):
        effects = typed.observe(Procedure(routine, source="legacy", effects=Tables("hard"))).effects
        inserted = effects["tables"]["hard"]["inserted"]
        assert isinstance(inserted, Rows)
        [row] = inserted.rows
        assert row == ("1", *(text for _, text in HARD))
        kinds = [{"cents": "numeric(12,2)"}.get(kind, kind) for kind, _ in HARD]
        assert [column.type for column in inserted.columns[1:]] == kinds


def test_a_legacy_setting_does_not_change_how_rows_are_told(legacy: Legacy) -> None:
    legacy.run(
        "CREATE TABLE t (d date, f double precision, b bytea)",
        "CREATE FUNCTION f() RETURNS date LANGUAGE plpgsql SET DateStyle = 'German' SET extra_float_digits = -15"
        " AS $$ BEGIN INSERT INTO t VALUES ('2024-03-01', 0.1, 'x'); RETURN '2024-03-01'; END $$",
    )
    effects = legacy.observe(Procedure("f", source="legacy", effects=Tables("t"))).effects
    assert effects["tables"]["t"]["inserted"].rows == (("2024-03-01", "0.1", "\\x78"),)


def test_a_database_without_an_encoding(legacy: Legacy) -> None:
    legacy.run("CREATE DATABASE latin ENCODING 'SQL_ASCII' LOCALE 'C' TEMPLATE template0")
    with pytest.raises(RecordingError) as caught:
        legacy.recorder(Query("SELECT 1", source="legacy"), dsn=make_conninfo(legacy.dsn, dbname="latin"))
    assert caught.value.slug == "source-encoding"


def test_a_database_of_another_encoding(legacy: Legacy) -> None:
    legacy.run("CREATE DATABASE latin1 ENCODING 'LATIN1' LOCALE 'C' TEMPLATE template0")
    latin = Legacy(make_conninfo(legacy.dsn, dbname="latin1"))
    assert latin.select("SELECT 'caf\u00e9'::text AS word, %(given)s || chr(252)", given="\u00fc").rows == (
        ("caf\u00e9", "\u00fc\u00fc"),
    )


def _random_texts(seed: int, count: int) -> list[str | None]:
    chance = random.Random(seed)
    alphabet = "\",()\\ {}'\n\t" + string.ascii_letters + "é\U0001f600"
    return [
        None if chance.random() < 0.1 else "".join(chance.choices(alphabet, k=chance.randrange(8)))
        for _ in range(count)
    ]


def test_rows_of_random_texts_are_read_as_the_server_wrote_them(legacy: Legacy) -> None:
    with psycopg.connect(legacy.dsn) as connection:
        for seed in range(300):
            texts = _random_texts(seed, seed % 7 + 1)
            row = ", ".join(["%s::text"] * len(texts))
            found = connection.execute(f"SELECT ROW({row})::text".encode(), texts).fetchone()
            assert found is not None
            assert read_row(found[0]) == tuple(texts)
