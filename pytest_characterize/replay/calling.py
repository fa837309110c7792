"""Calling the candidate once, and keeping what it did."""

from __future__ import annotations

import asyncio
import functools
import inspect
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine, Iterator, Mapping
from contextlib import AbstractContextManager, ExitStack, asynccontextmanager, contextmanager, nullcontext
from dataclasses import dataclass, field
from time import perf_counter
from typing import Any, Protocol, TypeAlias, TypeVar
from unittest import SkipTest

from pytest_characterize.errors import CharacterizeError
from pytest_characterize.freezing import Adapter
from pytest_characterize.model import Observation, Outcome
from pytest_characterize.replay.large import Reduce, taken
from pytest_characterize.replay.notices import Logged, NoticeLog, in_legacys_words
from pytest_characterize.replay.outcome import raised, returned
from pytest_characterize.sql.counting import StatementGroup
from pytest_characterize.statements import Sent, StatementWatch
from pytest_characterize.values import Value

Probe: TypeAlias = Callable[[], AbstractContextManager[Callable[[], Value]]]
"""Watches one effect during a block, and tells it afterwards."""

_T = TypeVar("_T")


class Bridge(Protocol):
    """Runs a synchronous step of ours on the thread where an async candidate's synchronous code runs."""

    def __call__(self, step: Callable[..., _T], *args: Any) -> Awaitable[_T]:
        """Await what ``step(*args)`` gives."""


async def same_thread(step: Callable[..., _T], *args: Any) -> _T:
    """The bridge where there is only one thread: the step is simply called."""
    return step(*args)


@dataclass
class Capture:
    """Keeps what one call of the candidate did; made anew for every case.

    >>> from pytest_characterize.model import Observation, Outcome
    >>> capture = Capture(golden=Observation(Outcome("returned", 3)))
    >>> capture.wrap(lambda a, b: a + b)(1, 2)
    >>> capture.observation.outcome
    Outcome(how='returned', value=3)

    Attributes:
        golden: what legacy did; a mapped exception is expressed in its language.
        raises: legacy error -> name of the candidate's exception class.
        adapters: for what the candidate returns.
        transaction: encloses the call, and may turn its end into an exception.
        effects: effect name -> probe around the transaction.
        reduce: for the rows of a candidate where legacy's were too many to be kept.
        passing: exceptions that are no behaviour, besides ``AssertionError``, skips and errors of ours.
        watch: sees the SQL statements of the call.
        log: hears what the call logs as its notices.
        runner: runs an async candidate where nobody else does.
        bridge: see :class:`Bridge`.
        observation: what the candidate did, ``None`` while it has not come to an end.
        duration: seconds that it took.
        statements: the SQL statements of the call by fingerprint.
        error: the exception that was its end, with its traceback.
    """

    golden: Observation
    raises: Mapping[str, str] = field(default_factory=dict)
    adapters: tuple[Adapter, ...] = ()
    transaction: Callable[[], AbstractContextManager[object]] = nullcontext
    effects: Mapping[str, Probe] = field(default_factory=dict)
    reduce: Reduce | None = None
    passing: tuple[type[BaseException], ...] = ()
    watch: StatementWatch | None = None
    log: NoticeLog | None = None
    runner: Callable[[Coroutine[Any, Any, None]], None] = asyncio.run
    bridge: Bridge = same_thread
    observation: Observation | None = field(default=None, init=False)
    duration: float = field(default=0.0, init=False)
    statements: tuple[StatementGroup, ...] = field(default=(), init=False)
    error: BaseException | None = field(default=None, init=False, repr=False)

    def wrap(self, function: Callable[..., Any], *, run_async: bool = False) -> Callable[..., Any]:
        """The function, with its end kept instead of given: the wrapper returns ``None``.

        What is no behaviour passes through: ``AssertionError``, skips, errors of ours, a contact with
        legacy, ``KeyboardInterrupt``.

        Args:
            run_async: make a synchronous function of an async one, for where no plugin awaits it.
        """
        if not inspect.iscoroutinefunction(function):

            @functools.wraps(function)
            def call(*args: Any, **kwargs: Any) -> None:
                with self._watching() as end:
                    end(function(*args, **kwargs))

            return call

        async def acall(*args: Any, **kwargs: Any) -> None:
            async with _bridged(self._watching(), self.bridge) as end:
                await self.bridge(end, await function(*args, **kwargs))

        if not run_async:
            return functools.wraps(function)(acall)

        @functools.wraps(function)
        def run(*args: Any, **kwargs: Any) -> None:
            self.runner(acall(*args, **kwargs))

        return run

    def _returned(self, value: object) -> Outcome:
        legacy = self.golden.outcome.value
        return returned(taken(value, legacy, self.adapters, self.reduce), self.adapters)

    def _watched(self) -> AbstractContextManager[Sent]:
        """Around the call alone, so that statements of ours are not taken for its own."""
        return nullcontext(Sent()) if self.watch is None else self.watch.watching()

    def _heard(self) -> AbstractContextManager[list[Logged]]:
        return nullcontext([]) if self.log is None else self.log.heard()

    @contextmanager
    def _watching(self) -> Iterator[Callable[[object], None]]:
        """Around one call: yields what takes its return value, and swallows an exception that is behaviour.

        The value is frozen inside the transaction, as lazy query sets and streams do their work only then.
        """
        with ExitStack() as stack:
            readers = {name: stack.enter_context(probe()) for name, probe in self.effects.items()}
            outcomes: list[Outcome] = []
            sent = Sent()
            logged: list[Logged] = []
            start = perf_counter()
            try:
                with self.transaction(), self._watched() as sent, self._heard() as logged:
                    yield lambda value: outcomes.append(self._returned(value))
            except (Exception, SystemExit) as error:
                if isinstance(error, (CharacterizeError, AssertionError, SkipTest, *self.passing)):
                    raise
                outcomes = [raised(error, self.raises, self.golden)]
                self.error = error
            self.duration = perf_counter() - start
        self.statements = sent.groups()
        queries = sum(group.times for group in self.statements) if sent.counted else None
        effects = {name: read() for name, read in readers.items()}
        notices = in_legacys_words(logged, self.golden.notices)
        self.observation = Observation(outcomes[0], effects, notices, queries=queries)


@asynccontextmanager
async def _bridged(manager: AbstractContextManager[_T], bridge: Bridge) -> AsyncIterator[_T]:
    """A context manager whose entry and exit go over the bridge."""
    value = await bridge(manager.__enter__)
    try:
        yield value
    except BaseException as error:
        if not await bridge(manager.__exit__, type(error), error, error.__traceback__):
            raise
    else:
        await bridge(manager.__exit__, None, None, None)
