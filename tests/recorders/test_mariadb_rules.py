"""Which rules a case of MariaDB exercises is seen in a copy of the database; the legacy one is never touched."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from legacy_database import case
from legacy_maria import LegacyMaria

from pytest_characterize.descriptors import Procedure, Tables
from pytest_characterize.errors import RecordingError
from pytest_characterize.model import Observation
from pytest_characterize.recording.protocols import Recorder, Trial, TrialRecorder
from pytest_characterize.rules.instrumenting import instrumented, variant
from pytest_characterize.rules.mutation import mutants
from pytest_characterize_recorders.sources.mariadb.scratch import PREFIX

LEGACY = [
    "CREATE TABLE client (id int AUTO_INCREMENT PRIMARY KEY, name varchar(20) NOT NULL, "
    "twice varchar(40) AS (concat(name, name)))",
    """CREATE TABLE bill (id int AUTO_INCREMENT PRIMARY KEY, client int NOT NULL REFERENCES client (id),
    amount decimal(8, 2), note text, FOREIGN KEY (client) REFERENCES client (id))""",
    "INSERT INTO client (id, name) VALUES (0 + 7, 'Ada'), (8, 'Bob')",
    "INSERT INTO bill (client, amount) VALUES (7, 10), (7, 200)",
    """CREATE FUNCTION discount(p decimal(8, 2)) RETURNS decimal(8, 2) DETERMINISTIC
    BEGIN
      IF p > 100 THEN
        RETURN p * 0.1;
      END IF;
      RETURN 0;
    END""",
    "CREATE VIEW b_due AS SELECT id, amount - discount(amount) AS due, client FROM bill",
    "CREATE VIEW a_due AS SELECT d.id, d.due FROM b_due d JOIN client c ON c.id = d.client",
    """CREATE TRIGGER noted BEFORE INSERT ON bill FOR EACH ROW
    IF NEW.amount < 0 THEN
      SET NEW.note = 'credit';
    END IF""",
    """CREATE TRIGGER marked BEFORE INSERT ON bill FOR EACH ROW SET NEW.note = concat(ifnull(NEW.note, ''), '!')""",
    """CREATE PROCEDURE charge(IN p_client int, IN p_amount decimal(8, 2), OUT p_due decimal(8, 2))
    BEGIN
      DECLARE v_name varchar(20);
      DECLARE EXIT HANDLER FOR NOT FOUND
        SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'no such client';
      SELECT name INTO v_name FROM client WHERE id = p_client;
      INSERT INTO bill (client, amount) VALUES (p_client, p_amount);
      SELECT due INTO p_due FROM a_due WHERE id = LAST_INSERT_ID();
      CASE WHEN p_due > 50 THEN SIGNAL SQLSTATE '01000' SET MESSAGE_TEXT = 'much';
      ELSE SELECT id, note FROM bill ORDER BY id; END CASE;
    END""",
]
CHARGE = Procedure("charge", source="legacy", effects=Tables("bill"))


@pytest.fixture
def billing(maria: LegacyMaria) -> LegacyMaria:
    maria.run(*LEGACY)
    return maria


@pytest.fixture
def recorder(billing: LegacyMaria) -> Iterator[Recorder]:
    opened = billing.recorder(CHARGE, clone=True)
    yield opened
    opened.close()


def everything(maria: LegacyMaria) -> list[Any]:
    """All that a copy could disturb."""
    names = maria.run(
        f"SELECT ROUTINE_TYPE, ROUTINE_NAME FROM information_schema.ROUTINES WHERE ROUTINE_SCHEMA = '{maria.database}'"
    )
    found = [maria.run(f"SHOW CREATE {kind} {name}") for kind, name in names]
    found += [maria.run(f"SHOW CREATE TRIGGER {name}") for name in ("noted", "marked")]
    found += [maria.run(f"SHOW CREATE TABLE {name}") for name in ("client", "bill", "a_due", "b_due")]
    return [*found, maria.checksum("client", "bill"), copies(maria)]


def copies(maria: LegacyMaria) -> list[Any]:
    return [name for (name,) in maria.run("SHOW DATABASES") if name.startswith(PREFIX)]


def observed(recorder: Recorder, **inputs: Any) -> tuple[Observation, dict[str, int]]:
    """What a case does, and what it hits without the schema's name."""
    one = case(**inputs)
    untouched, none = recorder.observe(one)
    assert none == ()
    probed = variant(instrumented("procedure", recorder.sources(one)))
    _, hits = recorder.observe(one, probed)
    return untouched, {hit.rule.partition(".")[2]: hit.count for hit in hits}


