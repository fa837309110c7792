"""What the server says to mutants: it takes them, they are other routines, and they stand in other lines only."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from decimal import ROUND_HALF_EVEN, Decimal
from pathlib import Path

import psycopg
import pytest
from plpgsql_generator import SCHEMA, Routine
from plpgsql_harness import Answer, Session

from pytest_characterize.rules.mutated import MutatedText
from pytest_characterize.rules.plpgsql.helpers import SETUP
from pytest_characterize.rules.plpgsql.mutants import roundings
from pytest_characterize.rules.plpgsql.mutants.making import mutants
from pytest_characterize.rules.plpgsql.probes import instrument
from pytest_characterize_recorders.embedded.postgresql import PostgresServer

TORTURE = os.environ.get("CHARACTERIZE_TORTURE") == "1"
EXAMPLE = Path(__file__).parents[2] / "example_legacy/legacy"
DEFINITIONS = """
SELECT p.oid::regprocedure::text, pg_get_functiondef(p.oid) FROM pg_proc p JOIN pg_language l ON l.oid = p.prolang
WHERE l.lanname IN ('plpgsql', 'sql') AND p.oid >= 16384 AND p.pronamespace = 'public'::regnamespace ORDER BY 1
"""

QUERIES = """
CREATE TABLE item (id integer PRIMARY KEY, kind text NOT NULL, price numeric(10,3), sold date, note text);
CREATE FUNCTION turnover(p_from date DEFAULT DATE '2020-01-01', p_kind text DEFAULT 'a') RETURNS numeric AS $$
    SELECT round(coalesce(sum(i.price * (1 + t.rate / 100.0)), 0.00), 2)
      FROM item i LEFT JOIN (VALUES ('a', 19), ('b', 7)) AS t (kind, rate) ON t.kind = i.kind
     WHERE i.sold >= p_from AND (p_kind IS NULL OR i.kind = p_kind)
$$ LANGUAGE sql STABLE;
CREATE FUNCTION best(p_number integer) RETURNS TABLE (kind text, items bigint, top numeric(8,2)) AS $$
    WITH recent AS (SELECT DISTINCT ON (i.id) i.* FROM item i WHERE i.sold > current_date - 30)
    SELECT upper(trim(r.kind)) || '!', count(*), max(CASE WHEN r.price > 10 THEN r.price ELSE 0 END)::numeric(8,2)
      FROM recent r GROUP BY r.kind HAVING count(*) > 1 ORDER BY 3 DESC NULLS LAST, r.kind LIMIT p_number OFFSET 0;
$$ LANGUAGE sql;
CREATE PROCEDURE tidy(p_before date, INOUT o_count integer DEFAULT 0) AS $$
    UPDATE item SET note = coalesce(nullif(lower(note), ''), '-'), price = price * 1.5
     WHERE sold < p_before AND kind IN ('a', 'b', 'c') AND note NOT LIKE 'keep%';
    SELECT count(note)::integer FROM (SELECT note FROM item UNION ALL SELECT kind FROM item) x;
$$ LANGUAGE sql;
CREATE FUNCTION per_month(p_day date) RETURNS SETOF item AS $$
<<outer>>
DECLARE
    v_price numeric(10,2) := 0.50;
    v_from timestamp NOT NULL := date_trunc('month', p_day) - INTERVAL '1 month';
    v_kinds CONSTANT text[] := ARRAY['a', 'b'];
    c_items CURSOR (p_kind text) FOR SELECT * FROM item WHERE kind = p_kind ORDER BY price DESC;
    r item%ROWTYPE;
    k text;
BEGIN
    FOREACH k IN ARRAY v_kinds LOOP
        OPEN c_items (k);
        LOOP
            FETCH c_items INTO r;
            EXIT outer WHEN NOT FOUND AND k = 'b';
            EXIT WHEN NOT FOUND;
            v_price = round(r.price * 1.19, 2) + ceil(r.price / 7) - v_price % 3;
            IF v_price NOT BETWEEN 1 AND 100 OR r.sold::date < v_from THEN
                CONTINUE;
            END IF;
            r.note := lpad(ltrim(r.note), 8, '0') || ' ' || to_char(r.sold AT TIME ZONE 'UTC', 'DD');
            r.price := -v_price;
            RETURN NEXT r;
        END LOOP;
        CLOSE c_items;
    END LOOP;
    RETURN QUERY SELECT * FROM item WHERE sold = p_day EXCEPT SELECT * FROM item WHERE price IS NULL;
