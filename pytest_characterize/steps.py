"""A scenario's steps: one script drives whichever side is under test, and what each step did is kept.

The script sees values, as goldens hold them, on both sides alike. A step that ends in an exception does
not end the script: all steps run, and are compared together.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final
from uuid import UUID

from pytest_characterize.errors import UsageError
from pytest_characterize.freezing import freeze, freeze_exception
from pytest_characterize.model import Outcome
from pytest_characterize.specs import Drive
from pytest_characterize.values import Record, Value

_STEP: Final = "characterize.Step"
_END: Final = "characterize.BrokeOff"
_ID: Final = "characterize.Id"


class Taken:
    """The steps that a script took on one side, of whichever sort, and the ids that they share.

    Args:
        drive: takes one step on the side under test.
    """

    def __init__(self, drive: Drive) -> None:
        self._drive = drive
        self._taken: list[Record] = []
        self._ids: dict[tuple[object, Value], str] = {}

    def _keep(self, taken: Mapping[str, Value]) -> None:
        self._taken.append(Record(_STEP, taken))

    def bind(self, name: str, value: Value, *keys: str) -> Value:
        """Name an id that each side hands out itself, and give it back.

        Where the id stands alone below a key, a field or an argument called ``name`` or one of ``keys``,
        the name is compared in its place. Elsewhere it is a value as any other, and so is another id at
        these places.

        Raises:
            UsageError: ``scenario-id``: it is no id, or cannot be told from another one.
        """
        if type(value) not in (int, str, UUID):
            raise _no_id(f"{name!r} is a {type(value).__name__}", "bind a text, an integer or a UUID")
        for key in (name, *keys):
            other = self._ids.setdefault((key, self._id(value)), name)
            if other != name:
                raise _no_id(
                    f"{name!r} and {other!r} are both {value!r:.40}, below {key!r}",
                    "let the side hand out ids that differ, or bind each below keys of its own",
                )
        return value

    def broke_off(self, error: BaseException) -> None:
        """Keep that the script itself ended in an exception, after the steps that it took."""
        self._taken.append(Record(_END, {"raised": freeze_exception(error)}))

    def outcome(self) -> Outcome:
        """All steps in their order, as one outcome.

        Raises:
            UsageError: ``scenario-empty``.
        """
        if not self._taken:
            raise UsageError(
                "the scenario took no step, so it proves nothing",
                slug="scenario-empty",
                hint="take steps with the fixture: characterize.call('pay', order=7), characterize.get('/cart')",
            )
        return Outcome("returned", [self._named(step) for step in self._taken])

    @staticmethod
    def _id(value: Value) -> Value:
        """What makes two ids the same: here the type as well."""
        return value

    def _named(self, value: Value, key: object = "") -> Value:
        """The value with names in the place of ids."""
        match value:
            case list() | tuple():
                return type(value)(self._named(item, key) for item in value)
            case dict():
                return {name: self._named(item, name) for name, item in value.items()}
            case Record():
                return Record(value.type, self._named(value.fields))
            case int() | str() | UUID() if (key, self._id(value)) in self._ids and type(value) is not bool:
                return Record(_ID, {"name": self._ids[key, self._id(value)]})
            case _:
                return value


class Steps(Taken):
    """The fixture ``characterize`` of a scenario that calls functions.

    >>> def shop(function, arguments, number):
    ...     return Outcome("returned", {"number": 17, "lines": list(arguments.values())})
    >>> steps = Steps(shop)
    >>> order = steps.call("place_order", sku="A-1")
    >>> order["lines"]
    ['A-1']
    """

    def call(self, function: str, /, **arguments: object) -> Value:
        """Take a step: call a function of the side under test.

        Args:
            function: its name, the same on both sides.

        Returns:
            What it returned, as a value; a :class:`~pytest_characterize.values.Raised` if it raised.
        """
        given = freeze(arguments)
        outcome = self._drive(function, freeze(given), len(self._taken))
        self._keep({"call": function, "with": given, outcome.how: outcome.value})
        return freeze(outcome.value)


def step_of(golden: Value, number: int) -> Mapping[str, Value]:
    """A golden's step of that number; empty where it has none."""
    steps = golden if isinstance(golden, list) else []
    step = steps[number] if number < len(steps) else None
    return step.fields if isinstance(step, Record) and step.type == _STEP else {}


def _no_id(what: str, hint: str) -> UsageError:
    return UsageError(f"the scenario's id {what}", slug="scenario-id", hint=hint)
