"""What each format says, arm by arm; and what is damaged or hostile is named, with its line."""

from __future__ import annotations

import io
import json
import subprocess
import sys
from contextlib import suppress
from pathlib import Path

import pytest
from coverage_samples import CLOVER, COBERTURA, ISTANBUL, JACOCO, LCOV, OPENCOVER, SAMPLES
from hypothesis import given
from hypothesis import strategies as st

from pytest_characterize.errors import UsageError
from pytest_characterize.importing.coverage import gathering
from pytest_characterize.importing.coverage.clover import read_clover
from pytest_characterize.importing.coverage.cobertura import read_cobertura
from pytest_characterize.importing.coverage.gathering import Gathering
from pytest_characterize.importing.coverage.jacoco import read_jacoco
from pytest_characterize.importing.coverage.lcov import read_lcov
from pytest_characterize.importing.coverage.opencover import read_opencover
from pytest_characterize.measured import MeasuredFile

READERS = {
    "lcov": read_lcov,
    "cobertura": lambda stream, where: read_cobertura(stream, where)[0],
    "jacoco": read_jacoco,
    "clover": read_clover,
    "opencover": read_opencover,
}

PROGRAM = """
def fee(days, member):
    if days < 0:
        raise ValueError("days")
    if days > 10 and not member:
        return 5
    total = 0
    for day in range(days):
        total += 1
    return total


def never(x):
    return [y for y in x if y] if x else 0


fee(12, False)
fee(3, True)
"""


def read(kind: str, text: str) -> Gathering:
    return READERS[kind](io.BytesIO(text.encode()), "report")


def arms(kind: str, text: str) -> dict[str, list[tuple[int, str, str, int]]]:
    return {
        file.name: [(arm.line, arm.kind, arm.told, arm.hits) for arm in file.arms]
        for file in read(kind, text).files()
    }


def test_lcov() -> None:
    assert arms("lcov", LCOV) == {
        "/home/ci/build/src/fee.c": [
            (3, "entry", "fee", 4),
            (4, "branch", "branch 0 taken", 3),
            (4, "branch", "branch 1 taken", 1),
            (9, "branch", "branch 0 taken", 0),
            (9, "branch", "branch 1 taken", 0),
            (20, "entry", "round_money(int, int)", 0),
        ],
        "src/tax.c": [(7, "entry", "tax", 2), (7, "line", "", 2), (8, "line", "", 0)],
    }


def test_records_of_one_file_add_up() -> None:
    twice = arms("lcov", LCOV + LCOV)
    assert twice["src/tax.c"] == [(7, "entry", "tax", 4), (7, "line", "", 4), (8, "line", "", 0)]


def test_cobertura_says_how_many_branches_and_not_which() -> None:
    gathered, folders = read_cobertura(io.BytesIO(COBERTURA.encode()), "report")
    assert folders == ("/home/ci/build",)
    (file,) = gathered.files()
    assert [(arm.line, arm.told, arm.hits) for arm in file.arms] == [
        (3, "fee_c.fee(int)", 4),
        (4, "at least 1 of 4 branches taken", 1),
        (4, "at least 2 of 4 branches taken", 1),
        (4, "at least 3 of 4 branches taken", 0),
        (4, "all 4 branches taken", 0),
        (9, "at least 1 of 2 branches taken", 0),
        (9, "all 2 branches taken", 0),
    ]
    assert file.unknown == ("fee_c.unplaced(): the report does not say where it is",)


def test_jacoco() -> None:
    found = arms("jacoco", JACOCO)
    assert found == {
        "acme/billing/Fee.java": [
            (3, "entry", "Fee.<init>()V", 0),
            (5, "entry", "Fee.fee(I)I", 1),
            (5, "branch", "at least 1 of 2 branches taken", 1),
            (5, "branch", "all 2 branches taken", 1),
            (6, "branch", "at least 1 of 2 branches taken", 1),
            (6, "branch", "all 2 branches taken", 0),
        ],
        "acme/billing/Tax.java": [(2, "line", "", 1)],
    }
    branches = [hits for _, kind, _, hits in found["acme/billing/Fee.java"] if kind == "branch"]
    assert (sum(branches), len(branches)) == (3, 4), "JaCoCo's own totals: covered 3, missed 1"
    (fee, _) = read("jacoco", JACOCO).files()
    assert fee.unknown == ("Fee.bridge()V: it was compiled without line numbers",)


def test_clover() -> None:
    assert arms("clover", CLOVER) == {
        "/home/ci/build/src/acme/billing/Fee.java": [
            (5, "entry", "fee(int) : int", 4),
            (6, "branch", "condition true", 1),
            (6, "branch", "condition false", 3),
            (6, "branch", "condition true", 2),
            (6, "branch", "condition false", 0),
        ]
    }


def test_istanbuls_truecount_is_no_condition() -> None:
    """There it says how many branches were taken; read as a condition it would claim both."""
    assert arms("clover", ISTANBUL)["/home/ci/build/fee.js"] == [
        (2, "branch", "at least 1 of 3 branches taken", 1),
        (2, "branch", "at least 2 of 3 branches taken", 0),
        (2, "branch", "all 3 branches taken", 0),
    ]


def test_opencover() -> None:
    assert arms("opencover", OPENCOVER) == {
        "C:\\build\\src\\Fee.cs": [
            (5, "entry", "System.Int32 Acme.Fee::Of(System.Int32)", 4),
            (6, "branch", "branch 0 taken", 1),
            (6, "branch", "branch 1 taken", 3),
            (6, "branch", "branch 0 taken", 0),
        ]
    }


