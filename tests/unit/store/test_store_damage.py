"""Every way in which a store can be damaged: each has its name, and none passes."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from store_samples import (
    FOLDER,
    STAMP,
    TEST,
    exchange,
    golden_file,
    golden_of,
    http_golden,
    manifest_file,
    slugs,
    snapshot,
)

from pytest_characterize.errors import StoreError
from pytest_characterize.store.atomic_store import Store
from pytest_characterize.store.manifest import Damage

OTHER = "tests/test_billing.py::test_other"


@pytest.fixture
def store(tmp_path: Path) -> Store:
    """Three goldens, of customers 1, 2 and 3."""
    store = Store(tmp_path, Path("characterization"))
    with store.recording():
        for number in (1, 2, 3):
            store.write(golden_of(number), STAMP)
    return store


def the_damage(store: Store, test: str = TEST) -> Damage:
    """The one problem of a shelf, with everything that a problem must have."""
    (damage,) = store.shelf(test).problems
    assert damage.test == test
    assert damage.file.startswith("characterization/")
    assert damage.message
    assert damage.hint
    assert "\n" not in str(damage.error())
    assert damage.file not in damage.message
    return damage


def sound(store: Store, test: str = TEST) -> list[int]:
    """The customers whose goldens are still entries, and load."""
    return sorted(
        int(str(store.load(entry).case.input["customer_id"])) for entry in store.shelf(test).entries
    )


def load_fails(store: Store, number: int, slug: str) -> StoreError:
    (entry,) = [
        entry for entry in store.shelf(TEST).entries if entry.label.startswith(f"customer-id-{number}-")
    ]
    with pytest.raises(StoreError) as caught:
        store.load(entry)
    assert caught.value.slug == slug, caught.value
    assert caught.value.message.startswith("characterization/")
    assert caught.value.hint
    assert "\n" not in str(caught.value)
    return caught.value


# -- seen by looking at the folder -----------------------------------------------------------------------


def test_a_missing_golden(store: Store) -> None:
    file = golden_file(store, 2)
    file.unlink()
    damage = the_damage(store)
    assert (damage.slug, damage.id, damage.label) == ("golden-missing", golden_of(2).case.id, file.stem)
    assert not damage.leftover
    assert sound(store) == [1, 3]


def test_a_golden_that_no_line_lists(store: Store) -> None:
    lines = manifest_file(store).read_text().splitlines(keepends=True)
    manifest_file(store).write_text("".join(line for line in lines if golden_of(2).case.id not in line))
    damage = the_damage(store)
    assert (damage.slug, damage.id, damage.label) == (
        "golden-foreign",
        golden_of(2).case.id,
        golden_of(2).case.label,
    )
    assert damage.leftover
    assert sound(store) == [1, 3]


@pytest.mark.parametrize("content", ["{}", "", "[]", "nonsense", '{"id": 7, "test": null}', "\x00"])
def test_a_foreign_file(store: Store, content: str) -> None:
    (manifest_file(store).parent / "notes-000000000000.json").write_text(content)
    damage = the_damage(store)
    assert (damage.slug, damage.id, damage.leftover) == ("golden-foreign", "", False)
    assert damage.file.endswith("notes-000000000000.json")
    assert sound(store) == [1, 2, 3]


def test_a_golden_of_another_test(store: Store) -> None:
    path = store.write(golden_of(9, test=OTHER), STAMP)
    shutil.copy(path, manifest_file(store).parent)
    damage = the_damage(store)
    assert (damage.slug, damage.id, damage.leftover) == ("golden-foreign", "", False)
    assert OTHER in damage.message
    assert slugs(store, OTHER) == []


@pytest.mark.parametrize("name", ["copy-of-{}", "Copy.json", "{} (1).json"])
def test_a_copied_golden(store: Store, name: str) -> None:
    file = golden_file(store, 2)
    shutil.copy(file, file.with_name(name.format(file.name)))
    damage = the_damage(store)
    assert (damage.slug, damage.id) == ("golden-doubled", golden_of(2).case.id)
    assert sound(store) == [1, 3]


def test_a_doubled_line(store: Store) -> None:
    text = manifest_file(store).read_text()
    manifest_file(store).write_text(text + text.splitlines()[0].replace("0.25", "0.75"))
    damage = the_damage(store)
    assert damage.slug == "golden-doubled"
    assert damage.id in text.splitlines()[0]
    assert len(sound(store)) == 2


@pytest.mark.parametrize(
    "change",
    [
        lambda text: f"<<<<<<< ours\n{text}=======\n>>>>>>> theirs\n",
        lambda text: text[:-30],
        lambda text: f"{text}{{}}\n",
        lambda text: text.replace('"schema":1', '"schema":1,"schema":1', 1),
        lambda text: text.replace('"schema":1', '"schema":0', 1),
        lambda text: f"{text}\x00\x00\x00\n",
    ],
    ids=["merge", "cut", "empty object", "duplicate key", "wrong schema", "zeroes"],
)
def test_a_damaged_manifest(store: Store, change: Callable[[str], str]) -> None:
    manifest_file(store).write_text(change(manifest_file(store).read_text()))
    problems = store.shelf(TEST).problems
    assert problems[0].slug == "manifest-damaged"
    assert problems[0].file.endswith("manifest.jsonl")
    assert {problem.slug for problem in problems[1:]} <= {"golden-foreign"}
    assert len(problems) - 1 + len(sound(store)) == 3


def test_an_emptied_manifest(store: Store) -> None:
    manifest_file(store).write_bytes(b"")
    assert slugs(store) == ["golden-foreign"] * 3
    assert store.tests() == (TEST,)


def test_a_missing_manifest(store: Store) -> None:
    manifest_file(store).unlink()
    damage = the_damage(store)
    assert damage.slug == "manifest-missing"
    assert "3 goldens" in damage.message
    assert damage.leftover
    assert sound(store) == []
    assert store.tests() == (TEST,)


def test_a_newer_manifest(store: Store) -> None:
    text = manifest_file(store).read_text().replace('"schema":1', '"schema":2,"new":true')
    manifest_file(store).write_text(text)
    assert slugs(store) == ["manifest-newer", *["golden-foreign"] * 3]
    assert sound(store) == []


def test_an_unreadable_manifest(store: Store) -> None:
    manifest_file(store).unlink()
    manifest_file(store).mkdir()
    damage = the_damage(store)
    assert (damage.slug, damage.file.rpartition("/")[2]) == ("store-unreadable", "manifest.jsonl")


def test_a_folder_in_the_place_of_a_golden(store: Store) -> None:
    file = golden_file(store, 2)
    file.unlink()
    file.mkdir()
    damage = the_damage(store)
    assert (damage.slug, damage.id) == ("store-unreadable", golden_of(2).case.id)
    assert sound(store) == [1, 3]


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="this system has no named pipes")
def test_a_pipe_in_the_place_of_a_golden_blocks_nothing(store: Store) -> None:
    file = golden_file(store, 2)
    (entry,) = [entry for entry in store.shelf(TEST).entries if file.match(entry.file)]
    file.unlink()
    os.mkfifo(file)
    assert the_damage(store).slug == "store-unreadable"
    with pytest.raises(StoreError, match="not a regular file"):
        store.load(entry)


def test_a_cassette_without_golden(store: Store) -> None:
    store.write(http_golden(exchange(), number=4), STAMP)
    assert slugs(store) == []
    stray = store.root / f"characterization/cassettes/{FOLDER}/stray.json"
    stray.write_text("{}")
    damage = the_damage(store)
    assert (damage.slug, damage.leftover) == ("cassette-foreign", True)
    assert sound(store) == [1, 2, 3, 4]


def test_what_is_no_golden_by_its_name_is_left_alone(store: Store) -> None:
    for name in (".DS_Store", "README.md", ".x.json.123-ab.tmp", "manifest.jsonl.orig"):
        (manifest_file(store).parent / name).write_text("x")
    assert slugs(store) == []


# -- seen by loading -------------------------------------------------------------------------------------


@pytest.mark.parametrize("cut", [1, 40, 200, 10_000])
def test_a_cut_golden(store: Store, cut: int) -> None:
    file = golden_file(store, 2)
    file.write_bytes(file.read_bytes()[:-cut])
    error = load_fails(store, 2, "golden-damaged" if cut > 1 else "golden-edited")
    assert file.name in error.message
    assert "--characterize-record=rewrite" in error.hint


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("95.00", "96.00"),
        ('"customer_id": 2', '"customer_id": 22'),
        ('"slug": "customer-id-2"', '"slug":  "customer-id-2"'),
        ("legacy.billing", "legacy.killing"),
    ],
)
def test_an_edited_golden(store: Store, old: str, new: str) -> None:
    file = golden_file(store, 2)
    text = file.read_text()
    assert old in text
    file.write_text(text.replace(old, new))
    load_fails(store, 2, "golden-edited")
    assert len(store.shelf(TEST).entries) == 3


def test_a_golden_with_merge_markers(store: Store) -> None:
    file = golden_file(store, 2)
    file.write_text(f"<<<<<<< ours\n{file.read_text()}=======\n>>>>>>> theirs\n")
    assert "merge" in load_fails(store, 2, "golden-damaged").message


def test_a_golden_with_changed_line_ends(store: Store) -> None:
    file = golden_file(store, 2)
    file.write_bytes(file.read_bytes().replace(b"\n", b"\r\n"))
    assert ".gitattributes" in load_fails(store, 2, "golden-damaged").hint


def test_a_golden_in_the_place_of_another(store: Store) -> None:
    shutil.copy(golden_file(store, 1), golden_file(store, 2))
    assert golden_of(1).case.label in load_fails(store, 2, "golden-foreign").message


def relist(store: Store, number: int) -> None:
    """Make the manifest's hash that of the file, as one who edits by hand might."""
    from hashlib import sha256

    file = golden_file(store, number)
    lines = [json.loads(line) for line in manifest_file(store).read_text().splitlines()]
    for line in lines:
        if file.name == f"{line['label']}.json":
            line["sha256"] = sha256(file.read_bytes()).hexdigest()
    manifest_file(store).write_text("".join(json.dumps(line) + "\n" for line in lines))


