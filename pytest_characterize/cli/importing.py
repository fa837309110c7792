"""import: cases and coverage out of what other programs have written down."""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from pathlib import Path
from typing import Final, get_args

from pytest_characterize.errors import UsageError
from pytest_characterize.importing.measurements import Asked, import_coverage
from pytest_characterize.importing.postgresql import import_postgresql
from pytest_characterize.measured import Format
from pytest_characterize.report.words import count
from pytest_characterize.session import Session

_MOST = 200
_MADE_BY: Final = {
    "lcov": "an LCOV tracefile, of geninfo, istanbul, llvm-cov or others",
    "cobertura": "a report in Cobertura's XML, of coverlet, gcovr or others",
    "jacoco": "a report in JaCoCo's XML",
    "clover": "a report in Clover's XML, of OpenClover, PHPUnit or istanbul",
    "opencover": "a report in OpenCover's XML, of OpenCover, coverlet or AltCover",
}


def add(verbs: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """The verb's arguments."""
    text = "make use of what other programs have written down: cases of logs, and coverage of legacy"
    kinds = verbs.add_parser("import", help=text, description=text).add_subparsers(
        dest="kind", required=True, metavar="KIND"
    )
    text = "calls and queries in PostgreSQL's csvlog or jsonlog files"
    logs = kinds.add_parser("postgresql-log", help=text, description=text)
    logs.add_argument(
        "files", nargs="+", type=Path, metavar="FILE", help="the server's log files, .csv or .json"
    )
    logs.add_argument("--output", required=True, type=Path, metavar="CASES", help="the file to write")
    logs.add_argument(
        "--inputs", action="append", default=[], metavar="ROUTINE=NAME,...",
        help="names of a routine's inputs, where calls give them by position (repeatable)",
    )  # fmt: skip
    logs.add_argument(
        "--most",
        type=int,
        default=_MOST,
        help="cases of one routine or query that are kept (default: %(default)s)",
    )
    for name in get_args(Format):
        _add_coverage(kinds, name)


def _add_coverage(kinds: argparse._SubParsersAction[argparse.ArgumentParser], name: str) -> None:
    text = f"coverage of legacy: {_MADE_BY[name]}"
    kind = kinds.add_parser(name, help=text, description=text)
    kind.add_argument("file", type=Path, metavar="FILE", help="what the coverage tool has written")
    kind.add_argument("--source", help="the legacy source that was measured (default: that of the case)")
    kind.add_argument(
        "--case",
        default="",
        help="the case that was measured: beginning of its id, or part of its label (default: many cases)",
    )
    kind.add_argument("--test", default="", help="part of the test of that case")
    kind.add_argument(
        "--run", default="", help="what to call a run over many cases (default: the file's name)"
    )
    kind.add_argument(
        "--root", dest="sources", type=Path, metavar="FOLDER",
        help="where the source files of legacy are, to keep what they say",
    )  # fmt: skip


def imported(session: Session, given: argparse.Namespace) -> Iterator[str]:
    """Import what was asked for."""
    return postgresql_log(session, given) if given.kind == "postgresql-log" else coverage(session, given)


def coverage(session: Session, given: argparse.Namespace) -> Iterator[str]:
    """Keep what a coverage tool says, and tell how much that is."""
    asked = Asked(given.kind, given.file, given.source, given.case, given.test, given.run, given.sources)
    done = import_coverage(session, asked)
    one = done.measurement
    arms = [arm for file in one.files for arm in file.arms]
    reached = sum(arm.hits > 0 for arm in arms)
    yield f"imported  {done.file}  {'of a run over many cases' if one.run else f'of {one.label}'}"
    yield f"reached   {reached} of {count(len(arms), 'rule')} in {count(len(one.files), 'source file')}"
    unknown = sum(len(file.unknown) for file in one.files)
    if unknown:
        yield f"unknown   {count(unknown, 'place')} that the report does not say the line of"
    if given.sources is not None and done.without_text:
        number = count(len(done.without_text), "source file")
        yield f"no text   {number} not found below {given.sources}, such as {done.without_text[0]}"
    yield "next: pytest-characterize rules status"


def postgresql_log(session: Session, given: argparse.Namespace) -> Iterator[str]:
    """Write the cases, and tell what was used and what was not."""
    if given.most < 1:
        raise UsageError(f"--most={given.most}: keeps no case", slug="import-most", hint="keep at least one")
    done = import_postgresql(session, given.files, given.output, dict(map(_names, given.inputs)), given.most)
    cases = sum(len(one.cases) for one in done.lists.values())
    yield f"imported  {given.output}  {count(cases, 'case')} in {count(len(done.lists), 'list')}"
    for name, one in sorted(done.lists.items()):
        types = ", ".join(f"{key} {kind}" for key, kind in one.types.items())
        yield f"  {name}  {count(len(one.cases), 'case')}  ({types})"
    yield f"used      {done.used} of {count(done.statements, 'statement')}"
    for reason, number in done.not_used.items():
        yield f"  not used  {number}  {reason}"
    yield f"ignored   {count(done.lines, 'line')} of the logs, which are no statements"
    yield f'next: look at the types, and write cases=cases_from("{given.output.as_posix()}", NAME) in a test'


def _names(text: str) -> tuple[str, list[str]]:
    routine, sign, names = text.partition("=")
    found = names.split(",")
    if (
        not sign
        or not routine
        or not all(name.isidentifier() for name in found)
        or len(set(found)) < len(found)
    ):
        raise UsageError(
            f"--inputs={text}: cannot be read",
            slug="import-names",
            hint="write --inputs billing.invoice_total=customer_id,on",
        )
    return routine, found
