"""The store in a real git repository: branches that add cases merge, branches that disagree are noticed."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest
from store_samples import STAMP, TEST, golden_of, manifest_file, slugs, snapshot

from pytest_characterize.store.atomic_store import Store


class Repository:
    """A git repository with a store of ten goldens on its main branch."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.git("init", "--quiet", "--initial-branch=main")
        self.store = Store(root, Path("characterization"))
        self.write(*range(10))
        self.commit()

    def git(self, *args: str, fails: bool = False) -> str:
        identity = ["-c", "user.name=t", "-c", "user.email=t@example.test", "-c", "core.autocrlf=true"]
        done = subprocess.run(
            ["git", *identity, *args], cwd=self.root, capture_output=True, text=True, check=False
        )
        assert fails or done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    def write(self, *numbers: int) -> None:
        with self.store.recording():
            for number in numbers:
                self.store.write(golden_of(number), STAMP)

    def rewrite(self, number: int, total: int) -> None:
        self.store.propose(golden_of(number, total=total), STAMP)
        self.store.accept(*self.store.pending())

    def commit(self) -> None:
        self.git("add", "--all")
        self.git("commit", "--quiet", "--message", "x")

    def branch(self, name: str) -> None:
        self.git("checkout", "--quiet", "-b", name, "main")


@pytest.fixture
def repository(tmp_path: Path) -> Repository:
    return Repository(tmp_path)


def test_what_is_checked_out_is_what_was_recorded(repository: Repository) -> None:
    before = snapshot(repository.root / "characterization")
    repository.git("rm", "-r", "--quiet", "characterization")
    repository.git("checkout", "--quiet", "HEAD", "--", "characterization")
    assert snapshot(repository.root / "characterization") == before


def test_pending_files_and_locks_are_not_committed(repository: Repository) -> None:
    repository.store.propose(golden_of(3, total=1), STAMP)
    with repository.store.recording():
        assert repository.git("status", "--porcelain") == ""


def test_branches_that_add_cases_merge_without_a_conflict(repository: Repository) -> None:
    repository.branch("one")
    repository.write(*range(10, 20))
    repository.commit()
    repository.branch("other")
    repository.write(*range(20, 30))
    repository.commit()
    repository.git("merge", "--quiet", "--no-edit", "one")
    shelf = repository.store.shelf(TEST)
    assert shelf.problems == ()
    assert len([repository.store.load(entry) for entry in shelf.entries]) == 30
    repository.write(30)
    lines = manifest_file(repository.store).read_text().splitlines()
    assert lines == sorted(lines)
    assert len(lines) == 31


def test_branches_that_disagree_about_a_case_are_noticed(repository: Repository) -> None:
    for name, total in (("one", 1), ("other", 2)):
        repository.branch(name)
        repository.rewrite(3, total)
        repository.commit()
    repository.git("merge", "--quiet", "--no-edit", "one", fails=True)
    assert slugs(repository.store) == ["golden-doubled"]
    assert len(repository.store.shelf(TEST).entries) == 9
