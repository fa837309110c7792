"""TOML tables read key by key: a wrong type, a missing or an unknown key is an error that names file and key."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import PurePath
from typing import Any, Final

from pytest_characterize.errors import ConfigurationError

CONFIGURATION: Final = "docs/reference/configuration.md"


class Table:
    """One TOML table being read: typed access by key, and an error for every key nobody asked for.

    Every reading method raises :class:`~pytest_characterize.errors.ConfigurationError`
    (``config-wrong-type``, ``config-missing-key``).

    Args:
        path: the file, for messages.
        name: the table's name in the file, ``""`` for the whole file.
        page: where its keys are explained, for hints.
    """

    def __init__(self, path: PurePath, name: str, content: Any, page: str = CONFIGURATION) -> None:
        self._path, self._name, self._page = path, name, page
        self._asked: set[str] = set()
        if not isinstance(content, dict):
            raise ConfigurationError(
                f"{path}: [{name}] must be a table, not {type(content).__name__}",
                slug="config-wrong-type",
                hint=f"see {page}",
            )
        self._content: dict[str, Any] = content

    def text(self, key: str, default: str | None = None) -> str:
        """A string; required without a default."""
        return str(self._get(key, default, lambda value: isinstance(value, str), "a string"))

    def flag(self, key: str) -> bool:
        """True or false, false by default."""
        return bool(self._get(key, False, lambda value: isinstance(value, bool), "true or false"))

    def number(self, key: str) -> int:
        """A positive integer; 0 where there is none."""
        if key not in self._content:
            self._asked.add(key)
            return 0
        return int(self._get(key, 0, lambda value: type(value) is int and value > 0, "a positive integer"))

    def texts(self, key: str, default: tuple[str, ...] | None = None) -> tuple[str, ...]:
        """A list of strings; required without a default."""

        def fits(value: Any) -> bool:
            return isinstance(value, list | tuple) and all(isinstance(item, str) for item in value)

        return tuple(self._get(key, default, fits, "a list of strings"))

    def texts_by_name(self, key: str) -> dict[str, str]:
        """A table of strings, empty by default."""

        def fits(value: Any) -> bool:
            return isinstance(value, dict) and all(isinstance(item, str) for item in value.values())

        return dict(self._get(key, {}, fits, "a table of strings"))

    def widths_by_name(self, key: str) -> dict[str, int]:
        """A table of positive integers, empty by default."""

        def fits(value: Any) -> bool:
            return isinstance(value, dict) and all(type(item) is int and item > 0 for item in value.values())

        return dict(self._get(key, {}, fits, "a table of positive integers"))

    def table(self, key: str) -> Table:
        """A table within this one, empty by default."""
        self._asked.add(key)
        return Table(self._path, self._inner(key), self._content.get(key, {}), self._page)

    def tables(self, key: str) -> list[tuple[str, Table]]:
        """The tables within a table, by name."""
        return [
            (name, Table(self._path, self._inner(f"{key}.{name}"), sub, self._page))
            for name, sub in self.table(key).rest()
        ]

    def array(self, key: str) -> list[Table]:
        """An array of tables, empty by default."""
        items = self._get(key, [], lambda value: isinstance(value, list), "an array of tables")
        return [
            Table(self._path, self._inner(f"{key}[{index}]"), item, self._page)
            for index, item in enumerate(items)
        ]

    def rest(self) -> list[tuple[str, Any]]:
        """Everything in it, whatever the keys are."""
        self._asked.update(self._content)
        return list(self._content.items())

    def done(self) -> None:
        """Everything was read.

        Raises:
            ConfigurationError: ``config-unknown-key``.
        """
        unknown = sorted(set(self._content) - self._asked)
        if unknown:
            raise ConfigurationError(
                f"{self._path}: {self._shown}has unknown key {unknown[0]!r}",
                slug="config-unknown-key",
                hint=f"known keys are {', '.join(sorted(self._asked))}",
            )

    def bad(self, key: str, why: str) -> ConfigurationError:
        """The error for a value of the right type that makes no sense."""
        return ConfigurationError(
            f"{self._path}: {self._shown}{key} {why}", slug="config-bad-value", hint=f"see {self._page}"
        )

    @property
    def _shown(self) -> str:
        return f"[{self._name}] " if self._name else ""

    def _inner(self, key: str) -> str:
        return f"{self._name}.{key}" if self._name else key

    def _get(self, key: str, default: Any, fits: Callable[[Any], bool], wanted: str) -> Any:
        self._asked.add(key)
        value = self._content.get(key, default)
        if value is None:
            raise ConfigurationError(
                f"{self._path}: {self._shown}lacks {key!r}",
                slug="config-missing-key",
                hint=f"add {key} = ... ({wanted})",
            )
        if not fits(value):
            raise ConfigurationError(
                f"{self._path}: {self._shown}{key} must be {wanted}, not {value!r}",
                slug="config-wrong-type",
                hint=f"see {self._page}",
            )
        return value
