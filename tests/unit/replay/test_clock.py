from __future__ import annotations

import asyncio
import importlib
import os
import random
import threading
import time
import uuid
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta, timezone
from importlib.util import find_spec
from zoneinfo import ZoneInfo

import pytest

from pytest_characterize.replay.clock import frozen

AT = datetime(2024, 2, 29, 23, 30, 15, 123456, tzinfo=UTC)


@pytest.fixture
def zone() -> Iterator[Callable[[str], None]]:
    before = os.environ.get("TZ")

    def change(name: str) -> None:
        os.environ["TZ"] = name
        time.tzset()

    yield change
    if before is None:
        os.environ.pop("TZ", None)
    else:
        os.environ["TZ"] = before
    time.tzset()


def test_the_clock_stands() -> None:
    with frozen(AT, 0):
        first = datetime.now(UTC)
        time.sleep(0.01)
        assert first == datetime.now(UTC) == AT
        assert time.time() == AT.timestamp()
        assert time.time_ns() == 1709249415123456000
        assert time.gmtime()[:6] == (2024, 2, 29, 23, 30, 15)


def test_the_clock_runs_again_afterwards() -> None:
    before = datetime.now(UTC)
    with pytest.raises(ZeroDivisionError), frozen(AT, 0):
        raise ZeroDivisionError
    assert before <= datetime.now(UTC) < before + timedelta(minutes=1)


@pytest.mark.parametrize(
    "at",
    [
        AT,
        AT.astimezone(ZoneInfo("Asia/Tokyo")),
        AT.astimezone(timezone(timedelta(hours=-5))),
        AT.astimezone(),
    ],
)
@pytest.mark.parametrize("name", ["UTC", "Europe/London", "America/New_York"])
def test_the_local_zone_stays_the_candidates_own(
    zone: Callable[[str], None], name: str, at: datetime
) -> None:
    zone(name)
    with frozen(at, 0):
        assert os.environ["TZ"] == name
        assert datetime.now() == AT.astimezone(ZoneInfo(name)).replace(tzinfo=None)
        assert date.today() == AT.astimezone(ZoneInfo(name)).date()
        summer = datetime(2024, 7, 1, 12).astimezone()
        assert summer.utcoffset() == datetime(2024, 7, 1, 12, tzinfo=ZoneInfo(name)).utcoffset()
    assert os.environ["TZ"] == name


def test_a_naive_time_is_the_candidates_local_time(zone: Callable[[str], None]) -> None:
    for name in ("Asia/Tokyo", "America/New_York"):
        zone(name)
        with frozen(datetime(2024, 3, 1, 12, 0), 0):
            assert datetime.now() == datetime(2024, 3, 1, 12, 0)


def test_durations_and_timeouts_go_on() -> None:
    with frozen(AT, 0):
        start, ticks = time.monotonic(), time.perf_counter()
        assert not threading.Event().wait(0.01)
        assert time.monotonic() - start >= 0.01
        assert time.perf_counter() - ticks >= 0.01


def test_asyncio_does_not_hang() -> None:
    async def candidate() -> datetime:
        await asyncio.sleep(0.01)
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(asyncio.Event().wait(), 0.01)
        return datetime.now(UTC)

    with frozen(AT, 0):
        assert asyncio.run(asyncio.wait_for(candidate(), 10)) == AT


def test_a_running_loop_may_be_frozen_and_thawed() -> None:
    async def candidate() -> None:
        with frozen(AT, 0):
            await asyncio.sleep(0.01)
        await asyncio.sleep(0.01)

    asyncio.run(asyncio.wait_for(candidate(), 10))


def _random() -> object:
    return random.random(), random.randrange(1000), random.sample(range(100), 5)


def _numpy() -> object:
    return importlib.import_module("numpy.random").rand(3).tolist()


def _faker() -> object:
    return importlib.import_module("faker").Faker().name()


DRAWS = [_random, *(draw for draw in (_numpy, _faker) if find_spec(draw.__name__[1:]))]


@pytest.mark.parametrize("draw", DRAWS)
def test_chance_is_the_same_in_every_replay(draw: Callable[[], object]) -> None:
    draw()  # imports the generator
    with frozen(AT, 7):
        first = draw()
    with frozen(AT, 7):
        assert draw() == first
    with frozen(AT, 8):
        assert draw() != first


@pytest.mark.parametrize("draw", DRAWS)
def test_chance_goes_on_afterwards_as_if_nothing_had_been(draw: Callable[[], object]) -> None:
    draw()
    with frozen(AT, 1):
        expected = [draw(), draw()]
    with frozen(AT, 1):
        first = draw()
        with frozen(AT, 7):
            draw()
        assert [first, draw()] == expected


def test_what_promises_to_be_unpredictable_is_left_alone() -> None:
    with frozen(AT, 7):
        first = uuid.uuid4(), os.urandom(8)
    with frozen(AT, 7):
        assert first != (uuid.uuid4(), os.urandom(8))
