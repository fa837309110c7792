"""Rule books as reports meet them, built from the model only."""

from __future__ import annotations

from pytest_characterize.rulebook import (
    Anchored,
    CaseNote,
    DeclaredStatus,
    RoutineStatus,
    RuleBook,
    RuleProblem,
    RuleStatus,
    Suspect,
)

TOTAL = "public.invoice_total(integer, date)"


def status(
    place: str, text: str, arm: str, cases: int = 0, *, routine: str = TOTAL, **others: object
) -> RuleStatus:
    """A rule, named by its line and kind: ``41.branch1``."""
    line, _, number = place.partition(".")
    known = {"written": "no " not in arm, "matched": cases, "decision": f"{routine}:{line}.branch1"}
    return RuleStatus(
        f"{routine}:{place}",
        int(line),
        number.rstrip("0123456789"),
        text,
        arm,
        cases=cases,
        **(known | others),  # type: ignore[arg-type]
    )


INVOICE_TOTAL = RoutineStatus(
    "billing",
    TOTAL,
    "billing",
    (
        status("2.entry1", "BEGIN", "entered", 21, matched=6),
        status("5.rows1", "SELECT * INTO c FROM customer WHERE id = p_customer", "a row", 20, matched=6),
        status(
            "5.rows2", "SELECT * INTO c FROM customer WHERE id = p_customer", "no row", 1, raised=1, matched=0
        ),
        status("39.branch1", "IF v_tenure > 10", "taken"),
        status("41.branch1", "ELSIF v_tenure > 5", "taken", 16, matched=2),
        status("41.branch2", "ELSIF v_tenure > 5", "no branch taken", 4, matched=4),
        status("44.case1", "CASE WHEN v_code = '|' THEN `x`", "taken", 1),
    ),
    called="invoice_total",
)
LATE_FEE = RoutineStatus(
    "billing",
    "public.late_fee(integer)",
    "dunning",
    (
        status("2.entry1", "BEGIN", "entered", routine="public.late_fee(integer)"),
        status("3.branch1", "IF level IS NULL", "taken", routine="public.late_fee(integer)"),
        status("3.branch2", "IF level IS NULL", "no branch taken", routine="public.late_fee(integer)"),
    ),
    ("line 5: CASE level: that no WHEN of a simple CASE holds is an error without a place",),
    called="late_fee",
)
TENURE = DeclaredStatus(
    "BILL-007",
    "more than five years: five percent",
    "billing",
    "accounting",
    "high",
    (Anchored(INVOICE_TOTAL, INVOICE_TOTAL.rules[4]),),
)
LOYAL = DeclaredStatus(
    "BILL-003",
    "more than ten years",
    "billing",
    "",
    "critical",
    (Anchored(INVOICE_TOTAL, INVOICE_TOTAL.rules[3]),),
)
SUSPECT = Suspect("invoice_total", 41, "ELSIF v_tenure > 5", "taken", 0.9354, 14, 14, 2, 7, alike=1)


def book(test: str, label: str) -> RuleBook:
    """Coverage with something of everything that a sound run may show."""
    return RuleBook(
        (INVOICE_TOTAL, LATE_FEE),
        declared=(LOYAL, TENURE),
        unseen=(CaseNote(test, label, "the copy of the routine was refused [probe-refused]"),),
    )


def doubtful(test: str, labels: list[str]) -> RuleBook:
    """Coverage that keeps a run from being green."""
    lost = DeclaredStatus("BILL-009", "half a cent goes up", problems=("invoice_total has no such rule",))
    return RuleBook(
        (INVOICE_TOTAL, LATE_FEE),
        stale=tuple(CaseNote(test, label, f"{TOTAL} has changed since") for label in labels),
        declared=(lost,),
        problems=(
            RuleProblem(
                "rule-anchor-lost",
                "characterization/rules.toml: BILL-009: invoice_total has no such rule: "
                "routine = 'invoice_total', text = 'x < 1'; the nearest is 'IF x > 1'",
                "anchor it where the rule is now (see docs/reference/rules.md)",
            ),
        ),
    )
