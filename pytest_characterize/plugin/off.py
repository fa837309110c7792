"""Mode off: plain ``pytest`` reports marked tests as skipped, one a function, decided at collection."""

from __future__ import annotations

import pytest

from pytest_characterize.plugin.marks import is_marked

REASON = "characterization test: replay it with pytest --characterize"


class OffPlugin:
    """Marks every marked test as skipped, so that none of its fixtures is set up."""

    @pytest.hookimpl(tryfirst=True)
    def pytest_itemcollected(self, item: pytest.Item) -> None:
        """Skip a marked test."""
        if is_marked(item):
            item.add_marker(pytest.mark.skip(reason=REASON), append=False)
