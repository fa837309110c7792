from __future__ import annotations

import pytest


@pytest.fixture
def depot(db: None) -> None:
    """The successor's tables, filled."""
    from depot.rows import load

    load()
