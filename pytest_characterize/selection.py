"""What a matcher and filters leave of a live object, before it is frozen.

They are syrupy's: a *matcher* gives another object in the place of one that it knows, *exclude* and
*include* say which keys, fields and items stay. All three are told where they are by a path of keys and
of the types of what stands there.
"""

from __future__ import annotations

from collections import Counter, OrderedDict, defaultdict, deque
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, Final, Protocol, TypeAlias

from pytest_characterize.errors import UnsupportedValueError
from pytest_characterize.freezing import Adapter, field_names, is_known, qualified_name
from pytest_characterize.values import MAX_DEPTH, Record

Path: TypeAlias = tuple[tuple[Any, type], ...]
"""Key (or index, or field) and type of each step from the root."""

_MAPPINGS: Final = frozenset({dict, OrderedDict, defaultdict, Counter, MappingProxyType})
_SEQUENCES: Final[Mapping[type, type]] = {list: list, tuple: tuple, deque: list}
_SETS: Final = frozenset({set, frozenset})


class Matcher(Protocol):
    """Gives what is to stand in the place of an object, most often the object itself."""

    def __call__(self, *, data: Any, path: Path) -> Any: ...  # noqa: D102


class Filter(Protocol):
    """Whether a key, field or index below ``path`` is meant."""

    def __call__(self, *, prop: Any, path: Path) -> bool: ...  # noqa: D102


@dataclass(frozen=True, slots=True)
class Selection:
    """A matcher and two filters, applied to whatever an object holds.

    Attributes:
        adapters: as for :func:`~pytest_characterize.freezing.freeze`; what they give is looked into.
    """

    matcher: Matcher | None = None
    exclude: Filter | None = None
    include: Filter | None = None
    adapters: Sequence[Adapter] = ()

    def of(self, obj: object) -> object:
        """A copy of the object's containers with what was selected; the object itself stays as it is.

        Raises:
            UnsupportedValueError: ``value-too-deep``.
        """
        try:
            return self._of(obj, ())
        except RecursionError:
            raise _too_deep() from None

    def _of(self, obj: Any, path: Path) -> Any:
        if len(path) > MAX_DEPTH:
            raise _too_deep()
        obj = self._simplified(self.matcher(data=obj, path=path) if self.matcher else obj)
        kind = type(obj)
        if kind in _MAPPINGS:
            return self._items(obj.items(), path)
        if kind in _SEQUENCES:
            return _SEQUENCES[kind](self._items(enumerate(obj), path).values())
        if kind in _SETS:
            return self._set(obj, path)
        if kind is Record:
            return Record(obj.type, self._items(obj.fields.items(), path))
        names = None if is_known(kind) else field_names(obj)
        if names is None or not all(hasattr(obj, name) for name in names):
            return obj
        fields = [(name, getattr(obj, name)) for name in names]
        return Record(qualified_name(kind), self._items(fields, path))

    def _simplified(self, obj: Any) -> Any:
        """What the adapters make of the object, in as many steps as it takes."""
        while not is_known(type(obj)):
            for adapter in self.adapters:
                simpler = adapter(obj)
                if simpler is not NotImplemented:
                    obj = simpler
                    break
            else:
                break
        return obj

    def _set(self, members: Any, path: Path) -> Any:
        selected = self._items([(member, member) for member in members], path).values()
        try:
            return type(members)(selected)
        except TypeError:  # a member cannot be one once it is a value, which freezing says by name
            return members

    def _items(self, items: Iterable[tuple[Any, Any]], path: Path) -> dict[Any, Any]:
        """A loop and no comprehension, which would take a frame more for each level of depth."""
        selected = {}
        for key, item in items:
            if self.exclude and self.exclude(prop=key, path=path):
                continue
            if self.include and not self.include(prop=key, path=path):
                continue
            selected[key] = self._of(item, (*path, (key, type(item))))
        return selected


def _too_deep() -> UnsupportedValueError:
    return UnsupportedValueError(
        f"$: the object is nested deeper than {MAX_DEPTH} containers, or contains itself",
        slug="value-too-deep",
        hint="return a flatter structure, or the part of it that is behaviour",
    )