def test_a_case_hits_rules_of_all_that_it_runs(billing: LegacyMaria, recorder: Recorder) -> None:
    before = everything(billing)
    one = case(p_client=7, p_amount=-5)
    assert [name.partition(".")[2] for name in recorder.sources(one)] == [
        "charge(int(11), decimal(8,2), decimal(8,2))",
        "discount(decimal(8,2))",
        "noted",
        "marked",
    ]
    untouched, hits = observed(recorder, p_client=7, p_amount=-5)
    assert untouched.outcome.how == "returned"
    charge = "charge(int(11), decimal(8,2), decimal(8,2))"
    assert hits == {
        f"{charge}:2.entry1": 1,
        f"{charge}:6.rows1": 1,
        f"{charge}:8.rows1": 1,
        f"{charge}:10.case1": 1,
        "discount(decimal(8,2)):3.entry1": 1,
        "discount(decimal(8,2)):4.branch2": 1,
        "discount(decimal(8,2)):7.return1": 1,
        "noted:2.entry1": 1,
        "noted:2.branch1": 1,
        "marked:1.entry1": 1,
    }
    recorder.close()
    assert everything(billing) == before


def test_errors_and_warnings_keep_their_hits(recorder: Recorder) -> None:
    failed, hits = observed(recorder, p_client=1, p_amount=5)
    assert failed.outcome.value.message == "no such client"  # type: ignore[union-attr]
    assert sorted(hits) == [
        "charge(int(11), decimal(8,2), decimal(8,2)):2.entry1",
        "charge(int(11), decimal(8,2), decimal(8,2)):4.handler1",
    ]
    warned, hits = observed(recorder, p_client=7, p_amount=500)
    assert [notice["message"] for notice in warned.notices] == ["much"]  # type: ignore[index, call-overload]
    assert hits["charge(int(11), decimal(8,2), decimal(8,2)):9.case1"] == 1
    assert hits["discount(decimal(8,2)):4.branch1"] == 1


def test_cases_do_not_see_each_other(recorder: Recorder) -> None:
    first, hits = observed(recorder, p_client=7, p_amount=5)
    assert observed(recorder, p_client=7, p_amount=5) == (first, hits)


def test_a_variant_is_gone_with_the_next_one(recorder: Recorder) -> None:
    one = case(p_client=7, p_amount=5)
    name, text = next(item for item in recorder.sources(one).items() if "discount" in item[0])
    untouched, _ = recorder.observe(one)
    with pytest.raises(RecordingError, match="it does something else \\(outcome\\)") as raised:
        recorder.observe(one, {name: text.replace("RETURN 0", "RETURN 1")})
    assert raised.value.slug == "variant-differs"
    assert recorder.observe(one, {name: text}) == (untouched, ())


def test_the_clock_stands_where_it_stood(maria: LegacyMaria) -> None:
    maria.run("CREATE FUNCTION noon() RETURNS datetime(6) RETURN now(6)")
    recorder = maria.recorder(Procedure("noon", source="legacy"), clone=True)
    untouched, hits = observed(recorder)
    assert len(hits) == 2
    assert observed(recorder)[0] != untouched
    recorder.close()


def test_the_copy_is_made_once_and_dropped(billing: LegacyMaria, recorder: Recorder) -> None:
    assert copies(billing) == []
    observed(recorder, p_client=7, p_amount=5)
    [name] = copies(billing)
    observed(recorder, p_client=8, p_amount=5)
    assert copies(billing) == [name]
    recorder.close()
    assert copies(billing) == []


