"""Short ways to compare in tests."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from pytest_characterize.compare.comparing import compare
from pytest_characterize.descriptors import Policy
from pytest_characterize.model import Comparison, Difference, Observation, Outcome
from pytest_characterize.values import Response


def compared(legacy: Any, candidate: Any, *policies: Policy) -> Comparison:
    """What two returned values (or responses) differ in."""
    how = "responded" if isinstance(legacy, Response) else "returned"
    return compare(Observation(Outcome(how, legacy)), Observation(Outcome(how, candidate)), policies=policies)


def differences(legacy: Any, candidate: Any, *policies: Policy) -> tuple[Difference, ...]:
    return compared(legacy, candidate, *policies).differences


def told(legacy: Any, candidate: Any, *policies: Policy) -> list[tuple[str, str]]:
    """Paths and kinds only."""
    return [(found.path, found.kind.value) for found in differences(legacy, candidate, *policies)]


def response(
    body: bytes | str = b"",
    content_type: str = "",
    status: int = 200,
    headers: Sequence[tuple[str, str]] = (),
) -> Response:
    typed = (("Content-Type", content_type),) if content_type else ()
    return Response(status, (*typed, *headers), body.encode() if isinstance(body, str) else body)
