"""Live objects into values: what is copied, what becomes what, and what is refused with its path."""

from __future__ import annotations

import collections
import contextlib
import dataclasses
import datetime as dt
import enum
import functools
import subprocess
import sys
import textwrap
import types
from collections.abc import Callable
from decimal import Decimal
from typing import Any, NamedTuple
from uuid import UUID
from zoneinfo import ZoneInfo

import attrs
import pytest

from pytest_characterize.codec import dumps, loads, values_equal
from pytest_characterize.errors import UnsupportedValueError
from pytest_characterize.freezing import freeze, freeze_exception, qualified_name
from pytest_characterize.values import (
    ABSENT,
    MAX_DEPTH,
    Cell,
    Column,
    Member,
    Raised,
    Record,
    Response,
    Rows,
    Value,
)

HERE = __name__
UTC = dt.UTC


@dataclasses.dataclass
class Line:
    article: str
    price: Decimal
    tags: list[str] = dataclasses.field(default_factory=list)


@dataclasses.dataclass(frozen=True, slots=True)
class Key:
    a: int
    b: int


@attrs.define
class Customer:
    name: str
    _hidden: int = 0


class Point(NamedTuple):
    x: int
    y: int


Plain = collections.namedtuple("Plain", ["a", "b"])


class Colour(enum.Enum):
    RED = 1
    BLUE = ("b", 2)


class Flag(enum.StrEnum):
    YES = "Y"


class Level(enum.IntEnum):
    LOW = 1


class Rights(enum.Flag):
    READ = 1
    WRITE = 2


class Money:
    def __init__(self, amount: str, currency: str) -> None:
        self.amount, self.currency = amount, currency


def money(obj: object) -> object:
    return (
        {"amount": Decimal(obj.amount), "currency": obj.currency}
        if isinstance(obj, Money)
        else NotImplemented
    )


BUILTINS: list[Value] = [
    None,
    True,
    0,
    -(10**5000),
    1.5,
    float("inf"),
    "",
    "\ud800",
    b"\x00",
    Decimal("sNaN"),
    dt.date(2024, 3, 1),
    dt.datetime(2024, 3, 1, 12, fold=1),
    dt.datetime(2024, 3, 1, 12, tzinfo=UTC),
    dt.datetime(2024, 3, 1, 12, tzinfo=ZoneInfo("Europe/Paris")),
    dt.time(12, tzinfo=dt.timezone(dt.timedelta(hours=1), "CET")),
    dt.timedelta(-1),
    UUID(int=7),
    [],
    (),
    set(),
    frozenset(),
    {},
    [1, (2, [3]), {4}, frozenset({5}), {6: [7]}],
    {(1, "a"): {"b": None}, frozenset({1}): 2, None: 3},
    Record("m.C", {"a": [1]}),
    Member("m.E", "A", (1,)),
    Cell("postgresql", "numeric", "1.00"),
    Rows("postgresql", (Column("a", "int"),), (("1",), (None,)), ordered=False),
    Response(200, (("A", "b"),), b"body"),
    Raised(("m.E",), "x", "22012", {"a": [1]}),
    ABSENT,
]


@pytest.mark.parametrize("value", BUILTINS, ids=range(len(BUILTINS)))
def test_a_value_stays_what_it_is(value: Value) -> None:
    assert values_equal(freeze(value), value)
    assert type(freeze(value)) is type(value)


OBJECTS: list[tuple[Any, Value]] = [
    (collections.OrderedDict(b=1, a=[2]), {"a": [2], "b": 1}),
    (collections.defaultdict(list, a=[1]), {"a": [1]}),
    (collections.Counter("aab"), {"a": 2, "b": 1}),
    (types.MappingProxyType({"a": Point(1, 2)}), {"a": Record(f"{HERE}.Point", {"x": 1, "y": 2})}),
    (collections.deque([1, [2]], maxlen=5), [1, [2]]),
    (bytearray(b"ab"), b"ab"),
    (memoryview(b"ab"), b"ab"),
    (
        Line("x", Decimal("1.00"), ["a"]),
        Record(f"{HERE}.Line", {"article": "x", "price": Decimal("1.00"), "tags": ["a"]}),
    ),
    (Key(1, 2), Record(f"{HERE}.Key", {"a": 1, "b": 2})),
    (Customer("Ada"), Record(f"{HERE}.Customer", {"name": "Ada", "_hidden": 0})),
    (Point(1, 2), Record(f"{HERE}.Point", {"x": 1, "y": 2})),
    (Plain([1], None), Record(f"{HERE}.Plain", {"a": [1], "b": None})),
    (Colour.RED, Member(f"{HERE}.Colour", "RED", 1)),
    (Colour.BLUE, Member(f"{HERE}.Colour", "BLUE", ("b", 2))),
    (Flag.YES, Member(f"{HERE}.Flag", "YES", "Y")),
    (Level.LOW, Member(f"{HERE}.Level", "LOW", 1)),
    (Rights.READ | Rights.WRITE, Member(f"{HERE}.Rights", "READ|WRITE", 3)),
    (Rights(0), Member(f"{HERE}.Rights", "", 0)),
    ({Key(1, 2)}, {Record(f"{HERE}.Key", {"a": 1, "b": 2})}),
    (
        {Key(1, 2): 1, Colour.RED: 2},
        {Record(f"{HERE}.Key", {"a": 1, "b": 2}): 1, Member(f"{HERE}.Colour", "RED", 1): 2},
    ),
    ([ValueError("no")], [Raised(("builtins.ValueError", "builtins.Exception"), "no")]),
]  # fmt: skip


