from __future__ import annotations

from pathlib import Path

import pytest
from django.contrib.auth.models import User
from django.test import Client
from pytest_django import DjangoDbBlocker

DUMP = Path(__file__).parents[2] / "legacy" / "data.sql"


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> None:
    """The successor's database after the initial import."""
    from billing.importing import import_dump

    with django_db_blocker.unblock():
        import_dump(DUMP)
        User.objects.create_user("clerk")


@pytest.fixture
def clerk(db: None, client: Client) -> Client:
    """A browser in which a clerk has logged in."""
    client.force_login(User.objects.get())
    return client
