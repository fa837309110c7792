"""Running cases with changed legacy, and telling what is another behaviour than the golden's.

A case is first tried with legacy as it is: where that is not what the golden holds (another clock, other data), no
mutant could be told from it, and the case is left out, with the reason.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from time import monotonic
from typing import Final

from pytest_characterize.compare.comparing import compare
from pytest_characterize.compare.policies import compiled
from pytest_characterize.descriptors import Policy
from pytest_characterize.model import Golden, Observation
from pytest_characterize.recording.protocols import Trial, TrialRecorder
from pytest_characterize.scrub import Scrubber
from pytest_characterize.session.altering import altered, without_ignored_columns
from pytest_characterize.session.kept_rows import Done

PATIENCE: Final = 1.0
"""Seconds that a mutant may take for a case at least, before it is stopped."""
_SLOWER: Final = 20
"""So many times as long as legacy itself it may take."""
_AS_IT_IS: Final = 60.0
"""Seconds that legacy itself may take."""


@dataclass(slots=True)
class TrialRuns:
    """The cases of a test, by position, on legacy as variants have it.

    Attributes:
        runs: how often legacy ran.
        excluded: why no variant can be tried on a case, by its position.
        seconds: how long a variant may take for a case.
    """

    recorder: TrialRecorder
    scrubber: Scrubber
    policies: tuple[Policy, ...]
    goldens: Sequence[Golden]
    runs: int = 0
    excluded: dict[int, str] = field(default_factory=dict)
    seconds: float = PATIENCE
    _plain: dict[int, Observation] = field(default_factory=dict)
    _judged: dict[tuple[int, str], Done | None] = field(default_factory=dict)
    _same: dict[tuple[int, int], tuple[Observation, Done | None]] = field(default_factory=dict)

    def prepare(self, positions: Iterable[int]) -> None:
        """Try legacy as it is on cases that variants are to be tried on."""
        wanted = sorted({*positions} - self._plain.keys() - self.excluded.keys())
        if not wanted:
            return
        start = monotonic()
        self.seconds = _AS_IT_IS
        for position, trial in zip(wanted, list(self.trials(wanted, {})), strict=True):
            if trial.observation is None:
                self.excluded[position] = trial.why
            elif self.different(position, trial.observation) is not None:
                self.excluded[position] = "legacy does not do what the golden holds any more"
            else:
                self._plain[position] = trial.observation
        self.seconds = max(PATIENCE, _SLOWER * (monotonic() - start) / len(wanted))

    def trials(self, positions: Sequence[int], variant: Mapping[str, str]) -> Iterator[Trial]:
        """What a variant did on cases, one after another, while legacy is at the next ones.

        Raises:
            RecordingError: its slug begins with ``variant-`` if the variant could not be installed.
        """
        if not positions:
            return iter(())
        self.runs += len(positions)
        cases = [self.goldens[position].case for position in positions]
        return self.recorder.trials(cases, variant, self.seconds)

    def different(self, position: int, observation: Observation) -> Done | None:
        """In what it differs from the golden, scrubbed as that is; ``None`` if in nothing."""
        key = (position, id(observation))  # a recorder gives the same object for what it has read before
        if key not in self._same:
            self._same[key] = observation, self._different(position, observation)
        return self._same[key][1]

    def _different(self, position: int, observation: Observation) -> Done | None:
        if observation == self._plain.get(position):
            return None
        key = (position, repr(observation))
        if key not in self._judged:
            scrubbed, _ = self.scrubber.observation(observation)
            policies = compiled(self.policies)
            golden = without_ignored_columns(self.goldens[position].observation, policies)
            found = compare(golden, without_ignored_columns(scrubbed, policies), self.policies).differences
            self._judged[key] = Done(altered(found, policies), scrubbed.outcome) if found else None
        return self._judged[key]
