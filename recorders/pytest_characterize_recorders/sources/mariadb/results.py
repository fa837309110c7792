"""Result sets as the server's own texts and types."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from pymysql.constants import FIELD_TYPE, FLAG
from pymysql.cursors import Cursor

from pytest_characterize.errors import RecordingError
from pytest_characterize.values import Column, Rows

DIALECT: Final = "mysql"
BINARY: Final = 63
"""The character set of what is no text."""
WHOLE: Final = {
    FIELD_TYPE.TINY: "tinyint",
    FIELD_TYPE.SHORT: "smallint",
    FIELD_TYPE.INT24: "mediumint",
    FIELD_TYPE.LONG: "int",
    FIELD_TYPE.LONGLONG: "bigint",
}
TEMPORAL: Final = {
    FIELD_TYPE.TIME: "time",
    FIELD_TYPE.DATETIME: "datetime",
    FIELD_TYPE.TIMESTAMP: "timestamp",
}
TEXTUAL: Final = {
    FIELD_TYPE.VARCHAR: ("varchar", "varbinary"),
    FIELD_TYPE.VAR_STRING: ("varchar", "varbinary"),
    FIELD_TYPE.STRING: ("char", "binary"),
    FIELD_TYPE.TINY_BLOB: ("text", "blob"),
    FIELD_TYPE.MEDIUM_BLOB: ("text", "blob"),
    FIELD_TYPE.LONG_BLOB: ("text", "blob"),
    FIELD_TYPE.BLOB: ("text", "blob"),
}
OTHERS: Final = {
    FIELD_TYPE.FLOAT: "float",
    FIELD_TYPE.DOUBLE: "double",
    FIELD_TYPE.DATE: "date",
    FIELD_TYPE.NEWDATE: "date",
    FIELD_TYPE.YEAR: "year",
    FIELD_TYPE.JSON: "json",
    FIELD_TYPE.GEOMETRY: "geometry",
    FIELD_TYPE.NULL: "null",
}
MOST_FRACTION: Final = 6

Row = tuple[str | None, ...]


def result_sets(cursor: Cursor, *, ordered: bool = True) -> Iterator[Rows]:
    """The result sets of the statement that the cursor has just executed; all are read."""
    while True:
        if cursor.description is not None:
            yield rows(cursor, ordered=ordered)
        if not cursor.nextset():
            return


def rows(cursor: Cursor, *, ordered: bool = True) -> Rows:
    """The cursor's present result set."""
    fields: list[Any] = list(cursor._result.fields)  # type: ignore[attr-defined]
    columns = tuple(Column(_decoded(field.name.encode()), type_name(field)) for field in fields)
    found = tuple(
        tuple(_value(field, data) for field, data in zip(fields, row, strict=True))
        for row in cursor.fetchall()
    )
    return Rows(DIALECT, columns, found, ordered)


def type_name(field: Any) -> str:
    """The type of a column as SQL has it: without display widths, of which only ``tinyint(1)`` has a meaning."""
    unsigned = " unsigned" if field.flags & FLAG.UNSIGNED else ""
    code = field.type_code
    if code in (FIELD_TYPE.DECIMAL, FIELD_TYPE.NEWDECIMAL):
        precision = field.length - bool(field.scale) - (not unsigned)
        return f"decimal({precision},{field.scale}){unsigned}"
    if code in WHOLE:
        flag = "(1)" if code == FIELD_TYPE.TINY and field.length == 1 else ""
        return f"{WHOLE[code]}{flag}{unsigned}"
    if code in TEMPORAL:
        return f"{TEMPORAL[code]}({field.scale})" if 0 < field.scale <= MOST_FRACTION else TEMPORAL[code]
    if code == FIELD_TYPE.BIT:
        return f"bit({field.length})"
    if field.flags & FLAG.ENUM:
        return "enum"
    if field.flags & FLAG.SET:
        return "set"
    if code in TEXTUAL:
        return TEXTUAL[code][field.charsetnr == BINARY]
    return OTHERS.get(code, f"type {code}")


def _value(field: Any, data: bytes | None) -> str | None:
    if data is None:
        return None
    if field.type_code == FIELD_TYPE.BIT:
        return str(int.from_bytes(data, "big"))
    if field.type_code == FIELD_TYPE.GEOMETRY or (field.type_code in TEXTUAL and field.charsetnr == BINARY):
        return f"0x{data.hex()}"
    return _decoded(data)


def _decoded(data: bytes) -> str:
    try:
        return data.decode()
    except UnicodeDecodeError:
        raise RecordingError(
            "the source sent a text that is no UTF-8, as a routine does that changes the character set",
            slug="source-encoding",
            hint="record a routine that leaves character_set_results alone",
        ) from None
