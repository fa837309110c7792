"""PostgreSQL's own tests and real schemas, fetched for the run: probes change nothing that a client can see."""

from __future__ import annotations

import os
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import plpgsql_material
import psycopg
import pytest
from plpgsql_generator import SCHEMA, Routine
from plpgsql_harness import ROUTINES, Pair, Session, set_up
from plpgsql_material import DEBIAN, Fetcher, Material
from plpgsql_profiler import branches, profile, start_profiler
from plpgsql_scripts import statements

from pytest_characterize.rules.catalogue import Depth
from pytest_characterize.rules.plpgsql.probes import instrument
from pytest_characterize_recorders.embedded.postgresql import PostgresServer

pytestmark = [
    pytest.mark.torture,
    pytest.mark.skipif(
        not os.environ.get("CHARACTERIZE_TORTURE"), reason="fetches packages; CHARACTERIZE_TORTURE=1 runs it"
    ),
]
DEPTHS = {
    "default": Depth(),
    "operands": Depth(operands=True),
    "every hit": Depth(operands=True, every=True),
}
depths = pytest.mark.parametrize("depth", DEPTHS.values(), ids=DEPTHS.keys())
SHARE = 0.995
"""Routines that must be instrumented and accepted by the server."""


@pytest.fixture(scope="module")
def fetch(tmp_path_factory: pytest.TempPathFactory) -> Fetcher:
    return Fetcher(tmp_path_factory.mktemp("fetched"))


@pytest.fixture(scope="module")
def regression_suite(fetch: Fetcher) -> dict[str, str]:
    return plpgsql_material.regression_suite(fetch)


@pytest.fixture(scope="module")
def profiler(fetch: Fetcher) -> Path:
    return plpgsql_material.profiler(fetch)


@pytest.fixture(scope="module", params=plpgsql_material.SCHEMAS, ids=lambda make: make.__name__)
def material(request: pytest.FixtureRequest, fetch: Fetcher) -> Material:
    make: Callable[[Fetcher], Material] = request.param
    return make(fetch)


@pytest.fixture(scope="module")
def servers() -> Iterator[tuple[PostgresServer, PostgresServer]]:
    """Two servers of version 15, so that databases and roles can bear the same names."""
    with PostgresServer(binaries=DEBIAN) as plain, PostgresServer(binaries=DEBIAN) as probed:
        yield plain, probed


def pair(servers: tuple[PostgresServer, PostgresServer], name: str, depth: Depth) -> Pair:
    for server in servers:
        with_superuser = Session(server.dsn())
        with_superuser.run(f'DROP DATABASE IF EXISTS "{name}"')
        with_superuser.close()
    plain, probed = (server.create_database(name) for server in servers)
    return Pair(Session(plain), Session(probed, probed=True), depth)


@depths
@pytest.mark.parametrize("binaries", [DEBIAN, None], ids=["15", "embedded"])
def test_its_own_regression_suite(
    regression_suite: dict[str, str], binaries: Path | None, depth: Depth, capsys: pytest.CaptureFixture[str]
) -> None:
    routines = refused = blocks = count = 0
    found = list[str]()
    with PostgresServer(binaries=binaries) as plain, PostgresServer(binaries=binaries) as probed:
        for name, script in regression_suite.items():
            both = pair((plain, probed), name, depth)
            for statement in statements(script):
                both.run(statement)
            done = both.installer.done
            routines += len(done.accepted)
            refused += len(done.refused) + len(done.unparsed)
            blocks, count = blocks + both.installer.blocks, count + both.statements
            found += both.differences
            both.close()
    say(
        capsys,
        f"{count} statements, {routines} routines, {blocks} DO blocks, {refused} refused, {len(found)} differ",
    )
    assert not found, "\n".join(found)
    assert count > 1500
    assert routines > 200
    assert routines / (routines + refused) >= SHARE