@pytest.fixture(scope="module")
def measured(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A program under coverage.py, and what that reports of it, in the formats that it has."""
    folder = tmp_path_factory.mktemp("measured")
    (folder / "program.py").write_text(PROGRAM)
    for command in (
        ("run", "--branch", "--data-file=data", "program.py"),
        *((kind, "--data-file=data", "-o", f"report.{kind}") for kind in ("lcov", "xml", "json")),
    ):
        subprocess.run(
            [sys.executable, "-m", "coverage", *command], cwd=folder, check=True, capture_output=True
        )
    return folder


@pytest.mark.parametrize(("kind", "file"), [("lcov", "report.lcov"), ("cobertura", "report.xml")])
def test_the_numbers_are_those_of_coverage_py(measured: Path, kind: str, file: str) -> None:
    totals = json.loads((measured / "report.json").read_text())["totals"]
    ((_, found),) = arms(kind, (measured / file).read_text()).items()
    branches = [hits for _, sort, _, hits in found if sort == "branch"]
    assert len(branches) == totals["num_branches"] == 6
    assert sum(hits > 0 for hits in branches) == totals["covered_branches"] == 5


@pytest.mark.parametrize(
    ("kind", "text", "line", "complaint"),
    [
        ("lcov", "SF:a\nDA:1,x\nend_of_record\n", 2, "a whole number"),
        ("lcov", "SF:a\nDA:1,-1\nend_of_record\n", 2, "a whole number"),
        ("lcov", "SF:a\nDA:1,1\n", 2, "it was cut"),
        ("lcov", "DA:1,1\n", 1, "before any SF"),
        ("lcov", "SF:a\nSF:b\n", 2, "before end_of_record"),
        ("lcov", "end_of_record\n", 1, "without a record"),
        ("lcov", "SF:a\nBRDA:1,0\nend_of_record\n", 2, "four parts"),
        ("lcov", "SF:\nend_of_record\n", 1, "no name"),
        ("lcov", "<coverage/>\n", 1, "not of an LCOV tracefile"),
        ("jacoco", JACOCO[: len(JACOCO) // 2], 8, "is not XML"),
        ("jacoco", JACOCO.replace('cb="1"', 'cb="many"'), 14, "a whole number, not 'many'"),
        ("jacoco", COBERTURA, 3, "is no JaCoCo report"),
        ("cobertura", CLOVER, 2, "is no Cobertura report"),
        ("cobertura", COBERTURA.replace("50% (2/4)", "half"), 15, "says no share"),
        ("cobertura", COBERTURA.replace("(2/4)", "(5/4)"), 15, "5 of 4 branches"),
        ("clover", COBERTURA, 3, "is no Clover report"),
        ("clover", CLOVER.replace('count="4" ', ""), 8, "a line's count"),
        ("opencover", JACOCO, 2, "is no OpenCover report"),
        ("opencover", OPENCOVER.replace('<File uid="1"', '<File uid="2"'), 23, "which the module does not name"),
    ],
)  # fmt: skip
def test_damage_is_named_with_its_line(kind: str, text: str, line: int, complaint: str) -> None:
    with pytest.raises(UsageError, match="coverage-damaged") as caught:
        read(kind, text)
    assert caught.value.message.startswith(f"report, line {line}: ")
    assert complaint in caught.value.message


LAUGHS = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 10))


@pytest.mark.parametrize(
    "declared",
    [
        f'<!DOCTYPE report [<!ENTITY l0 "ha">{LAUGHS}]><report name="&l9;"/>',
        '<!DOCTYPE report [<!ENTITY x SYSTEM "file:///etc/passwd">]><report>&x;</report>',
        '<!DOCTYPE report [<!ENTITY % x SYSTEM "http://127.0.0.1:9/x.dtd"> %x;]><report/>',
        '<!DOCTYPE report SYSTEM "nowhere.dtd"><report>&undeclared;</report>',
    ],
)
def test_entities_are_refused(declared: str) -> None:
    with pytest.raises(UsageError, match="entities"):
        read("jacoco", declared)


def test_elements_that_nest_without_end_are_refused() -> None:
    with pytest.raises(UsageError, match="nested deeper"):
        read("jacoco", "<report>" * 10_000)


def test_a_line_without_end_is_refused() -> None:
    with pytest.raises(UsageError, match="a line of more than"):
        read("lcov", "SF:" + "a" * (1 << 21))


def test_too_many_arms_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(gathering, "MOST_ARMS", 5)
    with pytest.raises(UsageError, match="more than 5 branches"):
        read("lcov", LCOV)


def test_one_line_that_claims_very_many_branches_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(gathering, "MOST_ARMS", 1000)
    with pytest.raises(UsageError, match="more than 1000 branches"):
        read("cobertura", COBERTURA.replace("(2/4)", "(0/999999999999)"))


@given(
    st.sampled_from(sorted(SAMPLES)),
    st.sampled_from(sorted(SAMPLES)),
    st.data(),
)
def test_whatever_stands_there_it_is_read_or_named(kind: str, other: str, data: st.DataObject) -> None:
    text = SAMPLES[other]
    at = data.draw(st.integers(0, len(text)))
    cut = data.draw(st.integers(0, 20))
    broken = text[:at] + data.draw(st.text(max_size=5)) + text[at + cut :]
    files: tuple[MeasuredFile, ...] = ()
    with suppress(UsageError):
        files = read(kind, broken.encode("utf-8", "replace").decode()).files()
    assert all(arm.line >= 0 and arm.hits >= 0 for file in files for arm in file.arms)
