"""A test's matrix as a file: ``mutants/<module>/<test>.jsonl.gz``, a line a case, a mutant, an observation.

What several mutants do alike stands there once; positions of cases are ranges (``0-3,7``). The last line tells
the hash of those before it: a file that was cut or edited is damaged. It is compressed, as nobody reviews what a
thousand wrong rules would do (the example's 2,400 mutants take 210 kB, a tenth of its goldens).
"""

from __future__ import annotations

import gc
import gzip
import json
import zlib
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from functools import lru_cache, partial
from hashlib import sha256
from typing import Any, Final, cast, get_args

from pytest_characterize.codec import from_tagged, parse_json, to_tagged
from pytest_characterize.errors import CharacterizeError, StoreError
from pytest_characterize.matrix import Matrix, MatrixCase, MutantRow
from pytest_characterize.model import Observation, Outcome
from pytest_characterize.observations import Observations, Unread
from pytest_characterize.rulemutants import Fate, Mutant, Operator
from pytest_characterize.store.names import test_folder

SCHEMA: Final = 1
_LARGEST: Final = 1 << 30
_HOW: Final = ("returned", "raised", "responded")
_DOES: Final = '{"does":'
"""How the line of an observation begins."""
_MALFORMED: Final = (ValueError, KeyError, TypeError, IndexError, zlib.error, CharacterizeError)
"""What reading a file raises that is no matrix."""


def matrix_file(directory: str, test: str) -> str:
    """Where the matrix of a test is.

    Raises:
        StoreError: ``store-test-path``.
    """
    return f"{directory}/mutants/{test_folder(test)}.jsonl.gz"


def packed(text: str) -> bytes:
    """The content of the file; equal texts have equal contents."""
    return gzip.compress(text.encode("ascii"), mtime=0)


def matrix_text(matrix: Matrix) -> str:
    """The text within its file; equal matrices have equal texts."""
    head = {
        "schema": SCHEMA,
        "test": matrix.test,
        "source": matrix.source,
        "sources": dict(sorted(matrix.sources.items())),
        "policies": matrix.policies,
        "left_out": dict(sorted(matrix.left_out.items())),
    }
    lines = [head, *map(_case_tree, matrix.cases), *map(_row_tree, matrix.rows)]
    lines += [{"does": _observation_tree(one)} for one in matrix.observations]
    text = "".join(json.dumps(line, ensure_ascii=True, separators=(",", ":")) + "\n" for line in lines)
    return text + json.dumps({"sha256": _digest(text)}) + "\n"


@lru_cache(maxsize=64)
def read_matrix(content: bytes, where: str) -> Matrix:
    """The matrix of a file's content; remembered, as a run asks for each more than once.

    Args:
        where: the file's name, for errors.

    Raises:
        StoreError: ``matrix-damaged``, or ``matrix-newer``: it was written by a later version.
    """
    try:
        lines = _unpacked(content).decode("ascii").splitlines(keepends=True)
        with _nothing_collected():
            if len(lines) < 2 or parse_json(lines[-1], where) != {"sha256": _digest("".join(lines[:-1]))}:
                raise ValueError("its last line does not tell the hash of those before it")
            return _matrix(lines[:-1], where)
    except _MALFORMED as error:
        if isinstance(error, StoreError) and error.slug == "matrix-newer":
            raise
        raise _damaged(where) from None


def _damaged(where: str) -> StoreError:
    return StoreError(
        f"{where}: is not the matrix of rule mutants that was recorded",
        slug="matrix-damaged",
        hint="restore it with git checkout, or delete it and run pytest --characterize-mutants",
    )