def test_a_copy_that_a_killed_process_left_is_dropped(billing: LegacyMaria, recorder: Recorder) -> None:
    billing.run(f"CREATE DATABASE {PREFIX}1_00000000", f"CREATE DATABASE {PREFIX}mine")
    observed(recorder, p_client=7, p_amount=5)
    recorder.close()
    assert copies(billing) == [f"{PREFIX}mine"]
    billing.run(f"DROP DATABASE {PREFIX}mine")


def test_without_leave_to_copy_rules_are_unknown(billing: LegacyMaria) -> None:
    recorder = billing.recorder(CHARGE)
    one = case(p_client=7, p_amount=5)
    sources = recorder.sources(one)
    probed = instrumented("procedure", sources)
    assert variant(probed) == {}
    assert {unknown.reason for found in probed.values() for unknown in found.unknown} == {
        "its source allows no copies of the database, in which rules are seen: clone = true"
    }
    with pytest.raises(RecordingError) as raised:
        recorder.observe(one, sources)
    assert raised.value.slug == "variant-needs-copy"
    assert copies(billing) == []


@pytest.mark.parametrize(
    ("name", "text", "slug"),
    [("nobody", "", "variant-unknown"), ("", "CREATE PROCEDURE charge() BEGIN END END", "variant-broken")],
)
def test_bad_variants(recorder: Recorder, name: str, text: str, slug: str) -> None:
    one = case(p_client=7, p_amount=5)
    called = next(iter(recorder.sources(one)))
    with pytest.raises(RecordingError) as raised:
        recorder.observe(one, {name or called: f"SET sql_mode = '';\n{text}"})
    assert raised.value.slug == slug


def test_an_account_that_may_not_copy_is_told_what_it_lacks(billing: LegacyMaria) -> None:
    weak = f"{billing.database}_weak"
    billing.run(
        f"CREATE USER {weak}@localhost",
        f"GRANT ALL ON {billing.database}.* TO {weak}@localhost",
        f"GRANT SELECT ON mysql.proc TO {weak}@localhost",
    )
    recorder = billing.recorder(
        CHARGE, clone=True, url=billing.server.address(billing.database).replace("root@", f"{weak}@")
    )
    refused = []
    for client in (7, 8):
        with pytest.raises(RecordingError, match="the database cannot be copied") as raised:
            observed(recorder, p_client=client, p_amount=5)
        refused.append(raised.value)
    assert refused[0].slug == "clone-forbidden"
    assert refused[0] is refused[1]
    assert copies(billing) == []
    recorder.close()
    billing.run(f"DROP USER {weak}@localhost")


def test_a_routine_that_tells_its_database_is_not_trusted(maria: LegacyMaria) -> None:
    maria.run("CREATE FUNCTION here() RETURNS varchar(90) RETURN md5(database())")
    recorder = maria.recorder(Procedure("here", source="legacy"), clone=True)
    with pytest.raises(RecordingError) as raised:
        observed(recorder)
    assert raised.value.slug == "variant-differs"
    recorder.close()


def test_modes_character_sets_and_definers_are_kept(maria: LegacyMaria) -> None:
    maria.run(
        "SET character_set_client = utf8mb4, collation_connection = utf8mb4_bin,"
        " sql_mode = 'ANSI_QUOTES,NO_BACKSLASH_ESCAPES,PIPES_AS_CONCAT'",
        "CREATE DEFINER = 'nobody'@'%' FUNCTION \"f g\"(\"THEN\" int) RETURNS varchar(20) SQL SECURITY INVOKER\n"
        "IF \"THEN\" > 1 THEN RETURN 'ä\\' || 'ß'; ELSE RETURN @@sql_mode LIKE '%ANSI%'; END IF",
    )
    recorder = maria.recorder(Procedure("f g", source="legacy"), clone=True)
    shown = maria.run("SHOW CREATE FUNCTION `f g`")
    untouched, hits = observed(recorder, THEN=2)
    assert untouched.outcome.value.text == "ä\\ß"  # type: ignore[union-attr]
    assert len(hits) == 3
    assert len(observed(recorder, THEN=1)[1]) == 3
    [name] = copies(maria)
    assert maria.run(f"SHOW CREATE FUNCTION {name}.`f g`")[0][1] == shown[0][1]
    recorder.close()
    assert maria.run("SHOW CREATE FUNCTION `f g`") == shown


