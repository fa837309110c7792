"""``%(name)s`` in a legacy statement, replaced by what a driver binds inputs to."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final

from pytest_characterize.errors import RecordingError
from pytest_characterize.values import Value

_PLACEHOLDER: Final = re.compile(r"%(?:(?P<percent>%)|\((?P<name>[^)]*)\)s)?")


def named(statement: str, arguments: Mapping[str, Value]) -> tuple[str, dict[str, Value]]:
    """The statement with ``:characterize_0`` and so on, and the values by these names.

    >>> named("SELECT %(a)s || '100%%' || %(a)s", {"a": "x"})
    ("SELECT :characterize_0 || '100%' || :characterize_0", {'characterize_0': 'x'})

    Raises:
        RecordingError: ``query-invalid`` or ``query-bad-arguments``.
    """
    order: list[str] = []

    def place(found: re.Match[str]) -> str:
        if found["percent"]:
            return "%"
        name = found["name"]
        if name is None:
            raise RecordingError(
                "a single % in the SQL of a query",
                slug="query-invalid",
                hint="write %(name)s for an input, %% for a percent sign",
            )
        if name not in arguments:
            raise bad_arguments(f"the query asks for %({name})s, which is no input of the case")
        if name not in order:
            order.append(name)
        return f":characterize_{order.index(name)}"

    text = _PLACEHOLDER.sub(place, statement)
    unused = sorted(set(arguments) - set(order))
    if unused:
        raise bad_arguments(f"the query does not ask for the input {unused[0]!r}")
    return text, {f"characterize_{number}": arguments[name] for number, name in enumerate(order)}


def bad_arguments(message: str) -> RecordingError:
    """The error of inputs that do not fit the statement."""
    return RecordingError(
        message,
        slug="query-bad-arguments",
        hint="name the inputs like the placeholders, or map them with args={'placeholder': 'input'}",
    )
