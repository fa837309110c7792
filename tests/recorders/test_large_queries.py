"""Result sets too large to be kept: read in pieces, reduced alike on both sides, and never a false green."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import textwrap
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from legacy_database import Legacy
from serving import import_path

from pytest_characterize.codec import dumps, loads
from pytest_characterize.compare.comparing import compare
from pytest_characterize.compare.large import reduce_like
from pytest_characterize.descriptors import Query
from pytest_characterize.model import Difference, Observation
from pytest_characterize.replay.calling import Capture
from pytest_characterize.values import LARGE, Record, Rows

TORTURE = bool(os.environ.get("CHARACTERIZE_TORTURE"))
SIZE = 1_000_000 if TORTURE else 100_000
REPORT = (
    "SELECT n AS id, (mod(n, 997) / 4.0)::numeric(10,2) AS amount,"
    " CASE WHEN mod(n, 5) > 0 THEN 'customer ' || mod(n, 1000) END AS name"
    " FROM generate_series(1, %(size)s) AS n"
)


def rows(size: int) -> Iterator[dict[str, Any]]:
    """What the report says, made in Python."""
    for n in range(1, size + 1):
        name = f"customer {n % 1000}" if n % 5 else None
        yield {"id": n, "amount": (Decimal(n % 997) / 4).quantize(Decimal("0.01")), "name": name}


@pytest.fixture
def report(legacy: Legacy) -> Observation:
    """25,000 rows, in order."""
    return observed(legacy, f"{REPORT} ORDER BY n")


def observed(legacy: Legacy, sql: str, size: int = 25_000, whole: int | None = None) -> Observation:
    return legacy.observe(Query(sql, source="legacy", whole=whole), size=size)


def drifts(golden: Observation, candidate: object) -> list[Difference]:
    capture = Capture(golden, reduce=reduce_like)
    capture.wrap(lambda: candidate)()
    assert capture.observation is not None
    return list(compare(golden, capture.observation).differences)


def paths(golden: Observation, candidate: object) -> list[str]:
    return [found.path for found in drifts(golden, candidate)]


class TestWhatIsKept:
    def test_number_columns_digests_and_a_few_rows(self, report: Observation) -> None:
        kept = report.outcome.value
        assert isinstance(kept, Record)
        assert (kept.type, kept.fields["count"]) == (LARGE, 25_000)
        assert kept.fields["columns"] == ["id", "amount", "name"]
        assert list(kept.fields["digests"]) == [
            "rows 1 to 10000",
            "rows 10001 to 20000",
            "rows 20001 to 30000",
        ]
        sample = kept.fields["rows"]
        assert isinstance(sample, Rows)
        assert [row[0] for row in sample.rows] == [str(n) for n in range(1, 21)]
        assert loads(dumps(kept), "here") == kept

    def test_the_limit(self, legacy: Legacy) -> None:
        assert isinstance(observed(legacy, REPORT, 10_000).outcome.value, Rows)
        assert isinstance(observed(legacy, REPORT, 10_001).outcome.value, Record)
        assert isinstance(observed(legacy, REPORT, 10_001, whole=50_000).outcome.value, Rows)
        assert isinstance(observed(legacy, REPORT, 3, whole=2).outcome.value, Record)
        assert isinstance(observed(legacy, REPORT, 0, whole=0).outcome.value, Rows)

    def test_the_limit_is_no_part_of_a_case(self) -> None:
        assert Query("SELECT 1", source="a", whole=5).identity() == Query("SELECT 1", source="a").identity()


class TestTheCandidate:
    def test_a_list_an_iterator_and_a_query_set(self, report: Observation) -> None:
        class QuerySet:
            def iterator(self, chunk_size: int) -> Iterator[dict[str, Any]]:
                assert chunk_size
                return rows(25_000)

        in_tuples = (tuple(row.values()) for row in rows(25_000))
        for candidate in (list(rows(25_000)), rows(25_000), QuerySet(), in_tuples):
            assert paths(report, candidate) == []

    def test_an_iterator_where_legacys_rows_are_whole(self, legacy: Legacy) -> None:
        golden = observed(legacy, f"{REPORT} ORDER BY n", 30)
        assert paths(golden, rows(30)) == []
        assert paths(golden, rows(29)) == ["$[29]"]

    @pytest.mark.parametrize("candidate", [None, 25_000, "text", {}, {1, 2}])
    def test_what_is_no_rows_at_all(self, report: Observation, candidate: object) -> None:
        assert paths(report, candidate) != []

    def test_one_that_fails_on_the_way(self, report: Observation) -> None:
        def failing() -> Iterator[dict[str, Any]]:
            yield from rows(12_000)
            raise LookupError("no more")

        assert [found.kind.value for found in drifts(report, failing())] == ["error"]


class TestDrift:
    @pytest.mark.parametrize(
        "change",
        [
            {"name": "x"},
            {"name": ""},
            {"id": "12345"},
            {"amount": Decimal("0.1")},
            {"amount": 95.25},
            {"id": 12345.0},
            {"id": True},
        ],
        ids=str,
    )
    def test_the_part_in_which_a_row_differs(self, report: Observation, change: dict[str, Any]) -> None:
        changed = list(rows(25_000))
        changed[12_344] |= change
        assert paths(report, changed) == ['$.digests["rows 10001 to 20000"]']

    def test_a_scale(self, report: Observation) -> None:
        changed = list(rows(25_000))
        changed[23_999]["amount"] = changed[23_999]["amount"].normalize()
        assert paths(report, changed) == ['$.digests["rows 20001 to 30000"]']

    def test_among_the_first_rows_it_is_told_exactly(self, report: Observation) -> None:
        changed = list(rows(25_000))
        changed[3]["name"] = "x"
        assert paths(report, changed) == ["$.rows[3].name", '$.digests["rows 1 to 10000"]']

    def test_a_row_more_or_less(self, report: Observation) -> None:
        assert paths(report, rows(24_999)) == ["$.count", '$.digests["rows 20001 to 30000"]']
        assert "$.count" in paths(report, rows(25_001))
        assert "$.count" in paths(report, [])

    def test_two_rows_exchanged(self, report: Observation) -> None:
        changed = list(rows(25_000))
        changed[15_000], changed[15_001] = changed[15_001], changed[15_000]
        assert paths(report, changed) == ['$.digests["rows 10001 to 20000"]']

    def test_columns(self, report: Observation) -> None:
        assert "$.columns[3]" in paths(report, ({**row, "more": 1} for row in rows(25_000)))
        assert '$.digests["rows 1 to 10000"]' in paths(report, ({**row, "id": None} for row in rows(25_000)))
        assert "$.columns[2]" in paths(report, ({"id": r["id"], "amount": r["amount"]} for r in rows(25_000)))


class TestInAnyOrder:
    @pytest.fixture
    def report(self, legacy: Legacy) -> Observation:
        return observed(legacy, REPORT)

    def test_another_order_is_none(self, report: Observation) -> None:
        assert paths(report, reversed(list(rows(25_000)))) == []

    def test_a_row_that_comes_twice(self, report: Observation) -> None:
        """Neither twice instead of another, nor a pair exchanged for another pair, which sums of bits would miss."""
        changed = list(rows(25_000))
        changed[7_000] = changed[7_001]
        assert paths(report, changed) == ['$.digests["all rows, in any order"]']
        twice = [*rows(25_000), *[{"id": 1, "amount": Decimal(1), "name": "x"}] * 2]
        assert paths(report, twice)[0] == "$.count"

    def test_pairs_do_not_cancel_out(self, legacy: Legacy) -> None:
        golden = observed(legacy, "SELECT n FROM (VALUES (1), (1), (2)) AS x (n) WHERE %(size)s > 0", whole=1)
        assert paths(golden, [2, 1, 1]) == []
        assert '$.digests["all rows, in any order"]' in paths(golden, [2, 3, 3])
        assert '$.digests["all rows, in any order"]' in paths(golden, [2, 2, 1])


MEASURED = """
    import json, sys, time
    sys.path.insert(0, sys.argv[2])
    from legacy_database import Legacy
    from test_large_queries import REPORT, SIZE, drifts, rows
    from pytest_characterize.descriptors import Query

    def changed():
        for row in rows(SIZE):
            yield row if row["id"] != SIZE * 7 // 10 else {**row, "name": "drift"}

    start = time.perf_counter()
    golden = Legacy(sys.argv[1]).observe(Query(REPORT + " ORDER BY n", source="legacy"), size=SIZE)
    recorded = time.perf_counter() - start
    same, drift = drifts(golden, rows(SIZE)), drifts(golden, changed())
    # not ru_maxrss: a child inherits that of the process that started it
    (peak,) = [int(line.split()[1]) / 1024 for line in open("/proc/self/status") if line.startswith("VmHWM")]
    print(json.dumps({
        "count": golden.outcome.value.fields["count"], "seconds": recorded, "same": len(same),
        "drift": [one.path for one in drift],
        "megabytes": peak,
    }))
"""


@pytest.mark.torture
def test_a_million_rows_within_256_megabytes(legacy: Legacy) -> None:
    """A tenth of them, within the same, in an ordinary run; both sides in one process."""
    done = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(MEASURED), legacy.dsn, str(Path(__file__).parent)],
        env={**os.environ, "PYTHONPATH": import_path()},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout)
    print(told)  # noqa: T201 - the figures
    first = (SIZE * 7 // 10 - 1) // 10_000 * 10_000 + 1
    assert (told["count"], told["same"]) == (SIZE, 0)
    assert told["drift"] == [f'$.digests["rows {first} to {first + 9_999}"]']
    assert told["megabytes"] <= 256
