"""The store's verbs: write, load, propose, accept, reject, remove, and what they leave on the disk."""

from __future__ import annotations

import json
from dataclasses import astuple, replace
from decimal import Decimal
from pathlib import Path

import pytest
from store_samples import (
    FOLDER,
    STAMP,
    TEST,
    exchange,
    golden_of,
    http_golden,
    manifest_file,
    slugs,
    snapshot,
)

from pytest_characterize.errors import RecordingError, StoreError
from pytest_characterize.store.atomic_store import Store
from pytest_characterize.store.manifest import Stamp

GOLDENS = f"characterization/goldens/{FOLDER}"
LATER = Stamp("2026-01-01T00:00:00+00:00", "2024-02-29T23:59:59", 1.5, "9.9.9")


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return Store(tmp_path, Path("characterization"))


def fails(slug: str) -> pytest.RaisesExc[StoreError]:
    return pytest.raises(StoreError, check=lambda error: error.slug == slug and bool(error.hint))


def test_a_new_store_is_empty_and_reading_creates_nothing(store: Store) -> None:
    assert store.tests() == ()
    assert store.pending() == ()
    assert store.shelf(TEST).entries == store.shelf(TEST).problems == ()
    assert list(store.root.iterdir()) == []


def test_a_recording_without_a_write_leaves_nothing(store: Store) -> None:
    with store.recording():
        assert (store.root / "characterization/.lock").exists()
    assert list(store.root.iterdir()) == []


def test_a_recording_that_fails_before_its_first_write_leaves_nothing(store: Store) -> None:
    with pytest.raises(ZeroDivisionError), store.recording():
        _ = 1 / 0
    assert list(store.root.iterdir()) == []


def test_what_is_written_is_loaded(store: Store) -> None:
    golden = golden_of()
    path = store.write(golden, STAMP)
    assert path == store.root / GOLDENS / f"{golden.case.label}.json"
    assert store.tests() == (TEST,)
    (entry,) = store.shelf(TEST).entries
    assert (entry.test, entry.id, entry.label) == (TEST, golden.case.id, golden.case.label)
    assert entry.file == path.relative_to(store.root).as_posix()
    assert (entry.recorded_at, entry.at, entry.duration, entry.tool) == astuple(STAMP)
    assert store.load(entry) == golden


def test_a_second_store_sees_the_same(store: Store) -> None:
    store.write(http_golden(exchange(b"\xff")), STAMP)
    again = Store(store.root, store.root / "characterization")
    (entry,) = again.shelf(TEST).entries
    assert again.load(entry) == http_golden(exchange(b"\xff"))


def test_the_files_of_a_store(store: Store) -> None:
    golden = http_golden(exchange())
    store.write(golden, STAMP)
    assert set(snapshot(store.root)) == {
        "characterization/.gitattributes",
        "characterization/.gitignore",
        f"characterization/cassettes/{FOLDER}/{golden.case.label}.json",
        f"{GOLDENS}/{golden.case.label}.json",
        f"{GOLDENS}/manifest.jsonl",
    }
    assert (store.root / "characterization/.gitattributes").read_text().startswith("* -text\n")
    assert "pending/\n" in (store.root / "characterization/.gitignore").read_text()


def test_gits_files_are_the_users_once_they_are_there(store: Store) -> None:
    (store.root / "characterization").mkdir()
    (store.root / "characterization/.gitignore").write_text("mine\n")
    store.write(golden_of(), STAMP)
    assert (store.root / "characterization/.gitignore").read_text() == "mine\n"


def test_what_varies_without_meaning_is_in_the_manifest_only(tmp_path: Path) -> None:
    stores = [Store(tmp_path / name, Path("characterization")) for name in ("one", "two")]
    for store, stamp in zip(stores, (STAMP, LATER), strict=True):
        store.root.mkdir()
        store.write(golden_of(), stamp)
    files = [snapshot(store.root) for store in stores]
    assert [name for name in files[0] if files[0][name] != files[1][name]] == [f"{GOLDENS}/manifest.jsonl"]


