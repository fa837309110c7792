"""Finding the legacy function, and calling it."""

from __future__ import unicode_literals

import importlib
import inspect
import sys
import warnings

from .kinds import PYTHON_2, Refused, as_text, message_of
from .trees import raised, write

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Callable, Dict, Tuple


def find(target):
    # type: (str) -> Any
    """The callable that ``module:qualified.name`` names."""
    module, _, qualified = target.partition(":")
    if not module or not qualified:
        raise Refused('it must read "package.module:qualified.name"')
    try:
        found = importlib.import_module(module)  # type: Any
    except (Exception, SystemExit) as error:
        raise Refused("its module cannot be imported: %s: %s" % (type(error).__name__, message_of(error)))
    for name in qualified.split("."):
        if not hasattr(found, name):
            raise Refused("%s has no attribute '%s'" % (getattr(found, "__name__", module), name))
        found = getattr(found, name)
    if not callable(found):
        raise Refused("it is no function, but of type %s" % type(found).__name__)
    return found


def source_of(function):
    # type: (Any) -> Any
    """The function's source text, empty where it has none."""
    try:
        written = inspect.unwrap(function) if hasattr(inspect, "unwrap") else function
        return as_text(inspect.getsource(written))
    except (EnvironmentError, TypeError):
        return ""


def bound(function, arguments):
    # type: (Any, Dict[str, Any]) -> Callable[[], Any]
    """The call, after the signature was found to take these arguments."""
    if PYTHON_2:
        _check_signature(function, arguments)
        return lambda: function(**arguments)
    try:
        signature = inspect.signature(function)
    except ValueError:  # a builtin that does not tell
        return lambda: function(**arguments)
    first = [
        arguments.pop(name)
        for name, parameter in signature.parameters.items()
        if parameter.kind is parameter.POSITIONAL_ONLY and name in arguments
    ]
    try:
        found = signature.bind(*first, **arguments)
    except TypeError as error:
        raise Refused("%s; its signature is %s" % (message_of(error), signature))
    return lambda: function(*found.args, **found.kwargs)


def _check_signature(function, arguments):
    # type: (Any, Dict[str, Any]) -> None
    """As ``Signature.bind`` does, for what in Python 2 tells its signature."""
    first = ()  # type: Tuple[Any, ...]
    if inspect.isclass(function):
        function, first = getattr(function, "__init__", None), (None,)
    elif not (inspect.isfunction(function) or inspect.ismethod(function)):
        function = getattr(function, "__call__", None)  # noqa: B004 - this is the method itself
    if inspect.isfunction(function) or inspect.ismethod(function):
        try:
            inspect.getcallargs(function, *first, **arguments)
        except TypeError as error:
            told = inspect.formatargspec(*inspect.getargspec(function))  # type: ignore[attr-defined]
            raise Refused("%s; its signature is %s" % (message_of(error), told))


def outcome(call, native):
    # type: (Callable[[], Any], str) -> Dict[str, Any]
    """What the call did. An interrupt is no behaviour: it ends this process."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            result = call()
            if hasattr(inspect, "isawaitable") and inspect.isawaitable(result):
                result = _awaited(result)
        except (KeyboardInterrupt, GeneratorExit):
            raise
        except:  # noqa: E722 - in Python 2 anything can be raised
            error = sys.exc_info()[1]
            return {"raised": raised(error.__class__, error, native)}
        return {"returned": write(result, native)}


def _awaited(result):
    # type: (Any) -> Any
    import asyncio

    loop = asyncio.new_event_loop()
    asyncio.set_event_loop(loop)
    try:
        return loop.run_until_complete(result)
    finally:
        asyncio.set_event_loop(None)
        loop.close()
