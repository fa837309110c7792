"""``[tool.characterize]`` of ``pyproject.toml``, read once into a frozen :class:`Settings`.

Unknown keys, wrong types and missing reasons are errors that name the file and the key. Secrets are
never read here: a source's address comes from the environment while recording
(:meth:`Source.secret_variable`).
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from pytest_characterize.descriptors import Ignore, Policy, Tolerance, Unordered
from pytest_characterize.errors import ConfigurationError

COMPARED_HEADERS: Final = ("content-type", "location", "content-disposition", "allow", "www-authenticate")
"""Response headers that are behaviour unless the configuration names others."""


@dataclass(frozen=True, slots=True)
class Source:
    """A named legacy endpoint.

    Attributes:
        kind: ``http`` or ``postgresql``.
        hosts: what the source may reach: host names, ``host:port``, or directories of unix sockets.
        version: the legacy system's version as the team calls it; goes into the goldens' provenance.
        production: whether a name that looks like production was allowed on purpose.
    """

    name: str
    kind: str
    hosts: tuple[str, ...]
    version: str = ""
    production: bool = False

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
    """

    table: str
    model: str
    columns: Mapping[str, str]
    translate: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    padded: Mapping[str, int] = field(default_factory=dict)
    ignored: Mapping[str, str] = field(default_factory=dict)


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
    return _settings(root, _Table(path, "tool.characterize", tool.get("characterize", {})))


def _settings(root: Path, table: _Table) -> Settings:
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
        redaction=_redaction(table.table("redaction")),
    )
    table.done()
    return settings


def _inside(table: _Table, key: str, name: str) -> str:
    parts = Path(name).parts
    if Path(name).is_absolute() or ".." in parts or not parts:
        raise table.bad(key, f"must be a folder inside the project, not {name!r}")
    return Path(name).as_posix()


def _source(name: str, table: _Table) -> Source:
    kind = table.text("kind")
    if kind not in ("http", "postgresql"):
        raise table.bad("kind", f"must be 'http' or 'postgresql', not {kind!r}")
    source = Source(
        name=name,
        kind=kind,
        hosts=table.texts("hosts"),
        version=table.text("version", ""),
        production=table.flag("production"),
    )
    if not source.hosts:
        raise table.bad("hosts", "must name at least one host that may be reached")
    table.done()
    return source


def _table_mapping(name: str, table: _Table) -> TableMapping:
    mapping = TableMapping(
        table=name,
        model=table.text("model"),
        columns=table.texts_by_name("columns"),
        translate={column: dict(sub.rest()) for column, sub in table.tables("translate")},
        padded=table.widths_by_name("padded"),
        ignored=table.texts_by_name("ignored"),
    )
    table.done()
    return mapping


def _policy(table: _Table) -> ScopedPolicy:
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


def _redaction(table: _Table) -> Redaction:
    redaction = Redaction(
        fields=table.texts("fields", ()), headers=table.texts("headers", ()), keep=table.texts("keep", ())
    )
    table.done()
    return redaction


class _Table:
    """One TOML table being read: typed access by key, and an error for every key nobody asked for."""

    def __init__(self, path: Path, name: str, content: Any) -> None:
        self._path, self._name = path, name
        self._asked: set[str] = set()
        if not isinstance(content, dict):
            raise ConfigurationError(
                f"{path}: [{name}] must be a table, not {type(content).__name__}",
                slug="config-wrong-type",
                hint="see docs/reference/configuration.md",
            )
        self._content: dict[str, Any] = content

    def text(self, key: str, default: str | None = None) -> str:
        """A string; required without a default."""
        return str(self._get(key, default, lambda value: isinstance(value, str), "a string"))

    def flag(self, key: str) -> bool:
        """A truth value, false if it is not there."""
        return bool(self._get(key, False, lambda value: isinstance(value, bool), "true or false"))

    def texts(self, key: str, default: tuple[str, ...] | None = None) -> tuple[str, ...]:
        """A list of strings; required without a default."""

        def fits(value: Any) -> bool:
            return isinstance(value, list | tuple) and all(isinstance(item, str) for item in value)

        return tuple(self._get(key, default, fits, "a list of strings"))

    def texts_by_name(self, key: str) -> dict[str, str]:
        """A table of strings, empty if it is not there."""

        def fits(value: Any) -> bool:
            return isinstance(value, dict) and all(isinstance(item, str) for item in value.values())

        return dict(self._get(key, {}, fits, "a table of strings"))

    def widths_by_name(self, key: str) -> dict[str, int]:
        """A table of positive integers, empty if it is not there."""

        def fits(value: Any) -> bool:
            return isinstance(value, dict) and all(type(item) is int and item > 0 for item in value.values())

        return dict(self._get(key, {}, fits, "a table of positive integers"))

    def table(self, key: str) -> _Table:
        """The table below this one, empty if it is not there."""
        self._asked.add(key)
        return _Table(self._path, f"{self._name}.{key}", self._content.get(key, {}))

    def tables(self, key: str) -> list[tuple[str, _Table]]:
        """The tables below a key, by name."""
        return [
            (name, _Table(self._path, f"{self._name}.{key}.{name}", sub))
            for name, sub in self.table(key).rest()
        ]

    def array(self, key: str) -> list[_Table]:
        """The tables of an array, none if it is not there."""
        items = self._get(key, [], lambda value: isinstance(value, list), "an array of tables")
        return [_Table(self._path, f"{self._name}.{key}[{index}]", item) for index, item in enumerate(items)]

    def rest(self) -> list[tuple[str, Any]]:
        """Every key with its content, as names are the user's."""
        self._asked.update(self._content)
        return list(self._content.items())

    def done(self) -> None:
        """Refuse keys that nobody asked for."""
        unknown = sorted(set(self._content) - self._asked)
        if unknown:
            raise ConfigurationError(
                f"{self._path}: [{self._name}] has unknown key {unknown[0]!r}",
                slug="config-unknown-key",
                hint=f"known keys are {', '.join(sorted(self._asked))}",
            )

    def bad(self, key: str, why: str) -> ConfigurationError:
        """The error for a value that is of the right type and makes no sense."""
        return ConfigurationError(
            f"{self._path}: [{self._name}] {key} {why}",
            slug="config-bad-value",
            hint="see docs/reference/configuration.md",
        )

    def _get(self, key: str, default: Any, fits: Callable[[Any], bool], wanted: str) -> Any:
        self._asked.add(key)
        value = self._content.get(key, default)
        if value is None:
            raise ConfigurationError(
                f"{self._path}: [{self._name}] lacks {key!r}",
                slug="config-missing-key",
                hint=f"add {key} = ... ({wanted})",
            )
        if not fits(value):
            raise ConfigurationError(
                f"{self._path}: [{self._name}] {key} must be {wanted}, not {value!r}",
                slug="config-wrong-type",
                hint="see docs/reference/configuration.md",
            )
        return value
