"""What statements have in common that differ in their values only: a text to read, and a hash to count by.

Literals and placeholders become ``?``, comments and layout go away, keywords are written large, equal elements of
``IN`` lists and equal rows of ``VALUES`` are told once. Names stay as they are, so two statements of one
fingerprint never speak of different things.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from hashlib import blake2b
from typing import Final, TypeAlias

from pytest_characterize.sql.lexer import Sort, Token, dialect, skeleton, tokens

VALUE: Final = "?"
"""What stands for every literal and placeholder."""


@dataclass(frozen=True, slots=True)
class Fingerprint:
    """What statements that differ in values only have in common.

    Attributes:
        text: the statement in one normal form, to be read.
        digest: 16 hexadecimal digits of a hash of the text.
    """

    text: str
    digest: str


def fingerprint(sql: str, vendor: str = "") -> Fingerprint:
    """The fingerprint of any text, in a time that grows as its length does.

    >>> fingerprint("select a from t where id in (1, 2) -- why").text
    'SELECT a FROM t WHERE id IN (?)'
    >>> fingerprint("INSERT INTO t VALUES (%s, now()), (%s, now())").text
    'INSERT INTO t VALUES (?, now())'

    Args:
        vendor: the dialect as Django's ``vendor`` or SQLAlchemy's dialect calls it.
    """
    if len(sql) <= _KEPT and (shape := skeleton(sql, dialect(vendor))) is not None:
        return _of_shape(shape, vendor)
    return _worked_out(sql, vendor)


_KEPT: Final = 4_000
"""Letters of a statement whose shape is remembered at the most."""


@lru_cache(maxsize=1_000)
def _of_shape(shape: str, vendor: str) -> Fingerprint:
    """Programs send statements of few shapes with many values."""
    return _worked_out(shape, vendor)


def _worked_out(sql: str, vendor: str) -> Fingerprint:
    text = normalised(sql, vendor)
    return Fingerprint(text, blake2b(text.encode("utf-8", "surrogatepass"), digest_size=8).hexdigest())


def normalised(sql: str, vendor: str = "") -> str:
    """The text of a statement's fingerprint; the normal form of a normal form is itself."""
    words = _without_values(tokens(sql, dialect(vendor)))
    return _written(_Folding().fold(words))


def opening(sql: str, vendor: str = "") -> str:
    """A statement's first word, large; ``""`` where it begins with something else."""
    sort, text = next(tokens(sql, dialect(vendor)), (Sort.MARK, ""))
    return text.upper() if sort is Sort.WORD else ""


_WORDS: Final = (
    "ADD ALL ALTER ANALYZE AND ANY ARRAY AS ASC BEGIN BETWEEN BY CALL CASCADE CASE CHECK COLLATE COMMIT CONFLICT "
    "CONSTRAINT CREATE CROSS CURRENT CURSOR DECLARE DEFAULT DELETE DESC DISTINCT DO DROP DUPLICATE ELSE END "
    "ESCAPE EXCEPT EXEC EXECUTE EXISTS EXPLAIN FALSE FETCH FILTER FIRST FOR FOREIGN FROM FULL GROUP HAVING IGNORE "
    "ILIKE IN INDEX INNER INSERT INTERSECT INTERVAL INTO IS ISNULL JOIN KEY LATERAL LEFT LIKE LIMIT LOCK "
    "MATERIALIZED MERGE NATURAL NEXT NOT NOTHING NOTNULL NOWAIT NULL NULLS OF OFFSET ON ONLY OR ORDER OUTER OVER "
    "PARTITION PRIMARY RECURSIVE REFERENCES REGEXP RELEASE REPLACE RETURNING RIGHT ROLLBACK ROW ROWS SAVEPOINT "
    "SELECT SET SHARE SIMILAR SKIP START TABLE THEN TO TOP TRANSACTION TRUE TRUNCATE UNION UNIQUE UPDATE USING "
    "VALUES VIEW WHEN WHERE WINDOW WITH "
)
_KEYWORDS: Final = {word: word for word in _WORDS.split()}
_TRUTHS: Final = frozenset({"TRUE", "FALSE"})
_TESTS: Final = frozenset({"IS", "NOT"})
_SIGNS: Final = frozenset("+-")
_AFTER_VALUE: Final = frozenset(")]")
_PAIRS: Final = {"(": ")", "[": "]"}
_QUERIES: Final = frozenset({"SELECT", "WITH", "VALUES", "TABLE"})


