"""Tokens of Python source, of every version."""

from __future__ import annotations

import contextlib
import io
import random
import re
import sys
import sysconfig
import tokenize as stdlib
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pytest_characterize.rules.python.lexer import Kind, LexicalError, Token, tokenize

LIBRARY = Path(sysconfig.get_path("stdlib"))


def texts(source: str) -> list[str]:
    return [token.text for token in tokenize(source) if token.kind is not Kind.NEWLINE]


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("", []),
        ("# nothing", []),
        ("a=1", ["a", "=", "1"]),
        ("x = 0777 + 0xffL", ["x", "=", "0777", "+", "0xffL"]),
        ("1if x else.5e-3j", ["1", "if", "x", "else", ".5e-3j"]),
        ("1..real", ["1.", ".", "real"]),
        ("a <> b != `c`", ["a", "<>", "b", "!=", "`", "c", "`"]),
        ("a:=b->c...", ["a", ":=", "b", "->", "c", "..."]),
        ("a **= b // c", ["a", "**=", "b", "//", "c"]),
        ("größe = 'ä'", ["größe", "=", "'ä'"]),
        ("ur'\\x' b'y' Rb\"z\"", ["ur'\\x'", "b'y'", 'Rb"z"']),
        ('print"x" or"y"', ["print", '"x"', "or", '"y"']),
        (r"'a\'b' 'c\\'", [r"'a\'b'", r"'c\\'"]),
        ("'''a\n'b''c\\''''", ["'''a\n'b''c\\''''"]),
        ("'a\\\nb'", ["'a\\\nb'"]),
        ("a \\\n + b", ["a", "+", "b"]),
        ("(a # b)\n, c)", ["(", "a", ",", "c", ")"]),
    ],
)
def test_tokens(source: str, expected: list[str]) -> None:
    assert texts(source) == expected


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("f'plain {{}} \\N{DASH}'", ["f'plain {{}} \\N{DASH}'"]),
        ("f'{a}'", ["f'{", "a", "}'"]),
        ("f'a{b}c{d}e'", ["f'a{", "b", "}c{", "d", "}e'"]),
        ("rf'\\N{a}'", ["rf'\\N{", "a", "}'"]),
        ("f'\\{a}'", ["f'\\{", "a", "}'"]),
        ("f'{a!r:>{b}.{c}}'", ["f'{", "a", "!r:>{", "b", "}.{", "c", "}}'"]),
        ("f'{a != b}'", ["f'{", "a", "!=", "b", "}'"]),
        ("f'{a == b}'", ["f'{", "a", "==", "b", "}'"]),
        ("f'{a = }'", ["f'{", "a", "= }'"]),
        ("f'{a=!r:5}'", ["f'{", "a", "=!r:5}'"]),
        ("f'{x:=5}'", ["f'{", "x", ":=5}'"]),
        ("f'{(x:=5)}'", ["f'{", "(", "x", ":=", "5", ")", "}'"]),
        ("f'{d[\"k\"]}'", ["f'{", "d", "[", '"k"', "]", "}'"]),
        ("f'{d['k']}'", ["f'{", "d", "[", "'k'", "]", "}'"]),
        ("f'{f'{a}'}'", ["f'{", "f'{", "a", "}'", "}'"]),
        ("f'''{\na # b\n}\n'''", ["f'''{", "a", "}\n'''"]),
        ("f'{ {1: 2}[1] }'", ["f'{", "{", "1", ":", "2", "}", "[", "1", "]", "}'"]),
        ("f'{lambda_!s}'", ["f'{", "lambda_", "!s}'"]),
        ("t'{a}'", ["t'{", "a", "}'"]),
        ("f'a\\\r\nb{c}'", ["f'a\\\r\nb{", "c", "}'"]),
    ],
)
def test_f_strings(source: str, expected: list[str]) -> None:
    assert texts(source) == expected


