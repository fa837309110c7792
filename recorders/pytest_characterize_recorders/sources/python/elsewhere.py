"""A legacy function that another interpreter calls."""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final

from pytest_characterize.codec import to_tagged
from pytest_characterize.descriptors import Function
from pytest_characterize.errors import RecordingError, UnsupportedValueError
from pytest_characterize.model import Outcome, RuleHit
from pytest_characterize.paths import join_path
from pytest_characterize.processes import OutOfTime
from pytest_characterize.values import Value
from pytest_characterize_recorders.sources.python.homecoming import parsed, value_of
from pytest_characterize_recorders.sources.python.interpreters import places
from pytest_characterize_recorders.sources.python.talking import GoneError, Worker

PATIENCE: Final = 60.0
_GREETING: Final = 30.0
"""Seconds for what runs no code of legacy."""


class Elsewhere:
    """Has the function called by a worker process, which lives as long as legacy lets it.

    A call that does not come back, or takes its interpreter with it, costs its own case only: the next one
    gets a fresh worker, which has imported legacy anew.

    Raises:
        RecordingError: ``interpreter-unknown``, ``interpreter-unusable``, ``function-unknown``,
            ``worker-died`` or ``worker-timeout``; so do all methods that need a fresh worker.
    """

    def __init__(self, descriptor: Function, root: Path, modules: Sequence[str] = ()) -> None:
        self._function, self._root, self._modules = descriptor, root, modules
        self._seconds = PATIENCE if descriptor.timeout is None else descriptor.timeout
        self._places = places(descriptor.interpreter, root)
        self._worker: Worker | None = None
        self._texts: dict[str, str] = {}
        self._variant: Mapping[str, str] = {}
        self.source, self.python = "", ""
        self.hits: tuple[RuleHit, ...] = ()
        self._open()

    @property
    def texts(self) -> Mapping[str, str]:
        """Module name -> source text, of the modules that belong to the function's and are loaded there."""
        worker = self._worker or self._open()
        if not self._texts:
            answer = self._asked(worker, {"texts": True}, "while its modules were read", _GREETING)
            self._texts = dict(answer["texts"])
        return self._texts

    def vary(self, variant: Mapping[str, str]) -> None:
        """From now on, run the functions of these modules as these texts have them, and all others as they are.

        A fresh worker runs them as they are.

        Raises:
            RecordingError: ``variant-unknown``, ``variant-broken`` or ``variant-stale``.
        """
        worker = self._worker or self._open()
        if variant == self._variant:
            return
        self._variant = {}
        answer = self._asked(worker, {"variant": dict(variant)}, "while its probes were installed", _GREETING)
        if "not varied" in answer:
            raise RecordingError(
                f"{self._who}: {answer['not varied']}", slug=str(answer["slug"]), hint=str(answer["hint"])
            )
        self._variant = dict(variant)

    def call(
        self, arguments: dict[str, Value], seconds: float | None = None, *, apart: bool = False
    ) -> Outcome:
        """Call the function.

        Args:
            seconds: how long it may take; by default what the descriptor says.
            apart: in a process of its own, so that nothing of the call is left in the interpreter.

        Raises:
            RecordingError: ``function-arguments``, ``interpreter-value``, ``worker-died``, ``worker-timeout``
                or ``worker-answer``.
            UnsupportedValueError: ``value-unsupported``.
        """
        worker = self._worker or self._open()
        request = {"arguments": to_tagged(arguments), "encoding": self._function.encoding, "apart": apart}
        answer = self._asked(worker, request, "in this case", self._seconds if seconds is None else seconds)
        self.hits = tuple(RuleHit(rule, count) for rule, count in answer.get("hits", ()))
        if self._texts and self._texts.keys() != set(answer.get("modules", self._texts)):
            self._texts = {}
        match answer:
            case {"returned": tree}:
                return Outcome("returned", value_of(tree, self._who))
            case {"raised": tree}:
                return Outcome("raised", value_of(tree, self._who))
            case {"refused": why}:
                raise RecordingError(
                    f"{self._who} cannot be called with the inputs of the case: {why}",
                    slug="function-arguments",
                    hint="map names that differ with args={'parameter': 'input'}",
                )
            case {"unpassable": why}:
                raise RecordingError(
                    f"{self._who}: its interpreter cannot be given the inputs of the case: {why}",
                    slug="interpreter-value",
                    hint="name a plainer value in cases=, and let the candidate make the other one of it",
                )
            case {"unstorable": why, "hint": hint, "parts": parts}:
                raise UnsupportedValueError(
                    f"{join_path(parts)}: {why}", slug="value-unsupported", hint=str(hint)
                )
            case {"ended": status}:
                raise RecordingError(
                    f"{self._who} ended its process in this case: status {status}",
                    slug="worker-died",
                    hint="see what legacy does there, or leave the case out",
                )
            case answer:
                raise AssertionError(answer)

    def close(self) -> None:
        """End the worker."""
        if self._worker is not None:
            self._worker.close()
        self._worker, self._texts, self._variant, self.hits = None, {}, {}, ()

    @property
    def _who(self) -> str:
        return f"function {self._function.target!r} in {self._function.interpreter}"

    def _open(self) -> Worker:
        """A worker that has imported the function."""
        worker = self._started()
        request = {
            "path": _import_path(self._root),
            "target": self._function.target,
            "modules": list(self._modules),
        }
        answer = self._asked(worker, request, "while it was imported", self._seconds)
        if "refused" in answer:
            self.close()
            raise RecordingError(
                f"{self._who} cannot be used: {' '.join(str(answer['refused']).split())}",
                slug="function-unknown",
                hint="it is imported with the project's root on the import path; try the import with that"
                " interpreter there",
            )
        self.source = str(answer["source"])
        return worker

    def _started(self) -> Worker:
        """The first of the interpreters that answers; a name may stand for several, some of them stand-ins."""
        told = ""
        for place in self._places:
            try:
                worker = Worker(place, self._root)
            except OSError as error:
                told = str(error)
                continue
            try:
                greeting = json.loads(worker.answer(_GREETING))
            except (GoneError, OutOfTime) as error:
                worker.close()
                told = f"{place}: {error}"
                continue
            self._worker, self._places = worker, [place]
            kind = greeting["implementation"]
            self.python = greeting["python"] + (f" ({kind})" if kind != "cpython" else "")
            return worker
        raise RecordingError(
            f"the interpreter {self._function.interpreter!r} does not work: {told}",
            slug="interpreter-unusable",
            hint="it must be Python 2.7, or 3.6 or later; start it by hand to see",
        )

    def _asked(self, worker: Worker, request: Mapping[str, Any], when: str, seconds: float) -> dict[str, Any]:
        try:
            return parsed(worker.ask(request, seconds))
        except GoneError as error:
            self.close()
            raise RecordingError(
                f"{self._who} ended its interpreter {when}: {error}",
                slug="worker-died",
                hint="the other cases get a fresh one; see what legacy does there, or leave the case out",
            ) from None
        except OutOfTime as error:
            self.close()
            raise RecordingError(
                f"{self._who} did not come to its end {when}: {error}",
                slug="worker-timeout",
                hint="see what it waits for, or give it more time: timeout=...",
            ) from None
        except ValueError:
            self.close()
            raise RecordingError(
                f"{self._who} has spoilt the answer of its interpreter {when}",
                slug="worker-answer",
                hint="see whether it writes to descriptors that are not its own",
            ) from None


def _import_path(root: Path) -> list[str]:
    """The project's root, and what of the import path is inside of it but for this interpreter's own."""
    own = Path(sys.prefix)
    entries = [root, *(Path(entry) for entry in sys.path if entry)]
    inside = [entry for entry in entries if entry.is_relative_to(root) and not entry.is_relative_to(own)]
    return [str(entry) for entry in dict.fromkeys(inside)]