@pytest.mark.parametrize(("obj", "value"), OBJECTS, ids=lambda item: type(item).__name__)
def test_an_object_becomes(obj: Any, value: Value) -> None:
    frozen = freeze(obj)
    assert values_equal(frozen, value)
    assert values_equal(loads(dumps(frozen), "golden.json"), value)


def test_later_changes_do_not_reach_the_value() -> None:
    line = Line("x", Decimal(1), ["a"])
    live = {"lines": [line], "counts": collections.Counter("a"), "raw": bytearray(b"a")}
    frozen = freeze(live)
    before = dumps(frozen)
    line.tags.append("b")
    line.price = Decimal(2)
    live["lines"].append(line)  # type: ignore[attr-defined]
    live["counts"]["b"] = 1  # type: ignore[index]
    live["raw"][0] = 0  # type: ignore[index]
    assert dumps(frozen) == before


def test_what_is_shared_is_stored_twice() -> None:
    shared = [1]
    frozen = freeze([shared, shared])
    assert frozen == [[1], [1]]
    assert frozen[0] is not frozen[1]


# -- time zones --------------------------------------------------------------------------------------------


class Foreign(dt.tzinfo):
    """A zone of another library: pytz has ``zone``, others ``key``, dateutil neither."""

    def __init__(self, hours: float, **names: str) -> None:
        self.hours = hours
        vars(self).update(names)

    def utcoffset(self, _when: dt.datetime | None) -> dt.timedelta:
        return dt.timedelta(hours=self.hours)

    def dst(self, _when: dt.datetime | None) -> None:
        return None

    def tzname(self, _when: dt.datetime | None) -> str:
        return "foreign"


class Nowhere(dt.tzinfo):
    def utcoffset(self, _when: dt.datetime | None) -> None:
        return None

    def dst(self, _when: dt.datetime | None) -> None:
        return None

    def tzname(self, _when: dt.datetime | None) -> None:
        return None


NOON = dt.datetime(2024, 3, 1, 12)
PARIS = ZoneInfo("Europe/Paris")


@pytest.mark.parametrize(
    ("foreign", "ours"),
    [
        (NOON.replace(tzinfo=Foreign(1, zone="Europe/Paris")), NOON.replace(tzinfo=PARIS)),
        (NOON.replace(tzinfo=Foreign(1, key="Europe/Paris")), NOON.replace(tzinfo=PARIS)),
        (
            NOON.replace(tzinfo=Foreign(2, zone="Europe/Paris")),
            NOON.replace(tzinfo=dt.timezone(dt.timedelta(hours=2))),
        ),
        (
            NOON.replace(tzinfo=Foreign(1, zone="No/Where")),
            NOON.replace(tzinfo=dt.timezone(dt.timedelta(hours=1))),
        ),
        (NOON.replace(tzinfo=Foreign(0)), NOON.replace(tzinfo=UTC)),
        (
            dt.datetime(2024, 10, 27, 2, 30, tzinfo=Foreign(1, zone="Europe/Paris")),
            dt.datetime(2024, 10, 27, 2, 30, tzinfo=PARIS, fold=1),
        ),
        (dt.time(12, tzinfo=Foreign(-3.5)), dt.time(12, tzinfo=dt.timezone(dt.timedelta(hours=-3.5)))),
    ],
)
def test_zones_of_other_libraries(foreign: Any, ours: Any) -> None:
    frozen = freeze(foreign)
    assert values_equal(frozen, ours)
    if isinstance(foreign, dt.datetime):
        assert frozen.astimezone(UTC) == foreign.astimezone(UTC)


