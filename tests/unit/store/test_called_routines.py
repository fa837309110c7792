"""Which routines a query may run: read from its golden and from the sources that are kept."""

from __future__ import annotations

from pathlib import Path

from store_samples import STAMP

from pytest_characterize.descriptors import Query
from pytest_characterize.identity import case_id, slug
from pytest_characterize.model import (
    Case,
    CaseResult,
    Difference,
    Golden,
    Kind,
    Observation,
    Outcome,
    RuleHit,
    Verdict,
)
from pytest_characterize.session.calling import called
from pytest_characterize.store.atomic_store import Store
from pytest_characterize.store.source_files import SourceText

TEST = "tests/test_reports.py::test_sums"
QUERY = Query("SELECT sum(Open_Amount (i.inv_no)) FROM invoice i WHERE tax_rate = 7", source="billing")
SOURCES = {
    "public.open_amount(integer)": "BEGIN RETURN round_money(1.005); END",
    "public.round_money(numeric)": "BEGIN RETURN round(p, 2); END",
    "public.tax_rate(text)": "BEGIN RETURN 7; END",
}


def drifting(*hits: str) -> CaseResult:
    differences = (Difference("$", Kind.VALUE, 1, 2, ""),)
    seen = tuple(RuleHit(hit) for hit in hits)
    return CaseResult(TEST, "a", "a", Verdict.DRIFTED, differences=differences, hits=seen, source="billing")


def kept(tmp_path: Path) -> Store:
    store = Store(tmp_path, tmp_path / "characterization")
    for name, text in SOURCES.items():
        store.keep_source(SourceText("billing", name, "procedure", text))
    case = Case(case_id(QUERY.identity(), {}), TEST, slug({}), {})
    store.write(Golden(case, QUERY.as_value(), Observation(Outcome("returned", 1))), STAMP)
    return store


def test_what_a_query_names_and_what_that_names(tmp_path: Path) -> None:
    assert called(kept(tmp_path), [drifting()]) == {
        TEST: frozenset({"public.open_amount(integer)", "public.round_money(numeric)"})
    }


def test_tests_whose_rules_are_known_need_no_such_thing(tmp_path: Path) -> None:
    assert called(kept(tmp_path), [drifting("f:1.branch1")]) == {}


def test_what_is_not_kept_is_not_called(tmp_path: Path) -> None:
    assert called(Store(tmp_path, tmp_path / "characterization"), [drifting()]) == {}
