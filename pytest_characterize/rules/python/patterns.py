"""The headers of cases: their guards, and whether a pattern always matches."""

from __future__ import annotations

from pytest_characterize.rules.python.lexer import Kind
from pytest_characterize.rules.python.source import Source, Span


def guard_of(source: Source, header: Span) -> Span | None:
    """The condition behind a case's ``if``."""
    at = _find(source, header, "if")
    return None if at is None else Span(at + 1, header.past)


def always_matches(source: Source, header: Span) -> bool:
    """Whether a case takes whatever comes, so that Python allows none after it."""
    return _find(source, header, "if") is None and _takes_all(source, header)


def _takes_all(source: Source, pattern: Span) -> bool:
    if (alias := _find(source, pattern, "as")) is not None:
        return _takes_all(source, Span(pattern.first, alias))
    if (bar := _find(source, pattern, "|")) is not None:
        return _takes_all(source, Span(bar + 1, pattern.past))
    first, past = pattern
    if source.word(first) == "(" and source.partner[first] == past - 1:
        inner = Span(first + 1, past - 1)
        return inner.first < inner.past and _find(source, inner, ",") is None and _takes_all(source, inner)
    names = past == first + 1 and source.kind(first) is Kind.NAME
    return names and source.word(first) not in ("None", "True", "False")


def _find(source: Source, span: Span, word: str) -> int | None:
    """The first token ``word`` of a span that is in no bracket."""
    index = span.first
    while index < span.past:
        if source.word(index) == word:
            return index
        index = source.partner.get(index, index) + 1
    return None
