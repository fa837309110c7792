"""Recording Python callables of the legacy code base."""

from __future__ import annotations

import asyncio
import hashlib
import importlib
import inspect
import sys
import warnings
from collections.abc import Awaitable, Callable, Mapping
from copy import deepcopy
from typing import Any

from pytest_characterize.descriptors import Descriptor, Function
from pytest_characterize.errors import RecordingError
from pytest_characterize.freezing import freeze, freeze_exception
from pytest_characterize.model import Case, Observation, Outcome, RuleHit
from pytest_characterize.recording.protocols import RecordingContext
from pytest_characterize.values import Value
from pytest_characterize_recorders.sources.inputs import bind


class FunctionRecorder:
    """Calls one legacy function, case by case, in this process.

    It is imported when the recorder is opened, with the project's root on the import path until the
    recorder is closed. An exception is its behaviour, ``SystemExit`` included; a warning is none, whatever
    filters the project's tests have.

    Raises:
        RecordingError: ``function-unknown`` or ``effects-unobservable``.
    """

    def __init__(self, descriptor: Descriptor, context: RecordingContext) -> None:
        assert isinstance(descriptor, Function)
        self._target = descriptor.target
        self._args = context.args
        if descriptor.effects is not None:
            raise RecordingError(
                f"function {self._target!r}: the effects of a Python function cannot be observed yet",
                slug="effects-unobservable",
                hint="leave effects= out",
            )
        root = str(context.settings.root)
        self._path_entry = root if root not in sys.path else ""
        if self._path_entry:
            sys.path.insert(0, root)
        try:
            self._function = _find(self._target)
        except RecordingError:
            self.close()
            raise

    def observe(
        self, case: Case, variant: Mapping[str, str] | None = None
    ) -> tuple[Observation, tuple[RuleHit, ...]]:
        """Call the function with a copy of the case's input, as keyword arguments."""
        if variant:
            raise RecordingError(
                f"function {self._target!r}: variants of Python functions are not supported",
                slug="variant-unknown",
                hint="record it without a variant",
            )
        call = self._bound(deepcopy(bind(case.input, self._args)))
        return Observation(_outcome(call)), ()

    def sources(self, case: Case) -> Mapping[str, str]:
        """The function's source text by its target, if it is written in Python."""
        source = _source(self._function)
        return {self._target: source} if source else {}

    def provenance(self) -> Mapping[str, str]:
        """Module, hash of the function's source, and Python version."""
        source = _source(self._function)
        told = {
            "module": self._target.partition(":")[0],
            "function sha256": hashlib.sha256(source.encode("utf-8", "replace")).hexdigest()
            if source
            else "",
            "python": f"{sys.version_info.major}.{sys.version_info.minor}",
        }
        return {name: text for name, text in told.items() if text}

    def close(self) -> None:
        """Take the project's root from the import path again; imported modules stay imported."""
        if self._path_entry in sys.path:
            sys.path.remove(self._path_entry)
        self._path_entry = ""

    def _bound(self, arguments: dict[str, Value]) -> Callable[[], object]:
        """The call, after the signature was found to take these arguments."""
        try:
            signature = inspect.signature(self._function)
        except ValueError:  # a builtin that does not tell
            return lambda: self._function(**arguments)
        by_position = [
            arguments.pop(name)
            for name, parameter in signature.parameters.items()
            if parameter.kind is parameter.POSITIONAL_ONLY and name in arguments
        ]
        try:
            bound = signature.bind(*by_position, **arguments)
        except TypeError as error:
            raise RecordingError(
                f"function {self._target!r} cannot be called with the inputs of the case: {error}",
                slug="function-arguments",
                hint=f"its signature is {signature}; map names that differ with args={{'parameter': 'input'}}",
            ) from None
        return lambda: self._function(*bound.args, **bound.kwargs)


def _outcome(call: Callable[[], object]) -> Outcome:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            result = call()
            if inspect.isawaitable(result):
                result = asyncio.run(_awaited(result))
        except (Exception, SystemExit) as error:
            return Outcome("raised", freeze_exception(error))
        return Outcome("returned", freeze(result))


async def _awaited(result: Awaitable[object]) -> object:
    return await result


def _find(target: str) -> Callable[..., Any]:
    module_name, _, qualified = target.partition(":")
    if not module_name or not qualified:
        raise _unknown(target, 'it must read "package.module:qualified.name"')
    try:
        found: Any = importlib.import_module(module_name)
    except (Exception, SystemExit) as error:
        raise _unknown(target, f"its module cannot be imported: {type(error).__name__}: {error}") from error
    for name in qualified.split("."):
        try:
            found = getattr(found, name)
        except AttributeError as error:
            raise _unknown(target, str(error)) from None
    if not callable(found):
        raise _unknown(target, f"it is no function, but of type {type(found).__name__}")
    return found  # type: ignore[no-any-return]


def _source(function: Callable[..., Any]) -> str:
    try:
        return inspect.getsource(inspect.unwrap(function))
    except (OSError, TypeError):
        return ""


def _unknown(target: str, why: str) -> RecordingError:
    return RecordingError(
        f"function {target!r} cannot be used: {' '.join(why.split())}",
        slug="function-unknown",
        hint="legacy code is imported with the project's root on the import path; try the import there",
    )
