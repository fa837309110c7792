"""``[tool.characterize]`` of ``pyproject.toml``, read once into a frozen :class:`Settings`.

Unknown keys, wrong types and missing reasons are errors that name the file and the key. Secrets are
never read here: a source's address comes from the environment while recording
(:meth:`Source.secret_variable`).
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from difflib import get_close_matches
from pathlib import Path
from typing import Any, Final

from pytest_characterize.descriptors import Ignore, Policy, Tolerance, Unordered
from pytest_characterize.errors import ConfigurationError
from pytest_characterize.toml_tables import Table

COMPARED_HEADERS: Final = ("content-type", "location", "content-disposition", "allow", "www-authenticate")
"""Response headers that are behaviour unless the configuration names others."""


KINDS: Final = ("http", "postgresql", "mariadb", "sqlite", "sqlalchemy")
"""The kinds of legacy sources."""
CLONED: Final = ("postgresql", "mariadb")
"""Kinds whose databases can be copied."""


@dataclass(frozen=True, slots=True)
class Source:
    """A named legacy endpoint.

    Attributes:
        kind: one of :data:`KINDS`; ``mariadb`` is for MySQL as well.
        hosts: what the source may reach: host names, ``host:port``, directories of unix sockets, or files.
        version: the legacy system's version as the team calls it; goes into the goldens' provenance.
        production: whether a name that looks like production was allowed on purpose.
        clone: whether copies of the database may be made and dropped on its server, to run in them what commits,
            and changed routines, by which rules are seen (MariaDB).
        read_only: whether an account that may do more than read is refused.
    """

    name: str
    kind: str
    hosts: tuple[str, ...]
    version: str = ""
    production: bool = False
    clone: bool = False
    read_only: bool = False

    @property
    def secret_variable(self) -> str:
        """Variable with the source's address: ``CHARACTERIZE_SOURCE_<NAME>_DSN`` (or ``_URL``)."""
        ending = "URL" if self.kind == "http" else "DSN"
        return f"CHARACTERIZE_SOURCE_{re.sub(r'[^A-Za-z0-9]', '_', self.name).upper()}_{ending}"


@dataclass(frozen=True, slots=True)
class TableMapping:
    """How a legacy table's rows appear in the candidate.

    Attributes:
        model: Django's ``app_label.ModelName``.
        columns: legacy column -> candidate field.
        translate: legacy column -> legacy text -> candidate value.
        padded: legacy column of type ``char(n)`` -> ``n``, where the candidate keeps texts without blanks.
        ignored: legacy column -> the reason why it has no counterpart.
        generated: the legacy column whose values the database hands out; ``""`` where there is none.
        references: legacy column -> legacy table whose generated values it holds.
    """

    table: str
    model: str
    columns: Mapping[str, str]
    translate: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    padded: Mapping[str, int] = field(default_factory=dict)
    ignored: Mapping[str, str] = field(default_factory=dict)
    generated: str = ""
    references: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class ScopedPolicy:
    """A declared loosening that holds for the tests whose path matches ``test`` (a glob)."""

    test: str
    policy: Policy


@dataclass(frozen=True, slots=True)
class Redaction:
    """What is scrubbed besides the built-in list.

    Attributes:
        fields: key names (case-insensitive) whose values are replaced wherever they occur.
        headers: request and response headers that are kept besides the built-in allow-list.
        keep: key names of the built-in list that are no secrets in this project.
    """

    fields: tuple[str, ...] = ()
    headers: tuple[str, ...] = ()
    keep: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Settings:
    """The project's configuration; ``root`` is the folder of its ``pyproject.toml``.

    Attributes:
        directory: where goldens live, relative to the root.
        headers: response headers (lower case) that are compared.
        allow: what the candidate may reach during replay: ``host:port`` or unix socket paths.
        raises: legacy error -> qualified name of the candidate's exception, for every test.
        rule_modules: patterns of the Python modules of legacy whose rules are known; where there is none, those
            are a function's own module and what it imports of its own package.
        queries: how many SQL statements a case of the candidate may take, where its test does not say.
    """

    root: Path
    directory: str = "characterization"
    sources: Mapping[str, Source] = field(default_factory=dict)
    tables: Mapping[str, TableMapping] = field(default_factory=dict)
    policies: tuple[ScopedPolicy, ...] = ()
    raises: Mapping[str, str] = field(default_factory=dict)
    headers: tuple[str, ...] = COMPARED_HEADERS
    allow: tuple[str, ...] = ()
    rule_modules: tuple[str, ...] = ()
    queries: int | None = None
    redaction: Redaction = field(default_factory=Redaction)

    @property
    def store(self) -> Path:
        """The folder of goldens, manifests, cassettes and pending files."""
        return self.root / self.directory


