"""Runs that nobody would write by hand: any value, any text, any mixture of verdicts."""

from __future__ import annotations

import os
from collections.abc import Callable
from decimal import Decimal

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from rulebook_strategies import explanations, rule_books, suspects

from pytest_characterize.descriptors import Ignore, Tolerance, Unordered
from pytest_characterize.model import (
    CaseResult,
    Difference,
    DriftGroup,
    DriftPlace,
    DriftTest,
    Kind,
    PolicyHit,
    Problem,
    RunResult,
    RunVerdict,
    Verdict,
)
from pytest_characterize.rulebook import RuleBook
from pytest_characterize.values import ABSENT, Cell, Column, Member, Raised, Record, Response, Rows

_SETTINGS = settings(
    max_examples=600 if os.environ.get("CHARACTERIZE_TORTURE") else 30,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow],
)


def of_runs(test: Callable[..., None]) -> Callable[..., None]:
    """For tests of whole runs, which take a while to make: few of them, and many when it may take long."""
    return pytest.mark.torture(_SETTINGS(test))


ANY_CHARACTER = st.characters(exclude_categories=())
NASTY = st.sampled_from(
    [
        "::error file=x::gone",
        "\n::warning::x",
        "##vso[task.complete result=Succeeded;]ok",
        "##[error]x",
        "\x1b[31mred\x1b[0m",
        "\u202egnp.exe",
        "\ud800\udfff",
        "a|b\\|c\\",
        "```\n# title",
        "<script>alert(1)</script>",
        "</code></details><img src=x onerror=alert(1)>",
        "[x](javascript:alert(1))",
        "![x](http://x/y.png)",
        "``` ` ``",
        " leading and trailing ",
        "\r\n| --- |\r\n",
        "x" * 3_000,
        "日本語" * 40,
        "",
    ]
)
TEXTS = st.one_of(st.text(ANY_CHARACTER, max_size=40), NASTY)
SCALARS = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.integers(min_value=10**700, max_value=10**5_000),
    st.floats(),
    st.decimals(),
    st.dates(),
    st.datetimes(),
    st.times(),
    st.timedeltas(),
    st.uuids(),
    st.binary(max_size=40),
    TEXTS,
    st.just(ABSENT),
    st.builds(Cell, st.just("postgresql"), st.sampled_from(["text", "numeric(10,2)"]), st.none() | TEXTS),
    st.builds(Member, TEXTS, TEXTS, st.integers()),
    st.builds(
        Response, st.integers(100, 599), st.just((("content-type", "text/plain"),)), st.binary(), TEXTS
    ),
    st.builds(Raised, st.tuples(TEXTS), TEXTS, TEXTS),
    st.builds(
        lambda name, cells: Rows("postgresql", (Column(name, "text"),), tuple((cell,) for cell in cells)),
        TEXTS,
        st.lists(st.none() | TEXTS, max_size=4),
    ),
)
VALUES = st.recursive(
    SCALARS,
    lambda inner: st.one_of(
        st.lists(inner, max_size=4),
        st.lists(inner, max_size=4).map(tuple),
        st.dictionaries(TEXTS | st.integers(), inner, max_size=4),
        st.builds(Record, TEXTS, st.dictionaries(TEXTS, inner, max_size=3)),
        st.sets(TEXTS, max_size=4),
        st.frozensets(st.integers(), max_size=4),
    ),
    max_leaves=8,
)
POLICIES = st.one_of(
    st.builds(Ignore, TEXTS, reason=TEXTS),
    st.builds(Unordered, TEXTS, reason=TEXTS),
    st.builds(
        Tolerance,
        TEXTS,
        absolute=st.just(Decimal("0.01")),
        relative=st.sampled_from([0, "0.1"]),
        reason=TEXTS,
    ),
)
DIFFERENCES = st.builds(Difference, TEXTS, st.sampled_from(Kind), VALUES, VALUES, TEXTS)
TESTS = st.builds(DriftTest, TEXTS, TEXTS, st.lists(TEXTS, max_size=3).map(tuple), st.integers(0, 99))
TEXTS_BY_NAME = st.dictionaries(TEXTS, TEXTS, max_size=3)


@st.composite
def case_results(draw: st.DrawFn, number: int) -> CaseResult:
    verdict = draw(st.sampled_from(Verdict))
    problem = (
        st.none()
        if verdict in (Verdict.MATCHED, Verdict.DRIFTED)
        else st.builds(Problem, TEXTS, TEXTS, TEXTS)
    )
    return CaseResult(
        test=draw(st.sampled_from(["tests/a.py::test_a", "tests/b|`.py::test_b"]) | TEXTS),
        case=f"{number:064x}",
        label=f"{draw(TEXTS)}-{number:012x}",
        verdict=verdict,
        legacy=draw(TEXTS),
        input=draw(st.dictionaries(TEXTS, VALUES, max_size=2)),
        golden=draw(TEXTS),
        differences=tuple(draw(st.lists(DIFFERENCES, min_size=verdict is Verdict.DRIFTED, max_size=3))),
        policy_hits=tuple(draw(st.lists(st.builds(PolicyHit, POLICIES, st.integers(0, 9)), max_size=2))),
        problem=draw(problem),
        provenance=draw(TEXTS_BY_NAME),
        recorded_at=draw(st.sampled_from(["", "2024-03-01T08:00:00+00:00"])),
        duration=draw(st.floats()),
    )


def places(result: CaseResult) -> st.SearchStrategy[DriftPlace]:
    """Places of a cause that shows in a case, of its own test and of others."""
    tests = st.just(result.test) | TEXTS
    return st.builds(
        DriftPlace, tests, TEXTS, st.sampled_from(Kind), st.integers(0, 99), TEXTS, st.booleans()
    )


@st.composite
def run_results(draw: st.DrawFn) -> RunResult:
    """Any run whose parts fit together: groups consist of drifted cases of the run."""
    results = [draw(case_results(number)) for number in range(draw(st.integers(0, 5)))]
    drifted = [result for result in results if result.verdict is Verdict.DRIFTED]
    told = drifted[: draw(st.integers(0, len(drifted)))]
    groups = [
        DriftGroup(
            name=f"D{place}",
            test=result.test,
            legacy=result.legacy,
            pattern=result.differences[0].path,
            kind=result.differences[0].kind,
            cases=(result,),
            of=sum(1 for other in results if other.test == result.test),
            witness=result,
            difference=result.differences[0],
            evidence=draw(TEXTS),
            suspects=draw(suspects(TEXTS)),
            explanation=draw(explanations(TEXTS)),
            places=tuple(draw(places(result)) for _ in range(draw(st.integers(1, 6)))),
            tests=tuple(draw(st.lists(TESTS, min_size=1, max_size=3))),
        )
        for place, result in enumerate(told, start=1)
    ]
    reasons = tuple(draw(st.lists(TEXTS, max_size=2)))
    return RunResult(
        verdict=draw(st.sampled_from(RunVerdict)),
        complete=not reasons,
        incomplete_because=reasons,
        results=tuple(results),
        groups=tuple(groups),
        started_at=draw(TEXTS),
        duration=draw(st.floats()),
        provenance=draw(TEXTS_BY_NAME),
        rules=draw(st.just(RuleBook()) | rule_books(TEXTS)),
    )
