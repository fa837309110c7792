"""Adequacy as readers meet it."""

from __future__ import annotations

from dataclasses import replace

from jsonschema import Draft202012Validator
from report_samples import cases, run
from rulebook_samples import INVOICE_TOTAL, TOTAL

from pytest_characterize.model import RunResult, RunVerdict
from pytest_characterize.report import markdown, terminal
from pytest_characterize.report.json_report import render, schema
from pytest_characterize.rulebook import RuleBook
from pytest_characterize.rulemutants import Adequacy, Mutant, MutantStatus, Operator

TELLING = {"t/test_billing.py::test_total": {"customer_id": 7, "years": 5}}


def status(place: str, was: str, becomes: str, **others: object) -> MutantStatus:
    line, _, rest = place.partition(".")
    mutant = Mutant(f"{TOTAL}:{place}", TOTAL, int(line), Operator(rest.rstrip("0123456789")), was, becomes)
    return MutantStatus(mutant, "billing", **({"fate": "run", "reached": 4} | others))  # type: ignore[arg-type]


FOUND = Adequacy(
    (
        status("39.boundary1", "v_tenure > 10", "v_tenure >= 10", fate="unreached", reached=0),
        status("41.boundary1", "v_tenure > 5", "v_tenure >= 5", telling=TELLING),
        status("41.constant1", "v_tenure > 5", "v_tenure > 6"),
        status("41.relation1", "v_tenure > 5", "v_tenure <= 5", noticed=4),
        status("44.statement1", "PERFORM book('|')", "", noticed=1),
        status("44.text1", "trim(`x`)", "`x`", equivalent="nobody *pads*"),
    ),
    ("t/test_closing.py::test_close: no mutant was run on 2 of its cases",),
)


def result(found: Adequacy = FOUND) -> RunResult:
    return replace(run(RunVerdict.PASS, cases(range(4))), rules=RuleBook((INVOICE_TOTAL,)), adequacy=found)


def test_the_terminal() -> None:
    told = terminal.lines(result(), 100)
    start = next(at for at, line in enumerate(told) if line.startswith("ADEQUACY"))
    assert told[start : start + 7] == [
        "ADEQUACY  40.0 %   2 of 5 changed rules would be noticed   2 survived, 1 reached by no case",
        "  context       billing   40.0 %   2 of 5",
        "  not pinned    invoice_total:41  v_tenure > 5   against v_tenure >= 5 or v_tenure > 6",
        "                add to test_total: customer_id=7 years=5",
        "  unknown       t/test_closing.py::test_close: no mutant was run on 2 of its cases",
        "  next          pytest --characterize-mutants",
        "",
    ]


def test_nothing_is_said_where_no_mutant_was_run() -> None:
    assert not any("ADEQUACY" in line for line in terminal.lines(result(Adequacy()), 100))
    assert "Would the goldens notice" not in markdown.render(result(Adequacy()))


def test_markdown() -> None:
    told = markdown.render(result())
    assert "of 5 changes the goldens notice 2 (40.0 %)" in told
    assert (
        "| `invoice_total:41` | `v_tenure > 5` | `v_tenure >= 5`, `v_tenure > 6` | `customer_id=7 years=5`"
        in told
    )
    assert "no mutant was run on 2 of its cases" in told
    assert "nobody \\*pads\\*" in told


def test_json() -> None:
    tree = render(result())
    Draft202012Validator(schema()).validate(tree)
    found = tree["adequacy"]
    assert found["counts"] == {
        "made": 5,
        "noticed": 2,
        "survived": 2,
        "unreached": 1,
        "pending": 0,
        "percent": 40.0,
    }
    assert len(found["mutants"]) == len(FOUND.statuses)
    assert found["mutants"][1]["telling"][0]["test"] == "t/test_billing.py::test_total"
