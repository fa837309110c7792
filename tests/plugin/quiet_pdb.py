"""A debugger for tests: says that it was entered, and goes on."""

from __future__ import annotations

import pdb
from types import TracebackType
from typing import Any


class QuietPdb(pdb.Pdb):
    def interaction(self, frame: Any, tb_or_exc: TracebackType | BaseException | None = None) -> None:
        self.message("post_mortem entered")