def test_many_goldens_are_one_sorted_manifest(store: Store) -> None:
    with store.recording():
        for number in range(60):
            store.write(golden_of(number), STAMP)
    lines = manifest_file(store).read_text().splitlines()
    assert lines == sorted(lines)
    entries = store.shelf(TEST).entries
    assert len(lines) == len(entries) == 60
    assert [store.load(entry).case.input["customer_id"] for entry in entries] == [
        int(entry.label.split("-")[2]) for entry in entries
    ]


def test_what_is_asked_during_a_recording_is_up_to_date(store: Store) -> None:
    with store.recording():
        for number in range(10):
            store.write(golden_of(number), STAMP)
            assert len(store.shelf(TEST).entries) == number + 1
            store.propose(golden_of(number, total=1), STAMP)
            assert len(store.pending()) == number + 1
        assert slugs(store) == []


def test_tests_are_apart(store: Store) -> None:
    others = ["tests/test_billing.py::test_other", "tests/sub/test_billing.py::TestA::test_invoice_total"]
    for test in (TEST, *others):
        store.write(golden_of(test=test), STAMP)
    assert store.tests() == tuple(sorted((TEST, *others)))
    assert [len(store.shelf(test).entries) for test in store.tests()] == [1, 1, 1]


def test_an_accepted_golden_is_not_overwritten(store: Store) -> None:
    store.write(golden_of(), STAMP)
    before = snapshot(store.root)
    with fails("store-exists"):
        store.write(golden_of(total=Decimal("1.00")), STAMP)
    assert snapshot(store.root) == before


def test_a_leftover_golden_is_taken_over_only_if_it_is_the_same(store: Store) -> None:
    store.write(golden_of(), STAMP)
    manifest_file(store).unlink()
    with fails("golden-foreign"):
        store.write(golden_of(total=Decimal("1.00")), STAMP)
    store.write(golden_of(), STAMP)
    assert slugs(store) == []
    assert len(store.shelf(TEST).entries) == 1


# -- review ----------------------------------------------------------------------------------------------


def test_unchanged_behaviour_is_no_proposal(store: Store) -> None:
    for golden in (golden_of(), http_golden(exchange())):
        store.write(golden, STAMP)
        before = snapshot(store.root)
        assert store.propose(golden, LATER) is None
        assert snapshot(store.root) == before


@pytest.mark.parametrize("http", [False, True])
def test_changed_behaviour_awaits_review_and_is_accepted(store: Store, http: bool) -> None:
    old = http_golden(exchange(b"95.00")) if http else golden_of(total=Decimal("95.00"))
    new = http_golden(exchange(b"96.00")) if http else golden_of(total=Decimal("96.00"))
    accepted = store.write(old, STAMP)
    before = snapshot(store.root)
    path = store.propose(new, LATER)
    assert path == store.root / f"characterization/pending/{FOLDER}/{new.case.label}.json"
    assert {
        name: content for name, content in snapshot(store.root).items() if "/pending/" not in name
    } == before
    (waiting,) = store.pending()
    assert store.root / waiting.file == path
    assert store.root / waiting.replaces == accepted
    assert store.load(waiting) == new
    assert store.accept(waiting) == accepted
    assert store.pending() == ()
    (entry,) = store.shelf(TEST).entries
    assert store.load(entry) == new
    assert entry.recorded_at == LATER.recorded_at
    assert snapshot(store.root).keys() == before.keys()
    assert not (store.root / "characterization/pending").exists()


def test_a_proposal_of_a_new_case(store: Store) -> None:
    store.propose(golden_of(), STAMP)
    assert store.tests() == ()
    (waiting,) = store.pending()
    assert waiting.replaces == ""
    store.accept(waiting)
    assert len(store.shelf(TEST).entries) == 1


def test_a_rejected_proposal_leaves_no_trace(store: Store) -> None:
    store.write(http_golden(exchange(b"95.00")), STAMP)
    before = snapshot(store.root)
    store.propose(http_golden(exchange(b"96.00")), LATER)
    (waiting,) = store.pending()
    store.reject(waiting)
    assert snapshot(store.root) == before
    store.reject(waiting)
    assert snapshot(store.root) == before


