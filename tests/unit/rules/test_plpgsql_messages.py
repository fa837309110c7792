"""Messages taken apart, and texts without probes."""

from __future__ import annotations

import pytest

from pytest_characterize.rules.catalogue import Depth, Heard
from pytest_characterize.rules.plpgsql.guards import VARIABLES, WIDTH, Flag, Guard, declarations
from pytest_characterize.rules.plpgsql.messages import heard, hits, rules_of
from pytest_characterize.rules.plpgsql.probes import instrument
from pytest_characterize.rules.plpgsql.text import Insertions, restore, restore_position


def test_hits_and_the_messages_of_legacy() -> None:
    messages = [
        ("INFO", "~pc:f:2.entry1"),
        ("NOTICE", "paid"),
        ("INFO", "~pc:f:3.branch1,3.return1"),
        ("INFO", "also legacy's"),
        ("INFO", "~pc:g(integer,text):9.expression12"),
        ("INFO", "~pc:f:2.entry1"),
    ]
    assert heard(messages) == Heard(
        {"f:2.entry1": 2, "f:3.branch1": 1, "f:3.return1": 1, "g(integer,text):9.expression12": 1}, (1, 3)
    )
    assert hits(messages) == heard(messages).hits
    assert heard([]) == Heard()


@pytest.mark.parametrize(
    ("severity", "message"),
    [
        ("NOTICE", "~pc:f:2.entry1"),
        ("INFO", " ~pc:f:2.entry1"),
        ("INFO", "~pc:f:2.entry1\n"),
        ("INFO", "~pc:f:2.entry1,"),
        ("INFO", "~pc:f"),
        ("INFO", "~pc:f:x"),
        ("INFO", "~pc is ours"),
        ("WARNING", ""),
    ],
)
def test_only_whole_messages_of_ours_are_hits(severity: str, message: str) -> None:
    assert rules_of(severity, message) == []
    assert heard([(severity, message)]).notices == (0,)


def function(body: str) -> str:
    return f"CREATE FUNCTION f() RETURNS int LANGUAGE plpgsql AS $f${body}$f$"


EXPRESSIONS = [
    "CASE WHEN a > 1 THEN 'it''s' END",
    "CASE a WHEN 1 THEN 2 WHEN b||'x' THEN 3 END",
    "a AND (b OR NOT c)",
    "(a)AND(b)",
    "CASE WHEN a AND b THEN CASE upper(c) WHEN 'X' THEN 1 END ELSE CASE WHEN d THEN 2 END END",
]


@pytest.mark.parametrize("expression", EXPRESSIONS)
def test_a_quoted_piece_is_restored(expression: str) -> None:
    """The server quotes an expression from its first token to its last, which cuts comments off."""
    source = function(f"BEGIN LOOP EXIT WHEN {expression}; END LOOP; END")
    made = instrument(source, depth=Depth(operands=True)).text
    start = made.index("EXIT WHEN") + len("EXIT WHEN")
    quoted = made[start : made.index(";/*~pc*/", start)].strip()
    assert quoted != expression
    assert restore(quoted) == expression
    assert restore(f'SQL expression "{quoted}"\nPL/pgSQL function f() line 1 at EXIT') == (
        f'SQL expression "{expression}"\nPL/pgSQL function f() line 1 at EXIT'
    )


def test_a_position_is_restored() -> None:
    source = function("BEGIN RETURN CASE a WHEN 1 THEN nowhere.x WHEN 2 THEN 3 END; END")
    made = instrument(source).text
    for word in ("BEGIN", "RETURN CASE", "nowhere", "THEN 3", "3 END"):
        position = made.index(word) + 1
        assert restore_position(made, position) == source.index(word) + 1
    assert restore_position("no probes", 4) == 4


def test_other_texts_stay() -> None:
    for text in ("", "SQL statement \"SELECT 1\"", "pg_temp.f(1)", "/* pc */"):  # fmt: skip
        assert restore(text) == text


def test_the_number_of_a_variable_is_restored() -> None:
    told = "type of parameter {} (numeric) does not match that when preparing the plan (integer)"
    assert restore(told.format(5 + VARIABLES)) == told.format(5)
    assert declarations("").count(";") == declarations("pc.h0.seen").count(";") == VARIABLES


def test_guards() -> None:
    guarded = Guard(2, "pc.h0.seen").once("X;")
    assert guarded.startswith('IF "~pc" & 4 = 0 THEN "~pc":=CASE WHEN pg_catalog.current_setting')
    assert guarded.endswith(
        """set_config('pc.h0.seen',("~pc" | 4)::TEXT,true)::BIGINT ELSE "~pc" | 4 END;X;END IF;"""
    )
    assert Guard(WIDTH, "pc.h0.seen").once("X;") == 'IF "~pca"[62] IS NULL THEN "~pca"[62]:=TRUE;X;END IF;'
    flag = Flag(7)
    assert (flag.unset, flag.set, flag.clear) == ('"~pca"[7] IS NULL', '"~pca"[7]:=TRUE;', '"~pca"[7]:=NULL;')


def test_what_meets_at_one_offset_is_ordered() -> None:
    """What closes comes first, inner before outer; then what follows, what precedes, what opens."""
    insertions = Insertions()
    insertions.around(0, 1, "(", ")")
    insertions.around(0, 1, "[", "]")
    insertions.before(1, "before ")
    insertions.after(1, " after ")
    insertions.around(1, 2, "{", "}")
    assert insertions.woven_into("ab") == "([a]) after before {b}"
