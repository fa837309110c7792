"""``CASE`` expressions and the operands of conditions, found among tokens."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Final

from pytest_characterize.rules.plpgsql.lexer import Token, TokenKind, keywords
from pytest_characterize.rules.plpgsql.tree import Span

DEEPEST: Final = 50
"""Expressions are looked into this deep."""

_TAIL: Final = keywords(
    "from where group having order limit offset union intersect except window fetch for into"
)
_OPENING: Final = ("(", "[")
_CLOSING: Final = (")", "]")
_HARMLESS_CALLS: Final = keywords(
    "abs btrim cast ceil ceiling char_length coalesce date_part date_trunc div extract floor greatest initcap "
    "jsonb_typeof json_typeof least left length lower lpad ltrim mod nullif octet_length position replace "
    "numeric decimal char varchar character bit varbit time timestamp "
    "right round rpad rtrim sign split_part strpos substr substring to_char trim trunc upper"
)
_NO_CALLS: Final = keywords("and or not in like ilike between is case when then else end")


@dataclass(slots=True)
class CaseExpression:
    """A ``CASE`` expression.

    Attributes:
        first: the token ``CASE``.
        last: the token ``END``.
        subject: what a simple one compares.
        whens: the tokens ``WHEN`` with their conditions (for a simple one: values), in order.
        otherwise: the token ``ELSE``.
    """

    first: int
    last: int = -1
    subject: Span | None = None
    whens: list[tuple[int, Span]] = field(default_factory=list)
    otherwise: int | None = None


def find_cases(tokens: Sequence[Token], span: Span) -> list[CaseExpression]:
    """The complete ``CASE`` expressions within ``span``, outer ones before their inner ones."""
    found: list[CaseExpression] = []
    open_: list[tuple[CaseExpression, int, int]] = []  # with its bracket depth and the last keyword
    depth = 0
    for index in range(*span):
        word = tokens[index].word
        if word in _OPENING:
            depth += 1
        elif word in _CLOSING:
            depth -= 1
            while open_ and open_[-1][1] > depth:
                open_.pop()
        elif word == "case" and is_keyword(tokens, index):
            open_.append((CaseExpression(index), depth, index))
        elif word in ("when", "then", "else", "end") and open_ and is_keyword(tokens, index):
            case, level, latest = open_[-1]
            if level != depth:
                continue
            if not _advance(case, word, latest, index) or word == "end":
                open_.pop()
            else:
                open_[-1] = (case, level, index)
            if case.last == index:
                found.append(case)
    return sorted(found, key=lambda case: case.first)


def _advance(case: CaseExpression, word: str, latest: int, index: int) -> bool:
    """Take the next keyword of a ``CASE``; false if it does not fit, so that this is none."""
    between = Span(latest + 1, index)
    match word:
        case "when":
            if latest == case.first and between.first < between.past:
                case.subject = between
            return case.otherwise is None
        case "then":
            case.whens.append((latest, between))
            return between.first < between.past and case.otherwise is None
        case "else":
            case.otherwise = index
            return bool(case.whens)
        case _:
            case.last = index if case.whens else -1
            return True


def is_keyword(tokens: Sequence[Token], index: int) -> bool:
    """Whether a word is itself: after a dot or ``AS`` it would be a column's name."""
    return index == 0 or tokens[index - 1].word not in (".", "as")


def without_tail(tokens: Sequence[Token], span: Span) -> Span:
    """The expression of a condition such as ``count(*) > 0 FROM t``, which PL/pgSQL runs as a query."""
    for index, depth in _levels(tokens, span):
        if depth == 0 and tokens[index].word in _TAIL and tokens[index - 1].word not in (".", "distinct"):
            return Span(span.first, index)
    return span


def combines_queries(tokens: Sequence[Token], span: Span) -> bool:
    """Whether a condition is several queries in one."""
    words = {tokens[index].word for index, depth in _levels(tokens, span) if depth == 0}
    return not words.isdisjoint(("union", "intersect", "except"))