def test_a_second_proposal_replaces_the_first(store: Store) -> None:
    store.propose(golden_of(total=1), STAMP)
    store.propose(golden_of(total=2), LATER)
    (waiting,) = store.pending()
    assert store.load(waiting) == golden_of(total=2)


def test_behaviour_that_came_back_needs_no_review_any_more(store: Store) -> None:
    store.write(golden_of(), STAMP)
    store.propose(golden_of(total=1), STAMP)
    assert store.propose(golden_of(), LATER) is None
    assert store.pending() == ()


def test_many_proposals_are_accepted_in_one_recording(store: Store) -> None:
    with store.recording():
        for number in range(30):
            store.write(golden_of(number), STAMP)
            store.propose(golden_of(number, total=1), STAMP)
    with store.recording():
        for waiting in store.pending():
            store.accept(waiting)
    assert store.pending() == ()
    assert {store.load(entry).observation.outcome.value["total"] for entry in store.shelf(TEST).entries} == {
        1
    }


def test_an_outcome_that_is_no_response_any_more_takes_the_cassette_away(store: Store) -> None:
    http = http_golden(exchange())
    store.write(http, STAMP)
    store.propose(replace(http, observation=golden_of().observation), LATER)
    store.accept(*store.pending())
    assert not (store.root / "characterization/cassettes").exists()
    assert slugs(store) == []


def test_an_edited_proposal_is_not_accepted(store: Store) -> None:
    path = store.propose(golden_of(total=1), STAMP)
    assert path is not None
    path.write_text(path.read_text().replace('"total": 1', '"total": 2'))
    with fails("golden-edited"):
        store.accept(*store.pending())
    assert store.shelf(TEST).entries == ()


def test_a_proposal_whose_file_is_gone_can_be_rejected_only(store: Store) -> None:
    path = store.propose(golden_of(total=1), STAMP)
    assert path is not None
    path.unlink()
    (waiting,) = store.pending()
    with fails("golden-missing"):
        store.accept(waiting)
    store.reject(waiting)
    assert store.pending() == ()


@pytest.mark.parametrize("content", ["<<<<<<<\n", "{}\n"])
def test_a_damaged_pending_manifest_is_named(store: Store, content: str) -> None:
    store.propose(golden_of(), STAMP)
    manifest = store.root / f"characterization/pending/{FOLDER}/manifest.jsonl"
    manifest.write_text(manifest.read_text() + content)
    with fails("pending-damaged"):
        store.pending()
    with fails("pending-damaged"):
        store.propose(golden_of(8), STAMP)
    manifest.write_text(content)
    with fails("pending-damaged"):
        store.pending()


def test_pending_files_without_a_line_are_nothing(store: Store) -> None:
    path = store.propose(golden_of(total=1), STAMP)
    assert path is not None
    (path.parent / "manifest.jsonl").unlink()
    assert store.pending() == ()


# -- removing --------------------------------------------------------------------------------------------


def test_a_removed_golden_takes_its_line_and_cassette_along(store: Store) -> None:
    store.write(golden_of(), STAMP)
    before = snapshot(store.root)
    store.write(http_golden(exchange()), STAMP)
    entries = store.shelf(TEST).entries
    store.remove(next(entry for entry in entries if entry.id == http_golden(exchange()).case.id))
    assert snapshot(store.root) == before


def test_the_last_golden_takes_the_folder_along(store: Store) -> None:
    store.write(http_golden(exchange()), STAMP)
    store.remove(*store.shelf(TEST).entries)
    assert set(snapshot(store.root)) == {"characterization/.gitattributes", "characterization/.gitignore"}
    assert store.tests() == ()
    assert not (store.root / "characterization/goldens").exists()


# -- the guard -------------------------------------------------------------------------------------------


