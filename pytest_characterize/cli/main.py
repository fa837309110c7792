"""``pytest-characterize``: the review verbs, without a terminal program. Thin: parse, call, print."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Final

from pytest_characterize.cli import exporting
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
        0 if it did what was asked, 1 if something was wrong (one line on stderr), 2 for wrong usage.
    """
    given = _parser().parse_args(arguments)
    try:
        session = Session(load_settings(_root(given.root)))
        for line in _lines(session, given):
            print(line)  # noqa: T201 - the console script's output
    except CharacterizeError as error:
        print(f"error: {error}", file=sys.stderr)  # noqa: T201
        return EXIT_ERROR
    except BrokenPipeError:
        sys.stderr.close()
    return EXIT_OK


def _lines(session: Session, given: argparse.Namespace) -> Iterable[str]:
    if given.verb == "export":
        return exporting.coverage(session, given.file)
    return _VERBS[given.verb][0](session.store, given.cases, everything=given.all)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="pytest-characterize",
        description="Review what pytest --characterize-record=rewrite left pending.",
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
    _add_export(verbs)
    return parser


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
