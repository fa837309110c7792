"""Rule books that nobody would write by hand: any text in every place, whatever the numbers."""

from __future__ import annotations

from hypothesis import strategies as st

from pytest_characterize.rulebook import (
    CRITICALITIES,
    Anchored,
    CaseNote,
    DeclaredStatus,
    RoutineStatus,
    RuleBook,
    RuleProblem,
    RuleStatus,
    Suspect,
)
from pytest_characterize.rulemutants import Mutant, Operator, Reproduction

_FEW = st.integers(0, 9)


@st.composite
def rule_books(draw: st.DrawFn, texts: st.SearchStrategy[str]) -> RuleBook:
    """Any rule book whose parts fit together."""
    rules = st.builds(
        RuleStatus, texts, _FEW, texts, texts, texts, st.booleans(), _FEW, _FEW, _FEW, decision=texts
    )
    several = st.lists(rules, max_size=3).map(tuple)
    clauses = st.lists(texts, max_size=2).map(tuple)
    routines = draw(
        st.lists(st.builds(RoutineStatus, texts, texts, texts, several, clauses, texts), max_size=3)
    )
    anchored = [Anchored(routine, rule) for routine in routines for rule in routine.rules]
    places = st.lists(st.sampled_from(anchored), max_size=3).map(tuple) if anchored else st.just(())
    declared = st.builds(
        DeclaredStatus, texts, texts, texts, texts, st.sampled_from(CRITICALITIES), places, clauses
    )
    notes = st.lists(st.builds(CaseNote, texts, texts, texts), max_size=2).map(tuple)
    return RuleBook(
        tuple(routines),
        draw(notes),
        draw(notes),
        tuple(draw(st.lists(declared, max_size=2))),
        tuple(draw(st.lists(st.builds(RuleProblem, texts, texts, texts), max_size=2))),
    )


def suspects(texts: st.SearchStrategy[str]) -> st.SearchStrategy[tuple[Suspect, ...]]:
    """Any suspects of a drift."""
    shares = st.floats(0, 1).map(lambda share: round(share, 4))
    found = st.sampled_from(["reproduces", "resembles", "hits"])
    parts = (
        texts,
        _FEW,
        texts,
        texts,
        shares,
        _FEW,
        _FEW,
        _FEW,
        _FEW,
        st.booleans(),
        _FEW,
        found,
        texts,
        texts,
    )
    return st.lists(st.builds(Suspect, *parts), max_size=3).map(tuple)


@st.composite
def explanations(draw: st.DrawFn, texts: st.SearchStrategy[str]) -> Reproduction | None:
    """Any explanation of a drift, or none."""
    number = draw(st.integers(0, 2))
    mutant = st.builds(Mutant, texts, texts, _FEW, st.sampled_from(Operator), texts, texts)
    mutants = tuple(draw(mutant) for _ in range(number))
    told = tuple(draw(texts) for _ in range(number))
    numbers = [draw(_FEW) for _ in range(5)]
    return Reproduction(mutants, told, *numbers) if number else None
