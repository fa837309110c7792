"""MariaDB procedures that commit run in a copy of the database; the legacy one stays as it is."""

from __future__ import annotations

from typing import Any

import pytest
from legacy_database import case
from legacy_maria import LegacyMaria

from pytest_characterize.descriptors import Procedure, Tables
from pytest_characterize.errors import RecordingError
from pytest_characterize.given import Given
from pytest_characterize.recording.protocols import GivingRecorder
from pytest_characterize.rules.instrumenting import instrumented, variant
from pytest_characterize.values import Raised
from pytest_characterize_recorders.sources.mariadb.scratch import PREFIX

TABLES = (
    "CREATE TABLE invoice (id int AUTO_INCREMENT PRIMARY KEY, amount decimal(8,2) CHECK (amount > 0))",
    "CREATE TABLE log (what varchar(40))",
    "INSERT INTO invoice (amount) VALUES (10), (2.5), (99.99)",
    "CREATE TRIGGER noted AFTER UPDATE ON invoice FOR EACH ROW INSERT INTO log VALUES (concat('changed ', NEW.id))",
    """CREATE PROCEDURE discount_all(IN p_amount decimal(8,2), OUT p_done int)
    BEGIN
      DECLARE v_last int DEFAULT 0;
      SET p_done = 0;
      WHILE p_done < 3 DO
        SELECT min(i.id) INTO v_last FROM invoice i WHERE i.id > v_last;
        START TRANSACTION;
        UPDATE invoice SET amount = amount - p_amount WHERE id = v_last;
        COMMIT;
        SET p_done = p_done + 1;
      END WHILE;
    END""",
)
DISCOUNT = Procedure("discount_all", source="legacy", effects=Tables("invoice", "log"))


@pytest.fixture
def billing(maria: LegacyMaria) -> LegacyMaria:
    maria.run(*TABLES)
    return maria


def copies(maria: LegacyMaria) -> list[Any]:
    """The copies that there are on the server."""
    return maria.run(f"SHOW DATABASES LIKE '{PREFIX}%'")


def test_what_was_committed_is_told_and_legacy_stays_as_it_is(billing: LegacyMaria) -> None:
    before = billing.checksum("invoice", "log")
    recorder = billing.recorder(DISCOUNT, clone=True)
    first, _ = recorder.observe(case(p_amount=1))
    again, _ = recorder.observe(case(p_amount=1))
    assert first == again
    tables: Any = first.effects["tables"]
    assert tables["invoice"]["after"].rows == (("1", "9.00"), ("2", "1.50"), ("3", "98.99"))
    assert len(tables["log"]["inserted"].rows) == 3
    value: Any = first.outcome.value
    assert value["p_done"].text == "3"
    assert "copy of the database" in recorder.provenance()["clone"]
    recorder.close()
    assert billing.checksum("invoice", "log") == before
    assert copies(billing) == []


def test_what_was_committed_before_an_error_is_told(billing: LegacyMaria) -> None:
    recorder = billing.recorder(DISCOUNT, clone=True)
    observed, _ = recorder.observe(case(p_amount=5))
    recorder.close()
    assert isinstance(observed.outcome.value, Raised)
    assert f"`{billing.database}`" in observed.outcome.value.message
    tables: Any = observed.effects["tables"]
    assert tables["invoice"]["after"].rows == (("1", "5.00"),)
    assert copies(billing) == []


def test_rules_and_given_rows(billing: LegacyMaria) -> None:
    given = Given(invoice={})
    descriptor = Procedure("discount_all", source="legacy", effects=Tables("invoice"), given=given)
    recorder = billing.recorder(descriptor, clone=True)
    observed, _ = recorder.observe(case(p_amount=1))
    assert isinstance(recorder, GivingRecorder)
    assert [row[1] for row in recorder.given()["invoice"].rows] == ["10.00", "2.50", "99.99"]
    texts = dict(recorder.sources(case(p_amount=1)))
    probed = variant(instrumented("procedure", texts))
    again, hits = recorder.observe(case(p_amount=1), probed)
    assert again == observed
    assert hits
    recorder.close()
    assert copies(billing) == []


def test_without_leave_it_is_refused(billing: LegacyMaria) -> None:
    with pytest.raises(RecordingError, match="procedure-commits"):
        billing.observe(DISCOUNT, p_amount=1)


def test_tables_are_not_found_out(billing: LegacyMaria) -> None:
    recorder = billing.recorder(
        Procedure("discount_all", source="legacy", effects=Tables.touched()), clone=True
    )
    with pytest.raises(RecordingError, match="effects-unobservable"):
        recorder.observe(case(p_amount=1))
    recorder.close()
    assert copies(billing) == []


