"""Business rules and the decisions that they stand for: found, or named as lost."""

from __future__ import annotations

import pytest
from rule_samples import BOTH, DISCOUNT, FEE_NAME, NAME, case, kept

from pytest_characterize.rulebook import DeclaredStatus, RuleBook
from pytest_characterize.rules.anchoring import declare
from pytest_characterize.rules.comments import Tag, tags
from pytest_characterize.rules.coverage import cover
from pytest_characterize.rules.declared import Anchor, Catalogue, DeclaredRule
from pytest_characterize.rules.kept import KeptSource

FILE = "characterization/rules.toml"


def declared(
    *rules: DeclaredRule, sources: tuple[KeptSource, ...] = BOTH, hits: tuple[str, ...] = ()
) -> RuleBook:
    return declare(cover(sources, [case(*hits)]), sources, Catalogue(FILE, rules))


def anchored(anchor: Anchor, sources: tuple[KeptSource, ...] = BOTH) -> list[str]:
    """The rules that an anchor means: ``discount:4 taken``."""
    book = declared(DeclaredRule("X-1", anchors=(anchor,)), sources=sources)
    (one,) = [one for one in book.declared if one.id == "X-1"]
    return [f"{at.routine.name}:{at.rule.line} {at.rule.arm}" for at in one.anchored]


def problem(anchor: Anchor) -> str:
    book = declared(DeclaredRule("X-1", anchors=(anchor,)))
    (found,) = book.problems
    assert found.slug == "rule-anchor-lost"
    assert found.message.startswith(f"{FILE}: X-1: ")
    return found.message.removeprefix(f"{FILE}: X-1: ")


BRANCH = ["discount:4 taken", "discount:4 no branch taken"]


@pytest.mark.parametrize(
    ("anchor", "found"),
    [
        (Anchor(routine="discount", text="IF p_years >= 5"), BRANCH),
        (Anchor(routine="discount", text="p_years >= 5"), BRANCH),
        (Anchor(routine="public.discount", text="IF p_years >= 5", arm="taken"), BRANCH[:1]),
        (Anchor(routine=NAME, line=4), BRANCH),
        (Anchor(routine="discount", line=4, arm="no branch taken"), BRANCH[1:]),
        (Anchor(file=f"characterization/legacy/billing/{NAME}.json", line=4), BRANCH),
        (Anchor(file=f"{NAME}.json", text="p_years >= 5"), BRANCH),
        (Anchor(routine="discount", source="billing", line=7), ["discount:7 reached"]),
        (Anchor(tag="BILL-007"), BRANCH),
        (Anchor(tag="BILL-008"), ["discount:7 reached"]),
        (Anchor(routine="fee", text="CASE p_days WHEN 2"), ["fee:6 taken"]),
    ],
)
def test_an_anchor_means_these_rules(anchor: Anchor, found: list[str]) -> None:
    assert anchored(anchor) == found


def test_a_routine_alone_means_all_of_it() -> None:
    assert len(anchored(Anchor(routine="discount"))) == 5


@pytest.mark.parametrize(
    ("anchor", "message"),
    [
        (
            Anchor(routine="discount", text="IF p_years > 5"),
            "discount has no such rule: routine = 'discount', text = 'IF p_years > 5'; "
            "the nearest is 'IF p_years >= 5'",
        ),
        (
            Anchor(routine="discounts", line=3),
            "no source of 'discounts' is kept; the nearest is 'discount'",
        ),
        (Anchor(routine="zzz", line=3), "no source of 'zzz' is kept"),
        (Anchor(file="iscount(integer).json"), "no source of 'iscount(integer).json' is kept"),
        (
            Anchor(routine="discount", source="web"),
            "no source of 'discount' is kept; the nearest is 'discount'",
        ),
        (
            Anchor(routine="discount", line=5, arm="taken"),
            "discount has no such arm: routine = 'discount', line = 5, arm = 'taken' (there, arm can be 'reached')",
        ),
        (
            Anchor(routine="discount", line=3, arm="taken"),
            "discount has no such rule: routine = 'discount', line = 3, arm = 'taken' "
            "(rules are at lines 2, 4, 5, 7)",
        ),
        (Anchor(tag="BILL-07"), "no comment of the kept sources names it; the nearest is 'BILL-007'"),
    ],
)
def test_an_anchor_that_matches_nothing_is_named(anchor: Anchor, message: str) -> None:
    assert problem(anchor) == message


def test_one_lost_anchor_of_several_does_not_hide_behind_the_others() -> None:
    rule = DeclaredRule("X-1", anchors=(Anchor(routine="discount", line=4), Anchor(routine="gone")))
    book = declared(rule, hits=("4.branch1", "4.branch2"))
    (one,) = [one for one in book.declared if one.id == "X-1"]
    assert (one.count.known, one.count.exercised, one.count.unknown) == (2, 2, 1)
    assert len(book.problems) == len(one.problems) == 1


def test_coverage_of_a_business_rule_is_that_of_its_decisions() -> None:
    book = declared(DeclaredRule("X-1", anchors=(Anchor(routine="discount", line=4),)), hits=("4.branch2",))
    (one,) = [one for one in book.declared if one.id == "X-1"]
    assert (one.count.known, one.count.exercised) == (2, 1)


