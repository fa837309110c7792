from __future__ import annotations

import re
import sys
import textwrap
from collections.abc import Callable, Iterator, Mapping
from datetime import date
from decimal import Decimal
from itertools import count
from pathlib import Path
from typing import Any

import pytest

from pytest_characterize.descriptors import Function, Tables
from pytest_characterize.errors import RecordingError, UnsupportedValueError
from pytest_characterize.model import Case, Outcome
from pytest_characterize.recording.loading import recorder_factory
from pytest_characterize.recording.protocols import RecordingContext
from pytest_characterize.scrub import Scrubber
from pytest_characterize.settings import Redaction, Settings
from pytest_characterize.values import Raised, Record
from pytest_characterize_recorders.function import FunctionRecorder

LEGACY = '''
"""A legacy module; CALLS is state that it keeps."""
import asyncio, collections, functools, sys, warnings
from dataclasses import dataclass
from decimal import Decimal

CALLS = []

def total(customer_id, on=None, *, rate=Decimal("0.95")):
    """Totals."""
    CALLS.append(customer_id)
    return {"customer": customer_id, "net": Decimal("100.00") * rate, "on": on}

def keeps(lines):
    lines.append("changed")
    lines[0]["seen"] = True
    return lines

def fails(code):
    raise LegacyError(f"code {code}")

class LegacyError(ValueError):
    pass

def leaves(status):
    sys.exit(status)

def interrupts():
    raise KeyboardInterrupt

def warns():
    warnings.warn("old", DeprecationWarning)
    return 1

def strict():
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        warnings.warn("old", DeprecationWarning)

async def later(number):
    await asyncio.sleep(0)
    return number * 2

async def fails_later():
    await asyncio.sleep(0)
    raise LegacyError("later")

def gives_awaitable(number):
    return later(number)

def by_position(a, b, /, c):
    return [a, b, c]

def strange():
    return object()

def prints():
    print("noise")
    return None

def traced(function):
    @functools.wraps(function)
    def wrapper(*args, **kwargs):
        return function(*args, **kwargs)
    return wrapper

@traced
def wrapped(number):
    return number + 1

class Billing:
    factor = 3

    @classmethod
    def of(cls, number):
        return cls.factor * number

    @staticmethod
    def plain(number):
        return number

    def method(self, number):
        return number

@dataclass
class Invoice:
    number: int
    def __post_init__(self):
        self.number += 1

def imports_late():
    import {late}
    return {late}.VALUE

RATE = 3
'''

_numbers = count(1)


@pytest.fixture
def legacy(tmp_path: Path) -> Iterator[str]:
    """A legacy module of its own, importable from the project's root only while recording."""
    name = f"legacy_{next(_numbers)}"
    (tmp_path / f"{name}.py").write_text(LEGACY.replace("{late}", f"{name}_late"))
    (tmp_path / f"{name}_late.py").write_text("VALUE = 42\n")
    yield name
    for module in [module for module in sys.modules if module.startswith(name)]:
        del sys.modules[module]


def context(root: Path, args: Mapping[str, str] | None = None) -> RecordingContext:
    return RecordingContext(
        settings=Settings(root=root),
        source=None,
        address="",
        secret=lambda secret: secret.variable,
        scrubber=Scrubber(Redaction(), b"key"),
        args=args or {},
    )


def case(inputs: Mapping[str, Any]) -> Case:
    return Case("0" * 64, "tests/test_x.py::test_x", "x", inputs)


@pytest.fixture
def observe(tmp_path: Path, legacy: str) -> Callable[..., Outcome]:
    def observe(name: str, args: Mapping[str, str] | None = None, **inputs: Any) -> Outcome:
        recorder = FunctionRecorder(Function(f"{legacy}:{name}"), context(tmp_path, args))
        try:
            observation, hits = recorder.observe(case(inputs))
        finally:
            recorder.close()
        assert hits == ()
        assert observation.effects == {}
        return observation.outcome

    return observe


Observe = Callable[..., Outcome]


def test_the_entry_point_names_it() -> None:
    assert recorder_factory("function") is FunctionRecorder


