"""Tokens of Python source, of every version from 2.7 on.

More tolerant than any of Python's own tokenizers, since it must read what the running one cannot: backquotes,
``0777``, ``<>``, quotes nested in f-strings. An f-string with fields becomes a kind of bracket: what opens
it, the tokens of its expressions, what separates them, what closes it.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum
from typing import Final, NamedTuple


class Kind(StrEnum):
    """What a token is."""

    NAME = "name"
    NUMBER = "number"
    STRING = "string"
    OPERATOR = "operator"
    NEWLINE = "newline"
    INDENT = "indent"
    DEDENT = "dedent"
    FIELDS_OPEN = "fields open"
    FIELDS_NEXT = "fields next"
    FIELDS_CLOSE = "fields close"


class Token(NamedTuple):
    """A piece of source; white space and comments are none.

    Attributes:
        text: as in the source; ``""`` for a ``DEDENT``, and for the ``NEWLINE`` of a last line without one.
    """

    kind: Kind
    text: str
    start: int

    @property
    def end(self) -> int:
        """Offset behind it."""
        return self.start + len(self.text)


class LexicalError(Exception):
    """The source cannot be cut into tokens."""

    def __init__(self, message: str, offset: int) -> None:
        super().__init__(message)
        self.message = message
        self.offset = offset


_TABS: Final = 8
_CLOSING: Final = {")": "(", "]": "[", "}": "{"}
_TOKEN: Final = re.compile(
    r"""
    (?P<space>[ \t\f]++|\\(?:\r\n|\r|\n))
    |(?P<comment>\#[^\r\n]*)
    |(?P<newline>\r\n|\r|\n)
    |(?P<fields>(?i:rf|fr|f|rt|tr|t)(?P<quote>'''|\"\"\"|'|"))
    |(?P<string>(?i:ur|br|rb|u|b|r)?(?:
        '''(?:[^'\\]++|\\.|'(?!''))*+'''
        |\"\"\"(?:[^"\\]++|\\.|"(?!""))*+\"\"\"
        |'(?!'')(?:[^'\\\r\n]++|\\(?:\r\n|.))*+'
        |"(?!"")(?:[^"\\\r\n]++|\\(?:\r\n|.))*+"))
    |(?P<number>0[xX][0-9a-fA-F_]+[lL]?|0[bBoO][0-9_]+[lL]?
        |(?:\d[\d_]*\.?[\d_]*|\.\d[\d_]*)(?:[eE][+-]?\d[\d_]*)?[jJlL]?)
    |(?P<name>(?:[^\W\d]|[^\x00-\x7f])(?:\w|[^\x00-\x7f])*)
    |(?P<operator>\*\*=|//=|>>=|<<=|\.\.\.|:=|->|<>|!=|==|<=|>=|\*\*|//|<<|>>|[-+*/%@&|^]=
        |[-+*/%@&|^~<>()\[\]{}.,:;=`])
    """,
    re.VERBOSE | re.DOTALL,
)
_INDENTATION: Final = re.compile(r"\ufeff?(?P<white>[ \t\f]*)(?P<blank>(?:#[^\r\n]*)?(?:\r\n|\r|\n|\Z))?")
_PLAIN: Final = re.compile(r"[^\\{}'\"\r\n]*+")
_SELF_DOCUMENTING: Final = re.compile(r"=\s*[!:}]")


@dataclass(slots=True)
class _Fields:
    """An f-string that is open: its quote, and how many of its fields are."""

    token: int
    quote: str
    raw: bool
    depth: int = 0


def tokenize(text: str) -> list[Token]:
    """The tokens of a module.

    >>> [token.text for token in tokenize("if a: f(f'{b}')")]
    ['if', 'a', ':', 'f', '(', "f'{", 'b', "}'", ')', '']

    Raises:
        LexicalError: a string or bracket is not closed, indentation fits no outer line, or a character
            means nothing in Python.
    """
    return _Lexer(text).tokens()


class _Lexer:
    """One pass over a text; each method takes what stands at its place and moves on."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._at = 0
        self._found: list[Token] = []
        self._open: list[int | _Fields] = []  # tokens that open brackets, and f-strings
        self._columns = [0]

    def tokens(self) -> list[Token]:
        """All tokens, those of lines and indentation included."""
        while self._at < len(self._text):
            if not self._open and self._at_line_start():
                self._indentation()
            else:
                self._next()
        if self._open:
            innermost = self._open[-1]
            opener = self._found[innermost.token if isinstance(innermost, _Fields) else innermost]
            raise LexicalError(f"{opener.text} is never closed", opener.start)
        if not self._at_line_start():
            self._add(Kind.NEWLINE, "")
        self._found += [Token(Kind.DEDENT, "", self._at)] * (len(self._columns) - 1)
        return self._found

    def _at_line_start(self) -> bool:
        return not self._found or self._found[-1].kind is Kind.NEWLINE

    def _add(self, kind: Kind, text: str) -> None:
        self._found.append(Token(kind, text, self._at))
        self._at += len(text)

    def _indentation(self) -> None:
        """Skip empty lines; say what the indentation of the next line opens and closes."""
        while (line := _INDENTATION.match(self._text, self._at)) and line["blank"] is not None:
            if line.end() == self._at:
                break
            self._at = line.end()
        assert line is not None
        if self._at >= len(self._text):
            return
        self._at = line.end()
        column = _column(line["white"])
        if column > self._columns[-1]:
            self._columns.append(column)
            self._found.append(Token(Kind.INDENT, "", self._at))
        while column < self._columns[-1]:
            self._columns.pop()
            self._found.append(Token(Kind.DEDENT, "", self._at))
        if column != self._columns[-1]:
            raise LexicalError("the indentation fits no outer line", self._at)
        self._next()

    def _next(self) -> None:
        """Take the next token, or skip what is none."""
        fields = self._open[-1] if self._open else None
        if isinstance(fields, _Fields) and self._ends_expression():
            self._literal(fields, self._at)
            return
        found = _TOKEN.match(self._text, self._at)
        if found is None:
            raise LexicalError(self._complaint(), self._at)
        if found["operator"]:
            self._operator(found["operator"])
        elif found["name"] or found["number"] or found["string"]:
            kind = Kind.NAME if found["name"] else Kind.NUMBER if found["number"] else Kind.STRING
            self._add(kind, found[0])
        elif found["fields"]:
            raw = "r" in found["fields"].lower()
            self._literal(_Fields(len(self._found), found["quote"], raw), found.end())
        elif found["newline"] and not self._open:
            self._add(Kind.NEWLINE, found[0])
        else:
            self._at = found.end()

    def _complaint(self) -> str:
        character = self._text[self._at]
        return "a string is never closed" if character in "'\"" else f"{character!r} means nothing here"

    def _operator(self, text: str) -> None:
        if text in "([{":
            self._open.append(len(self._found))
        elif text in _CLOSING:
            opener = self._open.pop() if self._open else None
            if not isinstance(opener, int) or self._found[opener].text != _CLOSING[text]:
                raise LexicalError(f"{text} closes nothing", self._at)
        self._add(Kind.OPERATOR, text)

    # f-strings

    def _ends_expression(self) -> bool:
        """Whether what comes next ends the expression of a field."""
        text, at = self._text, self._at
        match text[at]:
            case "}" | ":":
                return True
            case "!":
                return not text.startswith("!=", at)
            case "=":
                return not text.startswith("==", at) and _SELF_DOCUMENTING.match(text, at) is not None
        return False

    def _literal(self, fields: _Fields, at: int) -> None:
        """Take the text from here to the next expression, or to the end of the string."""
        opening = at != self._at
        while True:
            at = _PLAIN.match(self._text, at).end()  # type: ignore[union-attr]
            character = self._text[at : at + 1]
            doubled = fields.depth == 0 and self._text.startswith(character * 2, at)
            if character == "\\":
                at = self._escaped(fields, at)
            elif fields.depth == 0 and self._text.startswith(fields.quote, at):
                self._ended(fields, at + len(fields.quote), opening=opening)
                return
            elif not character or (character in "\r\n" and len(fields.quote) == 1):
                raise LexicalError("an f-string is never closed", self._at)
            elif character == "{" and not doubled:
                fields.depth += 1
                self._field(fields, at + 1, opening=opening)
                return
            elif character == "}" and fields.depth:
                fields.depth -= 1
                at += 1
            elif character in "{}":
                if not doubled:
                    raise LexicalError("} stands alone in an f-string", at)
                at += 2
            else:
                at += 1

    def _escaped(self, fields: _Fields, at: int) -> int:
        if not fields.raw and self._text.startswith("N{", at + 1):
            return self._text.find("}", at) + 1 or len(self._text)
        if self._text.startswith("\r\n", at + 1):
            return at + 3
        return at + 1 if self._text[at + 1 : at + 2] in ("{", "}") else at + 2

    def _field(self, fields: _Fields, end: int, *, opening: bool) -> None:
        if opening:
            self._open.append(fields)
        self._add(Kind.FIELDS_OPEN if opening else Kind.FIELDS_NEXT, self._text[self._at : end])

    def _ended(self, fields: _Fields, end: int, *, opening: bool) -> None:
        if not opening:
            self._open.pop()
        self._add(Kind.STRING if opening else Kind.FIELDS_CLOSE, self._text[self._at : end])


def _column(white: str) -> int:
    column = 0
    for character in white:
        if character == "\t":
            column += _TABS - column % _TABS
        else:
            column = 0 if character == "\f" else column + 1
    return column
