"""Tokens: what a structure parser must never mistake for something else."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pytest_characterize.rules.plpgsql.lexer import LexicalError, TokenKind, keywords, tokenize


def texts(source: str, *, standard_strings: bool = True) -> list[str]:
    return [token.text for token in tokenize(source, standard_strings=standard_strings)]


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("a := b", ["a", ":=", "b"]),
        ("a:=-1", ["a", ":=", "-", "1"]),
        ("1..10", ["1", "..", "10"]),
        ("1.5..2.", ["1.5", "..", "2."]),
        (".5 1.e5 1e-3 0x1F 1_000", [".5", "1.e5", "1e-3", "0x1F", "1_000"]),
        ("a.b.c", ["a", ".", "b", ".", "c"]),
        ("x::int[]", ["x", "::", "int", "[", "]"]),
        ("f(a => 1)", ["f", "(", "a", "=>", "1", ")"]),
        ("<<l>>LOOP", ["<<", "l", ">>", "LOOP"]),
        ("<<l>>--x\nLOOP", ["<<", "l", ">>", "LOOP"]),
        ("a<-1", ["a", "<", "-", "1"]),
        ("a@-1", ["a", "@-", "1"]),
        ("a*/*c*/b", ["a", "*", "b"]),
        ("a+--c\nb", ["a", "+", "b"]),
        ("a - -1", ["a", "-", "-", "1"]),
        ("j->>'k' #> '{a}' ? 'b'", ["j", "->>", "'k'", "#>", "'{a}'", "?", "'b'"]),
        ("#variable_conflict use_column", ["#", "variable_conflict", "use_column"]),
        ("a$1 $1 $2", ["a$1", "$1", "$2"]),
        ("é_Ü := 1", ["é_Ü", ":=", "1"]),
    ],
)
def test_tokens(source: str, expected: list[str]) -> None:
    assert texts(source) == expected


@pytest.mark.parametrize(
    "literal",
    [
        "'it''s; END IF'", "''", "''''", "'a\nb'", r"'a\'", r"E'a\'b'", r"e'\\'", "E'a''b'", "B'01'", "x'ff'",
        "N'n'", "U&'\\0041'", "u&'!''' ", "$$ ; '$x$' $$", "$t$ $$ $T$ $t$", "$_1$ $_$ $_1$", "$é$ 'x $é$",
    ],
)  # fmt: skip
def test_strings_are_one_token(literal: str) -> None:
    (before, token, after) = tokenize(f"a {literal} b")
    assert (before.text, after.text) == ("a", "b")
    assert token.text == literal.strip()
    assert token.kind is TokenKind.STRING
    assert token.word == ""


@pytest.mark.parametrize("name", ['"END IF"', '"a""b"', 'U&"d\\0061t"', '""";"'])
def test_quoted_names_are_one_token_and_no_keyword(name: str) -> None:
    (token,) = tokenize(name)
    assert (token.text, token.kind, token.word) == (name, TokenKind.QUOTED, "")


def test_strings_whose_backslashes_escape() -> None:
    assert texts(r"'a\' b' c", standard_strings=False) == [r"'a\' b'", "c"]
    assert texts(r"'a\' || 'c'") == [r"'a\'", "||", "'c'"]
    with pytest.raises(LexicalError):
        tokenize(r"'a\' b", standard_strings=False)


@pytest.mark.parametrize(
    "comment",
    ["-- END; '\n", "--", "/* a */", "/* a /* b */ ' $$ */", "/**/", "/* /* */ -- */", "--a\r\n", "/***/"],
)
def test_comments_are_nothing(comment: str) -> None:
    assert texts(f"a {comment}") == ["a"]
    if "--" not in comment[:2]:
        assert texts(f"a{comment}b") == ["a", "b"]


def test_words_are_compared_in_lower_case() -> None:
    assert [token.word for token in tokenize('BeGin "Begin" x')] == ["begin", "", "x"]


@pytest.mark.parametrize(
    ("source", "message", "offset"),
    [
        ("a 'b", "a string is not closed", 2),
        (r"E'b\'", "a string is not closed", 0),
        ("U&'b", "a string is not closed", 0),
        ('a "b', "a quoted name is not closed", 2),
        ('U&"b', "a quoted name is not closed", 0),
        ("a $t$ b $$", "a dollar quote is not closed", 2),
        ("a /* b /* c */", "a comment is not closed", 2),
        ("a \\ b", "the character '\\\\' belongs to no token", 2),
    ],
)
def test_what_is_not_closed(source: str, message: str, offset: int) -> None:
    with pytest.raises(LexicalError) as raised:
        tokenize(source)
    assert (raised.value.message, raised.value.offset) == (message, offset)


@given(st.text(alphabet="ab1 \n'\"$-/*.:;<>()=eEuU&\\[]#,", max_size=60))
def test_offsets_add_up(source: str) -> None:
    """Tokens come in order, hold their own text, and only white space and comments lie between them."""
    try:
        tokens = tokenize(source)
    except LexicalError as error:
        tokens = tokenize(source[: error.offset])
    end = 0
    for token in tokens:
        assert token.start >= end
        assert source[token.start : token.end] == token.text != ""
        between = source[end : token.start]
        assert between.strip() == "" or "--" in between or "/*" in between
        end = token.end


def test_keywords() -> None:
    assert keywords("if then\n else") == {"if", "then", "else"}