@pytest.mark.parametrize("depth", [DEPTHS["default"], DEPTHS["operands"]], ids=["default", "operands"])
def test_a_real_schema(
    servers: tuple[PostgresServer, PostgresServer],
    material: Material,
    depth: Depth,
    capsys: pytest.CaptureFixture[str],
) -> None:
    both = pair(servers, material.name, depth)
    both.make(material.schema_statements())
    for script in material.scripts.values():
        for statement in statements(script):
            both.run(statement)
        both.finish()
    done = both.installer.done
    both.close()
    say(
        capsys,
        f"{material.name}: {both.statements} statements ({both.failed} fail on both sides),"
        f" {len(done.accepted)} routines, {len(done.rules)} rules, {len(both.hits)} hit,"
        f" {len(both.differences)} differ",
    )
    assert not both.differences, "\n".join(both.differences)
    assert both.statements > both.failed * 2
    assert done.share >= SHARE, (done.refused, done.unparsed)
    assert both.hits


def test_the_profiler_agrees_on_a_real_schema(
    servers: tuple[PostgresServer, PostgresServer],
    material: Material,
    profiler: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """Every branch that it reports, with its count.

    A test of the accounting schema that switches roles ends differently under the profiler itself.
    """
    both = pair(servers, f"{material.name} profiled", Depth(every=True))
    both.make(material.schema_statements())
    start_profiler(both.plain, profiler)
    sources = {
        str(name): both.plain.value(f"SELECT pg_get_functiondef({oid})") or ""
        for name, _, language, oid in both.plain.run(ROUTINES).rows
        if language == "plpgsql"
    }
    for name, script in material.scripts.items():
        if name != "42-roles":
            for statement in statements(script):
                both.run(statement)
            both.finish()
    assert not both.differences, "\n".join(both.differences)
    compared = 0
    for name, made in both.installer.done.accepted.items():
        root = profile(both.plain, name) if name in sources else None
        for branch in branches(sources[name], made.rules, root) if root and root.count else ():
            assert both.hits[branch.rule] == branch.count, branch
            compared += 1
    both.close()
    say(capsys, f"{material.name}: {compared} branches, the same counts")
    assert compared > 10


def test_the_profiler_agrees_on_generated_routines(
    servers: tuple[PostgresServer, PostgresServer], profiler: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The profiler itself brings its server down on a few of them; these are passed over."""
    plain = Session(servers[0].create_database("generated profiled"))
    probed = Session(servers[1].create_database("generated profiled"), probed=True)
    for session in (plain, probed):
        session.run(SCHEMA)
    set_up(probed)
    start_profiler(plain, profiler)
    compared = crashed = 0
    for seed in range(10_000, 10_400):
        routine = Routine(seed)
        made = instrument(routine.text, depth=Depth(every=True))
        hits = called(probed, made.text, routine.calls)
        try:
            called(plain, routine.text, routine.calls)
            root = profile(plain, f"{routine.name}(int, int, text)")
        except psycopg.OperationalError:
            crashed += 1
            plain = recovered(servers[0], "generated profiled")
            start_profiler(plain, profiler)
            continue
        for branch in branches(routine.text, made.rules, root) if root else ():
            assert hits[branch.rule] == branch.count, (branch, routine.text)
            compared += 1
    plain.close()
    probed.close()
    say(capsys, f"generated: {compared} branches, the same counts; the profiler crashed {crashed} times")
    assert compared > 2000
    assert crashed < 15


def called(session: Session, source: str, calls: Sequence[str]) -> Counter[str]:
    """The hits of a routine's calls, each rolled back."""
    session.run(source)
    hits = Counter[str]()
    for call in calls:
        session.run("BEGIN")
        hits.update(session.run(call).hits)
        session.run("ROLLBACK")
    return hits


def recovered(server: PostgresServer, database: str) -> Session:
    """A session as soon as the server takes connections again."""
    deadline = time.monotonic() + 30
    while True:
        try:
            return Session(server.dsn(database))
        except psycopg.OperationalError:
            assert time.monotonic() < deadline
            time.sleep(0.1)


def say(capsys: pytest.CaptureFixture[str], line: str) -> None:
    """Show what was measured."""
    with capsys.disabled():
        sys.stdout.write(f"\n{line}\n")
