"""Goldens as text: nothing lost, one text a golden, and strict reading."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from store_samples import case_of, exchange, golden_of, http_golden

from pytest_characterize.descriptors import Function, Http, Login, Procedure, Query, Secret, Tables
from pytest_characterize.errors import StoreError, UnsupportedValueError
from pytest_characterize.given import Given
from pytest_characterize.model import Golden, Observation, Outcome, RuleHit
from pytest_characterize.store.golden_file import golden_text, read_golden, render
from pytest_characterize.values import Column, Raised, Response, Rows

NAME = "characterization/goldens/x/y/z.json"
ROWS = Rows(
    "postgresql", (Column("id", "integer"), Column("amount", "numeric(10,2)")), (("1", "9.50"), ("2", None))
)
FULL = replace(
    golden_of(
        effects={"tables": {"ledger": {"inserted": ROWS}}},
        notices=({"severity": "NOTICE", "message": "tenure 7"},),
        queries=3,
    ),
    hits=(RuleHit("invoice_total:41", 2), RuleHit("invoice_total:44")),
    scrubs={"$.name": "name", "$.iban": "iban"},
    provenance={"source": "billing", "server": "PostgreSQL 17.2"},
)
GIVEN = Procedure("total", source="billing", given=Given(ledger={"id": "customer_id"}, rate={}))
GIVING = replace(
    FULL,
    case=case_of(descriptor=GIVEN),
    descriptor=GIVEN.as_value(),
    given={"ledger": ROWS, "rate": replace(ROWS, rows=())},
)


def read_back(golden: Golden) -> Golden:
    contents = render(golden)
    return read_golden(contents.golden, NAME, lambda name: (name, contents.cassette or b""))


def test_everything_comes_back() -> None:
    assert read_back(FULL) == FULL
    assert read_back(GIVING) == GIVING


def test_sections_stand_in_their_order() -> None:
    assert list(json.loads(golden_text(FULL))) == [
        "schema",
        "id",
        "test",
        "slug",
        "origin",
        "legacy",
        "input",
        "outcome",
        "effects",
        "notices",
        "queries",
        "hits",
        "scrubs",
        "provenance",
    ]


def test_empty_sections_are_left_out() -> None:
    assert list(json.loads(golden_text(golden_of())))[-1] == "outcome"


def test_no_query_is_not_an_uncounted_one() -> None:
    counted = golden_of(queries=0)
    assert json.loads(golden_text(counted))["queries"] == 0
    assert read_back(counted).observation.queries == 0
    assert read_back(golden_of()).observation.queries is None


def test_equal_goldens_have_one_text() -> None:
    shuffled = replace(
        FULL,
        scrubs=dict(reversed(FULL.scrubs.items())),
        provenance=dict(reversed(FULL.provenance.items())),
        descriptor=dict(reversed(FULL.descriptor.items())),
    )
    assert golden_text(shuffled) == golden_text(FULL)


def test_a_changed_total_is_a_one_line_diff() -> None:
    before = golden_text(golden_of(total=Decimal("95.00"))).splitlines()
    after = golden_text(golden_of(total=Decimal("100.00"))).splitlines()
    assert len(before) == len(after)
    changed = [pair for pair in zip(before, after, strict=True) if pair[0] != pair[1]]
    assert changed == [('      "total": {"$decimal": "95.00"}', '      "total": {"$decimal": "100.00"}')]


@pytest.mark.parametrize(
    "descriptor",
    [
        Function("legacy.billing:invoice_total"),
        Procedure("invoice_total", source="billing", effects=Tables("ledger", "audit")),
        Query("SELECT 1 WHERE %(customer_id)s > 0", source="billing"),
        Http(
            "POST",
            "/invoice",
            source="web",
            form={"id": "{customer_id}"},
            headers={"Accept": "*/*"},
            login=Login("/login", {"user": "u", "password": Secret("LEGACY_PASSWORD")}),
        ),
    ],
    ids=lambda descriptor: descriptor.kind,
)
def test_every_descriptor_gives_its_case_the_same_id_when_read_back(descriptor: Any) -> None:
    golden = replace(golden_of(), case=case_of(descriptor=descriptor), descriptor=descriptor.as_value())
    assert read_back(golden) == golden


def test_inputs_keep_their_types() -> None:
    case = case_of(on=date(2024, 3, 1), price=Decimal("1.00"), key=(1, "a"), raw=b"\xff")
    golden = replace(golden_of(), case=case)
    assert read_back(golden).case == case


def test_a_raised_outcome_comes_back() -> None:
    raised = Raised(("ValueError", "Exception"), "no such customer", details={"hint": "look again"})
    golden = replace(golden_of(), observation=Observation(Outcome("raised", raised)))
    assert read_back(golden) == golden


@given(
    st.recursive(
        st.none()
        | st.booleans()
        | st.integers()
        | st.floats(allow_nan=False)
        | st.text()
        | st.binary()
        | st.dates(),
        lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner) | st.tuples(inner, inner),
        max_leaves=10,
    )
)
def test_any_value_comes_back(value: Any) -> None:
    golden = golden_of(total=value, notices=(value,), effects={"mail": value})
    assert read_back(golden) == golden
    assert golden_text(golden).isascii()


def test_what_is_no_value_is_refused() -> None:
    with pytest.raises(UnsupportedValueError):
        golden_text(golden_of(total=object()))


# -- HTTP ------------------------------------------------------------------------------------------------


def test_a_response_lives_in_the_cassette() -> None:
    golden = http_golden(exchange(b"first"), exchange(b"Gr\xf6\xdfe", reason="Fine"))
    contents = render(golden)
    assert b"first" not in contents.golden
    assert json.loads(contents.golden)["outcome"]["responded"]["interaction"] == 1
    assert read_back(golden) == golden


def test_the_last_of_equal_responses_is_the_outcome() -> None:
    golden = http_golden(exchange(b"same"), exchange(b"same", uri="http://legacy.test/again"))
    assert json.loads(golden_text(golden))["outcome"]["responded"]["interaction"] == 1


def test_scattered_headers_are_one_text_with_grouped_ones() -> None:
    scattered = http_golden(exchange(headers=(("A", "1"), ("B", "2"), ("A", "3"))))
    grouped = http_golden(exchange(headers=(("A", "1"), ("A", "3"), ("B", "2"))))
    assert golden_text(scattered) == golden_text(grouped)
    assert read_back(scattered) == grouped


def test_a_response_from_nowhere_is_refused() -> None:
    golden = http_golden(exchange())
    other = Observation(
        Outcome("responded", Response(500, (), b"")), interactions=golden.observation.interactions
    )
    for observation in (
        other,
        replace(other, interactions=()),
        replace(other, outcome=Outcome("returned", 1)),
        replace(other, outcome=Outcome("responded", 1)),
    ):
        with pytest.raises(StoreError) as caught:
            golden_text(replace(golden, observation=observation))
        assert caught.value.slug == "cassette-outcome"
        assert golden.case.label in caught.value.message


def test_a_changed_cassette_is_noticed() -> None:
    contents = render(http_golden(exchange(b"95.00")))
    assert contents.cassette is not None
    changed = contents.cassette.replace(b"95.00", b"96.00")
    with pytest.raises(StoreError) as caught:
        read_golden(contents.golden, NAME, lambda name: (name, changed))
    assert caught.value.slug == "cassette-edited"


def test_a_golden_with_a_cassette_needs_one() -> None:
    with pytest.raises(StoreError) as caught:
        read_golden(golden_text(http_golden(exchange())), NAME)
    assert caught.value.slug == "golden-damaged"
    assert "needs the cassette cassettes/" in caught.value.message


# -- damage ----------------------------------------------------------------------------------------------


def refused(text: str) -> StoreError:
    with pytest.raises(StoreError) as caught:
        read_golden(text, NAME, lambda name: (name, render(http_golden(exchange())).cassette or b""))
    assert caught.value.message.startswith(NAME)
    assert "\n" not in str(caught.value)
    return caught.value


@pytest.mark.parametrize(
    ("path", "value", "told"),
    [
        (["schema"], ..., "$: key 'schema' is missing"),
        (["schema"], 0, "$.schema: 0 was never used"),
        (["schema"], "1", "$.schema: '1' was never used"),
        (["schema"], True, "$.schema: True was never used"),
        (["id"], ..., "key 'id' is missing"),
        (["test"], 7, "$.test: int where str"),
        (["origin"], "invented", "$.origin: 'invented' is unknown"),
        (["legacy"], [], "$.legacy: list where dict"),
        (["input"], {"$tuple": []}, "$.input: tuple where dict"),
        (["outcome"], [], "$.outcome: list where dict"),
        (["outcome"], {}, "$.outcome: says neither"),
        (["outcome"], {"returned": 1, "raised": 1}, "$.outcome: key 'raised' is unknown"),
        (["outcome"], {"raised": 1}, "$.outcome: int where Raised"),
        (["outcome"], {"responded": {}}, "$.outcome: key 'cassette' is missing"),
        (["effects"], [], "$.effects: list where dict"),
        (["notices"], {}, "$.notices: dict where list"),
        (["queries"], "3", "$.queries: str where int"),
        (["queries"], True, "$.queries: bool where int"),
        (["hits"], [{"rule": "x"}], "key 'count' is missing"),
        (["scrubs"], {"a": 1}, "a: int where str"),
        (["surplus"], 1, "$: key 'surplus' is unknown"),
    ],
)
def test_a_strange_structure_is_named_by_its_path(path: list[str], value: Any, told: str) -> None:
    tree = json.loads(golden_text(FULL))
    if value is ...:
        del tree[path[0]]
    else:
        tree[path[0]] = value
    error = refused(json.dumps(tree))
    assert (error.slug, told in error.message) == ("golden-damaged", True), error.message


@pytest.mark.parametrize(
    ("key", "value", "told"),
    [
        ("cassette", "../../../etc/passwd", "is not this case's cassette"),
        ("interaction", 7, "the cassette has no exchange 7"),
        ("interaction", -1, "the cassette has no exchange -1"),
    ],
)
def test_a_reference_that_leads_elsewhere(key: str, value: Any, told: str) -> None:
    tree = json.loads(golden_text(http_golden(exchange())))
    tree["outcome"]["responded"][key] = value
    assert told in refused(json.dumps(tree)).message


def test_a_newer_schema_asks_for_an_upgrade() -> None:
    error = refused('{"schema": 2, "anything": "else"}')
    assert error.slug == "golden-newer"
    assert "upgrade" in error.hint


@pytest.mark.parametrize("section", ["legacy", "input"])
def test_an_id_that_is_not_the_cases(section: str) -> None:
    tree = json.loads(golden_text(FULL))
    tree[section]["customer_id"] = 8
    assert refused(json.dumps(tree)).slug == "golden-identity"


@pytest.mark.parametrize(
    ("given", "told"),
    [
        (..., "$.given: holds other tables than legacy asks for (ledger)"),
        ({"ledger": {}, "rate": {}, "x": {}}, "$.given: holds other tables than legacy asks for (x)"),
        ({"ledger": {}, "rate": {}}, "$.given.ledger: dict where Rows"),
        ([], "$.given: list where dict"),
    ],
)
def test_given_rows_are_of_the_tables_that_legacy_asks_for(given: Any, told: str) -> None:
    tree = json.loads(golden_text(GIVING))
    tree["given"] = given
    if given is ...:
        del tree["given"]
    error = refused(json.dumps(tree))
    assert (error.slug, told in error.message) == ("golden-damaged", True), error.message


def test_what_is_given_is_no_part_of_the_identity() -> None:
    plain = Procedure("total", source="billing")
    assert case_of(descriptor=GIVEN).id == case_of(descriptor=plain).id


def test_an_effect_is_no_part_of_the_identity() -> None:
    tree = json.loads(golden_text(FULL))
    tree["legacy"]["effects"] = {"tables": ["ledger"]}
    assert read_golden(json.dumps(tree), NAME).case == FULL.case


@pytest.mark.parametrize("cut", [1, 2, 40, 400, 800])
def test_a_cut_golden_is_damaged(cut: int) -> None:
    text = golden_text(FULL)
    assert refused(text[: len(text) - cut - 1])


def test_what_is_no_object_is_damaged() -> None:
    assert refused("[]").slug == "golden-damaged"
    assert refused("").slug.startswith("json-")
    assert refused("null").slug == "golden-damaged"
