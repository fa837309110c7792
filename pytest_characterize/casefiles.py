"""Files of cases: inputs that were found elsewhere, kept where a person reviews them, used as ``cases=``.

One JSON file holds the cases of several routines and queries. Inputs are texts, and ``types`` says once for each
input name what they are in Python, so that a wrong guess is mended in one place.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Any, Final

from pytest_characterize.codec import parse_json, pretty_json
from pytest_characterize.errors import CharacterizeError, UsageError
from pytest_characterize.values import Value

SCHEMA: Final = "1"
SCRUBBED: Final = "scrubbed:"
"""What begins so is a token of the scrubber, whatever type its input has."""

_TRUTHS: Final = {"t": True, "true": True, "f": False, "false": False}


def _truth(text: str) -> bool:
    return _TRUTHS[text]


READERS: Final[Mapping[str, Callable[[str], Value]]] = {
    "text": str,
    "int": int,
    "decimal": Decimal,
    "date": date.fromisoformat,
    "bool": _truth,
}
"""What an input's text is in Python, by the name of its type."""


@dataclass(frozen=True, slots=True)
class SeenCase:
    """An input, as texts by name, and how often it was seen."""

    input: Mapping[str, str | None]
    seen: int


@dataclass(frozen=True, slots=True)
class CaseList:
    """The cases of one routine or query.

    Attributes:
        legacy: what was asked, to be read, or to be used as a ``Query``.
        types: name of each input -> one of :data:`READERS`.
    """

    legacy: str
    types: Mapping[str, str]
    cases: Sequence[SeenCase]


def cases_text(lists: Mapping[str, CaseList]) -> str:
    """A cases file's text."""
    tree = {
        name: {
            "legacy": one.legacy,
            "types": dict(one.types),
            "cases": [{"seen": case.seen, "input": dict(case.input)} for case in one.cases],
        }
        for name, one in sorted(lists.items())
    }
    return pretty_json({"schema": SCHEMA, "lists": tree})


def cases_from(file: str | Path, name: str) -> list[dict[str, Value]]:
    """The cases of one list of a cases file, for ``cases=``.

    Args:
        file: a path from the project's folder, the nearest one with a ``pyproject.toml``.
        name: the list's name, such as ``billing.invoice_total``.

    Raises:
        UsageError: ``cases-file-unreadable``, ``cases-file-unknown-list`` or ``cases-file-bad-value``.
    """
    lists = _lists(file)
    found = lists.get(name)
    if found is None:
        raise UsageError(
            f"{file}: has no list of cases {name!r}",
            slug="cases-file-unknown-list",
            hint=f"it has {', '.join(sorted(lists)) or 'none'}",
        )
    try:
        types = {key: READERS[kind] for key, kind in found["types"].items()}
        return [
            {key: _value(types[key], text) for key, text in case["input"].items()} for case in found["cases"]
        ]
    except (KeyError, TypeError, AttributeError, ValueError, InvalidOperation) as error:
        raise UsageError(
            f"{file}: the list {name!r} cannot be read: {type(error).__name__}: {error}",
            slug="cases-file-bad-value",
            hint=f"every input is a text or null, and has one of the types {', '.join(READERS)}",
        ) from None


def _value(read: Callable[[str], Value], text: str | None) -> Value:
    if text is None or (isinstance(text, str) and text.startswith(SCRUBBED)):
        return text
    if not isinstance(text, str):
        raise TypeError(f"{text!r} is no text")
    return read(text)


def _lists(file: str | Path) -> dict[str, Any]:
    here = Path.cwd()
    root = next((folder for folder in (here, *here.parents) if (folder / "pyproject.toml").is_file()), here)
    try:
        tree = parse_json((root / file).read_text("utf-8"), str(file))
        if (
            not isinstance(tree, dict)
            or tree.get("schema") != SCHEMA
            or not isinstance(tree.get("lists"), dict)
        ):
            raise ValueError(f"it is no cases file of schema {SCHEMA}")
    except (OSError, ValueError, CharacterizeError) as error:
        why = error.strerror if isinstance(error, OSError) else str(error)
        raise UsageError(
            f"{file}: cannot be read: {why}",
            slug="cases-file-unreadable",
            hint="name a file that pytest-characterize import has written, by its path from the project's folder",
        ) from None
    return dict(tree["lists"])
