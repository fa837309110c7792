"""Manifests as text: one line a golden, sorted, strict, and every damage told in words."""

from __future__ import annotations

import json
import random
from collections.abc import Callable
from typing import Any

import pytest
from store_samples import FOLDER, STAMP, TEST

from pytest_characterize.store.manifest import (
    Damage,
    Entry,
    Manifest,
    manifest_text,
    read_manifest,
    stated_tests,
)

FILE = f"characterization/goldens/{FOLDER}/manifest.jsonl"


def entry_of(number: int, test: str = TEST) -> Entry:
    id_ = f"{number:064x}"[::-1]
    label = f"n-{number}-{id_[:12]}"
    return Entry(
        test,
        id_,
        label,
        f"characterization/goldens/{FOLDER}/{label}.json",
        "ab" * 32,
        "given",
        STAMP.recorded_at,
        "",
        STAMP.duration,
        STAMP.tool,
    )


def read(text: str | bytes) -> Manifest:
    return read_manifest(text.encode() if isinstance(text, str) else text, FILE, TEST)


def the_problem(text: str | bytes) -> Damage:
    (problem,) = read(text).problems
    return problem


def changed(**fields: Any) -> str:
    """One line with other fields; ``...`` takes a field away."""
    line = json.loads(manifest_text([entry_of(1)]))
    line |= fields
    return json.dumps({name: value for name, value in line.items() if value is not ...}) + "\n"


def test_what_is_written_is_read_back() -> None:
    entries = tuple(entry_of(number) for number in range(20))
    manifest = read(manifest_text(entries))
    assert manifest.problems == ()
    assert set(manifest.entries) == set(entries)


def test_lines_are_sorted_by_id_whatever_their_order_was() -> None:
    entries = [entry_of(number) for number in range(50)]
    texts = {manifest_text(random.Random(seed).sample(entries, 50)) for seed in range(5)}
    assert len(texts) == 1
    lines = texts.pop().splitlines()
    assert lines == sorted(lines)
    assert all(line.isascii() for line in lines)


def test_no_entry_is_no_line() -> None:
    assert manifest_text([]) == ""
    assert read("") == Manifest(())


def test_entries_need_no_order_on_the_disk() -> None:
    lines = manifest_text(entry_of(number) for number in range(5)).splitlines(keepends=True)
    manifest = read("".join(reversed(lines)))
    assert manifest.problems == ()
    assert [entry.id for entry in manifest.entries] == sorted(entry.id for entry in manifest.entries)


@pytest.mark.parametrize("end", ["", "\r\n", "\n\n"])
def test_line_ends_carry_no_meaning(end: str) -> None:
    assert read(manifest_text([entry_of(1)]).rstrip("\n") + end).entries == (entry_of(1),)


@pytest.mark.parametrize(
    ("line", "why"),
    [
        ("<<<<<<< HEAD\n", "merge marker"),
        ("=======\n", "merge marker"),
        (">>>>>>> theirs\n", "merge marker"),
        ("||||||| base\n", "merge marker"),
        ("nonsense\n", "not one whole JSON object"),
        ("[]\n", "not a JSON object"),
        ("{}\n", "is missing"),
        (b"\xff\xfe\n", "not one whole JSON object"),
        ("[" * 100_000 + "\n", "not one whole JSON object"),
        (manifest_text([entry_of(1)])[:-20], "not one whole JSON object"),
        (manifest_text([entry_of(1)]).replace('{"id"', '{"id":"x","id"'), "a key occurs twice"),
        (manifest_text([entry_of(1)]).replace("0.25", "NaN"), "NaN is not a number"),
        (manifest_text([entry_of(1)]).replace("0.25", "1e999"), "not a number of seconds"),
        (manifest_text([entry_of(1)]) * 1 + manifest_text([entry_of(2)])[5:], "not one whole JSON object"),
        (changed(surplus=1), "key 'surplus' is unknown"),
        (changed(sha256=...), "key 'sha256' is missing"),
        (changed(duration="0.25"), "'duration' has the wrong type"),
        (changed(duration=True), "'duration' has the wrong type"),
        (changed(test=None), "'test' has the wrong type"),
        (changed(id="abc"), "64 hex digits"),
        (changed(sha256="AB" * 32), "64 hex digits"),
        (changed(label="other-label"), "does not end with the id's first digits"),
        (changed(origin="invented"), "origin 'invented' is unknown"),
        (changed(recorded_at="yesterday"), "Invalid isoformat"),
        (changed(recorded_at="2024-03-01T12:00:00"), "no offset"),
        (changed(at="noon"), "Invalid isoformat"),
        (changed(schema=0), "schema 0 was never used"),
        (changed(schema="1"), "'schema' has the wrong type"),
    ],
)
def test_a_line_that_cannot_be_read_is_named_and_the_others_still_count(line: str | bytes, why: str) -> None:
    line = line.encode() if isinstance(line, str) else line
    good = manifest_text([entry_of(8), entry_of(9)]).encode()
    manifest = read(good + line)
    assert {entry_of(8), entry_of(9)} <= set(manifest.entries)
    (problem,) = manifest.problems
    assert (problem.slug, problem.file, problem.id) == ("manifest-damaged", FILE, "")
    assert why in problem.message
    assert "\n" not in problem.message


