"""Matrices as files: nothing lost, damage named."""

from __future__ import annotations

from collections.abc import Sequence
from hashlib import sha256
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pytest_characterize.deeds import Alteration, Deeds
from pytest_characterize.errors import StoreError
from pytest_characterize.matrix import Matrix, MatrixCase, MutantRow
from pytest_characterize.rulemutants import Mutant, Operator
from pytest_characterize.store.atomic_store import Store
from pytest_characterize.store.matrix_file import matrix_text, packed, positions, ranges, read_matrix

TEST = "tests/test_billing.py::test_total"
BOUNDARY = Mutant(
    "public.f(integer):3.boundary1",
    "public.f(integer)",
    3,
    Operator.BOUNDARY,
    "a > 5",
    "a >= 5",
    ("public.f(integer):1.entry1",),
)
MATRIX = Matrix(
    test=TEST,
    source="billing",
    sources={"public.f(integer)": "0" * 64},
    policies="1" * 64,
    cases=(
        MatrixCase("a-1-000000000000", "2" * 64),
        MatrixCase("a-2-000000000000", "3" * 64, "legacy does something else now"),
        MatrixCase("a-5-000000000000", "4" * 64),
    ),
    rows=(
        MutantRow(BOUNDARY, "run", (0, 2), {2: 0}, telling={"a": 5}, searched=True),
        MutantRow(Mutant("g:1.text1", "g", 1, Operator.TEXT, "trim(x)", "x"), "unreached"),
        MutantRow(
            Mutant("g:2.branch1", "g", 2, Operator.BRANCH, "a", ""), "run", (0, 2), {0: None, 2: 1}, "stopped"
        ),
        MutantRow(Mutant("g:3.branch1", "g", 3, Operator.BRANCH, "a", ""), "invalid", why="no such function"),
    ),
    deeds=Deeds.of(
        (
            Alteration("$", "number+", {"$decimal": "1.50"}),
            Alteration("$", "number+", {"$decimal": "1.60"}),
            Alteration("$", "list", [2, 1], moved=True),
            Alteration("$notices[0]", "nothing", {"$absent": True}),
        ),
        ((0, 3), (1,), (2,)),
    ),
    left_out={"public.f(integer)": 12},
)


def test_a_matrix_comes_back_as_it_was() -> None:
    assert read_matrix(packed(matrix_text(MATRIX)), "m") == MATRIX


def test_one_line_a_case_a_mutant_and_an_altered_site() -> None:
    assert matrix_text(MATRIX).count("\n") == 1 + 3 + 4 + 2 + 3 + 1


def test_values_of_one_tag_stand_under_it() -> None:
    assert '\n{"$decimal":["1.50","1.60"]}\n[[2,1]]\n{"$absent":[true]}\n' in matrix_text(MATRIX)


@given(st.sets(st.integers(0, 400)))
def test_ranges_and_positions(numbers: set[int]) -> None:
    assert list(positions(ranges(numbers))) == sorted(numbers)


LINES = matrix_text(MATRIX).splitlines(keepends=True)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "{}\n",
        "".join(LINES[:-1]),
        "".join(LINES[:-2] + LINES[-1:]),
        "".join(LINES)[:-40],
        "".join(LINES).replace("a >= 5", "a >= 6"),
        "<<<<<<< ours\n" + "".join(LINES),
        "[" * 5000 + "\n" + LINES[-1],
    ],
    ids=["empty", "no-matrix", "no-end", "line-lost", "cut", "edited", "merge", "deep"],
)
def test_damage_is_named(text: str) -> None:
    with pytest.raises(StoreError, match=r"m\.jsonl") as caught:
        read_matrix(packed(text), "m.jsonl")
    assert caught.value.slug == "matrix-damaged"
    assert "--characterize-mutants" in caught.value.hint


