"""``rules.toml``: what it declares, and what it must not say."""

from __future__ import annotations

import pytest

from pytest_characterize.errors import ConfigurationError
from pytest_characterize.rules.declared import Anchor, DeclaredContext, DeclaredRule, read_catalogue

FILE = "characterization/rules.toml"


def read(text: str):
    return read_catalogue(text.encode(), FILE)


def test_everything_that_can_be_declared() -> None:
    catalogue = read(
        """
        [[context]]
        name = "billing"
        routines = ["invoice_*"]
        source = "db"

        [[rule]]
        id = "BILL-007"
        title = "the fifth anniversary"
        context = "billing"
        owner = "accounting"
        criticality = "high"
        anchors = [
            { routine = "invoice_total", text = "ELSIF   v_tenure\\n>= 5", arm = "taken" },
            { file = "legacy/db/x.json", line = 7, source = "db" },
            { tag = "BILL-7" },
        ]
        """
    )
    assert catalogue.contexts == (DeclaredContext("billing", ("invoice_*",), "db"),)
    assert catalogue.rules == (
        DeclaredRule(
            "BILL-007",
            "the fifth anniversary",
            "billing",
            "accounting",
            "high",
            (
                Anchor(routine="invoice_total", text="ELSIF v_tenure >= 5", arm="taken"),
                Anchor(file="legacy/db/x.json", line=7, source="db"),
                Anchor(tag="BILL-7"),
            ),
        ),
    )


def test_nothing_declares_nothing() -> None:
    catalogue = read("")
    assert (catalogue.rules, catalogue.contexts, catalogue.file) == ((), (), FILE)
    assert catalogue.context_of("billing", "f()") == "billing"


def test_an_id_is_enough() -> None:
    assert read('[[rule]]\nid = "B-1"').rules == (DeclaredRule("B-1"),)


@pytest.mark.parametrize(
    ("source", "routine", "context"),
    [
        ("db", "public.invoice_total(integer)", "billing"),
        ("old", "public.invoice_total(integer)", "everything old"),
        ("db", "public.page(integer)", "pages"),
        ("db", "web.page(integer)", "db"),
        ("db", "other()", "db"),
    ],
)
def test_the_first_context_that_has_a_routine(source: str, routine: str, context: str) -> None:
    catalogue = read(
        """
        context = [
            { name = "billing", routines = ["invoice_*"], source = "db" },
            { name = "pages", routines = ["public.p?ge"] },
            { name = "everything old", source = "old" },
        ]
        """
    )
    assert catalogue.context_of(source, routine) == context


@pytest.mark.parametrize(
    ("text", "slug", "message"),
    [
        ("[[rule]", "rules-unreadable", "cannot be read as TOML"),
        ("rule = 3", "config-wrong-type", "rule must be an array of tables, not 3"),
        ("rules = []", "config-unknown-key", "rules.toml: has unknown key 'rules'"),
        ("[[rule]]", "config-missing-key", "[rule[0]] lacks 'id'"),
        ("[[rule]]\nid = 7", "config-wrong-type", "[rule[0]] id must be a string, not 7"),
        ('[[rule]]\nid = ""', "config-bad-value", "[rule[0]] id must be one word, not ''"),
        ('[[rule]]\nid = "B 7"', "config-bad-value", "id must be one word, not 'B 7'"),
        ('[[rule]]\nid = "B-7"\nowners = ""', "config-unknown-key", "[rule[0]] has unknown key 'owners'"),
        (
            '[[rule]]\nid = "B-7"\ncriticality = "very"',
            "config-bad-value",
            "must be one of 'critical', 'high'",
        ),
        ('[[rule]]\nid = "B-7"\n[[rule]]\nid = "B-7"', "rules-doubled", "B-7 is declared twice"),
        ('[[rule]]\nid = "B-7"\nanchors = [7]', "config-wrong-type", "[rule[0].anchors[0]] must be a table"),
        ('[[rule]]\nid = "B-7"\nanchors = [{}]', "rules-anchor", "B-7: the anchor {  } does not say one"),
        (
            '[[rule]]\nid = "B-7"\nanchors = [{ text = "IF x" }]',
            "rules-anchor",
            "the anchor { text = 'IF x' } does not say one place",
        ),
        (
            '[[rule]]\nid = "B-7"\nanchors = [{ tag = "B-7", routine = "f" }]',
            "rules-anchor",
            "{ routine = 'f', tag = 'B-7' }",
        ),
        (
            '[[rule]]\nid = "B-7"\nanchors = [{ routine = "f", file = "g" }]',
            "rules-anchor",
            "{ routine = 'f', file = 'g' }",
        ),
        (
            '[[rule]]\nid = "B-7"\nanchors = [{ tag = "B-7", line = 3 }]',
            "rules-anchor",
            "{ line = 3, tag = 'B-7' }",
        ),
        (
            '[[rule]]\nid = "B-7"\nanchors = [{ routine = "f", line = 0 }]',
            "config-wrong-type",
            "line must be a positive integer, not 0",
        ),
        (
            '[[rule]]\nid = "B-7"\nanchors = [{ routine = "f", line = true }]',
            "config-wrong-type",
            "line must be a positive integer, not True",
        ),
        ('[[context]]\nroutines = ["f"]', "config-missing-key", "[context[0]] lacks 'name'"),
        ('[[context]]\nname = " "', "config-bad-value", "[context[0]] name must not be empty"),
    ],
)
def test_what_makes_no_sense_is_named(text: str, slug: str, message: str) -> None:
    with pytest.raises(ConfigurationError) as caught:
        read(text)
    assert caught.value.slug == slug
    assert message in caught.value.message
    assert caught.value.message.startswith(FILE)
    assert "\n" not in caught.value.message.replace("\n", " ", 0).strip()


def test_bytes_that_are_no_text() -> None:
    with pytest.raises(ConfigurationError, match="cannot be read as TOML"):
        read_catalogue(b"\xff", FILE)
