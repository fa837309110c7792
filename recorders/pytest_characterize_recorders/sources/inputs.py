"""A case's inputs, as the legacy thing names them."""

from __future__ import annotations

from collections.abc import Mapping

from pytest_characterize.values import Value


def bind(inputs: Mapping[str, Value], args: Mapping[str, str]) -> dict[str, Value]:
    """A case's inputs by the legacy parameters that take them.

    Args:
        args: legacy parameter -> input, where they differ; an input may go to several parameters.

    >>> bind({"customer_id": 7, "on": "2024-03-01"}, {"p_customer_id": "customer_id"})
    {'p_customer_id': 7, 'on': '2024-03-01'}
    """
    mapped = {parameter: inputs[name] for parameter, name in args.items() if name in inputs}
    return mapped | {name: value for name, value in inputs.items() if name not in args.values()}
