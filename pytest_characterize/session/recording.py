"""Recording: legacy is run on the given cases, one at a time, and what it does is written as goldens."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from importlib.metadata import version
from typing import Final, Literal

from pytest_characterize.compare.large import Reduction
from pytest_characterize.descriptors import Descriptor, Secret
from pytest_characterize.errors import CharacterizeError, ConfigurationError
from pytest_characterize.model import Case, Golden, Outcome
from pytest_characterize.recording.loading import recorder_factory
from pytest_characterize.recording.protocols import Recorder, RecordingContext
from pytest_characterize.rules.coverage import UNSEEN
from pytest_characterize.scrub import Scrubber
from pytest_characterize.session.probing import ProbedRuns
from pytest_characterize.settings import Settings, Source
from pytest_characterize.specs import TestSpec
from pytest_characterize.store.atomic_store import Store
from pytest_characterize.store.golden_file import golden_text
from pytest_characterize.store.manifest import Entry, Stamp
from pytest_characterize.values import Raised

TOOL_VERSION: Final = version("pytest-characterize")
Action = Literal["new", "kept", "unchanged", "pending", "restated", "failed"]
RecordMode = Literal["new", "rewrite"]


@dataclass(frozen=True, slots=True)
class Recorded:
    """What recording did about one case.

    Attributes:
        action: ``new`` (golden written), ``kept`` (a golden was there, legacy was not asked),
            ``unchanged`` (legacy was asked and does the same), ``pending`` (behaves differently, awaits
            review), ``restated`` (does the same, but is another version of legacy: awaits review as
            well), ``failed``.
        unseen: why the legacy rules that the case exercises could not be seen, ``""`` if they could.
        empty: given tables of which the case reads no row.
        raised: the error that legacy ended in, ``""`` where it did not, or was not asked.
    """

    label: str
    action: Action
    file: str = ""
    error: CharacterizeError | None = None
    unseen: str = ""
    empty: tuple[str, ...] = ()
    raised: str = ""


@dataclass(frozen=True, slots=True)
class Recording:
    """What recording needs: where goldens go, what is scrubbed, where addresses and secrets come from."""

    settings: Settings
    store: Store
    scrubber: Scrubber
    environment: Mapping[str, str]

    def record(
        self, spec: TestSpec, given: Sequence[Case], mode: RecordMode, *, in_ci: bool
    ) -> Iterator[Recorded]:
        """Run legacy on the given cases and write goldens, one case at a time, each safe once yielded.

        Args:
            in_ci: whether the run was allowed under CI; the manifest says so, and so do reports.

        Raises:
            RecordingError: the recorder could not be opened; nothing was written.
        """
        shelf = self.store.shelf(spec.test)
        stored = {entry.id: entry for entry in shelf.entries}
        damaged = {damage.id: damage for damage in shelf.problems}
        if blocking := [damage for damage in shelf.problems if not damage.id and not damage.leftover]:
            raise blocking[0].error()
        wanted = []
        for case in given:
            if mode == "rewrite" or case.id not in stored:
                wanted.append(case)
            elif case.id in damaged:
                yield Recorded(case.label, "failed", stored[case.id].file, damaged[case.id].error())
            else:
                yield Recorded(case.label, "kept", stored[case.id].file)
        if not wanted:
            return
        tool = f"{TOOL_VERSION} (in CI)" if in_ci else TOOL_VERSION
        with self.opened(spec) as recorder, self.store.recording():
            runs = ProbedRuns(spec.legacy, recorder, self.store, pending=mode == "rewrite")
            for case in wanted:
                yield self._record_case(spec, runs, case, tool, mode, stored.get(case.id))

    @contextmanager
    def opened(self, spec: TestSpec) -> Iterator[Recorder]:
        """The recorder of a test's legacy, closed in any case.

        Raises:
            RecordingError: it could not be opened.
        """
        context = self._recording_context(spec)
        source_kind = context.source.kind if context.source else ""
        recorder = recorder_factory(spec.legacy.kind, source_kind)(spec.legacy, context)
        try:
            yield recorder
        except BaseException:
            with suppress(CharacterizeError):  # what came first is told, above all that a user interrupts
                recorder.close()
            raise
        recorder.close()

    def _record_case(
        self, spec: TestSpec, runs: ProbedRuns, case: Case, tool: str, mode: RecordMode, entry: Entry | None
    ) -> Recorded:
        started = datetime.now(UTC)
        try:
            accepted = self.store.load(entry) if mode == "rewrite" and entry else None
            done = runs.observe(case)
            unseen = done.provenance.get(UNSEEN, "")
            scrubbed, scrubs = self.scrubber.observation(done.observation)
            given, more_scrubs = self.scrubber.given(done.given)
            golden = Golden(
                case,
                spec.legacy.as_value(),
                scrubbed,
                done.hits,
                scrubs | more_scrubs,
                done.provenance,
                given,
            )
            raised = _error(scrubbed.outcome)
            empty = tuple(table for table, rows in given.items() if not rows.rows)
            stamp = Stamp(
                recorded_at=(done.moment or started).isoformat(timespec="microseconds"),
                at=spec.at.isoformat() if spec.at else "",
                duration=round(done.seconds, 6),
                tool=tool,
            )
            if mode == "new":
                file = self._relative(self.store.write(golden, stamp))
                return Recorded(case.label, "new", file, unseen=unseen, empty=empty, raised=raised)
            path = self.store.propose(golden, stamp)
            if path is None:
                return Recorded(case.label, "unchanged", unseen=unseen, empty=empty, raised=raised)
            action: Action = "restated" if _same(golden, accepted) else "pending"
            return Recorded(
                case.label, action, self._relative(path), unseen=unseen, empty=empty, raised=raised
            )
        except CharacterizeError as error:
            return Recorded(case.label, "failed", error=error)

    def _recording_context(self, spec: TestSpec) -> RecordingContext:
        source, address = self._source(spec.legacy)
        return RecordingContext(
            self.settings,
            source,
            address,
            self._secret,
            self.scrubber,
            spec.args,
            spec.script,
            reduction=Reduction,
        )

    def _source(self, legacy: Descriptor) -> tuple[Source | None, str]:
        if not legacy.source:
            return None, ""
        source = self.settings.sources.get(legacy.source)
        if source is None:
            known = ", ".join(sorted(self.settings.sources)) or "none"
            raise ConfigurationError(
                f"source {legacy.source!r} is not configured (known: {known})",
                slug="source-unknown",
                hint=f"add [tool.characterize.sources.{legacy.source}] to pyproject.toml",
            )
        return source, self._variable(source.secret_variable, f"the address of source {source.name!r}")

    def _secret(self, secret: Secret) -> str:
        return self._variable(secret.variable, "a secret")

    def _variable(self, name: str, what: str) -> str:
        value = self.environment.get(name, "")
        if not value:
            raise ConfigurationError(
                f"environment variable {name} is not set ({what})",
                slug="variable-missing",
                hint=f"export {name}=... for this run; it is never stored",
            )
        return value

    def _relative(self, path: os.PathLike[str]) -> str:
        return os.path.relpath(path, self.settings.root).replace(os.sep, "/")


def _error(outcome: Outcome) -> str:
    """The error that an execution ended in, in one line."""
    value = outcome.value
    return f"{value.code or value.types[0]} {value.message}".strip() if isinstance(value, Raised) else ""


def _same(golden: Golden, accepted: Golden | None) -> bool:
    """Whether both hold the same behaviour, whatever version of legacy showed it, by whatever rules."""
    return accepted is not None and golden_text(
        replace(golden, hits=accepted.hits, provenance=accepted.provenance)
    ) == golden_text(accepted)