def load_settings(root: Path) -> Settings:
    """Read ``pyproject.toml`` below ``root``; a project without the table gets the defaults.

    Raises:
        ConfigurationError: ``config-unreadable``, ``config-unknown-key``, ``config-wrong-type``,
            ``config-missing-key`` or ``config-bad-value``; the message names the file and the key.
    """
    path = root / "pyproject.toml"
    try:
        document = tomllib.loads(path.read_text("utf-8"))
    except FileNotFoundError:
        return Settings(root=root)
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise ConfigurationError(
            f"{path}: cannot be read as TOML: {error}",
            slug="config-unreadable",
            hint="mend the file, or see the example in docs/reference/configuration.md",
        ) from None
    tool = document.get("tool", {})
    if "characterize" not in tool:
        _refuse_misspelled(path, tool)
    return _settings(root, Table(path, "tool.characterize", tool.get("characterize", {})))


def _refuse_misspelled(path: Path, tools: Iterable[str]) -> None:
    """A table that is nearly ours would be ignored without a word, with all that it allows and forbids."""
    names = {name: name.removeprefix("pytest-").removeprefix("pytest_") for name in tools}
    near = [name for name, bare in names.items() if get_close_matches(bare, ["characterize"], cutoff=0.9)]
    if near:
        raise ConfigurationError(
            f"{path}: [tool.{near[0]}] is read by nobody; the table of pytest-characterize is [tool.characterize]",
            slug="config-unknown-key",
            hint="rename it to [tool.characterize]",
        )


def _settings(root: Path, table: Table) -> Settings:
    settings = Settings(
        root=root,
        directory=_inside(table, "directory", table.text("directory", "characterization")),
        sources={name: _source(name, sub) for name, sub in table.tables("sources")},
        tables={name: _table_mapping(name, sub) for name, sub in table.tables("tables")},
        policies=tuple(_policy(sub) for sub in table.array("policy")),
        raises=table.texts_by_name("raises"),
        headers=tuple(name.lower() for name in table.texts("headers", COMPARED_HEADERS)),
        allow=table.texts("allow", ()),
        rule_modules=table.texts("rule_modules", ()),
        queries=table.number("queries") or None,
        redaction=_redaction(table.table("redaction")),
    )
    _check_references(table, settings.tables)
    table.done()
    return settings


def _inside(table: Table, key: str, name: str) -> str:
    parts = Path(name).parts
    if Path(name).is_absolute() or ".." in parts or not parts:
        raise table.bad(key, f"must be a folder inside the project, not {name!r}")
    return Path(name).as_posix()


def _source(name: str, table: Table) -> Source:
    kind = table.text("kind")
    if kind not in KINDS:
        raise table.bad("kind", f"must be one of {', '.join(map(repr, KINDS))}, not {kind!r}")
    source = Source(
        name=name,
        kind=kind,
        hosts=table.texts("hosts"),
        version=table.text("version", ""),
        production=table.flag("production"),
        clone=table.flag("clone"),
        read_only=table.flag("read_only"),
    )
    if source.read_only and (kind == "http" or source.clone):
        of = "a source that may make copies of its database" if source.clone else "sources of kind 'http'"
        raise table.bad("read_only", f"is not for {of}")
    if source.clone and kind not in CLONED:
        raise table.bad("clone", f"is for sources of kind {' or '.join(map(repr, CLONED))}, not {kind!r}")
    if not source.hosts:
        raise table.bad("hosts", "must name at least one host that may be reached")
    table.done()
    return source


def _table_mapping(name: str, table: Table) -> TableMapping:
    mapping = TableMapping(
        table=name,
        model=table.text("model"),
        columns=table.texts_by_name("columns"),
        translate={column: dict(sub.rest()) for column, sub in table.tables("translate")},
        padded=table.widths_by_name("padded"),
        ignored=table.texts_by_name("ignored"),
        generated=table.text("generated", ""),
        references=table.texts_by_name("references"),
    )
    if mapping.generated and mapping.generated not in mapping.columns:
        raise table.bad("generated", f"names {mapping.generated!r}, which is none of its columns")
    table.done()
    return mapping


def _check_references(table: Table, mapped: Mapping[str, TableMapping]) -> None:
    for mapping in mapped.values():
        for column, other in mapping.references.items():
            if column not in mapping.columns:
                why = f"names {column!r}, which is none of its columns"
            elif other not in mapped or not mapped[other].generated:
                why = f"refers to {other!r}, which is no mapped table with a generated column"
            else:
                continue
            raise table.bad(f"tables.{mapping.table}.references", why)


def _policy(table: Table) -> ScopedPolicy:
    action, path, reason = table.text("action"), table.text("path"), table.text("reason")
    if not reason.strip():
        raise table.bad("reason", "must say why the difference does not matter")
    policy: Policy
    match action:
        case "ignore":
            policy = Ignore(path, reason=reason)
        case "unordered":
            policy = Unordered(path, reason=reason)
        case "tolerance":
            policy = Tolerance(
                path,
                absolute=table.text("absolute", "0"),
                relative=table.text("relative", "0"),
                reason=reason,
            )
        case _:
            raise table.bad("action", f"must be 'ignore', 'tolerance' or 'unordered', not {action!r}")
    scoped = ScopedPolicy(test=table.text("test", "*"), policy=policy)
    table.done()
    return scoped


def _redaction(table: Table) -> Redaction:
    redaction = Redaction(
        fields=table.texts("fields", ()), headers=table.texts("headers", ()), keep=table.texts("keep", ())
    )
    table.done()
    return redaction
