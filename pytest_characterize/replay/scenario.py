"""Taking the steps of a scenario on the candidate."""

from __future__ import annotations

import asyncio
import importlib
import inspect
from collections.abc import Callable, Coroutine, Mapping
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field
from typing import Any
from unittest import SkipTest

from pytest_characterize.errors import CharacterizeError, ReplayError
from pytest_characterize.freezing import Adapter
from pytest_characterize.model import Observation, Outcome
from pytest_characterize.replay.outcome import raised, returned
from pytest_characterize.steps import step_of
from pytest_characterize.values import Value


@dataclass(frozen=True, slots=True)
class CandidateSide:
    """The candidate's functions, by their names on legacy's side.

    Attributes:
        module: where they are.
        golden: what legacy did; a mapped exception is expressed in its language.
        raises: legacy error -> name of the candidate's exception class.
        adapters: for what the candidate returns.
        transaction: encloses each step, so that a step that fails does not break the next one.
        passing: exceptions that are no behaviour, besides ``AssertionError``, skips and errors of ours.
        runner: runs an async function.
    """

    module: str
    golden: Observation
    raises: Mapping[str, str] = field(default_factory=dict)
    adapters: tuple[Adapter, ...] = ()
    transaction: Callable[[], AbstractContextManager[object]] = nullcontext
    passing: tuple[type[BaseException], ...] = ()
    runner: Callable[[Coroutine[Any, Any, None]], None] = asyncio.run

    def step(self, function: str, arguments: dict[str, Value], number: int) -> Outcome:
        """Call one function; an exception is its behaviour.

        Raises:
            ReplayError: ``candidate-unknown``, and what :func:`~.outcome.raised` raises.
        """
        called = self._function(function)
        try:
            with self.transaction():
                return returned(self._finished(called(**arguments)), self.adapters)
        except (Exception, SystemExit) as error:
            if isinstance(error, (CharacterizeError, AssertionError, SkipTest, *self.passing)):
                raise
            legacy = step_of(self.golden.outcome.value, number).get("raised")
            return raised(error, self.raises, Observation(Outcome("raised", legacy)))

    def _finished(self, value: object) -> object:
        if not inspect.iscoroutine(value):
            return value
        results: list[object] = []

        async def awaiting() -> None:
            results.append(await value)

        self.runner(awaiting())
        return results[0]

    def _function(self, name: str) -> Callable[..., object]:
        try:
            found: Any = importlib.import_module(self.module)
            for part in name.split("."):
                found = getattr(found, part)
        except (ImportError, AttributeError) as error:
            raise self._unknown(name, str(error)) from error
        if not callable(found):
            raise self._unknown(name, f"it is no function, but of type {type(found).__name__}")
        return found  # type: ignore[no-any-return]

    def _unknown(self, name: str, why: str) -> ReplayError:
        return ReplayError(
            f"the candidate has no {self.module}:{name}: {' '.join(why.split())}",
            slug="candidate-unknown",
            hint="candidate= names the module whose functions bear the names that the script calls",
        )
