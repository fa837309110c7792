"""Other literals for literals, and other layouts for texts that lay something out."""

from __future__ import annotations

import re
from collections.abc import Iterator
from decimal import Decimal
from typing import Final

from pytest_characterize.rulemutants import Operator

_INTEGER: Final = re.compile(r"(0|[1-9][0-9_]*)([lL]?)")
_FRACTION: Final = re.compile(r"([0-9_]*)\.([0-9_]*)")
_AMOUNT: Final = re.compile(r"-?[0-9]+(?:\.([0-9]*))?")
_TEXT: Final = re.compile(
    r"(?P<prefix>[A-Za-z]*)(?P<quote>'''|\"\"\"|'|\")(?P<content>.*)(?P=quote)", re.DOTALL
)
_CONVERSION: Final = re.compile(
    r"%(?P<key>\(\w+\))?(?P<flags>[-+ #0]*)(?P<width>[0-9]+)?(?P<places>\.[0-9]+)?(?P<kind>[a-zA-Z])"
)
_FIELD: Final = re.compile(r"(?<!\{)\{(?P<name>[^{}:!]*(?:![rsa])?):(?P<layout>[^{}]*)\}")
_REST_OF_FIELD: Final = re.compile(r"(?P<name>=?(?:![rsa])?):(?P<layout>[^{}]*)\}")
_LAYOUT: Final = re.compile(
    r"(?P<align>.?[<>=^])?(?P<sign>[-+ ])?(?P<rest>#?)(?P<width>0?[0-9]+)?(?P<group>[,_])?"
    r"(?P<places>\.[0-9]+)?(?P<kind>[a-zA-Z%]?)"
)

Other = tuple[Operator, str]
"""What sort of change, and the text that stands there instead."""


def other_numbers(word: str) -> list[str]:
    """A number one unit of its last place more and less.

    >>> other_numbers("5"), other_numbers("0.95"), other_numbers("0x10")
    (['6', '4'], ['0.96', '0.94'], [])
    """
    if found := _INTEGER.fullmatch(word):
        number, suffix = int(found[1].replace("_", "")), found[2]
        return [f"{number + 1}{suffix}", f"{number - 1}{suffix}"]
    found = _FRACTION.fullmatch(word)
    if found is None or not (found[1] or found[2]):
        return []
    places = len(found[2].replace("_", ""))
    unit = Decimal(1).scaleb(-places)
    number_ = Decimal(word.replace("_", ""))
    point = "" if places else "."
    return [f"{number_ + unit:.{places}f}{point}", f"{number_ - unit:.{places}f}{point}"]


def content_of(word: str) -> str | None:
    """What stands between the quotes of a text; ``None`` if it may not be what the text is."""
    found = _TEXT.fullmatch(word)
    return None if found is None or "\\" in found["content"] else found["content"]


def with_content(word: str, content: str) -> str:
    """The same text with another content."""
    found = _TEXT.fullmatch(word)
    assert found is not None
    return f"{found['prefix']}{found['quote']}{content}{found['quote']}"


def other_amounts(word: str) -> list[str]:
    """A text that is a number, one unit of its last place more and less."""
    content = content_of(word)
    found = _AMOUNT.fullmatch(content or "")
    if content is None or found is None:
        return []
    places = len(found[1] or "")
    unit, number = Decimal(1).scaleb(-places), Decimal(content)
    return [with_content(word, f"{changed:.{places}f}") for changed in (number + unit, number - unit)]


def other_scales(word: str) -> list[str]:
    """A text that is a number whose places count, with one place more and one less.

    >>> other_scales("'0.01'")
    ["'0.001'", "'0.1'"]
    """
    content = content_of(word)
    found = _AMOUNT.fullmatch(content or "")
    if found is None:
        return []
    places = len(found[1] or "")
    return [
        with_content(word, str(Decimal(1).scaleb(-other))) for other in (places + 1, places - 1) if other >= 0
    ]


def other_layouts(word: str, *, percent: bool) -> Iterator[Other]:
    """A text for ``%`` or ``format`` with one of its fields laid out otherwise."""
    for found in (_CONVERSION if percent else _FIELD).finditer(word):
        for operator, field in _of_conversion(found) if percent else _of_field(found):
            yield operator, word[: found.start()] + field + word[found.end() :]


def other_rests(word: str) -> Iterator[Other]:
    """What follows an expression in an f-string, laid out otherwise."""
    found = _REST_OF_FIELD.match(word)
    if found is not None:
        for operator, field in _of_layout(found["layout"]):
            yield operator, f"{found['name']}:{field}}}{word[found.end() :]}"


def _of_conversion(found: re.Match[str]) -> Iterator[Other]:
    key, flags, width = found["key"] or "", found["flags"], found["width"] or ""
    places, kind = found["places"] or "", found["kind"]
    for sort, other in _of_places(places, kind):
        yield sort, f"%{key}{flags}{width}{other}{kind}"
    if width:
        yield Operator.TEXT, f"%{key}{flags.replace('-', '').replace('0', '')}{places}{kind}"


def _of_field(found: re.Match[str]) -> Iterator[Other]:
    for operator, layout in _of_layout(found["layout"]):
        yield operator, f"{{{found['name']}:{layout}}}"


def _of_layout(layout: str) -> Iterator[Other]:
    found = _LAYOUT.fullmatch(layout)
    if found is None or not layout:
        return
    align, sign, rest, width, group, places, kind = (group or "" for group in found.groups())
    for operator, other in _of_places(places, kind):
        yield operator, f"{align}{sign}{rest}{width}{group}{other}{kind}"
    if width:
        yield Operator.TEXT, f"{sign}{rest}{group}{places}{kind}"
    if group:
        yield Operator.TEXT, f"{align}{sign}{rest}{width}{places}{kind}"


def _of_places(places: str, kind: str) -> Iterator[Other]:
    """Other numbers of decimal places; of a text, of characters."""
    if places:
        operator = Operator.SCALE if kind.lower() in ("f", "e", "g", "%") else Operator.LIMIT
        number = int(places[1:])
        for other in (number + 1, number - 1):
            if other >= 0:
                yield operator, f".{other}"
