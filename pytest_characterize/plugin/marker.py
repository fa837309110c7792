"""Reading ``@pytest.mark.characterize``: from what a test says to a checked :class:`TestSpec`."""

from __future__ import annotations

import fnmatch
import inspect
from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any, Final

import pytest

from pytest_characterize.compare.policies import check_policy
from pytest_characterize.descriptors import Descriptor, Flow, Ignore, Policy, Tolerance, Unordered
from pytest_characterize.errors import UsageError
from pytest_characterize.given import Given
from pytest_characterize.plugin.marks import MARKER
from pytest_characterize.plugin.scripts import read_scenario
from pytest_characterize.settings import Settings
from pytest_characterize.specs import TestSpec

KNOWN: Final = (
    "legacy",
    "candidate",
    "cases",
    "args",
    "policy",
    "raises",
    "at",
    "freeze",
    "queries",
    "notices",
)
HIDING: Final = ("xfail", "skip", "skipif", "parametrize")


def read_marker(definition: pytest.Function, settings: Settings) -> TestSpec:
    """What the marker of a test function says.

    Raises:
        UsageError: one of the slugs ``marker-...``, ``case-...``, ``input-...``, ``hidden-replay``; the
            message names the test.
    """
    test = definition.nodeid
    _refuse_hiding(definition)
    given = _arguments(definition, test)
    legacy = _typed(given, "legacy", Descriptor, test)
    if isinstance(legacy, Flow):
        legacy = replace(legacy, test=test)
    inputs = _inputs(given, test)
    script, candidate = read_scenario(definition, legacy, given, inputs[0])
    _check_signature(definition, inputs, test)
    spec = TestSpec(
        test=test,
        legacy=legacy,
        inputs=inputs,
        args=dict(_typed(given, "args", Mapping, test, {})),
        policies=_policies(given, settings, test),
        raises=dict(settings.raises) | _raises(given, test),
        at=_moment(given, test),
        freeze=_typed(given, "freeze", bool, test, True),
        script=script,
        candidate=candidate,
        queries=_limit(given, settings, test),
        notices=_logger(given, test),
    )
    _check_args(spec)
    _check_given(spec)
    return spec


def _arguments(definition: pytest.Function, test: str) -> Mapping[str, Any]:
    marks = list(definition.iter_markers(MARKER))
    own = [mark for mark in definition.own_markers if mark.name == MARKER]
    if len(own) > 1:
        raise _usage(test, "carries the characterize marker twice", "marker-doubled", "keep one")
    mark = marks[0]
    if mark.args:
        raise _usage(
            test,
            "the marker takes keyword arguments only",
            "marker-positional",
            "write legacy=..., cases=...",
        )
    unknown = sorted(set(mark.kwargs) - set(KNOWN))
    if unknown:
        raise _usage(
            test,
            f"unknown marker argument {unknown[0]!r}",
            "marker-unknown-argument",
            f"known: {', '.join(KNOWN)}",
        )
    given = dict(mark.kwargs)
    if isinstance(given.get("legacy"), Flow):
        given.setdefault("cases", [{}])
    for name in ("legacy", "cases"):
        if name not in given:
            raise _usage(
                test, f"the marker lacks {name}=", "marker-missing-argument", f"add {name}=... to the marker"
            )
    return given


def _typed(given: Mapping[str, Any], name: str, kind: type, test: str, default: Any = None) -> Any:
    value = given.get(name, default)
    if not isinstance(value, kind):
        raise _usage(
            test,
            f"{name}= must be a {kind.__name__}, not {type(value).__name__}",
            "marker-wrong-type",
            "see docs/reference/marker.md",
        )
    return value


def _inputs(given: Mapping[str, Any], test: str) -> tuple[Mapping[str, Any], ...]:
    cases = given["cases"]
    if isinstance(cases, str | bytes | Mapping) or not hasattr(cases, "__iter__"):
        raise _usage(
            test, "cases= must be a list of dictionaries", "marker-wrong-type", "see docs/reference/marker.md"
        )
    inputs = tuple(cases)
    if not inputs:
        raise _usage(
            test, "cases= is empty: the test would prove nothing", "case-none", "name at least one case"
        )
    for position, case in enumerate(inputs):
        if not isinstance(case, Mapping) or not all(
            isinstance(key, str) and key.isidentifier() for key in case
        ):
            raise _usage(
                test,
                f"case {position} must be a dictionary of input names to values",
                "marker-wrong-type",
                'write it as {"customer_id": 7}',
            )
        if set(case) != set(inputs[0]):
            odd = ", ".join(sorted(set(case) ^ set(inputs[0])))
            raise _usage(
                test,
                f"case {position} has other input names than case 0 ({odd})",
                "case-uneven",
                "name every input in every case; None is a value too",
            )
    return inputs


