"""Rules of Python legacy while it is recorded: what was hit, and that nothing else can be told."""

from __future__ import annotations

import gc
import sys
import types
from collections.abc import Callable, Iterator, Mapping
from itertools import count
from pathlib import Path
from typing import Any

import pytest

from pytest_characterize.descriptors import Function
from pytest_characterize.model import Case, Observation
from pytest_characterize.recording.protocols import RecordingContext
from pytest_characterize.rules.catalogue import Depth
from pytest_characterize.rules.python.probes import instrument
from pytest_characterize.scrub import Scrubber
from pytest_characterize.settings import Redaction, Settings
from pytest_characterize_recorders.function import FunctionRecorder

_numbers = count(1)

LEGACY = '''
"""A legacy module."""
import asyncio
import functools
import traceback

CALLS = []

class RefusedError(ValueError):
    pass

class Invoice:
    rate = 2

    def __init__(self, net):
        self.net = net

    @property
    def gross(self):
        return self.net * self.rate if self.net > 0 else 0

    @staticmethod
    def parse(text):
        if not text:
            raise RefusedError("empty")
        return int(text)

    @classmethod
    def make(cls, net):
        return cls(net).gross

def traced(function):
    @functools.wraps(function)
    def wrapper(*args, **kwargs):
        if args: CALLS.append(args)
        return function(*args, **kwargs)
    return wrapper

@traced
def total(net):
    if net > 100:
        net = net - 10
    return Invoice.make(net)

@functools.lru_cache
def cached(number):
    return "even" if number % 2 == 0 else "odd"

def calls():
    return len(CALLS)

def failing(text):
    try:
        return Invoice.parse(text)
    except ValueError:
        raise KeyError(text)

def trace(text):
    try:
        return Invoice.parse(text)
    except ValueError: return traceback.format_exc()

def closure(step):
    def inner(number):
        while number > 0:
            number -= step
        return number
    return inner

STEP = closure(3)

def stepped(number): return STEP(number)

def generated(items):
    def squares():
        for item in items:
            if item: yield item * item
    return list(squares())

async def later(number):
    await asyncio.sleep(0)
    if number: return number
    return -1

KEPT = []

def keeps(number):
    KEPT.append(lambda: "some" if number else "none")
    return len(KEPT)

def kept():
    return [one() for one in KEPT]
'''

Recorders = Callable[..., FunctionRecorder]


@pytest.fixture
def module(tmp_path: Path) -> Iterator[str]:
    name = f"legacy_rules_{next(_numbers)}"
    (tmp_path / f"{name}.py").write_text(LEGACY)
    yield name
    _forget(name)


def _forget(name: str) -> None:
    for one in [one for one in sys.modules if one.partition(".")[0] == name]:
        del sys.modules[one]


@pytest.fixture
def recorder(tmp_path: Path) -> Iterator[Recorders]:
    opened = []

    def open_(target: str, **settings: Any) -> FunctionRecorder:
        context = RecordingContext(
            Settings(root=tmp_path, **settings), None, "", lambda _: "", Scrubber(Redaction(), None), {}
        )
        opened.append(FunctionRecorder(Function(target), context))
        return opened[-1]

    yield open_
    for one in opened:
        one.close()


def case(**inputs: Any) -> Case:
    return Case("0" * 64, "test", "label", inputs)


def probed(recorder: FunctionRecorder, depth: Depth | None = None) -> dict[str, str]:
    sources = recorder.sources(case())
    return {name: instrument(text, name, depth=depth or Depth()).text for name, text in sources.items()}


def observed(recorder: FunctionRecorder, **inputs: Any) -> tuple[Observation, list[str]]:
    """What a case shows, after it was seen to show the same with probes; and its hits in words."""
    sources = recorder.sources(case())
    rules = {rule.id: rule for name, text in sources.items() for rule in instrument(text, name).rules}
    plain, none = recorder.observe(case(**inputs))
    assert none == ()
    observation, hits = recorder.observe(case(**inputs), probed(recorder))
    assert observation == plain
    assert [hit.rule for hit in hits] == sorted({hit.rule for hit in hits})
    found = sorted((rules[hit.rule].line, f"{rules[hit.rule].text}: {rules[hit.rule].arm}") for hit in hits)
    return observation, [words for _, words in found if "entered" not in words.split(": ")[-1].split()]


