"""What a call of legacy costs in another interpreter: ``python bench/interpreters.py [calls]``."""

from __future__ import annotations

import sys
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from time import perf_counter, process_time

from pytest_characterize.descriptors import Function
from pytest_characterize.errors import RecordingError
from pytest_characterize.model import Case
from pytest_characterize.recording.protocols import RecordingContext
from pytest_characterize.rules.python.probes import instrument
from pytest_characterize.scrub import Scrubber
from pytest_characterize.settings import Redaction, Settings
from pytest_characterize_recorders.function import FunctionRecorder

LEGACY = """
def price(quantity, article):
    if quantity < 0:
        raise ValueError(quantity)
    total = quantity * 95 / 100 if quantity >= 10 else quantity
    return {"article": article, "total": total, "lines": [quantity] * 5}
"""
INTERPRETERS = ("", "python2.7", "python3.6", "python3.8", "python3.13")


def main(calls: int) -> None:
    print(
        f"{'interpreter':12} {'ready (ms)':>10} {'call (us)':>10} {'with probes':>12} {'of it ours (CPU us)':>20}"
    )
    for name in INTERPRETERS:
        with TemporaryDirectory() as folder:
            Path(folder, "bench_legacy.py").write_text(LEGACY)
            try:
                print(f"{name or 'this process':12}", *measured(Path(folder), name, calls))
            except RecordingError as error:
                print(f"{name:12} {error.message}")


def measured(root: Path, name: str, calls: int) -> list[str]:
    secret = lambda secret: secret.variable  # noqa: E731
    context = RecordingContext(Settings(root=root), None, "", secret, Scrubber(Redaction(), None), {})
    start = perf_counter()
    recorder = FunctionRecorder(Function("bench_legacy:price", interpreter=name), context)
    ready = perf_counter() - start
    try:
        texts = recorder.sources(case(0))
        plain, cpu = timed(recorder, {}, calls)
        probed, _ = timed(recorder, {one: instrument(text, one).text for one, text in texts.items()}, calls)
    finally:
        recorder.close()
    return [f"{ready * 1e3:10.0f}", f"{plain * 1e6:10.0f}", f"{probed * 1e6:12.0f}", f"{cpu * 1e6:20.0f}"]


def timed(recorder: FunctionRecorder, variant: dict[str, str], calls: int) -> tuple[float, float]:
    recorder.observe(case(1), variant)
    found, before = [], process_time()
    for number in range(calls):
        start = perf_counter()
        recorder.observe(case(number), variant)
        found.append(perf_counter() - start)
    return median(found), (process_time() - before) / calls


def case(number: int) -> Case:
    return Case("0" * 64, "bench", "bench", {"quantity": number, "article": "bolt"})


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 1000)
