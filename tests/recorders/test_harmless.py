"""Recording leaves the legacy database as it was, or says that it could not."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import textwrap
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import psycopg
import pytest
from legacy_database import Legacy, case
from psycopg import sql
from serving import import_path

from pytest_characterize.descriptors import Procedure, Query, Tables
from pytest_characterize.errors import RecordingError
from pytest_characterize.values import Cell

Dump = Callable[[Legacy], str]
SCHEMA = (
    "CREATE SEQUENCE numbers",
    "CREATE SEQUENCE used START 100 INCREMENT 5 CACHE 7",
    "SELECT nextval('used')",
    "CREATE TABLE ledger (id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY, serial serial, amount numeric(10,2))",
    "INSERT INTO ledger (amount) VALUES (1), (2)",
)


def routine(body: str, name: str = "f", returns: str = "void") -> str:
    return f"CREATE FUNCTION {name}() RETURNS {returns} LANGUAGE plpgsql AS $body$ {body} $body$"


HARMFUL = {
    "rows": "INSERT INTO ledger (amount) VALUES (9); DELETE FROM ledger WHERE id = 1;",
    "truncate": "TRUNCATE ledger RESTART IDENTITY CASCADE;",
    "create": "CREATE TABLE new_one (a int); CREATE INDEX ON ledger (amount); CREATE SCHEMA s;",
    "alter": "ALTER TABLE ledger ADD extra text; ALTER TABLE ledger ALTER amount TYPE text;",
    "drop": "DROP TABLE ledger; DROP SEQUENCE numbers;",
    "replace itself": "CREATE OR REPLACE FUNCTION f() RETURNS void LANGUAGE sql AS '';",
    "nextval": "PERFORM nextval('numbers'), nextval('used'), nextval('used'), lastval();",
    "setval": "PERFORM setval('numbers', 500), setval('used', 7, false);",
    "serial": "INSERT INTO ledger (amount) SELECT i FROM generate_series(1, 40) AS i;",
    "alter sequence": "ALTER SEQUENCE numbers RESTART WITH 77 INCREMENT 3; PERFORM nextval('numbers');",
    "grants": "CREATE ROLE intruder; GRANT ALL ON ledger TO intruder;",
    "comment": "COMMENT ON TABLE ledger IS 'seen';",
    "large object": "PERFORM lo_from_bytea(0, 'x');",
    "settings": "PERFORM set_config('search_path', 'nowhere', false); SET work_mem = '1MB';",
    "database setting": "EXECUTE format('ALTER DATABASE %I SET work_mem = 99', current_database());",
    "temporary table": "CREATE TEMP TABLE t (a int); INSERT INTO t VALUES (1);",
    "notify": "NOTIFY somebody, 'x';",
    "fails": "INSERT INTO ledger (amount) VALUES (9); PERFORM nextval('numbers'); RAISE EXCEPTION 'no';",
    "advisory lock": "PERFORM pg_advisory_lock(42);",
    "prepared": "EXECUTE 'PREPARE p AS SELECT 1';",
    "trigger off": "ALTER TABLE ledger DISABLE TRIGGER ALL; DELETE FROM ledger;",
}


@pytest.mark.parametrize("body", HARMFUL.values(), ids=HARMFUL)
def test_the_database_is_the_same_afterwards(legacy: Legacy, dump: Dump, body: str) -> None:
    legacy.run(*SCHEMA, routine(f"BEGIN {body} END"))
    before = dump(legacy), legacy.run(*STATE)
    alone = legacy.recorder(Procedure("f", source="legacy"))
    first, second = (alone.observe(case())[0] for _ in range(2))
    watching = legacy.recorder(Procedure("f", source="legacy", effects=Tables("ledger")))
    if "DROP TABLE" in body:
        with pytest.raises(RecordingError, match="table-redefined"):
            watching.observe(case())
    else:
        assert watching.observe(case())[0].outcome.how == first.outcome.how
    assert (dump(legacy), legacy.run(*STATE)) == before
    assert first == second, "a case must not depend on those before it"
    assert "sequences advanced" not in alone.provenance()


STATE = (
    "SELECT (SELECT count(*) FROM pg_roles), (SELECT count(*) FROM pg_largeobject_metadata),"
    " (SELECT count(*) FROM pg_locks WHERE locktype = 'advisory'), (SELECT array_agg(n ORDER BY n) FROM"
    " (SELECT last_value || is_called::text || log_cnt AS n FROM numbers UNION ALL"
    "  SELECT last_value || is_called::text || log_cnt FROM used UNION ALL"
    "  SELECT last_value || is_called::text || log_cnt FROM ledger_id_seq) AS x)",
)


def test_each_case_starts_in_a_session_of_its_own(legacy: Legacy) -> None:
    """What a rollback does not undo in a session is undone as well."""
    legacy.run(
        "CREATE SEQUENCE s",
        routine("BEGIN RETURN lastval(); END", "last", "bigint"),
        routine(
            "BEGIN PERFORM nextval('s'), pg_advisory_lock(1), set_config('a.b', 'x', false);"
            " EXECUTE 'PREPARE q AS SELECT 1'; CREATE TEMP TABLE t (a int);"
            " RETURN (SELECT count(*) FROM pg_prepared_statements); END",
            "touch",
            "bigint",
        ),
        routine("BEGIN RETURN current_setting('a.b', true); END", "seen", "text"),
    )
    touch = legacy.recorder(Procedure("touch", source="legacy"))
    assert [touch.observe(case())[0].outcome.value for _ in range(3)] == [
        Cell("postgresql", "bigint", "1")
    ] * 3
    assert legacy.fail("last").code == "55000"
    assert legacy.call("seen").text in (None, "")


@pytest.mark.parametrize(
    "ending", ["COMMIT;", "ROLLBACK;", "INSERT INTO ledger (amount) VALUES (1); COMMIT;"]
)
def test_a_procedure_that_ends_the_transaction_is_refused(legacy: Legacy, dump: Dump, ending: str) -> None:
    legacy.run(
        *SCHEMA,
        f"CREATE PROCEDURE p() LANGUAGE plpgsql AS $$ BEGIN PERFORM nextval('numbers'); {ending} END $$",
        "CREATE PROCEDURE outer_one() LANGUAGE plpgsql AS $$ BEGIN CALL p(); END $$",
    )
    before = dump(legacy)
    for name in ("p", "outer_one"):
        with pytest.raises(RecordingError, match=rf"public\.{name}\(\) ends the transaction") as caught:
            legacy.call(name)
        assert caught.value.slug == "procedure-commits"
    assert dump(legacy) == before


def test_a_function_may_never_commit_so_its_error_is_behaviour(legacy: Legacy) -> None:
    legacy.run(routine("BEGIN COMMIT; END"))
    assert legacy.fail("f").code == "2D000"


class TestForeignSequences:
    """Sequences of another owner cannot become a part of our transaction."""

    @pytest.fixture
    def clerk(self, legacy: Legacy) -> Iterator[Legacy]:
        legacy.run(
            *SCHEMA,
            routine("BEGIN RETURN nextval('numbers'); END", returns="bigint"),
            "ALTER FUNCTION f() SECURITY DEFINER",
            "CREATE ROLE seq_clerk LOGIN",
        )
        yield Legacy(legacy.dsn.replace("user=postgres", "user=seq_clerk"))
        legacy.run("DROP OWNED BY seq_clerk", "DROP ROLE seq_clerk")

    def state(self, legacy: Legacy) -> object:
        return legacy.run("SELECT last_value, is_called FROM numbers")

    def test_set_back_where_it_may_be(self, legacy: Legacy, clerk: Legacy) -> None:
        legacy.run("GRANT SELECT, UPDATE ON SEQUENCE numbers TO seq_clerk")
        before = self.state(legacy)
        recorder = clerk.recorder(Procedure("f", source="legacy"))
        values = [recorder.observe(case())[0].outcome.value.text for _ in range(2)]
        recorder.close()
        assert values == ["1", "1"]
        assert self.state(legacy) == before
        assert (
            recorder.provenance()["sequences unwatched"]
            == "public.ledger_id_seq, public.ledger_serial_seq, public.used"
        )
        assert "sequences advanced" not in recorder.provenance()

    def test_told_where_it_may_only_be_read(self, legacy: Legacy, clerk: Legacy) -> None:
        legacy.run("GRANT SELECT ON SEQUENCE numbers TO seq_clerk")
        recorder = clerk.recorder(Procedure("f", source="legacy"))
        recorder.observe(case())
        recorder.close()
        assert recorder.provenance()["sequences advanced"] == "public.numbers"

    def test_never_set_back_while_others_may_draw(self, legacy: Legacy, clerk: Legacy) -> None:
        """Another session may have drawn the number that we would give out again."""
        legacy.run("GRANT SELECT, UPDATE ON SEQUENCE numbers TO seq_clerk")
        recorder = clerk.recorder(Procedure("f", source="legacy"))
        with psycopg.connect(legacy.dsn, autocommit=True):
            recorder.observe(case())
        recorder.close()
        assert recorder.provenance()["sequences advanced"] == "public.numbers"
        assert self.state(legacy) == [(1, True)]


def test_no_other_session_can_draw_what_a_call_draws(legacy: Legacy) -> None:
    """While a call runs, others wait for its sequences, and then get numbers as if it had not been."""
    legacy.run(
        "CREATE SEQUENCE s",
        routine("BEGIN PERFORM nextval('s'), pg_sleep(0.7); RETURN nextval('s'); END", returns="bigint"),
    )
    drawn: list[int] = []

    def draw() -> None:
        time.sleep(0.4)
        drawn.extend(legacy.run("SELECT nextval('s')")[0])

    other = threading.Thread(target=draw)
    other.start()
    assert legacy.call("f").text == "2"
    other.join()
    assert drawn == [1]
    assert legacy.run("SELECT last_value FROM s") == [(1,)]


def test_a_lock_that_others_hold_is_not_waited_for_long(legacy: Legacy) -> None:
    legacy.run(*SCHEMA, routine("BEGIN PERFORM 1; END"))
    recorder = legacy.recorder(Procedure("f", source="legacy", effects=Tables("ledger")))
    with psycopg.connect(legacy.dsn) as other:
        other.execute("LOCK TABLE ledger IN ROW EXCLUSIVE MODE")
        with pytest.raises(RecordingError) as caught:
            recorder.observe(case())
        assert caught.value.slug == "source-busy"
    assert recorder.observe(case())[0].outcome.how == "returned"


NAMES = [
    'quo"ted',
    "apos'trophe",
    "semi; DROP TABLE victim; --",
    '"; DROP TABLE victim; --',
    "') ; DROP TABLE victim; --",
    "dot.ted",
    ".",
    "a.b.c",
    "par(en)s",
    "f()",
    "f(integer)",
    "per%cent %s %(x)s %%",
    "dollar$1 $$ $body$",
    "brace{0}{}",
    "back\\slash",
    "new\nline",
    " space ",
    "select",
    "NULL",
    "MixedCase",
    "ünï_Ω_\U0001f600",
    "/* comment",
    "-- comment",
    "x" * 63,
    "e\u0301",
]


def test_there_are_twenty_names() -> None:
    assert len(NAMES) >= 20


CENSUS = (
    "SELECT oid, relname, relfilenode, xmin::text FROM pg_class UNION ALL"
    " SELECT oid, proname, 0, xmin::text FROM pg_proc ORDER BY 1, 2",
)
"""Every table, sequence and routine, with what changes when one is touched."""


@pytest.mark.parametrize("name", NAMES)
def test_hostile_names(legacy: Legacy, name: str) -> None:
    """As schema, routine, table, column, parameter and type: found by name, quoted, never executed."""
    quoted = {"name": sql.Identifier(name), "text": sql.Literal(name)}
    with psycopg.connect(legacy.dsn, autocommit=True) as connection:
        for statement in (
            "CREATE TABLE victim (a int)",
            "CREATE SCHEMA {name}",
            "CREATE SCHEMA types",
            "CREATE TYPE types.{name} AS ENUM ('a')",
            "CREATE TABLE {name}.{name} ({name} int PRIMARY KEY)",
            "CREATE SEQUENCE {name}.s",
        ):
            connection.execute(sql.SQL(statement).format(**quoted))
        body = sql.SQL("BEGIN INSERT INTO {name}.{name} VALUES (1); RETURN $1; END").format(**quoted)
        connection.execute(
            sql.SQL(
                'CREATE FUNCTION {name}.{name} ({name} types.{name}, "p\'" int DEFAULT 1)'
                " RETURNS types.{name} LANGUAGE plpgsql AS {body}"
            ).format(body=sql.Literal(body.as_string(connection)), **quoted)
        )
    before = legacy.run(*CENSUS)
    declared = f"{name}.{name}"
    observation = legacy.observe(
        Procedure(declared, source="legacy", effects=Tables(declared)), **{name: "a", "p'": 2}
    )
    assert observation.outcome.how == "returned", observation
    assert observation.outcome.value.text == "a"
    inserted = observation.effects["tables"][declared]["inserted"]
    assert (inserted.columns[0].name, inserted.rows) == (name, (("1",),))
    assert legacy.run(*CENSUS) == before


@pytest.mark.parametrize("name", NAMES)
def test_hostile_names_that_are_not_there(legacy: Legacy, name: str) -> None:
    legacy.run("CREATE TABLE victim (a int)", routine("BEGIN END", "g"))
    before = legacy.run(*CENSUS)
    with pytest.raises(RecordingError) as caught:
        legacy.call(name)
    assert caught.value.slug == "procedure-unknown"
    with pytest.raises(RecordingError) as caught:
        legacy.observe(Procedure("g", source="legacy", effects=Tables(name)))
    assert caught.value.slug == "table-unknown"
    assert legacy.run(*CENSUS) == before


class TestCircumstances:
    """What happens around a recording never becomes a golden."""

    def test_killed_while_it_runs(self, legacy: Legacy) -> None:
        legacy.run(
            *SCHEMA,
            routine("BEGIN INSERT INTO ledger (amount) VALUES (5); PERFORM pg_sleep(10); END"),
            routine("BEGIN PERFORM pg_terminate_backend(pg_backend_pid()); END", "suicide"),
        )
        recorder = legacy.recorder(Procedure("f", source="legacy"))
        killer = threading.Thread(target=self.kill, args=(legacy,))
        killer.start()
        with pytest.raises(RecordingError) as caught:
            recorder.observe(case())
        killer.join()
        assert caught.value.slug == "source-lost"
        with pytest.raises(RecordingError) as caught:
            legacy.call("suicide")
        assert caught.value.slug == "source-lost"

    def kill(self, legacy: Legacy) -> None:
        query = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE wait_event = 'PgSleep'"
        deadline = time.monotonic() + 10
        while not legacy.run(query) and time.monotonic() < deadline:
            time.sleep(0.05)

    def test_the_next_case_connects_again(self, legacy: Legacy) -> None:
        legacy.run(
            "CREATE FUNCTION f(a bool) RETURNS int LANGUAGE plpgsql AS"
            " $$ BEGIN IF a THEN PERFORM pg_terminate_backend(pg_backend_pid()); END IF; RETURN 1; END $$"
        )
        recorder = legacy.recorder(Procedure("f", source="legacy"))
        with pytest.raises(RecordingError):
            recorder.observe(case(a=True))
        assert recorder.observe(case(a=False))[0].outcome.value.text == "1"

    def test_too_slow(self, legacy: Legacy) -> None:
        legacy.run(routine("BEGIN PERFORM pg_sleep(10); END"))
        slow = Legacy(legacy.dsn + " options=-cstatement_timeout=200ms")
        with pytest.raises(RecordingError) as caught:
            slow.call("f")
        assert caught.value.slug == "source-too-slow"

    def test_a_right_that_the_recording_role_lacks(self, legacy: Legacy) -> None:
        legacy.run(
            *SCHEMA,
            routine("BEGIN DELETE FROM ledger; END"),
            "CREATE ROLE nobody_special LOGIN",
        )
        stranger = Legacy(legacy.dsn.replace("user=postgres", "user=nobody_special"))
        with pytest.raises(RecordingError, match="permission denied for table ledger") as caught:
            stranger.call("f")
        assert caught.value.slug == "source-forbidden"
        legacy.run("DROP ROLE nobody_special")


INTERRUPTED = """
    import sys
    sys.path.insert(0, sys.argv[2])
    from legacy_database import Legacy, case
    from pytest_characterize.descriptors import Procedure

    recorder = Legacy(sys.argv[1]).recorder(Procedure("f", source="legacy"))
    print("calling", flush=True)
    try:
        recorder.observe(case())
    except KeyboardInterrupt:
        recorder.close()
        print("interrupted", flush=True)
