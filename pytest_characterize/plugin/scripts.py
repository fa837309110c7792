"""Scenarios: a test that takes the fixture ``characterize`` is a script for whichever side is under test."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from typing import Any, Final

import pytest

from pytest_characterize.descriptors import Descriptor, Flow, HttpScenario
from pytest_characterize.errors import CharacterizeError, RecordingError, UsageError
from pytest_characterize.http_steps import HttpSteps
from pytest_characterize.model import Outcome
from pytest_characterize.specs import Drive, Script
from pytest_characterize.steps import Steps
from pytest_characterize.values import Value

FIXTURE: Final = "characterize"

_ENDS: Final = (pytest.skip.Exception, pytest.fail.Exception)
"""Ends of a test that pytest does not count among the exceptions."""


def read_scenario(
    definition: pytest.Function, legacy: Descriptor, given: Mapping[str, Any], inputs: Mapping[str, Any]
) -> tuple[Script | None, str]:
    """A test's script and its candidate's module; ``(None, "")`` if the test is the candidate itself.

    Raises:
        UsageError: one of the slugs ``scenario-...``.
    """
    test, parameters = definition.nodeid, definition._fixtureinfo.argnames
    candidate = given.get("candidate")
    if not isinstance(legacy, Flow):
        if FIXTURE in parameters or candidate is not None:
            raise _refused(test, "is a scenario by its signature or its candidate=, but not by its legacy=")
        return None, ""
    if isinstance(legacy, HttpScenario):
        candidate = _named_client(given, test)
    elif not isinstance(candidate, str) or not candidate:
        raise _refused(test, "the marker of a scenario takes candidate='module'")
    if FIXTURE not in parameters:
        raise _refused(test, f"a scenario takes the fixture {FIXTURE!r}")
    if inspect.iscoroutinefunction(definition.function):
        raise _refused(test, "a scenario's script cannot be async; the functions that it calls can")
    others = sorted(set(parameters) - {FIXTURE, *inputs})
    if others or FIXTURE in inputs:
        raise _refused(test, f"a scenario takes inputs and {FIXTURE!r} only, not {(*others, FIXTURE)[0]!r}")
    return _script(definition, legacy), candidate


def steps_on(drive: Drive, legacy: Descriptor) -> Steps | HttpSteps:
    """What a script of this scenario takes its steps with."""
    return HttpSteps(drive) if isinstance(legacy, HttpScenario) else Steps(drive)


def _named_client(given: Mapping[str, Any], test: str) -> str:
    candidate = given.get("candidate", "")
    if not isinstance(candidate, str) or (candidate and not all(candidate.partition(":"))):
        raise _refused(test, "candidate= of a scenario over HTTP is 'module:function', or left out")
    for name in ("args", "raises"):
        if given.get(name):
            raise _refused(test, f"{name}= is about functions, and a scenario over HTTP makes requests")
    return candidate


def _script(definition: pytest.Function, legacy: Descriptor) -> Script:
    def play(drive: Drive, inputs: Mapping[str, Value]) -> Outcome:
        """Run the test function with steps on a side, for what they did."""
        steps = steps_on(drive, legacy)
        try:
            refuse_value(_function(definition)(**{FIXTURE: steps}, **inputs))
        except CharacterizeError:
            raise
        except (Exception, *_ENDS) as error:
            raise RecordingError(
                f"the script broke off: {type(error).__name__}: {' '.join(str(error).split())}",
                slug="scenario-broke-off",
                hint="a script takes steps and asserts nothing; a step that raises gives a value of class Raised",
            ) from error
        return steps.outcome()

    return play


def _function(definition: pytest.Function) -> Callable[..., object]:
    """The test function; a method is bound to an instance of its own."""
    if isinstance(definition.parent, pytest.Class):
        instance = definition.parent.newinstance()  # type: ignore[no-untyped-call]
        return getattr(instance, definition.originalname)  # type: ignore[no-any-return]
    return definition.function  # type: ignore[no-any-return]


def refuse_value(value: object) -> None:
    """Refuse what a script returned, unless it is nothing.

    Raises:
        UsageError: ``scenario-returned``.
    """
    if value is not None:
        raise UsageError(
            f"the scenario returned a {type(value).__name__}, which nobody compares",
            slug="scenario-returned",
            hint="return nothing: what its steps return is compared",
        )


def _refused(test: str, what: str) -> UsageError:
    return UsageError(
        f"{test}: {what}",
        slug="scenario-signature",
        hint="write @pytest.mark.characterize(legacy=Scenario('old_shop'), candidate='shop'), or "
        "legacy=HttpScenario(source='web'), and def test_flow(characterize)",
    )
