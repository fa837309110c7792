"""Whole observations: outcome, effects, notices."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from compare_support import response

from pytest_characterize.compare.comparing import compare
from pytest_characterize.descriptors import Ignore
from pytest_characterize.model import Difference, Interaction, Kind, Observation, Outcome
from pytest_characterize.values import ABSENT, Column, Raised, Rows

COLUMNS = (Column("id", "integer"), Column("amount", "numeric(10,2)"))
LIMIT = Raised(
    ("credit_limit_exceeded", "raise_exception"), "limit of 500.00 exceeded", "P0001", {"hint": "ask"}
)


def rows(*texts: tuple[str, str]) -> Rows:
    return Rows("postgresql", COLUMNS, texts, ordered=False)


def changes(**changed: Any) -> dict[str, Any]:
    return {kind: changed.get(kind, rows()) for kind in ("inserted", "deleted", "before", "after")}


def returned(value: Any = 1, **more: Any) -> Observation:
    return Observation(Outcome("returned", value), **more)


def raised(error: Raised) -> Observation:
    return Observation(Outcome("raised", error))


def differ(golden: Observation, observed: Observation) -> tuple[Difference, ...]:
    return compare(golden, observed).differences


def told(golden: Observation, observed: Observation) -> list[tuple[str, str]]:
    return [(found.path, found.kind.value) for found in differ(golden, observed)]


class TestOutcome:
    @pytest.mark.parametrize(
        ("golden", "observed", "kind", "note"),
        [
            (returned(), raised(LIMIT), Kind.ERROR, "legacy returned, the candidate raised"),
            (raised(LIMIT), returned(), Kind.ERROR, "legacy raised, the candidate returned"),
            (raised(LIMIT), returned(LIMIT), Kind.ERROR, "legacy raised, the candidate returned"),
            (
                returned(),
                Observation(Outcome("responded", response("1"))),
                Kind.TYPE,
                "legacy returned, the candidate responded",
            ),
        ],
    )
    def test_another_end(self, golden: Observation, observed: Observation, kind: Kind, note: str) -> None:
        (found,) = differ(golden, observed)
        assert (found.path, found.kind, found.note) == ("$", kind, note)
        assert (found.legacy, found.candidate) == (golden.outcome.value, observed.outcome.value)

    def test_the_same_error(self) -> None:
        assert differ(raised(LIMIT), raised(LIMIT)) == ()

    def test_another_class(self) -> None:
        error, message = differ(raised(LIMIT), raised(Raised(("ValueError",), "no")))
        assert (error.path, error.kind) == ("$raised.type", Kind.ERROR)
        assert (error.legacy, error.candidate, error.note) == ("credit_limit_exceeded", "ValueError", "")
        assert (message.path, message.kind) == ("$raised.message", Kind.MESSAGE)

    def test_a_subclass(self) -> None:
        narrow = Raised(("app.Limit", "credit_limit_exceeded"), LIMIT.message)
        (found,) = differ(raised(LIMIT), raised(narrow))
        assert (found.path, found.note) == ("$raised.type", "a subclass of legacy's")

    def test_code_message_and_details(self) -> None:
        other = Raised(LIMIT.types, "Limit of 500.00 exceeded", "P0002", {"hint": "Ask", "table": "ledger"})
        assert told(raised(LIMIT), raised(other)) == [
            ("$raised.code", "error"),
            ("$raised.message", "message"),
            ("$raised.details.hint", "case"),
            ("$raised.details.table", "extra"),
        ]

    def test_the_evidence_for_a_message(self) -> None:
        other = Raised(LIMIT.types, "LIMIT OF 500.00 EXCEEDED", LIMIT.code, LIMIT.details)
        (found,) = differ(raised(LIMIT), raised(other))
        assert found.note == "equal when case is ignored"


class TestEffects:
    def test_the_same(self) -> None:
        legacy = {"tables": {"ledger": changes(inserted=rows(("1", "5.00")))}}
        candidate = {"tables": {"ledger": changes(inserted=[{"id": 1, "amount": Decimal("5.00")}])}}
        assert differ(returned(effects=legacy), returned(effects=candidate)) == ()

    def test_a_value_in_a_row(self) -> None:
        legacy = {"tables": {"ledger": changes(inserted=rows(("1", "5.00")))}}
        candidate = {"tables": {"ledger": changes(inserted=[{"id": 1, "amount": Decimal("5.01")}])}}
        assert told(returned(effects=legacy), returned(effects=candidate)) == [
            ("$effects.tables.ledger.inserted[0].amount", "rounding")
        ]

    def test_no_row_where_legacy_wrote_one(self) -> None:
        legacy = {"tables": {"ledger": changes(inserted=rows(("1", "5.00")))}}
        candidate = {"tables": {"ledger": changes(inserted=[])}}
        (found,) = differ(returned(effects=legacy), returned(effects=candidate))
        assert (found.path, found.kind) == ("$effects.tables.ledger.inserted", Kind.EFFECT)
        assert found.legacy == [{"id": 1, "amount": Decimal("5.00")}]
        assert found.note == "empty"
        assert told(returned(effects=candidate), returned(effects=legacy))[0][1] == "effect"

    def test_one_row_too_few_and_one_too_many(self) -> None:
        two = {"tables": {"ledger": changes(deleted=rows(("1", "5.00"), ("2", "6.00")))}}
        one = {"tables": {"ledger": changes(deleted=[{"id": 2, "amount": Decimal("6.00")}])}}
        assert told(returned(effects=two), returned(effects=one)) == [
            ("$effects.tables.ledger.deleted[0]", "effect")
        ]
        assert told(returned(effects=one), returned(effects=two)) == [
            ("$effects.tables.ledger.deleted[0]", "effect")
        ]

    def test_a_table_that_only_one_side_observed(self) -> None:
        legacy = {"tables": {"ledger": changes(), "audit": changes()}}
        candidate = {"tables": {"ledger": changes()}}
        assert told(returned(effects=legacy), returned(effects=candidate)) == [
            ("$effects.tables.audit", "effect")
        ]
        assert told(returned(effects=candidate), returned(effects=legacy)) == [
            ("$effects.tables.audit", "effect")
        ]

    @pytest.mark.parametrize("value", [{"ledger": changes()}, {}, [], None])
    def test_an_effect_that_only_one_side_observed(self, value: Any) -> None:
        (missing,) = differ(returned(effects={"tables": value}), returned())
        assert (missing.path, missing.kind, missing.candidate) == ("$effects.tables", Kind.EFFECT, ABSENT)
        assert missing.note == "not observed for the candidate"
        (extra,) = differ(returned(), returned(effects={"tables": value}))
        assert (extra.kind, extra.legacy, extra.note) == (Kind.EFFECT, ABSENT, "not observed for legacy")

    def test_texts_and_nulls_keep_their_kinds(self) -> None:
        columns = (Column("id", "integer"), Column("note", "text"))
        legacy = {"tables": {"log": {"inserted": Rows("postgresql", columns, (("1", "x"), ("2", None)))}}}
        candidate = {"tables": {"log": {"inserted": [{"id": 1, "note": ""}, {"id": 2, "note": "y"}]}}}
        kinds = [kind for _, kind in told(returned(effects=legacy), returned(effects=candidate))]
        assert kinds == ["empty", "null"]

    def test_effects_count_beside_an_equal_outcome_and_beside_an_error(self) -> None:
        legacy = Observation(
            Outcome("raised", LIMIT), {"tables": {"ledger": changes(inserted=rows(("1", "5.00")))}}
        )
        observed = Observation(Outcome("raised", LIMIT), {"tables": {"ledger": changes()}})
        assert told(legacy, observed) == [("$effects.tables.ledger.inserted", "effect")]

    def test_a_column_that_the_candidate_does_not_have(self) -> None:
        legacy = {"tables": {"ledger": changes(inserted=rows(("1", "5.00"), ("2", "6.00")))}}
        candidate = {
            "tables": {"ledger": changes(inserted=[{"amount": Decimal("5.00")}, {"amount": Decimal("6.00")}])}
        }
        golden, observed = returned(effects=legacy), returned(effects=candidate)
        assert told(golden, observed) == [("$effects.tables.ledger.inserted[*].id", "effect")]
        ignored = Ignore("$effects.tables.ledger.*[*].id", reason="generated")
        result = compare(golden, observed, [ignored])
        assert (result.differences, [hit.count for hit in result.policy_hits]) == ((), [1])


class TestNotices:
    def test_the_same(self) -> None:
        notice = {"severity": "NOTICE", "message": "2 rows"}
        assert differ(returned(notices=(notice,)), returned(notices=(dict(notice),))) == ()

    def test_all_differences_are_of_kind_notice(self) -> None:
        one = {"severity": "NOTICE", "message": "2 rows"}
        other = {"severity": "WARNING", "message": "2 Rows"}
        assert told(returned(notices=(one,)), returned(notices=(other,))) == [
            ("$notices[0].severity", "notice"),
            ("$notices[0].message", "notice"),
        ]
        assert told(returned(notices=("a", "b", "c")), returned(notices=("a", "c"))) == [
            ("$notices[1]", "notice")
        ]

    def test_a_notice_on_one_side_only(self) -> None:
        (found,) = differ(returned(notices=("a",)), returned())
        assert (found.path, found.kind, found.legacy, found.note) == ("$notices", Kind.NOTICE, ["a"], "empty")

    def test_the_evidence_stays(self) -> None:
        (found,) = differ(returned(notices=("2 rows",)), returned(notices=("2 ROWS",)))
        assert found.note == "equal when case is ignored"


def test_queries_and_exchanges_are_not_compared_here() -> None:
    exchange = Interaction("GET", "http://legacy/", (), b"", 200, "OK", (), b"")
    assert differ(returned(queries=3, interactions=(exchange,)), returned(queries=30)) == ()


def test_outcome_then_effects_then_notices() -> None:
    golden = returned(1, effects={"mail": ["a"]}, notices=("x",))
    observed = returned(2, effects={"mail": ["b"]}, notices=("y",))
    assert [path for path, _ in told(golden, observed)] == ["$", "$effects.mail[0]", "$notices[0]"]


def test_the_inputs_are_left_as_they_are() -> None:
    legacy, candidate = {"a": [3, 1, {2}], "b": {}}, {"a": [1, 3, {2}], "b": {}}
    golden, observed = returned(legacy, effects={"x": [1]}), returned(candidate, effects={"x": [1]})
    before = repr((golden, observed))
    compare(golden, observed)
    assert repr((golden, observed)) == before
