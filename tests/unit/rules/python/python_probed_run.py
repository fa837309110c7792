"""Runs pytest with probes in a package: python python_probed_run.py PACKAGE HITS.json [pytest's arguments]."""

from __future__ import annotations

import builtins
import json
import sys
from collections.abc import Sequence
from importlib.abc import MetaPathFinder
from importlib.machinery import ModuleSpec, PathFinder, SourceFileLoader
from pathlib import Path
from types import CodeType, ModuleType

import pytest

from pytest_characterize.rules.catalogue import Depth
from pytest_characterize.rules.python.probes import instrument
from pytest_characterize_recorders.sources.python.probing import Heard, compiled, table

HEARD: dict[str, Heard] = {}


class _Loader(SourceFileLoader):
    def get_code(self, fullname: str) -> CodeType:
        text = instrument(self.get_source(fullname) or "", fullname, depth=Depth(imports=True)).text
        told = table(text)
        if told:
            HEARD[self.path] = Heard(told["rules"], told["every"])
            setattr(builtins, told["probe"], HEARD[self.path].probe)
        return compiled(text, self.path)


class _Finder(MetaPathFinder):
    def __init__(self, package: str) -> None:
        self._package = package

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        if fullname != self._package and not fullname.startswith(f"{self._package}."):
            return None
        spec = PathFinder.find_spec(fullname, path, target)
        if spec is not None and isinstance(spec.loader, SourceFileLoader):
            spec.loader = _Loader(fullname, spec.loader.path)
        return spec


def main(package: str, hits: str, *arguments: str) -> int:
    sys.meta_path.insert(0, _Finder(package))
    status = int(pytest.main(list(arguments)))
    found = {path: sorted(heard.hits()) for path, heard in HEARD.items()}
    Path(hits).write_text(json.dumps(found), "utf-8")
    return status


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
