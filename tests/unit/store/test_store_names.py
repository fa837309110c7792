"""Names: readable where they can be, unique always, taken by every file system."""

from __future__ import annotations

import re

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from pytest_characterize.errors import StoreError
from pytest_characterize.store.names import (
    LONGEST,
    accepted_places,
    cassette_reference,
    file_name,
    pending_places,
)
from pytest_characterize.store.names import test_folder as folder_of

EVERYWHERE = re.compile(r"[A-Za-z0-9_](?:[A-Za-z0-9_.-]*[A-Za-z0-9_-])?")
DEVICES = {"con", "prn", "aux", "nul", *(f"{name}{n}" for name in ("com", "lpt") for n in range(10))}


def good(name: str) -> bool:
    """Whether Windows, macOS and Linux all take this name, and it stays inside its folder."""
    return (
        EVERYWHERE.fullmatch(name) is not None
        and len(name) <= LONGEST
        and name.partition(".")[0].lower() not in DEVICES
    )


@pytest.mark.parametrize(
    ("test", "folder"),
    [
        ("tests/test_billing.py::test_total", "tests.test_billing/test_total"),
        ("tests/a/test_billing.py::TestTotals::test_x", "tests.a.test_billing/TestTotals.test_x"),
        ("test_top.py::test_x", "test_top/test_x"),
        ("tests/test-dashes.py::test_x", "tests.test-dashes/test_x"),
    ],
)
def test_plain_names_stay_as_they_are(test: str, folder: str) -> None:
    assert folder_of(test) == folder


@pytest.mark.parametrize(
    "test",
    [
        "tests/v1.2/test_x.py::test_y",
        "aux.py::test_y",
        "con/test_x.py::test_y",
        "tests/test_x.py::nul",
        "tests/tést_x.py::test_y",
        "tests/with space/test_x.py::test_y",
        "tests/test_x.py::test_prüfung",
        "tests/back\\slash.py::test_y",
        "tests/test_x.py::test_\udc80",
        "tests/test_x.txt::test_y",
        f"tests/{'long_' * 30}.py::test_y",
        f"tests/test_x.py::{'TestLong' * 20}::test_y",
    ],
)
def test_other_names_get_a_readable_part_and_a_hash(test: str) -> None:
    module, name = folder_of(test).split("/")
    assert good(module)
    assert good(name)
    assert re.search(r"-[0-9a-f]{8}$", module) or re.search(r"-[0-9a-f]{8}$", name)


def test_a_dot_in_a_folder_is_not_a_separator() -> None:
    assert folder_of("a.b/test_c.py::t") != folder_of("a/b/test_c.py::t")
    assert folder_of("a/b.test_c.py::t") != folder_of("a/b/test_c.py::t")


@pytest.mark.parametrize(
    "test",
    [
        "../outside.py::test_x",
        "tests/../../outside.py::test_x",
        "/etc/passwd.py::test_x",
        "./tests/test_x.py::test_y",
        "tests//test_x.py::test_y",
        "tests/test_x.py",
        "tests/test_x.py::",
        "::test_x",
        "",
    ],
)
def test_a_path_that_is_no_test_below_the_root_is_refused(test: str) -> None:
    with pytest.raises(StoreError) as caught:
        accepted_places("characterization", test)
    assert caught.value.slug == "store-test-path"


@pytest.mark.parametrize(
    "label",
    [
        "../../../etc/x-0123456789ab",
        "..",
        ".hidden",
        "aux",
        "a/b",
        "a\\b",
        "c:x",
        "",
        "x" * 300,
        "nul.x",
        "a.",
    ],
)
def test_no_label_leaves_its_folder(label: str) -> None:
    name = file_name(label)
    assert good(name.removesuffix(".json"))
    assert name.endswith(".json")


def test_the_places_of_a_test() -> None:
    accepted = accepted_places("characterization", "tests/test_billing.py::test_total")
    assert accepted.manifest == "characterization/goldens/tests.test_billing/test_total/manifest.jsonl"
    assert accepted.golden("a-1") == "characterization/goldens/tests.test_billing/test_total/a-1.json"
    assert accepted.cassette("a-1") == "characterization/cassettes/tests.test_billing/test_total/a-1.json"
    waiting = pending_places("characterization", "tests/test_billing.py::test_total")
    assert waiting.golden("a-1") == "characterization/pending/tests.test_billing/test_total/a-1.json"
    assert (
        waiting.cassette("a-1") == "characterization/pending/tests.test_billing/test_total/cassettes/a-1.json"
    )


def test_a_golden_names_its_cassette_alike_wherever_it_lies() -> None:
    assert cassette_reference("tests/test_x.py::test_y", "a-1") == "cassettes/tests.test_x/test_y/a-1.json"


PART = st.text(st.characters(blacklist_characters="/"), min_size=1).filter(
    lambda part: part not in (".", "..")
)
TESTS = st.builds(
    lambda folders, names: f"{'/'.join(folders)}.py::{'::'.join(names)}",
    st.lists(PART, min_size=1, max_size=4),
    st.lists(st.text(min_size=1).filter(lambda name: ":" not in name), min_size=1, max_size=3),
)


@given(TESTS)
def test_every_test_gets_good_names(test: str) -> None:
    assume(".." not in test.partition("::")[0].split("/"))
    try:
        module, name = folder_of(test).split("/")
    except StoreError:
        path = test.partition("::")[0].removesuffix(".py")
        assert {"", ".", ".."} & set(path.split("/")) or ":" in test.replace("::", "")
        return
    assert good(module)
    assert good(name)


@given(TESTS, TESTS)
def test_two_tests_never_share_a_folder(one: str, other: str) -> None:
    assume(one != other)
    try:
        assert folder_of(one) != folder_of(other)
    except StoreError:
        assume(False)