def test_a_rule_that_is_anchored_twice_counts_once() -> None:
    anchors = (Anchor(routine="discount", line=4), Anchor(tag="BILL-007"))
    book = declared(DeclaredRule("X-1", anchors=anchors))
    (one,) = [one for one in book.declared if one.id == "X-1"]
    assert one.count.known == 2


def ids(book: RuleBook) -> list[str]:
    return [one.id for one in book.declared]


def test_a_name_in_a_comment_declares_itself() -> None:
    book = declared()
    assert ids(book) == ["BILL-007", "BILL-008"]
    assert book.declared[0] == DeclaredStatus(
        "BILL-007", "the fifth anniversary", "billing", anchored=book.declared[0].anchored
    )
    assert not book.problems


def test_a_declared_name_needs_no_anchor() -> None:
    book = declared(DeclaredRule("BILL-007", "five years", owner="accounting"))
    assert ids(book) == ["BILL-007", "BILL-008"]
    assert (book.declared[0].title, book.declared[0].owner) == ("five years", "accounting")
    assert len(book.declared[0].anchored) == 2


def test_a_name_that_an_anchor_claims_is_no_rule_by_itself() -> None:
    assert ids(declared(DeclaredRule("FIVE", anchors=(Anchor(tag="BILL-007"),)))) == ["BILL-008", "FIVE"]


def test_the_worst_comes_first_within_a_context() -> None:
    tag = (Anchor(tag="BILL-007"),)
    rules = [
        DeclaredRule("A-1", anchors=tag),
        DeclaredRule("A-2", criticality="low", anchors=tag),
        DeclaredRule("A-3", criticality="critical", anchors=tag),
        DeclaredRule("A-4", context="accounts", anchors=tag),
    ]
    assert ids(declared(*rules)) == ["A-4", "A-3", "A-2", "A-1", "BILL-008"]


def test_a_comment_before_the_first_statement_speaks_of_the_routine() -> None:
    text = DISCOUNT.replace("BEGIN\n", "-- rule: DISC-1 all of it\nBEGIN\n", 1)
    assert len(anchored(Anchor(tag="DISC-1"), (kept(text),))) == 5


def test_a_comment_below_which_there_is_nothing_is_lost() -> None:
    text = DISCOUNT.replace("END $function$", "-- rule: DISC-9\nEND $function$")
    book = declared(DeclaredRule("DISC-9"), sources=(kept(text),))
    assert [one.message for one in book.problems] == [
        f"{FILE}: DISC-9: no comment of the kept sources names it; the nearest is 'DISC-9'"
    ]


def body(text: str) -> str:
    return f"CREATE FUNCTION f() RETURNS int LANGUAGE plpgsql AS $$\n{text}\n$$"


@pytest.mark.parametrize(
    ("line", "tag"),
    [
        ("-- rule: BILL-007 tenure discount", Tag(2, "BILL-007", "tenure discount")),
        ("--rule:B7", Tag(2, "B7")),
        ("-- Rule: B7: with a colon", Tag(2, "B7", "with a colon")),
        ("/* rule: BILL-7.2 in a block */ x := 1;", Tag(2, "BILL-7.2", "in a block")),
        ("/* much\n   more -- rule: B-7 yes\n*/", Tag(3, "B-7", "yes")),
        ("x := 'a'; -- rule: B7 behind a text", Tag(2, "B7", "behind a text")),
    ],
)
def test_names_in_comments(line: str, tag: Tag) -> None:
    assert tags("procedure", body(f"BEGIN {line}\nEND")) in ((tag,), (Tag(tag.line, tag.id, tag.title),))


@pytest.mark.parametrize(
    "line",
    [
        "x := '-- rule: B-7 in a text';",
        'x := "-- rule: B-7";',
        "x := $q$ -- rule: B-7 $q$;",
        "-- rule: never on Fridays",
        "-- a rule, B-7",
        "-- rule:",
        "-- rule: B-7(x)",
    ],
)
def test_what_is_no_name_in_a_comment(line: str) -> None:
    assert tags("procedure", body(f"BEGIN {line}\nEND")) == ()


def test_a_source_that_cannot_be_read_has_no_names() -> None:
    assert tags("procedure", "nonsense -- rule: B-7") == ()
    assert tags("procedure", body("BEGIN 'open -- rule: B-7")) == ()


def test_names_in_python() -> None:
    text = (
        "def price(years):\n"
        "    # rule: BILL-007 tenure discount\n"
        "    if years >= 5:  # rule: BILL-9\n"
        "        return '# rule: B-1'\n"
    )
    assert tags("function", text) == (Tag(2, "BILL-007", "tenure discount"), Tag(3, "BILL-9"))
    old = "def price(years):\n    print `years`, 0777  # rule: B-1\n"
    assert tags("function", old) == (Tag(2, "B-1"),)
    assert tags("function", "# rule: B-1\nx = '''") == ()


def test_a_second_version_of_a_routine_answers_to_the_same_name() -> None:
    second = kept(DISCOUNT.replace("integer)", "bigint)"), "public.discount(bigint)")
    assert len(anchored(Anchor(routine="discount", text="IF p_years >= 5"), (*BOTH, second))) == 4
    assert FEE_NAME
