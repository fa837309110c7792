"""How long the store takes: python bench/store.py [goldens]

Writes that many small goldens of one test into a temporary folder, then looks at them and loads them.
"""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from decimal import Decimal
from pathlib import Path
from time import perf_counter

from pytest_characterize.descriptors import Function
from pytest_characterize.identity import case_id, slug
from pytest_characterize.model import Case, Golden, Observation, Outcome
from pytest_characterize.store.atomic_store import Store
from pytest_characterize.store.manifest import Stamp

TEST = "tests/test_billing.py::test_invoice_total"
LEGACY = Function("legacy.billing:invoice_total")
STAMP = Stamp("2024-03-01T12:00:00.000000+00:00", "", 0.25, "0.1.0")


def golden(number: int) -> Golden:
    values = {"customer_id": number}
    case = Case(case_id(LEGACY.identity(), values), TEST, slug(values), values)
    returned = {"total": Decimal(number) / 4, "lines": [{"position": n, "text": "hours"} for n in range(3)]}
    return Golden(case, LEGACY.as_value(), Observation(Outcome("returned", returned)))


@contextmanager
def timed(what: str, times: int = 1) -> Iterator[None]:
    start = perf_counter()
    yield
    seconds = perf_counter() - start
    print(f"{what:32} {seconds:9.3f} s" + (f" {seconds / times * 1e6:9.0f} us each" if times > 1 else ""))


def main(count: int) -> None:
    with tempfile.TemporaryDirectory() as folder:
        store = Store(Path(folder), Path("characterization"))
        goldens = [golden(number) for number in range(count)]
        with timed(f"write {count} goldens", count), store.recording():
            for one in goldens:
                store.write(one, STAMP)
        with timed("tests()"):
            store.tests()
        with timed(f"shelf of {count} goldens"):
            shelf = store.shelf(TEST)
        assert len(shelf.entries) == count
        with timed(f"load {count} goldens", count):
            for entry in shelf.entries:
                store.load(entry)
        with timed(f"propose {count // 10} unchanged", count // 10), store.recording():
            for one in goldens[: count // 10]:
                store.propose(one, STAMP)


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 10_000)
