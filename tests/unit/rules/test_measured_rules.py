"""Measured arms as rules: reports are joined, unknown cases claim no parity, other texts count no more."""

from __future__ import annotations

from dataclasses import replace
from hashlib import sha256

from rule_samples import TEST, case

from pytest_characterize.measured import Arm, MeasuredFile, Measurement
from pytest_characterize.model import Verdict
from pytest_characterize.report.rules import by_one_case, never_exercised, only_by_runs
from pytest_characterize.rulebook import RuleBook
from pytest_characterize.rules.anchoring import declare
from pytest_characterize.rules.coverage import cover
from pytest_characterize.rules.declared import Catalogue
from pytest_characterize.rules.listing import listing, margin
from pytest_characterize.rules.measuring import Joined, join

NAME = "acme/Fee.java"
TEXT = (
    "class Fee {\n  // rule: BILL-007 more than ten\n  int fee(int d) {\n    if (d > 10) return 5;\n  }\n}\n"
)
DIGEST = sha256(TEXT.encode()).hexdigest()
TEXTS = {("billing", NAME): (TEXT, "legacy/Fee.json")}


def file(true: int, false: int, digest: str = DIGEST) -> MeasuredFile:
    arms = (
        Arm(3, "entry", "fee", true + false, "Fee.fee"),
        Arm(4, "branch", "0.true", true, "condition true"),
        Arm(4, "branch", "0.false", false, "condition false"),
    )
    return MeasuredFile(NAME, arms, ("lambda: no line",), digest)


def of_case(one: MeasuredFile, number: int = 1) -> Measurement:
    return Measurement("billing", "jacoco", (one,), test=TEST, case=str(number) * 64, label=f"case-{number}")


def of_run(one: MeasuredFile, name: str = "nightly.xml") -> Measurement:
    return Measurement("billing", "jacoco", (one,), run=name)


def book(joined: Joined, **verdicts: Verdict) -> RuleBook:
    results = [replace(case(), case=number[1:] * 64, verdict=verdict) for number, verdict in verdicts.items()]
    return cover(joined.kept, joined.with_hits(results), runs=joined.runs)


def told(found: RuleBook) -> dict[tuple[int, str], tuple[int, int, bool, bool]]:
    (routine,) = found.routines
    return {(one.line, one.arm): (one.cases, one.runs, one.exercised, one.at_parity) for one in routine.rules}


def test_a_report_of_a_case_is_evidence_of_that_case() -> None:
    joined = join({"a": of_case(file(1, 0)), "b": of_case(file(0, 2), 2)}, TEXTS)
    found = book(joined, c1=Verdict.MATCHED, c2=Verdict.DRIFTED)
    assert told(found) == {
        (3, "entered"): (2, 0, True, False),
        (4, "condition true"): (1, 0, True, True),
        (4, "condition false"): (1, 0, True, False),
    }
    assert (found.count.known, found.count.exercised, found.count.at_parity) == (3, 3, 1)
    assert found.count.unknown == 1
    assert found.routines[0].name == "Fee.java"


def test_a_run_over_many_cases_exercises_and_claims_no_parity() -> None:
    joined = join({"a": of_case(file(1, 0)), "b": of_run(file(4, 0))}, TEXTS)
    found = book(joined, c1=Verdict.MATCHED)
    assert told(found)[4, "condition true"] == (1, 1, True, False)
    assert told(found)[4, "condition false"] == (0, 0, False, False)
    assert found.count.at_parity == 0
    assert by_one_case(found) == ()
    assert [one.rule.arm for one in never_exercised(found)] == ["condition false"]
    alone = book(join({"b": of_run(file(4, 0))}, TEXTS), c1=Verdict.MATCHED)
    assert [one.rule.arm for one in only_by_runs(alone)] == ["entered", "condition true"]
    assert alone.count.exercised == 2


def test_what_was_measured_in_another_text_counts_no_more_and_is_told() -> None:
    old = of_case(file(0, 1, digest="0" * 64), 2)
    joined = join({"a": of_case(file(1, 0)), "coverage/b.json": old}, TEXTS)
    assert told(book(joined, c1=Verdict.MATCHED, c2=Verdict.MATCHED))[4, "condition false"][0] == 0
    (problem,) = joined.problems
    assert problem.slug == "coverage-stale"
    assert problem.message.startswith("coverage/b.json: acme/Fee.java has another text by now")
    assert join({"a": of_case(file(1, 0))}, {}).problems, "the text that was kept is gone"


def test_without_a_text_rules_are_told_by_line() -> None:
    joined = join({"a": of_case(file(1, 0, digest=""))}, {})
    assert joined.problems == ()
    assert [rule.text for rule in joined.kept[0].probed.rules] == ["Fee.fee", "line 4", "line 4"]
    (routine,) = book(joined, c1=Verdict.MATCHED).routines
    lines = listing(joined.kept[0], routine)
    assert [(line.number, margin(line.rules)) for line in lines] == [
        (3, "1 entered"),
        (4, "1 condition true, 0 condition false"),
    ]


def test_the_text_shows_the_decision_and_its_names() -> None:
    joined = join({"a": of_run(file(1, 0))}, TEXTS)
    found = declare(book(joined), joined.kept, Catalogue())
    (routine,) = found.routines
    assert [rule.text for rule in routine.rules] == ["Fee.fee"] + ["if (d > 10) return 5;"] * 2
    (declared,) = found.declared
    assert (declared.id, declared.title) == ("BILL-007", "more than ten")
    shown = {line.number: line for line in listing(joined.kept[0], routine, found.declared)}
    assert (shown[4].text, margin(shown[4].rules)) == (
        "    if (d > 10) return 5;",
        "run condition true, 0 condition false",
    )
    assert shown[4].missed
    assert len(shown) == TEXT.count("\n")


def test_rules_have_one_id_each_and_decisions_that_are_theirs() -> None:
    twelve = tuple(Arm(1, "branch", f"{n % 12}.{n // 12}", 0, "") for n in range(24))
    (kept,) = join({"a": of_run(MeasuredFile("x y:z.c", twelve))}, {}).kept
    rules = kept.probed.rules
    assert len({rule.id for rule in rules}) == 24
    assert rules[0].id == "x%20y%3Az.c:1.branch0.0"
    assert [rule.decision for rule in rules] == [rules[at - at % 2].id for at in range(24)]
    assert rules[20].id == "x%20y%3Az.c:1.branch10.0"


def test_lines_are_no_rules_where_any_report_has_branches() -> None:
    lines = MeasuredFile(NAME, (Arm(4, "line", "1", 1, ""),), sha256=DIGEST)
    joined = join({"a": of_case(file(0, 0)), "b": of_case(lines, 2)}, TEXTS)
    assert [str(rule.kind) for rule in joined.kept[0].probed.rules] == ["entry", "branch", "branch"]
    assert joined.hits["tests/test_x.py::test_x", "2" * 64] == ()


def test_sources_of_one_file_name_stay_apart() -> None:
    other = Measurement("shop", "jacoco", (file(1, 0, ""),), run="r")
    joined = join({"a": of_run(file(0, 0)), "b": other}, TEXTS)
    assert [(one.source, one.file) for one in joined.kept] == [("billing", "legacy/Fee.json"), ("shop", "b")]
    found = cover(joined.kept, [], runs=joined.runs)
    assert [one.count.exercised for one in found.routines] == [0, 2]