def test_an_edited_input_does_not_pass_with_a_matching_hash(store: Store) -> None:
    file = golden_file(store, 2)
    file.write_text(file.read_text().replace('"customer_id": 2', '"customer_id": 22'))
    relist(store, 2)
    load_fails(store, 2, "golden-identity")


def test_a_copied_golden_does_not_pass_with_a_matching_hash(store: Store) -> None:
    shutil.copy(golden_file(store, 1), golden_file(store, 2))
    relist(store, 2)
    load_fails(store, 2, "golden-foreign")


def test_a_golden_of_a_newer_schema(store: Store) -> None:
    file = golden_file(store, 2)
    file.write_text(file.read_text().replace('"schema": 1', '"schema": 2'))
    assert "upgrade" in load_fails(store, 2, "golden-newer").hint
    relist(store, 2)
    load_fails(store, 2, "golden-newer")


def test_a_golden_deleted_after_the_look(store: Store) -> None:
    entry = store.shelf(TEST).entries[0]
    (store.root / entry.file).unlink()
    with pytest.raises(StoreError) as caught:
        store.load(entry)
    assert caught.value.slug == "golden-missing"


@pytest.mark.parametrize(
    ("damage", "slug"),
    [
        (lambda path: path.unlink(), "cassette-missing"),
        (lambda path: path.write_bytes(path.read_bytes()[:-20]), "cassette-edited"),
        (lambda path: path.write_bytes(path.read_bytes().replace(b"95.00", b"96.00")), "cassette-edited"),
    ],
    ids=["missing", "cut", "edited"],
)
def test_a_damaged_cassette(store: Store, damage: Callable[[Path], object], slug: str) -> None:
    golden = http_golden(exchange(b"first"), exchange(b"95.00"), number=4)
    store.write(golden, STAMP)
    damage(store.root / f"characterization/cassettes/{FOLDER}/{golden.case.label}.json")
    load_fails(store, 4, slug)


