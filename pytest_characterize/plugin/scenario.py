"""Mode replay, scenarios: the fixture ``characterize`` takes a script's steps on the candidate."""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any, Final
from unittest import SkipTest

import pytest

from pytest_characterize.errors import CharacterizeError, UsageError
from pytest_characterize.plugin.collecting import PLANNED
from pytest_characterize.plugin.scripts import FIXTURE, refuse_value
from pytest_characterize.replay import django
from pytest_characterize.replay.scenario import CandidateSide
from pytest_characterize.session import Session
from pytest_characterize.session.planning import PlannedCase
from pytest_characterize.steps import Steps
from pytest_characterize.values import Value

_PASSING: Final = (pytest.exit.Exception, pytest.FixtureLookupError)


class ScenarioPlugin:
    """Gives replayed scenarios their fixture."""

    def __init__(self, session: Session) -> None:
        self._session = session

    @pytest.fixture(name=FIXTURE)
    def _steps(self, request: pytest.FixtureRequest) -> Iterator[Steps]:
        """Takes a scenario's steps on the side under test: ``characterize.call("place_order", sku="A-1")``."""
        item = request.node
        planned = item.callspec.params.get(PLANNED) if hasattr(item, "callspec") else None
        if not isinstance(planned, PlannedCase) or planned.spec.script is None:
            raise UsageError(
                f"{item.nodeid}: takes the fixture {FIXTURE!r} and is no scenario",
                slug="scenario-unmarked",
                hint="mark it: @pytest.mark.characterize(legacy=Scenario(...), candidate=...)",
            )
        steps = Steps(self._candidate(planned).step)
        script = item.obj
        item.obj = _replaying(script, steps)
        yield steps
        item.obj = script

    def _candidate(self, planned: PlannedCase) -> CandidateSide:
        spec, golden = planned.spec, self._session.load(planned)
        side = partial(CandidateSide, spec.candidate, golden.observation, spec.raises, passing=_PASSING)
        if not django.in_use():
            return side()
        return side(
            adapters=django.adapters(),
            transaction=lambda: django.candidate_transaction(django.open_transactions()),
            runner=django.run_coroutine,
        )


def _replaying(script: Callable[..., object], steps: Steps) -> Callable[..., object]:
    """The script as a candidate, whose value is what its steps did."""

    @functools.wraps(script)
    def play(*args: Any, **kwargs: Any) -> Value:
        try:
            refuse_value(script(*args, **kwargs))
        except (CharacterizeError, AssertionError, SkipTest, *_PASSING):
            raise
        except Exception as error:
            steps.broke_off(error)
        return steps.outcome().value

    return play
