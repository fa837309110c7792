"""Running recorded cases with probes in the legacy sources: what they do, and which rules they exercise."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from time import perf_counter

from pytest_characterize.descriptors import Descriptor
from pytest_characterize.errors import CharacterizeError, RecordingError
from pytest_characterize.model import Case, Observation, RuleHit
from pytest_characterize.recording.protocols import ClockedRecorder, GivingRecorder, Recorder
from pytest_characterize.rules.coverage import UNSEEN
from pytest_characterize.rules.instrumenting import LANGUAGES, instrumented, rule_hits, variant
from pytest_characterize.rules.versions import KEY, versions
from pytest_characterize.store.atomic_store import Store
from pytest_characterize.store.source_files import SourceText
from pytest_characterize.values import Rows


@dataclass(frozen=True, slots=True)
class ProbedCase:
    """What legacy did in a case.

    Attributes:
        provenance: what the recorder says of the observation, and what is to be said of the hits.
        seconds: how long the observation took.
        given: the rows that the case read, where they are declared.
        moment: what legacy's own clock said, where that is known.
    """

    observation: Observation
    hits: tuple[RuleHit, ...]
    provenance: Mapping[str, str]
    seconds: float
    given: Mapping[str, Rows] = field(default_factory=dict)
    moment: datetime | None = None


@dataclass(slots=True)
class ProbedRuns:
    """Observes the cases of one test, and keeps the sources whose rules they exercise.

    Where a run leaves nothing behind, the golden is what the untouched source did, and the case is run once
    more with probes, for its hits only. Where it may, as calling a Python function does, there is one run,
    with probes, which change nothing that legacy does. If rules cannot be seen, the golden is good all the
    same, and the reason is told.
    """

    legacy: Descriptor
    recorder: Recorder
    store: Store
    pending: bool = False
    _kept: dict[str, str] = field(default_factory=dict)
    _refused: dict[str, str] = field(default_factory=dict)

    def observe(self, case: Case) -> ProbedCase:
        """Run a case.

        Raises:
            RecordingError: it could not be observed.
        """
        if self.legacy.given is None:
            return self._observe(case)
        if not isinstance(self.recorder, GivingRecorder):
            raise RecordingError(
                f"what records a {self.legacy.kind} of this source reads no given rows",
                slug="given-unsupported",
                hint="leave given= out; stored procedures and queries of databases have them",
            )
        return replace(self._observe(case), given=self.recorder.given())

    def _observe(self, case: Case) -> ProbedCase:
        language = LANGUAGES.get(self.legacy.kind)
        if language is not None and not language.repeatable:
            return self._observe_once(case)
        start = perf_counter()
        observation, hits = self.recorder.observe(case)
        seconds = perf_counter() - start
        provenance = dict(self.recorder.provenance())
        if language is not None and not hits:
            hits, facts = self._hits(case)
            provenance |= facts
        moment = self.recorder.moment() if isinstance(self.recorder, ClockedRecorder) else None
        return ProbedCase(observation, hits, provenance, seconds, moment=moment)

    def _hits(self, case: Case) -> tuple[tuple[RuleHit, ...], dict[str, str]]:
        """The rules that a case exercises when it is run once more."""
        sources = self.recorder.sources(case)
        probed = variant(instrumented(self.legacy.kind, self._keep(sources)))
        if not probed:
            return (), self._facts((), sources)
        try:
            observation, hits = self.recorder.observe(case, probed)
        except RecordingError as error:
            return (), self._facts((), sources, _told(error))
        hits = hits or rule_hits(observation.notices)
        return hits, self._facts(hits, sources)

    def _observe_once(self, case: Case) -> ProbedCase:
        sources = self.recorder.sources(case)
        probed = variant(instrumented(self.legacy.kind, self._keep(sources)))
        unseen = ""
        start = perf_counter()
        try:
            observation, hits = self.recorder.observe(case, probed)
        except RecordingError as error:
            if not error.slug.startswith("variant-"):
                raise
            unseen = _told(error)
            start = perf_counter()
            observation, hits = self.recorder.observe(case)
        seconds = perf_counter() - start
        provenance = dict(self.recorder.provenance())
        after = self.recorder.sources(case)
        if late := sorted(after.keys() - sources.keys()):
            more, unseen_too = self._hits_of_late(case, observation, after, late)
            hits, unseen = _together(hits, more), unseen or unseen_too
        return ProbedCase(observation, hits, provenance | self._facts(hits, after, unseen), seconds)

    def _hits_of_late(
        self, case: Case, observation: Observation, sources: Mapping[str, str], late: list[str]
    ) -> tuple[tuple[RuleHit, ...], str]:
        """The hits in what was loaded only while the case ran: it is run again, now with probes in all."""
        probed = variant(instrumented(self.legacy.kind, self._keep(sources)))
        if probed.keys().isdisjoint(late):
            return (), ""
        try:
            again, hits = self.recorder.observe(case, probed)
        except RecordingError as error:
            return (), _told(error)
        if again != observation:
            return (), f"{late[0]} was loaded by this case, which does something else when it is run again"
        return hits, ""

    def _keep(self, sources: Mapping[str, str]) -> dict[str, str]:
        """Keep the sources beside the goldens; those that could be kept."""
        for name, text in sources.items():
            if self._kept.get(name) != text and name not in self._refused:
                try:
                    one = SourceText(self.legacy.source, name, self.legacy.kind, text)
                    self.store.keep_source(one, pending=self.pending)
                    self._kept[name] = text
                except CharacterizeError as error:
                    self._refused[name] = _told(error)
        return {name: text for name, text in sources.items() if name not in self._refused}

    def _facts(
        self, hits: tuple[RuleHit, ...], sources: Mapping[str, str], unseen: str = ""
    ) -> dict[str, str]:
        unseen = unseen or next((why for name, why in self._refused.items() if name in sources), "")
        facts = {KEY: versions(hits, sources), UNSEEN: unseen}
        return {name: fact for name, fact in facts.items() if fact}


def _told(error: CharacterizeError) -> str:
    return f"{error.message} [{error.slug}]"


def _together(first: tuple[RuleHit, ...], second: tuple[RuleHit, ...]) -> tuple[RuleHit, ...]:
    """Hits of two runs of one case: each as often as in the run that saw it more often."""
    counts = Counter({hit.rule: hit.count for hit in first}) | Counter(
        {hit.rule: hit.count for hit in second}
    )
    return tuple(RuleHit(rule, count) for rule, count in sorted(counts.items()))
