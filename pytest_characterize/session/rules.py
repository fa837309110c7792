"""The legacy rules of a project: kept sources, goldens' hits and the declared catalogue in one book."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from pytest_characterize.errors import CharacterizeError
from pytest_characterize.measured import KIND
from pytest_characterize.model import CaseResult, Golden, Verdict
from pytest_characterize.rulebook import RuleBook, RuleProblem
from pytest_characterize.rulemutants import Adequacy
from pytest_characterize.rules.adequacy import Judged, judge
from pytest_characterize.rules.anchoring import declare
from pytest_characterize.rules.coverage import cover
from pytest_characterize.rules.declared import Catalogue, read_catalogue
from pytest_characterize.rules.kept import KeptSource, kept_source
from pytest_characterize.rules.measuring import Joined, join
from pytest_characterize.rules.mutation import MUTATORS
from pytest_characterize.rules.versions import routine_of
from pytest_characterize.session.mutating import policies_digest
from pytest_characterize.store.atomic_store import Store
from pytest_characterize.store.manifest import Entry


@dataclass(frozen=True, slots=True)
class Rules:
    """Reads what the store has of legacy's rules; writes nothing."""

    store: Store

    def catalogue(self) -> Catalogue:
        """What ``rules.toml`` declares; empty where there is no such file.

        Raises:
            ConfigurationError: it declares something that makes no sense.
            StoreError: it cannot be read.
        """
        return read_catalogue(self.store.catalogue(), self.store.catalogue_file)

    def kept(self) -> tuple[KeptSource, ...]:
        """The sources whose rules are known, by probes or by measurement; damaged ones are left out."""
        return self._probed() + self._measured().kept

    def with_measured(self, results: Sequence[CaseResult]) -> tuple[CaseResult, ...]:
        """The cases, each with the rules that coverage tools have seen it exercise."""
        return self._measured().with_hits(results)

    def book(self, results: Sequence[CaseResult]) -> RuleBook:
        """Rule coverage by these cases; what is wrong is told in it, and never raises.

        Args:
            results: with what was measured of them, see :meth:`with_measured`.
        """
        damages = self.store.sources().damages
        problems = list(map(_problem, (*damages, *self.store.measurements().damages)))
        catalogue = Catalogue()
        try:
            catalogue = self.catalogue()
        except CharacterizeError as error:
            problems.append(_problem(error))
        measured = self._measured()
        kept = self._probed() + measured.kept
        book = cover(kept, results, catalogue.context_of, measured.runs)
        if not damages:  # a damaged source is lost as well, and was told
            problems += (*book.problems, *measured.problems)
        return declare(replace(book, problems=tuple(problems), runs=measured.names), kept, catalogue)

    def adequacy(self, results: Sequence[CaseResult]) -> Judged:
        """What the kept matrices say of the rule mutants; what is wrong is told in it, and never raises.

        Args:
            results: the cases of the run, which tell the loosenings that they were compared under.
        """
        matrices, goldens, notes = [], {}, []
        untried = self._mutable(results)
        for test in self.store.tests():
            try:
                matrix = self.store.matrix(test)
            except CharacterizeError as error:
                notes.append(error.message)
                untried.discard(test)
                continue
            if matrix is not None:
                untried.discard(test)
                matrices.append(matrix)
                goldens[test] = {entry.label: entry.sha256 for entry in self.store.shelf(test).entries}
        if not matrices:
            return Judged(Adequacy(notes=tuple(notes)))
        notes += [f"{test}: no mutant was run on its cases" for test in sorted(untried)]
        texts = {(one.source, one.name): one.sha256 for one in self.store.sources().texts.values()}
        try:
            catalogue = self.catalogue()
        except CharacterizeError:  # told with the rules
            catalogue = Catalogue()
        judged = judge(matrices, texts, goldens, catalogue, _loosenings(results))
        adequacy = judged.adequacy
        return replace(judged, adequacy=replace(adequacy, notes=(*notes, *adequacy.notes)))

    def recorded(self) -> tuple[tuple[CaseResult, ...], tuple[CharacterizeError, ...]]:
        """Every golden as a case that was not replayed, for its hits; and why some cannot be read."""
        results: list[CaseResult] = []
        errors: list[CharacterizeError] = []
        for test in self.store.tests():
            shelf = self.store.shelf(test)
            errors += [damage.error() for damage in shelf.problems]
            damaged = {damage.id for damage in shelf.problems}
            for entry in shelf.entries:
                try:
                    if entry.id not in damaged:
                        results.append(_unplayed(entry, self.store.load(entry)))
                except CharacterizeError as error:
                    errors.append(error)
        return self.with_measured(results), tuple(errors)

    def _mutable(self, results: Sequence[CaseResult]) -> set[str]:
        """The tests whose cases ran through a routine of which mutants are made."""
        texts = self.store.sources().texts.values()
        routines = {(one.source, one.name) for one in texts if one.kind in MUTATORS}
        return {
            result.test
            for result in results
            if any((result.source, routine_of(hit.rule)) in routines for hit in result.hits)
        }

    def _probed(self) -> tuple[KeptSource, ...]:
        texts = self.store.sources().texts.items()
        found = (kept_source(one.source, one.name, one.kind, one.text, file) for file, one in texts)
        return tuple(one for one in found if one)

    def _measured(self) -> Joined:
        measurements = self.store.measurements().measurements
        if not measurements:
            return Joined()
        texts = self.store.sources().texts.items()
        kept = {(one.source, one.name): (one.text, file) for file, one in texts if one.kind == KIND}
        return join(measurements, kept)


def _loosenings(results: Sequence[CaseResult]) -> dict[str, str]:
    """By test: the digest of the loosenings that its cases were compared under; a comparison names them all."""
    return {
        result.test: policies_digest(hit.policy for hit in result.policy_hits)
        for result in results
        if result.verdict in (Verdict.MATCHED, Verdict.DRIFTED)
    }


def _unplayed(entry: Entry, golden: Golden) -> CaseResult:
    return CaseResult(
        test=entry.test,
        case=entry.id,
        label=entry.label,
        verdict=Verdict.UNPLAYED,
        golden=entry.file,
        provenance=golden.provenance,
        source=str(golden.descriptor.get("source", "")),
        raised=golden.observation.outcome.how == "raised",
        hits=golden.hits,
    )


def _problem(error: CharacterizeError) -> RuleProblem:
    return RuleProblem(error.slug, error.message, error.hint)
