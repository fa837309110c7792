"""Real PL/pgSQL, fetched for a run with ``apt-get`` and ``pip``; nothing of it is kept.

Each schema comes with scripts that use it: its own tests where it has some.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
import zipfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from plpgsql_scripts import ScriptStatement, statements

DEBIAN = Path("/usr/lib/postgresql/15/bin")
"""The server of the version that the fetched material is made for."""

_TRANSACTION = re.compile(r"(?:\s|--[^\n]*\n)*(?:begin|commit)(?: transaction)?", re.IGNORECASE)
_ANY_ARRAY = re.compile(r"(TYPE\s*=\s*ANY)(ARRAY|ELEMENT)\b")
"""Aggregates that were declared before PostgreSQL 14 changed the arguments of its array functions."""

_KEYRING = "/usr/share/keyrings/debian-archive-keyring.gpg"


@dataclass
class Material:
    """A schema, and scripts that use it.

    Attributes:
        schema: scripts that make it; as with psql, a statement that fails is passed over.
        scripts: name -> script.
    """

    name: str
    schema: list[str]
    scripts: dict[str, str] = field(default_factory=dict)

    def schema_statements(self) -> list[ScriptStatement]:
        found = [statement for script in self.schema for statement in statements(script)]
        return [statement for statement in found if not _TRANSACTION.fullmatch(statement.text)]


class Fetcher:
    """Fetches packages into a folder."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        lists = folder / "apt"
        (lists / "lists/partial").mkdir(parents=True)
        (lists / "cache/archives/partial").mkdir(parents=True)
        sources = lists / "sources.list"
        sources.write_text(self._source_line(), "utf-8")
        self._private = [
            f"-oDir::Etc::sourcelist={sources}",
            "-oDir::Etc::sourceparts=/dev/null",
            f"-oDir::State::lists={lists / 'lists'}",
            f"-oDir::Cache={lists / 'cache'}",
        ]
        self._updated = False

    def _source_line(self) -> str:
        """The sources that belong to the Debian release that this machine installs from."""
        told = self._run(
            *("apt-get", "indextargets", "--format", "$(REPO_URI) $(RELEASE) $(COMPONENT)"),
            *("Created-By: Packages", "Label: Debian", "Component: main"),
        )
        found = [line.split() for line in told.splitlines() if not line.split()[1].endswith("-updates")]
        assert found, "this machine installs from no Debian release"
        address, release, component = found[0]
        return f"deb-src [signed-by={_KEYRING}] {address} {release} {component}\n"

    def source(self, package: str) -> Path:
        """The unpacked original source of a Debian package."""
        if not self._updated:
            self._run("apt-get", *self._private, "update")
            self._updated = True
        folder = self._new(package)
        self._run("apt-get", *self._private, "source", "--download-only", package, cwd=folder)
        archive = next(folder.glob("*.orig.tar.*"))
        self._run("tar", "xf", str(archive), "--strip-components=1", cwd=folder)
        return folder

    def binary(self, package: str) -> Path:
        """The unpacked files of a Debian package; it is not installed."""
        folder = self._new(f"{package}-files")
        self._run("apt-get", "download", package, cwd=folder)
        self._run("dpkg", "-x", str(next(folder.glob("*.deb"))), ".", cwd=folder)
        return folder

    def wheel(self, package: str) -> Path:
        """The unpacked wheel of a Python package; it is not installed."""
        folder = self._new(f"{package}-wheel")
        self._run(sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "-d", str(folder), package)
        with zipfile.ZipFile(next(folder.glob("*.whl"))) as archive:
            archive.extractall(folder)
        return folder

    def _new(self, name: str) -> Path:
        folder = self.folder / name
        folder.mkdir()
        return folder

    def _run(self, *command: str, cwd: Path | None = None) -> str:
        done = subprocess.run(
            command, cwd=cwd, capture_output=True, text=True, check=False, env={**os.environ, "LC_ALL": "C"}
        )
        assert done.returncode == 0, f"{' '.join(command)}: {done.stderr[-500:]}"
        return done.stdout


