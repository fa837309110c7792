"""How two large values are shown line by line: by syrupy, where one that we know is installed."""

from __future__ import annotations

from functools import lru_cache

from pytest_characterize.errors import ConfigurationError
from pytest_characterize.report.line_diffs import LineDiff


@lru_cache(maxsize=1)
def line_diff() -> LineDiff | None:
    """syrupy's line diff, ``None`` without it; imported at the first drift of a run."""
    try:
        from pytest_characterize.snapshots import line_diff as of_syrupy
    except ConfigurationError:
        return None
    return of_syrupy
