"""Expected texts as files, compared exactly; ``REWRITE_EXPECTED=1`` writes them anew for review."""

from __future__ import annotations

import os
from pathlib import Path

FOLDER = Path(__file__).parent / "expected"


def assert_expected(name: str, text: str) -> None:
    """The text is, to the byte, what the file says."""
    path = FOLDER / name
    if os.environ.get("REWRITE_EXPECTED") and not os.environ.get("CI"):
        path.write_text(text, "utf-8", newline="\n")
    assert text == path.read_text("utf-8")
