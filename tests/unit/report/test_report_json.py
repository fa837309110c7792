"""The JSON report: the schema holds for every run, no value is lost, every field is documented."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from jsonschema import Draft202012Validator
from report_samples import SAMPLES, case, drifts, mixture, run
from run_strategies import of_runs, run_results

from pytest_characterize.codec import from_tagged, values_equal
from pytest_characterize.model import Difference, Kind, RunResult, RunVerdict, Verdict
from pytest_characterize.report.json_report import VERSION, render, render_text, schema
from pytest_characterize.values import ABSENT

DOCS = Path(__file__).parents[3] / "docs/reference/reports.md"


def objects(node: Any) -> Iterator[dict[str, Any]]:
    """Every part of the schema that names properties."""
    if isinstance(node, dict):
        if "properties" in node and "type" in node:
            yield node
        for part in node.values():
            yield from objects(part)
    elif isinstance(node, list):
        for part in node:
            yield from objects(part)


def strict() -> Draft202012Validator:
    """The schema, with every field that it does not name forbidden: what we write is what is documented."""
    document = schema()
    for part in objects(document):
        part["additionalProperties"] = False
    return Draft202012Validator(document)


def read(text: str) -> Any:
    """As a strict reader does: no NaN, no doubled key."""

    def refuse(constant: str) -> Any:
        raise AssertionError(constant)

    def unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        assert len({key for key, _ in pairs}) == len(pairs)
        return dict(pairs)

    return json.loads(text, parse_constant=refuse, object_pairs_hook=unique)


def test_the_schema_is_a_schema_and_names_its_version() -> None:
    Draft202012Validator.check_schema(schema())
    assert schema()["properties"]["schema"]["const"] == VERSION
    assert schema()["$schema"] == "https://json-schema.org/draft/2020-12/schema"


def test_the_schema_knows_every_verdict_and_every_kind() -> None:
    parts = schema()["$defs"]
    assert parts["verdict"]["enum"] == [str(verdict) for verdict in Verdict]
    assert parts["kind"]["enum"] == [str(kind) for kind in Kind]
    assert list(parts["counts"]["properties"]) == [*map(str, Verdict), "total"]
    assert schema()["properties"]["verdict"]["enum"] == [str(verdict) for verdict in RunVerdict]


def test_every_field_is_described_and_documented() -> None:
    documented = DOCS.read_text("utf-8")
    for part in objects(schema()):
        for name, field in part["properties"].items():
            assert "description" in field or "$ref" in field, name
            assert f"`{name}`" in documented, name


@pytest.mark.parametrize("name", SAMPLES)
def test_every_sample_obeys_the_schema(name: str) -> None:
    strict().validate(read(render_text(SAMPLES[name]())))


@of_runs
@given(run_results())
def test_any_run_obeys_the_schema_and_survives_the_text(result: RunResult) -> None:
    text = render_text(result)
    assert text.isascii()
    report = read(text)
    strict().validate(report)
    assert report == render(result)
    assert text == render_text(result)
    text.encode("ascii").decode("utf-8")
    assert not any(0xD800 <= ord(character) < 0xE000 for character in json.dumps(report, ensure_ascii=False))


@of_runs
@given(run_results())
def test_counts_add_up_and_every_case_is_there(result: RunResult) -> None:
    report = render(result)
    total = dict(report["counts"])
    assert total.pop("total") == sum(total.values()) == len(report["cases"]) == len(result.results)
    for verdict, number in report["counts"].items():
        assert number == sum(test["counts"][verdict] for test in report["tests"])
    assert [one["id"] for one in report["cases"]] == [one.case for one in result.results]


@of_runs
@given(run_results())
def test_every_value_comes_back_as_it_was(result: RunResult) -> None:
    report = read(render_text(result))
    for told, known in zip(report["cases"], result.results, strict=True):
        assert values_equal(from_tagged(told["input"], "report"), dict(known.input))
        for shown, difference in zip(told["differences"], known.differences, strict=True):
            assert values_equal(from_tagged(shown["legacy"], "report"), difference.legacy)
            assert values_equal(from_tagged(shown["candidate"], "report"), difference.candidate)


def test_a_drift_names_its_cases_and_witness() -> None:
    report = render(drifts())
    first = report["drifts"][0]
    assert (first["name"], first["pattern"], first["kind"], first["of"]) == ("D1", "$.total", "value", 21)
    assert first["evidence"] == "legacy = 0.95 x candidate"
    labels = {one["label"] for one in report["cases"] if one["test"] == first["test"]}
    assert len(first["cases"]) == 14
    assert set(first["cases"]) <= labels
    assert first["witness"]["input"] == {"customer_id": 1, "on": {"$date": "2024-03-02"}}
    assert first["witness"]["difference"]["legacy"] == {"$decimal": "95.00"}


def test_a_problem_is_told_and_otherwise_null() -> None:
    problems = [one["problem"] for one in render(mixture())["cases"]]
    assert None in problems
    assert {
        "slug": "candidate-error",
        "message": "ZeroDivisionError: division by zero",
        "hint": "see the failure above",
    } in problems


def test_nothing_is_not_none() -> None:
    differences = (Difference("$", Kind.NULL, None, ABSENT), Difference("$", Kind.NULL, ABSENT, None))
    (one,) = render(run(RunVerdict.DRIFT, [case(1, Verdict.DRIFTED, differences=differences)]))["cases"]
    assert [(shown["legacy"], shown["candidate"]) for shown in one["differences"]] == [
        (None, {"$absent": True}),
        ({"$absent": True}, None),
    ]


@pytest.mark.parametrize("duration", [float("nan"), float("inf")])
def test_a_duration_that_is_no_number_is_null(duration: float) -> None:
    (one,) = render(run(RunVerdict.PASS, [case(1, duration=duration)]))["cases"]
    assert one["duration"] is None


def test_the_example_of_the_documentation_obeys_the_schema() -> None:
    (example,) = [part.split("```")[0] for part in DOCS.read_text("utf-8").split("```json\n")[1:]]
    Draft202012Validator(schema()).validate(json.loads(example))


def test_a_business_rule_counts_each_of_its_cases_once() -> None:
    tenure = next(one for one in render(SAMPLES["rules"]())["rules"]["declared"] if one["id"] == "BILL-007")
    assert (tenure["cases"], tenure["matched"]) == (21, 6)
