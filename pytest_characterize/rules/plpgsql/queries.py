"""What a query's words tell without parsing it: whether it may match no row, and where its values go."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final, Literal

from pytest_characterize.rules.plpgsql.lexer import keywords

QUERY_WORDS: Final = keywords("select insert update delete merge with values")
"""First words of the SQL statements that count rows."""

_AGGREGATES: Final = keywords(
    "array_agg avg bit_and bit_or bit_xor bool_and bool_or count every group_concat json_agg json_arrayagg "
    "json_object_agg json_objectagg jsonb_agg jsonb_object_agg max min string_agg sum xmlagg"
)
_ROW_SOURCES: Final = keywords("from where group having limit offset fetch union intersect except execute")


def into_variables(words: Sequence[str]) -> Literal["", "into", "strict"]:
    """How an SQL statement of PL/pgSQL hands over its row: not, ``INTO``, or ``INTO STRICT``.

    >>> into_variables("insert into t select 1 returning a into strict x".split())
    'strict'
    """
    for index, word in enumerate(words):
        if word == "into" and (index == 0 or words[index - 1] not in ("insert", "merge")):
            return "strict" if words[index + 1 : index + 2] == ["strict"] else "into"
    return ""


def may_match_none(words: Sequence[str]) -> bool:
    """Whether a statement can match no row, as far as its words tell.

    A plain ``INSERT ... VALUES``, a ``SELECT`` from nothing and an aggregate over everything always give
    their row; asking whether they matched none would only make a rule that nobody can exercise.

    >>> may_match_none("select coalesce ( max ( a ) , 0 ) into x from t where b".split())
    False
    >>> may_match_none("select a into x from t".split())
    True
    """
    outer = list(_outer(words))
    if not outer:
        return True
    match outer[0]:
        case "insert":
            return "conflict" in outer or "values" not in outer
        case "values":
            return False
        case "select" | "perform":
            return not _ROW_SOURCES.isdisjoint(outer) and not _is_total(words)
        case _:
            return True


def _outer(words: Sequence[str]) -> Iterator[str]:
    """The words outside brackets; an empty text stands for a string or a quoted name."""
    depth = 0
    for word in words:
        if word in ("(", "["):
            if depth == 0:
                yield word
            depth += 1
        elif word in (")", "]"):
            depth -= 1
        elif depth == 0:
            yield word


def _is_total(words: Sequence[str]) -> bool:
    """Whether a query aggregates over everything: one row, whatever it finds."""
    if not {"group", "having", "union", "intersect", "except", "limit", "offset"}.isdisjoint(_outer(words)):
        return False
    depth, subqueries = 0, list[int]()
    for index, word in enumerate(words):
        if word in ("(", "["):
            depth += 1
            if words[index + 1 : index + 2] == ["select"]:
                subqueries.append(depth)
        elif word in (")", "]"):
            if subqueries and subqueries[-1] == depth:
                subqueries.pop()
            depth -= 1
        elif word == "from" and depth == 0:
            break
        elif word in _AGGREGATES and not subqueries and _is_plain_call(words, index + 1):
            return True
    return False


def _is_plain_call(words: Sequence[str], opening: int) -> bool:
    """Whether a call's arguments begin at ``opening`` and no window follows them."""
    if words[opening : opening + 1] != ["("]:
        return False
    following = list(_outer(words[opening:]))[1:4]
    return "over" not in following