def test_many_bad_lines_are_one_problem_that_counts_them() -> None:
    problem = the_problem("<<<<<<< a\n" + manifest_text([entry_of(1)]) + "=======\n>>>>>>> b\n")
    assert problem.message == "3 lines cannot be read; line 1: a merge marker"
    assert str(problem.error()).startswith(f"{FILE}: 3 lines cannot be read")


def test_a_newer_line_asks_for_an_upgrade() -> None:
    problem = the_problem(changed(schema=2, something="new"))
    assert problem.slug == "manifest-newer"
    assert "upgrade" in problem.hint


def test_a_doubled_id_is_no_entry_any_more() -> None:
    text = manifest_text([entry_of(1), entry_of(2)])
    manifest = read(text + manifest_text([entry_of(2)]).replace("0.25", "0.5"))
    assert manifest.entries == (entry_of(1),)
    (problem,) = manifest.problems
    assert (problem.slug, problem.id, problem.label) == ("golden-doubled", entry_of(2).id, entry_of(2).label)
    assert "2 different lines" in problem.message


def test_the_same_line_twice_is_one_line() -> None:
    """Git's union merge repeats lines that stand near those that both sides added."""
    text = manifest_text([entry_of(1), entry_of(2)])
    assert read(text + text) == read(text)
    assert len(read(text + text.replace("\n", "\r\n")).entries) == 2


def test_lines_of_another_test_are_no_entries() -> None:
    other = "tests/test_billing.py::test_other"
    manifest = read(manifest_text([entry_of(1), entry_of(2, other), entry_of(3, other)]))
    assert manifest.entries == (entry_of(1),)
    (problem,) = manifest.problems
    assert problem.slug == "manifest-foreign"
    assert problem.message == f"2 lines belong to {other}, not to {TEST}"


def test_a_label_cannot_lead_out_of_the_folder() -> None:
    id_ = entry_of(1).id
    (entry,) = read(changed(label=f"../../../etc/passwd-{id_[:12]}")).entries
    assert entry.file.rpartition("/")[0] == f"characterization/goldens/{FOLDER}"


def test_the_tests_that_a_manifest_names() -> None:
    text = manifest_text([entry_of(1), entry_of(2, "tests/other.py::t"), entry_of(3)])
    assert sorted(stated_tests(b"rubbish\n" + text.encode())) == sorted([TEST, TEST, "tests/other.py::t"])


@pytest.mark.parametrize("cut", range(1, 500, 23))
def test_a_cut_manifest_never_reads_as_a_whole_one(cut: int) -> None:
    text = manifest_text([entry_of(number) for number in range(3)])
    manifest = read(text[:-cut])
    lost = 3 - len(manifest.entries)
    at_a_line_end = text[:-cut].endswith("\n") or text[:-cut].endswith("}")
    assert lost >= 1 or at_a_line_end
    assert bool(manifest.problems) is not at_a_line_end


@pytest.mark.parametrize("damage", [lambda line: line, lambda line: line.upper()])
def test_damage_is_told_not_raised(damage: Callable[[bytes], bytes]) -> None:
    noise = random.Random(7).randbytes(4096)
    manifest = read(damage(noise))
    assert manifest.entries == ()
    assert [problem.slug for problem in manifest.problems] == ["manifest-damaged"]
