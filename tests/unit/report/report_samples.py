"""Runs as a reader meets them, built from the model only; each is one expected report."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date
from decimal import Decimal
from hashlib import sha256

from rulebook_samples import SUSPECT, TOTAL, book, doubtful

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
    RuleHit,
    RunResult,
    RunVerdict,
    Verdict,
)
from pytest_characterize.rulemutants import Mutant, Operator, Reproduction
from pytest_characterize.values import ABSENT, Cell, Raised

BILLING = "tests/characterization/test_billing.py::test_invoice_total"
PAGES = "tests/characterization/test_pages.py::TestInvoice::test_invoice_page"
STAMP = Ignore("$.generated_at", reason="changes with every run")
CENT = Tolerance("$.total", absolute=Decimal("0.01"), relative="0.001", reason="legacy sums floats")
LINES = Unordered("$.lines", reason="the page sorts them itself")


def case(
    number: int, verdict: Verdict = Verdict.MATCHED, *, test: str = BILLING, **others: object
) -> CaseResult:
    """One case of a test; its id is made from the two, so that it is stable."""
    id_ = sha256(f"{test} {number}".encode()).hexdigest()
    label = f"customer-{number}-{id_[:12]}"
    path, _, name = test.partition("::")
    module = path.removesuffix(".py").replace("/", ".")
    golden = f"characterization/goldens/{module}/{name.replace('::', '.')}/{label}.json"
    known = {
        "legacy": "billing.invoice_total" if test == BILLING else "web GET /invoice/{customer_id}",
        "input": {"customer_id": number, "on": date(2024, 3, 1 + number % 28)},
        "golden": golden if verdict is not Verdict.UNRECORDED else "",
        "provenance": {"source": "billing" if test == BILLING else "web", "version": "7.2"},
        "recorded_at": f"2024-03-{1 + number % 28:02}T08:00:00.000000+00:00",
    }
    return CaseResult(test, id_, label, verdict, **(known | others))  # type: ignore[arg-type]


def cases(numbers: range, verdict: Verdict = Verdict.MATCHED, **others: object) -> list[CaseResult]:
    return [case(number, verdict, **others) for number in numbers]


def drift(name: str, members: list[CaseResult], of: int, evidence: str, place: int = 0) -> DriftGroup:
    """A group of the members' differences number ``place``; the first member is the witness."""
    first = members[0]
    difference = first.differences[place]
    where = DriftPlace(first.test, difference.path, difference.kind, len(members), evidence)
    return DriftGroup(
        name,
        first.test,
        first.legacy,
        difference.path,
        difference.kind,
        tuple(members),
        of,
        first,
        difference,
        evidence,
        places=(where,),
        tests=(DriftTest(first.test, first.legacy, tuple(one.label for one in members), of),),
    )


def several_places() -> RunResult:
    """One cause that shows in a procedure, in its rows and on a page, and one with follow-ups."""
    plain = drifts()
    total, page = plain.groups[0], plain.groups[3]
    rows = DriftPlace(BILLING, "$effects.tables.ledger.inserted", Kind.EFFECT, 8, "empty")
    text = DriftPlace(PAGES, page.pattern, page.kind, 2, "they part at character 437")
    members = (*total.cases, *page.cases)
    tests = (*total.tests, DriftTest(PAGES, page.legacy, page.tests[0].cases, 3))
    joined = replace(total, cases=members, of=24, places=(*total.places, rows, text), tests=tests)
    later = DriftPlace(BILLING, "$[*].returned.number", Kind.VALUE, 1, follows=True)
    groups = (joined, replace(plain.groups[1], places=(*plain.groups[1].places, later)))
    return replace(plain, groups=(*groups, plain.groups[2], plain.groups[4]))


def run(
    verdict: RunVerdict,
    results: list[CaseResult],
    groups: tuple[DriftGroup, ...] = (),
    incomplete: tuple[str, ...] = (),
) -> RunResult:
    return RunResult(
        verdict=verdict,
        complete=not incomplete,
        incomplete_because=incomplete,
        results=tuple(sorted(results, key=lambda one: (one.test, one.label))),
        groups=groups,
        started_at="2026-03-01T09:30:00+00:00",
        duration=12.3456789,
        provenance={"pytest-characterize": "0.1.0", "python": "3.12.8", "django": "5.2.1", "seed": "1"},
    )


def all_pass() -> RunResult:
    hits = (PolicyHit(STAMP, 1), PolicyHit(CENT, 0))
    return run(RunVerdict.PASS, cases(range(12), policy_hits=hits) + cases(range(3), test=PAGES))


def drifts() -> RunResult:
    discount = [
        case(
            n,
            Verdict.DRIFTED,
            differences=(Difference("$.total", Kind.VALUE, Decimal("95.00") * n, Decimal("100.00") * n),),
        )
        for n in range(1, 15)
    ]
    padded = Difference(
        "$.customer.code", Kind.PADDING, Cell("postgresql", "character(5)", "AB   "), "AB", "blanks"
    )
    letter = "Dear customer,\n" + "your invoice is due. " * 20
    texts = Difference(
        "$.body.text", Kind.VALUE, letter + "Pay within 14 days.", letter + "Pay within 30 days."
    )
    pages = [case(n, Verdict.DRIFTED, test=PAGES, differences=(padded, texts)) for n in (1, 2)]
    pages.append(
        case(3, Verdict.DRIFTED, test=PAGES, differences=(replace(padded, legacy=ABSENT, kind=Kind.EXTRA),))
    )
    refused = Raised(("billing.errors.CreditLimitExceeded", "builtins.Exception"), "limit 500.00 exceeded")
    error = Difference("$raised", Kind.ERROR, Raised(("raise_exception",), "credit limit", "P0001"), refused)
    failing = [case(20, Verdict.DRIFTED, differences=(error,))]
    results = discount + failing + cases(range(30, 36), policy_hits=(PolicyHit(LINES, 2),)) + pages
    groups = (
        drift("D1", discount, 21, "legacy = 0.95 x candidate"),
        drift("D2", failing, 21, ""),
        drift("D3", pages[:2], 3, "the same without trailing blanks"),
        drift("D4", pages[:2], 3, "", place=1),
        drift("D5", pages[2:], 3, ""),
    )
    return run(RunVerdict.DRIFT, results, groups)