def test_a_zone_without_an_offset_is_refused() -> None:
    with pytest.raises(
        UnsupportedValueError, match=r"^\$: test_freezing\.Nowhere is a time zone that cannot"
    ):
        freeze(NOON.replace(tzinfo=Nowhere()))


# -- adapters ----------------------------------------------------------------------------------------------


def test_an_adapter_simplifies() -> None:
    frozen = freeze({"total": Money("1.00", "EUR"), "all": [Money("2", "EUR")]}, (money,))
    assert values_equal(
        frozen,
        {
            "total": {"amount": Decimal("1.00"), "currency": "EUR"},
            "all": [{"amount": Decimal("2"), "currency": "EUR"}],
        },
    )


def test_the_first_adapter_that_knows_it_decides() -> None:
    def first(obj: object) -> object:
        return "first" if isinstance(obj, Money) else NotImplemented

    assert freeze(Money("1", "EUR"), [first, money]) == "first"
    assert freeze([Colour.RED, Money("1", "EUR")], [first, money])[0] == Member(f"{HERE}.Colour", "RED", 1)


def test_an_adapter_comes_before_dataclasses_and_members_but_not_before_builtins() -> None:
    asked: list[type] = []

    def adapter(obj: object) -> object:
        asked.append(type(obj))
        return str(obj.article) if isinstance(obj, Line) else NotImplemented

    assert freeze([1, "a", None, {"x": Line("x", Decimal(1))}, Colour.RED], (adapter,))[3] == {"x": "x"}
    assert asked == [Line, Colour]


def test_what_an_adapter_gives_is_frozen_in_turn() -> None:
    def adapter(obj: object) -> object:
        if isinstance(obj, Money):
            return Line(obj.currency, Decimal(obj.amount))
        return NotImplemented

    assert freeze(Money("1", "EUR"), (adapter,)).type == f"{HERE}.Line"


def test_an_adapter_that_never_comes_to_an_end() -> None:
    with pytest.raises(UnsupportedValueError) as raised:
        freeze(Money("1", "EUR"), (lambda obj: obj,))
    assert raised.value.slug == "value-too-deep"


def test_none_is_an_answer_of_an_adapter() -> None:
    assert freeze(Money("1", "EUR"), (lambda _obj: None,)) is None


def test_a_fault_of_an_adapter_is_its_own() -> None:
    def adapter(obj: object) -> object:
        raise ZeroDivisionError(type(obj).__name__)

    with pytest.raises(ZeroDivisionError):
        freeze([Money("1", "EUR")], (adapter,))


# -- what is refused ---------------------------------------------------------------------------------------


class Bare:
    pass


class Text(str):
    __slots__ = ()


class Number(int):
    pass


class Mapping(dict[str, int]):
    pass


class Slotted:
    __slots__ = ("a",)


UNSUPPORTED: list[tuple[Any, str]] = [
    ((item for item in ""), "generator"),
    (iter([]), "list_iterator"),
    (map(str, []), "map"),
    (open(__file__, "rb"), "BufferedReader"),  # noqa: SIM115, PTH123 - closed below
    (len, "builtin_function_or_method"),
    (lambda: 1, "function"),
    (functools.partial(print), "partial"),
    (Bare, "type"),
    (Line, "type"),
    (Colour, "EnumType"),
    (Bare(), f"{HERE}.Bare"),
    (object(), "object"),
    (Slotted(), "Slotted"),
    (Text("a"), f"{HERE}.Text"),
    (Number(1), f"{HERE}.Number"),
    (Mapping(a=1), f"{HERE}.Mapping"),
    (complex(1, 2), "complex"),
    (range(3), "range"),
    ({}.keys(), "dict_keys"),
    (slice(1), "slice"),
    (..., "ellipsis"),
    (NotImplemented, "NotImplementedType"),
    (sys, "module"),
    (types.SimpleNamespace(a=1), "SimpleNamespace"),
    (dt.UTC, "timezone"),
]


@pytest.mark.parametrize(("obj", "name"), UNSUPPORTED, ids=[name for _, name in UNSUPPORTED])
def test_unsupported(obj: Any, name: str) -> None:
    places: list[tuple[Any, str]] = [
        (obj, "$: "),
        ({"lines": [0, 1, {"handle": obj}]}, "$.lines[2].handle: "),
        ({("a", 1): (obj,)}, "$[('a', 1)][0]: "),
        ({dt.date(2024, 3, 1): obj}, "$[2024-03-01]: "),
        ({"unit price": Line("x", Decimal(1), obj)}, '$["unit price"].tags: '),
        (Customer(obj), "$.name: "),
        (Plain(1, obj), "$.b: "),
        (Member("m.E", "A", [obj]), "$.value[0]: "),
    ]
    for place, path in places:
        with pytest.raises(UnsupportedValueError) as raised:
            freeze(place)
        error = raised.value
        assert error.slug == "value-unsupported"
        assert error.message.startswith(path)
        assert name in error.message
        assert error.hint
        assert "\n" not in str(error)
        assert error.__cause__ is None
        assert error.__suppress_context__
    if hasattr(obj, "close"):
        obj.close()


