"""What probes cost a Python call, beside coverage.py with a context a case: python bench/python_rules.py.

Processor time of this process, the sides in turns, the median of the rounds. coverage.py runs on its C tracer,
the one that keeps every context of a line.
"""

from __future__ import annotations

import builtins
import platform
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import coverage

from pytest_characterize.replay.lines import Files, tracer
from pytest_characterize.rules.python.probes import instrument
from pytest_characterize_recorders.sources.python.probing import Heard, compiled, table

LEGACY = """
RATES = {"DE": 19, "FR": 20, "CH": 8}

def price(quantity, country, tenure, items):
    if quantity < 0:
        raise ValueError(quantity)
    total = 0
    for net, kind in items:
        if kind == "book" and country == "DE":
            total += net * 107
        elif kind == "gift":
            continue
        else:
            total += net * (100 + RATES.get(country, 0))
    if tenure > 5 or quantity >= 100:
        total = total * 95 // 100
    elif tenure > 2:
        total = total * 98 // 100
    try:
        each = total // quantity
    except ZeroDivisionError:
        return {"total": total, "each": None}
    return {"total": total, "each": each, "level": "big" if total > 100000 else "small"}
"""
ITEMS = [(n * 7 % 50, ("book", "toy", "gift")[n % 3]) for n in range(20)]
CALLS, ROUNDS = 2000, 5


def timed(call: Callable[[], object], calls: int) -> float:
    """Microseconds of processor time a call."""
    start = time.process_time()
    for _ in range(calls):
        call()
    return (time.process_time() - start) / calls * 1e6


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        sys.path.insert(0, folder)
        Path(folder, "legacy_price.py").write_text(LEGACY)
        import legacy_price  # type: ignore[import-not-found]

        arguments = (12, "DE", 6, ITEMS)
        text = instrument(LEGACY, "legacy_price").text
        told = table(text)
        assert told is not None
        heard = Heard(told["rules"], told["every"])
        setattr(builtins, told["probe"], heard.probe)
        space: dict[str, object] = {}
        exec(compiled(text, "legacy_price.py"), space)
        price = space["price"]
        assert callable(price)
        measured = coverage.Coverage(data_file=None, config_file=False, branch=True, include=[f"{folder}/*"])
        measured.set_option("run:core", "ctrace")
        found = tracer(Files(Path(folder)))

        def probed() -> None:
            heard.clear()
            price(*arguments)
            heard.hits()

        def contexts() -> None:
            contexts.number += 1  # type: ignore[attr-defined]
            measured.switch_context(f"case {contexts.number}")  # type: ignore[attr-defined]
            legacy_price.price(*arguments)

        contexts.number = 0  # type: ignore[attr-defined]

        def traced() -> None:
            with found.watching() as lines:
                legacy_price.price(*arguments)
            lines.by_file(Files(Path(folder)))

        sides: dict[str, list[float]] = {}
        for _ in range(ROUNDS):
            sides.setdefault("bare", []).append(timed(lambda: legacy_price.price(*arguments), CALLS))
            sides.setdefault("probes", []).append(timed(lambda: price(*arguments), CALLS))
            sides.setdefault("probes, hits of each case", []).append(timed(probed, CALLS))
            sides.setdefault("candidate's lines traced", []).append(timed(traced, CALLS // 10))
            measured.start()
            sides.setdefault("coverage.py, a context a case", []).append(timed(contexts, CALLS // 10))
            measured.stop()
        found.close()
    bare = statistics.median(sides["bare"])
    print(
        f"Python {platform.python_version()}, coverage.py {coverage.__version__}, {CALLS} calls, {ROUNDS} rounds"
    )
    for name, times in sides.items():
        median = statistics.median(times)
        print(f"{name:32}{median:10.1f} us  {median / bare:8.2f} times  {median - bare:+10.1f} us")


if __name__ == "__main__":
    main()
