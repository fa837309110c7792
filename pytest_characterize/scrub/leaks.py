"""The second look: text that is about to be stored is searched for what looks like a secret."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

_SHAPES: Final = {
    "jwt": re.compile(r"\beyJ[\w-]{8,}\.eyJ[\w-]{8,}\.[\w-]{8,}"),
    "aws-access-key": re.compile(r"\b(?:AKIA|ASIA)[0-9A-Z]{16}\b"),
    "private-key": re.compile(r"-----BEGIN [A-Z ]*PRIVATE KEY-----"),
}


@dataclass(frozen=True, slots=True)
class Finding:
    """Something in a text looks like a secret; says where and what sort, never the secret itself."""

    kind: str
    line: int
    column: int
    length: int

    def __str__(self) -> str:
        return f"line {self.line}, column {self.column}: looks like {self.kind} ({self.length} characters)"


def find_leaks(text: str) -> list[Finding]:
    """Every place in the text that looks like a secret."""
    return [
        Finding(
            kind,
            text.count("\n", 0, match.start()) + 1,
            match.start() - text.rfind("\n", 0, match.start()),
            len(match[0]),
        )
        for kind, shape in _SHAPES.items()
        for match in shape.finditer(text)
    ]
