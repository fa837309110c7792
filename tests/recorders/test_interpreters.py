"""Legacy functions in other interpreters, down to Python 2.7: values, errors, and what is told of them."""

from __future__ import annotations

import hashlib
import subprocess
import sys
from datetime import UTC, date, datetime, time, timedelta, timezone
from decimal import Decimal
from pathlib import Path
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pytest_characterize.codec import values_equal
from pytest_characterize.descriptors import Function
from pytest_characterize.errors import RecordingError, UnsupportedValueError
from pytest_characterize.identity import case_id
from pytest_characterize.model import Outcome
from pytest_characterize.values import Member, Raised, Record, Value
from pytest_characterize_recorders.function import FunctionRecorder
from tests.plugin.project import Project
from tests.recorders.interpreters import (
    OTHERS,
    PYTHON_2,
    THIS,
    case,
    context,
    needed,
    observe,
    recording,
    the_oldest,
)

LEGACY = '''# -*- coding: utf-8 -*-
"""A module that Python 2 and 3 can read."""
import collections, datetime, os, subprocess, sys, warnings

sys.stdout.write("noise while it is imported")
COUNT = []
Point = collections.namedtuple("Point", "x y")

def echo(value):
    print("noise")
    os.write(1, b"raw noise")
    subprocess.call([sys.executable, "-c", "print('noise of a child')"]) if value == "child" else None
    return value

def kinds(value):
    return [type(item).__name__ for item in value]

def net(cents, percent):
    return {"vat": cents * percent / 100, "each": round(cents / 1000.0, 2)}

def fails(how):
    raise {"text": LegacyError("no"), "key": KeyError("k"), "exit": SystemExit(3)}[how]

class LegacyError(ValueError):
    """Of legacy."""

class Silent(Exception):
    def __str__(self):
        raise RuntimeError

def fails_silently():
    raise Silent

class Billing(object):
    factor = 3

    def __init__(self, number):
        self.number = number

    @classmethod
    def of(cls, number):
        return cls.factor * number

    @staticmethod
    def plain(number):
        return number

    def method(self, number):
        return number

class Callable(object):
    def __call__(self, number):
        return number + 1

called = Callable()

def makes(what):
    return {
        "point": Point(1, [2]),
        "counter": collections.Counter("aab"),
        "deque": collections.deque([1, 2]),
        "bytearray": bytearray(b"ab"),
        "view": memoryview(b"ab"),
        "error": LegacyError("kept"),
    }[what]

def strange(what):
    loop = []
    loop.append(loop)
    return {"lines": [0, {"unit price": {"object": object(), "iterator": iter([1]), "loop": loop, "class": int}[what]}]}

def reads():
    return sys.stdin.read()

def warns():
    warnings.warn("old", UserWarning)
    return len(COUNT)

def counts():
    COUNT.append(1)
    return len(COUNT)

def world(name):
    return os.environ.get(name)

def imports():
    import old_late
    return old_late.VALUE, __name__, sys.argv, os.getcwd()

class Zone(datetime.tzinfo):
    def __init__(self, zone, minutes):
        self.zone, self.minutes = zone, minutes

    def utcoffset(self, moment):
        return datetime.timedelta(minutes=self.minutes)

def zoned(zone, minutes):
    return datetime.datetime(2024, 3, 1, 12, tzinfo=Zone(zone, minutes))

RATE = 3
'''

PYTHON_2_LEGACY = """# -*- coding: latin-1 -*-
class Old:
    pass

class OldError:
    def __str__(self):
        return "old style"

def fails(how):
    if how == "old":
        raise OldError()
    if how == "bytes":
        raise ValueError("Stra\\xdfe")
    if how == "unicode":
        raise ValueError(u"Stra\\xdfe")
    if how == "standard":
        raise StandardError("gone in Python 3")
    raise IOError(2, "No such file")

def texts():
    keys = {"key": 1, u"k\\xe4": 2, "k\\xe4": 3}
    return ["ascii", u"Stra\\xdfe", "Stra\\xdfe", keys, buffer("\\x00\\xff"), 5L, 1 << 70]

def old():
    return Old()

def pair((a, b)):
    return a, b
"""

