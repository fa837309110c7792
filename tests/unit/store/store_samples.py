"""Goldens to store, and small helpers to look at what the disk got."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from typing import Any

from pytest_characterize.descriptors import Descriptor, Function, Http
from pytest_characterize.errors import StoreError
from pytest_characterize.identity import case_id, slug
from pytest_characterize.model import Case, Golden, Interaction, Observation, Outcome
from pytest_characterize.store.atomic_store import Store
from pytest_characterize.store.manifest import Stamp
from pytest_characterize.values import Response, Value

__all__ = [
    "FOLDER",
    "STAMP",
    "TEST",
    "Path",
    "Store",
    "StoreError",
    "become_nobody",
    "case_of",
    "child",
    "exchange",
    "golden_file",
    "golden_of",
    "http_golden",
    "manifest_file",
    "slugs",
    "snapshot",
]

TEST = "tests/test_billing.py::test_invoice_total"
FOLDER = "tests.test_billing/test_invoice_total"
STAMP = Stamp("2024-03-01T12:00:00.000000+00:00", "", 0.25, "0.1.0")


def case_of(number: int = 7, test: str = TEST, descriptor: Descriptor | None = None, **more: Value) -> Case:
    values = {"customer_id": number} | more
    descriptor = descriptor or Function("legacy.billing:invoice_total")
    return Case(case_id(descriptor.identity(), values), test, slug(values), values)


def golden_of(
    number: int = 7, total: Value = Decimal("95.00"), test: str = TEST, **observation: Any
) -> Golden:
    """A golden of a function that returned ``total``."""
    descriptor = Function("legacy.billing:invoice_total")
    seen = Observation(Outcome("returned", {"total": total}), **observation)
    return Golden(case_of(number, test, descriptor), descriptor.as_value(), seen)


def exchange(
    body: bytes = b"{}",
    headers: tuple[tuple[str, str], ...] = (("Content-Type", "application/json"),),
    **more: Any,
) -> Interaction:
    """One HTTP exchange with a response of this body."""
    plain = Interaction(
        "GET", "http://legacy.test/invoice/7", (("Accept", "*/*"),), b"", 200, "OK", headers, body
    )
    return replace(plain, **more)


def http_golden(*interactions: Interaction, test: str = TEST, number: int = 7) -> Golden:
    """A golden whose response is that of the last exchange."""
    descriptor = Http("GET", "/invoice/{customer_id}", source="web")
    last = interactions[-1]
    response = Response(last.status, last.response_headers, last.response_body, last.reason)
    seen = Observation(Outcome("responded", response), interactions=interactions)
    return Golden(case_of(number, test, descriptor), descriptor.as_value(), seen)


def snapshot(folder: Path) -> Mapping[str, bytes]:
    """Every file below a folder by its relative path."""
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def golden_file(store: Store, number: int = 7, test: str = TEST) -> Path:
    """Where the golden of a case is."""
    (entry,) = [
        entry for entry in store.shelf(test).entries if entry.label.startswith(f"customer-id-{number}-")
    ]
    return store.root / entry.file


def manifest_file(store: Store, folder: str = FOLDER) -> Path:
    return store.root / "characterization/goldens" / folder / "manifest.jsonl"


def slugs(store: Store, test: str = TEST) -> list[str]:
    """The slugs of everything that is wrong with a test's shelf."""
    return [problem.slug for problem in store.shelf(test).problems]


def child(code: str, *args: object) -> subprocess.Popen[str]:
    """Run Python code in a process of its own, with everything of this module at hand.

    ``become_nobody()`` there gives up root's right to read and write everywhere.
    """
    here, home = Path(__file__).parent, Path(__file__).parents[3]
    prelude = f"import sys; sys.path[:0] = [{str(here)!r}, {str(home)!r}]\nfrom store_samples import *\n"
    return subprocess.Popen(
        [sys.executable, "-c", prelude + code, *map(str, args)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def become_nobody() -> None:
    """Go on as an ordinary user; what is imported must be imported before."""
    if os.geteuid() == 0:
        os.setgid(65534)
        os.setuid(65534)