"""


def test_ctrl_c(legacy: Legacy, dump: Dump) -> None:
    """The call is cancelled on the server and rolled back, at once."""
    legacy.run(
        *SCHEMA, routine("BEGIN PERFORM nextval('numbers'); DELETE FROM ledger; PERFORM pg_sleep(30); END")
    )
    before = dump(legacy)
    process = subprocess.Popen(
        [sys.executable, "-c", textwrap.dedent(INTERRUPTED), legacy.dsn, str(Path(__file__).parent)],
        env={**os.environ, "PYTHONPATH": import_path()},
        stdout=subprocess.PIPE,
        text=True,
    )
    sleeping = "SELECT count(*) FROM pg_stat_activity WHERE wait_event = 'PgSleep'"
    deadline = time.monotonic() + 20
    while legacy.run(sleeping) == [(0,)] and time.monotonic() < deadline:
        time.sleep(0.05)
    process.send_signal(signal.SIGINT)
    output, _ = process.communicate(timeout=20)
    assert output == "calling\ninterrupted\n"
    assert legacy.run(sleeping) == [(0,)]
    assert dump(legacy) == before


class TestTheSource:
    SECRET = "p4ss-w0rd"

    def recorder_error(self, legacy: Legacy, dsn: str, **source: object) -> RecordingError:
        with pytest.raises(RecordingError) as caught:
            legacy.recorder(Query("SELECT 1", source="legacy"), dsn=dsn, **source)
        assert self.SECRET not in str(caught.value)
        assert "nowhere" not in str(caught.value)
        assert "\n" not in str(caught.value)
        return caught.value

    @pytest.mark.parametrize(
        ("dsn", "told"),
        [
            ("host=127.0.0.1 port=1 dbname=x password=p4ss-w0rd", "nothing accepts connections there"),
            ("host=/nowhere dbname=x password=p4ss-w0rd", "there is no such socket"),
            ("host=nowhere.invalid dbname=x password=p4ss-w0rd", "the name of its host is not known"),
        ],
    )
    def test_down(self, legacy: Legacy, dsn: str, told: str) -> None:
        hosts = ("127.0.0.1", "/nowhere", "nowhere.invalid")
        error = self.recorder_error(legacy, dsn, hosts=hosts)
        assert error.slug == "source-down"
        assert told in str(error)

    def test_the_context_does_not_show_its_address(self, legacy: Legacy) -> None:
        context = legacy.context(dsn=f"host=x dbname=y password={self.SECRET}")
        assert context.address.endswith(self.SECRET)
        assert self.SECRET not in repr(context)

    def test_no_such_database(self, legacy: Legacy) -> None:
        error = self.recorder_error(legacy, legacy.dsn + "_nowhere password=p4ss-w0rd")
        assert error.slug == "source-down"
        assert "no such database or role" in str(error)

    def test_not_allowed(self, legacy: Legacy) -> None:
        assert self.recorder_error(legacy, legacy.dsn, hosts=("db.test",)).slug == "source-not-allowed"

    def test_of_another_kind(self, legacy: Legacy) -> None:
        error = self.recorder_error(legacy, "http://nowhere", kind="http")
        assert error.slug == "source-wrong-kind"

    def test_the_session_is_pinned(self, legacy: Legacy) -> None:
        legacy.run("ALTER DATABASE " + legacy.dsn.split("dbname=")[1] + " SET TimeZone = 'Asia/Tokyo'")
        told = legacy.select(
            "SELECT current_setting('TimeZone'), current_setting('DateStyle'), current_setting('IntervalStyle'),"
            " current_setting('bytea_output'), current_setting('extra_float_digits'), current_setting('lc_monetary'),"
            " current_setting('client_encoding'), current_setting('statement_timeout')"
        )
        assert told.rows == (("UTC", "ISO, YMD", "iso_8601", "hex", "1", "C", "UTF8", "1min"),)
