"""What a candidate did, as an :class:`~pytest_characterize.model.Outcome` that speaks legacy's language."""

from __future__ import annotations

import importlib
import inspect
from collections.abc import Iterator, Mapping
from dataclasses import replace

from pytest_characterize.errors import ReplayError, UnsupportedValueError
from pytest_characterize.freezing import Adapter, freeze, freeze_exception
from pytest_characterize.model import Observation, Outcome
from pytest_characterize.replay.responses import response_adapter
from pytest_characterize.values import Raised, Response


def returned(value: object, adapters: tuple[Adapter, ...] = ()) -> Outcome:
    """The outcome of a call that came back with ``value``; an HTTP response has *responded*.

    Raises:
        UnsupportedValueError: ``candidate-unfinished`` or what :func:`freeze` raises.
    """
    _refuse_unfinished(value)
    frozen = freeze(value, (response_adapter, *adapters))
    return Outcome("responded" if isinstance(frozen, Response) else "returned", frozen)


def raised(error: BaseException, raises: Mapping[str, str], golden: Observation) -> Outcome:
    """The outcome of a call that ended in ``error``.

    If the mapping says that the candidate's exception stands for the error which legacy raised, the
    outcome names legacy's error and only the message is left to compare. Otherwise it names the
    candidate's own, which differs.

    Args:
        raises: legacy error (SQLSTATE, condition name, class name, qualified class name) -> name of
            the candidate's exception class, as the candidate would import it.

    Raises:
        ReplayError: ``raises-unknown``: the mapped class does not exist; ``raises-undeclared``: both
            sides raised the same class, but nobody said that they mean the same.
    """
    own = freeze_exception(error)
    legacy = golden.outcome.value
    if not isinstance(legacy, Raised):
        return Outcome("raised", own)
    key = next((name for name in _names(legacy) if name in raises), None)
    if key is not None:
        if isinstance(error, _exception_class(raises[key])):
            own = Raised(legacy.types, own.message, legacy.code, legacy.details)
        return Outcome("raised", own)
    if own.types[:1] == legacy.types[:1]:
        name = own.types[0].removeprefix("builtins.")
        raise ReplayError(
            f"legacy and the candidate both raised {name}, but nothing says that they mean the same",
            slug="raises-undeclared",
            hint=f'if they do, say so in the marker: raises={{"{name}": "{name}"}}',
        ) from error
    return Outcome("raised", own)


def meant(observed: Observation, raises: Mapping[str, str], legacy: Observation) -> Observation:
    """The observation, with an exception that the mapping declares for legacy's error under legacy's name.

    Args:
        legacy: what the observation is to be compared with, which need not be its golden.
    """
    own, theirs = observed.outcome.value, legacy.outcome.value
    if not isinstance(own, Raised) or not isinstance(theirs, Raised):
        return observed
    if not any(raises.get(name) in own.types for name in _names(theirs)):
        return observed
    return replace(
        observed, outcome=Outcome("raised", Raised(theirs.types, own.message, theirs.code, theirs.details))
    )


def _names(legacy: Raised) -> Iterator[str]:
    """The names under which a mapping may know legacy's error, most specific first."""
    if legacy.code:
        yield legacy.code
    for name in legacy.types:
        yield name
        yield name.rpartition(".")[2]


def _exception_class(name: str) -> type[BaseException]:
    """The class of that name; ``ValueError`` is short for ``builtins.ValueError``."""
    module, _, attributes = name.replace(":", ".").rpartition(".")
    path = [attributes]
    while True:
        try:
            found: object = importlib.import_module(module or "builtins")
            for attribute in path:
                found = getattr(found, attribute)
            break
        except (ImportError, AttributeError) as error:
            module, _, outer = module.rpartition(".")
            path.insert(0, outer)
            if not module:
                raise _unknown_class(name, str(error)) from None
    if not (isinstance(found, type) and issubclass(found, BaseException)):
        raise _unknown_class(name, "it is no exception class")
    return found


def _unknown_class(name: str, why: str) -> ReplayError:
    return ReplayError(
        f"raises= names {name!r}, which cannot be used: {why}",
        slug="raises-unknown",
        hint="write the class's import path, for example billing.errors.CreditLimitExceeded",
    )


def _refuse_unfinished(value: object) -> None:
    """A generator or coroutine has not done anything yet; comparing it would compare nothing."""
    if inspect.iscoroutine(value):
        value.close()
        what, hint = "a coroutine that nobody awaited", "await it, in an async test function"
    elif inspect.isgenerator(value) or inspect.isasyncgen(value):
        what, hint = "a generator that has not run yet", "return list(...) of it"
    else:
        return
    raise UnsupportedValueError(f"$: the candidate returned {what}", slug="candidate-unfinished", hint=hint)
