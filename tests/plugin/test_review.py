"""A rewrite leaves what changed pending; a reviewer accepts or rejects it."""

from __future__ import annotations

import subprocess
import sys

import pytest

from tests.plugin.project import LEGACY, Project

CHANGED = LEGACY.replace('"0.95"', '"0.90"')


def review(project: Project, *args: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "pytest_characterize.cli", *args]
    return subprocess.run(command, cwd=project.root, capture_output=True, text=True, check=False)


@pytest.fixture
def changed(project: Project) -> Project:
    """Legacy changed its discount after it was recorded, and was recorded again."""
    project.recorded().write("legacy_shop.py", CHANGED)
    project.record(how="rewrite").exits(0).has("1 changed", "2 same behaviour", "accept|reject")
    return project


def test_a_rewrite_overwrites_nothing(changed: Project) -> None:
    changed.replay().exits(0).says("PASS", matched=3)
    assert (changed.root / "characterization/.gitignore").read_text().splitlines().count("pending/") == 1


def test_accepting(changed: Project) -> None:
    done = review(changed, "accept", "--all")
    assert done.returncode == 0, done.stderr
    assert done.stdout.count("accepted") == 3
    changed.replay().exits(1).says("DRIFT", matched=2, drifted=1)
    changed.write("shop.py", CHANGED).replay().exits(0).says("PASS", matched=3)
    assert "0 " not in review(changed, "accept", "--all").stdout


def test_rejecting(changed: Project) -> None:
    done = review(changed, "reject", "quantity-10")
    assert done.returncode == 0, done.stderr
    assert done.stdout.count("rejected") == 1
    pending = changed.root / "characterization/pending"
    assert len(list(pending.glob("tests.*/*/*.json"))) == 2
    changed.replay().exits(0).says("PASS", matched=3)
    review(changed, "reject", "--all")
    assert list(pending.rglob("*.json")) == []


def test_the_kept_source_changes_with_the_golden(changed: Project) -> None:
    kept = changed.root / "characterization/legacy/project/legacy_shop.json"
    assert '\\"0.95\\"' in kept.read_text()
    review(changed, "accept", "--all")
    assert '\\"0.90\\"' in kept.read_text()
    assert list((changed.root / "characterization/pending").rglob("*.json")) == []


def test_showing_a_case(changed: Project) -> None:
    done = review(changed, "show", "quantity-10")
    assert done.returncode == 0, done.stderr
    assert "legacy_shop:price" in done.stdout
    assert "# pending" in done.stdout


def test_pruning_a_case_that_no_test_names_any_more(project: Project) -> None:
    project.recorded().edit("tests/test_shop.py", '{"quantity": 9}, ', "")
    identity = project.golden("quantity-9").stem[-12:]
    run = project.replay().exits(1).says("INCOMPLETE", matched=2, unplayed=1).has(f"prune {identity[:8]}")
    done = review(project, "prune", identity)
    assert (done.returncode, done.stdout.count("pruned")) == (0, 1), done.stderr
    project.replay().exits(0).says("PASS", matched=2)
    assert run.code == 1


@pytest.mark.parametrize(
    ("args", "code", "text"),
    [
        (["accept"], 1, "[review-what]"),
        (["accept", "--all", "x"], 1, "[review-what]"),
        (["accept", "nothing-like-it"], 1, "[review-no-match]"),
        (["prune", "--all"], 1, "[prune-all]"),
        (["prune", ""], 1, "[review-what]"),
        (["prune", "quantity-1"], 1, "[prune-several]"),
        (["accept", "x", ""], 1, "[review-what]"),
        (["frobnicate"], 2, "invalid choice"),
    ],
)
def test_wrong_usage(changed: Project, args: list[str], code: int, text: str) -> None:
    before = changed.store()
    done = review(changed, *args)
    assert done.returncode == code
    assert text in done.stderr
    assert "Traceback" not in done.stderr
    assert changed.store() == before
