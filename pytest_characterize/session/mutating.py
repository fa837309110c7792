"""Running rule mutants on the recorded inputs: what each of them does, kept as the matrix of a test.

Legacy is at hand, and nothing that a mutant does stays in it. A case is first tried with legacy as it is: where
that is not what the golden holds (another clock, other data), no mutant could be told from it, and the case is
left out, with the reason. What is known already, of the same golden, the same sources and the same loosenings,
is not run again.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from hashlib import sha256
from time import monotonic
from typing import Final

from pytest_characterize.codec import canonical
from pytest_characterize.compare.comparing import compare
from pytest_characterize.descriptors import Policy
from pytest_characterize.errors import RecordingError, StoreError
from pytest_characterize.matrix import Matrix, MatrixCase, MutantRow
from pytest_characterize.model import Golden, Observation
from pytest_characterize.recording.protocols import Trial, TrialRecorder
from pytest_characterize.rulemutants import Fate, Mutant
from pytest_characterize.rules.mutation import MUTATORS, MutatedText, left_out, mutants
from pytest_characterize.scrub import Scrubber
from pytest_characterize.session.telling import Search
from pytest_characterize.specs import TestSpec
from pytest_characterize.store.atomic_store import Store
from pytest_characterize.store.manifest import Entry
from pytest_characterize.values import Raised

PATIENCE: Final = 1.0
"""Seconds that a mutant may take for a case at least, before it is stopped."""
_SLOWER: Final = 20
"""So many times as long as legacy itself it may take."""
_SAVED_EVERY: Final = 5.0
_STILLBORN: Final = "42"
"""Class of the SQLSTATEs that say of a statement that it makes no sense: no such function, column, operator."""
_UNBOUND: Final = ("NameError", "UnboundLocalError")
"""What Python raises where a name has no value."""


@dataclass(frozen=True, slots=True)
class Tried:
    """How far the mutants of a test are.

    Attributes:
        done: mutants of which all is known, of ``total``.
        runs: how often legacy ran so far.
    """

    done: int
    total: int
    runs: int


@dataclass(slots=True)
class _Known:
    """What mutants did, each observation once."""

    observations: list[Observation] = field(default_factory=list)
    _numbers: dict[bytes, int] = field(default_factory=dict)

    def number(self, one: Observation) -> int:
        """The position of an observation."""
        key = canonical([one.outcome.how, one.outcome.value, dict(one.effects), list(one.notices)])
        if key not in self._numbers:
            self._numbers[key] = len(self.observations)
            self.observations.append(one)
        return self._numbers[key]


@dataclass(slots=True)
class Trials:
    """The mutants of one test's sources on its recorded cases.

    Args:
        recorder: opened for the test.
        policies: the loosenings that decide what differs.

    Raises:
        RecordingError: ``mutants-impossible``, ``mutants-stale``.
        StoreError: a golden is damaged.
    """

    spec: TestSpec
    recorder: TrialRecorder
    store: Store
    scrubber: Scrubber
    policies: tuple[Policy, ...]
    runs: int = 0
    _entries: tuple[Entry, ...] = ()
    _goldens: tuple[Golden, ...] = ()
    _made: tuple[MutatedText, ...] = ()
    _left_out: Mapping[str, int] = field(default_factory=dict)
    _sources: Mapping[str, str] = field(default_factory=dict)
    _excluded: dict[int, str] = field(default_factory=dict)
    _plain: dict[int, Observation] = field(default_factory=dict)
    _known: _Known = field(default_factory=_Known)
    _rows: dict[str, MutantRow] = field(default_factory=dict)
    _seconds: float = PATIENCE

    def __post_init__(self) -> None:
        shelf = self.store.shelf(self.spec.test)
        if shelf.problems:
            raise shelf.problems[0].error()
        self._entries = tuple(sorted(shelf.entries, key=lambda entry: entry.label))
        self._goldens = tuple(map(self.store.load, self._entries))
        texts = self._texts()
        self._sources = {name: _sha256(text) for name, text in sorted(texts.items())}
        self._made = mutants(self.spec.legacy.kind, texts)
        self._left_out = left_out(self.spec.legacy.kind, texts)

    def run(self, until: float) -> Iterator[Tried]:
        """Try every mutant, and keep the matrix every few seconds and at the end, also at an untimely one.

        Args:
            until: when to stop, by :func:`time.monotonic`.
        """
        self._rows = {row.mutant.id: row for row in self._reused()}
        saved, finished = monotonic(), 0
        try:
            for one in self._made:
                row = self._row(one, until)
                self._rows[one.mutant.id] = row
                finished += row.fate != "pending"
                if monotonic() - saved > _SAVED_EVERY:
                    self.store.keep_matrix(self.matrix())
                    saved = monotonic()
                yield Tried(finished, len(self._made), self.runs)
            yield from self._told_apart(until)
        finally:
            self.store.keep_matrix(self.matrix())

    def matrix(self) -> Matrix:
        """What is known so far."""
        cases = tuple(
            MatrixCase(entry.label, entry.sha256, self._excluded.get(position, ""))
            for position, entry in enumerate(self._entries)
        )
        made = sorted(one.mutant.id for one in self._made)
        pending = {one.mutant.id: MutantRow(one.mutant, "pending") for one in self._made}
        told = _Known()  # numbered in the order of the rows, so that equal matrices are equal files
        rows = [
            self._renumbered(self._rows.get(mutant) or pending[mutant], self._known.observations, told)
            for mutant in made
        ]
        return Matrix(
            self.spec.test,
            self.spec.legacy.source,
            self._sources,
            policies_digest(self.policies),
            cases,
            tuple(rows),
            tuple(told.observations),
            self._left_out,
        )

    def _renumbered(self, row: MutantRow, before: Sequence[Observation], after: _Known) -> MutantRow:
        changed = {
            position: None if number is None else after.number(before[number])
            for position, number in sorted(row.changed.items())
        }
        return replace(row, changed=changed)

    # What is to be run

    def _texts(self) -> dict[str, str]:
        """The sources that the goldens were recorded of, and are legacy's still."""
        kept = {
            one.name: one.text
            for one in self.store.sources().texts.values()
            if (one.source, one.kind) == (self.spec.legacy.source, self.spec.legacy.kind)
        }
        texts: dict[str, str] = {}
        for golden in self._goldens:
            texts |= self.recorder.sources(golden.case)
        for name, text in texts.items():
            if name in kept and kept[name] != text:
                raise RecordingError(
                    f"{name}: legacy's source is another one than when its goldens were recorded",
                    slug="mutants-stale",
                    hint="record with --characterize-record=rewrite and accept, then run the mutants",
                )
        return {name: text for name, text in texts.items() if name in kept}

    def _reached(self, mutant: Mutant) -> list[int]:
        """The cases that get to the place of a mutant, as far as anybody knows."""
        if not mutant.rules:
            return list(range(len(self._goldens)))
        rules = set(mutant.rules)
        return [
            position
            for position, golden in enumerate(self._goldens)
            if any(hit.rule in rules for hit in golden.hits)
        ]

    def _reused(self) -> Iterator[MutantRow]:
        """The rows of the kept matrix, as far as they are of the same legacy, goldens and loosenings."""
        try:
            old = self.store.matrix(self.spec.test)
        except StoreError:  # damaged: it is made anew
            return
        if old is None or (old.sources, old.policies) != (self._sources, policies_digest(self.policies)):
            return
        today = {entry.label: (position, entry.sha256) for position, entry in enumerate(self._entries)}
        places: dict[int, int] = {}
        for before, case in enumerate(old.cases):
            position, behaviour = today.get(case.label, (-1, ""))
            if behaviour == case.behaviour and not case.excluded:
                places[before] = position
        made = {one.mutant.id: one.mutant for one in self._made}
        for row in old.rows:
            if made.get(row.mutant.id) == row.mutant:
                yield self._moved(row, places, old.observations)

    def _moved(
        self, row: MutantRow, places: Mapping[int, int], observations: Sequence[Observation]
    ) -> MutantRow:
        changed = {
            places[before]: None if number is None else self._known.number(observations[number])
            for before, number in row.changed.items()
            if before in places
        }
        ran = tuple(sorted(places[before] for before in row.ran if before in places))
        return replace(row, ran=ran, changed=changed)

    # Running

    def _row(self, one: MutatedText, until: float) -> MutantRow:
        old = self._rows.get(one.mutant.id)
        if old and old.fate == "invalid":
            return old
        known = old or MutantRow(one.mutant, "pending")
        reached = self._reached(one.mutant)
        if not reached:
            return replace(known, fate="unreached", ran=(), changed={})
        todo = [position for position in reached if position not in set(known.ran)]
        if not todo:
            return replace(known, fate="run")
        if monotonic() > until:
            return replace(known, fate="pending")
        todo = [position for position in todo if self._is_sound(position)]
        changed, why = dict(known.changed), known.why
        try:
            tried = self._tried(todo, one.variant)
        except RecordingError as error:
            if not error.slug.startswith("variant-"):
                raise
            return MutantRow(one.mutant, "invalid", why=error.message)
        for position, trial in zip(todo, tried, strict=True):
            if trial.observation is None:
                changed[position], why = None, trial.why
            elif (different := self._different(position, trial.observation)) is not None:
                changed[position] = self._known.number(different)
        ran = tuple(sorted({*known.ran, *todo}))
        fate: Fate = "run" if ran else "unreached"
        row = replace(known, fate=fate, ran=ran, changed=dict(sorted(changed.items())), why=why)
        return self._stillborn(row) or row

    def _told_apart(self, until: float) -> Iterator[Tried]:
        """Look for inputs that tell surviving mutants apart, once each."""
        inputs = [golden.case.input for golden in self._goldens]
        search = Search(self.spec.test, self.recorder, self.scrubber, self.policies, inputs, self._seconds)
        before, elsewhere = self.runs, self._noticed_elsewhere()
        for one in self._made:
            row = self._rows[one.mutant.id]
            if (
                row.changed
                or row.searched
                or one.mutant.id in elsewhere
                or row.fate not in ("run", "unreached")
                or monotonic() > until
            ):
                continue
            telling = search.telling(one, [inputs[position] for position in row.ran])
            self._rows[one.mutant.id] = replace(row, telling=telling, searched=True)
            self.runs = before + search.runs
            yield Tried(len(self._made), len(self._made), self.runs)

    def _noticed_elsewhere(self) -> frozenset[str]:
        """The mutants that goldens of other tests notice, as far as those were tried already."""
        noticed: set[str] = set()
        for test in self.store.tests():
            try:
                matrix = self.store.matrix(test) if test != self.spec.test else None
            except StoreError:  # damaged: it says nothing
                continue
            if matrix is not None and matrix.source == self.spec.legacy.source:
                noticed.update(row.mutant.id for row in matrix.rows if row.changed)
        return frozenset(noticed)

    def _tried(self, positions: Sequence[int], variant: Mapping[str, str]) -> list[Trial]:
        if not positions:
            return []
        self.runs += len(positions)
        cases = [self._goldens[position].case for position in positions]
        return list(self.recorder.trials(cases, variant, self._seconds))

    def _is_sound(self, position: int) -> bool:
        """Whether legacy as it is still does what the golden holds; all cases are tried when the first is asked for."""
        if not self._plain and not self._excluded:
            self._try_as_it_is()
        return position not in self._excluded

    def _try_as_it_is(self) -> None:
        everything = range(len(self._goldens))
        start = monotonic()
        self._seconds = 60.0
        for position, trial in enumerate(self._tried(everything, {})):
            if trial.observation is None:
                self._excluded[position] = trial.why
            elif self._different(position, trial.observation) is not None:
                self._excluded[position] = "legacy does not do what the golden holds any more"
            else:
                self._plain[position] = trial.observation
        each = (monotonic() - start) / len(everything)
        self._seconds = max(PATIENCE, _SLOWER * each)

    def _different(self, position: int, observation: Observation) -> Observation | None:
        """What was done, scrubbed as a golden is, if it is not what the golden holds; else ``None``."""
        if observation == self._plain.get(position):
            return None
        scrubbed, _ = self.scrubber.observation(observation)
        golden = self._goldens[position].observation
        return scrubbed if compare(golden, scrubbed, self.policies).differences else None

    def _stillborn(self, row: MutantRow) -> MutantRow | None:
        """The row of a mutant that makes no sense: wherever it does anything else, it is such an error."""
        numbers = {number for number in row.changed.values() if number is not None}
        values = [self._known.observations[number].outcome.value for number in numbers]
        if (
            values
            and None not in row.changed.values()
            and all(isinstance(value, Raised) and _is_senseless(value) for value in values)
        ):
            return MutantRow(row.mutant, "invalid", why=values[0].message)
        return None


def _is_senseless(error: Raised) -> bool:
    names = {name.rpartition(".")[2] for name in error.types[:1]}
    return error.code.startswith(_STILLBORN) or not names.isdisjoint(_UNBOUND)


def check_possible(spec: TestSpec, recorder: object) -> TrialRecorder:
    """The recorder, if it can try changed sources.

    Raises:
        RecordingError: ``mutants-impossible``.
    """
    if isinstance(recorder, TrialRecorder):
        return recorder
    raise RecordingError(
        f"{spec.test}: changed sources of a {spec.legacy.kind} of this source cannot be tried without harm",
        slug="mutants-impossible",
        hint="leave the test out with -k; the rules behind its drifts are named by its hits alone",
    )


def has_mutants(spec: TestSpec) -> bool:
    """Whether there are operators for the legacy that a test names."""
    return spec.legacy.kind in MUTATORS


def policies_digest(policies: Iterable[Policy]) -> str:
    """A digest of the loosenings that decide what differs."""
    return _sha256("\n".join(map(repr, policies)))


def _sha256(text: str) -> str:
    return sha256(text.encode("utf-8", "replace")).hexdigest()