def test_a_value_is_returned(observe: Observe) -> None:
    assert observe("total", customer_id=7, on=date(2024, 3, 1)) == Outcome(
        "returned", {"customer": 7, "net": Decimal("95.0000"), "on": date(2024, 3, 1)}
    )


def test_inputs_are_keywords_also_where_the_function_says_so(observe: Observe) -> None:
    assert observe("total", customer_id=7, rate=Decimal("1")).value["net"] == Decimal("100.00")


def test_inputs_may_have_other_names(observe: Observe) -> None:
    args = {"customer_id": "customer", "on": "customer"}
    assert observe("total", args, customer=7).value == {"customer": 7, "net": Decimal("95.0000"), "on": 7}


def test_positional_only_parameters_get_their_inputs(observe: Observe) -> None:
    assert observe("by_position", c=3, b=2, a=1).value == [1, 2, 3]


def test_an_argument_that_legacy_changes_changes_no_input(tmp_path: Path, legacy: str) -> None:
    lines: list[Any] = [{"price": 1}]
    recorder = FunctionRecorder(Function(f"{legacy}:keeps"), context(tmp_path))
    for _ in range(2):
        observation, _ = recorder.observe(case({"lines": lines}))
        assert observation.outcome.value == [{"price": 1, "seen": True}, "changed"]
    recorder.close()
    assert lines == [{"price": 1}]


@pytest.mark.parametrize(
    ("name", "value"),
    [("Billing.of", 21), ("Billing.plain", 7), ("wrapped", 8), ("later", 14), ("gives_awaitable", 14)],
)
def test_all_sorts_of_callables(observe: Observe, name: str, value: int) -> None:
    assert observe(name, number=7) == Outcome("returned", value)


def test_a_class_is_called_as_well(observe: Observe, legacy: str) -> None:
    assert observe("Invoice", number=7).value == Record(f"{legacy}.Invoice", {"number": 8})


def test_a_builtin(tmp_path: Path) -> None:
    recorder = FunctionRecorder(Function("math:floor"), context(tmp_path))
    assert recorder.observe(case({"x": Decimal("1.5")}))[0].outcome.value == 1
    assert recorder.sources(case({})) == {}
    assert recorder.provenance() == {
        "module": "math",
        "python": f"{sys.version_info.major}.{sys.version_info.minor}",
    }
    recorder.close()


def test_an_exception_is_behaviour(observe: Observe, legacy: str) -> None:
    for outcome in (observe("fails", code=3), observe("fails_later")):
        assert outcome.how == "raised"
        assert outcome.value.types[:2] == (f"{legacy}.LegacyError", "builtins.ValueError")
    assert observe("fails", code=3).value.message == "code 3"


def test_leaving_the_program_is_behaviour(observe: Observe) -> None:
    outcome = observe("leaves", status=2)
    assert outcome == Outcome("raised", Raised(outcome.value.types, "2"))
    assert outcome.value.types[0] == "builtins.SystemExit"


def test_an_interrupt_is_none(observe: Observe) -> None:
    with pytest.raises(KeyboardInterrupt):
        observe("interrupts")


def test_a_warning_is_none_although_the_tests_make_errors_of_them(observe: Observe) -> None:
    assert observe("warns") == Outcome("returned", 1)
    assert observe("strict").value.types[0] == "builtins.DeprecationWarning"


def test_output_is_left_to_the_console(observe: Observe, capsys: pytest.CaptureFixture[str]) -> None:
    assert observe("prints") == Outcome("returned", None)
    assert capsys.readouterr().out == "noise\n"


def test_a_value_that_cannot_be_stored_is_an_error(observe: Observe) -> None:
    with pytest.raises(UnsupportedValueError):
        observe("strange")


def test_imports_at_call_time_find_the_project_too(observe: Observe) -> None:
    assert observe("imports_late").value == 42


def test_the_import_path_is_as_before_once_it_is_closed(tmp_path: Path, legacy: str) -> None:
    before = list(sys.path)
    recorder = FunctionRecorder(Function(f"{legacy}:total"), context(tmp_path))
    assert sys.path[0] == str(tmp_path)
    recorder.close()
    assert sys.path == before
    with pytest.raises(RecordingError):
        FunctionRecorder(Function("no_such_module:x"), context(tmp_path))
    assert sys.path == before


