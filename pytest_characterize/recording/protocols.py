"""The contracts between the house and those who observe: recorders and effect probes.

A package adds its own through the entry points ``pytest_characterize.recorders`` and
``pytest_characterize.effects``; the core never imports one by name.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol, runtime_checkable

from pytest_characterize.descriptors import Descriptor, Secret
from pytest_characterize.model import Case, Observation, RuleHit
from pytest_characterize.scrub import Scrubber
from pytest_characterize.settings import Settings, Source, TableMapping
from pytest_characterize.specs import Script
from pytest_characterize.values import Column, Rows, Value


class Reduction(Protocol):
    """Takes the rows of a result set that is too large to be kept whole."""

    def add_texts(self, rows: Iterable[Sequence[str | None]]) -> None:
        """Take rows as the server's texts."""

    def result(self) -> Value:
        """What is left of them, as a value."""


@dataclass(frozen=True, slots=True)
class RecordingContext:
    """What a recorder may know of the world.

    Attributes:
        settings: the project's configuration.
        source: the configured source that the descriptor names, ``None`` for kinds that need none.
        address: its address from the environment (a DSN, a base URL); never stored, never printed.
        secret: reads a :class:`~pytest_characterize.descriptors.Secret` from the environment.
        scrubber: for what a recorder must clean itself before handing it over (HTTP exchanges).
        args: legacy parameter name -> input name, where they differ.
        reduction: opens a reduction of a large result set by dialect, columns and whether order is behaviour;
            ``None`` where results are kept whole.
        script: what drives a scenario, ``None`` for everything else.
    """

    settings: Settings
    source: Source | None
    address: str = field(repr=False)
    secret: Callable[[Secret], str]
    scrubber: Scrubber
    args: Mapping[str, str]
    script: Script | None = None
    reduction: Callable[[str, tuple[Column, ...], bool], Reduction] | None = None


class Recorder(Protocol):
    """Observes one descriptor; opened once a test, asked once a case, closed at the end."""

    def observe(
        self, case: Case, variant: Mapping[str, str] | None = None
    ) -> tuple[Observation, tuple[RuleHit, ...]]:
        """Run the case on legacy and leave its data as it was.

        Args:
            case: its ``input`` is what legacy gets (already scrubbed).
            variant: source name -> changed text, installed for this run only (instrumented or mutated).

        Returns:
            What legacy did, and the rules that it hit where the recorder hears them itself.

        Raises:
            RecordingError: the case could not be observed; what legacy itself raised is an outcome. Its slug
                begins with ``variant-`` if the variant could not be installed, and legacy was not run.
        """

    def sources(self, case: Case) -> Mapping[str, str]:
        """Legacy source text by name, what the descriptor names first; empty where there is none."""

    def provenance(self) -> Mapping[str, str]:
        """What produced the observations (server version, source hash); must not vary without meaning."""

    def close(self) -> None:
        """Give everything back; called exactly once, also after an error."""


@runtime_checkable
class GivingRecorder(Protocol):
    """A recorder that can tell the rows that its descriptor declares as given."""

    def given(self) -> Mapping[str, Rows]:
        """By declared table, its rows as they were before the last case that was observed without a variant."""


@runtime_checkable
class ClockedRecorder(Protocol):
    """A recorder whose legacy has a clock of its own, which stands still while a case runs."""

    def moment(self) -> datetime | None:
        """What that clock said, with a time zone, in the last case that was observed without a variant."""


@dataclass(frozen=True, slots=True)
class Trial:
    """What a legacy with one change in its sources did in a case.

    Attributes:
        observation: ``None`` if it had to be stopped, or could not be observed.
        why: the reason in a clause then.
    """

    observation: Observation | None
    why: str = ""


@runtime_checkable
class TrialRecorder(Recorder, Protocol):
    """A recorder that can try changed sources on many cases without leaving anything behind."""

    def trials(self, cases: Sequence[Case], variant: Mapping[str, str], seconds: float) -> Iterator[Trial]:
        """Run cases one after another, each on the same state, with the variant installed once for all of them.

        Nothing that the variant does stays: not in legacy's data, not in this process, not on the disk.

        Args:
            variant: as in :meth:`Recorder.observe`; empty for legacy as it is.
            seconds: how long one case may take before it is stopped.

        Yields:
            One trial a case, in the order of the cases.

        Raises:
            RecordingError: its slug begins with ``variant-`` if the variant could not be installed.
        """


class RecorderFactory(Protocol):
    """What an entry point of ``pytest_characterize.recorders`` names."""

    def __call__(self, descriptor: Descriptor, context: RecordingContext) -> Recorder:
        """Open a recorder.

        Raises:
            RecordingError: the source is down, refused, or the named thing does not exist.
        """


class EffectProbe(Protocol):
    """What an entry point of ``pytest_characterize.effects`` names: observes one effect of the candidate."""

    def __call__(
        self, effect: object, tables: Mapping[str, TableMapping]
    ) -> AbstractContextManager[Callable[[], Value]]:
        """Watch the block; the callable that it yields, called after the block, gives the effect's value.

        Args:
            effect: the descriptor's effect, for example :class:`~pytest_characterize.descriptors.Tables`.
            tables: the declared table mappings.
        """