VALUES: list[Any] = [
    None, True, False, 0, -1, 10**30, -(10**700), 1.5, 0.1, -0.0, 1e300, float("nan"), float("-inf"),
    "", "abc", "Käthe", "\U0001f600", "\ud800", "\\\udfff", "line\r\n\x00", b"\x00\xff",
    Decimal("1.00"), Decimal("-0E+3"), Decimal("NaN"), Decimal("Infinity"),
    date(1, 1, 1), date(9999, 12, 31), datetime(900, 1, 2, 3, 4, 5, 6), datetime(2024, 3, 1, tzinfo=UTC),
    datetime(2024, 3, 1, tzinfo=timezone(timedelta(hours=-3, minutes=-30))),
    datetime(2024, 3, 1, tzinfo=timezone(timedelta(hours=1), "MEZ")),
    time(23, 59, 59, 999999), time(1, 2, tzinfo=UTC), timedelta(days=-1, microseconds=1), UUID(int=7),
    [], [[], [None]], (), (1, ("a",)), set(), {1, "a", None}, frozenset({(1, 2)}),
    {}, {"a": {"b": 1}}, {1: "int", "1": "text", None: 0, (1, 2): [], date(2024, 1, 1): 1, "$tag": 2},
]  # fmt: skip


@pytest.fixture
def root(tmp_path: Path) -> Path:
    (tmp_path / "old.py").write_text(LEGACY, "utf-8")
    (tmp_path / "old_late.py").write_text("VALUE = 42\n")
    return tmp_path


@pytest.fixture
def root_2(tmp_path: Path) -> Path:
    (tmp_path / "old.py").write_text(PYTHON_2_LEGACY, "latin-1")
    return tmp_path


every_interpreter = pytest.mark.parametrize("name", [PYTHON_2, *OTHERS])


# -- values --------------------------------------------------------------------------------------------


@every_interpreter
def test_values_go_there_and_come_back_as_they_were(root: Path, name: str) -> None:
    with recording(root, "echo", needed(name)) as recorder:
        for value in VALUES:
            outcome = recorder.observe(case(value=value))[0].outcome
            assert values_equal(outcome.value, value), f"{value!r} became {outcome!r}"
        assert recorder.provenance()["python"] == name.removeprefix("python")


def at_first(moment: datetime | time) -> datetime | time:
    """Python 2 knows no second one of two equal clock times."""
    return moment.replace(fold=0)