def test_a_root_that_was_on_the_import_path_stays_there(
    tmp_path: Path, legacy: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.syspath_prepend(str(tmp_path))
    FunctionRecorder(Function(f"{legacy}:total"), context(tmp_path)).close()
    assert str(tmp_path) in sys.path


@pytest.mark.parametrize(
    ("target", "why"),
    [
        ("total", 'must read "package.module:qualified.name"'),
        ("{legacy}:", 'must read "package.module:qualified.name"'),
        (":total", 'must read "package.module:qualified.name"'),
        ("no_such_module:total", "No module named 'no_such_module'"),
        ("{legacy}:no_such", "has no attribute 'no_such'"),
        ("{legacy}:Billing.no_such", "has no attribute 'no_such'"),
        ("{legacy}:RATE", "no function, but of type int"),
        ("broken_on_import:x", "ZeroDivisionError: division by zero"),
        ("no_python:x", "SyntaxError: "),
        ("leaves_on_import:x", "SystemExit: 3"),
    ],
)
def test_what_cannot_be_used_is_one_clear_line(tmp_path: Path, legacy: str, target: str, why: str) -> None:
    (tmp_path / "broken_on_import.py").write_text("1 / 0\n")
    (tmp_path / "no_python.py").write_text("def x(:\n")
    (tmp_path / "leaves_on_import.py").write_text("raise SystemExit(3)\n")
    target = target.format(legacy=legacy)
    with pytest.raises(RecordingError, match=re.escape(why)) as caught:
        FunctionRecorder(Function(target), context(tmp_path))
    assert caught.value.slug == "function-unknown"
    assert repr(target) in str(caught.value)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("name", "inputs", "why"),
    [
        ("total", {}, "missing a required argument: 'customer_id'"),
        ("total", {"customer_id": 7, "code": 1}, "got an unexpected keyword argument 'code'"),
        ("Billing.method", {"number": 7}, "missing a required argument: 'self'"),
        ("by_position", {"a": 1, "c": 2}, "missing a required argument: 'b'"),
    ],
)
def test_inputs_that_the_signature_does_not_take_are_no_behaviour(
    observe: Observe, name: str, inputs: dict[str, Any], why: str
) -> None:
    with pytest.raises(RecordingError, match=why) as caught:
        observe(name, **inputs)
    assert caught.value.slug == "function-arguments"
    assert "its signature is (" in caught.value.hint


def test_a_type_error_of_legacy_is_behaviour(observe: Observe) -> None:
    assert observe("wrapped", number="7").value.types[0] == "builtins.TypeError"


def test_sources_and_provenance(tmp_path: Path, legacy: str) -> None:
    recorder = FunctionRecorder(Function(f"{legacy}:wrapped"), context(tmp_path))
    assert recorder.sources(case({})) == {legacy: (tmp_path / f"{legacy}.py").read_text("utf-8")}
    told = recorder.provenance()
    assert told["module"] == legacy
    assert re.fullmatch("[0-9a-f]{64}", told["function sha256"])
    recorder.close()
    other = FunctionRecorder(Function(f"{legacy}:total"), context(tmp_path))
    assert other.provenance()["function sha256"] != told["function sha256"]
    other.close()


def test_provenance_follows_the_source(tmp_path: Path) -> None:
    hashes = []
    for number in (1, 2, 1):
        name = f"legacy_{next(_numbers)}"
        (tmp_path / f"{name}.py").write_text(textwrap.dedent(f"def rate():\n    return {number}\n"))
        recorder = FunctionRecorder(Function(f"{name}:rate"), context(tmp_path))
        hashes.append(recorder.provenance()["function sha256"])
        recorder.close()
        del sys.modules[name]
    assert hashes[0] == hashes[2] != hashes[1]


def test_effects_are_refused_rather_than_left_out(tmp_path: Path, legacy: str) -> None:
    with pytest.raises(RecordingError, match="effects") as caught:
        FunctionRecorder(Function(f"{legacy}:total", effects=Tables("ledger")), context(tmp_path))
    assert caught.value.slug == "effects-unobservable"