@contextmanager
def _nothing_collected() -> Iterator[None]:
    """Without the garbage collector: it would look again and again at objects that are all to stay."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()


def _unpacked(content: bytes) -> bytes:
    """What was compressed, unless it is larger than any matrix."""
    stream = zlib.decompressobj(wbits=16 + zlib.MAX_WBITS)
    text = stream.decompress(content, _LARGEST)
    if not stream.eof or stream.unused_data:
        raise ValueError("it is cut, or larger than any matrix")
    return text


def _matrix(lines: list[str], where: str) -> Matrix:
    head = parse_json(lines[0], where)
    if head["schema"] != SCHEMA:
        raise StoreError(
            f"{where}: has schema {head['schema']!r}; this pytest-characterize knows {SCHEMA}",
            slug="matrix-newer",
            hint="upgrade pytest-characterize to the version that recorded it, or delete the file and make it anew",
        )
    does = [line for line in lines[1:] if line.startswith(_DOES)]
    rest = [parse_json(line, where) for line in lines[1:] if not line.startswith(_DOES)]
    return Matrix(
        test=head["test"],
        source=head["source"],
        sources=head["sources"],
        policies=head["policies"],
        cases=tuple(_case(tree) for tree in rest if "case" in tree),
        rows=tuple(_row(tree, where) for tree in rest if "mutant" in tree),
        observations=Observations(Unread(partial(_does, line, where)) for line in does),
        left_out=head["left_out"],
    )


def _case_tree(case: MatrixCase) -> dict[str, Any]:
    tree = {"case": case.label, "behaviour": case.behaviour}
    return tree | ({"excluded": case.excluded} if case.excluded else {})


def _case(tree: dict[str, Any]) -> MatrixCase:
    return MatrixCase(tree["case"], tree["behaviour"], tree.get("excluded", ""))


def _row_tree(row: MutantRow) -> dict[str, Any]:
    mutant = row.mutant
    by_observation: dict[int | None, list[int]] = {}
    for case, observation in row.changed.items():
        by_observation.setdefault(observation, []).append(case)
    numbered = sorted((-1 if number is None else number, cases) for number, cases in by_observation.items())
    tree: dict[str, Any] = {
        "mutant": mutant.id,
        "routine": mutant.routine,
        "line": mutant.line,
        "operator": mutant.operator.value,
        "was": mutant.was,
        "becomes": mutant.becomes,
        "fate": row.fate,
    }
    optional: dict[str, Any] = {
        "rules": list(mutant.rules),
        "ran": ranges(row.ran),
        "changed": [[number, ranges(cases)] for number, cases in numbered],
        "why": row.why,
        "telling": to_tagged(dict(row.telling)) if row.telling else None,
        "searched": row.searched,
    }
    return tree | {name: part for name, part in optional.items() if part}


def _row(tree: dict[str, Any], where: str) -> MutantRow:
    if tree["fate"] not in get_args(Fate):
        raise ValueError(tree["fate"])
    return MutantRow(
        Mutant(
            tree["mutant"],
            tree["routine"],
            tree["line"],
            Operator(tree["operator"]),
            tree["was"],
            tree["becomes"],
            tuple(tree.get("rules", ())),
        ),
        cast(Fate, tree["fate"]),
        tuple(positions(tree.get("ran", ""))),
        {
            case: None if number < 0 else number
            for number, cases in tree.get("changed", ())
            for case in positions(cases)
        },
        tree.get("why", ""),
        _telling(tree.get("telling"), where),
        tree.get("searched", False),
    )


def _telling(tree: Any, where: str) -> Mapping[str, Any]:
    return {} if tree is None else cast(dict[str, Any], from_tagged(tree, where))


def _observation_tree(one: Observation) -> dict[str, Any]:
    optional: dict[str, Any] = {
        "effects": to_tagged(dict(one.effects)),
        "notices": [to_tagged(notice) for notice in one.notices],
    }
    tree = {one.outcome.how: to_tagged(one.outcome.value)}
    return tree | {name: part for name, part in optional.items() if part}


def _does(line: str, where: str) -> Observation:
    """The observation of a line, of which the file's hash says that it is as it was written.

    Raises:
        StoreError: ``matrix-damaged``.
    """
    try:
        return _observation(parse_json(line, where)["does"], where)
    except (*_MALFORMED, StopIteration):
        raise _damaged(where) from None


def _observation(tree: dict[str, Any], where: str) -> Observation:
    how = next(name for name in _HOW if name in tree)
    effects = from_tagged(tree["effects"], where) if "effects" in tree else {}
    notices = tuple(from_tagged(notice, where) for notice in tree.get("notices", ()))
    return Observation(
        Outcome(cast(Any, how), from_tagged(tree[how], where)), cast(dict[str, Any], effects), notices
    )


def ranges(numbers: Iterable[int]) -> str:
    """Ascending numbers, neighbours together.

    >>> ranges([0, 1, 2, 3, 7, 9, 10])
    '0-3,7,9-10'
    """
    runs: list[list[int]] = []
    for number in sorted(numbers):
        if runs and number == runs[-1][1] + 1:
            runs[-1][1] = number
        else:
            runs.append([number, number])
    return ",".join(str(first) if first == last else f"{first}-{last}" for first, last in runs)


def positions(text: str) -> Iterator[int]:
    """The numbers that :func:`ranges` wrote.

    >>> list(positions("0-3,7"))
    [0, 1, 2, 3, 7]
    """
    for run in text.split(",") if text else ():
        first, _, last = run.partition("-")
        yield from range(int(first), int(last or first) + 1)


def _digest(text: str) -> str:
    return sha256(text.encode("ascii")).hexdigest()
