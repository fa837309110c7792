"""What sort of change a difference is."""

from __future__ import annotations

from typing import Any

import pytest
from explain_samples import difference

from pytest_characterize.explain.changes import Nature, pattern, place
from pytest_characterize.model import Kind
from pytest_characterize.values import ABSENT, Raised


def test_indexes_are_stars_and_nothing_else_is() -> None:
    assert pattern("$.lines[2].parts[10]") == "$.lines[*].parts[*]"
    assert pattern("$.a[x]['[1]'].b2") == "$.a[x]['[*]'].b2"


@pytest.mark.parametrize(
    ("kind", "path", "nature"),
    [
        (Kind.ROUNDING, "$", Nature.MANNER),
        (Kind.PADDING, "$.code", Nature.MANNER),
        (Kind.TYPE, "$.code", Nature.MANNER),
        (Kind.VALUE, "$.total", Nature.LOGIC),
        (Kind.ERROR, "$raised", Nature.LOGIC),
        (Kind.EFFECT, "$effects.tables.t.inserted[0]", Nature.LOGIC),
        (Kind.MISSING, "$.lines[3]", Nature.LOGIC),
        (Kind.EXTRA, "$.lines[3].code", Nature.STRUCTURE),
        (Kind.MISSING, "$.code", Nature.STRUCTURE),
        (Kind.HEADER, "$.headers.etag", Nature.STRUCTURE),
        (Kind.ORDER, "$.lines", Nature.STRUCTURE),
    ],
)
def test_natures(kind: Kind, path: str, nature: Nature) -> None:
    assert place(difference(path, kind)).change.nature is nature


def name(kind: Kind, legacy: Any = 1, candidate: Any = 2, note: str = "") -> str:
    return place(difference("$", kind, legacy, candidate, note)).change.name


def test_other_numbers_in_a_note_are_the_same_change() -> None:
    one = name(Kind.PADDING, note="legacy has 3 more trailing blanks")
    assert one == name(Kind.PADDING, note="legacy has 1 more trailing blank")
    assert one != name(Kind.PADDING, note="the candidate has 3 more trailing blanks")


def test_the_mode_that_fits_a_pair_is_no_change_of_its_own() -> None:
    one = name(Kind.ROUNDING, note="equal when rounded half up to 2 decimal places")
    assert one == name(Kind.ROUNDING, note="equal when rounded towards zero to 2 decimal places")
    assert one != name(Kind.ROUNDING, note="1 unit in the last place (0.01)")
    assert one != name(Kind.ROUNDING, note="floating-point noise: 1e-12 apart")


def test_statuses_and_errors_are_told_apart() -> None:
    assert name(Kind.STATUS, 200, 404) != name(Kind.STATUS, 302, 307)
    refused = Raised(("billing.Refused", "builtins.Exception"), "no")
    assert name(Kind.ERROR, 1, refused) != name(Kind.ERROR, 1, Raised(("builtins.KeyError",), "x"))
    assert name(Kind.ERROR, Raised(("raise_exception",), "no", "P0001"), 1) == "P0001 something"
    assert name(Kind.NULL, None, 1) != name(Kind.NULL, 1, None)
    assert name(Kind.EMPTY, "", None) == name(Kind.EMPTY, "", ABSENT) == "something nothing"