offsets = st.timedeltas(timedelta(hours=-23), timedelta(hours=23)).map(
    lambda offset: timezone(timedelta(minutes=offset // timedelta(minutes=1)))
)
scalars = st.one_of(
    st.none(), st.booleans(), st.integers(), st.floats(), st.text(st.characters()), st.decimals(allow_nan=False),
    st.dates(), st.timedeltas(), st.uuids(),
    (st.datetimes(timezones=st.none() | offsets) | st.times(timezones=st.none() | offsets)).map(at_first),
)  # fmt: skip
hashable = st.recursive(
    scalars.filter(lambda value: value == value), lambda inner: st.tuples(inner, inner), max_leaves=3
)
anything = st.recursive(
    scalars | st.binary().filter(lambda content: not content.isascii()),
    lambda inner: st.one_of(
        st.lists(inner, max_size=4),
        st.lists(inner, max_size=3).map(tuple),
        st.dictionaries(hashable, inner, max_size=4),
        st.frozensets(hashable, max_size=4),
        st.sets(hashable, max_size=4),
    ),
    max_leaves=8,
)


@pytest.mark.parametrize("name", [the_oldest(), THIS])
def test_whatever_a_value_is_it_comes_back(tmp_path_factory: pytest.TempPathFactory, name: str) -> None:
    root = tmp_path_factory.mktemp("project")
    (root / "old.py").write_text("def echo(value):\n    return value\n")
    with recording(root, "echo", name) as recorder:

        @given(anything)
        @settings(
            max_examples=100, deadline=None, database=None, suppress_health_check=[HealthCheck.too_slow]
        )
        def comes_back(value: Value) -> None:
            assert values_equal(recorder.observe(case(value=value))[0].outcome.value, value)

        comes_back()


def test_what_python_2_has_no_type_for(root: Path) -> None:
    python = needed(PYTHON_2)
    given = [1, 2**70, "ascii", "Käthe", b"bytes", 1.0]
    assert observe(root, "kinds", python, value=given).value == [
        "int",
        "long",
        "str",
        "unicode",
        "str",
        "float",
    ]
    in_latin = observe(root, "kinds", python, "latin-1", value=[*given, "\u20ac", {"ä": 1}])
    assert in_latin.value == ["int", "long", "str", "str", "str", "float", "unicode", "dict"]
    assert observe(root, "echo", python, value=b"ascii bytes").value == "ascii bytes"


def test_texts_of_python_2(root_2: Path) -> None:
    python = needed(PYTHON_2)
    keys = {"key": 1, "kä": 2, b"k\xe4": 3}
    assert observe(root_2, "texts", python).value == [
        "ascii", "Straße", b"Stra\xdfe", keys, b"\x00\xff", 5, 1 << 70,
    ]  # fmt: skip
    with pytest.raises(RecordingError, match="holds one key twice") as caught:
        observe(root_2, "texts", python, "latin-1")
    assert caught.value.slug == "worker-answer"


def test_an_encoding_makes_texts_of_byte_strings(tmp_path: Path) -> None:
    (tmp_path / "old.py").write_text("def f(t):\n    return [t, t[1:], 'Stra\\xdfe', b'\\x80']\n")
    python = needed(PYTHON_2)
    assert observe(tmp_path, "f", python, "latin-1", t="Käthe").value == ["Käthe", "äthe", "Straße", "\x80"]
    assert observe(tmp_path, "f", python, "cp1252", t="€").value == ["€", "", "Straße", "€"]
    assert observe(tmp_path, "f", python, "utf-8", t="ä").value == ["ä", b"\xa4", b"Stra\xdfe", b"\x80"]


def test_texts_that_would_be_one_key_are_refused(root: Path) -> None:
    with pytest.raises(RecordingError, match="equal there") as caught:
        observe(root, "echo", needed(PYTHON_2), value={"a": 1, b"a": 2})
    assert caught.value.slug == "interpreter-value"


@pytest.mark.parametrize("name", [PYTHON_2, "python3.6", THIS])
@pytest.mark.parametrize(
    ("what", "value"),
    [
        ("point", Record("old.Point", {"x": 1, "y": [2]})),
        ("counter", {"a": 2, "b": 1}),
        ("deque", [1, 2]),
        ("bytearray", b"ab"),
        ("view", b"ab"),
    ],
)
def test_objects_become_what_they_become_here(root: Path, name: str, what: str, value: Value) -> None:
    assert observe(root, "makes", needed(name), what=what) == Outcome("returned", value)


def test_dataclasses_enumerations_and_groups(tmp_path: Path) -> None:
    (tmp_path / "old.py").write_text(
        "import dataclasses, enum\n"
        "@dataclasses.dataclass\nclass Line:\n    total: int\n    class Kind(enum.Enum):\n        NET = 'n'\n"
        "def make(): return [Line(3), Line.Kind.NET]\n"
        "async def group(): raise ExceptionGroup('two', [ValueError('a'), KeyError('b')])\n"
    )
    python = needed("python3.13")
    assert observe(tmp_path, "make", python).value == [
        Record("old.Line", {"total": 3}), Member("old.Line.Kind", "NET", "n"),
    ]  # fmt: skip
    raised = observe(tmp_path, "group", python).value
    assert raised.types == ("builtins.ExceptionGroup", "builtins.Exception")
    assert [one.types[0] for one in raised.details["exceptions"]] == [
        "builtins.ValueError",
        "builtins.KeyError",
    ]


@pytest.mark.parametrize(
    ("zone", "minutes", "value"),
    [
        ("Europe/Berlin", 60, datetime(2024, 3, 1, 12, tzinfo=ZoneInfo("Europe/Berlin"))),
        ("UTC", 0, datetime(2024, 3, 1, 12, tzinfo=ZoneInfo("UTC"))),
        ("Europe/Berlin", 53, datetime(2024, 3, 1, 12, tzinfo=timezone(timedelta(minutes=53)))),
        ("No/Where", 60, datetime(2024, 3, 1, 12, tzinfo=timezone(timedelta(hours=1)))),
        (None, -90, datetime(2024, 3, 1, 12, tzinfo=timezone(timedelta(minutes=-90)))),
    ],
)
def test_zones_of_other_libraries(root: Path, zone: str | None, minutes: int, value: datetime) -> None:
    assert values_equal(observe(root, "zoned", the_oldest(), zone=zone, minutes=minutes).value, value)


def test_zones_that_the_interpreter_does_not_know(root: Path) -> None:
    moment = datetime(2024, 10, 27, 2, 30, tzinfo=ZoneInfo("Europe/Berlin"), fold=1)
    new = needed("python3.13")
    assert values_equal(
        observe(root, "echo", new, value=[moment, moment.timetz()]).value, [moment, moment.timetz()]
    )
    with pytest.raises(RecordingError, match="no time zone Europe/Berlin") as caught:
        observe(root, "echo", needed("python3.6"), value=moment)
    assert caught.value.slug == "interpreter-value"
    for value, why in (
        (datetime(2024, 1, 1, fold=1), "fold=1"),
        (time(1, tzinfo=timezone(timedelta(0, 1))), "offset"),
    ):
        with pytest.raises(RecordingError, match=why):
            observe(root, "echo", needed(PYTHON_2), value=value)


@pytest.mark.parametrize("name", [the_oldest(), THIS])
@pytest.mark.parametrize(
    ("what", "path", "hint"),
    [
        ("object", '$.lines[1]["unit price"]: ', "a dictionary or a record"),
        ("iterator", '$.lines[1]["unit price"]: ', "list(...)"),
        ("class", '$.lines[1]["unit price"]: ', "not the callable"),
        ("loop", '$.lines[1]["unit price"][0][0]', "the part of it that is behaviour"),
    ],
)
def test_a_value_that_cannot_be_stored_is_named(
    root: Path, name: str, what: str, path: str, hint: str
) -> None:
    with pytest.raises(UnsupportedValueError) as caught:
        observe(root, "strange", name, what=what)
    assert caught.value.slug == "value-unsupported"
    assert caught.value.message.startswith(path)
    assert hint in caught.value.hint


def test_an_object_of_an_old_style_class_cannot_be_stored(root_2: Path) -> None:
    with pytest.raises(UnsupportedValueError, match="instance is not a value"):
        observe(root_2, "old", needed(PYTHON_2))


# -- errors --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", [PYTHON_2, "python3.6", THIS])
def test_an_exception_is_behaviour(root: Path, name: str) -> None:
    raised = observe(root, "fails", needed(name), how="text")
    assert raised.how == "raised"
    assert raised.value.types[:2] == ("old.LegacyError", "builtins.ValueError")
    assert raised.value.types[-1] == "builtins.Exception"
    assert raised.value.message == "no"
    assert observe(root, "fails", name, how="key").value.types[:2] == (
        "builtins.KeyError",
        "builtins.LookupError",
    )
    left = observe(root, "fails", name, how="exit").value
    assert left == Raised(("builtins.SystemExit", "builtins.BaseException"), "3")
    silent = observe(root, "fails_silently", name).value
    assert silent.message == "(no text: its __str__ raised RuntimeError)"


@pytest.mark.parametrize(
    ("how", "types", "message"),
    [
        ("old", ("old.OldError",), "old style"),
        ("bytes", ("builtins.ValueError", "exceptions.StandardError", "builtins.Exception"), "Straße"),
        ("unicode", ("builtins.ValueError", "exceptions.StandardError", "builtins.Exception"), "Straße"),
        ("standard", ("exceptions.StandardError", "builtins.Exception"), "gone in Python 3"),
        (
            "io",
            (
                "builtins.IOError",
                "builtins.EnvironmentError",
                "exceptions.StandardError",
                "builtins.Exception",
            ),
            "[Errno 2] No such file",
        ),
    ],
)
def test_errors_of_python_2(root_2: Path, how: str, types: tuple[str, ...], message: str) -> None:
    raised = observe(root_2, "fails", needed(PYTHON_2), "latin-1", how=how).value
    assert raised == Raised(types, message)


# -- calling -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", [PYTHON_2, "python3.6", THIS])
@pytest.mark.parametrize(("target", "value"), [("Billing.of", 21), ("Billing.plain", 7), ("called", 8)])
def test_all_sorts_of_callables(root: Path, name: str, target: str, value: int) -> None:
    assert observe(root, target, needed(name), number=7) == Outcome("returned", value)


def test_coroutines_and_positional_parameters(tmp_path: Path) -> None:
    (tmp_path / "old.py").write_text(
        "import asyncio\n"
        "async def later(number):\n    await asyncio.sleep(0)\n    return number * 2\n"
        "def gives(number): return later(number)\n"
        "def placed(a, b, /, c): return [a, b, c]\n"
    )
    for python in (needed("python3.8"), THIS):
        assert observe(tmp_path, "later", python, number=7).value == 14
        assert observe(tmp_path, "gives", python, number=7).value == 14
        assert observe(tmp_path, "placed", python, c=3, b=2, a=1).value == [1, 2, 3]


@pytest.mark.parametrize("name", [PYTHON_2, "python3.6", THIS])
@pytest.mark.parametrize(
    ("target", "inputs"),
    [
        ("fails", {}),
        ("fails", {"how": "text", "code": 1}),
        ("Billing.method", {"number": 7}),
        ("Billing", {}),
        ("called", {"what": 1}),
    ],
)
def test_inputs_that_the_signature_does_not_take_are_no_behaviour(
    root: Path, name: str, target: str, inputs: dict[str, Any]
) -> None:
    with pytest.raises(RecordingError, match="its signature is") as caught:
        observe(root, target, needed(name), **inputs)
    assert caught.value.slug == "function-arguments"
    assert "\n" not in str(caught.value)


def test_a_parameter_that_is_a_pattern(root_2: Path) -> None:
    python = needed(PYTHON_2)
    with pytest.raises(RecordingError) as caught:
        observe(root_2, "pair", python, a=1, b=2)
    assert caught.value.slug == "function-arguments"


def test_inputs_may_have_other_names(root: Path) -> None:
    with recording(root, "echo", the_oldest(), args={"value": "amount"}) as recorder:
        assert recorder.observe(case(amount=3))[0].outcome.value == 3


def test_what_legacy_prints_and_reads_is_apart_from_the_conversation(root: Path) -> None:
    for name in (the_oldest(), THIS):
        assert observe(root, "echo", name, value="child").value == "child"
        assert observe(root, "reads", name).value == ""
        assert observe(root, "warns", name).value == 0


def test_large_values_go_through(root: Path) -> None:
    value = ["ä" * 1000] * 100
    assert observe(root, "echo", the_oldest(), value=value).value == value


def test_legacy_keeps_its_state_from_case_to_case(root: Path) -> None:
    with recording(root, "counts", the_oldest()) as recorder:
        assert [recorder.observe(case())[0].outcome.value for _ in range(3)] == [1, 2, 3]


def test_the_world_of_legacy(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CHARACTERIZE_SOURCE_BILLING_DSN", "postgresql://secret@localhost/billing")
    monkeypatch.setenv("LEGACY_HOME", "/opt/legacy")
    told = {}
    for name in ("CHARACTERIZE_SOURCE_BILLING_DSN", "LEGACY_HOME", "PYTHONPATH", "PYTHONHASHSEED"):
        told[name] = observe(root, "world", the_oldest(), name=name).value
    assert list(told.values()) == [None, "/opt/legacy", None, "0"]
    assert observe(root, "imports", the_oldest()).value == (42, "old", [""], str(root.resolve()))


def test_what_the_project_has_put_on_the_import_path(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (root / "src").mkdir()
    (root / "old.py").rename(root / "src/old.py")
    monkeypatch.syspath_prepend(str(root / "src"))
    assert observe(root, "counts", the_oldest()).value == 1


def test_nothing_is_written_beside_legacy(root: Path) -> None:
    for name in (the_oldest(), THIS):
        observe(root, "imports", name)
    assert sorted(path.name for path in root.rglob("*")) == ["old.py", "old_late.py"]


def test_a_virtual_environment_brings_its_own_packages(root: Path) -> None:
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", root / "legacy-venv"], check=True)
    (packages,) = (root / "legacy-venv").glob("lib/python*/site-packages")
    (packages / "old_dependency.py").write_text("VERSION = (1, 4)\n")
    (root / "old.py").write_text("import old_dependency\ndef version():\n    return old_dependency.VERSION\n")
    assert observe(root, "version", "legacy-venv/bin/python").value == (1, 4)
    with pytest.raises(RecordingError, match="old_dependency"):
        observe(root, "version", THIS)


# -- what is told --------------------------------------------------------------------------------------


def test_sources_and_provenance_are_those_of_the_function(root: Path) -> None:
    source = "def counts():\n    COUNT.append(1)\n    return len(COUNT)\n"
    for name in (the_oldest(), THIS):
        with recording(root, "counts", name) as recorder:
            assert recorder.sources(case()) == {"old": LEGACY}
            assert recorder.provenance() == {
                "module": "old",
                "function sha256": hashlib.sha256(source.encode()).hexdigest(),
                "python": name.removeprefix("python"),
            }


def test_a_source_in_another_encoding_is_told_as_well(root_2: Path) -> None:
    with recording(root_2, "old", needed(PYTHON_2)) as recorder:
        assert recorder.sources(case()) == {"old": PYTHON_2_LEGACY}


def test_the_interpreter_is_no_part_of_the_identity() -> None:
    plain = Function("old:net")
    elsewhere = Function("old:net", interpreter=PYTHON_2, encoding="latin-1", timeout=5)
    assert case_id(plain.identity(), {"cents": 5}) == case_id(elsewhere.identity(), {"cents": 5})
    assert plain.as_value() == {"kind": "function", "target": "old:net"}
    assert elsewhere.as_value() == plain.as_value() | {"interpreter": PYTHON_2, "encoding": "latin-1"}


@pytest.mark.parametrize("how", [{"encoding": "latin-1"}, {"timeout": 3.0}])
def test_what_only_another_interpreter_takes_is_refused(root: Path, how: dict[str, Any]) -> None:
    with pytest.raises(RecordingError, match="names none") as caught:
        FunctionRecorder(Function("old:net", **how), context(root))
    assert caught.value.slug == "interpreter-needed"


# -- stories -------------------------------------------------------------------------------------------

MONEY = '''
from decimal import Decimal

def invoice(quantity):
    """From Python 2: whole cents stay whole when divided, and half a cent goes up."""
    discount = 1250 * quantity * 7 / 1000
    return {"discount": Decimal(discount) / 100, "freight": round(0.125 * quantity, 2)}
'''

CENTS = """
def invoice(quantity):
    return {"discount": 1250 * quantity * 7 / 1000}
"""

TESTS = """
import pytest
from pytest_characterize import Function
import shop

@pytest.mark.characterize(
    legacy=Function("legacy_shop:invoice", interpreter="{python}"),
    cases=[{{"quantity": quantity}} for quantity in (1, 3, 4, 5, 8)],
)
def test_invoice(quantity):
    return shop.invoice(quantity)
"""


def test_the_naive_port_of_python_2_drifts_by_rounding(pytester: pytest.Pytester) -> None:
    tests = TESTS.format(python=needed(PYTHON_2))
    project = Project.make(pytester, tests=tests, legacy=MONEY, shop=MONEY).recorded()
    run = project.replay().exits(1).says("DRIFT", matched=2, drifted=3).complete().no_traceback()
    found = {(drift["pattern"], drift["kind"], len(drift["cases"])) for drift in run.report["drifts"]}
    assert found == {("$.discount", "rounding", 3), ("$.freight", "rounding", 2)}
    golden = project.golden("quantity-5-").read_text()
    assert '"discount": {"$decimal": "0.43"}' in golden
    assert '"freight": 0.63' in golden
    assert '"python": "2.7"' in golden
    corrected = MONEY.replace("7 / 1000", "7 // 1000").replace(
        "round(0.125 * quantity, 2)", "int(12.5 * quantity + 0.5) / 100"
    )
    project.write("shop.py", corrected)
    project.replay().exits(0).says("PASS", matched=5)


def test_a_whole_number_that_became_a_float_is_told_by_its_type(pytester: pytest.Pytester) -> None:
    tests = TESTS.format(python=needed(PYTHON_2))
    run = Project.make(pytester, tests=tests, legacy=CENTS, shop=CENTS).recorded().replay()
    run.exits(1).says("DRIFT", drifted=5)
    assert {(drift["pattern"], drift["kind"]) for drift in run.report["drifts"]} == {("$.discount", "type")}


def test_what_one_interpreter_showed_is_not_what_another_would(pytester: pytest.Pytester) -> None:
    """Moving legacy to another interpreter keeps the cases, and asks to record them again."""
    project = Project.make(pytester, tests=TESTS.format(python=the_oldest()), legacy=MONEY, shop=MONEY)
    names = sorted(path.name for path in project.recorded().goldens())
    project.edit("tests/test_shop.py", f'"{the_oldest()}"', f'"{THIS}"')
    run = project.replay().exits(1).says("INCOMPLETE", errored=5)
    assert run.problems() == {"golden-outdated"}
    project.record(how="rewrite").exits(0)
    assert sorted(path.name for path in project.root.glob("characterization/pending/**/*.json")) == names


def test_replay_needs_no_such_interpreter(pytester: pytest.Pytester) -> None:
    tests = TESTS.format(python="legacy-venv/bin/python")
    project = Project.make(pytester, tests=tests, legacy=MONEY, shop=MONEY)
    link = project.root / "legacy-venv/bin/python"
    link.parent.mkdir(parents=True)
    link.symlink_to(sys.executable)
    project.recorded()
    link.unlink()
    project.replay().exits(0).says("PASS", matched=5)
    run = project.record("-q", how="rewrite").exits(1)
    run.has("interpreter-unknown", "legacy-venv/bin/python").no_traceback()
