"""Mode replay, collection: the items of a run are the manifest united with the given cases."""

from __future__ import annotations

from collections.abc import Generator
from pathlib import PurePosixPath
from typing import Any

import pytest

from pytest_characterize.errors import UsageError
from pytest_characterize.model import CaseResult
from pytest_characterize.plugin.items import SettledItem
from pytest_characterize.plugin.marker import read_marker
from pytest_characterize.plugin.marks import is_marked
from pytest_characterize.plugin.unittests import refuse_unittest
from pytest_characterize.plugin.usage import UsagePlugin
from pytest_characterize.session import Session
from pytest_characterize.session.planning import Plan

PLANNED = "_characterize"
"""The parameter that carries a planned case into an item; no fixture, as each costs every case a tenth."""


class CollectingPlugin:
    """Makes one item a golden, and an item that fails for each case that cannot be played.

    Attributes:
        planned: node ids of every case that was planned, whether it stayed in the run or not.
    """

    def __init__(self, session: Session, usage: UsagePlugin) -> None:
        self._session, self._usage = session, usage
        self._plans: dict[str, Plan] = {}
        self._modules: dict[str, str] = {}
        self.planned: list[str] = []

    def pytest_generate_tests(self, metafunc: pytest.Metafunc) -> None:
        """Parametrise a marked test with its goldens; their inputs follow when the item is set up."""
        if not is_marked(metafunc.definition):
            return
        with self._usage.shown():
            spec = read_marker(metafunc.definition, self._session.settings)
            plan = self._session.plan(spec)
        self._plans[spec.test] = plan
        if plan.cases:
            names = list(spec.inputs[0])
            blanks = [None] * len(names)
            metafunc.fixturenames.append(PLANNED)  # no argument of the test, but pytest wants it to be one
            metafunc.parametrize(
                [PLANNED, *names],
                [pytest.param(planned, *blanks, id=planned.entry.label) for planned in plan.cases],
            )

    @pytest.hookimpl(wrapper=True)
    def pytest_pycollect_makeitem(
        self, collector: pytest.Module | pytest.Class, name: str, obj: object
    ) -> Generator[None, Any, Any]:
        """Add the settled cases of a marked test to its items."""
        with self._usage.shown():
            refuse_unittest(collector, name, obj)
        made = yield
        plan = self._plans.get(f"{collector.nodeid}::{name}")
        if plan is None:
            return made
        played = (made if isinstance(made, list) else [made]) if plan.cases else []
        with self._usage.shown():
            _refuse_multiplied(plan, played)
        items = [*played, *(_settled_item(collector, name, result) for result in plan.settled)]
        self.planned += [item.nodeid for item in items]
        return items

    def pytest_collectreport(self, report: pytest.CollectReport) -> None:
        """Remember which modules were collected, skipped or failed."""
        path, _, below = report.nodeid.partition("::")
        if not below and path.endswith(".py"):
            self._modules[path] = report.outcome

    @pytest.hookimpl(tryfirst=True)
    def pytest_collection_modifyitems(
        self, session: pytest.Session, config: pytest.Config, items: list[pytest.Item]
    ) -> None:
        """Add an item that fails for every golden whose test is gone."""
        scope = Scope(config)
        for result in self._session.strays(self._plans, lambda test: self._why_gone(config, scope, test)):
            below = result.test.partition("::")[2]
            item = SettledItem.from_parent(
                session,
                name=f"{below}[{result.label}]",
                nodeid=f"{result.test}[{result.label}]",
                result=result,
            )
            self.planned.append(item.nodeid)
            items.append(item)

    def _why_gone(self, config: pytest.Config, scope: Scope, test: str) -> str | None:
        if not scope.covers(test):
            return None
        module = test.partition("::")[0]
        if not (config.rootpath / module).exists():
            return f"its test module {module} is gone"
        match self._modules.get(module):
            case "passed":
                return "its test function is gone, renamed or no longer marked"
            case "skipped":
                return "its test module was skipped while it was imported"
            case "failed":
                return "its test module could not be imported"
            case _:
                return "pytest did not collect its test module (see testpaths, python_files and conftest.py)"


class Scope:
    """What the command line asked for: everything, or some paths and node ids."""

    def __init__(self, config: pytest.Config) -> None:
        self._root = config.rootpath
        self.narrowed = self._narrowed(config)
        self._ignoring = bool(
            config.getoption("ignore") or config.getoption("ignore_glob") or config.getoption("deselect")
        )
        self._wanted = [self._node(config, arg) for arg in config.args]

    def covers(self, test: str) -> bool:
        """Whether a test with this path would have been collected if it existed."""
        if self._ignoring:
            return False
        if not self.narrowed:
            return True
        return any(
            test == wanted or test.startswith((f"{wanted}/", f"{wanted}::", f"{wanted}["))
            for wanted in self._wanted
        )

    def _narrowed(self, config: pytest.Config) -> bool:
        if config.args_source is not pytest.Config.ArgsSource.ARGS:
            return False
        given = {(config.invocation_params.dir / arg.partition("::")[0]).resolve() for arg in config.args}
        if any("::" in arg for arg in config.args):
            return True
        if any(self._root.is_relative_to(path) for path in given):
            return False
        testpaths = [(self._root / path).resolve() for path in config.getini("testpaths")]
        return not testpaths or not all(any(path.is_relative_to(g) for g in given) for path in testpaths)

    def _node(self, config: pytest.Config, arg: str) -> str:
        path, colons, below = arg.partition("::")
        whole = (config.invocation_params.dir / path).resolve()
        relative = whole.relative_to(self._root) if whole.is_relative_to(self._root) else whole
        return f"{PurePosixPath(relative.as_posix())}{colons}{below}"


def _settled_item(collector: pytest.Module | pytest.Class, name: str, result: CaseResult) -> SettledItem:
    return SettledItem.from_parent(collector, name=f"{name}[{result.label}]", result=result)


def _refuse_multiplied(plan: Plan, items: list[pytest.Item]) -> None:
    """A case that several items would play could end in several verdicts."""
    expected = {PLANNED, *plan.spec.inputs[0]}
    for item in items:
        callspec = getattr(item, "callspec", None)
        extra = sorted(set(callspec.params) - expected) if callspec else []
        if extra:
            raise UsageError(
                f"{plan.spec.test}: is multiplied by {extra[0]!r} (a parametrised fixture or a plugin)",
                slug="case-multiplied",
                hint="name the variants in cases=: what is not part of the input is not part of the case's identity",
            )
