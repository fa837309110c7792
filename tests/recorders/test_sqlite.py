"""SQL of legacy programs on SQLite files: rows as typed cells, row changes in a copy, and a file that stays."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
from legacy_database import case

from pytest_characterize.compare.large import Reduction
from pytest_characterize.compare.natural import natural_rows
from pytest_characterize.descriptors import Query, Tables
from pytest_characterize.errors import RecordingError
from pytest_characterize.model import Observation
from pytest_characterize.recording.protocols import RecordingContext
from pytest_characterize.scrub import Scrubber
from pytest_characterize.settings import Redaction, Settings, Source
from pytest_characterize.values import LARGE, Column, Raised, Record, Rows, Value
from pytest_characterize_recorders.sqlite_query import SqliteQueryRecorder

SCHEMA = """
CREATE TABLE item (id INTEGER PRIMARY KEY, name TEXT UNIQUE, price DECIMAL(8,2), since DATE, live BOOLEAN, any);
INSERT INTO item VALUES (1, 'it''s', 2.5, '2024-03-01', 1, 7), (2, 'tea', NULL, NULL, 0, '7');
CREATE TABLE stock (a TEXT, b INT, n INT, PRIMARY KEY (a, b)) WITHOUT ROWID;
INSERT INTO stock VALUES ('x', 1, 10), ('x', 2, 20);
CREATE TABLE note (text);
INSERT INTO note VALUES ('same'), ('same');
CREATE TABLE child (id INTEGER PRIMARY KEY, item REFERENCES item ON DELETE CASCADE);
INSERT INTO child VALUES (1, 1), (2, 1), (3, 2);
CREATE TABLE audit (id INTEGER PRIMARY KEY AUTOINCREMENT, what TEXT);
CREATE TRIGGER told AFTER UPDATE ON item BEGIN INSERT INTO audit (what) VALUES (OLD.name || '>' || NEW.name); END;
CREATE VIEW named AS SELECT id, name FROM item;
CREATE TRIGGER named_in INSTEAD OF INSERT ON named BEGIN INSERT INTO item (id, name) VALUES (NEW.id, NEW.name); END;
"""


@dataclass
class Legacy:
    """A SQLite file, and recorders of it."""

    file: Path

    def context(self, address: str = "", **source: Any) -> RecordingContext:
        root = self.file.parent
        given = Source("legacy", **({"kind": "sqlite", "hosts": (str(root),)} | source))
        return RecordingContext(
            Settings(root, sources={"legacy": given}),
            given,
            address or str(self.file),
            lambda secret: secret.variable,
            Scrubber(Redaction(), ""),
            {},
            reduction=Reduction,
        )

    def observe(
        self, sql: str, effects: Tables | None = None, whole: int | None = None, **given: Value
    ) -> Observation:
        return self.told(sql, effects, whole, **given)[0]

    def told(
        self,
        sql: str,
        effects: Tables | None = None,
        whole: int | None = None,
        address: str = "",
        **given: Value,
    ) -> tuple[Observation, dict[str, str]]:
        before = self.digest()
        query = Query(sql, source="legacy", effects=effects, whole=whole)
        with closing(SqliteQueryRecorder(query, self.context(address))) as recorder:
            first, _ = recorder.observe(case(**given))
            again, _ = recorder.observe(case(**given))
            assert first == again, "a case leaves nothing behind"
            provenance = dict(recorder.provenance())
        assert self.digest() == before, "the file is as it was"
        assert [path.name for path in self.file.parent.iterdir()] == [self.file.name]
        return first, provenance

    def run(self, *statements: str) -> None:
        with closing(sqlite3.connect(self.file)) as connection, connection:
            for statement in statements:
                connection.execute(statement)

    def digest(self) -> str:
        return sha256(self.file.read_bytes()).hexdigest()

    def rows(self, sql: str, **given: Value) -> Rows:
        outcome = self.observe(sql, **given).outcome
        assert outcome.how == "returned", outcome
        assert isinstance(outcome.value, Rows)
        return outcome.value

    def changes(self, sql: str, *tables: str, **given: Value) -> dict[str, dict[str, tuple[Any, ...]]]:
        effects = Tables(*tables) if tables else Tables.touched()
        found: Any = self.observe(sql, effects, **given).effects["tables"]
        return {
            table: {kind: rows.rows for kind, rows in kinds.items() if rows.rows}
            for table, kinds in found.items()
        }


@pytest.fixture
def legacy(tmp_path: Path) -> Legacy:
    file = tmp_path / "billing.db"
    with closing(sqlite3.connect(file)) as connection:
        connection.executescript(SCHEMA)
    return Legacy(file)


def test_names_types_and_rows(legacy: Legacy) -> None:
    found = legacy.rows(
        "SELECT id, name AS 'the name', price, since, live, id + 0.5, any FROM item ORDER BY id;"
    )
    assert found == Rows(
        "sqlite",
        (
            Column("id", "integer"),
            Column("the name", "text"),
            Column("price", "decimal(8,2)"),
            Column("since", "date"),
            Column("live", "boolean"),
            Column("id + 0.5", "real"),
            Column("any", "any"),
        ),
        (
            ("1", "it's", "2.5", "2024-03-01", "1", "1.5", "7"),
            ("2", "tea", None, None, "0", "2.5", "'7'"),
        ),
        ordered=True,
    )
    assert natural_rows(found) == [
        (1, "it's", Decimal("2.50"), date(2024, 3, 1), True, 1.5, 7),
        (2, "tea", None, None, False, 2.5, "7"),
    ]


@pytest.mark.parametrize(
    "value",
    [
        0,
        -(2**63),
        2**63 - 1,
        0.1,
        -0.0,
        1e308,
        float("inf"),
        "",
        "0",
        "'",
        "ü\U0001f600",
        "a\0b",
        b"",
        b"\xff'",
        None,
    ],
)
def test_every_value_comes_back_as_it_is(legacy: Legacy, value: Value) -> None:
    found = natural_rows(
        legacy.rows("SELECT %(v)s AS v UNION ALL SELECT 'x' UNION ALL SELECT 1 LIMIT 1", v=value)
    )
    assert (repr(found[0][0]), type(found[0][0])) == (repr(value), type(value))


def test_a_value_that_is_not_of_its_column_is_told_as_what_it_is(legacy: Legacy) -> None:
    with closing(sqlite3.connect(legacy.file)) as connection, connection:
        connection.execute("INSERT INTO item VALUES (3, x'ff', 'free', 5, 2, x'ff')")
    found = legacy.rows("SELECT name, price, since, live FROM item WHERE id = 3")
    assert [column.type for column in found.columns] == ["any", "any", "any", "boolean"]
    assert natural_rows(found) == [(b"\xff", "free", 5, 2)]


@pytest.mark.parametrize(
    ("sql", "ordered"),
    [("SELECT id FROM item", False), ("SELECT id FROM item ORDER BY id", True), ("VALUES (1)", False)],
)
def test_whether_the_order_was_asked_for(legacy: Legacy, sql: str, ordered: bool) -> None:
    assert legacy.rows(sql).ordered is ordered


def test_inputs_are_bound(legacy: Legacy) -> None:
    sql = (
        "SELECT id FROM item WHERE name = %(name)s AND price < %(price)s AND since >= %(on)s AND '%%' = '%%'"
    )
    given: dict[str, Value] = {"name": "it's", "price": Decimal("2.51"), "on": date(2024, 3, 1)}
    assert legacy.rows(sql, **given).rows == (("1",),)
    assert legacy.rows(sql, **{**given, "name": "x' OR 1 = 1 -- "}).rows == ()


def test_a_large_result_is_reduced(legacy: Legacy) -> None:
    numbers = (
        "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 12000) SELECT i FROM n"
    )
    value = legacy.observe(numbers, whole=100).outcome.value
    assert isinstance(value, Record)
    assert value.type == LARGE
    mixed = legacy.observe(f"{numbers} UNION ALL SELECT 'x'", whole=100).outcome.value
    assert "any" in repr(mixed)
    assert isinstance(legacy.observe(numbers, whole=20_000).outcome.value, Rows)


def test_an_error_of_legacy_is_an_outcome(legacy: Legacy) -> None:
    outcome = legacy.observe("SELECT abs(-9223372036854775807 - %(one)s)", one=1).outcome
    assert (outcome.how, outcome.value) == (
        "raised",
        Raised(("sqlite_error",), "integer overflow", "SQLITE_ERROR"),
    )
    effect = legacy.observe("UPDATE item SET price = 9; UPDATE item SET name = 'tea'", Tables("item"))
    assert effect.outcome.how == "raised"
    assert effect.outcome.value.code == "SQLITE_CONSTRAINT_UNIQUE"
    assert [row[2] for row in effect.effects["tables"]["item"]["after"].rows] == ["9", "9"]


CHANGES = [
    ("UPDATE item SET price = price * 2 WHERE id = %(id)s", "item", {
        "before": (("1", "it's", "2.5", "2024-03-01", "1", "7"),),
        "after": (("1", "it's", "5", "2024-03-01", "1", "7"),)}),
    ("INSERT INTO named (id, name) VALUES (9, 'by view ' || %(id)s)", "item",
     {"inserted": (("9", "by view 1", None, None, None, None),)}),
    ("INSERT OR REPLACE INTO item (id, name) VALUES (7, 'tea'), (8, %(id)s)", "item", {
        "inserted": (("7", "tea", None, None, None, None), ("8", "1", None, None, None, None)),
        "deleted": (("2", "tea", None, None, "0", "7"),)}),
    ("UPDATE OR REPLACE item SET name = 'tea' WHERE id = %(id)s", "item", {
        "before": (("1", "it's", "2.5", "2024-03-01", "1", "7"),),
        "after": (("1", "tea", "2.5", "2024-03-01", "1", "7"),),
        "deleted": (("2", "tea", None, None, "0", "'7'"),)}),
    ("DELETE FROM stock WHERE b > %(id)s; UPDATE stock SET b = 5", "stock", {
        "deleted": (("x", "1", "10"), ("x", "2", "20")), "inserted": (("x", "5", "10"),)}),
    ("DELETE FROM note WHERE rowid = %(id)s", "note", {"deleted": (("same",),)}),
    ("DELETE FROM note WHERE %(id)s", "note", {"deleted": (("same",), ("same",))}),
    ("UPDATE note SET text = 'other' WHERE rowid = %(id)s; UPDATE note SET text = 'same'", "note", {}),
    ("UPDATE item SET name = 'x' WHERE id = %(id)s", "audit", {"inserted": (("1", "it's>x"),)}),
    ("CREATE TEMP TABLE note (text); INSERT INTO note VALUES (%(id)s)", "note", {}),
]  # fmt: skip


@pytest.mark.parametrize(("sql", "table", "changed"), CHANGES)
def test_row_changes(legacy: Legacy, sql: str, table: str, changed: dict[str, Any]) -> None:
    assert legacy.changes(sql, table, id=1)[table] == changed


def test_foreign_keys_cascade_as_the_address_says(legacy: Legacy) -> None:
    sql = "DELETE FROM item WHERE id = 1"
    effects = Tables("child")
    address = f"sqlite:///{legacy.file.name}?foreign_keys=on"
    cascaded: Any = legacy.told(sql, effects, address=address)[0].effects["tables"]
    assert cascaded["child"]["deleted"].rows == (("1", "1"), ("2", "1"))
    left: Any = legacy.told(sql, effects)[0].effects["tables"]
    assert left["child"]["deleted"].rows == ()


def test_touched_tables_are_found_out(legacy: Legacy) -> None:
    found = legacy.changes("UPDATE item SET name = 'x' WHERE id = 1; INSERT INTO stock VALUES ('y', 1, 1)")
    assert set(found) == {"item", "audit", "stock"}
    assert legacy.changes("SELECT 1") == {}


def test_virtual_tables_are_named_as_not_watched(legacy: Legacy) -> None:
    with closing(sqlite3.connect(legacy.file)) as connection:
        connection.execute("CREATE VIRTUAL TABLE words USING fts5(word)")
    observed, provenance = legacy.told("INSERT INTO words VALUES ('a'); DELETE FROM note", Tables.touched())
    assert set(observed.effects["tables"]) == {"note"}
    assert provenance["not watched"] == "words (virtual)"
    assert provenance["server"] == f"SQLite {sqlite3.sqlite_version}"
    with pytest.raises(RecordingError, match="effects-unobservable"):
        legacy.observe("SELECT 1", Tables("words"))


def test_a_script_gives_its_result_sets(legacy: Legacy) -> None:
    value = legacy.observe(
        "SELECT 1; -- one\n DELETE FROM note; SELECT count(*) FROM note", Tables("note")
    ).outcome.value
    assert [rows.rows for rows in value] == [(("1",),), (("0",),)]
    assert legacy.observe("DELETE FROM note", Tables("note")).outcome.value is None
    returning = legacy.observe("DELETE FROM stock RETURNING b", Tables("stock")).outcome.value
    assert sorted(returning.rows) == [("1",), ("2",)]


def test_a_rollback_of_legacys_own_leaves_no_change(legacy: Legacy) -> None:
    trigger = "CREATE TEMP TRIGGER t BEFORE DELETE ON stock BEGIN SELECT RAISE(ROLLBACK, 'no'); END"
    sql = f"DELETE FROM note; {trigger}; DELETE FROM stock"
    observed = legacy.observe(sql, Tables("note", "stock"))
    assert observed.outcome.value == Raised(("sqlite_constraint_trigger",), "no", "SQLITE_CONSTRAINT_TRIGGER")
    assert all(not rows.rows for kinds in observed.effects["tables"].values() for rows in kinds.values())


@pytest.mark.parametrize(
    ("sql", "slug"),
    [
        ("ATTACH 'other.db' AS o", "sqlite-refused"),
        ("PRAGMA user_version = 7", "sqlite-refused"),
        ("SELECT load_extension('x')", "sqlite-refused"),
        ("DELETE FROM note", "query-writes"),
        ("WITH x AS (SELECT 1) INSERT INTO note SELECT * FROM x", "query-writes"),
        ("CREATE TABLE x (a)", "sqlite-refused"),
        ("VACUUM INTO 'other.db'", "sqlite-refused"),
        ("COMMIT", "sqlite-refused"),
        ("SELECT 1; SELECT 2", "query-invalid"),
        ("SELECT nothing FROM item", "query-invalid"),
        ("SELECT legacy_function(1)", "query-invalid"),
        ("", "query-invalid"),
        ("SELECT %(x)s", "query-bad-arguments"),
        ("SELECT 1 %", "query-invalid"),
    ],
)
def test_what_a_query_may_not_do(legacy: Legacy, sql: str, slug: str) -> None:
    with pytest.raises(RecordingError, match=slug):
        legacy.observe(sql)


@pytest.mark.parametrize(
    "sql",
    [
        "COMMIT", "ROLLBACK", "SAVEPOINT x", "VACUUM", "DROP TABLE note", "ALTER TABLE note ADD x", "REINDEX",
        "CREATE TABLE x (a)", "CREATE INDEX i ON note (text)", "DROP TRIGGER characterize_insert_0",
        "DELETE FROM characterize_log_0", "PRAGMA recursive_triggers = on", "ATTACH ':memory:' AS m",
        "DROP VIEW named", "ANALYZE", "CREATE VIRTUAL TABLE v USING fts5(w)",
        "CREATE TEMP TABLE characterize_x (a)",
    ],
)  # fmt: skip
def test_what_a_script_may_not_do(legacy: Legacy, sql: str) -> None:
    before = legacy.digest()
    with pytest.raises(RecordingError, match=r"sqlite-refused"):
        legacy.observe(f"DELETE FROM note; {sql}", Tables("note"))
    assert legacy.digest() == before


HOSTILE = ['a"b', "a'b", "a;DROP TABLE note", "--", "[x]", "sel ect", "ü", "a.b", "%s", "order"]


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_names_are_quoted(legacy: Legacy, name: str) -> None:
    quoted = '"' + name.replace('"', '""') + '"'
    with closing(sqlite3.connect(legacy.file)) as connection:
        connection.execute(f"CREATE TABLE {quoted} ({quoted} INTEGER PRIMARY KEY, x)")
    sql = f"INSERT INTO {quoted} VALUES (1, 2)".replace("%", "%%")
    assert legacy.changes(sql, name) == {name: {"inserted": (("1", "2"),)}}


@pytest.mark.parametrize(
    ("address", "source", "slug"),
    [
        ("", {"kind": "postgresql"}, "source-wrong-kind"),
        (":memory:", {}, "source-address-invalid"),
        ("file:x?mode=rwc", {}, "source-address-invalid"),
        ("sqlite://host/x", {}, "source-address-invalid"),
        ("sqlite:///billing.db?mode=rw", {}, "source-address-invalid"),
        ("sqlite:///billing.db?foreign_keys=perhaps", {}, "source-address-invalid"),
        ("secret.db", {}, "source-down"),
        ("", {"hosts": ("/elsewhere",)}, "source-not-allowed"),
        ("production.db", {}, "source-looks-like-production"),
        ("text.db", {}, "source-down"),
    ],
)
def test_addresses(legacy: Legacy, address: str, source: dict[str, Any], slug: str) -> None:
    folder = legacy.file.parent
    (folder / "production.db").write_bytes(legacy.file.read_bytes())
    (folder / "text.db").write_text("no database, but long enough to be read as one" * 30)
    with pytest.raises(RecordingError, match=slug) as caught:
        SqliteQueryRecorder(Query("SELECT 1", source="legacy"), legacy.context(address, **source))
    assert "secret.db" not in str(caught.value)
    assert str(folder) not in str(caught.value)


@pytest.mark.parametrize(
    "address",
    ["billing.db", "sqlite:///billing.db", lambda file: f"sqlite:///{file}", lambda file: str(file)],
)
def test_addresses_that_are_taken(legacy: Legacy, address: str | Callable[[Path], str]) -> None:
    told = address if isinstance(address, str) else address(legacy.file)
    for hosts in (("billing.db",), (".",), (str(legacy.file.parent / "*.db"),)):
        recorder = SqliteQueryRecorder(Query("SELECT 1", source="legacy"), legacy.context(told, hosts=hosts))
        recorder.close()


def test_a_statement_without_end_is_stopped(legacy: Legacy, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("pytest_characterize_recorders.sqlite_query.SECONDS", 0.2)
    with pytest.raises(RecordingError, match="source-too-slow"):
        legacy.observe(
            "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT count(*) FROM n"
        )


def test_replaced_rows_do_not_start_triggers_that_legacy_does_not_start(legacy: Legacy) -> None:
    """SQLite calls delete triggers for a replaced row under a setting only, which is not legacy's."""
    told = "CREATE {} TRIGGER gone AFTER DELETE ON item BEGIN INSERT INTO note VALUES ('gone'); END"
    replace = "INSERT OR REPLACE INTO item (id, name) VALUES (1, 'new')"
    legacy.run("DROP TRIGGER told", "DROP TRIGGER named_in")
    own = legacy.changes(f"{told.format('TEMP')}; {replace}", "item", "note")
    assert (list(own["item"]), own["note"]) == (["before", "after"], {})
    legacy.run(told.format(""))
    lasting = legacy.changes(replace, "item", "note")
    assert (list(lasting["item"]), lasting["note"]) == (["before", "after"], {})


