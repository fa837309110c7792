"""The tree of statements, written down as nested tuples so that it can be read."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pytest_characterize.rules.plpgsql.cursor import StructureError
from pytest_characterize.rules.plpgsql.expressions import source_of
from pytest_characterize.rules.plpgsql.lexer import Token, tokenize
from pytest_characterize.rules.plpgsql.parser import DEEPEST, parse
from pytest_characterize.rules.plpgsql.tree import (
    Arm,
    Block,
    Case,
    Counted,
    If,
    Jump,
    Loop,
    Return,
    Simple,
    Span,
    Statement,
)


class Outline:
    """A tree as tuples of words."""

    def __init__(self, source: str) -> None:
        self.tokens: list[Token] = tokenize(source)
        self.block = parse(self.tokens)

    def lines(self) -> list[Any]:
        return [self.of(statement) for statement in self.block.body]

    def text(self, span: Span | None) -> str:
        return source_of(self.tokens, span) if span else ""

    def of(self, node: Statement | Arm) -> Any:
        match node:
            case Simple(span, searchable):
                return ("simple" if searchable else "utility", self.text(span))
            case Counted(span, verb):
                return (verb, self.text(span))
            case Return(span):
                return ("return", self.text(span))
            case Jump(_, verb, condition):
                return (verb, self.text(condition))
            case If(_, arms):
                return ("if", *(self.of(arm) for arm in arms))
            case Case(_, subject, arms):
                return ("case", self.text(subject), *(self.of(arm) for arm in arms))
            case Loop(_, verb, _, header, _, body):
                return (verb, self.text(header), *(self.of(inner) for inner in body))
            case Block(_, _, declarations, _, body, handlers):
                inner = [self.of(statement) for statement in body]
                return ("block", self.text(declarations), *inner, *(self.of(arm) for arm in handlers))
            case Arm(_, condition, _, body):
                return (self.text(condition), *(self.of(inner) for inner in body))


def outline(statements: str) -> list[Any]:
    return Outline(f"BEGIN {statements} END").lines()


@pytest.mark.parametrize(
    ("statements", "expected"),
    [
        ("", []),
        ("NULL;", [("simple", "NULL;")]),
        ("a := CASE WHEN b THEN c END;", [("simple", "a := CASE WHEN b THEN c END;")]),
        ("a[1] = 2; a.b := 3; $1 := 4;", [("simple", "a[1] = 2;"), ("simple", "a.b := 3;"), ("simple", "$1 := 4;")]),
        ("RETURN;", [("return", "RETURN;")]),
        ("RETURN NEXT a;", [("simple", "RETURN NEXT a;")]),
        ("RETURN QUERY SELECT a FROM b;", [("RETURN QUERY", "RETURN QUERY SELECT a FROM b;")]),
        ("RETURN QUERY SELECT 1;", [("simple", "RETURN QUERY SELECT 1;")]),
        ("RETURN QUERY EXECUTE a USING b;", [("RETURN QUERY", "RETURN QUERY EXECUTE a USING b;")]),
        ("EXIT;", [("EXIT", "")]),
        ("CONTINUE outer WHEN a > (b);", [("CONTINUE", "a > (b)")]),
        ("IF a THEN b := 1; END IF;", [("if", ("a", ("simple", "b := 1;")))]),
        (
            "IF a THEN ELSIF b THEN RETURN; ELSEIF c THEN ELSE RETURN 1; END IF;",
            [("if", ("a",), ("b", ("return", "RETURN;")), ("c",), ("", ("return", "RETURN 1;")))],
        ),
        ("IF (CASE WHEN a THEN b END) THEN END IF;", [("if", ("(CASE WHEN a THEN b END)",))]),
        ("CASE WHEN a THEN WHEN b THEN ELSE END CASE;", [("case", "", ("a",), ("b",), ("",))]),
        ("CASE a + 1 WHEN 1, 2 THEN NULL; END CASE;", [("case", "a + 1", ("1, 2", ("simple", "NULL;")))]),
        ("LOOP EXIT; END LOOP;", [("LOOP", "", ("EXIT", ""))]),
        ("<<a>> WHILE b LOOP END LOOP a;", [("WHILE", "b")]),
        ("FOR i IN REVERSE 1..f(2, 3) BY 2 LOOP END LOOP;", [("FOR", "i IN REVERSE 1..f(2, 3) BY 2")]),
        ("FOR r IN SELECT loop FROM a.loop LOOP END LOOP;", None),
        ("FOR r IN SELECT x FROM a.loop LOOP END LOOP;", [("FOR", "r IN SELECT x FROM a.loop")]),
        ("FOREACH a SLICE 1 IN ARRAY b LOOP END LOOP;", [("FOREACH", "a SLICE 1 IN ARRAY b")]),
        ("BEGIN NULL; END;", [("block", "", ("simple", "NULL;"))]),
        (
            "<<b>> DECLARE c int := 1; BEGIN EXCEPTION WHEN a OR SQLSTATE 'x' THEN RAISE; WHEN OTHERS THEN END b;",
            [("block", "c int := 1;", ("a OR SQLSTATE 'x'", ("simple", "RAISE;")), ("OTHERS",))],
        ),
        ("SELECT a INTO b FROM c;", [("SELECT INTO", "SELECT a INTO b FROM c;")]),
        ("SELECT a INTO STRICT b FROM c;", [("simple", "SELECT a INTO STRICT b FROM c;")]),
        ("SELECT count(*) INTO b FROM c;", [("simple", "SELECT count(*) INTO b FROM c;")]),
        ("INSERT INTO a VALUES (1);", [("simple", "INSERT INTO a VALUES (1);")]),
        ("INSERT INTO a SELECT b FROM c;", [("INSERT", "INSERT INTO a SELECT b FROM c;")]),
        ("UPDATE a SET b = 1 RETURNING c INTO d;", [("UPDATE", "UPDATE a SET b = 1 RETURNING c INTO d;")]),
        ("DELETE FROM a;", [("DELETE", "DELETE FROM a;")]),
        ("WITH x AS (SELECT 1) SELECT a INTO b FROM x;", [("WITH", "WITH x AS (SELECT 1) SELECT a INTO b FROM x;")]),
        (
            "MERGE INTO a USING b ON true WHEN MATCHED THEN DELETE;",
            [("MERGE", "MERGE INTO a USING b ON true WHEN MATCHED THEN DELETE;")],
        ),
        ("PERFORM f(a);", [("simple", "PERFORM f(a);")]),
        ("PERFORM a FROM b;", [("PERFORM", "PERFORM a FROM b;")]),
        ("EXECUTE a INTO b USING c;", [("EXECUTE", "EXECUTE a INTO b USING c;")]),
        ("FETCH c INTO d;", [("FETCH", "FETCH c INTO d;")]),
        ("CREATE TABLE a (b int);", [("utility", "CREATE TABLE a (b int);")]),
        ("DROP TABLE a;", [("utility", "DROP TABLE a;")]),
        (
            "CREATE FUNCTION f() RETURNS int BEGIN ATOMIC SELECT CASE WHEN a THEN 1 END; END; NULL;",
            [
                ("utility", "CREATE FUNCTION f() RETURNS int BEGIN ATOMIC SELECT CASE WHEN a THEN 1 END; END;"),
                ("simple", "NULL;"),
            ],
        ),
        ("CALL p(CASE WHEN a THEN 1 END);", [("simple", "CALL p(CASE WHEN a THEN 1 END);")]),
        ("exit := 1; elsif[2] := 3; return.x := 4;", [
            ("simple", "exit := 1;"), ("simple", "elsif[2] := 3;"), ("simple", "return.x := 4;"),
        ]),
    ],
)  # fmt: skip
def test_statements(statements: str, expected: list[Any] | None) -> None:
    if expected is None:
        with pytest.raises(StructureError):
            outline(statements)
    else:
        assert outline(statements) == expected


def test_directives_labels_and_a_last_semicolon() -> None:
    made = Outline("#variable_conflict use_column\n#option dump\n<<x>> DECLARE BEGIN RETURN; END x;")
    assert made.lines() == [("return", "RETURN;")]
    assert made.block.declares


@pytest.mark.parametrize(
    ("source", "message", "at"),
    [
        ("", "expected BEGIN, found the end", -1),
        ("BEGIN", "expected END, found the end", 0),
        ("BEGIN END END", "expected the end, found 'END'", None),
        ("SELECT 1", "expected BEGIN, found 'SELECT'", 0),
        ("DECLARE a int;", "expected BEGIN after this", 0),
        ("BEGIN IF a THEN NULL; END;", "expected IF, found ';'", 7),
        ("BEGIN IF a; THEN END IF; END", "expected THEN after this", 1),
        ("BEGIN IF THEN END IF; END", "expected a condition, found 'THEN'", 2),
        ("BEGIN CASE a END CASE; END", "expected WHEN after this", 1),
        ("BEGIN LOOP NULL; END IF; END", "expected LOOP, found 'IF'", 5),
        ("BEGIN a := 1 END", "expected ; after this", 0),
        ("BEGIN CREATE FUNCTION f() BEGIN ATOMIC SELECT 1; END", "expected ; after this", 1),
        ("BEGIN ELSE END", "expected END, found 'ELSE'", 1),
    ],
)
def test_what_is_no_plpgsql(source: str, message: str, at: int | None) -> None:
    with pytest.raises(StructureError) as raised:
        parse(tokenize(source))
    assert raised.value.message == message
    if at is not None:
        assert raised.value.token == at


def test_depth_has_a_limit() -> None:
    def nested(depth: int) -> str:
        return "BEGIN " + "IF a THEN " * depth + "NULL;" + " END IF;" * depth + " END"

    parse(tokenize(nested(DEEPEST - 1)))
    with pytest.raises(StructureError, match=f"nested deeper than {DEEPEST}"):
        parse(tokenize(nested(DEEPEST)))


WORDS = (
    "begin end if then else elsif case when loop while for in exit continue return declare exception ; ( ) << >> a"
    " := 1 select into from , . [ ] perform execute"
)


@given(st.lists(st.sampled_from(WORDS.split()), max_size=40))
def test_any_words_are_parsed_or_refused_by_name(words: list[str]) -> None:
    tokens = tokenize("begin " + " ".join(words))
    try:
        told = parse(tokens).span.past
    except StructureError as error:
        told = error.token + 1
    assert 1 <= told <= len(tokens)
