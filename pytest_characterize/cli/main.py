"""``pytest-characterize``: the review verbs and the legacy rules. Thin: parse, call, print."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Final

from pytest_characterize.cli import exporting, importing, rules
from pytest_characterize.cli.colours import style_of
from pytest_characterize.cli.reviewing import accept, prune, reject, show
from pytest_characterize.errors import CharacterizeError
from pytest_characterize.session import Session
from pytest_characterize.session.recording import TOOL_VERSION
from pytest_characterize.settings import load_settings

EXIT_OK: Final = 0
EXIT_ERROR: Final = 1
EXIT_USAGE: Final = 2

_VERBS = {
    "accept": (accept, "make pending observations the new goldens"),
    "reject": (reject, "throw pending observations away"),
    "prune": (prune, "delete goldens that no test names any more (they are in version control)"),
    "show": (show, "print the golden of a case, and its pending observation"),
}


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one verb.

    Returns:
        0 if it did what was asked, 1 if something was wrong (a line each on stderr), 2 for wrong usage.
    """
    given = _parser().parse_args(arguments)
    complaints: list[str] = []
    try:
        session = Session(load_settings(_root(given.root)))
        for line in _lines(session, given, complaints):
            print(line)  # noqa: T201 - the console script's output
    except CharacterizeError as error:
        complaints.append(f"error: {error}")
    except BrokenPipeError:
        sys.stderr.close()
        return EXIT_OK
    for complaint in complaints:
        print(complaint, file=sys.stderr)  # noqa: T201
    return EXIT_ERROR if complaints else EXIT_OK


def _lines(session: Session, given: argparse.Namespace, complaints: list[str]) -> Iterable[str]:
    if given.verb == "export":
        return exporting.coverage(session, given.file)
    if given.verb == "import":
        return importing.imported(session, given)
    if given.verb != "rules":
        return _VERBS[given.verb][0](session.store, given.cases, everything=given.all)
    if given.what == "scan":
        return rules.scan(session.rules, complaints.append, write=given.write)
    return rules.status(session.rules, complaints.append, given.routines, style_of(sys.stdout, os.environ))


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="pytest-characterize",
        description="Review what pytest --characterize-record=rewrite left pending, and read the legacy rules.",
    )
    parser.add_argument("--version", action="version", version=f"%(prog)s {TOOL_VERSION}")
    parser.add_argument(
        "--root", type=Path, help="the project's folder (default: the nearest with a pyproject.toml)"
    )
    verbs = parser.add_subparsers(dest="verb", required=True, metavar="VERB")
    for name, (_, text) in _VERBS.items():
        verb = verbs.add_parser(name, help=text, description=text)
        verb.add_argument(
            "cases", nargs="*", metavar="CASE", help="beginning of a case's id, or part of its test or label"
        )
        verb.add_argument("--all", action="store_true", help="every case there is")
    _add_rules(verbs)
    _add_export(verbs)
    importing.add(verbs)
    return parser


def _add_rules(verbs: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    text = "what legacy decides, and what the goldens exercise of it"
    what = verbs.add_parser("rules", help=text, description=text).add_subparsers(
        dest="what", required=True, metavar="WHAT"
    )
    text = "draft entries of rules.toml for the decisions that it does not declare"
    scan = what.add_parser("scan", help=text, description=text)
    scan.add_argument(
        "--write", action="store_true", help="write the file, if there is none, rather than print the draft"
    )
    text = "print legacy sources with the cases of each line"
    status = what.add_parser("status", help=text, description=text)
    status.add_argument("routines", nargs="*", metavar="ROUTINE", help="names of routines (default: all)")


def _add_export(verbs: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    text = "write what the goldens know in the files of other tools"
    formats = verbs.add_parser("export", help=text, description=text).add_subparsers(
        dest="format", required=True, metavar="FORMAT"
    )
    text = "which case exercised which line of legacy, for coverage html --show-contexts"
    formats.add_parser("coverage", help=text, description=text).add_argument(
        "file", type=Path, metavar="FILE", help="the data file to write; its configuration is put beside it"
    )


def _root(given: Path | None) -> Path:
    if given is not None:
        return given.resolve()
    here = Path.cwd()
    return next((folder for folder in (here, *here.parents) if (folder / "pyproject.toml").is_file()), here)