def test_hits_of_functions_methods_and_decorators(module: str, recorder: Recorders) -> None:
    total = recorder(f"{module}:total")
    assert observed(total, net=110)[1] == [
        "self.net * self.rate if self.net > 0 else 0: true",
        "if args: taken",
        "if net > 100: taken",
    ]
    assert observed(total, net=-1)[1] == [
        "self.net * self.rate if self.net > 0 else 0: false",
        "if args: taken",
        "if net > 100: no branch taken",
    ]


@pytest.mark.parametrize(
    ("function", "inputs", "expected"),
    [
        ("Invoice.parse", {"text": ""}, ["if not text: taken"]),
        ("Invoice.make", {"net": 1}, ["self.net * self.rate if self.net > 0 else 0: true"]),
        ("stepped", {"number": 0}, ["while number > 0: zero iterations"]),
        ("later", {"number": 0}, ["if number: no branch taken"]),
        ("later", {"number": 2}, ["if number: taken", "return number: reached"]),
        ("generated", {"items": []}, ["for item in items: zero iterations"]),
        ("generated", {"items": [0, 2]}, ["if item: no branch taken", "if item: taken"]),
        ("failing", {"text": "7"}, ["if not text: no branch taken", "try: no exception",
                                    "return Invoice.parse(text): reached"]),
        ("failing", {"text": "x"}, ["if not text: no branch taken", "return Invoice.parse(text): reached",
                                    "except ValueError: caught"]),
    ],
)  # fmt: skip
def test_hits(
    module: str, recorder: Recorders, function: str, inputs: Mapping[str, Any], expected: list[str]
) -> None:
    assert observed(recorder(f"{module}:{function}"), **inputs)[1] == expected


def test_hits_belong_to_one_case(module: str, recorder: Recorders) -> None:
    cached = recorder(f"{module}:cached")
    variant = probed(cached)
    first = cached.observe(case(number=1), variant)[1]
    again = cached.observe(case(number=1), variant)[1]
    other = cached.observe(case(number=2), variant)[1]
    assert [len(hits) for hits in (first, again, other)] == [2, 0, 2]


def test_each_hit_can_count(module: str, recorder: Recorders) -> None:
    generated = recorder(f"{module}:generated")
    _, hits = generated.observe(case(items=[1, 2, 0]), probed(generated, Depth(every=True)))
    assert sorted(hit.count for hit in hits) == [1, 1, 1, 1, 2]


def test_state_and_classes_stay_the_same_objects(module: str, recorder: Recorders) -> None:
    calls, total = recorder(f"{module}:calls"), recorder(f"{module}:total")
    legacy = sys.modules[module]
    before = dict(vars(legacy))
    total.observe(case(net=1))
    total.observe(case(net=1), probed(total))
    total.observe(case(net=1))
    assert calls.observe(case())[0].outcome.value == 3
    assert {name: value for name, value in vars(legacy).items() if name != "CALLS"} == {
        name: value for name, value in before.items() if name != "CALLS"
    }


def test_functions_get_their_own_code_back(module: str, recorder: Recorders) -> None:
    def codes() -> dict[int, types.CodeType]:
        space = vars(sys.modules[module])
        functions = (one for one in gc.get_objects() if type(one) is types.FunctionType)
        return {id(one): one.__code__ for one in functions if one.__globals__ is space}

    total = recorder(f"{module}:total")
    before = codes()
    total.observe(case(net=1), probed(total))
    probed_codes = codes()
    assert probed_codes.keys() == before.keys()
    assert all(probed_codes[one] != code for one, code in before.items())
