"""Killed and competing recordings: nothing torn, nothing that passes wrongly, and a way back."""

from __future__ import annotations

import json
import os
import random
import shutil
import signal
import sys
import time
from pathlib import Path

import pytest
from store_samples import STAMP, TEST, child, exchange, golden_of, http_golden, snapshot

from pytest_characterize.errors import StoreError
from pytest_characterize.model import Golden
from pytest_characterize.store.atomic_store import Store
from pytest_characterize.store.manifest import Entry

TORTURE = bool(os.environ.get("CHARACTERIZE_TORTURE"))
POSIX = pytest.mark.skipif(sys.platform == "win32", reason="there is no kill -9 on Windows")

ENDLESS = """
store = Store(Path(sys.argv[1]), Path("characterization"))
print("ready", flush=True)
number = 0
while True:
    with store.recording():
        for _ in range(20):
            number += 1
            store.write(golden_of(number, total="x" * number), STAMP)
            store.write(http_golden(exchange(b"x" * 5000), number=number), STAMP)
"""


def json_files(root: Path) -> list[Path]:
    return [path for path in sorted(root.rglob("*.json")) if not path.name.startswith(".")]


def nothing_is_torn(store: Store) -> None:
    """Every file that has its name has all of its content, and what is listed loads."""
    for path in json_files(store.root):
        json.loads(path.read_bytes())
    for test in store.tests():
        shelf = store.shelf(test)
        assert [problem for problem in shelf.problems if not problem.leftover] == []
        for entry in shelf.entries:
            assert store.load(entry).case.id == entry.id


@POSIX
@pytest.mark.torture
def test_a_killed_recording_tears_nothing_and_is_healed_by_the_next(tmp_path: Path) -> None:
    rounds, chance = (60 if TORTURE else 6), random.Random(60)
    listed = 0
    for number in range(rounds):
        root = tmp_path / str(number)
        root.mkdir()
        with child(ENDLESS, root) as process:
            assert process.stdout is not None
            assert process.stdout.readline() == "ready\n"
            time.sleep(chance.uniform(0.0, 0.8))
            process.kill()
        assert process.returncode == -signal.SIGKILL
        store = Store(root, Path("characterization"))
        nothing_is_torn(store)
        listed += len(store.shelf(TEST).entries)
        known = {entry.id for entry in store.shelf(TEST).entries}
        customers = {0} | {int(path.stem.split("-")[2]) for path in json_files(root)}
        with store.recording():
            for customer in customers:
                for golden in (
                    golden_of(customer, total="x" * customer),
                    http_golden(exchange(b"x" * 5000), number=customer),
                ):
                    if golden.case.id not in known:
                        store.write(golden, STAMP)
        assert store.shelf(TEST).problems == ()
        assert len(store.shelf(TEST).entries) == 2 * len(customers)
        assert list(root.rglob("*.tmp")) == []
        assert not (root / "characterization/.lock").exists()
    assert listed > rounds, "the kills came too early to say anything"


# -- a kill before every single step ---------------------------------------------------------------------

OLD: tuple[Golden, ...] = (golden_of(1), http_golden(exchange(b"95.00"), number=2))
NEW: tuple[Golden, ...] = (golden_of(1, total=1), http_golden(exchange(b"96.00"), number=2), golden_of(3))

SWEEP = """
import os, signal
from test_store_crashes import work

def steps_until_kill(step):
    left = [step]
    for name in ("replace", "fsync", "unlink", "rmdir", "mkdir", "ftruncate"):
        def patched(*args, _real=getattr(os, name), **more):
            if left[0] == 0:
                os.kill(os.getpid(), signal.SIGKILL)
            left[0] -= 1
            return _real(*args, **more)
        setattr(os, name, patched)
    return left

for folder in sys.argv[2:]:
    pid = os.fork()
    if not pid:
        left = steps_until_kill(int(Path(folder).name))
        work(Store(Path(folder), Path("characterization")))
        os._exit(0)
    _, status = os.waitpid(pid, 0)
    print(os.waitstatus_to_exitcode(status))
"""


def work(store: Store) -> None:
    """Record one new case, propose changed behaviour of two old ones, accept both; done again, it goes on."""
    with store.recording():
        listed = {entry.id for entry in store.shelf(TEST).entries}
        if NEW[2].case.id not in listed:
            store.write(NEW[2], STAMP)
        for golden in NEW[:2]:
            store.propose(golden, STAMP)
    with store.recording():
        for waiting in store.pending():
            store.accept(waiting)


