"""What values cost: freezing, writing, reading, scrubbing; beside json, pickle and syrupy's amber.

    python bench/codec.py [--leaves 100000] [--goldens 10000]

syrupy is no dependency of this project; its column appears where it is installed. json and pickle keep
less (json no Decimal, date or tuple; pickle no stable text) and are the measure of what is possible.
Times are CPU time, the best of several runs, so that other work on the machine matters less.
"""

from __future__ import annotations

import argparse
import importlib
import json
import pickle
import random
import time
from collections.abc import Callable
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from pytest_characterize.codec import canonical, dumps, from_tagged, loads, parse_json, pretty_json, to_tagged
from pytest_characterize.freezing import freeze
from pytest_characterize.identity import case_id, slug
from pytest_characterize.scrub import Scrubber
from pytest_characterize.settings import Redaction
from pytest_characterize.values import Column, Response, Rows

RUNS = 7


def plain(leaves: int) -> Any:
    """Only what JSON knows: five leaves a record."""
    return [
        {"id": at, "name": f"customer {at}", "total": at * 1.5, "active": at % 2 == 0, "note": None}
        for at in range(leaves // 5)
    ]


def typed(leaves: int) -> Any:
    """What services return: six leaves a record, four of them of types that JSON lacks."""
    first = date(2024, 1, 1)
    return [
        {
            "id": at,
            "total": Decimal(at) / 100,
            "on": first + timedelta(at % 366),
            "line": (at, "x", Decimal("1.00")),
        }
        for at in range(leaves // 6)
    ]


def rows(leaves: int) -> Rows:
    """A result set of five columns."""
    columns = tuple(Column(name, "text") for name in ("id", "name", "total", "on", "note"))
    return Rows(
        "postgresql",
        columns,
        tuple((str(at), f"customer {at}", f"{at}.00", "2024-03-01", None) for at in range(leaves // 5)),
    )


def golden(rand: random.Random) -> Any:
    """A small one: what one call of a service returned."""
    return {
        "customer_id": rand.randint(1, 10**6),
        "total": Decimal(rand.randint(1, 10**7)) / 100,
        "on": date(2024, 1, 1) + timedelta(rand.randint(0, 365)),
        "lines": [
            {"article": f"A-{rand.randint(1, 999)}", "price": Decimal("9.90"), "count": 2} for _ in range(3)
        ],
    }


def best(action: Callable[[], object], runs: int = RUNS) -> float:
    times = []
    for _ in range(runs):
        start = time.process_time()
        action()
        times.append(time.process_time() - start)
    return min(times)


def amber() -> Callable[[Any], object] | None:
    try:
        module = importlib.import_module("syrupy.extensions.amber.serializer")
    except ImportError:
        return None
    serialize: Callable[[Any], object] = module.AmberDataSerializer.serialize
    return serialize


def show(what: str, seconds: float, per: int, unit: str) -> None:
    print(f"  {what:<38}{seconds * 1000:>10.1f} ms{seconds / per * 1e6:>10.2f} us a {unit}")


def document(name: str, value: Any, leaves: int) -> None:
    scrubber = Scrubber(Redaction(), b"key")
    tree = to_tagged(value)
    text = pretty_json(tree)
    print(f"{name}: {leaves} leaves, {len(text)} characters as a golden")
    show("freeze", best(lambda: freeze(value)), leaves, "leaf")
    show("to_tagged", best(lambda: to_tagged(value)), leaves, "leaf")
    show("pretty_json", best(lambda: pretty_json(tree)), leaves, "leaf")
    show("parse_json", best(lambda: parse_json(text, "bench")), leaves, "leaf")
    show("from_tagged", best(lambda: from_tagged(tree, "bench")), leaves, "leaf")
    show("canonical", best(lambda: canonical(value)), leaves, "leaf")
    show("scrub the value", best(lambda: scrubber.value(value)), leaves, "leaf")
    show("search the text for leaks", best(lambda: scrubber.leaks(text)), leaves, "leaf")
    show("json.dumps(indent=2) of the tree", best(lambda: json.dumps(tree, indent=2)), leaves, "leaf")
    show("json.loads of the text", best(lambda: json.loads(text)), leaves, "leaf")
    show("pickle.dumps and loads", best(lambda: pickle.loads(pickle.dumps(value))), leaves, "leaf")
    serialize = amber()
    if serialize is not None:
        show("syrupy amber serialize", best(lambda: serialize(value), 2), leaves, "leaf")


def response(leaves: int) -> None:
    scrubber = Scrubber(Redaction(), b"key")
    body = json.dumps(plain(leaves)).encode()
    answer = Response(200, (("Content-Type", "application/json"),), body)
    print(f"a JSON body of {len(body)} bytes")
    show("scrub the response", best(lambda: scrubber.value(answer)), leaves, "leaf")


def goldens(count: int) -> None:
    rand = random.Random(1)
    values = [golden(rand) for _ in range(count)]
    texts = [dumps(value) for value in values]
    scrubber = Scrubber(Redaction(), b"key")
    descriptor = {"kind": "function", "target": "billing:invoice_total"}
    print(f"{count} small goldens, {sum(map(len, texts)) // count} characters each")
    show("freeze", best(lambda: [freeze(value) for value in values]), count, "golden")
    show("scrub", best(lambda: [scrubber.value(value) for value in values]), count, "golden")
    show("dumps", best(lambda: [dumps(value) for value in values]), count, "golden")
    show("search for leaks", best(lambda: [scrubber.leaks(text) for text in texts]), count, "golden")
    show("loads", best(lambda: [loads(text, "bench") for text in texts]), count, "golden")
    show("case_id", best(lambda: [case_id(descriptor, value) for value in values]), count, "golden")
    show("slug", best(lambda: [slug(value) for value in values]), count, "golden")
    show("pickle", best(lambda: [pickle.loads(pickle.dumps(value)) for value in values]), count, "golden")
    serialize = amber()
    if serialize is not None:
        show(
            "syrupy amber serialize", best(lambda: [serialize(value) for value in values], 2), count, "golden"
        )


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--leaves", type=int, default=100_000)
    parser.add_argument("--goldens", type=int, default=10_000)
    options = parser.parse_args()
    for name, make in (("plain", plain), ("typed", typed), ("rows", rows)):
        document(name, make(options.leaves), options.leaves)
    response(options.leaves)
    goldens(options.goldens)


if __name__ == "__main__":
    main()