def test_a_cassette_cut_between_two_exchanges(store: Store) -> None:
    """The cut that other readers take for a shorter recording."""
    golden = http_golden(exchange(b"first"), exchange(b"second"), number=4)
    store.write(golden, STAMP)
    path = store.root / f"characterization/cassettes/{FOLDER}/{golden.case.label}.json"
    tree = json.loads(path.read_text())
    path.write_text(json.dumps(tree | {"interactions": tree["interactions"][:1]}))
    load_fails(store, 4, "cassette-edited")


# -- folders that are not a test's own -------------------------------------------------------------------


def test_a_copied_folder_belongs_to_no_test(store: Store) -> None:
    folder = manifest_file(store).parent
    shutil.copytree(folder, folder.with_name("test_copy"))
    astray = f"characterization/goldens/{FOLDER.replace('test_invoice_total', 'test_copy')}"
    assert store.tests() == (astray, TEST)
    damage = the_damage(store, astray)
    assert damage.slug == "store-foreign"
    assert TEST in damage.message
    assert slugs(store, "tests/test_billing.py::test_copy") == ["manifest-foreign", *["golden-foreign"] * 3]
    assert slugs(store) == []


def test_a_folder_that_says_nothing_belongs_to_no_test(store: Store) -> None:
    manifest_file(store).write_text("nonsense")
    for file in manifest_file(store).parent.glob("*.json"):
        file.write_text("nonsense")
    astray = f"characterization/goldens/{FOLDER}"
    assert store.tests() == (astray,)
    assert the_damage(store, astray).slug == "store-foreign"
    assert slugs(store)[0] == "manifest-damaged"


