"""Running rule mutants on the recorded inputs: what each of them does, kept as the matrix of a test.

Legacy is at hand, and nothing that a mutant does stays in it. What is known already, of the same golden, the same
sources and the same loosenings, is not run again.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from hashlib import sha256
from time import monotonic
from typing import Final

from pytest_characterize.descriptors import Policy
from pytest_characterize.errors import RecordingError, StoreError
from pytest_characterize.matrix import Matrix, MatrixCase, MutantRow
from pytest_characterize.model import Outcome
from pytest_characterize.recording.protocols import TrialRecorder
from pytest_characterize.rulemutants import Fate, Mutant
from pytest_characterize.rules.mutation import MUTATORS, MutatedText, left_out, mutants
from pytest_characterize.scrub import Scrubber
from pytest_characterize.session.entered import Entered
from pytest_characterize.session.kept_rows import Gathered, Noticed, kept_rows
from pytest_characterize.session.telling import Search
from pytest_characterize.session.trial_runs import TrialRuns
from pytest_characterize.specs import TestSpec
from pytest_characterize.store.atomic_store import Store
from pytest_characterize.store.manifest import Entry
from pytest_characterize.values import Raised

_SAVED_EVERY: Final = 20.0
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
    noticed: Noticed
    _entries: tuple[Entry, ...] = ()
    _hits: tuple[frozenset[str], ...] = ()
    _made: tuple[MutatedText, ...] = ()
    _left_out: Mapping[str, int] = field(default_factory=dict)
    _sources: Mapping[str, str] = field(default_factory=dict)
    _cases: TrialRuns = field(init=False)
    _old: Matrix | None = None
    _gathered: Gathered = field(default_factory=Gathered)
    _rows: dict[str, MutantRow] = field(default_factory=dict)

    def __post_init__(self) -> None:
        shelf = self.store.shelf(self.spec.test)
        if shelf.problems:
            raise shelf.problems[0].error()
        self._entries = tuple(sorted(shelf.entries, key=lambda entry: entry.label))
        goldens = tuple(map(self.store.load, self._entries))
        self._hits = tuple(frozenset(hit.rule for hit in golden.hits) for golden in goldens)
        self._cases = TrialRuns(self.recorder, self.scrubber, self.policies, goldens)
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
            if monotonic() < until:
                self._cases.prepare(position for one in self._made for position in self._missing(one.mutant))
            for one in self._made:
                row = self._row(one, until)
                self._rows[one.mutant.id] = row
                finished += row.fate != "pending"
                if monotonic() - saved > _SAVED_EVERY:
                    self.store.keep_matrix(self.matrix())
                    saved = monotonic()
                yield Tried(finished, len(self._made), self._cases.runs)
            yield from self._told_apart(until)
        finally:
            matrix = self.matrix()
            self.noticed.keep(matrix)
            if matrix != self._old:
                self.store.keep_matrix(matrix)

    def matrix(self) -> Matrix:
        """What is known so far."""
        cases = tuple(
            MatrixCase(entry.label, entry.sha256, self._cases.excluded.get(position, ""))
            for position, entry in enumerate(self._entries)
        )
        made = sorted(one.mutant.id for one in self._made)
        pending = {one.mutant.id: MutantRow(one.mutant, "pending") for one in self._made}
        rows, deeds = self._gathered.in_order(self._rows.get(mutant) or pending[mutant] for mutant in made)
        return Matrix(
            self.spec.test,
            self.spec.legacy.source,
            self._sources,
            policies_digest(self.policies),
            cases,
            rows,
            deeds,
            self._left_out,
        )

    # What is to be run

    def _texts(self) -> dict[str, str]:
        """The sources that the goldens were recorded of, and are legacy's still."""
        kept = {
            one.name: one.text
            for one in self.store.sources().texts.values()
            if (one.source, one.kind) == (self.spec.legacy.source, self.spec.legacy.kind)
        }
        texts: dict[str, str] = {}
        for golden in self._cases.goldens:
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
            return list(range(len(self._cases.goldens)))
        return [position for position, hits in enumerate(self._hits) if not hits.isdisjoint(mutant.rules)]

    def _reused(self) -> Iterator[MutantRow]:
        """The rows of the kept matrix, as far as they are of the same legacy, goldens and loosenings."""
        try:
            old = self.store.matrix(self.spec.test)
        except StoreError:  # damaged: it is made anew
            return
        self._old = old
        if old is None or (old.sources, old.policies) != (self._sources, policies_digest(self.policies)):
            return
        made = {one.mutant.id: one.mutant for one in self._made}
        yield from kept_rows(old, self._entries, made, self._gathered)

    def _missing(self, mutant: Mutant) -> list[int]:
        """The cases that a mutant reaches, and has not been tried on."""
        known = self._rows.get(mutant.id)
        if known and known.fate == "invalid":
            return []
        ran = set(known.ran) if known else set()
        return [position for position in self._reached(mutant) if position not in ran]

    # Running

    def _row(self, one: MutatedText, until: float) -> MutantRow:
        known = self._rows.get(one.mutant.id) or MutantRow(one.mutant, "pending")
        if known.fate == "invalid":
            return known
        if not self._reached(one.mutant):
            return replace(known, fate="unreached", ran=(), changed={})
        todo = self._missing(one.mutant)
        if not todo:
            return replace(known, fate="run")
        if monotonic() > until:
            return replace(known, fate="pending")
        self._cases.prepare(todo)
        todo = [position for position in todo if position not in self._cases.excluded]
        changed, why, outcomes = dict(known.changed), known.why, list[Outcome]()
        try:
            for position, trial in zip(todo, self._cases.trials(todo, one.variant), strict=True):
                if trial.observation is None:
                    changed[position], why = None, trial.why
                elif (different := self._cases.different(position, trial.observation)) is not None:
                    changed[position] = self._gathered.number(different)
                    outcomes.append(different.outcome)
        except RecordingError as error:
            if not error.slug.startswith("variant-"):
                raise
            return MutantRow(one.mutant, "invalid", why=error.message)
        ran = tuple(sorted({*known.ran, *todo}))
        fate: Fate = "run" if ran else "unreached"
        if len(outcomes) == len(changed) and (why_not := _stillborn(outcomes)):
            return MutantRow(one.mutant, "invalid", why=why_not)
        return replace(known, fate=fate, ran=ran, changed=dict(sorted(changed.items())), why=why)

    def _told_apart(self, until: float) -> Iterator[Tried]:
        """Look for inputs that tell surviving mutants apart, once each."""
        cases, rules = self._cases, [rule for one in self._made for rule in one.mutant.rules]
        entered = Entered(rules, frozenset[str]().union(*self._hits))
        wanted = [one for one in self._made if self._is_wanted(one.mutant) and entered.holds(one.mutant)]
        if not wanted:
            return
        elsewhere = self.noticed.elsewhere(self.spec.test, self.spec.legacy.source)
        inputs = [golden.case.input for golden in cases.goldens]
        search = Search(self.spec.test, self.recorder, self.scrubber, self.policies, inputs, cases.seconds)
        for one in wanted:
            if one.mutant.id in elsewhere or monotonic() > until:
                continue
            row = self._rows[one.mutant.id]
            telling = search.telling(one, [inputs[position] for position in row.ran])
            self._rows[one.mutant.id] = replace(row, telling=telling, searched=True)
            yield Tried(len(self._made), len(self._made), cases.runs + search.runs)

    def _is_wanted(self, mutant: Mutant) -> bool:
        """Whether nobody knows an input that tells the mutant, and nobody has looked for one."""
        row = self._rows[mutant.id]
        return not (row.changed or row.searched) and row.fate in ("run", "unreached")


def _stillborn(outcomes: Iterable[Outcome]) -> str:
    """Why a mutant makes no sense, if it does anything else only by such errors; ``""`` otherwise."""
    message = ""
    for outcome in outcomes:
        error = outcome.value
        if not isinstance(error, Raised) or not _is_senseless(error):
            return ""
        message = message or error.message
    return message


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
