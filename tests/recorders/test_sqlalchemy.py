"""Queries through SQLAlchemy: the same report from SQLite, PostgreSQL and MariaDB; what is refused."""

from __future__ import annotations

from contextlib import closing
from datetime import date
from decimal import Decimal
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
from legacy_database import case
from sqlalchemy_sources import Database, context

from pytest_characterize.compare.natural import natural_rows
from pytest_characterize.descriptors import Query
from pytest_characterize.errors import RecordingError
from pytest_characterize.model import Observation
from pytest_characterize.settings import Source
from pytest_characterize.values import LARGE, Record, Rows, Value
from pytest_characterize_recorders.sources.generic.connecting import checked_url
from pytest_characterize_recorders.sqlalchemy_query import SqlalchemyQueryRecorder


def observe(where: Database, sql: str, whole: int | None = None, **given: Value) -> Observation:
    return where.observe(sql, whole, **given)


def rows(where: Database, sql: str, **given: Value) -> Rows:
    outcome = observe(where, sql, **given).outcome
    assert outcome.how == "returned", outcome
    assert isinstance(outcome.value, Rows)
    return outcome.value


def test_a_report(database: Database) -> None:
    found = rows(
        database,
        "SELECT id, name, price, '12:30 a::b 100%%' AS t FROM item"
        " WHERE id >= %(least)s AND name <> %(no)s ORDER BY id;",
        least=1,
        no="x' OR 1 = 1 -- ",
    )
    is_file = database.name == "sqlite"
    price: object = 2.5 if is_file else Decimal("2.50")
    assert [column.name for column in found.columns] == ["id", "name", "price", "t"]
    assert [column.type for column in found.columns] == [
        "integer",
        "text",
        "float" if is_file else "decimal",
        "text",
    ]
    assert natural_rows(found) == [(1, "it's", price, "12:30 a::b 100%"), (2, "tea", None, "12:30 a::b 100%")]
    assert found.ordered
    assert not rows(database, "SELECT id FROM item").ordered


def test_typed_values_of_servers(postgresql: Database, mariadb: Database) -> None:
    for where in (postgresql, mariadb):
        assert natural_rows(rows(where, "SELECT since, since IS NULL FROM item ORDER BY id"))[0][0] == date(
            2024, 3, 1
        )
    (row,) = natural_rows(
        rows(
            postgresql,
            "SELECT true, ARRAY[1,2], '{\"a\": 1}'::jsonb, interval '90 minutes', '\\x00ff'::bytea",
        )
    )
    assert row[:3] == (True, [1, 2], {"a": 1})
    assert (row[3].total_seconds(), row[4]) == (5400.0, b"\x00\xff")


def test_a_column_of_several_types(sqlite: Database) -> None:
    found = rows(sqlite, "SELECT 1 AS a UNION ALL SELECT '1' UNION ALL SELECT NULL UNION ALL SELECT x'00'")
    assert [column.type for column in found.columns] == ["any"]
    assert natural_rows(found) == [(1,), ("1",), (None,), (b"\0",)]


def test_a_large_result_is_reduced(sqlite: Database) -> None:
    numbers = (
        "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 12000) SELECT i FROM n"
    )
    value = observe(sqlite, numbers, whole=100).outcome.value
    assert isinstance(value, Record)
    assert value.type == LARGE


@pytest.mark.parametrize(
    ("sql", "slug"),
    [
        ("DELETE FROM item", "query-invalid"),
        ("SELECT 1; DELETE FROM item", "query-invalid"),
        ("SELECT nothing FROM nowhere", "query-invalid"),
        ("SELECT %(x)s", "query-bad-arguments"),
    ],
)
def test_what_is_no_query(database: Database, sql: str, slug: str) -> None:
    with pytest.raises(RecordingError, match=slug):
        observe(database, sql)


def test_what_writes_is_refused_by_the_database(postgresql: Database, sqlite: Database) -> None:
    with pytest.raises(RecordingError, match="query-invalid"):  # no cursor takes it
        observe(postgresql, "WITH gone AS (DELETE FROM item RETURNING id) SELECT * FROM gone")
    with pytest.raises(RecordingError, match="query-writes"):
        observe(sqlite, "WITH x AS (SELECT 1) DELETE FROM item")
    assert (
        len(rows(postgresql, "SELECT id FROM item").rows)
        == len(rows(sqlite, "SELECT id FROM item").rows)
        == 2
    )


def test_an_error_of_legacy_is_an_outcome(postgresql: Database) -> None:
    outcome = observe(postgresql, "SELECT 1 / %(zero)s", zero=0).outcome
    assert outcome.how == "raised"
    assert (outcome.value.types, outcome.value.message) == (("DivisionByZero",), "division by zero")
    assert outcome.value.code == "22012"


