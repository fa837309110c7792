"""Mode replay: the fixture ``given`` hands the legacy rows of a case to whatever builds the candidate's state."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from pytest_characterize.compare.natural import natural_rows
from pytest_characterize.errors import UsageError
from pytest_characterize.plugin.collecting import PLANNED
from pytest_characterize.plugin.items import shown_as_failure
from pytest_characterize.replay import django
from pytest_characterize.replay.given import candidate_rows
from pytest_characterize.session import Session
from pytest_characterize.session.planning import PlannedCase


class GivingPlugin:
    """Gives replayed cases the rows that their goldens hold."""

    def __init__(self, session: Session) -> None:
        self._session = session

    @pytest.fixture(name="given")
    def _given(self, request: pytest.FixtureRequest) -> Mapping[str, list[dict[str, Any]]]:
        """The legacy rows that the case read, by table: ``for row in given["plan"]: Plan.objects.create(**row)``."""
        item = request.node
        with shown_as_failure():
            planned = item.callspec.params.get(PLANNED) if hasattr(item, "callspec") else None
            if not isinstance(planned, PlannedCase) or planned.spec.legacy.given is None:
                raise UsageError(
                    f"{item.nodeid}: takes the fixture 'given', and its legacy declares no given rows",
                    slug="given-undeclared",
                    hint="write given=Given(table={'column': 'input'}) in its legacy=, and record it again",
                )
            golden = self._session.load(planned)
            names = django.attribute if django.in_use() else None
            return candidate_rows(
                {table: golden.given[table] for table in planned.spec.legacy.given.tables},
                self._session.settings.tables,
                natural_rows,
                names,
            )
