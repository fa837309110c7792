"""``%(name)s`` in a legacy statement, replaced by what a driver binds inputs to."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
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
    text, order = filled(statement, arguments, lambda _, place: f":characterize_{place}")
    return text, {f"characterize_{place}": arguments[name] for place, name in enumerate(order)}


def filled(
    statement: str, arguments: Mapping[str, Value], spelled: Callable[[str, int], str]
) -> tuple[str, list[str]]:
    """The statement with what stands for each input, and the inputs' names in the order of their first use.

    Args:
        spelled: (name, its place in that order from 0) -> what stands in the statement.

    Raises:
        RecordingError: ``query-invalid`` or ``query-bad-arguments``.
    """
    order: list[str] = []

    def fill(found: re.Match[str]) -> str:
        """What stands for one placeholder."""
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
        return spelled(name, order.index(name))

    text = _PLACEHOLDER.sub(fill, statement)
    unused = sorted(set(arguments) - set(order))
    if unused:
        raise bad_arguments(f"the query does not ask for the input {unused[0]!r}")
    return text, order


def bad_arguments(message: str) -> RecordingError:
    """The error of inputs that do not fit the statement."""
    return RecordingError(
        message,
        slug="query-bad-arguments",
        hint="name the inputs like the placeholders, or map them with args={'placeholder': 'input'}",
    )