@pytest.mark.parametrize(
    "content", [b"", b"{}", packed(matrix_text(MATRIX))[:-9], packed(matrix_text(MATRIX)) + b"x"]
)
def test_what_is_not_compressed_as_it_should_be(content: bytes) -> None:
    with pytest.raises(StoreError) as caught:
        read_matrix(content, "m.jsonl")
    assert caught.value.slug == "matrix-damaged"


def with_deeds(*deeds: str) -> Matrix:
    """The matrix with other lines about what mutants do, under a hash that says that they were written so."""
    kept = matrix_text(MATRIX).splitlines(keepends=True)[: 1 + 3 + 4]
    text = "".join([*kept, *(f"{line}\n" for line in deeds)])
    return read_matrix(packed(f'{text}{{"sha256":"{sha256(text.encode()).hexdigest()}"}}\n'), "f.jsonl.gz")


SITES = '{"sites":[["$","number+",false,1]]}'


@pytest.mark.parametrize(
    "lines",
    [
        (SITES, '{"deeds":[[1]]}', "[1]"),
        (SITES, '{"deeds":[[-1]]}', "[1]"),
        (SITES, '{"deeds":1}', "[1]"),
        (SITES, '{"deeds":', "[1]"),
        (SITES, '{"deeds":[[0]]}'),
        (SITES, '{"deeds":[[0]]}', "[1]", "[1]"),
        ('{"sites":[["$"]]}', '{"deeds":[[0]]}', "[1]"),
        ('{"deeds":[]}',),
        (),
    ],
)
def test_deeds_that_cannot_be_read_are_named_when_they_are_asked_for(lines: Sequence[str]) -> None:
    matrix = with_deeds(*lines)
    assert matrix.rows == MATRIX.rows
    with pytest.raises(StoreError) as caught:
        assert matrix.deeds.all
    assert caught.value.slug == "matrix-damaged"


@pytest.mark.parametrize(
    "values", ["[", "[1,2]", "[]", "[1]x", '{"$decimal":["1","2"]}', '{"$decimal":1}', '{"$a":[1],"$b":[1]}']
)
def test_values_that_cannot_be_read_are_named_when_they_are_asked_for(values: str) -> None:
    matrix = with_deeds(SITES, '{"deeds":[[0]]}', values)
    assert matrix.deeds.all == [(0,)]
    with pytest.raises(StoreError) as caught:
        assert matrix.deeds.alterations
    assert caught.value.slug == "matrix-damaged"


def test_equal_matrices_have_equal_files() -> None:
    assert packed(matrix_text(MATRIX)) == packed(matrix_text(MATRIX))


@pytest.mark.parametrize(
    ("schema", "slug"),
    [
        ("4", "matrix-newer"),
        ("2", "matrix-older"),
        ("1", "matrix-older"),
        ("0", "matrix-newer"),
        ('"1"', "matrix-newer"),
    ],
)
def test_another_version(schema: str, slug: str) -> None:
    other = matrix_text(MATRIX).replace('"schema":3', f'"schema":{schema}', 1)
    body = "".join(other.splitlines(keepends=True)[:-1])
    text = f'{body}{{"sha256": "{sha256(body.encode()).hexdigest()}"}}\n'
    with pytest.raises(StoreError) as caught:
        read_matrix(packed(text), "m.jsonl")
    assert caught.value.slug == slug


def test_the_store_keeps_the_matrix_of_a_test(tmp_path: Path) -> None:
    store = Store(tmp_path, Path("characterization"))
    assert store.matrix(TEST) is None
    file = store.keep_matrix(MATRIX)
    assert file == "characterization/mutants/tests.test_billing/test_total.jsonl.gz"
    assert store.matrix(TEST) == MATRIX


def test_what_looks_like_a_secret_gets_into_no_matrix(tmp_path: Path) -> None:
    def refuse(text: str, file: str) -> None:
        raise StoreError(f"{file}: no", slug="refused", hint="")

    store = Store(tmp_path, Path("characterization"), guard=refuse)
    with pytest.raises(StoreError):
        store.keep_matrix(MATRIX)
    assert not list(tmp_path.rglob("*.jsonl*"))
