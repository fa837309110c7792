"""A test's matrix as a file: ``mutants/<module>/<test>.jsonl.gz``, a line a case, a mutant, a site of alterations.

What several mutants do alike stands there once; positions of cases are ranges (``0-3,7``). The last line tells
the hash of those before it: a file that was cut or edited is damaged. It is compressed, as nobody reviews what a
thousand wrong rules would do.

Of the sites one line tells all paths, and each has a line of values, which is read if somebody asks for them: where
mutants alter what a candidate leaves as it is, to know the path is enough.
"""

from __future__ import annotations

import gc
import gzip
import json
import zlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import lru_cache, partial
from hashlib import sha256
from operator import itemgetter
from typing import Any, Final, cast, get_args

from pytest_characterize.codec import from_tagged, parse_json, to_tagged
from pytest_characterize.deeds import Deed, Deeds, Site, Tree
from pytest_characterize.errors import CharacterizeError, StoreError
from pytest_characterize.matrix import Matrix, MatrixCase, MutantRow
from pytest_characterize.rulemutants import Fate, Mutant, Operator
from pytest_characterize.store.names import test_folder

SCHEMA: Final = 3
_LARGEST: Final = 1 << 30
_DEEDS: Final = ('{"sites":', '{"deeds":', "[", '{"$')
"""How the lines begin that say what mutants do: where, what each does, and the values of each site."""
_MALFORMED: Final = (
    ValueError,
    KeyError,
    TypeError,
    IndexError,
    zlib.error,
    RecursionError,
    CharacterizeError,
)
"""What reading a file raises that is no matrix."""
_FATES: Final = frozenset(get_args(Fate))
_OPERATORS: Final = {operator.value: operator for operator in Operator}
_FIRST: Final = itemgetter(0)
_LAST: Final = itemgetter(-1)
_READ: Final = json.JSONDecoder().decode
"""Reads a line of which the hash says that it is as it was written, and so need not be doubted."""


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
    lines += _deeds_trees(matrix.deeds)
    text = "".join(json.dumps(line, ensure_ascii=True, separators=(",", ":")) + "\n" for line in lines)
    return text + json.dumps({"sha256": _digest(text)}) + "\n"


@lru_cache(maxsize=64)
def read_matrix(content: bytes, where: str) -> Matrix:
    """The matrix of a file's content; remembered, as a run asks for each more than once.

    Args:
        where: the file's name, for errors.

    Raises:
        StoreError: ``matrix-damaged``, or ``matrix-newer``, ``matrix-older``: it was written by another version.
    """
    try:
        lines = _unpacked(content).decode("ascii").splitlines(keepends=True)
        with _nothing_collected():
            if len(lines) < 2 or parse_json(lines[-1], where) != {"sha256": _digest("".join(lines[:-1]))}:
                raise ValueError("its last line does not tell the hash of those before it")
            return _matrix(lines[:-1], where)
    except _MALFORMED as error:
        if isinstance(error, StoreError) and error.slug in ("matrix-newer", "matrix-older"):
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
    if head["schema"] in range(1, SCHEMA):
        raise StoreError(
            f"{where}: has schema {head['schema']}, which an earlier pytest-characterize wrote",
            slug="matrix-older",
            hint="run pytest --characterize-mutants, which makes it anew",
        )
    if head["schema"] != SCHEMA:
        raise StoreError(
            f"{where}: has schema {head['schema']!r}; this pytest-characterize knows {SCHEMA}",
            slug="matrix-newer",
            hint="upgrade pytest-characterize to the version that recorded it, or delete the file and make it anew",
        )
    does = [line for line in lines[1:] if line.startswith(_DEEDS)]
    rest = [line for line in lines[1:] if not line.startswith(_DEEDS)]
    trees = _READ(f"[{','.join(rest)}]")
    if len(trees) != len(rest):
        raise ValueError("not one value a line")
    return Matrix(
        test=head["test"],
        source=head["source"],
        sources=head["sources"],
        policies=head["policies"],
        cases=tuple(_case(tree) for tree in trees if "case" in tree),
        rows=tuple(_row(tree, where) for tree in trees if "mutant" in tree),
        deeds=Deeds(lambda: _deeds(does, where)),
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
    if tree["fate"] not in _FATES:
        raise ValueError(tree["fate"])
    return MutantRow(
        Mutant(
            tree["mutant"],
            tree["routine"],
            tree["line"],
            _OPERATORS[tree["operator"]],
            tree["was"],
            tree["becomes"],
            tuple(tree.get("rules", ())),
        ),
        cast(Fate, tree["fate"]),
        _positions(tree.get("ran", "")),
        {
            case: None if number < 0 else number
            for number, cases in tree.get("changed", ())
            for case in _positions(cases)
        },
        tree.get("why", ""),
        _telling(tree.get("telling"), where),
        tree.get("searched", False),
    )


def _telling(tree: Any, where: str) -> Mapping[str, Any]:
    return {} if tree is None else cast(dict[str, Any], from_tagged(tree, where))


def _deeds_trees(deeds: Deeds) -> Iterator[Any]:
    """Where mutants alter something, what each does, and the values of each site."""
    yield {"sites": [[one.path, one.direction, one.moved, one.count] for one in deeds.sites]}
    yield {"deeds": [list(deed) for deed in deeds.all]}
    for one in deeds.sites:
        tag, trees = one.contents
        yield {tag: trees} if tag else trees


def _deeds(lines: Sequence[str], where: str) -> tuple[Sequence[Site], Sequence[Deed]]:
    """What is in the lines, of which the file's hash says that they are as they were written.

    Raises:
        StoreError: ``matrix-damaged``.
    """
    try:
        with _nothing_collected():
            heads, does = _READ(lines[0])["sites"], _READ(lines[1])["deeds"]
            deeds: list[Deed] = [*map(tuple, does)]
            sites = [
                Site(path, way, moved, count, partial(_contents, line, count, where))
                for (path, way, moved, count), line in zip(heads, lines[2:], strict=True)
            ]
            many = sum(one.count for one in sites)
            if deeds and not 0 <= min(map(_FIRST, deeds)) <= max(map(_LAST, deeds)) < many:
                raise ValueError("a deed is of an alteration that is not there")
            return sites, deeds
    except _MALFORMED:
        raise _damaged(where) from None


def _contents(line: str, count: int, where: str) -> tuple[str, Sequence[Tree]]:
    """The values of a site, as :attr:`Site.contents` has them.

    Raises:
        StoreError: ``matrix-damaged``.
    """
    try:
        with _nothing_collected():
            found = _READ(line)
        ((tag, trees),) = found.items() if isinstance(found, dict) else (("", found),)
        if len(trees) != count:
            raise ValueError("not as many as there should be")
    except _MALFORMED:
        raise _damaged(where) from None
    return tag, trees


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


@lru_cache(maxsize=4096)
def _positions(text: str) -> tuple[int, ...]:
    """The same as a tuple; remembered, as many mutants run on the same cases."""
    return tuple(positions(text))


def _digest(text: str) -> str:
    return sha256(text.encode("ascii")).hexdigest()
