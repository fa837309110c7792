"""Variables of ours in a routine: what has happened in this call, so that loops report a hit once.

Every instrumented routine gets the same number of them, after its own, because the server numbers variables
and names one by its number in a message or two (see :func:`.text.restore`).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

VARIABLES: Final = 3
"""How many variables a routine gets."""

COUNT: Final = '"~pcn"'
"""The variable that takes a row count where ``FOUND`` does not tell."""

_BITS: Final = '"~pc"'
_MORE: Final = '"~pca"'
_WIDTH: Final = 62
"""Guards that fit into a ``bigint``; it is twice as fast as an array, which takes the others."""


@dataclass(frozen=True, slots=True)
class Guard:
    """Remembers within one call whether something happened."""

    number: int

    @property
    def unset(self) -> str:
        """A condition: it has not happened yet."""
        if self.number < _WIDTH:
            return f"{_BITS} & {1 << self.number} = 0"
        return f"{_MORE}[{self.number}] IS NULL"

    @property
    def set(self) -> str:
        """A statement: it has happened."""
        if self.number < _WIDTH:
            return f"{_BITS}:={_BITS} | {1 << self.number};"
        return f"{_MORE}[{self.number}]:=TRUE;"

    @property
    def clear(self) -> str:
        """A statement: forget it."""
        if self.number < _WIDTH:
            return f"{_BITS}:={_BITS} & {~(1 << self.number)};"
        return f"{_MORE}[{self.number}]:=NULL;"

    def once(self, code: str) -> str:
        """The code, run the first time only."""
        return f"IF {self.unset} THEN {self.set}{code}END IF;"


def declarations(guards: int) -> str:
    """The declarations that go with so many guards."""
    initial = ":=0" if guards else ""
    return f"{_BITS} BIGINT{initial};{_MORE} BOOLEAN[];{COUNT} BIGINT;"
