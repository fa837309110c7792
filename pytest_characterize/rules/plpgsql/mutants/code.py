"""A source with all that operators need to know of it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from pytest_characterize.rules.plpgsql.expressions import source_of
from pytest_characterize.rules.plpgsql.lexer import Token, TokenKind, keywords
from pytest_characterize.rules.plpgsql.mutants.changes import Edit, Text
from pytest_characterize.rules.plpgsql.mutants.operands import Expressions
from pytest_characterize.rules.plpgsql.mutants.places import Declaration, Places, expressions_of
from pytest_characterize.rules.plpgsql.tree import Span

_NUMBER: Final = re.compile(r"(?<![\w./:-])\d{1,9}(?:\.\d{1,6})?(?![\w/:-]|\.\d)")
"""A number in a comment that is no part of a name, a date or a time."""

_REMARKED: Final = 3
"""So many numbers of comments are tried."""

_NUMBERS: Final = keywords(
    "integer int int2 int4 int8 smallint bigint numeric decimal real float float4 float8 double money"
)
_TIMES: Final = {
    "date": "date",
    "timestamp": "moment",
    "timestamptz": "moment",
    "time": "clock",
    "timetz": "clock",
    "interval": "interval",
}
_SORTS: Final = (
    dict.fromkeys(_NUMBERS, "number")
    | _TIMES
    | dict.fromkeys(("text", "varchar", "char", "character", "bpchar", "citext", "name"), "text")
    | dict.fromkeys(("boolean", "bool"), "truth")
)
_RESULTS: Final = (
    dict.fromkeys(
        keywords("round trunc floor ceil ceiling abs mod sum avg count length extract date_part sign power"),
        "number",
    )
    | dict.fromkeys(keywords("make_date to_date current_date"), "date")
    | dict.fromkeys(
        keywords("now clock_timestamp date_trunc current_timestamp localtimestamp to_timestamp"), "moment"
    )
    | dict.fromkeys(keywords("age make_interval"), "interval")
    | dict.fromkeys(
        keywords(
            "upper lower trim btrim ltrim rtrim lpad rpad initcap to_char substr substring left right replace"
        ),
        "text",
    )
)


@dataclass(frozen=True)
class Code:
    """A routine's body, or its header.

    Attributes:
        declared: variables and parameters by name.
        types: the first words of their types, ``""`` where a name is declared twice or its type is unclear.
        words: of all tokens, ``""`` where they are names; two empty ones follow.
        returns: what sort of value the routine returns, ``""`` where that is none of those that are known.
    """

    text: Text
    tokens: Sequence[Token]
    places: Places
    expressions: Expressions
    declared: dict[str, Declaration]
    types: dict[str, str]
    words: list[str]
    returns: str = ""

    def raw(self, span: Span) -> str:
        """A span as it stands in the source."""
        return self.text.of(span)

    def line(self, span: Span) -> str:
        """A span in one line, without comments."""
        return source_of(self.tokens, span)

    def normal(self, span: Span) -> str:
        """What is the same for spans that differ in white space and capitals only."""
        return " ".join(self.tokens[index].word or self.tokens[index].text for index in range(*span))

    def is_number(self, span: Span) -> bool:
        """Whether a span is a number that is written out, with or without sign."""
        first = span.first + (self.tokens[span.first].word in ("+", "-"))
        return span.past - first == 1 and self.tokens[first].kind is TokenKind.NUMBER

    def remarked(self, index: int) -> list[str]:
        """Other numbers that comments on the line of a token, or right above it, speak of: what used to be."""
        source, token = self.text.source, self.tokens[index]
        start = source.rfind("\n", 0, token.start) + 1
        end = source.find("\n", token.end)
        found = self._comment(source[token.end : end if end >= 0 else len(source)])
        while start > 0:
            above = source[source.rfind("\n", 0, start - 1) + 1 : start - 1]
            if not above.lstrip().startswith("--"):
                break
            found += self._comment(above)
            start = source.rfind("\n", 0, start - 1) + 1
        others = dict.fromkeys(number for number in found if number != token.text)
        return list(others)[:_REMARKED]

    def _comment(self, line: str) -> list[str]:
        return _NUMBER.findall(line.partition("--")[2])

    def declares_literals_only(self, span: Span) -> bool:
        """Whether no declaration of a block can fail, unless in every call."""
        within = [one for one in self.places.declarations if span.first <= one.span.first < span.past]
        cursors = any(self.words[index] == "cursor" for index in range(*span))
        return not cursors and all(
            one.value.past - one.value.first <= 1 and self._is_literal(one.value) for one in within
        )

    def _is_literal(self, span: Span) -> bool:
        plain = (TokenKind.NUMBER, TokenKind.STRING)
        return all(
            self.tokens[index].kind in plain or self.words[index] in ("null", "true", "false")
            for index in range(*span)
        )

    def sort(self, span: Span) -> str:
        """What sort of value an expression has, as far as its words tell: ``number``, ``date``, ... or ``""``."""
        if span.first >= span.past:
            return ""
        last, first = self.tokens[span.past - 1], self.tokens[span.first]
        if span.past - span.first == 1:
            return self._sort_of_word(first)
        if self.tokens[span.past - 2].word == "::":
            return _SORTS.get(last.word, "")
        if span.past - span.first == 2 and last.kind is TokenKind.STRING:
            return _SORTS.get(first.word, "")
        if first.word == "-":
            return self.sort(Span(span.first + 1, span.past))
        call = self.expressions.call(span.first)
        if call is not None and call.closing == span.past - 1:
            return _RESULTS.get(first.word, "")
        if first.word == "(" and self.expressions.partner.get(span.first) == span.past - 1:
            return self.sort(Span(span.first + 1, span.past - 1))
        return ""

    def _sort_of_word(self, token: Token) -> str:
        if token.kind is TokenKind.NUMBER:
            return "number"
        if token.kind is TokenKind.STRING:
            return "text"
        return _SORTS.get(self.types.get(token.text.strip('"').lower(), ""), _RESULTS.get(token.word, ""))


def code_of(
    source: str, tokens: Sequence[Token], places: Places, outer: Code | None = None, returns: str = ""
) -> Code:
    """A source that was walked through; ``outer`` declares what it declares not, ``returns`` is a type's name."""
    declared = dict(outer.declared) if outer else {}
    types = dict(outer.types) if outer else {}
    seen: set[str] = set()
    for one in places.declarations:
        again = one.name in seen
        seen.add(one.name)
        declared[one.name] = one
        words = [tokens[index].word for index in range(*one.type)]
        plain = bool(words) and "[" not in words and "%" not in words
        types[one.name] = words[0] if plain and not again else ""
    expressions = expressions_of(places)
    return Code(
        Text(source, tokens),
        tokens,
        places,
        expressions,
        declared,
        types,
        expressions.words,
        _SORTS.get(returns, ""),
    )


def around(code: Code, span: Span, opening: str, closing: str) -> Edit:
    """Put something around a span."""
    return Edit(span.first, span.past, f"{opening}{code.raw(span)}{closing}")


def bracketed(code: Code, span: Span) -> str:
    """A span's source, in brackets unless it is one word or in brackets already."""
    raw = code.raw(span)
    closed = code.expressions.partner.get(span.first) == span.past - 1
    call = code.expressions.call(span.first)
    dotted = all(code.tokens[index].word == "." for index in range(span.first + 1, span.past, 2))
    named = dotted and (span.past - span.first) % 2 == 1
    alone = named or closed or (call is not None and call.closing == span.past - 1)
    return raw if alone else f"({raw})"
