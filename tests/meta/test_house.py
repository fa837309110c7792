"""The house itself: modules import alone, messages are documented, nothing grows out of its room."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parents[2]
SOURCES = sorted(
    path for folder in ("pytest_characterize", "recorders") for path in (ROOT / folder).rglob("*.py")
)
MODULES = [
    ".".join(path.relative_to(ROOT).with_suffix("").parts)
    .removeprefix("recorders.")
    .removesuffix(".__init__")
    for path in SOURCES
]


def slugs() -> Iterator[tuple[str, str]]:
    """Every slug literal of the source, with the file that raises it."""
    for path in SOURCES:
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.keyword) and node.arg == "slug" and isinstance(node.value, ast.Constant):
                yield str(node.value.value), path.name


def documented_slugs() -> list[str]:
    pages = sorted((ROOT / "docs/messages").glob("*.md"))
    return [
        slug for page in pages for slug in re.findall(r"^### (\S+)$", page.read_text("utf-8"), re.MULTILINE)
    ]


def test_every_message_has_its_paragraph() -> None:
    documented = set(documented_slugs())
    missing = sorted({f"{slug} ({file})" for slug, file in slugs() if slug and slug not in documented})
    assert not missing


def test_every_paragraph_has_its_message() -> None:
    documented = documented_slugs()
    source = "\n".join(path.read_text("utf-8") for path in SOURCES)
    assert sorted(documented) == sorted(set(documented)), "a paragraph is doubled"
    assert [slug for slug in documented if f'"{slug}"' not in source] == []


def public_definitions(tree: ast.AST) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef]:
    """Functions and classes of a module, and their methods, whose own names are public; no local functions."""
    for node in ast.iter_child_nodes(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            if not node.name.startswith("_"):
                yield node
            if isinstance(node, ast.ClassDef):
                yield from public_definitions(node)


def test_every_public_name_says_what_it_means() -> None:
    silent = [
        f"{path.relative_to(ROOT)}:{node.lineno} {node.name}"
        for path in SOURCES
        for node in public_definitions(ast.parse(path.read_text("utf-8")))
        if not ast.get_docstring(node)
    ]
    assert silent == []


IMPORTING_ALONE = """
import importlib, os, sys
import coverage, django.db, httpx, psycopg, pymysql, pytest, sqlparse, syrupy, time_machine, vcr
for module in sys.argv[1:]:
    child = os.fork()
    if not child:
        status = 1
        try:
            importlib.import_module(module)
            status = 0
        finally:
            os._exit(status)
    if os.waitpid(child, 0)[1]:
        print(module)
"""


def test_every_module_imports_alone() -> None:
    """Each in a process that knows none of ours, under ``-W error``, so that no import depends on another one's."""
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", IMPORTING_ALONE, *MODULES],
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stdout) == (0, ""), done.stderr[-3000:]


def test_modules_stay_small() -> None:
    lengths = {str(path.relative_to(ROOT)): path.read_text("utf-8").count("\n") for path in SOURCES}
    assert {name: length for name, length in lengths.items() if length > 400} == {}


def test_nothing_names_a_package_registry() -> None:
    tracked = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    pattern = re.compile(r"pypi\.(org|python)|registry\.npmjs|files\.pythonhosted|deb\.debian")
    found = [
        name
        for name in tracked.splitlines()
        if (ROOT / name).is_file()
        and "test_house" not in name
        and pattern.search((ROOT / name).read_text("utf-8", errors="replace"))
    ]
    assert found == []