def test_the_file_stays_as_it_is(sqlite: Database) -> None:
    file = Path(sqlite.context.address.removeprefix("sqlite:///"))
    before = sha256(file.read_bytes()).hexdigest()
    rows(sqlite, "SELECT * FROM item")
    assert sha256(file.read_bytes()).hexdigest() == before
    assert list(file.parent.iterdir()) == [file]


def test_provenance_names_database_and_driver(database: Database) -> None:
    with closing(database.recorder(Query("SELECT 1", source="legacy"))) as recorder:
        recorder.observe(case())
        told = dict(recorder.provenance())
    assert told["driver"].endswith(" through SQLAlchemy")
    assert "untested" not in told
    assert database.context.address not in repr(told)


@pytest.mark.parametrize(
    ("url", "source", "slug"),
    [
        ("nonsense", {}, "source-address-invalid"),
        ("nosuchdialect://h/d", {}, "source-address-invalid"),
        ("postgresql+psycopg://u:secret@h/d?hostaddr=10.0.0.1", {}, "source-address-invalid"),
        ("postgresql+psycopg://u:secret@h/d?service=x", {}, "source-address-invalid"),
        ("postgresql+psycopg://u:secret@h", {}, "source-address-invalid"),
        ("postgresql+psycopg://u:secret@other/d", {"hosts": ("h",)}, "source-not-allowed"),
        ("postgresql+psycopg://u:secret@h:1/d", {"hosts": ("h:5432",)}, "source-not-allowed"),
        ("postgresql+psycopg://u:secret@h/d?host=elsewhere", {"hosts": ("h",)}, "source-not-allowed"),
        ("postgresql+psycopg://u:secret@h/d?host=a&host=b", {"hosts": ("h",)}, "source-address-invalid"),
        ("mariadb+pymysql://u:secret@/d?unix_socket=/tmp/x", {"hosts": ("/run",)}, "source-not-allowed"),
        ("postgresql+psycopg://u:secret@h/production", {"hosts": ("h",)}, "source-looks-like-production"),
        ("sqlite:////elsewhere/secret.db", {"hosts": ("/here",)}, "source-not-allowed"),
    ],
)
def test_addresses_that_are_refused(url: str, source: dict[str, Any], slug: str) -> None:
    with pytest.raises(RecordingError, match=slug) as caught:
        checked_url(
            Source("legacy", **({"kind": "sqlalchemy", "hosts": ("h",)} | source)), url, Path("/project")
        )
    assert "secret" not in str(caught.value)


@pytest.mark.parametrize(
    ("url", "hosts", "slug"),
    [
        ("oracle+oracledb://u:secret@h:1521/ERP", ("h",), ""),
        ("oracle+oracledb://u:secret@h/?service_name=ERP", ("h:1521",), ""),
        ("oracle+oracledb://u:secret@h/?service_name=PROD", ("h",), "source-looks-like-production"),
        ("oracle+oracledb://u:secret@other/ERP", ("h",), "source-not-allowed"),
        ("oracle+oracledb://u:secret@h", ("h",), "source-address-invalid"),
        ("mssql+pyodbc://u:secret@h/erp?driver=ODBC+Driver+18+for+SQL+Server&encrypt=yes", ("h:1433",), ""),
        ("mssql+pyodbc://u:secret@h:1444/erp", ("h:1433",), "source-not-allowed"),
        ("mssql+pyodbc:///?odbc_connect=SERVER%3Delsewhere", ("h",), "source-address-invalid"),
        ("mssql+pyodbc://u:secret@dsn_name", ("h",), "source-address-invalid"),
    ],
)
def test_addresses_of_dialects_without_a_server_here(url: str, hosts: tuple[str, ...], slug: str) -> None:
    source = Source("erp", "sqlalchemy", hosts)
    if slug:
        with pytest.raises(RecordingError, match=slug) as caught:
            checked_url(source, url, Path())
        assert "secret" not in str(caught.value)
    else:
        assert checked_url(source, url, Path()).host == "h"


@pytest.mark.parametrize("name", ["PGHOSTADDR", "PGSERVICE", "PGSERVICEFILE"])
def test_variables_that_lead_elsewhere_are_refused(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    monkeypatch.setenv(name, "10.0.0.1")
    with pytest.raises(RecordingError, match="source-not-allowed"):
        checked_url(Source("legacy", "sqlalchemy", ("h",)), "postgresql+psycopg://u@h/d", Path())


def test_a_source_that_is_down_says_nothing_of_its_address(tmp_path: Path) -> None:
    where = context(f"postgresql+psycopg://u:secret@/d?host={tmp_path}", hosts=(str(tmp_path),))
    with pytest.raises(RecordingError, match="source-down") as caught:
        SqlalchemyQueryRecorder(Query("SELECT 1", source="legacy"), where)
    assert "secret" not in str(caught.value)
    assert str(tmp_path) not in str(caught.value)
