"""What a candidate logs, as notices in legacy's words."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from typing import Any

import pytest

from pytest_characterize.model import Observation, Outcome
from pytest_characterize.replay.calling import Capture
from pytest_characterize.replay.notices import Logged, NoticeLog, in_legacys_words

LOGGER = logging.getLogger("shop.stock")
LOW = {"severity": "WARNING", "message": "stock is low", "hint": "order more"}
GONE = {"severity": "Note", "code": "1003", "message": "part is gone"}


@pytest.fixture
def quiet() -> Iterator[None]:
    """A project that logs errors only."""
    shop = logging.getLogger("shop")
    shop.setLevel(logging.ERROR)
    yield
    shop.setLevel(logging.NOTSET)


def notices(*legacy: Any, log: str = "shop", candidate: Any) -> tuple[Any, ...]:
    capture = Capture(Observation(Outcome("returned", None), notices=legacy), log=NoticeLog(log))
    capture.wrap(candidate)()
    assert capture.observation is not None
    return capture.observation.notices


def test_from_info_on_whatever_the_project_has_set(quiet: None) -> None:
    def candidate() -> None:
        LOGGER.debug("looking")
        LOGGER.info("part %s", "gone")
        LOGGER.warning("low")

    found = notices(candidate=candidate)
    assert found == ({"severity": "INFO", "message": "part gone"}, {"severity": "WARNING", "message": "low"})
    assert logging.getLogger("shop").level == logging.ERROR
    assert logging.getLogger("shop").handlers == []


def test_of_other_loggers_and_before_the_call_there_are_none() -> None:
    LOGGER.warning("before")
    assert notices(candidate=lambda: logging.getLogger("other").warning("x")) == ()
    assert notices(log="shop.billing", candidate=lambda: LOGGER.warning("x")) == ()


def test_of_a_candidate_that_raises() -> None:
    def candidate() -> None:
        LOGGER.warning("stock is low")
        raise LookupError

    assert notices(LOW, candidate=candidate) == (LOW,)


def test_arguments_that_do_not_fit() -> None:
    assert notices(candidate=lambda: LOGGER.warning("%d pieces", "no"))[0]["message"] == "%d pieces"


@pytest.mark.parametrize(
    ("records", "told"),
    [
        ([(logging.WARNING, "stock is low"), (logging.INFO, "part is gone")], (LOW, GONE)),
        ([(logging.INFO, "part is gone"), (logging.WARNING, "stock is low")], (GONE, LOW)),
        ([(logging.INFO, "stock is low")], ({**LOW, "severity": "INFO"},)),
        ([(logging.WARNING, "stock is high")], ({**LOW, "message": "stock is high"},)),
        (
            [(logging.WARNING, "new"), (logging.WARNING, "stock is low")],
            ({**GONE, "severity": "WARNING", "message": "new"}, LOW),
        ),
        (
            [
                (logging.WARNING, "stock is low"),
                (logging.WARNING, "stock is low"),
                (logging.ERROR, "x"),
                (logging.ERROR, "y"),
            ],
            (
                LOW,
                {**GONE, "severity": "WARNING", "message": "stock is low"},
                *({"severity": "ERROR", "message": m} for m in "xy"),
            ),
        ),
        ([], ()),
    ],
)
def test_which_notice_a_record_stands_for(records: list[tuple[int, str]], told: tuple[Any, ...]) -> None:
    assert in_legacys_words([Logged(*record) for record in records], [LOW, GONE]) == told


@pytest.mark.parametrize("severity", ["DEBUG1", "LOG", "Note", "NOTICE", "Warning", "Error", 7, None])
def test_severities(severity: object) -> None:
    """One that agrees in its level is legacy's own."""
    level = {"DEBUG1": logging.DEBUG, "Warning": logging.WARNING, "Error": logging.ERROR}.get(
        str(severity), logging.INFO
    )
    [told] = in_legacys_words([Logged(level, "x")], [{"severity": severity, "message": "x"}])
    assert told["severity"] == (severity if isinstance(severity, str) else "INFO")
