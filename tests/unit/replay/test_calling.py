from __future__ import annotations

import asyncio
import inspect
import threading
import time
import unittest
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from typing import Any, TypeVar

import pytest

from pytest_characterize.errors import LegacyContactError, ReplayError, UnsupportedValueError
from pytest_characterize.model import Observation, Outcome
from pytest_characterize.replay.calling import Capture
from pytest_characterize.values import Raised

_T = TypeVar("_T")
GOLDEN = Observation(Outcome("returned", 3))


def outcome(capture: Capture) -> Outcome:
    assert capture.observation is not None
    return capture.observation.outcome


# -- functions -----------------------------------------------------------------------------------------


def test_the_value_is_kept_and_nothing_returned() -> None:
    capture = Capture(GOLDEN)
    assert capture.wrap(lambda a, *, b: [a, b])(1, b=2) is None  # type: ignore[func-returns-value]
    assert capture.observation == Observation(Outcome("returned", [1, 2]))


def test_nothing_is_observed_before_the_call() -> None:
    capture = Capture(GOLDEN)
    capture.wrap(lambda: 3)
    assert capture.observation is None


def test_the_value_is_kept_as_it_was_then() -> None:
    lines = [1]
    capture = Capture(GOLDEN)
    capture.wrap(lambda: lines)()
    lines.append(2)
    assert outcome(capture).value == [1]


def test_the_wrapper_looks_like_the_function() -> None:
    def invoice_total(customer_id: int, on: str = "today") -> int:
        """Totals."""
        return customer_id

    wrapper = Capture(GOLDEN).wrap(invoice_total)
    assert (wrapper.__name__, wrapper.__doc__) == ("invoice_total", "Totals.")
    assert inspect.signature(wrapper) == inspect.signature(invoice_total)


def test_methods() -> None:
    class Candidate:
        factor = 2

        def total(self, net: int) -> int:
            return self.factor * net

    capture = Capture(GOLDEN)
    capture.wrap(Candidate().total)(net=3)
    assert outcome(capture).value == 6


def test_an_exception_is_an_outcome_and_does_not_get_out() -> None:
    def candidate() -> None:
        raise KeyError("total")

    capture = Capture(GOLDEN)
    capture.wrap(candidate)()
    names = ("builtins.KeyError", "builtins.LookupError", "builtins.Exception")
    assert outcome(capture) == Outcome("raised", Raised(names, "'total'"))


@pytest.mark.parametrize(
    "error", [SystemExit(2), StopIteration(1), OSError(2, "gone"), RecursionError("deep")]
)
def test_all_sorts_of_exceptions_are_outcomes(error: BaseException) -> None:
    def candidate() -> None:
        raise error

    capture = Capture(GOLDEN)
    capture.wrap(candidate)()
    assert outcome(capture).how == "raised"
    assert outcome(capture).value.types[0] == f"builtins.{type(error).__name__}"


def test_a_mapped_exception_speaks_legacys_language() -> None:
    def candidate() -> None:
        raise KeyError("total")

    legacy = Raised(("no_data_found",), "no rows", "P0002")
    capture = Capture(Observation(Outcome("raised", legacy)), raises={"P0002": "KeyError"})
    capture.wrap(candidate)()
    assert outcome(capture).value == Raised(("no_data_found",), "'total'", "P0002")


@pytest.mark.parametrize(
    "error",
    [
        AssertionError("no"),
        pytest.skip.Exception("later"),
        pytest.fail.Exception("no"),
        unittest.SkipTest("later"),
        LegacyContactError("no"),
        KeyboardInterrupt(),
        ReplayError("no", slug="x", hint="y"),
        pytest.exit.Exception("stop"),
    ],
)
@pytest.mark.parametrize("run_async", [False, True])
def test_what_is_no_behaviour_passes_through(error: BaseException, run_async: bool) -> None:
    def candidate() -> None:
        raise error

    async def async_candidate() -> None:
        raise error

    capture = Capture(GOLDEN, passing=(pytest.exit.Exception,))
    with pytest.raises(type(error)) as caught:
        capture.wrap(async_candidate if run_async else candidate, run_async=run_async)()
    assert caught.value is error
    assert capture.observation is None


