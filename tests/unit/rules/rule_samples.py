"""Two small routines as a server prints them, and cases that ran through them."""

from __future__ import annotations

from itertools import count

from pytest_characterize.model import CaseResult, RuleHit, Verdict
from pytest_characterize.rules.kept import KeptSource, kept_source

DISCOUNT = """\
CREATE OR REPLACE FUNCTION public.discount(p_years integer)
 RETURNS integer
 LANGUAGE plpgsql
AS $function$
BEGIN
    -- rule: BILL-007 the fifth anniversary
    IF p_years >= 5 THEN
        RETURN 5;
    END IF;
    RETURN fee(p_years);  -- rule: BILL-008
END $function$
"""

FEE = """\
CREATE OR REPLACE FUNCTION public.fee(p_days integer)
 RETURNS integer
 LANGUAGE plpgsql
AS $function$
BEGIN
    IF p_days < 0 THEN
        RAISE EXCEPTION 'days';
    END IF;
    CASE p_days WHEN 1 THEN RETURN 1; WHEN 2 THEN RETURN 4; END CASE;
END $function$
"""

NAME = "public.discount(integer)"
FEE_NAME = "public.fee(integer)"
TEST = "tests/test_x.py::test_x"
_numbers = count()


def kept(
    text: str = DISCOUNT, name: str = NAME, source: str = "billing", kind: str = "procedure"
) -> KeptSource:
    found = kept_source(source, name, kind, text, f"characterization/legacy/{source}/{name}.json")
    assert found is not None
    return found


BOTH = (kept(), kept(FEE, FEE_NAME))


def case(*hits: str, verdict: Verdict = Verdict.MATCHED, **others: object) -> CaseResult:
    """A case that hit rules, named without their routine: ``4.branch1``."""
    number = next(_numbers)
    known: dict[str, object] = {"source": "billing", "label": f"case-{number}"}
    ids = (hit if ":" in hit else f"{NAME}:{hit}" for hit in hits)
    return CaseResult(
        TEST,
        f"{number:064}",
        verdict=verdict,
        hits=tuple(map(RuleHit, ids)),
        **(known | others),  # type: ignore[arg-type]
    )