def regression_suite(fetch: Fetcher) -> dict[str, str]:
    """PostgreSQL's own tests of PL/pgSQL, by file name."""
    source = fetch.source("postgresql-15") / "src"
    files = [*sorted((source / "pl/plpgsql/src/sql").glob("*.sql")), source / "test/regress/sql/plpgsql.sql"]
    return {path.stem: path.read_text("utf-8") for path in files}


def profiler(fetch: Fetcher) -> Path:
    """The files of plpgsql_check."""
    return fetch.binary("postgresql-15-plpgsql-check")


def accounting(fetch: Fetcher) -> Material:
    """LedgerSMB with its pgTAP tests, and pgTAP itself."""
    root = fetch.source("ledgersmb")
    scripts = {
        path.stem: re.sub(r"CREATE EXTENSION pgtap;", "", _with_includes(path.read_text("utf-8"), root))
        for path in sorted((root / "xt").glob("42-*.pg"))
    }
    modules = [
        root / "sql/modules" / line.strip()
        for line in (root / "sql/modules/LOADORDER").read_text("utf-8").splitlines()
        if line.strip() and not line.startswith("#")
    ]
    changes = [
        root / "sql/changes" / line.strip().lstrip("!")
        for line in (root / "sql/changes/LOADORDER").read_text("utf-8").splitlines()
        if line.strip() and not line.startswith("#")
    ]
    files = [root / "sql/Pg-database.sql", *changes, *modules]
    schema = [_ANY_ARRAY.sub(_any_compatible, _read(path)) for path in files if path.exists()]
    pgtap = _extension(fetch.binary("postgresql-15-pgtap"), "pgtap--1.*.sql", "public")
    return Material("ledgersmb", [pgtap, *schema], scripts)


def calendar(fetch: Fetcher) -> Material:
    """DAViCal; the examples in the comments of its recurrence rules are its tests."""
    awl = fetch.binary("libawl-php") / "usr/share/awl/dba"
    dba = fetch.binary("davical") / "usr/share/davical/dba"
    examples = re.findall(r"^--- (SET timezone.*)$", _read(dba / "rrule_tests.sql"), re.MULTILINE)
    schema = [
        "CREATE ROLE davical_dba; CREATE ROLE davical_app;",
        *(_read(awl / name) for name in ("schema-management.sql", "awl-tables.sql")),
        *(
            _read(dba / name)
            for name in ("davical.sql", "caldav_functions.sql", "rrule_functions.sql", "base-data.sql")
        ),
    ]
    return Material("davical", schema, {"rrule": "\n".join(examples)})


def partitions(fetch: Fetcher) -> Material:
    """pg_partman: long procedures full of dynamic SQL."""
    files = fetch.binary("postgresql-15-partman")
    extension = _extension(files, "pg_partman--4.7.2.sql", "partman")
    return Material("partman", ["CREATE SCHEMA partman;", extension], {"use": _PARTMAN})


def queue(fetch: Fetcher) -> Material:
    """procrastinate: a job queue in the database."""
    schema = _read(fetch.wheel("procrastinate") / "procrastinate/sql/schema.sql")
    return Material("procrastinate", [schema], {"use": _PROCRASTINATE})


def _any_compatible(found: re.Match[str]) -> str:
    return f"{found[1]}COMPATIBLE{'ARRAY' if found[2] == 'ARRAY' else ''}"


SCHEMAS: Sequence[Callable[[Fetcher], Material]] = (accounting, calendar, partitions, queue)


def _read(path: Path) -> str:
    return path.read_text("utf-8")


def _extension(files: Path, pattern: str, schema: str) -> str:
    """The script of an extension, to be run by hand."""
    scripts = sorted(
        path
        for path in (files / "usr/share/postgresql/15/extension").glob(pattern)
        if path.name.count("--") == 1
    )
    return _read(scripts[-1]).replace("@extschema@", schema)


