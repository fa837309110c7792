"""What is written for people: annotated sources, and drafts of ``rules.toml`` that read back as what they say."""

from __future__ import annotations

import tomllib

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rule_samples import BOTH, DISCOUNT, NAME, case, kept

from pytest_characterize.rulebook import RoutineStatus, RuleBook, RuleStatus
from pytest_characterize.rules.anchoring import declare
from pytest_characterize.rules.coverage import cover
from pytest_characterize.rules.declared import Catalogue, read_catalogue
from pytest_characterize.rules.drafting import draft
from pytest_characterize.rules.kept import KeptSource
from pytest_characterize.rules.listing import ListedLine, listing, margin


def listed(source: KeptSource, *hits: str) -> dict[int, ListedLine]:
    book = declare(cover([source], [case(*hits)]), [source], Catalogue("rules.toml"))
    return {line.number: line for line in listing(source, book.routines[0], book.declared)}


def test_every_line_is_listed_once_and_as_it_is() -> None:
    lines = listed(kept())
    assert [line.text for line in lines.values()] == DISCOUNT.rstrip("\n").split("\n")
    assert list(lines) == list(range(-2, 9))


def test_hits_stand_beside_their_line() -> None:
    lines = listed(kept(), "2.entry1", "4.branch1")
    assert lines[4].text.strip() == "IF p_years >= 5 THEN"
    assert margin(lines[4].rules) == "1 taken, 0 no branch taken"
    assert (lines[4].missed, lines[2].missed, lines[6].missed) == (True, False, False)
    assert margin(lines[6].rules) == ""


def test_names_stand_beside_their_line() -> None:
    lines = listed(kept())
    assert {number: line.names for number, line in lines.items() if line.names} == {
        4: ("BILL-007",),
        7: ("BILL-008",),
    }


def book(*hits: str, content: str = "") -> RuleBook:
    catalogue = read_catalogue(content.encode(), "rules.toml") if content else Catalogue("rules.toml")
    return declare(cover(BOTH, [case(*hits)]), BOTH, catalogue)


def test_a_draft_names_each_decision_that_nobody_declared() -> None:
    assert tomllib.loads(draft(book())) == {
        "rule": [
            {
                "id": "FEE-1",
                "title": "IF p_days < 0",
                "context": "billing",
                "anchors": [{"routine": "fee", "text": "IF p_days < 0"}],
            },
            {
                "id": "FEE-2",
                "title": "CASE p_days WHEN 1",
                "context": "billing",
                "anchors": [{"routine": "fee", "text": "CASE p_days WHEN 1"}],
            },
            {
                "id": "FEE-3",
                "title": "CASE p_days WHEN 2",
                "context": "billing",
                "anchors": [{"routine": "fee", "text": "CASE p_days WHEN 2"}],
            },
        ]
    }


def test_a_draft_that_was_declared_as_it_is_leaves_nothing_to_draft() -> None:
    declared = book(content=draft(book()))
    assert declared.problems == ()
    assert draft(declared) == ""
    assert [len(one.anchored) for one in declared.declared if one.id.startswith("FEE")] == [2, 1, 1]


def test_a_draft_takes_no_id_that_is_taken() -> None:
    declared = book(content='[[rule]]\nid = "FEE-1"\nanchors = [{ routine = "fee", text = "p_days < 0" }]')
    assert [rule["id"] for rule in tomllib.loads(draft(declared))["rule"]] == ["FEE-3", "FEE-4"]


def decision(line: int, text: str, kind: str = "branch") -> RuleStatus:
    return RuleStatus(f"f:{line}.{kind}1", line, kind, text, "taken", written=True)


def drafted(*rules: RuleStatus, **routine: str) -> list[dict[str, object]]:
    known = {"source": "db", "routine": "public.f()", "context": "db", "called": "f"} | routine
    text = draft(RuleBook((RoutineStatus(rules=rules, **known),)))  # type: ignore[arg-type]
    rules_: list[dict[str, object]] = tomllib.loads(text).get("rule", [])
    return rules_


def test_equal_decisions_are_told_apart_by_line() -> None:
    anchors = [
        rule["anchors"] for rule in drafted(decision(3, "IF x"), decision(7, "IF x"), decision(9, "IF y"))
    ]
    assert anchors == [
        [{"routine": "f", "text": "IF x", "line": 3}],
        [{"routine": "f", "text": "IF x", "line": 7}],
        [{"routine": "f", "text": "IF y"}],
    ]


def test_what_is_no_decision_is_not_drafted() -> None:
    kinds = ("entry", "return", "rows")
    assert drafted(*(decision(line, "RETURN 1", kind) for line, kind in enumerate(kinds))) == []
    assert drafted(decision(3, "ELSE")) == []


def test_several_sources_are_named() -> None:
    one = RoutineStatus("old", "f()", "old", (decision(1, "IF x"),), called="old f")
    other = RoutineStatus("new", "f()", "new", (decision(1, "IF x"),))
    rules = tomllib.loads(draft(RuleBook((one, other))))["rule"]
    assert [rule["anchors"][0]["source"] for rule in rules] == ["old", "new"]
    assert [rule["id"] for rule in rules] == ["OLD-F-1", "F-1"]


@given(st.text(st.characters(exclude_categories=["Cs"])), st.text(st.characters(exclude_categories=["Cs"])))
def test_any_text_survives_the_draft(text: str, routine: str) -> None:
    (rule,) = drafted(decision(1, text), called=routine or "f", context=text)
    assert (rule["title"], rule["context"]) == (text, text)
    assert rule["anchors"] == [{"routine": routine or "f", "text": text}]
    assert str(rule["id"]).endswith("-1")


@pytest.mark.parametrize("text", ["\ud800", "a\x7fb", '"""', "\\", "\x00"])
def test_odd_texts_make_no_broken_file(text: str) -> None:
    (rule,) = drafted(decision(1, text))
    assert rule["title"] == text.encode("utf-8", "replace").decode()


def test_the_samples_are_what_they_seem() -> None:
    assert next(one.name for one in BOTH) == NAME
    assert all(one.probed.rules for one in BOTH)
