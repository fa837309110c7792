"""Reading XML reports, element by element: nothing is loaded from elsewhere, and no entity is expanded."""

from __future__ import annotations

from collections.abc import Mapping
from typing import BinaryIO, Final, NoReturn, Protocol
from xml.parsers import expat

from pytest_characterize.importing.coverage.gathering import WrongError, damaged

_DEEPEST: Final = 100
_PORTION: Final = 1 << 16
_LONGEST_TEXT: Final = 10_000

Attributes = Mapping[str, str]


class Document(Protocol):
    """Takes what a report holds, in its order; raises ``WrongError`` for what it cannot understand."""

    def start(self, name: str, attributes: Attributes) -> None:
        """An element begins."""

    def end(self, name: str, text: str) -> None:
        """An element ends; the text is what stood in it, without its children's."""


def read_xml(stream: BinaryIO, where: str, document: Document) -> None:
    """Hand a report to ``document``. A DOCTYPE may stand there, and is not followed.

    Raises:
        UsageError: ``coverage-damaged``.
    """
    parser = expat.ParserCreate()
    reading = _Reading(document)
    parser.StartElementHandler = reading.start
    parser.EndElementHandler = reading.end
    parser.CharacterDataHandler = reading.text
    parser.EntityDeclHandler = _refuse
    parser.SkippedEntityHandler = _refuse
    parser.ExternalEntityRefHandler = _refuse
    parser.buffer_text = True
    try:
        while portion := stream.read(_PORTION):
            parser.Parse(portion, False)
        parser.Parse(b"", True)
    except expat.ExpatError as error:
        raise damaged(where, error.lineno, f"is not XML: {expat.ErrorString(error.code)}") from None
    except (WrongError, LookupError) as error:
        raise damaged(where, parser.CurrentLineNumber, str(error)) from None


def _refuse(*_: object) -> NoReturn:
    raise WrongError("it declares or uses entities, which no coverage report needs")


class _Reading:
    """Keeps the elements' texts apart, and counts how deep they are."""

    def __init__(self, document: Document) -> None:
        self._document = document
        self._texts: list[str] = []

    def start(self, name: str, attributes: dict[str, str]) -> None:
        """An element begins."""
        if len(self._texts) >= _DEEPEST:
            raise WrongError(f"elements are nested deeper than {_DEEPEST}")
        self._texts.append("")
        self._document.start(name, attributes)

    def end(self, name: str) -> None:
        """An element ends."""
        self._document.end(name, self._texts.pop().strip())

    def text(self, data: str) -> None:
        """What stands between tags."""
        if len(self._texts[-1]) < _LONGEST_TEXT:
            self._texts[-1] += data