@pytest.mark.parametrize("key", ["PRIMARY KEY (k, v)) WITHOUT ROWID", "UNIQUE (k, v))"])
def test_replaced_rows_where_legacy_has_triggers(legacy: Legacy, key: str) -> None:
    """Values that are equal and not the same; rows that nothing tells apart but the database."""
    shadows = "" if "WITHOUT" in key else "rowid, _rowid_, oid, "
    legacy.run(
        f"CREATE TABLE pair (k COLLATE NOCASE, v, n, x, {shadows}{key}",
        "INSERT INTO pair (k, v, n, x) VALUES ('a', 1, 1, NULL), ('b', 1, 'same', x'00'), ('c', 1, NULL, 2)",
    )
    sql = "INSERT OR REPLACE INTO pair (k, v, n, x) VALUES ('A', 1, 1.0, NULL), ('d', 1, 0, 0)"
    found = legacy.changes(f"{sql}; DELETE FROM pair WHERE k = 'c'", "pair")["pair"]
    rows = {kind: sorted(row[:4] for row in rows) for kind, rows in found.items()}
    assert rows == {
        "deleted": [("a", "1", "1", None), ("c", "1", None, "2")],
        "inserted": [("A", "1", "1.0", None), ("d", "1", "0", "0")],
    }


@pytest.mark.parametrize("triggers", [True, False])
def test_changes_are_exact_beside_except_all(legacy: Legacy, triggers: bool) -> None:
    """Random statements, against the multiset difference of the whole table."""
    import random

    if not triggers:
        legacy.run("DROP TRIGGER told", "DROP TRIGGER named_in")
    rng = random.Random(7)
    for _ in range(25):
        script = ";".join(
            rng.choice(
                [
                    f"INSERT OR REPLACE INTO item (id, name) VALUES ({rng.randint(1, 4)}, 'n{rng.randint(1, 3)}')",
                    f"UPDATE OR REPLACE item SET name = 'n{rng.randint(1, 3)}' WHERE id = {rng.randint(1, 4)}",
                    f"DELETE FROM item WHERE id = {rng.randint(1, 4)}",
                    f"UPDATE item SET id = id + {rng.randint(1, 2)} WHERE id = 3",
                ]
            )
            for _ in range(rng.randint(1, 6))
        )
        with closing(sqlite3.connect(legacy.file)) as connection:
            before = set(connection.execute("SELECT id, name FROM item"))
            try:
                connection.executescript("BEGIN;" + script)
            except sqlite3.Error:
                connection.rollback()
                continue
            after = set(connection.execute("SELECT id, name FROM item"))
            connection.rollback()
        found = legacy.changes(script, "item")["item"]
        gone = {(int(row[0]), row[1]) for kind in ("deleted", "before") for row in found.get(kind, ())}
        come = {(int(row[0]), row[1]) for kind in ("inserted", "after") for row in found.get(kind, ())}
        assert (gone - come, come - gone) == (before - after, after - before), script
