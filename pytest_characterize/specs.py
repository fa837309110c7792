"""What a test names: the legacy thing, its cases, how the two sides are called and compared."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import TypeAlias

from pytest_characterize.descriptors import Descriptor, Policy
from pytest_characterize.model import Outcome
from pytest_characterize.values import Value

Drive: TypeAlias = Callable[[str, dict[str, Value], int], Outcome]
"""Takes one step of a scenario on one side: a function's name, its arguments, and the step's number from 0."""

Script: TypeAlias = Callable[[Drive, Mapping[str, Value]], Outcome]
"""Plays a scenario with a case's input on the side that the drive takes steps on; all its steps are the outcome."""


@dataclass(frozen=True, slots=True)
class TestSpec:
    """What a marker says, read once and checked.

    Attributes:
        test: as :attr:`Case.test`.
        legacy: the descriptor.
        inputs: the given cases' inputs, unscrubbed, in the order of the code.
        args: legacy parameter name -> input name, where they differ.
        policies: the declared loosenings, marker first, then configuration.
        raises: legacy error (SQLSTATE, class name or qualified class name) -> qualified name of the
            candidate's exception class.
        at: the time to replay at, where it is pinned.
        freeze: whether the clock is frozen and seeds are fixed during replay.
        script: the test function as a scenario's script; ``None`` for a test that is the candidate itself.
        candidate: module of the functions that a scenario calls on the candidate's side.
        queries: how many SQL statements a case of the candidate may take, ``None`` for any number.
        notices: name of the logger whose records are the candidate's notices; ``""`` where it gives none.
    """

    __test__ = False

    test: str
    legacy: Descriptor
    inputs: tuple[Mapping[str, Value], ...] = ()
    args: Mapping[str, str] = field(default_factory=dict)
    policies: tuple[Policy, ...] = ()
    raises: Mapping[str, str] = field(default_factory=dict)
    at: datetime | None = None
    freeze: bool = True
    script: Script | None = None
    candidate: str = ""
    queries: int | None = None
    notices: str = ""