def test_views_may_call_a_table_like_the_database(maria: LegacyMaria) -> None:
    alias = f"`{maria.database}`"
    maria.run("CREATE TABLE t (a int)", "INSERT INTO t VALUES (3)")
    maria.run(
        f"CREATE VIEW v AS SELECT {alias}.a FROM t {alias}",
        "CREATE FUNCTION f() RETURNS int RETURN (SELECT a FROM v)",
    )
    recorder = maria.recorder(Procedure("f", source="legacy"), clone=True)
    untouched, hits = observed(recorder)
    assert untouched.outcome.value.text == "3"  # type: ignore[union-attr]
    assert len(hits) == 2
    recorder.close()


def test_what_can_be_made_in_its_own_database_only_is_told(maria: LegacyMaria) -> None:
    maria.run(
        "CREATE TABLE t (a int)",
        f"CREATE TRIGGER {maria.database}.tr BEFORE INSERT ON {maria.database}.t FOR EACH ROW SET NEW.a = 1",
        "CREATE PROCEDURE p() INSERT INTO t VALUES (2)",
    )
    recorder = maria.recorder(Procedure("p", source="legacy"), clone=True)
    assert len(recorder.sources(case())) == 2
    with pytest.raises(RecordingError) as raised:
        observed(recorder)
    assert raised.value.slug == "clone-qualified"
    assert copies(maria) == []
    recorder.close()


def test_a_routine_of_another_database_is_unknown(maria: LegacyMaria) -> None:
    other = f"{maria.database}_other"
    maria.run(f"CREATE DATABASE {other}", f"CREATE FUNCTION {other}.f() RETURNS int RETURN 3")
    maria.run(f"CREATE FUNCTION g() RETURNS int RETURN {other}.f() + 1")
    recorder = maria.recorder(Procedure("g", source="legacy"), clone=True)
    try:
        untouched, hits = observed(recorder)
        assert untouched.outcome.value.text == "4"  # type: ignore[union-attr]
        assert sorted(hits) == ["g():2.entry1", "g():2.return1"]
        far = instrumented("procedure", recorder.sources(case()))[f"{other}.f()"]
        assert "in another database" in far.unknown[0].reason
    finally:
        recorder.close()
        maria.run(f"DROP DATABASE {other}")


# Changed sources on many cases


def tried(
    recorder: Recorder, variant: dict[str, str], *inputs: tuple[int, int], seconds: float = 5
) -> list[Trial]:
    assert isinstance(recorder, TrialRecorder)
    cases = [case(p_client=client, p_amount=amount) for client, amount in inputs]
    return list(recorder.trials(cases, variant, seconds))


def changed(recorder: Recorder, name: str, old: str, new: str) -> dict[str, str]:
    """One source with one change."""
    sources = recorder.sources(case(p_client=7, p_amount=5))
    [(found, text)] = [item for item in sources.items() if f".{name}" in item[0]]
    assert old in text
    return {found: text.replace(old, new)}


def test_trials_of_legacy_as_it_is_and_of_a_change(billing: LegacyMaria, recorder: Recorder) -> None:
    before = everything(billing)
    plain, _ = recorder.observe(case(p_client=7, p_amount=500))
    inputs = [(7, 500), (7, 5), (1, 5)]
    first = tried(recorder, {}, *inputs)
    assert first[0] == Trial(plain)
    mutated = tried(recorder, changed(recorder, "discount", "p > 100", "p > 4"), *inputs)
    assert [one == other for one, other in zip(first, mutated, strict=True)] == [True, False, True]
    assert tried(recorder, {}, *inputs) == first
    recorder.close()
    assert everything(billing) == before


