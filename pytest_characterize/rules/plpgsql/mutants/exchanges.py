"""Things of one sort, each in the other one's place: operands, parts of a text, columns."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import pairwise

from pytest_characterize.rulemutants import Operator
from pytest_characterize.rules.plpgsql.lexer import TokenKind
from pytest_characterize.rules.plpgsql.mutants.chains import chain, operands, operators
from pytest_characterize.rules.plpgsql.mutants.changes import Change, Edit
from pytest_characterize.rules.plpgsql.mutants.code import Code, bracketed
from pytest_characterize.rules.plpgsql.mutants.sorts import TIMES, sort_of
from pytest_characterize.rules.plpgsql.tree import Span


def changes(code: Code) -> Iterator[Change]:
    """Every pair of the source, exchanged."""
    for index in code.expressions.indexes():
        word, level = code.words[index], code.expressions.levels[index]
        if word in ("-", "/") and level:
            yield from _sides(code, index)
        elif word == "||" and level and (whole := chain(code, index)):
            yield from _parts(code, whole, level)
    for query in code.places.queries:
        yield from _columns(code, query)


def _sides(code: Code, index: int) -> Iterator[Change]:
    """``b - a`` for ``a - b``."""
    infix = code.expressions.infix(index)
    left, right = sort_of(code, infix.left), sort_of(code, infix.right)
    alike = left == right if {left, right} & set(TIMES) else True
    if alike and not operators(code, infix.left, code.expressions.levels[index]):
        texts = bracketed(code, infix.left), bracketed(code, infix.right)
        yield _exchanged(infix.span, infix.left, infix.right, texts)


def _parts(code: Code, whole: Span, level: int) -> Iterator[Change]:
    """Two parts of a text that is put together; what is written out between them stays."""
    values = [
        part
        for part in operands(code, whole, level)
        if part.past - part.first > 1 or code.tokens[part.first].kind is not TokenKind.STRING
    ]
    for one, other in pairwise(values):
        yield _exchanged(whole, one, other, (code.raw(one), code.raw(other)))


def _columns(code: Code, query: Span) -> Iterator[Change]:
    """Neighbouring values of ``INSERT``, and neighbouring targets of ``INTO``, of one sort."""
    for index in range(*query):
        if not code.expressions.is_word(index):
            continue
        items: Sequence[Span] = ()
        if code.words[index] == "values" and index + 1 in code.expressions.partner:
            items = code.expressions.items(index + 1)
        elif code.words[index] == "into" and code.words[index - 1] not in ("insert", "merge"):
            items = _targets(code, index + 1 + (code.words[index + 1] == "strict"), query.past)
        for one, other in pairwise(items):
            if code.sort(one) and code.sort(one) == code.sort(other):
                texts = code.raw(one), code.raw(other)
                yield _exchanged(Span(index, items[-1].past), one, other, texts)


def _targets(code: Code, first: int, past: int) -> list[Span]:
    """The variables behind ``INTO``."""
    found = [Span(first, first + 1)]
    while found[-1].past + 1 < past and code.words[found[-1].past] == ",":
        found.append(Span(found[-1].past + 1, found[-1].past + 2))
    return found


def _exchanged(shown: Span, one: Span, other: Span, texts: tuple[str, str]) -> Change:
    """Two spans with each other's text."""
    return Change(Operator.SWAP, shown, (Edit(*one, texts[1]), Edit(*other, texts[0])))