@pytest.mark.parametrize(
    "statement",
    [
        "TRUNCATE TABLE log",
        "CREATE TABLE more (id int); INSERT INTO more VALUES (1); DROP TABLE more",
        "CREATE OR REPLACE VIEW v AS SELECT 1; ALTER TABLE log ADD COLUMN at int DEFAULT 1",
        "SET autocommit = 0; DELETE FROM invoice",
    ],
)
def test_what_stays_in_the_database_is_run(billing: LegacyMaria, statement: str) -> None:
    before = billing.checksum("invoice", "log")
    billing.run(f"CREATE PROCEDURE p() BEGIN INSERT INTO log VALUES ('x'); {statement}; COMMIT; END")
    recorder = billing.recorder(Procedure("p", source="legacy"), clone=True)
    assert recorder.observe(case())[0].outcome.how == "returned"
    recorder.close()
    assert billing.checksum("invoice", "log") == before
    assert copies(billing) == []


@pytest.mark.parametrize(
    "statement",
    [
        "DELETE FROM {db}.log",
        "DELETE FROM `{db}` . `log`",
        "UPDATE invoice i, {db}.log SET what = ''",
        "UPDATE invoice i, nowhere.log SET what = ''",
        "DELETE x FROM invoice i, nowhere.log x",
        "INSERT INTO elsewhere.log SELECT 'elsewhere' AS elsewhere",
        "RENAME TABLE log TO elsewhere.log",
        "CALL elsewhere.p()",
        "SELECT elsewhere.f()",
        "SET @t = 'DELETE FROM log'; PREPARE s FROM @t; EXECUTE s",
        "EXECUTE IMMEDIATE concat('DELETE FROM ', 'log')",
        "GRANT SELECT ON log TO somebody",
        "CREATE USER somebody",
        "DROP DATABASE elsewhere",
        "CREATE DATABASE elsewhere",
        "SET GLOBAL autocommit = 1",
        "FLUSH TABLES",
        "CREATE TABLE away (id int) ENGINE=FEDERATED CONNECTION='mysql://elsewhere/d/t'",
        "ALTER TABLE log DATA DIRECTORY='/tmp'",
        "KILL 1",
        "SET PASSWORD = ''",
        "SELECT 1 INTO OUTFILE '/tmp/characterize-outfile'",
        "DO nextval(numbers)",
        "XA START 'x'",
        "RESET QUERY CACHE",
    ],
)
def test_what_may_leave_the_database_is_refused(billing: LegacyMaria, statement: str) -> None:
    billing.run("CREATE SEQUENCE numbers")
    before = billing.checksum("invoice", "log")
    body = statement.format(db=billing.database)
    billing.run(f"CREATE PROCEDURE p() BEGIN COMMIT; {body}; END")
    recorder = billing.recorder(Procedure("p", source="legacy"), clone=True)
    with pytest.raises(RecordingError, match=r"cannot-be-undone|procedure-commits") as refused:
        recorder.observe(case())
    assert refused.value.slug == "cannot-be-undone"
    recorder.close()
    assert billing.checksum("invoice", "log") == before
    assert copies(billing) == []


def test_what_it_may_run_is_read_as_well(billing: LegacyMaria) -> None:
    billing.run(
        "CREATE PROCEDURE inner_one() DELETE FROM elsewhere.log",
        "CREATE PROCEDURE p() BEGIN COMMIT; CALL inner_one(); END",
    )
    recorder = billing.recorder(Procedure("p", source="legacy"), clone=True)
    with pytest.raises(RecordingError, match="inner_one, which it may run"):
        recorder.observe(case())


def test_a_watched_table_that_is_dropped(billing: LegacyMaria) -> None:
    billing.run("CREATE PROCEDURE p() BEGIN DROP TABLE log; COMMIT; END")
    recorder = billing.recorder(Procedure("p", source="legacy", effects=Tables("log")), clone=True)
    with pytest.raises(RecordingError, match="table-redefined") as refused:
        recorder.observe(case())
    assert PREFIX not in str(refused.value)
    assert billing.run("SELECT count(*) FROM log") == [(0,)]
    assert copies(billing) == []


def test_the_name_of_the_copy_is_no_behaviour(billing: LegacyMaria) -> None:
    billing.run("CREATE PROCEDURE p() BEGIN COMMIT; SELECT database(); END")
    recorder = billing.recorder(Procedure("p", source="legacy"), clone=True)
    with pytest.raises(RecordingError, match="clone-named"):
        recorder.observe(case())
    assert copies(billing) == []


def test_a_table_whose_rows_are_elsewhere_is_not_copied(billing: LegacyMaria) -> None:
    billing.run(
        "CREATE TABLE one (id int) ENGINE=MyISAM",
        "CREATE TABLE several (id int) ENGINE=MRG_MyISAM UNION=(one)",
    )
    recorder = billing.recorder(DISCOUNT, clone=True)
    with pytest.raises(RecordingError, match="clone-failed"):
        recorder.observe(case(p_amount=1))
    assert copies(billing) == []
