"""Which tests run which functions of the successor: a change can show nowhere else."""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import CodeType, FrameType
from typing import Any

import pytest
from rule_changes_judged import Edit

BILLING = "/successor/billing/"


@dataclass
class Reached:
    """A plugin of pytest that watches a replay; ``tests`` has each test and the functions that it runs."""

    tests: dict[str, set[tuple[str, str]]] = field(default_factory=dict)

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_protocol(self, item: pytest.Item) -> Iterator[None]:
        """Watch setup, call and teardown of one case."""
        seen: set[CodeType] = set()

        def watch(frame: FrameType, event: str, argument: Any) -> None:
            seen.add(frame.f_code)

        sys.setprofile(watch)
        try:
            return (yield)
        finally:
            sys.setprofile(None)
            found = self.tests.setdefault(item.nodeid.partition("[")[0], set())
            found |= {
                (code.co_filename.partition(BILLING)[2], code.co_qualname)
                for code in seen
                if BILLING in code.co_filename
            }


def concerned(
    edits: tuple[Edit, ...], billing: Path, reached: Mapping[str, set[tuple[str, str]]]
) -> list[str]:
    """The tests that run what is edited; all of them where that is no function."""
    functions = {(edit.file, name) for edit in edits for name in _functions(edit, billing)}
    if any(not name for _, name in functions):
        return sorted(reached)
    return sorted(test for test, ran in reached.items() if ran & functions)


def _functions(edit: Edit, billing: Path) -> Iterator[str]:
    """The innermost function around each edited line; nothing for an import, ``""`` for other lines of a module."""
    if edit.was.startswith("import "):
        return
    text = (billing / edit.file).read_text("utf-8")
    start = text.index(edit.was)
    first = text.count("\n", 0, start + len(edit.was) - len(edit.was.lstrip())) + 1
    yield _around(ast.parse(text), first, "")


def _around(node: ast.AST, line: int, name: str) -> str:
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.ClassDef | ast.FunctionDef) and child.lineno <= line <= (
            child.end_lineno or 0
        ):
            here = f"{name}{'.' if name else ''}{child.name}"
            return _around(child, line, here) if isinstance(child, ast.ClassDef) else here
    return ""
