from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest


@pytest.fixture
def shop(given: Mapping[str, Sequence[Mapping[str, Any]]], db: None) -> None:
    """The successor's tables, holding the rows that the old routine read."""
    from rental import models

    model_of = {
        "customer": models.Customer,
        "film": models.Film,
        "inventory": models.Item,
        "rental": models.Rental,
        "payment": models.Payment,
        "actor": models.Actor,
    }
    for table, rows in given.items():
        model_of[table].objects.bulk_create(model_of[table](**row) for row in rows)


@pytest.fixture
def ledger(db: None) -> None:
    """The successor's customers and payments, as its data migration left them."""
    from rental import models

    rows = json.loads(Path("migrated.json").read_text("utf-8"))
    models.Customer.objects.bulk_create(models.Customer(**row) for row in rows["customer"])
    models.Payment.objects.bulk_create(models.Payment(**row) for row in rows["payment"])
