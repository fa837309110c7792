"""Recording leaves the legacy database as it was, or says that it could not."""

from __future__ import annotations

import contextlib
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
from harmful_routines import ESCAPED, MORE, NAMES, REFUSED, RUNS, SCHEMA
from legacy_database import Legacy, case
from psycopg import sql
from serving import import_path

from pytest_characterize.descriptors import Procedure, Query, Tables
from pytest_characterize.errors import RecordingError
from pytest_characterize.values import Cell

Dump = Callable[[Legacy], str]


def routine(body: str, name: str = "f", returns: str = "void") -> str:
    return f"CREATE FUNCTION {name}() RETURNS {returns} LANGUAGE plpgsql AS $body$ {body} $body$"


@pytest.mark.parametrize("body", RUNS.values(), ids=RUNS)
def test_the_database_is_the_same_afterwards(legacy: Legacy, dump: Dump, body: str) -> None:
    legacy.run(*SCHEMA, *MORE, routine(f"BEGIN {body} END"))
    before = dump(legacy), legacy.run(*STATE)
    alone = legacy.recorder(Procedure("f", source="legacy"))
    first, second = (alone.observe(case())[0] for _ in range(2))
    watching = legacy.recorder(Procedure("f", source="legacy", effects=Tables("ledger")))
    assert watching.observe(case())[0].outcome == first.outcome
    assert (dump(legacy), legacy.run(*STATE)) == before
    assert first == second, "a case must not depend on those before it"
    assert "sequences advanced" not in alone.provenance()


@pytest.mark.parametrize(
    "body", ["DROP TABLE ledger CASCADE; DROP SEQUENCE numbers;", "DROP OWNED BY CURRENT_USER;"]
)
def test_a_call_that_drops_a_watched_table(legacy: Legacy, dump: Dump, body: str) -> None:
    legacy.run(*SCHEMA, *MORE, routine(f"BEGIN {body} END"))
    before = dump(legacy), legacy.run(*STATE)
    legacy.observe(Procedure("f", source="legacy"))
    with contextlib.suppress(RecordingError):
        observation = legacy.observe(Procedure("f", source="legacy", effects=Tables("ledger")))
        assert observation.outcome.how == "raised", "rows of a table that is gone cannot be told"
    assert (dump(legacy), legacy.run(*STATE)) == before


@pytest.mark.parametrize("body", REFUSED.values(), ids=REFUSED)
def test_what_no_rollback_undoes_is_refused(legacy: Legacy, dump: Dump, body: str) -> None:
    """Also where another routine says it, which the called one reaches."""
    legacy.run(
        *SCHEMA,
        *MORE,
        routine(f"BEGIN {body} END"),
        routine("BEGIN PERFORM f(); RETURN 1; END", "outer_one", "int"),
    )
    before = dump(legacy), legacy.run(*STATE)
    for declared in (
        Procedure("f", source="legacy"),
        Procedure("outer_one", source="legacy", effects=Tables("ledger")),
        Query("SELECT outer_one()", source="legacy"),
    ):
        with pytest.raises(RecordingError, match="was not run: no rollback undoes what it says") as caught:
            legacy.observe(declared)
        assert caught.value.slug == "cannot-be-undone"
        assert "\n" not in str(caught.value)
    assert (dump(legacy), legacy.run(*STATE)) == before
    assert not Path(ESCAPED).exists()


@pytest.mark.parametrize(
    "body",
    [
        "-- COPY ledger TO '/tmp/x'\n PERFORM 1;",
        "/* dblink_exec('x') */ PERFORM 1;",
        "RAISE NOTICE 'copy sent to %', 'x';",
        "RAISE EXCEPTION 'a copy went to (%)', 'x';",
        "INSERT INTO ledger (amount) VALUES (1); /* COPY */ DELETE FROM ledger;",
        "CREATE TABLE copy (dblink int, lo_export int); INSERT INTO copy (dblink) VALUES (1);",
    ],
)
def test_words_that_only_look_like_it(legacy: Legacy, body: str) -> None:
    legacy.run(*SCHEMA, routine(f"BEGIN {body} END"))
    assert legacy.observe(Procedure("f", source="legacy")).outcome.how in ("returned", "raised")


def test_there_are_as_many_as_promised() -> None:
    assert len({*RUNS.values(), *REFUSED.values()}) >= 50
    assert len(set(NAMES)) >= 80


