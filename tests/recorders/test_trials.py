"""Trying changed routines on many cases at once: each on the same state, and nothing of it stays."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from time import perf_counter
from typing import Any

import pytest
from legacy_database import Legacy, case

from pytest_characterize.descriptors import Procedure, Tables
from pytest_characterize.errors import RecordingError
from pytest_characterize.model import Observation
from pytest_characterize.recording.protocols import Trial, TrialRecorder
from pytest_characterize.values import Raised
from pytest_characterize_recorders.effects.asking import Asking

LEDGER = """
CREATE TABLE ledger (id serial PRIMARY KEY, amount numeric(10,2) NOT NULL CHECK (amount < 1000));
INSERT INTO ledger (amount) VALUES (1.50), (2.25);
"""
BOOK = """
CREATE FUNCTION book(amount numeric) RETURNS int LANGUAGE plpgsql AS $$
DECLARE made int;
BEGIN
    IF amount > 100 THEN
        RAISE NOTICE 'large';
    END IF;
    PERFORM set_config('book.last', amount::text, false);
    INSERT INTO ledger (amount) VALUES (book.amount) RETURNING id INTO made;
    UPDATE ledger SET amount = ledger.amount + 1 WHERE id = 1;
    RETURN made;
END $$
"""
AMOUNTS = ("5", "101", "2000", "0", "100")


@pytest.fixture
def book(legacy: Legacy) -> TrialRecorder:
    legacy.run(LEDGER, BOOK)
    recorder = legacy.recorder(Procedure("book", source="legacy", effects=Tables("ledger")))
    assert isinstance(recorder, TrialRecorder)
    return recorder


def cases() -> list[Any]:
    return [case(amount=amount) for amount in AMOUNTS]


def changed(recorder: Any, old: str, new: str) -> Mapping[str, str]:
    [(name, text)] = recorder.sources(case(amount="1")).items()
    assert old in text
    return {name: text.replace(old, new)}


def observations(trials: list[Trial]) -> list[Observation]:
    found = [trial.observation for trial in trials if trial.observation]
    assert len(found) == len(trials), trials
    return found


def test_legacy_as_it_is_does_in_a_trial_what_it_does_alone(book: Any) -> None:
    alone = [book.observe(one)[0] for one in cases()]
    assert observations(list(book.trials(cases(), {}, 5))) == alone
    assert len({repr(one) for one in alone}) == len(alone)


def test_a_variant_holds_for_all_cases_and_for_no_other_trial(
    book: Any, legacy: Legacy, dump: Callable[[Legacy], str]
) -> None:
    before = dump(legacy)
    as_it_is = observations(list(book.trials(cases(), {}, 5)))
    varied = observations(list(book.trials(cases(), changed(book, "> 100", ">= 100"), 5)))
    assert [one == other for one, other in zip(as_it_is, varied, strict=True)] == [True] * 4 + [False]
    assert observations(list(book.trials(cases(), {}, 5))) == as_it_is
    assert dump(legacy) == before


def test_a_case_that_ends_in_an_error_does_not_touch_the_next(book: Any) -> None:
    trials = observations(list(book.trials(cases(), {}, 5)))
    assert isinstance(trials[2].outcome.value, Raised)
    assert trials[3].outcome.how == "returned"


ENDLESS = (
    "FOR i IN 1..2 LOOP LOOP IF amount > 100 THEN NULL; ELSE EXIT; END IF; END LOOP; END LOOP; RETURN made"
)
FILLS = (
    "LOOP EXIT WHEN amount < 101; INSERT INTO ledger (amount) SELECT 1 FROM generate_series(1, 1000);"
    " END LOOP; RETURN made"
)


@pytest.mark.parametrize("harm", [ENDLESS, FILLS], ids=["loops", "fills"])
def test_a_variant_that_does_not_come_back_is_stopped(
    book: Any, legacy: Legacy, dump: Callable[[Legacy], str], harm: str
) -> None:
    before = dump(legacy)
    trials = list(book.trials(cases(), changed(book, "RETURN made", harm), 0.3))
    assert [bool(trial.observation) for trial in trials] == [True, False, True, True, True]
    assert "time limit" in trials[1].why
    assert dump(legacy) == before


def test_a_variant_that_ends_its_connection_costs_its_own_case_only(
    book: Any, legacy: Legacy, dump: Callable[[Legacy], str]
) -> None:
    before = dump(legacy)
    harm = "PERFORM CASE WHEN amount > 100 THEN pg_terminate_backend(pg_backend_pid()) END; RETURN made"
    trials = list(book.trials(cases(), changed(book, "RETURN made", harm), 5))
    assert [bool(trial.observation) for trial in trials] == [True, False, True, True, True]
    assert "connection" in trials[1].why
    assert dump(legacy) == before


@pytest.mark.parametrize("harm", ["COMMIT;", "ROLLBACK;", "CREATE TABLE more (); DROP TABLE ledger CASCADE;"])
def test_a_variant_that_would_stay_does_not(
    book: Any, legacy: Legacy, dump: Callable[[Legacy], str], harm: str
) -> None:
    before = dump(legacy)
    trials = list(book.trials(cases(), changed(book, "RETURN made;", f"{harm} RETURN made;"), 5))
    assert len(trials) == len(AMOUNTS)
    assert dump(legacy) == before


def test_a_variant_that_the_server_does_not_take(book: Any) -> None:
    with pytest.raises(RecordingError) as caught:
        list(book.trials(cases(), changed(book, "RETURN made", "RETURN (made"), 5))
    assert caught.value.slug == "variant-broken"
    assert observations(list(book.trials(cases()[:1], {}, 5)))


def test_tables_are_found_as_when_it_runs_alone(legacy: Legacy) -> None:
    legacy.run(LEDGER, BOOK, "CREATE TABLE other (id int)")
    recorder: Any = legacy.recorder(Procedure("book", source="legacy", effects=Tables.touched()))
    as_it_is = observations(list(recorder.trials(cases(), {}, 5)))
    assert as_it_is == [recorder.observe(one)[0] for one in cases()]
    assert "ledger" in str(as_it_is[0].effects)
    further = changed(recorder, "RETURN made", "INSERT INTO other VALUES (1); RETURN made")
    assert {trial.why for trial in recorder.trials(cases()[:1], further, 5)} == {
        "it writes a table that legacy did not"
    }


def test_tables_that_are_redefined_are_told(book: Any) -> None:
    harm = changed(book, "RETURN made", "TRUNCATE ledger; RETURN made")
    trials = list(book.trials(cases()[:2], harm, 5))
    assert [trial.observation for trial in trials] == [None, None]
    assert "exchanges a watched table" in trials[0].why


MIXED = """
CREATE FUNCTION mixed(what text) RETURNS SETOF refcursor LANGUAGE plpgsql AS $$
DECLARE found refcursor;
BEGIN
    PERFORM nextval('numbers');
    RAISE NOTICE 'asked for %', what;
    IF what = 'nothing' THEN RETURN; END IF;
    OPEN found FOR SELECT what AS word, currval('numbers') AS number;
    RETURN NEXT found;