@POSIX
@pytest.mark.torture
def test_a_kill_before_any_step_is_no_pass_and_the_same_work_heals_it(tmp_path: Path) -> None:
    start = Store(tmp_path / "start", Path("characterization"))
    start.root.mkdir()
    for golden in OLD:
        start.write(golden, STAMP)
    done = Store(tmp_path / "done", Path("characterization"))
    shutil.copytree(start.root, done.root)
    work(done)
    end = snapshot(done.root)
    folders = [tmp_path / str(step) for step in (range(120) if TORTURE else range(3, 120, 10))]
    for folder in folders:
        shutil.copytree(start.root, folder)
    out, err = child(SWEEP, "sweep", *folders).communicate(timeout=300)
    codes = [int(line) for line in out.split()]
    assert len(codes) == len(folders), err
    killed = codes.index(0)
    assert set(codes[:killed]) == {-signal.SIGKILL}
    assert set(codes[killed:]) == {0}, "raise the number of steps"
    assert int(folders[killed].name) > 50
    for folder in folders:
        store = Store(folder, Path("characterization"))
        for path in json_files(folder):
            json.loads(path.read_bytes())
        for entry in store.shelf(TEST).entries:
            assert loaded(store, entry) in (*OLD, *NEW, "golden-edited", "cassette-edited")
        work(store)
        assert snapshot(folder) == end, folder.name


def loaded(store: Store, entry: Entry) -> Golden | str:
    """The golden, or the name of what is wrong with it."""
    try:
        return store.load(entry)
    except StoreError as error:
        return error.slug


# -- two at a time ---------------------------------------------------------------------------------------

HOLD = """
store = Store(Path(sys.argv[1]), Path("characterization"))
with store.recording():
    print("held", flush=True)
    sys.stdin.read()
"""


@POSIX
def test_a_second_recording_is_told_who_holds_the_lock(tmp_path: Path) -> None:
    store = Store(tmp_path, Path("characterization"))
    with child(HOLD, tmp_path) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "held\n"
        with pytest.raises(StoreError) as caught, store.recording():
            raise AssertionError("two recordings at a time")
        assert caught.value.slug == "store-locked"
        assert f"process {process.pid}" in caught.value.message
        with pytest.raises(StoreError, match="store-locked"):
            store.write(golden_of(), STAMP)
        assert store.tests() == ()
        process.kill()
    store.write(golden_of(), STAMP)
    assert len(store.shelf(TEST).entries) == 1


def test_two_stores_of_one_process_exclude_each_other_too(tmp_path: Path) -> None:
    one, other = (Store(tmp_path, Path("characterization")) for _ in range(2))
    with one.recording():
        with pytest.raises(StoreError, match="store-locked"):
            other.write(golden_of(), STAMP)
        one.write(golden_of(), STAMP)
    other.write(golden_of(8), STAMP)
    assert len(one.shelf(TEST).entries) == 2


def test_an_error_in_a_recording_keeps_what_was_written(tmp_path: Path) -> None:
    store = Store(tmp_path, Path("characterization"))

    def interrupted() -> None:
        with store.recording():
            for number in range(30):
                store.write(golden_of(number), STAMP)
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        interrupted()
    assert len(store.shelf(TEST).entries) == 30
    assert store.shelf(TEST).problems == ()
    store.write(golden_of(30), STAMP)


RIVAL = """
import os
store = Store(Path(sys.argv[1]), Path("characterization"))
mark = store.root / "mark"
done = 0
while done < int(sys.argv[3]):
    try:
        with store.recording():
            os.close(os.open(mark, os.O_CREAT | os.O_EXCL))
            store.write(golden_of(done * 10 + int(sys.argv[2])), STAMP)
            mark.unlink()
            done += 1
    except StoreError as error:
        if error.slug != "store-locked":
            raise
print(done)
"""


@POSIX
@pytest.mark.torture
def test_rivals_never_hold_the_lock_together(tmp_path: Path) -> None:
    """The lock file is deleted after every recording, which must not let two hold two files of one name."""
    each = 150 if TORTURE else 15
    rivals = [child(RIVAL, tmp_path, number, each) for number in range(3)]
    for rival in rivals:
        out, err = rival.communicate(timeout=300)
        assert (rival.returncode, out) == (0, f"{each}\n"), err
    store = Store(tmp_path, Path("characterization"))
    shelf = store.shelf(TEST)
    assert shelf.problems == ()
    assert len(shelf.entries) == 3 * each