def operands(tokens: Sequence[Token], span: Span, depth: int = 0) -> list[Span]:
    """The operands of ``AND``, ``OR`` and ``NOT`` in a condition, down through brackets; the whole if none.

    What is nested deeper than :data:`DEEPEST` counts as one operand.
    """
    if depth > DEEPEST:
        return [span]
    for separator in ("or", "and"):
        parts = _split(tokens, span, separator)
        if len(parts) > 1:
            return [operand for part in parts for operand in operands(tokens, part, depth + 1)]
    if tokens[span.first].word == "not" and span.past - span.first > 1:
        return operands(tokens, Span(span.first + 1, span.past), depth + 1)
    inner = _unbracketed(tokens, span)
    if inner is not None:
        deeper = operands(tokens, inner, depth + 1)
        if len(deeper) > 1:
            return deeper
    return [span]


def _split(tokens: Sequence[Token], span: Span, separator: str) -> list[Span]:
    parts, first, ranges = [], span.first, 0
    for index, depth in _levels(tokens, span):
        if depth:
            continue
        word = tokens[index].word
        ranges += word == "between"
        if word == "and" and ranges:
            ranges -= 1
        elif word == separator:
            parts.append(Span(first, index))
            first = index + 1
    parts.append(Span(first, span.past))
    return parts if all(part.first < part.past for part in parts) else [span]


def _unbracketed(tokens: Sequence[Token], span: Span) -> Span | None:
    """What stands between the brackets that enclose all of ``span``, unless it is a row or a query."""
    if tokens[span.first].word != "(" or tokens[span.past - 1].word != ")":
        return None
    inner = Span(span.first + 1, span.past - 1)
    if inner.first >= inner.past or tokens[inner.first].word in ("select", "with", "values", "table"):
        return None
    depths = list(_levels(tokens, inner))
    closed_early = any(depth < 0 for _, depth in depths)
    row = any(depth == 0 and tokens[index].word == "," for index, depth in depths)
    return None if closed_early or row else inner


def _levels(tokens: Sequence[Token], span: Span) -> Iterator[tuple[int, int]]:
    """Each token with how deep it is in brackets and ``CASE`` expressions (these tokens included)."""
    brackets = cases = 0
    for index in range(*span):
        word = tokens[index].word
        if word in _CLOSING:
            brackets -= 1
            yield index, brackets + cases if brackets < 0 else brackets + cases + 1
        elif word == "end" and cases and is_keyword(tokens, index):
            yield index, brackets + cases
            cases -= 1
        else:
            opens = word == "case" and is_keyword(tokens, index)
            cases += opens
            brackets += word in _OPENING
            yield index, brackets + cases


def is_repeatable(tokens: Sequence[Token], span: Span) -> bool:
    """Whether an expression can be evaluated several times: no query, no function that might do something.

    A lone literal is excluded as well, because its type would be found differently, and so is a row, because
    rows are compared differently.
    """
    words = [tokens[index].word for index in range(*span)]
    lone = span.past - span.first == 1 and tokens[span.first].kind is TokenKind.STRING
    if lone or words == ["null"] or not {"select", "row", "array"}.isdisjoint(words):
        return False
    if any("\n" in tokens[index].text for index in range(*span)):
        return False
    plain: list[bool] = [True]  # for each open bracket: whether it is no call's
    for index in range(*span):
        word, called = tokens[index].word, index > span.first and _may_call(tokens[index - 1])
        if word in _OPENING:
            if called and word == "(" and not _is_harmless_call(tokens, index - 1, span.first):
                return False
            plain.append(not called)
        elif word in _CLOSING:
            plain.pop()
        elif word == "," and plain[-1]:
            return False
    return True


def _may_call(token: Token) -> bool:
    return token.kind is TokenKind.QUOTED or (token.kind is TokenKind.WORD and token.word not in _NO_CALLS)


def _is_harmless_call(tokens: Sequence[Token], index: int, first: int) -> bool:
    qualified = index > first and tokens[index - 1].word == "."
    return not qualified and tokens[index].word in _HARMLESS_CALLS


def source_of(tokens: Sequence[Token], span: Span) -> str:
    """The source of a span in one line, without comments, as readable as it was."""
    pieces: list[str] = []
    for index in range(*span):
        if index > span.first and tokens[index].start > tokens[index - 1].end:
            pieces.append(" ")
        pieces.append(
            " ".join(tokens[index].text.split()) if "\n" in tokens[index].text else tokens[index].text
        )
    return "".join(pieces)