END $$
"""
SILENT = """
CREATE PROCEDURE silent(number int) LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO pairs VALUES (number, number + 1);
    IF number > 1 THEN PERFORM setval('numbers', number, false); END IF;
END $$
"""
PAIRS = (
    "CREATE SEQUENCE numbers",
    "CREATE TABLE single (id int PRIMARY KEY)",
    "CREATE TABLE pairs (id int, next int REFERENCES single DEFERRABLE INITIALLY DEFERRED)",
    "INSERT INTO single VALUES (2), (3)",
)


@pytest.mark.parametrize(
    ("routine", "effects", "inputs"),
    [
        ("mixed", None, [{"what": word} for word in ("a", "nothing", "b", "c")]),
        ("silent", Tables("pairs"), [{"number": number} for number in (1, 2, 3, 7, 1)]),
        ("silent", Tables.touched(), [{"number": number} for number in (1, 2, 3, 7, 1)]),
    ],
)
def test_cursors_constraints_and_sequences_are_as_when_a_case_runs_alone(
    legacy: Legacy, routine: str, effects: Tables | None, inputs: list[Any]
) -> None:
    legacy.run(*PAIRS, MIXED, SILENT)
    recorder: Any = legacy.recorder(Procedure(routine, source="legacy", effects=effects))
    given = [case(**one) for one in inputs]
    alone = [recorder.observe(one)[0] for one in given]
    for _ in range(2):
        assert observations(list(recorder.trials(given, {}, 5))) == alone
    assert [recorder.observe(one)[0] for one in given] == alone


NAMED = """
CREATE FUNCTION named(what text) RETURNS refcursor LANGUAGE plpgsql AS $$
DECLARE found refcursor := 'found';
BEGIN
    RAISE NOTICE 'asked for %', what;
    IF what = 'nothing' THEN RETURN NULL; END IF;
    IF what = 'unopened' THEN RETURN 'found'; END IF;
    IF what = 'refused' THEN RAISE EXCEPTION 'no'; END IF;
    IF what = 'another' THEN found := 'another'; END IF;
    IF what = 'unnamed' THEN found := NULL; END IF;
    OPEN found FOR SELECT what AS word, 1 / (length(what) - 4) AS number;
    IF what = 'hidden' THEN OPEN found FOR SELECT 1; END IF;
    IF what = 'hides' THEN RETURN NULL; END IF;
    RETURN found;