def mixture() -> RunResult:
    def trouble(slug: str, message: str, hint: str) -> Problem:
        return Problem(slug, message, hint)

    zero = trouble("candidate-error", "ZeroDivisionError: division by zero", "see the failure above")
    missing = "the code names this case, but there is no golden for it"
    record = trouble(
        "case-unrecorded", missing, "record it where legacy can be reached: pytest --characterize-record=new"
    )
    results = cases(range(8), policy_hits=(PolicyHit(STAMP, 3),))
    results += cases(range(10, 13), Verdict.ERRORED, problem=zero)
    for number in (13, 14):
        broken = case(number, Verdict.ERRORED, input={})
        problem = trouble(
            "golden-damaged",
            f"{broken.golden}: ends too early at line 7",
            "restore the file from version control",
        )
        results.append(replace(broken, problem=problem))
    results += cases(range(20, 61), Verdict.UNRECORDED, problem=record)
    results += cases(
        range(70, 71),
        Verdict.UNPLAYED,
        problem=trouble(
            "case-unplayed",
            "there is a golden, but the test no longer names this case",
            "pytest-characterize prune",
        ),
    )
    results += cases(
        range(3),
        Verdict.SKIPPED,
        test=PAGES,
        problem=trouble("case-skipped", "skipped: no browser", "remove the skip"),
    )
    return run(RunVerdict.INCOMPLETE, results)


def partial() -> RunResult:
    return run(
        RunVerdict.INCOMPLETE,
        cases(range(4)),
        incomplete=("partial run: 12 deselected by -k", "stopped early by -x"),
    )


def empty() -> RunResult:
    return run(RunVerdict.INCOMPLETE, [], incomplete=("no case was replayed",))


def waived() -> RunResult:
    rounded = Difference("$.total", Kind.ROUNDING, Decimal("0.13"), Decimal("0.12"), "half up / half even")
    until = Problem(
        "waiver-expired",
        "waiver W3 (half-even is the new rule) expired on 2026-02-28",
        "renew it or mend the drift",
    )
    expired = case(7, Verdict.EXPIRED, differences=(rounded,), problem=until)
    results = [*cases(range(5)), *cases(range(5, 7), Verdict.WAIVED, differences=(rounded,)), expired]
    return run(RunVerdict.DRIFT, results, (drift("D1", [expired], 8, rounded.note),))


def rules() -> RunResult:
    """The first of the drifts with its suspect, and what its cases exercised."""
    plain = drifts()
    hit = tuple(
        replace(one, source="billing", hits=(RuleHit(f"{TOTAL}:41.branch1"),)) if one.test == BILLING else one
        for one in plain.results
    )
    groups = (replace(plain.groups[0], suspects=(SUSPECT,)),)
    return replace(plain, results=hit, groups=groups, rules=book(BILLING, plain.results[0].label))


def explained() -> RunResult:
    """A drift that a mutant reproduces, one that two do, one that a mutant resembles."""
    known = rules()
    plain = drifts()
    first = replace(SUSPECT, score=1.0, found="reproduces", was="v_tenure > 5", becomes="v_tenure > 6")
    other = replace(first, line=43, text="v_rate := 0.05", arm="", alike=0, was="0.05", becomes="0.06")
    like = replace(other, score=0.87, found="resembles", was="round(v_total, 2)", becomes="")
    boundary = Mutant("f:41.constant1", TOTAL, 41, Operator.CONSTANT, first.was, first.becomes)
    rate = Mutant("f:43.constant1", TOTAL, 43, Operator.CONSTANT, other.was, other.becomes)
    limit, rated = "ELSIF v_tenure > 6", "v_rate := 0.06"
    single = Reproduction((boundary,), (limit,), 14, 14, 5, 7, alike=2)
    double = Reproduction((boundary, rate), (limit, rated), 1, 1, 6, 6)
    groups = (
        replace(plain.groups[0], suspects=(first, other), explanation=single),
        replace(plain.groups[1], suspects=(first, other), explanation=double),
        replace(plain.groups[2], suspects=(like,)),
        *plain.groups[3:],
    )
    return replace(known, groups=groups)


def rules_in_doubt() -> RunResult:
    """Every case matched, and that proves little."""
    results = cases(range(12))
    broken = doubtful(BILLING, [one.label for one in results[:3]])
    return replace(run(RunVerdict.INCOMPLETE, results), rules=broken)


SAMPLES: dict[str, Callable[[], RunResult]] = {
    "all_pass": all_pass,
    "drifts": drifts,
    "several_places": several_places,
    "mixture": mixture,
    "partial": partial,
    "empty": empty,
    "waived": waived,
    "rules": rules,
    "explained": explained,
    "rules_in_doubt": rules_in_doubt,
}