@pytest.mark.parametrize(
    ("new", "why"),
    [
        ("WHILE TRUE DO SET v_name = 'x'; END WHILE;", "time limit"),
        ("COMMIT;", "does what no rollback takes back: COMMIT"),
        ("SET @s = concat('com', 'mit'); PREPARE s FROM @s; EXECUTE s;", "ends the transaction"),
        ("SET @s = concat('ki', 'll ', connection_id()); PREPARE s FROM @s; EXECUTE s;", "connection"),
        ("SET GLOBAL max_connections = 7;", "does what no rollback takes back: SET GLOBAL"),
    ],
)
def test_a_variant_that_does_harm_is_stopped(
    billing: LegacyMaria, recorder: Recorder, new: str, why: str
) -> None:
    before = everything(billing)
    place = "SELECT name INTO v_name"
    one, other = tried(
        recorder, changed(recorder, "charge", place, f"{new} {place}"), (7, 5), (8, 5), seconds=0.3
    )
    assert one.observation is other.observation is None
    assert why in one.why
    assert all(trial.observation for trial in tried(recorder, {}, (7, 5)))
    recorder.close()
    assert everything(billing) == before


def test_errors_are_told_with_the_name_of_the_original(billing: LegacyMaria, recorder: Recorder) -> None:
    variant = changed(
        recorder, "charge", "INSERT INTO bill (", "INSERT INTO bill SELECT * FROM nowhere; INSERT INTO bill ("
    )
    [trial] = tried(recorder, variant, (7, 5))
    assert trial.observation is not None
    assert f"{billing.database}.nowhere" in trial.observation.outcome.value.message  # type: ignore[union-attr]


def test_what_the_server_does_not_take_is_told(recorder: Recorder) -> None:
    with pytest.raises(RecordingError) as raised:
        tried(recorder, changed(recorder, "discount", "RETURN 0;", "RETURN;"), (7, 5))
    assert raised.value.slug == "variant-broken"
    assert tried(recorder, {}, (7, 5))[0].observation


def test_without_leave_to_copy_nothing_is_tried(billing: LegacyMaria) -> None:
    with pytest.raises(RecordingError) as raised:
        tried(billing.recorder(CHARGE), {}, (7, 5))
    assert raised.value.slug == "mutants-impossible"


def test_mutants_are_taken_by_the_server(recorder: Recorder) -> None:
    sources = recorder.sources(case(p_client=7, p_amount=5))
    every = mutants("procedure", {name: text for name, text in sources.items() if ".discount" in name})
    changed_what = 0
    [plain] = tried(recorder, {}, (7, 500))
    for one in every:
        changed_what += tried(recorder, one.variant, (7, 500)) != [plain]
    assert len(every) > 10
    assert changed_what > len(every) // 2


def test_an_empty_text_is_unknown(maria: LegacyMaria) -> None:
    maria.run(
        "CREATE FUNCTION told(a varchar(9)) RETURNS varchar(20) DETERMINISTIC BEGIN"
        " IF a IS NULL THEN RETURN 'unknown'; END IF; RETURN coalesce(a, '-'); END"
    )
    maria.run("CREATE PROCEDURE tells(a varchar(9)) SELECT told(a) AS told")
    recorder = maria.recorder(Procedure("tells", source="legacy"), clone=True)
    assert isinstance(recorder, TrialRecorder)
    given = case(a="")
    sources = recorder.sources(given)
    [plain] = recorder.trials([given], {}, 5)
    every = mutants("procedure", {name: text for name, text in sources.items() if ".told" in name})
    told: dict[str, Any] = {}
    for one in every:
        if one.mutant.becomes in ("(a IS NULL OR a = '')", "coalesce(nullif(a, ''), '-')"):
            [trial] = recorder.trials([given], one.variant, 5)
            assert trial.observation is not None, trial.why
            rows: Any = trial.observation.outcome.value
            told[one.mutant.becomes] = rows.rows
    assert plain.observation is not None
    before: Any = plain.observation.outcome.value
    assert before.rows == (("",),)
    assert told == {
        "(a IS NULL OR a = '')": (("unknown",),),
        "coalesce(nullif(a, ''), '-')": (("-",),),
    }
    recorder.close()


def test_what_commits_is_not_tried(maria: LegacyMaria) -> None:
    maria.run("CREATE PROCEDURE p() COMMIT")
    recorder = maria.recorder(Procedure("p", source="legacy"), clone=True)
    assert isinstance(recorder, TrialRecorder)
    [trial] = recorder.trials([case()], {}, 5)
    assert trial == Trial(None, "it ends its transaction, so that nothing could be taken back")
    recorder.close()
