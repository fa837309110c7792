"""Other literals in place of literals: numbers, texts, truth values."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from decimal import Decimal
from typing import Final

from pytest_characterize.rulemutants import Operator
from pytest_characterize.rules.numbered import other_numbers_in
from pytest_characterize.rules.plpgsql.lexer import TokenKind, keywords
from pytest_characterize.rules.plpgsql.mutants.arguments import KNOWN
from pytest_characterize.rules.plpgsql.mutants.changes import Change, replace
from pytest_characterize.rules.plpgsql.mutants.code import Code
from pytest_characterize.rules.plpgsql.mutants.precedence import COMPARISON, PRODUCT, RANGE, SUM
from pytest_characterize.rules.plpgsql.mutants.shown import shown_around
from pytest_characterize.rules.plpgsql.mutants.times import other_times
from pytest_characterize.rules.plpgsql.tree import Case, Return, Span

_PLAIN: Final = frozenset("0123456789.")
_ROUNDING: Final = keywords("round trunc")
_NAMES: Final = (TokenKind.WORD, TokenKind.QUOTED)

_OTHER_TEXTS: Final = 3
"""So many other literals are put in place of one."""


def changes(code: Code) -> Iterator[Change]:
    """Every literal of the source, changed."""
    alike = _alike(code)
    ordinals = ordinals_of(code)
    for index in code.expressions.indexes():
        token = code.tokens[index]
        if token.kind is TokenKind.NUMBER and index not in ordinals:
            yield from _number(code, index)
        elif token.kind is TokenKind.STRING and index not in code.places.dynamic:
            yield from _text(code, index, alike.get(index, ()))
        elif code.words[index] in ("true", "false") and code.words[index - 1] not in ("is", "not"):
            other = "FALSE" if code.words[index] == "true" else "TRUE"
            yield replace(Operator.CONSTANT, shown_around(code, index), index, index + 1, other)


def ordinals_of(code: Code) -> set[int]:
    """Numbers that are no values: columns of ``ORDER BY 1, 2``, limits, digits, the sizes of types."""
    found: set[int] = set()
    for index in code.expressions.indexes():
        word = code.words[index]
        if word in ("limit", "offset", "first", "next"):
            found.add(index + 1)
        elif word == "by" and code.words[index - 1] in ("order", "group"):
            at = index + 1
            while at < len(code.tokens) and (
                code.tokens[at].kind is TokenKind.NUMBER or code.words[at] in (",", "asc", "desc")
            ):
                found.add(at)
                at += 1
        elif word == "exists" and code.words[index + 2] == "select":
            found.add(index + 3)
        elif word in ("::", "as"):
            found.update(_type_sizes(code, index + 1))
        elif word in _ROUNDING:
            call = code.expressions.call(index)
            if call and len(call.arguments) == 2:
                found.update(range(*call.arguments[1]))
    return found


def _type_sizes(code: Code, index: int) -> Iterable[int]:
    """The numbers in ``numeric(12,2)``."""
    past = len(code.tokens)
    while index < past and (code.words[index] == "." or code.tokens[index].kind in _NAMES):
        index += 1
    if code.words[index] == "(" and index in code.expressions.partner:
        return range(index, code.expressions.partner[index])
    return ()


# Numbers


def _number(code: Code, index: int) -> Iterator[Change]:
    text = code.tokens[index].text
    if not _PLAIN.issuperset(text):
        return
    shown = shown_around(code, index)
    for other in (*neighbours(text), *code.remarked(index)):
        if _is_neutral(code, index, other):
            continue
        yield replace(Operator.CONSTANT, shown, index, index + 1, _signed(code, index, other))
    if _is_factor(code, index) and text.strip("0.") in ("1", "") and Decimal(text) not in (0, 1):
        for factor in (Decimal(10), Decimal("0.1")):
            other = f"{(Decimal(text) * factor).normalize():f}"
            yield replace(Operator.CONSTANT, shown, index, index + 1, other)


def _is_neutral(code: Code, index: int, text: str) -> bool:
    """Whether nothing but the literal would be left out: ``x + 0``, ``x * 1``."""
    levels = code.expressions.levels
    if Decimal(text) == 0:
        return levels[index - 1] == SUM
    return text == "1" and levels[index - 1] == PRODUCT


def neighbours(text: str) -> Iterator[str]:
    """One unit in the last place more and less.

    >>> list(neighbours("5")), list(neighbours("0.50")), list(neighbours("0.00"))
    (['6', '4'], ['0.51', '0.49'], ['0.01', '-0.01'])
    """
    value = Decimal(text)
    exponent = value.as_tuple().exponent
    unit = Decimal(1).scaleb(exponent if isinstance(exponent, int) else 0)
    for other in (value + unit, value - unit):
        yield f"{other:f}"


def _signed(code: Code, index: int, text: str) -> str:
    """A number in brackets if it got a sign where an operator stands before it."""
    before = code.tokens[index - 1]
    compares = before.word in ("=", "<", ">", "<=", ">=", "<>", ":=", "=>")
    signed = text.startswith("-") and before.kind is TokenKind.OPERATOR and not compares
    cast = text.startswith("-") and code.words[index + 1] in ("::", "^")
    return f"({text})" if signed or cast else text


def _is_factor(code: Code, index: int) -> bool:
    levels = code.expressions.levels
    return PRODUCT in (levels[index - 1], levels[index + 1] if index + 1 < len(levels) else 0)


# Texts


def _text(code: Code, index: int, alike: Sequence[str]) -> Iterator[Change]:
    """Another literal that is used for the same thing, and none."""
    text = code.tokens[index].text
    before, after = code.words[index - 1], code.words[index + 1]
    if "||" in (before, after) or before in ("zone", "escape") or _is_typed(code, index) or after == "::":
        return
    shown = shown_around(code, index)
    listed = _listed_with(code, index)
    others = [other for other in dict.fromkeys(alike) if other != text and other not in listed]
    for other in others[:_OTHER_TEXTS]:
        yield replace(Operator.CONSTANT, shown, index, index + 1, other)
    if text != "''" and not any(other_times(text, "")):
        yield replace(Operator.CONSTANT, shown, index, index + 1, "''")
        if set(alike) <= {text} or not text.strip("'").isdigit():  # one key of several is none of theirs
            for other in other_numbers_in(text[1:-1]):
                yield replace(Operator.CONSTANT, shown, index, index + 1, f"'{other}'")


def _listed_with(code: Code, index: int) -> list[str]:
    """The other values of the list behind ``IN``, which would only be in it twice."""
    opening = code.expressions.enclosing(index)
    if opening < 1 or code.words[opening - 1] != "in":
        return []
    return [code.line(item) for item in code.expressions.items(opening)]


def _is_typed(code: Code, index: int) -> bool:
    """Whether a text is the value of a type: ``DATE '2020-01-01'``."""
    before = code.tokens[index - 1]
    return before.kind is TokenKind.WORD and bool(before.word) and before.word in _TYPES


_TYPES: Final = keywords(
    "date time timestamp timestamptz timetz interval numeric integer bigint boolean bytea json jsonb uuid"
)


def _alike(code: Code) -> dict[int, list[str]]:
    """For each literal the others that the routine compares the same thing with, or gives to the same thing."""
    groups: dict[str, list[int]] = defaultdict(list)
    for index in code.expressions.indexes():
        if code.expressions.levels[index] == COMPARISON:
            infix = code.expressions.infix(index)
            for one, other in ((infix.left, infix.right), (infix.right, infix.left)):
                groups[f"={code.normal(other)}"] += _literal(code, one)
        elif code.words[index] == "in" and code.expressions.levels[index] == RANGE:
            infix = code.expressions.infix(index)
            for item in code.expressions.items(index + 1):
                groups[f"={code.normal(infix.left)}"] += _literal(code, item)
        else:
            for number, argument in enumerate(_given(code, index)):
                groups[f"({code.words[index]} {number}"] += _literal(code, argument)
    for given in code.places.assignments:
        groups[f":{code.normal(given.target)}"] += _literal(code, given.value)
    _alike_in_statements(code, groups)
    return {
        index: [code.tokens[other].text for other in members if other != index]
        for members in groups.values()
        for index in members
    }


def _alike_in_statements(code: Code, groups: dict[str, list[int]]) -> None:
    """The literals that are returned, and those that ``CASE`` compares its subject with."""
    for statement in code.places.statements:
        if isinstance(statement, Return):
            groups["return"] += _literal(code, Span(statement.span.first + 1, statement.span.past - 1))
        elif isinstance(statement, Case) and statement.subject:
            for arm in statement.arms:
                for item in code.expressions.listed(*arm.condition) if arm.condition else ():
                    groups[f"={code.normal(statement.subject)}"] += _literal(code, item)


def _given(code: Code, index: int) -> tuple[Span, ...]:
    """What one of legacy's routines is given by the call at ``index``."""
    call = None if code.words[index] in KNOWN else code.expressions.call(index)
    return call.arguments if call else ()


def _literal(code: Code, span: Span) -> list[int]:
    lone = span.past - span.first == 1 and code.tokens[span.first].kind is TokenKind.STRING
    return [span.first] if lone else []
