"""The modes that contact legacy: one item a marked test, in its place; no candidate is touched."""

from __future__ import annotations

from collections.abc import Generator
from pathlib import Path
from typing import Any, Generic, TypeVar

import pytest

from pytest_characterize.errors import CharacterizeError
from pytest_characterize.plugin.marker import read_marker
from pytest_characterize.plugin.marks import is_marked
from pytest_characterize.plugin.unittests import refuse_unittest
from pytest_characterize.plugin.usage import UsagePlugin
from pytest_characterize.session import Session
from pytest_characterize.specs import TestSpec


class LegacyFailure(Exception):  # noqa: N818 - pytest shows the class name nowhere
    """Something of a test could not be done; the message tells what and why."""


class LegacyItem(pytest.Item):
    """Works on the legacy of one marked test; what :meth:`runtest` does is the mode's."""

    def __init__(self, *, spec: TestSpec, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.spec = spec

    def repr_failure(self, excinfo: pytest.ExceptionInfo[BaseException], style: Any = None) -> Any:
        """Errors of ours in one line each; anything else as pytest shows it."""
        if isinstance(excinfo.value, CharacterizeError | LegacyFailure):
            return str(excinfo.value)
        return super().repr_failure(excinfo)

    def reportinfo(self) -> tuple[Path, int | None, str]:
        """Where the test is."""
        return self.path, None, self.name


Kind = TypeVar("Kind", bound=LegacyItem)


class LegacyPlugin(Generic[Kind]):
    """Collects one item of a kind for each marked test, and deselects everything else."""

    def __init__(self, kind: type[Kind], session: Session, usage: UsagePlugin) -> None:
        self._kind, self._session, self._usage = kind, session, usage
        self._specs: dict[str, TestSpec] = {}
        self._items: list[Kind] = []

    def pytest_generate_tests(self, metafunc: pytest.Metafunc) -> None:
        """Read the marker where pytest knows the function and its fixtures."""
        if is_marked(metafunc.definition):
            with self._usage.shown():
                spec = read_marker(metafunc.definition, self._session.settings)
                self._session.given(spec)
                self._specs[spec.test] = spec

    @pytest.hookimpl(wrapper=True)
    def pytest_pycollect_makeitem(
        self, collector: pytest.Module | pytest.Class, name: str, obj: object
    ) -> Generator[None, Any, Any]:
        """Put one item of ours in the place of a marked test, so that no candidate fixture is set up."""
        with self._usage.shown():
            refuse_unittest(collector, name, obj)
        made = yield
        spec = self._specs.get(f"{collector.nodeid}::{name}")
        if spec is None:
            return made
        return [self._kind.from_parent(collector, name=name, spec=spec)]

    @pytest.hookimpl(trylast=True)
    def pytest_collection_modifyitems(self, config: pytest.Config, items: list[pytest.Item]) -> None:
        """Deselect what is not ours."""
        self._items = [item for item in items if isinstance(item, self._kind)]
        others = [item for item in items if not isinstance(item, self._kind)]
        if others:
            config.hook.pytest_deselected(items=others)
            items[:] = list(self._items)
