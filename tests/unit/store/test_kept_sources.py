"""Kept legacy sources: written once, read back to the byte, and damage is told without hiding the rest."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pytest_characterize.errors import RecordingError, StoreError
from pytest_characterize.store.atomic_store import Store
from pytest_characterize.store.source_files import SourceText

ONE = SourceText(
    "billing", "public.f(integer, date)", "procedure", "CREATE FUNCTION f()\nBEGIN\n\tRETURN 1;\nEND\n"
)


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return Store(tmp_path, tmp_path / "characterization")


def files(store: Store) -> list[Path]:
    return sorted((store.root / "characterization/legacy").rglob("*.json"))


def test_a_source_is_kept_line_by_line(store: Store) -> None:
    store.keep_source(ONE)
    (file,) = files(store)
    assert file.parent.name == "billing"
    assert json.loads(file.read_text())["text"] == ONE.text.split("\n")
    kept = store.sources()
    assert list(kept.texts.values()) == [ONE]
    assert list(kept.texts) == [file.relative_to(store.root).as_posix()]
    assert kept.damages == ()


def test_without_sources_there_are_none(store: Store) -> None:
    assert store.sources().texts == {}
    assert store.catalogue() == b""


def test_a_new_version_takes_the_place_of_the_old(store: Store) -> None:
    newer = SourceText(ONE.source, ONE.name, ONE.kind, ONE.text + "-- changed\n")
    store.keep_source(ONE)
    store.keep_source(newer)
    assert list(store.sources().texts.values()) == [newer]


def test_an_unchanged_source_is_not_written_again(store: Store) -> None:
    store.keep_source(ONE)
    (file,) = files(store)
    before = file.stat().st_mtime_ns
    store.keep_source(ONE)
    assert file.stat().st_mtime_ns == before


def test_the_guard_sees_a_source_first(tmp_path: Path) -> None:
    def refuse(text: str, file: str) -> None:
        raise RecordingError(f"{file}: a secret", slug="scrub-leak", hint="")

    store = Store(tmp_path, tmp_path / "characterization", guard=refuse)
    with pytest.raises(RecordingError, match="a secret"):
        store.keep_source(ONE)
    assert files(store) == []


@pytest.mark.parametrize(
    "spoil",
    [
        lambda text: text.replace("RETURN 1", "RETURN 2"),
        lambda text: text[:-20],
        lambda text: "{}",
        lambda text: "<<<<<<< ours\n" + text,
        lambda text: text.replace('"schema": 1', '"schema": 2'),
        lambda text: text.replace('"name": "public.f', '"name": "public.g'),
        lambda text: text.replace('"kind": "procedure"', '"kind": 7'),
    ],
)
def test_damage_is_told_and_hides_nothing_else(store: Store, spoil) -> None:  # type: ignore[no-untyped-def]
    store.keep_source(ONE)
    (file,) = files(store)
    other = SourceText("billing", "g()", "procedure", "CREATE FUNCTION g()")
    store.keep_source(other)
    file.write_text(spoil(file.read_text()))
    kept = store.sources()
    assert list(kept.texts.values()) == [other]
    (damage,) = kept.damages
    assert isinstance(damage, StoreError)
    assert file.relative_to(store.root).as_posix() in damage.message


def test_a_copy_in_another_place_is_no_source(store: Store) -> None:
    store.keep_source(ONE)
    (file,) = files(store)
    file.with_name("copy.json").write_text(file.read_text())
    kept = store.sources()
    assert list(kept.texts.values()) == [ONE]
    assert [damage.slug for damage in kept.damages] == ["source-text-damaged"]


def test_what_is_no_folder_or_no_source_is_passed_over(store: Store) -> None:
    store.keep_source(ONE)
    (store.root / "characterization/legacy/README.md").write_text("sources")
    (store.root / "characterization/legacy/billing/notes.txt").write_text("notes")
    assert list(store.sources().texts.values()) == [ONE]


def test_a_link_is_not_followed(store: Store, tmp_path: Path) -> None:
    store.keep_source(ONE)
    (tmp_path / "elsewhere").mkdir()
    (store.root / "characterization/legacy/linked").symlink_to(
        tmp_path / "elsewhere", target_is_directory=True
    )
    assert list(store.sources().texts.values()) == [ONE]


def test_a_catalogue_is_written_only_where_there_is_none(store: Store) -> None:
    assert store.draft_catalogue("[[rule]]\n") == "characterization/rules.toml"
    assert store.catalogue() == b"[[rule]]\n"
    with pytest.raises(StoreError) as caught:
        store.draft_catalogue("other")
    assert caught.value.slug == "rules-exist"
    assert store.catalogue() == b"[[rule]]\n"


TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=60)


@settings(max_examples=30, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(st.sets(st.tuples(st.sampled_from(["", "a", "A b"]), TEXTS.filter(bool)), max_size=4), TEXTS)
def test_any_source_comes_back(tmp_path_factory, names: set[tuple[str, str]], text: str) -> None:  # type: ignore[no-untyped-def]
    root = tmp_path_factory.mktemp("store")
    store = Store(root, root / "characterization")
    given_ = [SourceText(source, name, "procedure", text) for source, name in sorted(names)]
    for one in given_:
        store.keep_source(one)
    kept = store.sources()
    assert kept.damages == ()
    assert sorted(kept.texts.values(), key=lambda one: (one.source, one.name)) == given_
