"""What a statement of a log asks for: a routine with arguments, or a query with parameters."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from pytest_characterize.importing.entries import Statement
from pytest_characterize.sql.lexer import Sort, Token, tokens


@dataclass(frozen=True, slots=True)
class Asked:
    """A routine or a query, and what it was given.

    Attributes:
        name: the routine, ``""`` for a query.
        sql: what was asked, up to a routine's arguments; a query has ``%(p1)s`` for ``$1``.
        given: texts by the names that the statement has, else ``p1``, ``p2``, ... by position.
        types: of these, those that the statement names (``$1::date``).
    """

    name: str
    sql: str
    given: dict[str, str | None]
    types: dict[str, str]


class UnusableError(ValueError):
    """A statement that no case can be made of; the text is the reason."""


TYPES: Final = {
    "int": "int", "integer": "int", "int2": "int", "int4": "int", "int8": "int", "bigint": "int", "smallint": "int",
    "numeric": "decimal", "decimal": "decimal", "date": "date", "bool": "bool", "boolean": "bool",
    "text": "text", "varchar": "text", "char": "text", "character": "text",
}  # fmt: skip
"""Types as statements write them, and as cases files call them."""

_OWN: Final = re.compile(
    r"(?:pg_catalog\.|information_schema\.).*|pg_.*|now|version|current_\w+|set_config|(?:next|curr|last|set)val"
    r"|txid_\w+|obj_description|col_description|format_type|to_reg\w+|has_\w+_privilege"
)
_LITERAL: Final = re.compile(r"[nN]?'((?:[^'\\]|'')*)'")
_MARK: Final = re.compile(r"(?<![\w$])\$([0-9]+)")
_NUMBER: Final = re.compile(r"[0-9]+(?:\.[0-9]+)?")
_VALUES_IN_TEXT: Final = "queries with values in their text, not in parameters"
_EXPRESSION: Final = "calls whose arguments are no plain values"


def asked(statement: Statement) -> Asked:
    """What the statement asks for.

    Raises:
        UnusableError: it is no call and no query, or its values are not known.
    """
    if statement.why_not:
        raise UnusableError(statement.why_not)
    words = list(tokens(statement.sql))
    while words and words[-1][1] == ";":
        words.pop()
    if any(text == ";" for _, text in words):
        raise UnusableError("several statements in one")
    opening = words[0][1].upper() if words else ""
    if opening not in ("SELECT", "CALL", "WITH"):
        raise UnusableError(f"no call and no query: {opening if opening.isalpha() else 'others'}")
    missing = {int(text[1:]) for text in _placeholders(words)} - set(statement.parameters)
    if missing:
        raise UnusableError(
            "parameters that were not logged (log_parameter_max_length, or EXPLAIN and PREPARE)"
        )
    return _call(words, opening, statement) or _query(words, statement)


def _placeholders(words: Sequence[Token]) -> list[str]:
    return [text for sort, text in words if sort is Sort.LITERAL and text[0] == "$" and text[1:].isdigit()]


def _call(words: Sequence[Token], opening: str, statement: Statement) -> Asked | None:
    """``CALL f(...)``, ``SELECT f(...)`` or ``SELECT * FROM f(...)``; ``None`` for anything else."""
    start = 1
    if opening == "SELECT" and [text.upper() for _, text in words[1:3]] == ["*", "FROM"]:
        start = 3
    name, place = _name(words, start)
    if opening == "WITH" or not name or place >= len(words) or words[place][1] != "(":
        return None
    arguments, end = _arguments(words, place)
    rest = [text for _, text in words[end:]]
    if rest and not (
        len(rest) <= 2 and rest[-1][0] not in "(,*" and (len(rest) == 1 or rest[0].upper() == "AS")
    ):
        return None
    if _OWN.fullmatch(name):
        raise UnusableError("functions of PostgreSQL itself")
    given: dict[str, str | None] = {}
    types: dict[str, str] = {}
    for number, argument in enumerate(arguments, 1):
        label, value, type_ = _argument(argument, statement.parameters)
        label = label or f"p{number}"
        given[label] = value
        if type_:
            types[label] = type_
    shown = "CALL " if opening == "CALL" else "SELECT * FROM " if start == 3 else "SELECT "
    return Asked(name, f"{shown}{name}", given, types)


def _name(words: Sequence[Token], place: int) -> tuple[str, int]:
    """A name with its schema, as PostgreSQL reads it, and what follows it."""
    parts: list[str] = []
    while place < len(words):
        sort, text = words[place]
        if sort not in (Sort.WORD, Sort.NAME):
            return "", place
        parts.append(text.lower() if sort is Sort.WORD else text[1:-1].replace('""', '"'))
        if place + 1 >= len(words) or words[place + 1][1] != ".":
            return ".".join(parts), place + 1
        place += 2
    return "", place


def _arguments(words: Sequence[Token], opened: int) -> tuple[list[list[Token]], int]:
    """The arguments in the bracket that opens here, and what follows it."""
    found: list[list[Token]] = [[]]
    depth = 0
    for place in range(opened, len(words)):
        text = words[place][1]
        depth += text in ("(", "[")
        depth -= text in (")", "]")
        if depth == 0:
            return [argument for argument in found if argument], place + 1
        if text == "," and depth == 1:
            found.append([])
        elif place > opened:
            found[-1].append(words[place])
    raise UnusableError(_EXPRESSION)


def _argument(argument: list[Token], parameters: dict[int, str | None]) -> tuple[str, str | None, str]:
    """Name, value and type of an argument; name and type are ``""`` where the statement has none."""
    label = type_ = ""
    if len(argument) > 2 and argument[1][1] in ("=>", ":="):
        label, argument = _name(argument, 0)[0], argument[2:]
    texts = [text for _, text in argument]
    if "::" in texts:
        cut = texts.index("::")
        type_, argument, texts = " ".join(texts[cut + 1 :]).lower(), argument[:cut], texts[:cut]
    elif len(texts) == 2 and argument[0][0] is Sort.WORD and texts[0].lower() in ("date", "numeric"):
        type_, argument, texts = texts[0].lower(), argument[1:], texts[1:]
    value = _value(argument, texts, parameters)
    return label, value, TYPES.get(re.split(r"[ (]", type_)[0], "text" if type_ else "")


def _value(argument: list[Token], texts: list[str], parameters: dict[int, str | None]) -> str | None:
    sign = "-" if len(texts) == 2 and texts[0] == "-" else ""
    if len(texts) != 1 + len(sign):
        raise UnusableError(_EXPRESSION)
    (sort, text) = argument[-1]
    if sort is Sort.WORD and text.upper() in ("NULL", "TRUE", "FALSE") and not sign:
        return None if text.upper() == "NULL" else text.lower()
    if text[0] == "$" and text[1:].isdigit() and not sign:
        return parameters[int(text[1:])]
    if sort is Sort.LITERAL and _NUMBER.fullmatch(text):
        return sign + text
    quoted = _LITERAL.fullmatch(text)
    if quoted is None or sign:
        raise UnusableError(_EXPRESSION)
    return quoted[1].replace("''", "'")


def _query(words: Sequence[Token], statement: Statement) -> Asked:
    marks = _placeholders(words)
    literals = [text for sort, text in words if sort is Sort.LITERAL and text not in marks]
    if not marks or any(not _NUMBER.fullmatch(text) for text in literals):
        raise UnusableError(_VALUES_IN_TEXT)
    if any(text.lower().startswith(("pg_", "information_schema")) for _, text in words):
        raise UnusableError("queries of PostgreSQL's catalogue")
    text, found = _MARK.subn(r"%(p\1)s", statement.sql.strip().rstrip(";").replace("%", "%%"))
    if found != len(marks):  # a comment or a quoted name has one, too
        raise UnusableError("queries with $1 in a comment or a name")
    given = {f"p{number}": value for number, value in sorted(statement.parameters.items())}
    return Asked("", text, given, {})