@pytest.mark.parametrize("name", ["stray.json", "tests.test_billing/stray.json"])
def test_a_file_between_the_folders(store: Store, name: str) -> None:
    (store.root / "characterization/goldens" / name).write_text("{}")
    astray = f"characterization/goldens/{name}"
    assert astray in store.tests()
    assert the_damage(store, astray).slug == "store-foreign"


def test_empty_folders_and_leftovers_are_no_tests(store: Store) -> None:
    (store.root / "characterization/goldens/empty/test_empty").mkdir(parents=True)
    folder = store.root / "characterization/goldens/left/test_left"
    folder.mkdir(parents=True)
    (folder / ".x.json.1-2.tmp").write_text("x")
    assert store.tests() == (TEST,)


# -- and the way back ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "damage",
    [
        lambda path: path.write_bytes(b""),
        lambda path: path.write_text(path.read_text().replace("95.00", "96.00")),
        lambda path: path.write_bytes(b"\xff" * 100),
    ],
    ids=["emptied", "edited", "overwritten"],
)
def test_recording_again_and_accepting_heals_a_golden(store: Store, damage: Callable[[Path], object]) -> None:
    before = snapshot(store.root)
    damage(golden_file(store, 2))
    assert store.propose(golden_of(2), STAMP) is not None
    store.accept(*store.pending())
    assert snapshot(store.root) == before


def test_recording_the_same_again_heals_a_missing_manifest(store: Store) -> None:
    before = snapshot(store.root)
    manifest_file(store).unlink()
    with store.recording():
        for number in (1, 2, 3):
            store.write(golden_of(number), STAMP)
    assert snapshot(store.root) == before


def test_recording_again_and_accepting_heals_a_cassette(store: Store) -> None:
    golden = http_golden(exchange(b"95.00"), number=4)
    store.write(golden, STAMP)
    before = snapshot(store.root)
    (store.root / f"characterization/cassettes/{FOLDER}/{golden.case.label}.json").unlink()
    assert store.propose(golden, STAMP) is not None
    store.accept(*store.pending())
    assert snapshot(store.root) == before
