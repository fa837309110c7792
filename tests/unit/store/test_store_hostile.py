"""What a disk or an attacker may do: links, traversal, no rights, no room. Nothing outside is touched."""

from __future__ import annotations

import json
import shutil
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from store_samples import (
    FOLDER,
    STAMP,
    TEST,
    child,
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

POSIX = pytest.mark.skipif(sys.platform == "win32", reason="rights and limits of POSIX systems")


@pytest.fixture
def store(tmp_path: Path) -> Store:
    root = tmp_path / "project"
    root.mkdir()
    return Store(root, Path("characterization"))


@pytest.fixture
def outside(tmp_path: Path) -> Path:
    """A folder that nothing may reach."""
    folder = tmp_path / "outside"
    folder.mkdir()
    (folder / "secret.json").write_text('{"secret": true}')
    return folder


@pytest.fixture
def public_root() -> Iterator[Path]:
    """A project's root that another account can reach; pytest's own folders are closed to it."""
    root = Path(tempfile.mkdtemp())
    root.chmod(0o777)
    yield root
    for path in [root, *root.rglob("*")]:
        if path.is_dir():
            path.chmod(0o777)
    shutil.rmtree(root)


# -- symbolic links --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "level",
    [
        "characterization",
        "characterization/goldens",
        "characterization/goldens/tests.test_billing",
        f"characterization/goldens/{FOLDER}",
        "characterization/cassettes",
        "characterization/pending",
    ],
)
def test_a_linked_folder_is_never_written_through(store: Store, outside: Path, level: str) -> None:
    link = store.root / level
    link.parent.mkdir(parents=True, exist_ok=True)
    link.symlink_to(outside, target_is_directory=True)
    before = snapshot(outside)
    verb = store.propose if level.endswith("pending") else store.write
    with pytest.raises(StoreError) as caught:
        verb(http_golden(exchange()), STAMP)
    assert caught.value.slug == "store-symlink"
    assert snapshot(outside) == before


@pytest.mark.parametrize("depth", range(4))
def test_a_linked_folder_is_never_read_through(store: Store, outside: Path, depth: int) -> None:
    store.write(golden_of(), STAMP)
    (entry,) = store.shelf(TEST).entries
    folder = manifest_file(store).parent
    for _ in range(depth):
        folder = folder.parent
    shutil.move(folder, outside / "moved")
    folder.symlink_to(outside / "moved", target_is_directory=True)
    assert slugs(store) == ["store-symlink"]
    with pytest.raises(StoreError) as caught:
        store.load(entry)
    assert caught.value.slug == "store-symlink"
    (astray,) = store.tests()
    assert slugs(store, astray) == ["store-symlink"]


@pytest.mark.parametrize("name", ["golden", "manifest.jsonl"])
def test_a_linked_file_is_damage(store: Store, outside: Path, name: str) -> None:
    store.write(golden_of(), STAMP)
    (entry,) = store.shelf(TEST).entries
    file = golden_file(store) if name == "golden" else manifest_file(store)
    shutil.move(file, outside / "moved")
    file.symlink_to(outside / "moved")
    before = snapshot(outside)
    assert slugs(store) == ["store-symlink"]
    for attempt in (
        lambda: store.load(entry) if name == "golden" else store.propose(golden_of(), STAMP),
        lambda: store.write(golden_of(8), STAMP) if name != "golden" else store.propose(golden_of(), STAMP),
    ):
        with pytest.raises(StoreError) as caught:
            attempt()
        assert caught.value.slug == "store-symlink"
    assert snapshot(outside) == before


def test_a_link_that_no_line_lists_is_damage_and_not_read(store: Store, outside: Path) -> None:
    store.write(golden_of(), STAMP)
    (manifest_file(store).parent / "a.json").symlink_to(outside / "secret.json")
    (manifest_file(store).parent / "b.json").symlink_to(outside / "nowhere")
    assert slugs(store) == ["store-symlink", "store-symlink"]
    assert len(store.shelf(TEST).entries) == 1