def test_the_guard_sees_exactly_what_reaches_the_disk(tmp_path: Path) -> None:
    seen: dict[str, str] = {}
    store = Store(tmp_path, Path("characterization"), guard=lambda text, file: seen.update({file: text}))
    store.write(http_golden(exchange(b"95.00")), STAMP)
    store.propose(http_golden(exchange(b"96.00")), STAMP)
    files = {name: text.decode() for name, text in snapshot(tmp_path).items() if name.endswith(".json")}
    assert seen == files
    assert len(seen) == 4


def test_what_the_guard_refuses_leaves_nothing(tmp_path: Path) -> None:
    def guard(text: str, file: str) -> None:
        if "hunter2" in text:
            raise RecordingError(f"{file}: a password", slug="scrub-leak", hint="name the field")

    store = Store(tmp_path, Path("characterization"), guard)
    for golden in (golden_of(total="hunter2"), http_golden(exchange(b"hunter2"))):
        with pytest.raises(RecordingError):
            store.write(golden, STAMP)
        with pytest.raises(RecordingError):
            store.propose(golden, STAMP)
    assert list(tmp_path.iterdir()) == []


def test_accepting_asks_the_guard_again(tmp_path: Path) -> None:
    careless, careful = Store(tmp_path, Path("c")), Store(tmp_path, Path("c"), guard=_refuse)
    careless.propose(golden_of(), STAMP)
    with pytest.raises(RecordingError):
        careful.accept(*careful.pending())
    assert careful.tests() == ()


def _refuse(text: str, file: str) -> None:
    raise RecordingError(f"{file}: no", slug="scrub-leak", hint="name the field")


# -- what cannot be written ------------------------------------------------------------------------------


def test_a_golden_that_could_not_be_read_back_is_not_written(store: Store) -> None:
    golden = golden_of()
    wrong = replace(golden, case=replace(golden.case, id="0" * 64))
    with fails("golden-identity"):
        store.write(wrong, STAMP)
    assert list(store.root.iterdir()) == []


@pytest.mark.parametrize("directory", [".", "..", "../elsewhere", "a/../..", "/somewhere"])
def test_a_store_outside_the_root_is_refused(tmp_path: Path, directory: str) -> None:
    with fails("store-outside-root"):
        Store(tmp_path, Path(directory))


def test_a_store_may_lie_deeper(tmp_path: Path) -> None:
    store = Store(tmp_path, Path("tests/data/../characterization"))
    path = store.write(golden_of(), STAMP)
    assert path.is_relative_to(tmp_path / "tests/characterization/goldens")
    assert store.shelf(TEST).entries[0].file.startswith("tests/characterization/goldens/")


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("tests/test_a.py::test_x", "tests/test_a.py::test_X"),
        ("tests/test_a.py::test_x", "tests/Test_a.py::test_x"),
    ],
)
def test_names_that_differ_in_case_only_are_refused(store: Store, one: str, other: str) -> None:
    store.write(golden_of(test=one), STAMP)
    before = snapshot(store.root)
    with fails("store-collision"):
        store.write(golden_of(test=other), STAMP)
    assert snapshot(store.root) == before


def test_a_folder_that_another_test_claims_is_refused(store: Store) -> None:
    store.write(golden_of(), STAMP)
    line = json.loads(manifest_file(store).read_text())
    manifest_file(store).write_text(json.dumps(line | {"test": "tests/test_billing.py::test_other"}) + "\n")
    with fails("manifest-foreign"):
        store.write(golden_of(8), STAMP)


@pytest.mark.parametrize("content", ["<<<<<<< a\n", "{", '{"schema": 9}\n'])
def test_a_damaged_manifest_is_not_rewritten(store: Store, content: str) -> None:
    store.write(golden_of(), STAMP)
    entries = store.shelf(TEST).entries
    store.propose(golden_of(total=1), STAMP)
    manifest_file(store).write_text(manifest_file(store).read_text() + content)
    before = snapshot(store.root)
    slug = "manifest-newer" if "9" in content else "manifest-damaged"
    with fails(slug):
        store.write(golden_of(8), STAMP)
    with fails(slug):
        store.propose(golden_of(8), STAMP)
    with fails(slug):
        store.accept(*store.pending())
    with fails(slug):
        store.remove(*entries)
    assert snapshot(store.root) == before