def test_a_value_that_cannot_be_kept_passes_as_an_error_of_ours() -> None:
    capture = Capture(GOLDEN)
    with pytest.raises(UnsupportedValueError):
        capture.wrap(lambda: object())()
    assert capture.observation is None


def test_a_generator_function_is_an_error() -> None:
    def candidate() -> Iterator[int]:
        yield 1

    with pytest.raises(UnsupportedValueError, match="generator that has not run"):
        Capture(GOLDEN).wrap(candidate)()


def test_the_duration_is_measured() -> None:
    capture = Capture(GOLDEN)
    capture.wrap(lambda: time.sleep(0.02))()
    assert 0.02 <= capture.duration < 5


# -- async functions -----------------------------------------------------------------------------------


async def double(number: int) -> int:
    await asyncio.sleep(0)
    return 2 * number


def test_an_async_function_stays_async() -> None:
    capture = Capture(GOLDEN)
    wrapper = capture.wrap(double)
    assert inspect.iscoroutinefunction(wrapper)
    assert capture.observation is None
    asyncio.run(wrapper(3))
    assert outcome(capture).value == 6


def test_an_async_function_may_be_made_a_function() -> None:
    capture = Capture(GOLDEN)
    wrapper = capture.wrap(double, run_async=True)
    assert not inspect.iscoroutinefunction(wrapper)
    assert wrapper(3) is None
    assert outcome(capture).value == 6


def test_a_function_is_not_made_anything_else() -> None:
    capture = Capture(GOLDEN)
    capture.wrap(lambda: 3, run_async=True)()
    assert outcome(capture).value == 3


def test_an_async_exception_is_an_outcome() -> None:
    async def candidate() -> None:
        await asyncio.sleep(0)
        raise KeyError("total")

    capture = Capture(GOLDEN)
    asyncio.run(capture.wrap(candidate)())
    assert outcome(capture).value.message == "'total'"


def test_a_function_that_gives_a_coroutine_is_an_error() -> None:
    with pytest.raises(UnsupportedValueError, match="nobody awaited"):
        Capture(GOLDEN).wrap(lambda: double(3))()


def test_a_cancelled_candidate_has_no_outcome() -> None:
    capture = Capture(GOLDEN)

    async def forever() -> None:
        await asyncio.Event().wait()

    with pytest.raises(TimeoutError):
        asyncio.run(asyncio.wait_for(capture.wrap(forever)(), 0.01))
    assert capture.observation is None


def test_our_steps_go_over_the_bridge() -> None:
    threads: dict[str, set[int]] = {"ours": set(), "theirs": set()}

    @contextmanager
    def transaction() -> Iterator[None]:
        threads["ours"].add(threading.get_ident())
        yield
        threads["ours"].add(threading.get_ident())

    def adapter(obj: object) -> object:
        threads["ours"].add(threading.get_ident())
        return 3

    async def candidate() -> object:
        threads["theirs"].add(threading.get_ident())
        return object()

    async def bridge(step: Callable[..., _T], *args: Any) -> _T:
        return await asyncio.to_thread(step, *args)

    capture = Capture(GOLDEN, adapters=(adapter,), transaction=transaction, bridge=bridge)
    capture.wrap(candidate, run_async=True)()
    assert outcome(capture).value == 3
    assert threads["theirs"] == {threading.get_ident()}
    assert threading.get_ident() not in threads["ours"]


def test_the_runner_runs_it() -> None:
    ran = []

    def runner(coroutine: Any) -> None:
        ran.append(coroutine)
        asyncio.run(coroutine)

    capture = Capture(GOLDEN, runner=runner)
    capture.wrap(double, run_async=True)(3)
    assert len(ran) == 1
    assert outcome(capture).value == 6


# -- transaction and effects ---------------------------------------------------------------------------