def test_a_linked_lock_is_refused(store: Store, outside: Path) -> None:
    (store.root / "characterization").mkdir()
    (store.root / "characterization/.lock").symlink_to(outside / "secret.json")
    before = snapshot(outside)
    with pytest.raises(StoreError) as caught:
        store.write(golden_of(), STAMP)
    assert caught.value.slug == "store-unwritable"
    assert snapshot(outside) == before


def test_a_link_in_the_place_of_a_new_golden_is_refused(store: Store, outside: Path) -> None:
    folder = store.root / f"characterization/goldens/{FOLDER}"
    folder.mkdir(parents=True)
    (folder / f"{golden_of().case.label}.json").symlink_to(outside / "secret.json")
    before = snapshot(outside)
    with pytest.raises(StoreError) as caught:
        store.write(golden_of(), STAMP)
    assert caught.value.slug == "store-symlink"
    assert snapshot(outside) == before


def test_a_root_below_a_link_is_fine(tmp_path: Path) -> None:
    """Temporary folders of macOS are; what the user says is the root is trusted."""
    (tmp_path / "real").mkdir()
    (tmp_path / "alias").symlink_to(tmp_path / "real", target_is_directory=True)
    store = Store(tmp_path / "alias", Path("characterization"))
    store.write(golden_of(), STAMP)
    assert slugs(store) == []
    assert len(store.shelf(TEST).entries) == 1


# -- names -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "test", ["../outside.py::test_x", "tests/../../outside.py::t", "/outside.py::t", "tests/test_x.py"]
)
def test_a_test_outside_the_root_is_refused(store: Store, outside: Path, test: str) -> None:
    before = snapshot(store.root.parent)
    for attempt in (lambda: store.write(golden_of(test=test), STAMP), lambda: store.shelf(test)):
        with pytest.raises(StoreError) as caught:
            attempt()
        assert caught.value.slug == "store-test-path"
    assert snapshot(store.root.parent) == before
    assert outside.exists()


@pytest.mark.parametrize(
    "name",
    ["..", "../../outside", "x/../../../../outside", "C:\\outside", "\\\\server\\share", "a\x00b", "NUL"],
)
def test_no_name_of_a_test_leads_out_of_the_store(store: Store, name: str) -> None:
    test = f"tests/test_x.py::{name}"
    path = store.write(golden_of(test=test), STAMP)
    assert path.resolve().is_relative_to(store.root / "characterization/goldens")
    assert len(path.relative_to(store.root / "characterization/goldens").parts) == 3
    assert slugs(store, test) == []
    assert store.tests() == (test,)


def test_a_label_in_a_manifest_leads_nowhere_else(store: Store, outside: Path) -> None:
    store.write(golden_of(), STAMP)
    line = json.loads(manifest_file(store).read_text())
    line["label"] = f"../../../../outside/secret-{line['id'][:12]}"
    manifest_file(store).write_text(json.dumps(line) + "\n")
    shelf = store.shelf(TEST)
    assert {problem.slug for problem in shelf.problems} <= {
        "golden-missing",
        "golden-doubled",
        "golden-foreign",
    }
    assert shelf.entries == ()
    assert all(problem.file.startswith("characterization/") for problem in shelf.problems)
    assert all(".." not in problem.file.split("/") for problem in shelf.problems)
    assert (outside / "secret.json").exists()


def test_a_path_that_only_looks_like_one_in_the_store_is_refused(store: Store) -> None:
    with pytest.raises(StoreError) as caught:
        store.shelf("characterization/goldens/../../../outside")
    assert caught.value.slug == "store-test-path"


# -- no rights, no room ----------------------------------------------------------------------------------

WRITE_AND_TELL = """
store = Store(Path(sys.argv[1]), Path("characterization"))
before = snapshot(store.root)
for attempt in (lambda: store.write(golden_of(8), STAMP), lambda: store.propose(golden_of(7, total=1), STAMP)):
    try:
        attempt()
        print("written")
    except StoreError as error:
        print(error.slug, "|", error)
print(snapshot(store.root) == before)
"""