def _without_values(given: Iterable[Token]) -> Iterator[str]:
    """The tokens' normal texts: values as ``?``, a number's sign and a savepoint's name as part of it."""
    before, signs = "", list[str]()
    for sort, text in given:
        if sort is Sort.WORD and (keyword := _KEYWORDS.get(text) or _KEYWORDS.get(text.upper())):
            text = keyword
        literal = sort is Sort.LITERAL or (text in _TRUTHS and before not in _TESTS)
        if literal or (before == "SAVEPOINT" and not signs and sort is not Sort.MARK):
            text = VALUE
        elif text in _SIGNS and (signs or _begins_value(before)):
            signs.append(text)
            continue
        if signs:
            yield from () if literal else signs
            signs = []
        yield text
        before = text if sort is not Sort.NAME else VALUE
    yield from signs


def _begins_value(before: str) -> bool:
    """Whether a sign after this belongs to the number that follows."""
    if before in _KEYWORDS:
        return before != "END"
    return before not in _AFTER_VALUE and before != VALUE and not _is_word(before)


def _is_word(text: str) -> bool:
    return text[:1].isalpha() or text[:1] in ("_", "@", '"', "`") or (text[:1] >= "\x80" and text != "")


_Item: TypeAlias = str | int


@dataclass(slots=True)
class _Group:
    """What stands in one pair of brackets.

    Attributes:
        listed: whether its elements are told once each.
        rows: the rows of ``VALUES`` so far, while there may be more.
    """

    opened: str = ""
    listed: bool = False
    items: list[_Item] = field(default_factory=list)
    rows: set[int] | None = None


class _Folding:
    """Folds lists from the inside out. Equal groups get one number, so that comparing them costs nothing."""

    def __init__(self) -> None:
        self._numbers: dict[tuple[_Item, ...], int] = {}
        self._groups: list[tuple[_Item, ...]] = []

    def fold(self, words: Iterable[str]) -> Iterator[str]:
        """The words without repeated elements and rows."""
        stack = [_Group()]
        for word in words:
            top = stack[-1]
            if word in _PAIRS:
                before = top.items[-1] if top.items else ""
                stack.append(_Group(word, listed=before == ("IN" if word == "(" else "ARRAY")))
            elif len(stack) > 1 and word == _PAIRS[top.opened]:
                stack.pop()
                _put(stack[-1], self._number(top, word))
            else:
                if word != ",":
                    top.rows = None
                top.items.append(word)
        while len(stack) > 1:
            top = stack.pop()
            stack[-1].items.append(self._number(top, ""))
        items = stack[0].items
        while items and items[-1] == ";":
            items.pop()
        return self._flat(items)

    def _number(self, group: _Group, shut: str) -> int:
        items = _once(group.items) if group.listed else group.items
        key = (group.opened, *items, shut)
        number = self._numbers.setdefault(key, len(self._groups))
        if number == len(self._groups):
            self._groups.append(key)
        return number

    def _flat(self, items: Sequence[_Item]) -> Iterator[str]:
        waiting = [iter(items)]
        while waiting:
            for item in waiting[-1]:
                if isinstance(item, int):
                    waiting.append(iter(self._groups[item]))
                    break
                if item:
                    yield item
            else:
                waiting.pop()


def _put(group: _Group, row: int) -> None:
    """Add a closed group, unless it is a row of ``VALUES`` that was there before."""
    before = group.items[-1] if group.items else ""
    if before == "VALUES":
        group.rows = {row}
    elif group.rows is not None and before == ",":
        if row in group.rows:
            group.items.pop()
            return
        group.rows.add(row)
    else:
        group.rows = None
    group.items.append(row)


def _once(items: list[_Item]) -> list[_Item]:
    """A list's elements, each once, in the order of their first appearance."""
    if not items or items[0] in _QUERIES:
        return items
    kept: dict[tuple[_Item, ...], None] = {}
    start = 0
    for place, item in enumerate([*items, ","]):
        if item == ",":
            kept[tuple(items[start:place])] = None
            start = place + 1
    return [part for element in kept for part in (",", *element)][1:]


_TIGHT_BEFORE: Final = frozenset({")", "]", ",", ".", ";", "::"})
_TIGHT_AFTER: Final = frozenset({"(", "[", ".", "::"})


def _written(words: Iterable[str]) -> str:
    """The words with the spaces that a person would put."""
    parts: list[str] = []
    before = "("
    for word in words:
        called = word in _PAIRS and _is_word(before) and (word == "[" or before not in _KEYWORDS)
        if not (called or word in _TIGHT_BEFORE or before in _TIGHT_AFTER):
            parts.append(" ")
        parts.append(word)
        before = word
    return "".join(parts)
