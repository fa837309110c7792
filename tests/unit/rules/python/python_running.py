"""Runs a module with and without probes, and tells what anybody could see of it."""

from __future__ import annotations

import builtins
import contextlib
import io
import sys
import traceback
import warnings
from collections.abc import Mapping
from dataclasses import dataclass
from types import CodeType
from typing import Any

from pytest_characterize.rules.catalogue import Depth, Instrumented
from pytest_characterize.rules.python.probes import instrument
from pytest_characterize_recorders.sources.python.probing import Heard, compiled, table

FILE = "<legacy>"
EVERYTHING = Depth(operands=True, every=True, imports=True)


@dataclass(frozen=True)
class Seen:
    """What a run shows: its output, its result, and where an exception came from, to the column."""

    output: str
    result: object
    raised: str = ""
    trace: tuple[object, ...] = ()


def seen(code: CodeType, call: str, **names: object) -> Seen:
    """Run a module and evaluate an expression in it."""
    space: dict[str, Any] = {"__name__": "legacy", **names}
    result: object = None
    raised, trace = "", ()
    with contextlib.redirect_stdout(io.StringIO()) as output:
        try:
            exec(code, space)
            result = eval(call, space) if call else None
        except Exception as error:
            raised = f"{type(error).__name__}: {error}"
            trace = tuple(_places(error))
    return Seen(output.getvalue(), result, raised, trace)


def _places(error: BaseException) -> list[object]:
    found: list[object] = []
    for frame, line in traceback.walk_tb(error.__traceback__):
        if frame.f_code.co_filename == FILE:
            found.append((frame.f_code.co_qualname, line))
    for summary in traceback.extract_tb(error.__traceback__):
        if summary.filename == FILE:
            found.append((summary.lineno, summary.end_lineno, summary.colno, summary.end_colno))
    for other in (error.__cause__, error.__context__):
        if other is not None:
            found.append(_places(other))
    return found


def quietly(text: str) -> CodeType:
    """A module's code; warnings of the compiler are not what is tested."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        code: CodeType = compiled(text, FILE)
        return code


def heard(instrumented: Instrumented) -> Heard:
    """What takes the reports of a module's probes."""
    told = table(instrumented.text)
    ears = Heard(told["rules"], told["every"]) if told else Heard([], False)
    if told:
        setattr(builtins, told["probe"], ears.probe)
    return ears


def hits(source: str, call: str, depth: Depth = EVERYTHING) -> Mapping[str, int]:
    """The rules that a call hits: ``line arm of text`` -> how often."""
    instrumented = instrument(source, "legacy", depth=depth)
    ears = heard(instrumented)
    seen(quietly(instrumented.text), call)
    words = {rule.id: f"{rule.line} {rule.arm}: {rule.text}" for rule in instrumented.rules}
    return {words[rule]: count for rule, count in ears.hits().items()}


def same(source: str, call: str = "", depth: Depth = EVERYTHING) -> Seen:
    """What a module shows, after it was seen to show the same with probes."""
    plain = seen(quietly(source), call)
    instrumented = instrument(source, "legacy", depth=depth)
    heard(instrumented)
    probed = seen(quietly(instrumented.text), call)
    assert probed == plain
    return plain


assert sys.version_info >= (3, 11), "positions in tracebacks have columns"