def test_an_iterator_is_not_used_up() -> None:
    items = iter([1, 2])
    with pytest.raises(UnsupportedValueError, match="list"):
        freeze({"items": items})
    assert list(items) == [1, 2]


def test_a_repr_is_never_asked_for() -> None:
    class Loud:
        def __repr__(self) -> str:
            raise AssertionError

        __str__ = __repr__

    with pytest.raises(UnsupportedValueError, match="Loud"):
        freeze({"a": [Loud()]})
    with pytest.raises(UnsupportedValueError, match="Loud"):
        freeze({Loud(): 1})


def test_a_field_that_was_never_set() -> None:
    line = Line("x", Decimal(1))
    del line.price
    with pytest.raises(UnsupportedValueError) as raised:
        freeze([line])
    assert raised.value.message == f"$[0].price: the field was never set on the {HERE}.Line"


@dataclasses.dataclass(eq=False)
class ByIdentity:
    a: int


@dataclasses.dataclass(frozen=True)
class Unhashable:
    def __hash__(self) -> int:
        return 1

    a: list[int]


def test_members_that_would_become_one() -> None:
    for collapsing in (
        {ByIdentity(1), ByIdentity(1)},
        frozenset({ByIdentity(1), ByIdentity(1)}),
        {ByIdentity(1): "a", ByIdentity(1): "b"},
    ):
        with pytest.raises(UnsupportedValueError) as raised:
            freeze({"x": [collapsing]})
        assert raised.value.slug == "value-collapses"
        assert raised.value.message.startswith("$.x[0]: 2 members or keys would become 1")
    assert len(freeze({ByIdentity(1), ByIdentity(2)})) == 2


def test_members_that_cannot_be_members_once_stored() -> None:
    for obj in ({Unhashable([1])}, {Unhashable([1]): 1}, {ValueError("x")}):
        with pytest.raises(UnsupportedValueError) as raised:
            freeze([obj])
        assert raised.value.slug == "value-unsupported"
        assert raised.value.message.startswith("$[0]")


# -- cycles and depth --------------------------------------------------------------------------------------


@dataclasses.dataclass
class Node:
    children: list[Any]
    parent: Any = None


def cycles() -> list[tuple[Any, str]]:
    ring: list[Any] = []
    ring.append(ring)
    book: dict[str, Any] = {"title": "x", "pages": [1, {}]}
    book["pages"][1]["book"] = book
    late: dict[str, Any] = {"a": [1, 2, [ring]]}
    root = Node([Node([]), Node([])])
    root.children[1].parent = root
    pair = Plain([], None)
    pair.a.append(pair)
    inner: list[Any] = [0]
    inner.append(collections.OrderedDict(x=(inner,)))
    return [
        (ring, "$[0]"),
        (book, "$.pages[1].book"),
        (late, "$.a[2][0][0]"),
        (root, "$.children[1].parent"),
        (pair, "$.a[0]"),
        ({"y": inner}, "$.y[1].x[0]"),
    ]


@pytest.mark.parametrize(("obj", "path"), cycles(), ids=lambda item: item if isinstance(item, str) else "")
def test_a_cycle_is_named_by_its_path(obj: Any, path: str) -> None:
    with pytest.raises(UnsupportedValueError) as raised:
        freeze(obj)
    assert raised.value.slug == "value-cyclic"
    assert raised.value.message == f"{path}: the object contains itself"


WRAPPINGS: dict[str, Callable[[Any], Any]] = {
    "list": lambda value: [value],
    "tuple": lambda value: (value,),
    "dict": lambda value: {"a": value},
    "ordered": lambda value: collections.OrderedDict(a=value),
    "dataclass": lambda value: Node(value),
    "namedtuple": lambda value: Plain(1, value),
    "attrs": lambda value: Customer(value),
    "record": lambda value: Record("m.C", {"a": value}),
    "member": lambda value: Member("m.E", "A", value),
    "raised": lambda value: Raised((), "", "", {"a": value}),
}