END;
$$ LANGUAGE plpgsql;
"""


@pytest.fixture(scope="module")
def definitions(
    postgres_server: PostgresServer,
) -> Iterator[tuple[psycopg.Connection, list[tuple[str, str]]]]:
    """A database with routines of every kind, and their definitions."""
    dsn = postgres_server.create_database("mutants")
    with psycopg.connect(dsn, autocommit=True) as connection:
        for text in (
            *(EXAMPLE.joinpath(file).read_text("utf-8") for file in ("schema.sql", "routines.sql")),
            QUERIES,
        ):
            connection.execute(text.encode())
        connection.execute(SCHEMA.replace("ledger", "generated_ledger").encode())
        for seed in range(12):
            connection.execute(Routine(seed).text.encode())
        yield connection, connection.execute(DEFINITIONS).fetchall()
    with psycopg.connect(postgres_server.dsn(), autocommit=True) as connection:
        connection.execute("DROP DATABASE mutants WITH (FORCE)")


def refused(connection: psycopg.Connection, one: MutatedText) -> str:
    """What the server says against a mutant, with PL/pgSQL's own checks; ``""`` if it takes it."""
    (variant,) = one.variant.values()
    try:
        with connection.transaction(force_rollback=True):
            connection.execute(variant.encode())
    except psycopg.Error as error:
        return f"{one.mutant.id}: {one.mutant.was} -> {one.mutant.becomes}: {error}"
    return ""


def test_the_server_takes_mutants(
    definitions: tuple[psycopg.Connection, list[tuple[str, str]]],
) -> None:
    connection, routines = definitions
    all_mutants = [one for name, text in routines for one in mutants(text, name)]
    complaints = [said for one in all_mutants if (said := refused(connection, one))]
    assert len(all_mutants) > 1500
    assert len(complaints) <= 0.02 * len(all_mutants), "\n".join(complaints)


def test_mutants_are_other_routines_and_stand_in_other_lines_only(
    definitions: tuple[psycopg.Connection, list[tuple[str, str]]],
) -> None:
    for name, text in definitions[1]:
        known = {rule.id for rule in instrument(text, name).rules}
        lines, seen = text.split("\n"), {_squeezed(text)}
        for one in mutants(text, name):
            squeezed = _squeezed(one.text)
            assert squeezed not in seen, one.mutant
            seen.add(squeezed)
            assert known.issuperset(one.mutant.rules)
            changed = one.text.split("\n")
            assert len(changed) == len(lines)
            assert changed[: _first_line(text, one) - 1] == lines[: _first_line(text, one) - 1], one.mutant


def test_half_to_even_is_what_python_makes_of_it(
    definitions: tuple[psycopg.Connection, list[tuple[str, str]]],
) -> None:
    connection, _ = definitions
    amounts = [Decimal(number).scaleb(-4) for number in range(-25_100, 25_100, 50)]
    with connection.transaction(force_rollback=True):
        for statement in roundings.SETUP:
            connection.execute(statement.encode())
        query = f"SELECT {roundings.HALF_EVEN}(x, 2) FROM unnest(%s::numeric[]) WITH ORDINALITY AS t (x, n) ORDER BY n"
        rounded = [value for (value,) in connection.execute(query.encode(), (amounts,))]
        others = connection.execute(
            f"SELECT {roundings.HALF_EVEN}('NaN'::numeric)::text, {roundings.HALF_EVEN}('Infinity'::numeric)::text,"
            f" {roundings.HALF_EVEN}(NULL), {roundings.HALF_EVEN}(2.5::float8), {roundings.HALF_EVEN}(150, -2)".encode()
        ).fetchone()
    assert rounded == [amount.quantize(Decimal("0.01"), ROUND_HALF_EVEN) for amount in amounts]
    assert others == ("NaN", "Infinity", None, 2.0, Decimal(200))


def test_rounding_by_hand_becomes_what_python_makes_of_it(
    definitions: tuple[psycopg.Connection, list[tuple[str, str]]],
) -> None:
    """``round_money`` goes up at half a cent; the successor's first port went to the even one."""
    connection, routines = definitions
    name = "round_money(numeric)"
    (mutant,) = [one for one in mutants(dict(routines)[name], name) if " % 2 " in one.mutant.becomes]
    amounts = [Decimal(number).scaleb(-4) for number in range(-2_100, 2_100, 10)]
    with connection.transaction(force_rollback=True):
        for variant in mutant.variant.values():
            connection.execute(variant.encode())
        rounded = connection.execute(
            "SELECT round_money(x) FROM unnest(%s::numeric[]) WITH ORDINALITY AS t (x, n) ORDER BY n",
            (amounts,),
        ).fetchall()
    assert [value for (value,) in rounded] == [amount.quantize(Decimal("0.01")) for amount in amounts]