END $$
"""
WORDS = (
    *("a", "b", "nothing", "b", "four", "unopened", "a", "refused", "another", "a", "b"),
    *("unnamed", "unnamed", "a", "hidden", "hides", "a", "b"),
)


def test_cursors_of_one_name_are_asked_for_at_once_and_all_others_one_by_one(
    legacy: Legacy, monkeypatch: pytest.MonkeyPatch
) -> None:
    legacy.run(NAMED)
    recorder: Any = legacy.recorder(Procedure("named", source="legacy"))
    alone: list[str] = []
    ask = Asking.alone
    monkeypatch.setattr(
        Asking, "alone", lambda self, call: alone.append(call.arguments["what"]) or ask(self, call)
    )
    given = [case(what=word) for word in WORDS]
    wanted = [recorder.observe(one)[0] for one in given]
    assert observations(list(recorder.trials(given, {}, 5))) == wanted
    alone.clear()
    assert observations(list(recorder.trials(given[:2] * 9, {}, 5))) == wanted[:2] * 9
    assert len(alone) <= 1
    given = [case(what=word) for word in ("b", "four", "unopened", "refused")] * 3
    assert observations(list(recorder.trials(given, {}, 5))) == [recorder.observe(one)[0] for one in given]
    assert len(alone) <= 2


def test_equal_answers_are_read_once_and_unequal_ones_never_taken_for_equal(book: Any) -> None:
    variants = [
        {},  # the names of types are asked for here
        {},
        changed(book, "'large'", "'huge'"),
        changed(book, "ledger.amount + 1", "ledger.amount + 2"),
        changed(book, "RETURN made", "RETURN made + 0"),
    ]
    given = cases()
    tried = [observations(list(book.trials(given, variant, 5))) for variant in variants]
    alone = [[book.observe(one, variant)[0] for one in given] for variant in variants]
    assert tried == alone
    same = [[one is plain for one, plain in zip(found, tried[1], strict=True)] for found in tried[2:]]
    assert same[0] == [amount not in ("101", "2000") for amount in AMOUNTS], "it tells another message"
    assert same[1] == [amount == "2000" for amount in AMOUNTS], "what fails has changed no table"
    assert same[2] == [True] * len(AMOUNTS)


def test_what_one_variant_left_is_not_met_by_the_next(book: Any) -> None:
    as_it_is = observations(list(book.trials(cases(), {}, 5)))
    for _ in range(3):
        varied = observations(list(book.trials(cases(), changed(book, "ledger.amount + 1", "7"), 5)))
        assert varied[0].outcome == as_it_is[0].outcome
        assert varied[0].effects != as_it_is[0].effects
        with pytest.raises(RecordingError):
            list(book.trials(cases(), changed(book, "RETURN made", "RETURN (made"), 5))
    assert observations(list(book.trials(cases(), {}, 5))) == as_it_is


def test_only_the_first_cases_of_an_endless_variant_wait_for_the_whole_limit(book: Any) -> None:
    list(book.trials(cases(), {}, 5))
    started = perf_counter()
    given = [case(amount="5") for _ in range(20)]
    trials = list(book.trials(given, changed(book, "RETURN made", "LOOP END LOOP; RETURN made"), 1.0))
    assert {trial.observation for trial in trials} == {None}
    assert perf_counter() - started < 10


def test_trials_that_nobody_reads_to_the_end_leave_nothing_behind(book: Any) -> None:
    as_it_is = observations(list(book.trials(cases(), {}, 5)))
    for _ in range(2):
        trials = book.trials(cases(), changed(book, "ledger.amount + 1", "7"), 5)
        assert next(trials).observation is not None
        trials.close()
        assert [book.observe(one)[0] for one in cases()] == as_it_is


def test_trials_do_not_make_small_tables_long(book: Any, legacy: Legacy) -> None:
    given = [case(amount="5") for _ in range(700)]
    for _ in range(3):
        assert len(observations(list(book.trials(given, {}, 5)))) == len(given)
    book.close()
    assert legacy.run("SELECT pg_relation_size('ledger') <= 65536") == [(True,)]


def test_a_variant_that_goes_on_as_another_role_is_observed(legacy: Legacy) -> None:
    legacy.run(LEDGER, BOOK, "GRANT SELECT, INSERT, UPDATE ON ledger TO pg_monitor")
    recorder: Any = legacy.recorder(Procedure("book", source="legacy", effects=Tables("ledger")))
    as_it_is = observations(list(recorder.trials(cases(), {}, 5)))
    other = changed(recorder, "RETURN made", "SET LOCAL ROLE pg_monitor; RETURN made")
    assert observations(list(recorder.trials(cases(), other, 5))) == as_it_is
