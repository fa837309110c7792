"""Imported coverage: written whole, read back equal, replaced by the next import; damage is told."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pytest_characterize.errors import RecordingError
from pytest_characterize.measured import Arm, MeasuredFile, Measurement
from pytest_characterize.store.atomic_store import Store

ONE = Measurement(
    "billing",
    "jacoco",
    (
        MeasuredFile("acme/Fee.java", (Arm(4, "branch", "0.true", 3, "condition true"),), ("a: no",), "ab"),
        MeasuredFile(
            "./ü.c",
            (Arm(1, "line", "1", 0, ""), Arm(1, "entry", "f", 1, "f( a  b )")),
        ),
    ),
    run="nightly.xml",
)


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return Store(tmp_path, tmp_path / "characterization")


def test_what_is_kept_is_read_back(store: Store) -> None:
    file = store.keep_measurement(ONE)
    assert file == "characterization/coverage/billing/jacoco/nightly.xml.json"
    assert store.measurements().measurements == {file: ONE}
    assert '"4 branch 0.true 3 condition true"' in (store.root / file).read_text("ascii")
    assert store.tests() == ()


def test_the_same_again_replaces_it(store: Store) -> None:
    newer = Measurement("billing", "jacoco", ONE.files[:1], run="nightly.xml")
    file = store.keep_measurement(ONE)
    assert store.keep_measurement(newer) == file
    assert store.measurements().measurements == {file: newer}


def test_cases_runs_sources_and_formats_have_files_of_their_own(store: Store) -> None:
    several = [
        ONE,
        Measurement("billing", "jacoco", (), test="t.py::t", case="1" * 64, label="nightly.xml"),
        Measurement("billing", "jacoco", (), test="t.py::u", case="1" * 64, label="nightly.xml"),
        Measurement("", "jacoco", (), run="nightly.xml"),
        Measurement("billing", "clover", (), run="nightly.xml"),
        Measurement("billing", "jacoco", (), run="Nightly/../../x"),
    ]
    files = {store.keep_measurement(one) for one in several}
    assert len(files) == len(several)
    assert {len(Path(file).parts) for file in files} == {5}
    assert sorted(store.measurements().measurements.values(), key=repr) == sorted(several, key=repr)


@pytest.mark.parametrize(
    "damage",
    [
        ("nightly.xml", "hourly.xml"),
        ('"schema": 1', '"schema": 2'),
        ("4 branch", "4 twig"),
        ("4 branch", "-4 branch"),
        ('"jacoco"', '"gcov"'),
        ('"acme/Fee.java"', "7"),
        ('"files"', '"fils"'),
        ("{", "["),
    ],
)
def test_damage_is_told_and_hides_nothing_else(store: Store, damage: tuple[str, str]) -> None:
    path = store.root / store.keep_measurement(ONE)
    other = store.keep_measurement(Measurement("billing", "lcov", (), run="x"))
    path.write_text(path.read_text().replace(*damage, 1))
    found = store.measurements()
    assert list(found.measurements) == [other]
    (error,) = found.damages
    assert "nightly.xml.json" in error.message
    assert error.slug in ("coverage-file-damaged", "json-malformed")


def test_links_are_not_followed(store: Store, tmp_path: Path) -> None:
    path = store.root / store.keep_measurement(ONE)
    path.rename(tmp_path / "elsewhere.json")
    path.symlink_to(tmp_path / "elsewhere.json")
    assert [error.slug for error in store.measurements().damages] == ["store-symlink"]


def test_what_looks_like_a_secret_is_not_kept(tmp_path: Path) -> None:
    def refuse(text: str, file: str) -> None:
        raise RecordingError(file, slug="scrub-leak", hint="")

    store = Store(tmp_path, tmp_path / "characterization", guard=refuse)
    with pytest.raises(RecordingError, match="coverage/billing"):
        store.keep_measurement(ONE)
    assert not (tmp_path / "characterization").exists()


WORDS = st.text(st.characters(exclude_categories=("Cs", "Cc", "Z")), max_size=9)
ARMS = st.builds(
    Arm,
    st.integers(0, 9),
    st.sampled_from(["branch", "entry", "line"]),
    st.text(st.characters(min_codepoint=33, max_codepoint=126), min_size=1, max_size=5),
    st.integers(0, 10**18),
    st.lists(WORDS.filter(bool), max_size=3).map(" ".join),
)


@given(st.lists(ARMS, max_size=4).map(tuple), WORDS)
def test_any_arms_are_read_back(
    tmp_path_factory: pytest.TempPathFactory, arms: tuple[Arm, ...], name: str
) -> None:
    store = Store(root := tmp_path_factory.mktemp("store"), root / "c")
    one = Measurement("s", "lcov", (MeasuredFile(name, arms),), run="r")
    file = store.keep_measurement(one)
    assert store.measurements().measurements == {file: one}
