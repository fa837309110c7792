"""The marker's name, and who carries it; loaded in every mode, so it imports nothing of ours."""

from __future__ import annotations

from typing import Final

import pytest

MARKER: Final = "characterize"


def is_marked(node: pytest.Item | pytest.Collector) -> bool:
    """Whether the test (or the class or module around it) carries the marker."""
    return node.get_closest_marker(MARKER) is not None
