"""Recording programs of the legacy system: batch jobs, exports, reports."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from pathlib import Path, PurePath
from typing import Final

from pytest_characterize.commands import Reading, Task, encoded, run
from pytest_characterize.descriptors import Command, Descriptor, Secret
from pytest_characterize.errors import RecordingError
from pytest_characterize.model import Case, Observation, Outcome, RuleHit
from pytest_characterize.recording.protocols import RecordingContext
from pytest_characterize_recorders.sources.filling import Filling, Words
from pytest_characterize_recorders.sources.inputs import bind

_WORDS: Final = Words(
    what="the command",
    unknown="command-unknown-input",
    unused="command-unused-input",
    bad="command-bad-value",
    hint="give the case a text, number, date or truth value; a whole input file may be bytes as well",
)


class CommandRecorder:
    """Runs a program, case by case, each in an empty folder of its own.

    Every exit status is behaviour. Where it does not come to its end, is killed, or leaves what cannot be read or
    must not be kept, the case cannot be recorded. Nothing that it starts outlives the case.

    Raises:
        RecordingError: ``command-bad``, ``command-unknown``, ``command-files`` or ``effects-unobservable``.
    """

    def __init__(self, descriptor: Descriptor, context: RecordingContext) -> None:
        assert isinstance(descriptor, Command)
        self._descriptor, self._context = descriptor, context
        _check(descriptor)
        self._who = f"the command {descriptor.line!r}"
        self._reading = Reading(
            descriptor.files,
            descriptor.encoding,
            RecordingError,
            secrets={
                text.variable: context.secret(text).encode()
                for text in descriptor.environment.values()
                if isinstance(text, Secret)
            },
        )
        self._own = {
            word.as_posix(): _own_file(context.settings.root, word)
            for word in descriptor.argv
            if isinstance(word, PurePath)
        }

    def observe(
        self, case: Case, variant: Mapping[str, str] | None = None
    ) -> tuple[Observation, tuple[RuleHit, ...]]:
        """Run the program on the case's input, and keep what it leaves."""
        if variant:
            raise RecordingError(
                f"{self._who}: variants of programs are not supported",
                slug="variant-unknown",
                hint="record it without a variant",
            )
        task = self._task(Filling(bind(case.input, self._context.args), _WORDS))
        left = run(task, self._reading, self._who, self._descriptor.timeout)
        return Observation(Outcome("returned", left)), ()

    def sources(self, case: Case) -> Mapping[str, str]:
        """The project's own files among the arguments, as far as they are text."""
        texts = {}
        for name, path in self._own.items():
            try:
                texts[name] = path.read_text("utf-8")
            except UnicodeDecodeError:
                continue
        return texts

    def provenance(self) -> Mapping[str, str]:
        """A hash of each of the project's own files among the arguments."""
        return {
            f"{name} sha256": hashlib.sha256(path.read_bytes()).hexdigest()
            for name, path in self._own.items()
        }

    def close(self) -> None:
        """Nothing is held between cases."""

    def _task(self, filling: Filling) -> Task:
        asked, encoding = self._descriptor, self._descriptor.encoding

        def content(template: str | bytes, what: str) -> bytes:
            filled = filling.typed(template)
            text = filled if isinstance(filled, bytes) else filling.text(str(template))
            return encoded(text, encoding, what, RecordingError)

        task = Task(
            argv=[
                str(self._own[word.as_posix()]) if isinstance(word, PurePath) else filling.text(word)
                for word in asked.argv
            ],
            stdin=content(asked.stdin, "stdin"),
            environment={
                name: self._context.secret(text) if isinstance(text, Secret) else filling.text(text)
                for name, text in asked.environment.items()
            },
            input_files={
                filling.text(name): content(template, f"the input file {name!r}")
                for name, template in asked.input_files.items()
            },
        )
        filling.require_all_used()
        return task


def _check(descriptor: Command) -> None:
    words = descriptor.argv
    if isinstance(words, str) or not words or not all(isinstance(word, str | PurePath) for word in words):
        raise RecordingError(
            f"argv={words!r} is no command: it is a list of texts and paths, the program first",
            slug="command-bad",
            hint='write it like Command(["sh", Path("legacy/close.sh"), "{month}"])',
        )
    if descriptor.effects is not None:
        raise RecordingError(
            f"the command {descriptor.line!r}: the rows that a program changes cannot be observed",
            slug="effects-unobservable",
            hint="leave effects= out, or record the procedure that it calls",
        )


def _own_file(root: Path, word: PurePath) -> Path:
    path = root / word
    if not path.is_file():
        raise RecordingError(
            f"the command names the file {word.as_posix()!r}, which is not in the project",
            slug="command-unknown",
            hint="a Path in argv= is a file, relative to the folder of pyproject.toml; write other words as texts",
        )
    return path
