"""Row changes of the candidate's Django models, told in the legacy tables' names and values.

The mapped models are read whole before and after the call, so bulk operations, ``QuerySet.update`` and raw
SQL are seen as well. This is the migration's anti-corruption layer at work: legacy column -> field, legacy
text -> candidate value, as declared in ``[tool.characterize.tables]``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from types import TracebackType
from typing import Any

from django.apps import apps
from django.core.exceptions import FieldError
from django.db import models, router

from pytest_characterize.descriptors import Tables
from pytest_characterize.errors import ReplayError
from pytest_characterize.freezing import freeze
from pytest_characterize.settings import TableMapping
from pytest_characterize.values import Value

Content = dict[Any, dict[str, Value]]
"""Primary key -> the row in legacy's language."""


class DjangoRows:
    """Watches the models behind the declared tables; the value is asked for after the block.

    ::

        with DjangoRows(Tables("ledger"), mappings) as changes:
            services.post_invoice(...)
        changes()  # {"ledger": {"inserted": [{"amount": Decimal("9.50"), ...}], "deleted": [], ...}}

    Raises:
        ReplayError: ``table-unmapped``, ``table-model-unknown``, ``table-field-unknown``.
    """

    def __init__(self, effect: object, tables: Mapping[str, TableMapping]) -> None:
        assert isinstance(effect, Tables)
        self._found = effect.found
        self._views = {name: _view(name, tables) for name in (tables if effect.found else effect.names)}

    def __enter__(self) -> Callable[[], Value]:
        before = {name: view.read() for name, view in self._views.items()}

        def changes() -> Value:
            told = {name: _changes(before[name], view.read()) for name, view in self._views.items()}
            return {name: parts for name, parts in told.items() if not self._found or any(parts.values())}

        return changes

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Nothing was changed, so there is nothing to put back."""


@dataclass(frozen=True)
class _View:
    """A model seen as the legacy table that it replaces."""

    mapping: TableMapping
    model: type[models.Model]
    backwards: Mapping[str, Mapping[tuple[type, Any], str]]

    def read(self) -> Content:
        """All rows of the model, in legacy's columns."""
        # A manager of the model's own may hide rows; this query set sees all of them.
        everything: models.QuerySet[models.Model] = models.QuerySet(
            self.model, using=router.db_for_write(self.model)
        )
        columns, fields = list(self.mapping.columns), list(self.mapping.columns.values())
        try:
            found = list(everything.order_by("pk").values_list("pk", *fields))
        except FieldError as error:
            raise ReplayError(
                f"[tool.characterize.tables.{self.mapping.table}] columns: {error}",
                slug="table-field-unknown",
                hint=f"map each legacy column to a field of {self.mapping.model}",
            ) from None
        return {
            key: {column: self._told(column, value) for column, value in zip(columns, row, strict=True)}
            for key, *row in found
        }

    def _told(self, column: str, value: Any) -> Value:
        """A candidate's value as legacy would have it; one without a translation stays and so drifts."""
        backwards = self.backwards.get(column)
        if backwards is not None:
            value = backwards.get(_exactly(value), value)
        if isinstance(value, str) and column in self.mapping.padded:
            value = value.ljust(self.mapping.padded[column])
        return freeze(value, (_plain_bytes,))


def _view(name: str, tables: Mapping[str, TableMapping]) -> _View:
    mapping = tables.get(name)
    if mapping is None:
        raise ReplayError(
            f"the legacy table {name!r} is mapped to no model of the candidate",
            slug="table-unmapped",
            hint=f"add [tool.characterize.tables.{name}] with model = 'app.Model'"
            " and columns = { legacy_column = 'field' } to pyproject.toml",
        )
    try:
        model = apps.get_model(mapping.model)
    except (LookupError, ValueError) as error:
        raise ReplayError(
            f"[tool.characterize.tables.{name}] model {mapping.model!r}: {error}",
            slug="table-model-unknown",
            hint="write Django's label of an installed model, 'app_label.ModelName'",
        ) from None
    backwards = {column: _backwards(pairs) for column, pairs in mapping.translate.items()}
    return _View(mapping, model, backwards)


def _backwards(pairs: Mapping[str, Any]) -> Mapping[tuple[type, Any], str]:
    """Candidate value -> legacy text; of several texts with one value, the first declared."""
    turned: dict[tuple[type, Any], str] = {}
    for text, value in pairs.items():
        turned.setdefault(_exactly(value), text)
    return turned


def _exactly(value: Any) -> tuple[type, Any]:
    """A key that tells ``True`` from ``1``, as Python's own equality does not."""
    try:
        hash(value)
    except TypeError:
        return type(value), repr(value)
    return type(value), value


def _plain_bytes(value: object) -> object:
    return bytes(value) if isinstance(value, memoryview) else NotImplemented


def _changes(before: Content, after: Content) -> dict[str, Value]:
    updated = [key for key in after if key in before and not _same(before[key], after[key])]

    def rows(content: Content, keys: Iterable[Any]) -> list[Value]:
        return [content[key] for key in keys]

    return {
        "inserted": rows(after, (key for key in after if key not in before)),
        "deleted": rows(before, (key for key in before if key not in after)),
        "before": rows(before, updated),
        "after": rows(after, updated),
    }


def _same(before: Mapping[str, Value], after: Mapping[str, Value]) -> bool:
    """Whether nothing changed, not even a type or a scale, which Python's equality would let pass."""
    return before == after and repr(before) == repr(after)