TOLD = """
CREATE FUNCTION told(p_text text, p_level integer) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    v_fee numeric;
    v_terms text := '014';
BEGIN
    IF p_level = 1 THEN
        v_fee := 0;
    ELSIF p_level = 2 THEN
        v_fee := 2.50;
    ELSE
        v_fee := greatest(5.00, p_level);
    END IF;
    IF p_text IS NULL THEN
        RETURN 'unknown';
    END IF;
    RETURN coalesce(p_text, '-') || v_terms || ' ' || v_fee;
END $$
"""


@pytest.mark.parametrize(
    ("was", "becomes", "given", "told"),
    [
        ("p_text IS NULL", "(p_text IS NULL OR p_text = '')", ("", 2), "unknown"),
        ("p_text IS NULL", "(p_text IS NULL OR p_text = '')", ("a", 2), "a014 2.50"),
        ("coalesce(p_text, '-')", "coalesce(nullif(p_text, ''), '-')", ("", 2), "-014 2.50"),
        ("v_fee := 2.50", "v_fee := 5.00", ("a", 2), "a014 5.00"),
        ("v_terms text := '014'", "v_terms text := '015'", ("a", 1), "a015 0"),
    ],
)
def test_empty_texts_numbers_in_texts_and_numbers_of_other_arms(
    definitions: tuple[psycopg.Connection, list[tuple[str, str]]],
    was: str,
    becomes: str,
    given: tuple[str, int],
    told: str,
) -> None:
    connection, _ = definitions
    found = {(one.mutant.was, one.mutant.becomes): one for one in mutants(TOLD, "told")}
    with connection.transaction(force_rollback=True):
        for variant in found[was, becomes].variant.values():
            connection.execute(variant.encode())
        assert connection.execute("SELECT told(%s, %s)", given).fetchone() == (told,)


def _squeezed(text: str) -> str:
    return re.sub(r"\s", "", text)


def _first_line(text: str, one: MutatedText) -> int:
    """The line of the whole text that a mutant's line is; 1 for the header."""
    body = re.search(r"^AS \$", text, re.MULTILINE)
    assert body
    return text.count("\n", 0, body.start()) + one.mutant.line if one.mutant.line else 1


RUN = [
    ("round_money", ["NULL", "1.005", "-0.125", "2.344"]),
    ("tax_rate", ["'Z', '2020-08-01'", "'S', '2020-08-01'", "'S', '2021-01-01'"]),
    ("value_date", ["'2024-03-08 17:30+00', 'CRD'", "'2024-03-08 10:00+00', 'CSH'", "'2024-03-05 10:00+00', 'X'"]),
]  # fmt: skip


@pytest.mark.torture
def test_what_no_rule_leads_to_is_not_reached(postgres_server: PostgresServer) -> None:
    """Without a hit of a mutant's rules, a call does what it did before."""
    dsn = postgres_server.create_database("unreached")
    example = EXAMPLE.joinpath("routines.sql").read_text("utf-8")
    calls = {name: [f"SELECT {name}({call})" for call in called] for name, called in RUN}
    texts = {name: found[0] for name in calls if (found := re.findall(rf"CREATE FUNCTION {name}\(.*?\$\$ LANGUAGE plpgsql;", example, re.DOTALL))}  # fmt: skip  # noqa: E501
    generated = [Routine(seed) for seed in range(8 if TORTURE else 4)]
    calls |= {routine.name: routine.calls[:2] for routine in generated}
    texts |= {routine.name: routine.text for routine in generated}
    session = Session(dsn)
    session.run(SCHEMA)
    session.run("SET statement_timeout = '5s'")
    try:
        ran = sum(unreached(session, name, texts[name], call) for name in calls for call in calls[name])
    finally:
        session.close()
        with psycopg.connect(postgres_server.dsn(), autocommit=True) as connection:
            connection.execute("DROP DATABASE unreached WITH (FORCE)")
    assert ran > 50


def unreached(session: Session, name: str, text: str, call: str) -> int:
    """How many mutants were run that a call does not reach; each of them answers as the source does."""

    def answer(*texts: str) -> Answer:
        session.run("BEGIN")
        for one in texts:
            assert not session.run(one).error
        found = session.run(call)
        session.run("ROLLBACK")
        return found

    text = text.replace("CREATE FUNCTION", "CREATE OR REPLACE FUNCTION").rstrip(";")
    probed, expected = instrument(text, name), answer(text)
    hits = answer(*SETUP, probed.text).hits
    others = [one for one in mutants(text, name) if one.mutant.rules and not hits.keys() & one.mutant.rules]
    for one in others[:: 1 if TORTURE else 10]:
        assert answer(*one.variant.values()) == expected, f"{call}: {one.mutant}"
    return len(others[:: 1 if TORTURE else 10])
