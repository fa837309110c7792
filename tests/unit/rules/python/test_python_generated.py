"""Generated programs do with probes what they do without, to the column of a traceback."""

from __future__ import annotations

import os
from random import Random

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from python_generator import Programs
from python_running import EVERYTHING, heard, quietly, seen

from pytest_characterize.rules.catalogue import Depth
from pytest_characterize.rules.python.probes import instrument

TORTURE = os.environ.get("CHARACTERIZE_TORTURE") == "1"
CALLS = ("f(0, 0)", "f(1, 2)", "f(2, 1)", "f(5, 3)")


def ends(source: str, depth: Depth) -> set[str]:
    """How the calls end, after they were seen to end so with probes as well."""
    instrumented = instrument(source, "legacy", depth=depth)
    assert not instrumented.unknown
    heard(instrumented)
    plain, probed = quietly(source), quietly(instrumented.text)
    found = set()
    for call in CALLS:
        before = seen(plain, call)
        assert seen(probed, call) == before
        found.add(before.raised.partition(":")[0])
    return found


@pytest.mark.torture
@settings(max_examples=2000 if TORTURE else 200, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.integers(0, 2**64), st.sampled_from([EVERYTHING, Depth(), Depth(operands=True)]))
def test_any_program(seed: int, depth: Depth) -> None:
    assert ends(Programs(Random(seed)).module(), depth)


def test_programs_end_in_many_ways() -> None:
    found = set()
    for seed in range(60):
        found |= ends(Programs(Random(seed)).module(), EVERYTHING)
    assert {"", "ZeroDivisionError", "TypeError"} < found