def _check_signature(definition: pytest.Function, inputs: tuple[Mapping[str, Any], ...], test: str) -> None:
    parameters = inspect.signature(definition.function).parameters
    manager = definition.session._fixturemanager
    for name in inputs[0]:
        if manager.getfixturedefs(name, definition):
            raise _usage(
                test,
                f"input {name!r} bears the name of a fixture",
                "input-is-fixture",
                f"rename it, and map the legacy parameter with args={{{name!r}: 'new_name'}}",
            )
        if name not in parameters:
            raise _usage(
                test,
                f"input {name!r} is no argument of the test function",
                "input-unused",
                f"add {name} to the function's arguments: a candidate that does not see its input proves little",
            )
        if parameters[name].default is not inspect.Parameter.empty:
            raise _usage(
                test,
                f"argument {name!r} is an input and has a default value",
                "input-has-default",
                "remove the default from the function's signature",
            )


def _check_args(spec: TestSpec) -> None:
    if spec.script is not None:  # its steps have arguments, which nobody knows before they are taken
        return
    for parameter, name in spec.args.items():
        if name not in spec.inputs[0]:
            raise _usage(
                spec.test,
                f"args= maps {parameter!r} to {name!r}, which is no input",
                "args-unknown-input",
                f"inputs are {', '.join(spec.inputs[0]) or '(none)'}; args maps legacy parameter -> input",
            )


def _check_given(spec: TestSpec) -> None:
    declared = spec.legacy.given
    if declared is None:
        return
    faults: Iterable[str] = [f"must be a Given, not a {type(declared).__name__}"]
    if isinstance(declared, Given):
        faults = declared.faults(spec.inputs[0])
    for fault in faults:
        raise _usage(
            spec.test,
            f"given= {fault}",
            "given-wrong",
            'write Given(customer={"id": "customer_id"}, plan={"id": "customer.plan_id"})',
        )


def _policies(given: Mapping[str, Any], settings: Settings, test: str) -> tuple[Policy, ...]:
    declared = tuple(_typed(given, "policy", list, test, []))
    for policy in declared:
        if not isinstance(policy, Ignore | Tolerance | Unordered):
            raise _usage(
                test,
                f"policy= holds a {type(policy).__name__}",
                "marker-wrong-type",
                "use Ignore, Tolerance or Unordered",
            )
        if not str(policy.reason).strip():
            raise _usage(
                test,
                f"the policy at {policy.path} has no reason",
                "policy-no-reason",
                "say why it does not matter",
            )
    scoped = (item.policy for item in settings.policies if fnmatch.fnmatchcase(test, item.test))
    policies = (*declared, *scoped)
    for policy in policies:
        check_policy(policy)
    return policies


def _raises(given: Mapping[str, Any], test: str) -> dict[str, str]:
    mapping = _typed(given, "raises", Mapping, test, {})
    found = {}
    for legacy, candidate in mapping.items():
        if isinstance(candidate, type) and issubclass(candidate, BaseException):
            candidate = f"{candidate.__module__}.{candidate.__qualname__}"
        if not isinstance(candidate, str) or "." not in candidate:
            raise _usage(
                test,
                f"raises= maps {legacy!r} to {candidate!r}",
                "marker-wrong-type",
                "map a legacy error to the candidate's exception class or its qualified name",
            )
        found[str(legacy)] = candidate
    return found


def _moment(given: Mapping[str, Any], test: str) -> datetime | None:
    at = given.get("at")
    if at is not None and (not isinstance(at, datetime) or at.tzinfo is None):
        raise _usage(
            test,
            "at= must be a datetime with a time zone",
            "marker-wrong-type",
            "write datetime(2024, 3, 1, tzinfo=UTC)",
        )
    return at


def _limit(given: Mapping[str, Any], settings: Settings, test: str) -> int | None:
    limit = given.get("queries", settings.queries)
    if limit is not None and (type(limit) is not int or limit < 0):
        raise _usage(
            test,
            f"queries= must be a whole number or None, not {limit!r}",
            "marker-wrong-type",
            "say how many SQL statements a case may take at most",
        )
    return limit


def _logger(given: Mapping[str, Any], test: str) -> str:
    name = given.get("notices", "")
    if not isinstance(name, str) or (not name and "notices" in given):
        raise _usage(
            test,
            f"notices= must be the name of a logger, not {name!r}",
            "marker-wrong-type",
            "write the name that the candidate gives to logging.getLogger",
        )
    return name


def _refuse_hiding(definition: pytest.Function) -> None:
    for name in HIDING:
        if definition.get_closest_marker(name) is not None:
            raise _usage(
                definition.nodeid,
                f"carries the marker {name!r} beside characterize",
                "hidden-replay",
                "put inputs into cases=, and intended drifts into a waiver; a hidden case proves nothing",
            )


def _usage(test: str, message: str, slug: str, hint: str) -> UsageError:
    return UsageError(f"{test}: {message}", slug=slug, hint=hint)
