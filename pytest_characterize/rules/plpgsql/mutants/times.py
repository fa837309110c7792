"""Zones, units and days, changed."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date, timedelta
from typing import Final

from pytest_characterize.rulemutants import Operator
from pytest_characterize.rules.plpgsql.lexer import TokenKind
from pytest_characterize.rules.plpgsql.mutants.changes import Change, leave_out, replace
from pytest_characterize.rules.plpgsql.mutants.code import Code, bracketed
from pytest_characterize.rules.plpgsql.mutants.precedence import ZONE
from pytest_characterize.rules.plpgsql.mutants.shown import shown_around
from pytest_characterize.rules.plpgsql.tree import Span

_UNITS: Final = ("second", "minute", "hour", "day", "week", "month", "quarter", "year")
_FIELDS: Final = {
    "isodow": "dow",
    "dow": "isodow",
    "isoyear": "year",
    "doy": "day",
    "day": "doy",
    "month": "quarter",
    "quarter": "month",
}
_DAY: Final = re.compile(r"'(\d{4}-\d\d-\d\d)(.*)'", re.DOTALL)
_CLOCK: Final = re.compile(r"'(\d\d?):(\d\d)(.*)'", re.DOTALL)
_INTERVAL: Final = re.compile(r"'(\d+)\s*([a-z]+?)s?'", re.IGNORECASE)
_DAYS: Final = {"month": "30 days", "year": "365 days", "day": "24 hours"}
"""What a calendar's unit is taken for."""


def changes(code: Code) -> Iterator[Change]:
    """Every zone, unit and date of the source, changed."""
    for index in code.expressions.indexes():
        word, token = code.words[index], code.tokens[index]
        if code.expressions.levels[index] == ZONE and word == "at":
            yield from _zone(code, index)
        elif word in ("date_trunc", "date_part", "extract", "now"):
            yield from _function(code, index, word)
        elif word in ("current_date", "current_timestamp"):
            yield from _current(index, word)
        elif word == "::" and code.words[index + 1] == "date":
            left = code.expressions.infix(index).left
            yield leave_out(Operator.TIME, Span(left.first, index + 2), index, index + 2)
        elif token.kind is TokenKind.STRING and index not in code.places.dynamic:
            shown = shown_around(code, index)
            type_name = code.words[index + 2] if code.words[index + 1] == "::" else code.words[index - 1]
            for other in other_times(token.text, type_name):
                yield replace(Operator.TIME, shown, index, index + 1, other)


def other_times(text: str, type_name: str) -> Iterator[str]:
    """Literals near to a date, a time of the day or an interval.

    >>> list(other_times("'2020-02-29'", "date")), list(other_times("'18:00'", "time"))
    (["'2020-03-01'", "'2020-02-28'"], ["'19:00'", "'17:00'"])
    >>> list(other_times("'1 month'", "interval"))
    ["'2 month'", "'30 days'"]
    """
    if type_name == "interval":
        yield from _other_intervals(text)
    elif type_name in ("time", "timetz") and (clock := _CLOCK.fullmatch(text)):
        for hour in (int(clock[1]) + 1, int(clock[1]) - 1):
            if 0 <= hour <= 24:
                yield f"'{hour:02}:{clock[2]}{clock[3]}'"
    elif day := _DAY.fullmatch(text):
        try:
            known = date.fromisoformat(day[1])
            yield from (f"'{known + timedelta(days=days)}{day[2]}'" for days in (1, -1))
        except (ValueError, OverflowError):
            return


def _other_intervals(text: str) -> Iterator[str]:
    found = _INTERVAL.fullmatch(text)
    if found is None:
        return
    number, unit = int(found[1]), found[2].lower()
    for other in (number + 1, number - 1):
        if other:
            yield f"'{other} {found[2]}'"
    if number == 1 and unit in _DAYS:
        yield f"'{_DAYS[unit]}'"


def _zone(code: Code, index: int) -> Iterator[Change]:
    """Without a zone, and in Greenwich."""
    value = index + 3
    past = code.expressions.right_edge(value, ZONE)
    shown = Span(code.expressions.left_edge(index, ZONE), past)
    if code.words[index + 1] != "time" or past <= value:
        return
    yield leave_out(Operator.TIME, shown, index, past)
    if code.line(Span(value, past)).upper() != "'UTC'":
        yield replace(Operator.TIME, shown, value, past, "'UTC'")


def _function(code: Code, index: int, word: str) -> Iterator[Change]:
    call = code.expressions.call(index)
    if call is None:
        return
    if word == "now":
        yield replace(Operator.TIME, call.span, *call.span, "current_date")
        return
    if not call.arguments:
        return
    field = call.opening + 1
    name = code.tokens[field].text.strip("'").lower()
    quote = "'" if code.tokens[field].kind is TokenKind.STRING else ""
    if word == "date_trunc" and name in _UNITS and len(call.arguments) > 1:
        at = _UNITS.index(name)
        for other in (*_UNITS[at + 1 : at + 2], *_UNITS[max(at - 1, 0) : at]):
            yield replace(Operator.TIME, call.span, field, field + 1, f"'{other}'")
        yield replace(Operator.TIME, call.span, *call.span, bracketed(code, call.arguments[1]))
    elif word != "date_trunc" and name in _FIELDS:
        yield replace(Operator.TIME, call.span, field, field + 1, f"{quote}{_FIELDS[name]}{quote}")


def _current(index: int, word: str) -> Iterator[Change]:
    shown = Span(index, index + 1)
    if word == "current_timestamp":
        yield replace(Operator.TIME, shown, *shown, "current_date")
        return
    for text in ("(current_date + 1)", "(current_date - 1)", "now()"):
        yield replace(Operator.TIME, shown, *shown, text)
