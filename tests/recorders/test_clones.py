"""Procedures that commit run in a copy of the database, which is gone afterwards; the original is not touched."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import psycopg
import pytest
from legacy_database import Legacy, case
from psycopg.conninfo import make_conninfo

from pytest_characterize.descriptors import Procedure, Tables
from pytest_characterize.errors import RecordingError
from pytest_characterize.model import Observation
from pytest_characterize.recording.protocols import ClockedRecorder
from pytest_characterize_recorders.embedded.postgresql import PostgresServer

Dump = Callable[[Legacy], str]
TABLES = (
    "CREATE TABLE ledger (id serial PRIMARY KEY, amount numeric(8,2) CHECK (amount < 100))",
    "INSERT INTO ledger (amount) VALUES (1), (2)",
)
LEDGER = Tables("ledger")


def procedure(body: str, name: str = "p", arguments: str = "n int") -> str:
    return f"CREATE PROCEDURE {name}({arguments}) LANGUAGE plpgsql AS $body$ {body} $body$"


def observe(legacy: Legacy, name: str = "p", effects: Tables | None = LEDGER, **inputs: Any) -> Observation:
    recorder = legacy.recorder(Procedure(name, source="legacy", effects=effects), clone=True)
    observation, _ = recorder.observe(case(**inputs))
    assert "copy" in recorder.provenance()["clone"]
    assert isinstance(recorder, ClockedRecorder)
    assert recorder.moment() is None
    return observation


def changes(observation: Observation) -> dict[str, list[str | None]]:
    """Amounts by what became of their rows."""
    parts = observation.effects["tables"]["ledger"]
    return {part: [row[1] for row in rows.rows] for part, rows in parts.items() if rows.rows}


@pytest.fixture
def untouched(legacy: Legacy, dump: Dump, postgres_server: PostgresServer) -> Iterator[Legacy]:
    """A legacy database that a test must leave as it was made, with no copy of it left behind."""
    legacy.run(*TABLES)
    yield legacy
    legacy.run("DROP PROCEDURE IF EXISTS p", "DROP PROCEDURE IF EXISTS inner_one")
    assert legacy.run("SELECT sum(amount), count(*) FROM ledger") == [(3, 2)]
    assert copies(postgres_server) == []


def copies(server: PostgresServer) -> list[str]:
    with psycopg.connect(server.dsn(), autocommit=True) as connection:
        found = connection.execute("SELECT datname FROM pg_database WHERE datname LIKE 'characterize_clone%'")
        return [name for (name,) in found]


@pytest.mark.parametrize(
    ("body", "how", "changed"),
    [
        ("BEGIN INSERT INTO ledger (amount) VALUES (n); COMMIT; END", "returned", {"inserted": ["7.00"]}),
        ("BEGIN INSERT INTO ledger (amount) VALUES (n); ROLLBACK; END", "returned", {}),
        ("BEGIN DELETE FROM ledger; ROLLBACK; UPDATE ledger SET amount = n WHERE id = 1; END", "returned",
         {"before": ["1.00"], "after": ["7.00"]}),
        ("BEGIN FOR i IN 1..n LOOP INSERT INTO ledger (amount) VALUES (i);"
         " IF i % 2 = 0 THEN COMMIT; ELSE ROLLBACK; END IF; END LOOP; END", "returned",
         {"inserted": ["2.00", "4.00", "6.00", "7.00"][:3]}),
        ("BEGIN INSERT INTO ledger (amount) VALUES (n); COMMIT; INSERT INTO ledger (amount) VALUES (100); END",
         "raised", {"inserted": ["7.00"]}),
        ("BEGIN EXECUTE 'TRUNCATE ledger'; COMMIT; END", "returned", {"deleted": ["1.00", "2.00"]}),
    ],
    ids=["commit", "rollback", "both", "loop", "error after", "truncate"],
)  # fmt: skip
def test_what_it_committed_is_told_and_the_original_is_untouched(
    untouched: Legacy, dump: Dump, body: str, how: str, changed: dict[str, list[str]]
) -> None:
    untouched.run(procedure(body))
    before = dump(untouched)
    observation = observe(untouched, n=7)
    assert (observation.outcome.how, changes(observation)) == (how, changed)
    if how == "raised":
        assert observation.outcome.value.code == "23514"
    assert dump(untouched) == before


def test_results_notices_and_settings_are_as_in_the_original(untouched: Legacy) -> None:
    [(name,)] = untouched.run("SELECT current_database()")
    untouched.run(
        "CREATE SCHEMA old",
        "CREATE TABLE old.rate (r int)",
        f'ALTER DATABASE {name} SET search_path = old, "$user", public',
        f"ALTER DATABASE {name} SET my.word = 'it''s a \\ word'",
        procedure(
            "BEGIN RAISE NOTICE 'n %', n; COMMIT; INSERT INTO rate VALUES (1);"
            " total := currval('public.ledger_id_seq') FROM (SELECT nextval('public.ledger_id_seq')) AS x;"
            " word := current_setting('my.word'); END",
            arguments="n int, INOUT total bigint, OUT word text",
        ).replace("PROCEDURE p", "PROCEDURE public.p"),
    )
    for _ in range(2):
        observation = observe(untouched, effects=None, n=1, total=0)
        assert {name: cell.text for name, cell in observation.outcome.value.items()} == {
            "total": "3",
            "word": "it's a \\ word",
        }
        assert [notice["message"] for notice in observation.notices] == ["n 1"]
        assert observation.effects == {}
    assert untouched.run("SELECT count(*) FROM old.rate") == [(0,)]
    untouched.run("DROP PROCEDURE public.p")


def test_a_variant_runs_in_a_copy_as_well(untouched: Legacy) -> None:
    untouched.run(procedure("BEGIN INSERT INTO ledger (amount) VALUES (n); COMMIT; END"))
    recorder = untouched.recorder(Procedure("p", source="legacy", effects=LEDGER), clone=True)
    [(name, text)] = recorder.sources(case(n=7)).items()
    for _ in range(2):
        changed, _ = recorder.observe(case(n=7), {name: text.replace("(n)", "(n + 1)")})
        assert changes(changed) == {"inserted": ["8.00"]}
    assert changes(recorder.observe(case(n=7))[0]) == {"inserted": ["7.00"]}


def test_what_does_not_commit_needs_no_copy(untouched: Legacy) -> None:
    untouched.run(
        procedure("BEGIN INSERT INTO ledger (amount) VALUES (n); IF n > 5 THEN COMMIT; END IF; END")
    )
    recorder = untouched.recorder(Procedure("p", source="legacy", effects=LEDGER), clone=True)
    assert changes(recorder.observe(case(n=1))[0]) == {"inserted": ["1.00"]}
    assert "clone" not in recorder.provenance()


@pytest.mark.parametrize(
    ("statement", "words"),
    [
        ("CREATE ROLE characterize_x", "CREATE ROLE acts on the server"),
        ("GRANT pg_monitor TO public", "GRANT pg_monitor TO changes what roles may do"),
        ("GRANT ALL ON DATABASE postgres TO public", "ON DATABASE changes what roles may do"),
        ("DROP OWNED BY current_user", "DROP OWNED acts on other databases"),
        ("PERFORM current_database()", "asks for the name of the database"),
        ("PERFORM dblink('x', 'y')", "works on another connection"),
        ("EXECUTE 'COPY ledger TO PROGRAM ''cat'''", "works on files or programs"),
    ],
)
def test_what_would_leave_the_copy_is_refused(untouched: Legacy, statement: str, words: str) -> None:
    untouched.run(procedure(f"BEGIN COMMIT; {statement}; END"))
    with pytest.raises(RecordingError, match=words) as refused:
        observe(untouched, n=1)
    assert refused.value.slug == "cannot-be-undone"


def test_a_role_that_dynamic_sql_changes_is_told(untouched: Legacy) -> None:
    untouched.run(procedure("BEGIN COMMIT; EXECUTE 'CREATE' || ' ROLE characterize_left'; END"))
    try:
        with pytest.raises(RecordingError, match="roles, or rights") as told:
            observe(untouched, n=1)
        assert told.value.slug == "clone-cluster-changed"
    finally:
        untouched.run("DROP ROLE characterize_left")


def test_foreign_tables_could_be_changed_for_good(untouched: Legacy) -> None:
    untouched.run(
        procedure("BEGIN COMMIT; END"),
        "CREATE FOREIGN DATA WRAPPER elsewhere",
        "CREATE SERVER there FOREIGN DATA WRAPPER elsewhere",
        "CREATE FOREIGN TABLE far (id int) SERVER there",
    )
    with pytest.raises(RecordingError, match="has foreign tables") as refused:
        observe(untouched, n=1)
    assert refused.value.slug == "clone-foreign"


def test_what_else_is_refused(untouched: Legacy) -> None:
    untouched.run(
        procedure("BEGIN OPEN c FOR SELECT 1; COMMIT; END", arguments="n int, INOUT c refcursor"),
    )
    with pytest.raises(RecordingError, match="returns a cursor") as refused:
        observe(untouched, n=1, c=None)
    assert refused.value.slug == "clone-cursor"
    with pytest.raises(RecordingError, match="which tables") as refused:
        observe(untouched, effects=Tables.touched(), n=1, c=None)
    assert refused.value.slug == "effects-unobservable"


def test_without_the_setting_it_is_refused_as_before(untouched: Legacy) -> None:
    untouched.run(procedure("BEGIN COMMIT; END"))
    with pytest.raises(RecordingError, match="clone = true") as refused:
        untouched.call("p", n=1)
    assert refused.value.slug == "procedure-commits"


def test_one_that_never_ends_is_stopped_and_its_copy_dropped(untouched: Legacy) -> None:
    untouched.run(procedure("BEGIN LOOP INSERT INTO ledger (amount) VALUES (n); COMMIT; END LOOP; END"))
    dsn = make_conninfo(untouched.dsn, options="-c statement_timeout=300")
    recorder = untouched.recorder(Procedure("p", source="legacy", effects=LEDGER), dsn=dsn, clone=True)
    with pytest.raises(RecordingError, match="time limit") as stopped:
        recorder.observe(case(n=1))
    assert stopped.value.slug == "source-too-slow"


def test_two_recordings_at_once(untouched: Legacy) -> None:
    untouched.run(
        procedure("BEGIN INSERT INTO ledger (amount) VALUES (n); COMMIT; PERFORM pg_sleep(0.1); END")
    )
    with ThreadPoolExecutor(2) as pool:
        found = list(pool.map(lambda n: changes(observe(untouched, n=n)), (7, 8, 7, 8)))
    assert found == [{"inserted": [f"{n}.00"]} for n in (7, 8, 7, 8)]


def test_somebody_else_in_the_database(untouched: Legacy, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("pytest_characterize_recorders.sources.postgresql.cloning.TRIES", 1)
    monkeypatch.setattr("pytest_characterize_recorders.sources.postgresql.cloning.LEAVING_SECONDS", 0.0)
    untouched.run(procedure("BEGIN COMMIT; END"))
    with psycopg.connect(untouched.dsn), pytest.raises(RecordingError, match="1 other session") as refused:
        observe(untouched, n=1)
    assert refused.value.slug == "clone-busy"


def test_a_role_that_may_make_no_database(untouched: Legacy) -> None:
    untouched.run(procedure("BEGIN COMMIT; END"), "CREATE ROLE modest LOGIN", "GRANT ALL ON ledger TO modest")
    recorder = untouched.recorder(
        Procedure("p", source="legacy"), dsn=make_conninfo(untouched.dsn, user="modest"), clone=True
    )
    try:
        with pytest.raises(RecordingError, match="permission denied to create database") as refused:
            recorder.observe(case(n=1))
        assert refused.value.slug == "clone-forbidden"
    finally:
        untouched.run("DROP OWNED BY modest", "DROP ROLE modest")


RECORDING = """
import sys
from pathlib import Path
sys.path.insert(0, sys.argv[1])
from legacy_database import Legacy, case
from pytest_characterize.descriptors import Procedure
legacy = Legacy(sys.argv[2])
recorder = legacy.recorder(Procedure("p", source="legacy"), clone=True)
recorder.observe(case(n=1))
"""


def killed(legacy: Legacy, server: PostgresServer, how: signal.Signals) -> subprocess.Popen[bytes]:
    """A recording that is interrupted in the midst of its call."""
    child = subprocess.Popen(
        [sys.executable, "-c", RECORDING, str(Path(__file__).parent), legacy.dsn],
        stderr=subprocess.DEVNULL,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
    )
    until = time.monotonic() + 30
    while not _sleeping(server) and time.monotonic() < until:
        time.sleep(0.02)
    child.send_signal(how)
    child.wait(30)
    return child


def _sleeping(server: PostgresServer) -> bool:
    with psycopg.connect(server.dsn(), autocommit=True) as connection:
        asked = (
            "SELECT FROM pg_stat_activity WHERE datname LIKE 'characterize_clone%' AND wait_event = 'PgSleep'"
        )
        return connection.execute(asked).fetchone() is not None


def test_an_interrupted_recording_drops_its_copy(untouched: Legacy, postgres_server: PostgresServer) -> None:
    untouched.run(procedure("BEGIN COMMIT; PERFORM pg_sleep(20); END"))
    assert killed(untouched, postgres_server, signal.SIGINT).returncode != 0
    assert copies(postgres_server) == []


def test_the_copy_of_a_killed_recording_is_dropped_by_the_next(
    untouched: Legacy, postgres_server: PostgresServer
) -> None:
    untouched.run(procedure("BEGIN COMMIT; PERFORM pg_sleep(CASE n WHEN 1 THEN 20 ELSE 0 END); END"))
    untouched.run("CREATE DATABASE characterize_clone_of_mine")
    killed(untouched, postgres_server, signal.SIGKILL)
    [left, mine] = sorted(copies(postgres_server))
    assert mine == "characterize_clone_of_mine"
    with psycopg.connect(postgres_server.dsn(), autocommit=True) as connection:
        connection.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s", (left,)
        )
    until = time.monotonic() + 10
    while left in copies(postgres_server) and time.monotonic() < until:
        observe(untouched, effects=None, n=2)
    assert copies(postgres_server) == [mine], "what merely looks alike is not ours"
    untouched.run("DROP DATABASE characterize_clone_of_mine")


def test_the_copy_of_a_living_recording_is_left_alone(
    untouched: Legacy, postgres_server: PostgresServer
) -> None:
    untouched.run(procedure("BEGIN COMMIT; PERFORM pg_sleep(n); INSERT INTO ledger (amount) VALUES (n); END"))
    found: list[Observation] = []
    slow = threading.Thread(target=lambda: found.append(observe(untouched, n=1)))
    slow.start()
    while not _sleeping(postgres_server):
        time.sleep(0.02)
    observe(untouched, n=0)
    slow.join()
    assert changes(found[0]) == {"inserted": ["1.00"]}
