"""import: cases out of what other programs have written down."""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from pathlib import Path

from pytest_characterize.errors import UsageError
from pytest_characterize.importing.postgresql import import_postgresql
from pytest_characterize.report.words import count
from pytest_characterize.session import Session

_MOST = 200


def add(verbs: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """The verb's arguments."""
    text = "write cases for tests, out of what other programs have written down"
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
