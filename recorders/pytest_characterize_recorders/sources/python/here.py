"""A legacy function that is imported into this process."""

from __future__ import annotations

import asyncio
import importlib
import inspect
import sys
import warnings
from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from copy import deepcopy
from functools import partial
from pathlib import Path
from typing import Any

from pytest_characterize.errors import RecordingError
from pytest_characterize.freezing import freeze, freeze_exception
from pytest_characterize.model import Outcome, RuleHit
from pytest_characterize.values import Value
from pytest_characterize_recorders.sources.python.varying import VariantError, Varying


class Here:
    """Imports the function, with the project's root on the import path until it is closed.

    An exception is its behaviour, ``SystemExit`` included; a warning is none, whatever filters the project's
    tests have.

    Args:
        modules: patterns of the modules whose texts are told; by default the function's own, and those of its
            package that it imports.

    Raises:
        RecordingError: ``function-unknown``.
    """

    def __init__(self, target: str, root: Path, modules: Sequence[str] = ()) -> None:
        self._target = target
        self._varying = Varying(target.partition(":")[0], modules)
        self._path_entry = str(root) if str(root) not in sys.path else ""
        if self._path_entry:
            sys.path.insert(0, self._path_entry)
        try:
            self._function = _find(target)
        except RecordingError:
            self.close()
            raise

    @property
    def source(self) -> str:
        """The function's source text, ``""`` where there is none."""
        try:
            return inspect.getsource(inspect.unwrap(self._function))
        except (OSError, TypeError):
            return ""

    @property
    def python(self) -> str:
        """The version of the interpreter."""
        return f"{sys.version_info.major}.{sys.version_info.minor}"

    @property
    def texts(self) -> Mapping[str, str]:
        """Module name -> source text, of the loaded modules that belong to the function's."""
        return self._varying.texts()

    @property
    def hits(self) -> tuple[RuleHit, ...]:
        """The rules that the last call hit, where its code has probes."""
        return tuple(RuleHit(rule, count) for rule, count in self._varying.hits())

    def vary(self, variant: Mapping[str, str]) -> None:
        """From now on, run the functions of these modules as these texts have them, and all others as they are.

        Raises:
            RecordingError: ``variant-unknown``, ``variant-broken`` or ``variant-stale``.
        """
        with self._told():
            self._varying.vary(variant)

    def prepared(self, variant: Mapping[str, str]) -> Callable[[], None]:
        """What :meth:`vary` would do, as far as it can be done beforehand; the rest is done when it is called.

        Raises:
            RecordingError: as :meth:`vary`.
        """
        with self._told():
            return partial(self._varying.take, self._varying.prepared(variant), variant)

    @contextmanager
    def _told(self) -> Iterator[None]:
        try:
            yield
        except VariantError as error:
            raise RecordingError(
                f"function {self._target!r}: {error.why}", slug=error.slug, hint=error.hint
            ) from None

    def call(self, arguments: dict[str, Value]) -> Outcome:
        """Call the function with a copy of the arguments.

        Raises:
            RecordingError: ``function-arguments``.
        """
        bound = self._bound(deepcopy(arguments))
        self._varying.clear()
        return _outcome(bound)

    def close(self) -> None:
        """Take the project's root from the import path again; imported modules stay imported."""
        self._varying.remove()
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


def _unknown(target: str, why: str) -> RecordingError:
    return RecordingError(
        f"function {target!r} cannot be used: {' '.join(why.split())}",
        slug="function-unknown",
        hint="legacy code is imported with the project's root on the import path; try the import there",
    )
