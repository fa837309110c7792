"""Mode replay, scenarios: the fixture ``characterize`` takes a script's steps on the candidate."""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from typing import Any, Final
from unittest import SkipTest

import pytest

from pytest_characterize.descriptors import HttpScenario
from pytest_characterize.errors import CharacterizeError, UsageError
from pytest_characterize.http_steps import HttpSteps
from pytest_characterize.plugin.collecting import PLANNED
from pytest_characterize.plugin.scripts import FIXTURE, refuse_value, steps_on
from pytest_characterize.replay import django
from pytest_characterize.replay.http_scenario import HttpCandidate, opened
from pytest_characterize.replay.scenario import CandidateSide
from pytest_characterize.session import Session
from pytest_characterize.session.planning import PlannedCase
from pytest_characterize.specs import Drive
from pytest_characterize.steps import Steps, Taken
from pytest_characterize.values import Value

_DJANGO: Final = {
    "adapters": django.adapters(),
    "transaction": lambda: django.candidate_transaction(django.open_transactions()),
}
_PASSING: Final = (pytest.exit.Exception, pytest.FixtureLookupError)


class ScenarioPlugin:
    """Gives replayed scenarios their fixture."""

    def __init__(self, session: Session) -> None:
        self._session = session

    @pytest.fixture(name=FIXTURE)
    def _steps(self, request: pytest.FixtureRequest) -> Iterator[Steps | HttpSteps]:
        """Takes a scenario's steps on the side under test: ``characterize.call("place_order", sku="A-1")``."""
        item = request.node
        planned = item.callspec.params.get(PLANNED) if hasattr(item, "callspec") else None
        if not isinstance(planned, PlannedCase) or planned.spec.script is None:
            raise UsageError(
                f"{item.nodeid}: takes the fixture {FIXTURE!r} and is no scenario",
                slug="scenario-unmarked",
                hint="mark it: @pytest.mark.characterize(legacy=Scenario(...), candidate=...), or HttpScenario(...)",
            )
        script = item.obj
        with self._candidate(planned) as drive:
            steps = steps_on(drive, planned.spec.legacy)
            item.obj = _replaying(script, steps)
            yield steps
            item.obj = script

    @contextmanager
    def _candidate(self, planned: PlannedCase) -> Iterator[Drive]:
        spec, golden = planned.spec, self._session.load(planned)
        uses: Mapping[str, Any] = _DJANGO if django.in_use() else {}
        if isinstance(spec.legacy, HttpScenario):
            with ExitStack() as stack:  # opened at the first step, where what goes wrong is the case's own
                client = functools.cache(lambda: stack.enter_context(opened(spec.candidate)))
                yield HttpCandidate(client, passing=_PASSING, **uses).step
        else:
            runs: Mapping[str, Any] = {"runner": django.run_coroutine} if uses else {}
            yield CandidateSide(
                spec.candidate, golden.observation, spec.raises, passing=_PASSING, **uses, **runs
            ).step


def _replaying(script: Callable[..., object], steps: Taken) -> Callable[..., object]:
    """The script as a candidate, whose value is what its steps did."""

    @functools.wraps(script)
    def play(*args: Any, **kwargs: Any) -> Value:
        """Run the script; what its steps did is the value, also where it ends in an error."""
        try:
            refuse_value(script(*args, **kwargs))
        except (CharacterizeError, AssertionError, SkipTest, *_PASSING):
            raise
        except Exception as error:
            steps.broke_off(error)
        return steps.outcome().value

    return play