def tell(code: str, root: Path) -> list[str]:
    """What the code prints when a user without root's rights runs it."""
    process = child(f"become_nobody()\n{code}", root)
    out, err = process.communicate(timeout=60)
    assert process.returncode == 0, err
    return out.splitlines()


@POSIX
def test_a_read_only_store_is_named_and_left_alone(public_root: Path) -> None:
    Store(public_root, Path("characterization")).write(golden_of(7), STAMP)
    for path in [public_root, *public_root.rglob("*")]:
        path.chmod(0o555 if path.is_dir() else 0o444)
    *told, unchanged = tell(WRITE_AND_TELL, public_root)
    assert [line.partition(" | ")[0] for line in told] == ["store-unwritable"] * 2
    assert all("characterization/" in line and "Permission denied" in line for line in told)
    assert unchanged == "True"


@POSIX
def test_a_root_that_nothing_can_be_created_in(public_root: Path) -> None:
    public_root.chmod(0o555)
    *told, unchanged = tell(WRITE_AND_TELL, public_root)
    assert [line.partition(" | ")[0] for line in told] == ["store-unwritable"] * 2
    assert unchanged == "True"


@POSIX
def test_files_that_may_not_be_read_are_damage(public_root: Path) -> None:
    store = Store(public_root, Path("characterization"))
    store.write(golden_of(7), STAMP)
    store.write(golden_of(8), STAMP)
    golden_file(store, 7).chmod(0)
    code = """
store = Store(Path(sys.argv[1]), Path("characterization"))
print([problem.slug for problem in store.shelf(TEST).problems])
for entry in store.shelf(TEST).entries:
    try:
        print(store.load(entry).case.input)
    except StoreError as error:
        print(error.slug)
"""
    assert sorted(tell(code, public_root)) == sorted(["[]", "store-unreadable", "{'customer_id': 8}"])
    manifest_file(store).chmod(0)
    assert tell(code, public_root) == ["['store-unreadable']"]
    manifest_file(store).parent.chmod(0)
    assert tell(code, public_root) == ["['store-unreadable']"]


FULL_DISK = """
import resource
store = Store(Path(sys.argv[1]), Path("characterization"))
store.write(golden_of(1), STAMP)
before = snapshot(store.root)
resource.setrlimit(resource.RLIMIT_FSIZE, (int(sys.argv[2]), resource.RLIM_INFINITY))
try:
    with store.recording():
        for number in range(2, 60):
            store.write(golden_of(number, total="x" * 300), STAMP)
except StoreError as error:
    print(error.slug, "|", error)
resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
after = snapshot(store.root)
print(all(after[name] == before[name] for name in before if not name.endswith(".jsonl")))
print([name for name in after if name.endswith(".tmp")])
shelf = store.shelf(TEST)
print(sorted({problem.slug for problem in shelf.problems}), all(problem.leftover for problem in shelf.problems))
print(len([store.load(entry) for entry in shelf.entries]) >= 1)
with store.recording():
    for number in range(2, 60):
        if golden_of(number).case.id not in {entry.id for entry in shelf.entries}:
            store.write(golden_of(number, total="x" * 300), STAMP)
print(len(store.shelf(TEST).entries), len(store.shelf(TEST).problems))
"""


@POSIX
@pytest.mark.parametrize("limit", [100, 500, 900, 2000, 6000], ids=lambda limit: f"{limit} bytes a file")
def test_a_full_disk_is_named_and_nothing_is_torn(tmp_path: Path, limit: int) -> None:
    process = child(FULL_DISK, tmp_path, limit)
    out, err = process.communicate(timeout=120)
    assert process.returncode == 0, err
    told, intact, temporary, problems, loads, healed = out.splitlines()
    assert told.startswith("store-unwritable | characterization/")
    assert "File too large" in told
    assert (intact, temporary, loads, healed) == ("True", "[]", "True", "59 0")
    assert problems in ("[] True", "['golden-foreign'] True")