class Story:
    """What happened, in order."""

    def __init__(self) -> None:
        self.events: list[str] = []

    @contextmanager
    def transaction(self) -> Iterator[None]:
        self.events.append("begin")
        try:
            yield
        except BaseException as error:
            self.events.append(f"rollback {type(error).__name__}")
            raise
        self.events.append("commit")

    @contextmanager
    def probe(self) -> Iterator[Callable[[], object]]:
        self.events.append("watch")
        yield lambda: self.events.append("read") or len(self.events)
        self.events.append("unwatch")


@pytest.fixture
def story() -> Story:
    return Story()


@pytest.mark.parametrize("run_async", [False, True])
def test_probes_enclose_the_transaction_which_encloses_the_call(story: Story, run_async: bool) -> None:
    def candidate() -> str:
        story.events.append("call")
        return "value"

    async def async_candidate() -> str:
        return candidate()

    capture = Capture(GOLDEN, transaction=story.transaction, effects={"tables": story.probe})
    capture.wrap(async_candidate if run_async else candidate, run_async=run_async)()
    assert story.events == ["watch", "begin", "call", "commit", "unwatch", "read"]
    assert capture.observation == Observation(Outcome("returned", "value"), {"tables": 6})


@pytest.mark.parametrize("run_async", [False, True])
def test_after_an_exception_effects_are_read_all_the_same(story: Story, run_async: bool) -> None:
    def candidate() -> None:
        raise KeyError("total")

    async def async_candidate() -> None:
        candidate()

    capture = Capture(GOLDEN, transaction=story.transaction, effects={"tables": story.probe})
    capture.wrap(async_candidate if run_async else candidate, run_async=run_async)()
    assert story.events == ["watch", "begin", "rollback KeyError", "unwatch", "read"]
    assert outcome(capture).how == "raised"


def test_lazy_values_do_their_work_inside_the_transaction(story: Story) -> None:
    class Lazy:
        def rows(self) -> list[int]:
            story.events.append("query")
            return [1]

    capture = Capture(
        GOLDEN,
        adapters=(lambda obj: obj.rows() if isinstance(obj, Lazy) else NotImplemented,),
        transaction=story.transaction,
    )
    capture.wrap(Lazy)()
    assert story.events == ["begin", "query", "commit"]
    assert outcome(capture).value == [1]


def test_an_exception_of_a_lazy_value_is_the_candidates(story: Story) -> None:
    def adapter(obj: object) -> object:
        raise KeyError("lazy")

    capture = Capture(GOLDEN, adapters=(adapter,), transaction=story.transaction)
    capture.wrap(object)()
    assert outcome(capture).value.message == "'lazy'"
    assert story.events == ["begin", "rollback KeyError"]


def test_the_transactions_end_may_raise_and_that_is_behaviour_too() -> None:
    @contextmanager
    def transaction() -> Iterator[None]:
        yield
        raise ValueError("deferred constraint")

    capture = Capture(GOLDEN, transaction=transaction)
    capture.wrap(lambda: 3)()
    assert outcome(capture).value.message == "deferred constraint"


def test_an_error_of_ours_in_the_transaction_passes_through() -> None:
    @contextmanager
    def transaction() -> Iterator[None]:
        yield
        raise ReplayError("broken", slug="transaction-broken", hint="x")

    capture = Capture(GOLDEN, transaction=transaction)
    with pytest.raises(ReplayError, match="broken"):
        capture.wrap(lambda: 3)()
    assert capture.observation is None


def test_a_probe_that_breaks_is_not_taken_for_the_candidate() -> None:
    @contextmanager
    def probe() -> Iterator[Callable[[], object]]:
        raise ValueError("no such table")
        yield lambda: None

    capture = Capture(GOLDEN, effects={"tables": probe})
    with pytest.raises(ValueError, match="no such table"):
        capture.wrap(lambda: 3)()
    assert capture.observation is None


def test_awaitables_are_no_coroutines() -> None:
    async def give() -> Awaitable[int]:
        return asyncio.get_running_loop().create_future()

    with pytest.raises(UnsupportedValueError):
        asyncio.run(Capture(GOLDEN).wrap(give)())
