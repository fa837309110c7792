"""Stored functions and procedures of MariaDB: what they answer, and that nothing of them stays."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from typing import Any

import pytest
from legacy_database import case
from legacy_maria import LegacyMaria

from pytest_characterize.compare.natural import natural
from pytest_characterize.descriptors import Procedure, Tables
from pytest_characterize.errors import RecordingError
from pytest_characterize.recording.protocols import ClockedRecorder
from pytest_characterize.values import Cell, Column, Raised, Rows, Value


def cell(type_name: str, text: str | None) -> Cell:
    return Cell("mysql", type_name, text)


class TestResults:
    def test_a_function(self, maria: LegacyMaria) -> None:
        maria.run("CREATE FUNCTION fee(p DECIMAL(10,2)) RETURNS DECIMAL(10,2) RETURN ROUND(p * 0.05, 2)")
        assert maria.call("fee", p=Decimal("100.10")) == cell("decimal(10,2)", "5.01")
        assert maria.call(f"{maria.database}.FEE", p=None) == cell("decimal(10,2)", None)

    @pytest.mark.parametrize(
        ("type_name", "given", "text", "value"),
        [
            ("int(11)", -7, "-7", -7),
            ("bigint(20) unsigned", 2**64 - 1, str(2**64 - 1), 2**64 - 1),
            ("decimal(30,10)", Decimal("1E-10"), "0.0000000001", Decimal("1E-10")),
            ("double", 0.1, "0.1", 0.1),
            ("double", 1e300, "1e300", 1e300),
            ("tinyint(1)", True, "1", True),
            ("tinyint(1)", 5, "5", 5),
            ("varchar(40)", "a'b\\n\"`\x00%s ü😀", "a'b\\n\"`\x00%s ü😀", "a'b\\n\"`\x00%s ü😀"),
            ("varbinary(9)", b"\x00\xff'", "0x00ff27", b"\x00\xff'"),
            ("bit(9)", 257, "257", 257),
            ("date", date(2024, 2, 29), "2024-02-29", date(2024, 2, 29)),
            ("datetime(6)", datetime(2024, 1, 2, 3, 4, 5, 6), "2024-01-02 03:04:05.000006", None),
            ("time", time(23, 59, 1), "23:59:01", time(23, 59, 1)),
            ("time(3)", -timedelta(hours=30, milliseconds=5), "-30:00:00.005", None),
            ("year(4)", 1999, "1999", 1999),
            ("enum('a','b')", "b", "b", "b"),
            ("longtext", {"a": [1, None]}, '{"a": [1, null]}', None),
        ],
    )
    def test_values_arrive_and_come_back_exactly(
        self, maria: LegacyMaria, type_name: str, given: Value, text: str, value: Value
    ) -> None:
        maria.run(f"CREATE FUNCTION same(p {type_name}) RETURNS {type_name} RETURN p")
        got = maria.call("same", p=given)
        assert got == cell(type_name, text)
        assert natural(got) == (given if value is None and type_name != "longtext" else value or text)

    def test_out_and_inout(self, maria: LegacyMaria) -> None:
        maria.run(
            "CREATE PROCEDURE p(IN a INT, INOUT b DECIMAL(8,2), OUT c DATE, OUT d VARCHAR(9))"
            " BEGIN SET b = b + a; SET c = '2024-03-01'; END"
        )
        assert maria.call("p", a=2, b=Decimal("1.50")) == {
            "b": cell("decimal(8,2)", "3.50"),
            "c": cell("date", "2024-03-01"),
            "d": cell("varchar(9)", None),
        }

    def test_one_result_set(self, maria: LegacyMaria) -> None:
        maria.run(
            "CREATE TABLE t (id INT UNSIGNED PRIMARY KEY, price DECIMAL(8,2), name VARCHAR(9), paid BOOLEAN)",
            "INSERT INTO t VALUES (1, 2.50, 'x', TRUE), (2, NULL, '', FALSE)",
            "CREATE PROCEDURE p() SELECT * FROM t ORDER BY id DESC",
        )
        columns = [
            ("id", "int unsigned"),
            ("price", "decimal(8,2)"),
            ("name", "varchar"),
            ("paid", "tinyint(1)"),
        ]
        assert maria.call("p") == Rows(
            "mysql",
            tuple(Column(*column) for column in columns),
            (("2", None, "", "0"), ("1", "2.50", "x", "1")),
        )

    def test_several_result_sets_and_outputs(self, maria: LegacyMaria) -> None:
        maria.run(
            "CREATE PROCEDURE two() BEGIN SELECT 1 AS a; SELECT 'x' AS b, 2 AS b; END",
            "CREATE PROCEDURE both_kinds(OUT n INT) BEGIN SELECT 1 AS a; SET n = 9; END",
            "CREATE PROCEDURE nothing() BEGIN END",
        )
        first, second = maria.call("two")
        assert (first.rows, second.rows) == ((("1",),), (("x", "2"),))
        both = maria.call("both_kinds")
        assert both["n"] == cell("int(11)", "9")
        assert [found.rows for found in both["result_sets"]] == [(("1",),)]
        assert maria.call("nothing") is None

    def test_cursors_and_handlers(self, maria: LegacyMaria) -> None:
        maria.run(
            "CREATE TABLE t (n INT)",
            "INSERT INTO t VALUES (1), (2), (3)",
            "CREATE FUNCTION total() RETURNS INT READS SQL DATA BEGIN"
            " DECLARE done, v, s INT DEFAULT 0;"
            " DECLARE c CURSOR FOR SELECT n FROM t;"
            " DECLARE CONTINUE HANDLER FOR NOT FOUND SET done = 1;"
            " OPEN c; r: LOOP FETCH c INTO v; IF done THEN LEAVE r; END IF; SET s = s + v; END LOOP;"
            " CLOSE c; RETURN s; END",
        )
        assert maria.call("total") == cell("int(11)", "6")

    def test_legacys_sql_mode_is_behaviour(self, maria: LegacyMaria) -> None:
        maria.run(
            "SET sql_mode = 'ANSI_QUOTES,NO_BACKSLASH_ESCAPES'",
            """CREATE FUNCTION f("the value" VARCHAR(20)) RETURNS VARCHAR(30) RETURN CONCAT("the value", '\\')""",
        )
        recorder = maria.recorder(Procedure("f", source="legacy"), args={"the value": "v"})
        observation, _ = recorder.observe(case(v="'a\\'"))
        assert observation.outcome.value == cell("varchar(30)", "'a\\'\\")


class TestMessages:
    def test_warnings_without_their_lines(self, maria: LegacyMaria) -> None:
        maria.run(
            "CREATE PROCEDURE p() BEGIN"
            " SIGNAL SQLSTATE '01000' SET MESSAGE_TEXT = 'look out', MYSQL_ERRNO = 1642; END"
        )
        assert maria.observe(Procedure("p", source="legacy")).notices == (
            {"severity": "Warning", "code": "1642", "message": "look out"},
        )

    def test_an_error_of_legacy(self, maria: LegacyMaria) -> None:
        maria.run(
            "CREATE PROCEDURE p() BEGIN"
            " SIGNAL SQLSTATE '45001' SET MESSAGE_TEXT = 'zu spät', TABLE_NAME = 'ledger'; END"
        )
        assert maria.fail("p") == Raised(("45001",), "zu spät", "45001", {"errno": 1644, "table": "ledger"})

    def test_an_error_of_the_server(self, maria: LegacyMaria) -> None:
        maria.run(
            "CREATE TABLE t (n INT PRIMARY KEY)",
            "CREATE PROCEDURE p(n INT) BEGIN INSERT INTO t VALUES (n); INSERT INTO t VALUES (n); END",
        )
        raised = maria.fail("p", n=7)
        assert (raised.types, raised.code, raised.details) == (("dup_entry",), "23000", {"errno": 1062})
        assert raised.message == "Duplicate entry '7' for key 'PRIMARY'"
        assert maria.run("SELECT * FROM t") == []

    def test_an_error_that_counts_rows(self, maria: LegacyMaria) -> None:
        """Its number does not depend on what was read before the call, by us or of the tables."""
        maria.run(
            "CREATE TABLE t (n INT)",
            "INSERT INTO t VALUES (1), (2), (3)",
            "CREATE PROCEDURE p(IN short VARCHAR(3)) BEGIN END",
        )
        for tables in ((), ("t",)):
            effects = Tables(*tables) if tables else None
            raised = maria.observe(
                Procedure("p", source="legacy", effects=effects), short="long"
            ).outcome.value
            assert raised.message == "Data too long for column 'short' at row 1"

    def test_an_error_that_is_handled_and_raised_anew(self, maria: LegacyMaria) -> None:
        maria.run(
            "CREATE TABLE t (n INT PRIMARY KEY)",
            "CREATE PROCEDURE p() BEGIN"
            " DECLARE EXIT HANDLER FOR SQLEXCEPTION"
            "  RESIGNAL SQLSTATE '45009' SET MESSAGE_TEXT = 'booking failed', MYSQL_ERRNO = 5000;"
            " INSERT INTO t VALUES (1), (1); END",
        )
        observation = maria.observe(Procedure("p", source="legacy"))
        raised = observation.outcome.value
        assert (raised.code, raised.message) == ("45009", "booking failed")
        assert [notice["code"] for notice in observation.notices] == ["1062"]


LEDGER = (
    "CREATE TABLE customer (id INT PRIMARY KEY, name VARCHAR(20))",
    "CREATE TABLE ledger (id INT PRIMARY KEY, customer INT, amount DECIMAL(8,2), rate FLOAT,"
    " FOREIGN KEY (customer) REFERENCES customer (id) ON DELETE CASCADE)",
    "CREATE TABLE log (text VARCHAR(20))",
    "INSERT INTO customer VALUES (1, 'a'), (2, 'b')",
    "INSERT INTO ledger VALUES (1, 1, 5, 16777216), (2, 2, 6, 1), (10, 2, 7, 1)",
    "INSERT INTO log VALUES ('x'), ('x'), (NULL)",
)


class TestEffects:
    def changes(self, maria: LegacyMaria, body: str, *tables: str) -> Value:
        maria.run(*LEDGER, f"CREATE PROCEDURE p() BEGIN {body} END")
        before = maria.checksum("customer", "ledger", "log")
        observation = maria.observe(Procedure("p", source="legacy", effects=Tables(*tables)))
        assert maria.checksum("customer", "ledger", "log") == before
        return {
            table: {sort: rows.rows for sort, rows in changes.items() if rows.rows}
            for table, changes in observation.effects["tables"].items()
        }

    def test_rows_before_and_after(self, maria: LegacyMaria) -> None:
        body = (
            "INSERT INTO ledger VALUES (11, 1, 9, NULL), (3, 1, 8.5, NULL);"
            "UPDATE ledger SET amount = amount + 1 WHERE id = 1; DELETE FROM ledger WHERE id = 2;"
        )
        assert self.changes(maria, body, "ledger") == {
            "ledger": {
                "inserted": (("3", "1", "8.50", None), ("11", "1", "9.00", None)),
                "deleted": (("2", "2", "6.00", "1"),),
                "before": (("1", "1", "5.00", "16777200"),),
                "after": (("1", "1", "6.00", "16777200"),),
            }
        }

    def test_what_foreign_keys_cascade(self, maria: LegacyMaria) -> None:
        changes = self.changes(maria, "DELETE FROM customer WHERE id = 2;", "customer", "ledger")
        assert [row[0] for row in changes["ledger"]["deleted"]] == ["2", "10"]
        assert changes["customer"] == {"deleted": (("2", "b"),)}

    def test_rows_without_a_key(self, maria: LegacyMaria) -> None:
        body = "DELETE FROM log WHERE text = 'x' LIMIT 1; INSERT INTO log VALUES (NULL);"
        assert self.changes(maria, body, "log") == {"log": {"deleted": (("x",),), "inserted": ((None,),)}}

    def test_a_float_that_changes_beyond_its_text(self, maria: LegacyMaria) -> None:
        changes = self.changes(maria, "UPDATE ledger SET rate = 16777218 WHERE id = 1;", "ledger")
        assert changes["ledger"]["after"] == (("1", "1", "5.00", "16777200"),)

    def test_an_error_does_not_undo_what_was_done_before_it(self, maria: LegacyMaria) -> None:
        """Unlike in PostgreSQL, an error ends the call but keeps its earlier changes."""
        body = "INSERT INTO log VALUES ('kept'); SIGNAL SQLSTATE '45000';"
        assert self.changes(maria, body, "log") == {"log": {"inserted": (("kept",),)}}

    @pytest.mark.parametrize(
        ("body", "touched"),
        [
            ("SELECT * FROM ledger; UPDATE ledger SET amount = amount;", []),
            ("INSERT INTO log VALUES ('y');", ["log"]),
            ("DELETE FROM customer WHERE id = 2;", ["customer", "ledger"]),
            ("UPDATE seen SET name = 'c';", ["audit", "customer"]),
            ("CALL helper();", ["log"]),
            ("INSERT INTO {other}.`far.away` VALUES (2);", ["{other}.far.away"]),
            ("CREATE TEMPORARY TABLE log (text INT); INSERT INTO log VALUES (1);", []),
            ("SAVEPOINT s; DELETE FROM log; ROLLBACK TO s; INSERT INTO audit VALUES ('x');", ["audit"]),
            ("INSERT INTO log VALUES ('y'); SIGNAL SQLSTATE '45000';", ["log"]),
            ("EXECUTE IMMEDIATE 'DELETE FROM log';", None),
        ],
    )
    def test_tables_that_are_found(self, maria: LegacyMaria, body: str, touched: list[str] | None) -> None:
        other = f"{maria.database}_other"
        maria.run(
            *LEDGER,
            "CREATE TABLE audit (what VARCHAR(20))",
            "CREATE VIEW seen AS SELECT * FROM customer WHERE id = 1",
            "CREATE TRIGGER audits AFTER UPDATE ON customer FOR EACH ROW INSERT INTO audit VALUES ('update')",
            "CREATE PROCEDURE helper() DELETE FROM log",
            f"CREATE DATABASE {other}",
            f"CREATE TABLE {other}.`far.away` (n INT)",
            f"CREATE PROCEDURE p() BEGIN {body.replace('{other}', other)} END",
        )
        found = Procedure("p", source="legacy", effects=Tables.touched())
        try:
            if touched is None:
                with pytest.raises(RecordingError, match="may run dynamic SQL") as caught:
                    maria.observe(found)
                assert caught.value.slug == "effects-unobservable"
            else:
                changes = maria.observe(found).effects["tables"]
                assert list(changes) == [name.replace("{other}", other) for name in touched]
        finally:
            maria.run(f"DROP DATABASE {other}")

    @pytest.mark.parametrize(
        ("tables", "slug"), [(("ledgr",), "table-unknown"), (("old",), "table-not-transactional")]
    )
    def test_tables_that_cannot_be_watched(
        self, maria: LegacyMaria, tables: tuple[str, ...], slug: str
    ) -> None:
        maria.run(*LEDGER, "CREATE TABLE old (n INT) ENGINE=MyISAM", "CREATE PROCEDURE p() BEGIN END")
        with pytest.raises(RecordingError) as caught:
            maria.recorder(Procedure("p", source="legacy", effects=Tables(*tables)))
        assert caught.value.slug == slug


HARM = {
    "COMMIT;": "COMMIT",
    "ROLLBACK;": "ROLLBACK",
    "ROLLBACK WORK;": "ROLLBACK WORK",
    "START TRANSACTION; INSERT INTO t VALUES (9);": "START TRANSACTION",
    "IF TRUE THEN COMMIT; END IF;": "COMMIT",
    "IF FALSE THEN BEGIN END; ELSE COMMIT; END IF;": "COMMIT",
    "DECLARE EXIT HANDLER FOR SQLEXCEPTION ROLLBACK; INSERT INTO t VALUES (9);": "ROLLBACK",
    "DECLARE EXIT HANDLER FOR 1062 ROLLBACK; INSERT INTO t VALUES (9);": "ROLLBACK",
    "DECLARE dup CONDITION FOR 1062; DECLARE EXIT HANDLER FOR dup ROLLBACK; SET @a = 1;": "ROLLBACK",
    "/*!50000 COMMIT */;": "COMMIT",
    "l: LOOP COMMIT; LEAVE l; END LOOP;": "COMMIT",
    "CREATE TABLE u (n INT);": "CREATE TABLE u",
    "CREATE OR REPLACE TABLE u (n INT);": "CREATE OR REPLACE",
    "DROP TABLE t;": "DROP TABLE t",
    "ALTER TABLE t ADD m INT;": "ALTER TABLE t",
    "TRUNCATE TABLE t;": "TRUNCATE TABLE t",
    "TRUNCATE t;": "TRUNCATE t",
    "RENAME TABLE t TO u;": "RENAME TABLE t",
    "CREATE INDEX i ON t (n);": "CREATE INDEX i",
    "GRANT SELECT ON *.* TO x;": "GRANT SELECT ON",
    "SET autocommit = 1;": "SET autocommit =",
    "SET @@session.autocommit = 0;": "SET @@session.autocommit =",
    "ANALYZE TABLE t;": "ANALYZE TABLE t",
    "FLUSH TABLES;": "FLUSH TABLES ;",
}
BEYOND = {
    "SET GLOBAL max_connections = 40;": "SET GLOBAL max_connections",
    "SET @@global.max_connections = 40;": "setting of the whole server",
    "SELECT 1 INTO OUTFILE '/tmp/never';": "INTO OUTFILE",
    "INSERT INTO old VALUES (1);": "old takes no part",
    "UPDATE old SET n = 2;": "old takes no part",
    "SELECT nextval(s);": "s takes no part",
    "SELECT NEXT VALUE FOR s;": "s takes no part",
}
DYNAMIC = (
    "PREPARE q FROM 'COMMIT'; EXECUTE q;",
    "EXECUTE IMMEDIATE CONCAT('TRUN', 'CATE t');",
    "DECLARE CONTINUE HANDLER FOR SQLEXCEPTION BEGIN END; EXECUTE IMMEDIATE 'DROP TABLE t';",
    "DECLARE CONTINUE HANDLER FOR SQLEXCEPTION BEGIN END; EXECUTE IMMEDIATE 'COMMIT'; SET @x = 1;",
    "DECLARE CONTINUE HANDLER FOR SQLEXCEPTION BEGIN END; EXECUTE IMMEDIATE 'CREATE TABLE u (n INT)';",
)


class TestClock:
    def test_the_moment_is_what_the_routine_and_its_tables_saw(self, maria: LegacyMaria) -> None:
        maria.run(
            "CREATE TABLE log (id int PRIMARY KEY, at datetime(6) DEFAULT current_timestamp(6))",
            "CREATE PROCEDURE p(OUT seen datetime(6), OUT later datetime(6)) BEGIN SET seen = now(6);"
            " DO sleep(0.02); INSERT INTO log (id) VALUES (1); SELECT at INTO later FROM log; END",
        )
        recorder = maria.recorder(Procedure("p", source="legacy"))
        assert isinstance(recorder, ClockedRecorder)
        assert recorder.moment() is None
        before = datetime.now(UTC)
        seen = set()
        for _ in range(2):
            value: Any = recorder.observe(case())[0].outcome.value
            told = recorder.moment()
            assert told is not None
            assert [datetime.fromisoformat(f"{cell.text}+00:00") for cell in value.values()] == [told, told]
            seen.add(told)
        assert len(seen) == 2
        assert all(abs(told - before) < timedelta(minutes=1) for told in seen)

    def test_the_clock_of_the_server_goes_on(self, maria: LegacyMaria) -> None:
        maria.run("CREATE FUNCTION f() RETURNS int RETURN now(6) <> sysdate(6)")
        assert maria.call("f") == cell("int(11)", "1")


class TestHarmless:
    @pytest.fixture
    def guarded(self, maria: LegacyMaria) -> LegacyMaria:
        maria.run(
            "CREATE TABLE t (n INT)",
            "INSERT INTO t VALUES (1), (2)",
            "CREATE TABLE old (n INT) ENGINE=MyISAM",
            "INSERT INTO old VALUES (1)",
            "CREATE SEQUENCE s",
        )
        return maria

    def refused(self, maria: LegacyMaria) -> RecordingError:
        before = maria.checksum("t", "old"), maria.run("SHOW TABLES")
        with pytest.raises(RecordingError) as caught:
            maria.observe(Procedure("p", source="legacy"))
        assert (maria.checksum("t", "old"), maria.run("SHOW TABLES")) == before
        return caught.value

    @pytest.mark.parametrize("body", HARM)
    def test_what_ends_the_transaction_is_refused_before_it_runs(
        self, guarded: LegacyMaria, body: str
    ) -> None:
        guarded.run(f"CREATE PROCEDURE p() BEGIN {body} END")
        error = self.refused(guarded)
        assert error.slug == "procedure-commits"
        assert HARM[body].removesuffix(" ;") in error.message
        assert "dynamic" not in error.message

    def test_a_body_of_one_statement(self, guarded: LegacyMaria) -> None:
        guarded.run("CREATE PROCEDURE p() COMMENT 'x' COMMIT")
        assert self.refused(guarded).slug == "procedure-commits"

    @pytest.mark.parametrize("body", BEYOND)
    def test_what_lies_beyond_a_transaction_is_refused(self, guarded: LegacyMaria, body: str) -> None:
        guarded.run(f"CREATE PROCEDURE p() BEGIN {body} END")
        error = self.refused(guarded)
        assert error.slug == "cannot-be-undone"
        assert BEYOND[body] in error.message

    @pytest.mark.parametrize("body", DYNAMIC)
    def test_what_dynamic_sql_hides_is_refused_by_the_server(self, guarded: LegacyMaria, body: str) -> None:
        guarded.run(f"CREATE PROCEDURE p() BEGIN {body} END")
        error = self.refused(guarded)
        assert error.slug == "procedure-commits"
        assert "dynamic SQL" in error.message

    def test_a_change_that_stays_is_told(self, guarded: LegacyMaria) -> None:
        guarded.run("CREATE PROCEDURE p() EXECUTE IMMEDIATE CONCAT('DELETE FROM ', 'old')")
        with pytest.raises(RecordingError) as caught:
            guarded.observe(Procedure("p", source="legacy"))
        assert caught.value.slug == "procedure-not-undone"

    def test_what_a_called_routine_does(self, guarded: LegacyMaria) -> None:
        guarded.run(
            "CREATE PROCEDURE inner_one() COMMIT",
            "CREATE PROCEDURE `Middle`() BEGIN CALL INNER_ONE(); END",
            f"CREATE PROCEDURE p() BEGIN CALL `{guarded.database}`.middle; END",
        )
        error = self.refused(guarded)
        assert f"COMMIT (in {guarded.database}.inner_one, which it may run)" in error.message

    def test_what_a_trigger_does_behind_a_view(self, guarded: LegacyMaria) -> None:
        guarded.run(
            "CREATE VIEW v AS SELECT n FROM t",
            "CREATE TRIGGER watch AFTER INSERT ON t FOR EACH ROW INSERT INTO old VALUES (NEW.n)",
            "CREATE PROCEDURE p() INSERT INTO v VALUES (9)",
        )
        error = self.refused(guarded)
        assert error.slug == "cannot-be-undone"
        assert "watch, which it may run" in error.message

    def test_what_only_looks_like_harm(self, guarded: LegacyMaria) -> None:
        guarded.run(
            "CREATE TABLE log (`commit` INT, `drop` VARCHAR(40))",
            "CREATE PROCEDURE p() BEGIN -- COMMIT;\n"
            " # DROP TABLE t;\n"
            " DECLARE EXIT HANDLER FOR SQLEXCEPTION BEGIN END;"
            " SAVEPOINT here; INSERT INTO log (`commit`, `drop`) SELECT TRUNCATE(n, 0), '; COMMIT; ' FROM t;"
            " ROLLBACK TO SAVEPOINT here; /* COMMIT; */"
            " CREATE TEMPORARY TABLE tmp (n INT); INSERT INTO tmp SELECT n FROM t FOR UPDATE;"
            " DROP TEMPORARY TABLE tmp;"
            " SELECT CASE WHEN 1 THEN TRUNCATE(1.5, 0) ELSE REPLACE('a', 'a', 'b') END AS x FROM old;"
            " SET @last = 1; END",
        )
        assert guarded.call("p").rows == (("1",),)

    def test_no_case_sees_another(self, guarded: LegacyMaria) -> None:
        guarded.run(
            "CREATE PROCEDURE p() BEGIN SELECT COUNT(*) AS n, @seen AS seen, @@sql_mode = '' AS mode FROM t;"
            " SET @seen = 1, sql_mode = ''; INSERT INTO t VALUES (9);"
            " CREATE TEMPORARY TABLE once_only (n INT); END"
        )
        recorder = guarded.recorder(Procedure("p", source="legacy"))
        first, second = (recorder.observe(case())[0].outcome.value for _ in range(2))
        assert first == second
        assert first.rows == (("2", None, "0"),)

    def test_a_routine_that_changes_the_session(self, guarded: LegacyMaria) -> None:
        guarded.run(
            "CREATE PROCEDURE p(OUT o VARCHAR(9)) BEGIN SET time_zone = '+05:00'; SET NAMES latin1;"
            " SET o = CONVERT(X'C3BC' USING utf8mb4); END"
        )
        assert guarded.call("p") == {"o": cell("varchar(9)", "ü")}


HOSTILE = [
    "quo`te",
    "semi;colon",
    "a'b",
    'dou"ble',
    "-- x",
    "/* x",
    "sp ace",
    "back\\slash",
    "ünï",
    "%s",
    "`; COMMIT; --",
]


class TestNames:
    @pytest.mark.parametrize("name", HOSTILE)
    def test_any_name(self, maria: LegacyMaria, name: str) -> None:
        quoted = f"`{name.replace('`', '``')}`"
        maria.run(
            f"CREATE TABLE {quoted} ({quoted} VARCHAR(40))",
            f"CREATE PROCEDURE {quoted}(IN {quoted} VARCHAR(40), OUT `o.{name.replace('`', '``')}` VARCHAR(40))"
            f" BEGIN INSERT INTO {quoted} VALUES ({quoted}); SET `o.{name.replace('`', '``')}` = {quoted}; END",
        )
        recorder = maria.recorder(Procedure(name, source="legacy", effects=Tables(name)))
        observation, _ = recorder.observe(case(**{name: name}))
        assert observation.outcome.value == {f"o.{name}": cell("varchar(40)", name)}
        assert observation.effects["tables"][name]["inserted"].rows == ((name,),)
        assert maria.run(f"SELECT COUNT(*) FROM {quoted}") == [(0,)]

    def test_unknown(self, maria: LegacyMaria) -> None:
        maria.run("CREATE PROCEDURE invoice_total() BEGIN END")
        with pytest.raises(RecordingError, match=r"alike: .*invoice_total") as caught:
            maria.recorder(Procedure("invoice_totl", source="legacy"))
        assert caught.value.slug == "procedure-unknown"
        with pytest.raises(RecordingError):
            maria.recorder(Procedure("x\udcff; DROP", source="legacy"))

    def test_other_inputs(self, maria: LegacyMaria) -> None:
        maria.run("CREATE PROCEDURE p(IN a INT, OUT b INT) BEGIN END")
        with pytest.raises(RecordingError, match="does not take the inputs b") as caught:
            maria.observe(Procedure("p", source="legacy"), b=1)
        assert caught.value.slug == "procedure-bad-arguments"

    @pytest.mark.parametrize(
        "given", [float("nan"), "\ud800", {1, 2}, datetime.fromisoformat("2024-01-01T00:00Z")]
    )
    def test_inputs_that_cannot_be_given(self, maria: LegacyMaria, given: Value) -> None:
        maria.run("CREATE PROCEDURE p(IN a VARCHAR(9)) BEGIN END")
        with pytest.raises(RecordingError) as caught:
            maria.observe(Procedure("p", source="legacy"), a=given)
        assert caught.value.slug == "argument-unsupported"


class TestCircumstances:
    def test_a_time_limit(self, maria: LegacyMaria) -> None:
        maria.run("CREATE PROCEDURE p() BEGIN SELECT SLEEP(5); END")
        url = maria.server.address(maria.database) + "&max_statement_time=0.2"
        with pytest.raises(RecordingError) as caught:
            maria.recorder(Procedure("p", source="legacy"), url=url).observe(case())
        assert caught.value.slug == "source-too-slow"

    def test_a_lost_connection(self, maria: LegacyMaria) -> None:
        maria.run("CREATE PROCEDURE p() EXECUTE IMMEDIATE CONCAT('KI', 'LL ', CONNECTION_ID())")
        with pytest.raises(RecordingError) as caught:
            maria.observe(Procedure("p", source="legacy"))
        assert caught.value.slug == "source-lost"

    def test_rights(self, maria: LegacyMaria) -> None:
        maria.run(
            "CREATE TABLE t (n INT)",
            "CREATE PROCEDURE p() SQL SECURITY INVOKER SELECT n FROM t",
            "CREATE USER clerk@localhost",
            f"GRANT EXECUTE ON {maria.database}.* TO clerk@localhost",
        )
        url = maria.server.address(maria.database).replace("root@", "clerk@")
        try:
            with pytest.raises(RecordingError) as hidden:
                maria.recorder(Procedure("p", source="legacy"), url=url)
            maria.run("GRANT SELECT ON mysql.proc TO clerk@localhost")
            with pytest.raises(RecordingError, match="SELECT command denied") as denied:
                maria.recorder(Procedure("p", source="legacy"), url=url).observe(case())
        finally:
            maria.run("DROP USER clerk@localhost")
        assert (hidden.value.slug, denied.value.slug) == ("source-forbidden", "source-forbidden")

    def test_provenance(self, maria: LegacyMaria) -> None:
        maria.run("CREATE FUNCTION f(a INT) RETURNS INT RETURN a")
        recorder = maria.recorder(Procedure("f", source="legacy"), version="7.2")
        recorder.observe(case(a=1))
        told = recorder.provenance()
        assert told["server"].startswith("MariaDB 1")
        assert (told["version"], told["routine"]) == ("7.2", f"{maria.database}.f(int(11))")
        assert len(told["routine sha256"]) == 64