@pytest.mark.parametrize("wrap", WRAPPINGS.values(), ids=WRAPPINGS)
def test_depth(wrap: Callable[[Any], Any]) -> None:
    obj: Any = 1
    for _ in range(MAX_DEPTH):
        obj = wrap(obj)
    assert values_equal(loads(dumps(freeze(obj)), "golden.json"), freeze(obj))
    with pytest.raises(UnsupportedValueError) as raised:
        freeze(wrap(obj))
    assert raised.value.slug == "value-too-deep"
    assert len(str(raised.value)) < 500


def test_far_too_deep() -> None:
    obj: list[Any] = []
    for _ in range(100_000):
        obj = [obj]
    with pytest.raises(UnsupportedValueError, match="deeper than 200"):
        freeze(obj)


def test_a_short_stack_is_told_as_such() -> None:
    obj: Any = 1
    for _ in range(150):
        obj = [obj]

    def deeper(frames: int) -> Value:
        return deeper(frames - 1) if frames else freeze(obj)

    told: list[UnsupportedValueError] = []
    for spare in range(10, sys.getrecursionlimit(), 7):
        with contextlib.suppress(RecursionError):
            try:
                deeper(sys.getrecursionlimit() - spare)
            except UnsupportedValueError as error:
                told.append(error)
    assert {error.slug for error in told} == {"value-too-deep"}


# -- exceptions --------------------------------------------------------------------------------------------


class RefusedError(LookupError, ValueError):
    pass


class StatefulError(Exception):
    sqlstate = "22012"


class MuteError(Exception):
    def __str__(self) -> str:
        raise TypeError


class LoudError(Exception):
    def __str__(self) -> str:
        return Text("loud")


class Mixin:
    pass


class MixedError(Mixin, Exception):
    pass


def chained() -> BaseException:
    error = RuntimeError("wrapped")
    error.__cause__ = StatefulError("x")
    return error


EXCEPTIONS: list[tuple[BaseException, Raised]] = [
    (ValueError("no"), Raised(("builtins.ValueError", "builtins.Exception"), "no")),
    (ValueError(), Raised(("builtins.ValueError", "builtins.Exception"), "")),
    (KeyError("a"), Raised(("builtins.KeyError", "builtins.LookupError", "builtins.Exception"), "'a'")),
    (
        RefusedError("no", 1),
        Raised(
            (f"{HERE}.RefusedError", "builtins.LookupError", "builtins.ValueError", "builtins.Exception"), "('no', 1)"
        ),
    ),
    (MixedError("x"), Raised((f"{HERE}.MixedError", "builtins.Exception"), "x")),
    (StatefulError("x"), Raised((f"{HERE}.StatefulError", "builtins.Exception"), "x", "22012")),
    (chained(), Raised(("builtins.RuntimeError", "builtins.Exception"), "wrapped", "22012")),
    (MuteError(), Raised((f"{HERE}.MuteError", "builtins.Exception"), "(no text: its __str__ raised TypeError)")),
    (LoudError(), Raised((f"{HERE}.LoudError", "builtins.Exception"), "loud")),
    (SystemExit(3), Raised(("builtins.SystemExit", "builtins.BaseException"), "3")),
    (
        ExceptionGroup("two", [ValueError("a"), StatefulError("b")]),
        Raised(
            ("builtins.ExceptionGroup", "builtins.Exception"),
            "two (2 sub-exceptions)",
            "",
            {
                "exceptions": [
                    Raised(("builtins.ValueError", "builtins.Exception"), "a"),
                    Raised((f"{HERE}.StatefulError", "builtins.Exception"), "b", "22012"),
                ]
            },
        ),
    ),
]  # fmt: skip


@pytest.mark.parametrize(("error", "raised"), EXCEPTIONS, ids=lambda item: type(item).__name__)
def test_exception(error: BaseException, raised: Raised) -> None:
    assert values_equal(freeze_exception(error), raised)
    assert values_equal(freeze({"error": error}), {"error": raised})


def test_qualified_name() -> None:
    class Inner:
        pass

    assert qualified_name(int) == "builtins.int"
    assert qualified_name(Inner) == f"{HERE}.test_qualified_name.<locals>.Inner"


def test_values_of_a_run_are_the_same_whatever_the_hash_seed() -> None:
    program = textwrap.dedent("""
        from pytest_characterize.codec import dumps
        from pytest_characterize.freezing import freeze
        print(dumps(freeze({"names": {"a", "b", "c", ("d", 1)}, "by": {name: 1 for name in {"x", "y", "z"}}})))
    """)
    texts = {
        subprocess.run(
            [sys.executable, "-c", program],
            env={"PYTHONHASHSEED": seed, "PATH": ""},
            check=True,
            capture_output=True,
            text=True,
        ).stdout
        for seed in ("1", "2", "3")
    }
    assert len(texts) == 1