@pytest.mark.parametrize(
    "body",
    ["PERFORM pg_sleep(30);", "LOCK TABLE ledger; PERFORM pg_sleep(30);", "LOOP PERFORM 1; END LOOP;"],
)
def test_a_call_that_goes_on_and_on(legacy: Legacy, dump: Dump, body: str) -> None:
    """It ends with the limit of the source, and its locks with it."""
    legacy.run(*SCHEMA, routine(f"BEGIN DELETE FROM ledger; {body} END"))
    before = dump(legacy)
    hasty = Legacy(f"{legacy.dsn} options='-c statement_timeout=300ms'")
    with pytest.raises(RecordingError) as caught:
        hasty.observe(Procedure("f", source="legacy"))
    assert caught.value.slug == "source-too-slow"
    assert dump(legacy) == before


def test_a_lock_that_legacy_waits_for(legacy: Legacy) -> None:
    legacy.run(*SCHEMA, routine("BEGIN SET LOCAL lock_timeout = '50ms'; DELETE FROM ledger; END"))
    with psycopg.connect(legacy.dsn) as other:
        other.execute("LOCK TABLE ledger")
        with pytest.raises(RecordingError) as caught:
            legacy.observe(Procedure("f", source="legacy"))
    assert caught.value.slug == "source-busy"


@pytest.mark.parametrize("body", ["DISCARD TEMP;", "DROP TABLE pg_temp.characterize_log;"])
def test_a_call_that_throws_our_log_away(legacy: Legacy, body: str) -> None:
    """Its effects are not lost with it: whole tables are compared, or the case is refused."""
    legacy.run(
        *SCHEMA,
        routine(
            f"BEGIN DELETE FROM ledger WHERE id = 1; BEGIN {body} EXCEPTION WHEN undefined_table THEN NULL; END; END"
        ),
    )
    watching = Procedure("f", source="legacy", effects=Tables("ledger"))
    if body.startswith("DROP"):
        changes = legacy.observe(watching).effects["tables"]["ledger"]
        assert changes["deleted"].rows == (("1", "1", "1.00"),)
    else:
        with pytest.raises(RecordingError) as caught:
            legacy.observe(watching)
        assert caught.value.slug == "effects-unobservable"


STATE = (
    "SELECT (SELECT array_agg(r::text ORDER BY rolname) FROM pg_authid AS r),"
    " (SELECT array_agg(s::text ORDER BY 1) FROM pg_db_role_setting AS s),"
    " (SELECT array_agg(d::text) FROM pg_database AS d WHERE datname = current_database()),"
    " (SELECT count(*) FROM pg_replication_slots), (SELECT count(*) FROM pg_prepared_xacts),"
    " (SELECT count(*) FROM pg_largeobject_metadata), (SELECT array_agg(name || setting) FROM pg_file_settings),"
    " (SELECT count(*) FROM pg_locks WHERE locktype = 'advisory'), (SELECT array_agg(n ORDER BY n) FROM"
    " (SELECT last_value || is_called::text || log_cnt AS n FROM numbers UNION ALL"
    "  SELECT last_value || is_called::text || log_cnt FROM used UNION ALL"
    "  SELECT last_value || is_called::text || log_cnt FROM ledger_id_seq) AS x)",
)
"""What no dump shows: the roles and databases of the server, locks, and the inside of sequences."""


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


def test_hostile_names_that_are_not_there(legacy: Legacy) -> None:
    legacy.run("CREATE TABLE victim (a int)", routine("BEGIN END", "g"))
    before = legacy.run(*CENSUS)
    for name in NAMES:
        with pytest.raises(RecordingError) as caught:
            legacy.call(name)
        assert caught.value.slug == "procedure-unknown"
        with pytest.raises(RecordingError) as caught:
            legacy.observe(Procedure("g", source="legacy", effects=Tables(name)))
        assert caught.value.slug == "table-unknown"
    assert legacy.run(*CENSUS) == before


BY_ITSELF = "EXECUTE 'SELECT pg_' || 'terminate_backend(pg_backend_pid())';"
"""In pieces, as a routine that says so plainly is not run at all."""


class TestCircumstances:
    """What happens around a recording never becomes a golden."""

    def test_killed_while_it_runs(self, legacy: Legacy) -> None:
        legacy.run(
            *SCHEMA,
            routine("BEGIN INSERT INTO ledger (amount) VALUES (5); PERFORM pg_sleep(10); END"),
            routine(f"BEGIN {BY_ITSELF} END", "suicide"),
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
            f" $$ BEGIN IF a THEN {BY_ITSELF} END IF; RETURN 1; END $$"
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
