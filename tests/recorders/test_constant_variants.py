"""Constants and tables of legacy modules, changed without importing anything again; in old interpreters as well."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from decimal import Decimal
from itertools import count
from pathlib import Path
from typing import Any

import pytest

from pytest_characterize.descriptors import Function
from pytest_characterize.errors import RecordingError
from pytest_characterize_recorders.function import FunctionRecorder
from tests.recorders.interpreters import OTHERS, PYTHON_2, case, context, needed, the_oldest
from tests.recorders.test_function_trials import outcomes

LEGACY = '''
"""What every version of Python understands."""
from decimal import Decimal
from {package}.rates import LIMIT as MOST, RATES, FACTORS
from {package}.rates import *
import {package}.rates as rates

SEEN = []
LOADED = SEEN.append(1)
CENT = Decimal("0.01")
STARTED = [1]
STARTED.append(2)

class Invoice(object):
    days = 14

    class Line(object):
        kinds = ["A", "B"]

    def due(self):
        return [self.days, self.Line.kinds, len(SEEN)]

def total(amount):
    return [MOST, LIMIT, rates.LIMIT, RATES, rates.limit(), FACTORS, CENT, amount, len(SEEN)]

def due(amount):
    return Invoice().due()

def started(amount):
    return len(STARTED)
'''
RATES = """
LIMIT = -5
RATES = {"G": 4, "P": [6, 7]}
FACTORS = (7, 3, 1)

def limit():
    return LIMIT
"""
_numbers = count(1)


@pytest.fixture
def package(tmp_path: Path) -> Iterator[str]:
    """The name of a package of three modules that nobody has imported yet."""
    name = f"legacy_constants_{next(_numbers)}"
    folder = tmp_path / name
    folder.mkdir()
    (folder / "__init__.py").write_text("from decimal import Decimal\n", "utf-8")
    (folder / "rates.py").write_text(RATES, "utf-8")
    (folder / "shop.py").write_text(LEGACY.replace("{package}", name), "utf-8")
    yield name
    for module in [one for one in sys.modules if one.partition(".")[0] == name]:
        del sys.modules[module]


def opened(root: Path, package: str, function: str, interpreter: str = "") -> FunctionRecorder:
    descriptor = Function(f"{package}.shop:{function}", interpreter=interpreter)
    return FunctionRecorder(descriptor, context(root))


def tried(recorder: FunctionRecorder, module: str, old: str, new: str) -> Any:
    """What one call does with a change, after which nothing of it is left."""
    given = case(amount=1)
    texts = recorder.sources(given)
    [name] = [one for one in texts if one.endswith(module)]
    assert old in texts[name]
    before = recorder.observe(given)[0]
    [found] = outcomes(recorder.trials([given], {name: texts[name].replace(old, new)}, 20))
    assert recorder.observe(given)[0] == before
    return found


AS_IT_IS = [-5, -5, -5, {"G": 4, "P": [6, 7]}, -5, (7, 3, 1), Decimal("0.01"), 1, 1]


@pytest.mark.parametrize("interpreter", ["", PYTHON_2, "the oldest"])
@pytest.mark.parametrize(
    ("module", "old", "new", "expected"),
    [
        ("rates", "-5", "-4", {0: -4, 1: -4, 2: -4, 4: -4}),
        ("rates", '"G": 4', '"G": 5', {3: {"G": 5, "P": [6, 7]}}),
        ("rates", ', "P": [6, 7]', "", {3: {"G": 4}}),
        ("rates", "[6, 7]", "[7, 6]", {3: {"G": 4, "P": [7, 6]}}),
        ("rates", "(7, 3, 1)", "(7, 1)", {5: (7, 1)}),
        ("shop", '"0.01"', '"0.02"', {6: Decimal("0.02")}),
    ],
)
def test_every_name_of_a_constant_means_the_new_one(
    tmp_path: Path, package: str, interpreter: str, module: str, old: str, new: str, expected: dict[int, Any]
) -> None:
    place = the_oldest() if interpreter == "the oldest" else interpreter and needed(interpreter)
    recorder = opened(tmp_path, package, "total", place)
    wanted = [expected.get(position, value) for position, value in enumerate(AS_IT_IS)]
    assert tried(recorder, module, old, new) == wanted
    assert recorder.observe(case(amount=1))[0].outcome.value == AS_IT_IS
    recorder.close()


@pytest.mark.parametrize("version", OTHERS)
def test_in_every_version(tmp_path: Path, package: str, version: str) -> None:
    recorder = opened(tmp_path, package, "total", needed(version))
    assert tried(recorder, "rates", "-5", "-4")[:3] == [-4, -4, -4]
    assert tried(recorder, "rates", '"G": 4', '"G": 5')[3] == {"G": 5, "P": [6, 7]}
    assert tried(recorder, "shop", '"0.01"', '"0.02"')[6] == Decimal("0.02")
    recorder.close()


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ("days = 14", "days = 15", [15, ["A", "B"], 1]),
        ('["A", "B"]', '["B"]', [14, ["B"], 1]),
        ('["A", "B"]', "None", [14, None, 1]),
    ],
)
def test_constants_of_classes(tmp_path: Path, package: str, old: str, new: str, expected: list[Any]) -> None:
    recorder = opened(tmp_path, package, "due")
    assert tried(recorder, "shop", old, new) == expected
    recorder.close()


def test_a_variant_is_gone_when_another_one_is_run(tmp_path: Path, package: str) -> None:
    recorder = opened(tmp_path, package, "total")
    given = case(amount=1)
    texts = recorder.sources(given)
    seen = []
    for old, new in (("-5", "-4"), ('"G": 4', '"G": 5'), ("7, 3", "3, 7")):
        changed = {f"{package}.rates": texts[f"{package}.rates"].replace(old, new)}
        value: Any = recorder.observe(given, changed)[0].outcome.value
        seen.append([value[0], value[1], value[3]["G"], value[5][0]])
    assert seen == [[-4, -4, 4, 7], [-5, -5, 5, 7], [-5, -5, 4, 3]]
    recorder.close()


@pytest.mark.parametrize(
    ("old", "new", "slug"),
    [
        ("STARTED = [1]", "STARTED = [3]", "variant-stale"),
        ('CENT = Decimal("0.01")', 'CENT = Decimal("x")', "variant-broken"),
    ],
)
def test_what_cannot_be_put_in_is_told(tmp_path: Path, package: str, old: str, new: str, slug: str) -> None:
    recorder = opened(tmp_path, package, "started")
    with pytest.raises(RecordingError) as caught:
        tried(recorder, "shop", old, new)
    assert caught.value.slug == slug
    assert outcomes(recorder.trials([case(amount=1)], {}, 20)) == [2]
    recorder.close()


def test_nothing_is_imported_again(tmp_path: Path, package: str) -> None:
    recorder = opened(tmp_path, package, "total")
    assert tried(recorder, "shop", "LOADED = SEEN.append(1)", "LOADED = SEEN.append(2)") == AS_IT_IS
    recorder.close()