def kinds(source: str) -> list[str]:
    return [
        token.text if token.kind in (Kind.NAME, Kind.OPERATOR) else token.kind.name
        for token in tokenize(source)
    ]


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("a\n b", "a NEWLINE INDENT b NEWLINE DEDENT"),
        ("if a:\n  b\n\n # c\n  d\ne\n", "if a : NEWLINE INDENT b NEWLINE d NEWLINE DEDENT e NEWLINE"),
        ("a:\n\tb\n        c", "a : NEWLINE INDENT b NEWLINE c NEWLINE DEDENT"),
        ("a:\n b:\n  c\n", "a : NEWLINE INDENT b : NEWLINE INDENT c NEWLINE DEDENT DEDENT"),
        ("a\n   ", "a NEWLINE"),
        ("a\n   # c", "a NEWLINE"),
        ("\ufeffa\r\n\r\nb\rc", "a NEWLINE b NEWLINE c NEWLINE"),
        ("\f\na:\n\f b", "a : NEWLINE INDENT b NEWLINE DEDENT"),
    ],
)
def test_lines_and_indentation(source: str, expected: str) -> None:
    assert kinds(source) == expected.split()


@pytest.mark.parametrize(
    ("source", "message", "offset"),
    [
        ("a = 'x", "a string is never closed", 4),
        ("a = '''x'", "a string is never closed", 4),
        ("a = f'{b", "f'{ is never closed", 4),
        ("a = f'b", "an f-string is never closed", 4),
        ("a = f'b\n'", "an f-string is never closed", 4),
        ("a = f'}'", "} stands alone in an f-string", 6),
        ("(a", "( is never closed", 0),
        ("a)", ") closes nothing", 1),
        ("(a]", "] closes nothing", 2),
        ("f'{(}'", "} closes nothing", 4),
        ("a $ b", "'$' means nothing here", 2),
        ("a ? b", "'?' means nothing here", 2),
        ("if a:\n    b\n  c", "the indentation fits no outer line", 14),
    ],
)
def test_what_is_no_python(source: str, message: str, offset: int) -> None:
    with pytest.raises(LexicalError) as caught:
        tokenize(source)
    assert (caught.value.message, caught.value.offset) == (message, offset)


def joined(source: str) -> list[str]:
    """The tokens as the standard library has them before Python 3.12: f-strings in one piece."""
    found, depth, start = [], 0, 0
    for token in tokenize(source):
        if token.kind is Kind.FIELDS_OPEN:
            start = start if depth else token.start
            depth += 1
        elif token.kind is Kind.FIELDS_CLOSE:
            depth -= 1
            if not depth:
                found.append(source[start : token.end])
        elif not depth and token.kind is not Kind.INDENT:
            found.append(token.text)
    return found


@pytest.mark.skipif(sys.version_info >= (3, 12), reason="its f-strings are not in one piece")
def test_the_standard_library_is_cut_as_its_own_tokenizer_does() -> None:
    files = random.Random(7).sample(sorted(LIBRARY.glob("*.py")), 25)
    for path in files:
        with stdlib.open(path) as file:
            source = file.read()
        left_out = (stdlib.COMMENT, stdlib.NL, stdlib.INDENT, stdlib.ENDMARKER)
        expected = [
            token.string
            for token in stdlib.generate_tokens(io.StringIO(source).readline)
            if token.type not in left_out
        ]
        assert joined(source) == expected, path


PIECES = st.sampled_from(
    [*"'\"{}()[]\n\r\t\f:=!a\\#1é;`$\ufeff", "f'", "'''", "  ", "if ", "0x", "N{", "else", "lambda "]
)


@given(st.lists(PIECES, max_size=40).map("".join))
def test_any_text_is_cut_or_refused(source: str) -> None:
    with contextlib.suppress(LexicalError):
        assert_covers(source, tokenize(source))


def assert_covers(source: str, tokens: list[Token]) -> None:
    """Tokens are in order, and between them is nothing but white space, comments and continued lines."""
    at = 0
    for token in tokens:
        assert source[token.start : token.end] == token.text
        between = source[at : token.start]
        assert at <= token.start
        for line in re.split("[\r\n]", between.replace("\\\n", " ").replace("\\\r", " ")):
            assert not line.partition("#")[0].strip(" \t\f\ufeff")
        at = token.end
    assert sum(token.kind is Kind.INDENT for token in tokens) == sum(
        token.kind is Kind.DEDENT for token in tokens
    )