def _with_includes(script: str, root: Path) -> str:
    """The script with the files that psql's ``\\i`` names in their place."""

    def included(command: re.Match[str]) -> str:
        path = root / command[1]
        return _with_includes(_read(path), root) if path.exists() else ""

    return re.sub(r"^[ \t]*\\i\s+(\S+)[ \t]*$", included, script, flags=re.MULTILINE)


_PARTMAN = """
CREATE TABLE public.measured (at timestamptz NOT NULL, id bigint NOT NULL, value numeric);
SELECT partman.create_parent('public.measured', 'at', 'partman', 'monthly', p_start_partition := '2024-01-01');
INSERT INTO public.measured SELECT '2024-01-01'::timestamptz + n * interval '7 hours', n, n
FROM generate_series(1, 40) n;
SELECT partman.check_default();
SELECT * FROM partman.show_partitions('public.measured') LIMIT 5;
SELECT * FROM partman.show_partition_name('public.measured', '2024-01-03');
SELECT partman.partition_data_time('public.measured', 10);
CREATE TABLE public.numbered (id bigint NOT NULL, value text) PARTITION BY RANGE (id);
SELECT partman.create_parent('public.numbered', 'id', 'native', '10');
INSERT INTO public.numbered SELECT n, n::text FROM generate_series(1, 95) n;
SELECT partman.run_maintenance();
SELECT partman.run_maintenance('public.numbered');
SELECT * FROM partman.check_default();
SELECT partman.partition_data_id('public.numbered', 20);
SELECT partman.create_parent('public.missing', 'id', 'native', '10');
SELECT partman.create_parent('public.numbered', 'id', 'native', 'nonsense');
UPDATE partman.part_config SET retention = '30', retention_keep_table = false WHERE parent_table = 'public.numbered';
SELECT partman.drop_partition_id('public.numbered');
SELECT partman.undo_partition('public.measured', 2, 'public.nowhere');
SELECT partman.check_name_length(repeat('x', 70), '_suffix');
SELECT partman.apply_constraints('public.numbered');
SELECT partman.check_subpart_sameconfig('public.numbered');
SELECT count(*) FROM public.numbered;
SELECT partman.dump_partitioned_table_definition('public.numbered');
"""

_PROCRASTINATE = """
INSERT INTO procrastinate_workers DEFAULT VALUES;
SELECT procrastinate_defer_periodic_job_v2('q', 'l', 'ql', 'task', 1, 1700000000, 'p', '{}'::jsonb);
SELECT procrastinate_defer_periodic_job_v2('q', 'l', 'ql', 'task', 1, 1700000000, 'p', '{}'::jsonb);
SELECT procrastinate_defer_periodic_job_v2('q', 'l', null, 'task', 1, 1700000060, 'p', '{}'::jsonb);
SELECT id, status, attempts FROM procrastinate_fetch_job_v2(ARRAY['q'], 1);
SELECT id, status FROM procrastinate_fetch_job_v2(NULL, 1);
SELECT procrastinate_retry_job_v2(1, now(), 3, 'other', 'lock');
SELECT procrastinate_finish_job_v1(1, 'succeeded', false);
SELECT procrastinate_finish_job_v1(2, 'failed', true);
SELECT procrastinate_finish_job_v1(99, 'failed', true);
SELECT procrastinate_finish_job_v1(1, 'doing', true);
SELECT procrastinate_cancel_job_v1(1, true, false);
SELECT procrastinate_cancel_job_v1(1, false, true);
SELECT procrastinate_cancel_job_v1(99, false, true);
SELECT id, status, attempts, queue_name FROM procrastinate_jobs ORDER BY id;
SELECT type, job_id FROM procrastinate_events ORDER BY id;
SELECT procrastinate_unregister_worker_v1(1);
"""
