"""Looking for an input that tells a surviving mutant from legacy, while legacy is at hand."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import islice
from typing import Final

from pytest_characterize.codec import canonical
from pytest_characterize.compare.comparing import compare
from pytest_characterize.descriptors import Policy
from pytest_characterize.errors import CharacterizeError
from pytest_characterize.generate.neighbours import neighbours
from pytest_characterize.model import Case, Observation
from pytest_characterize.recording.protocols import Trial, TrialRecorder
from pytest_characterize.rules.mutation import MutatedText
from pytest_characterize.scrub import Scrubber
from pytest_characterize.values import Value

_TRIES: Final = (8, 24)
"""So many inputs are tried for one mutant, and so many more if none of them told."""


@dataclass(slots=True)
class Search:
    """Tries inputs near the recorded ones on legacy as it is and on a mutant.

    Attributes:
        runs: how often legacy ran.
    """

    test: str
    recorder: TrialRecorder
    scrubber: Scrubber
    policies: tuple[Policy, ...]
    known: Sequence[Mapping[str, Value]]
    seconds: float
    runs: int = 0
    _plain: dict[bytes, Observation | None] = field(default_factory=dict)

    def telling(self, one: MutatedText, reaching: Sequence[Mapping[str, Value]]) -> Mapping[str, Value]:
        """An input on which the mutant does something else than legacy; empty if none was found.

        Args:
            reaching: the inputs that get to the place of the mutant, to start from.
        """
        source = f"{one.mutant.was} {one.mutant.becomes}"
        start = sorted(reaching or self.known, key=_size)
        inputs = neighbours(start, source, self.known)
        return next(
            filter(None, (self._first_of(one, list(islice(inputs, number))) for number in _TRIES)), {}
        )

    def _first_of(self, one: MutatedText, inputs: Sequence[Mapping[str, Value]]) -> Mapping[str, Value]:
        """The first of some inputs on which the mutant does something else; empty if there is none."""
        try:
            plain = self._as_it_is(inputs)
            sound = [given for given in inputs if plain[canonical(dict(given))] is not None]
            tried = self._tried(sound, one.variant)
        except CharacterizeError:  # an input that legacy's parameters do not take
            return {}
        for given, trial in zip(sound, tried, strict=True):
            before = plain[canonical(dict(given))]
            if (
                before is not None
                and trial.observation is not None
                and self._differ(before, trial.observation)
            ):
                return given
        return {}

    def _as_it_is(self, inputs: Sequence[Mapping[str, Value]]) -> Mapping[bytes, Observation | None]:
        new = [given for given in inputs if canonical(dict(given)) not in self._plain]
        for given, trial in zip(new, self._tried(new, {}), strict=True):
            self._plain[canonical(dict(given))] = trial.observation
        return self._plain

    def _tried(self, inputs: Sequence[Mapping[str, Value]], variant: Mapping[str, str]) -> list[Trial]:
        if not inputs:
            return []
        self.runs += len(inputs)
        cases = [Case("", self.test, "", given) for given in inputs]
        return list(self.recorder.trials(cases, variant, self.seconds))

    def _differ(self, legacy: Observation, mutant: Observation) -> bool:
        if legacy == mutant:
            return False
        before, after = (self.scrubber.observation(one)[0] for one in (legacy, mutant))
        return bool(compare(before, after, self.policies).differences)


def _size(given: Mapping[str, Value]) -> int:
    return len(canonical(dict(given)))
