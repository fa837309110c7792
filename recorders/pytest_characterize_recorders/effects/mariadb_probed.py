"""Cases that are run with changed routines, in a copy of the database, where they must do what they did before."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Final

from pymysql.connections import Connection

from pytest_characterize.codec import dumps, loads
from pytest_characterize.errors import RecordingError
from pytest_characterize.model import Observation
from pytest_characterize.recording.protocols import RecordingContext
from pytest_characterize.values import Value
from pytest_characterize_recorders.sources.mariadb.connecting import open_mariadb
from pytest_characterize_recorders.sources.mariadb.errors import faults
from pytest_characterize_recorders.sources.mariadb.lexing import tokens
from pytest_characterize_recorders.sources.mariadb.reaching import reached
from pytest_characterize_recorders.sources.mariadb.routines import Routine, fetch
from pytest_characterize_recorders.sources.mariadb.scratch import Scratch
from pytest_characterize_recorders.sources.mariadb.stored import Stored, StoredKind, stored
from pytest_characterize_recorders.sources.mariadb.undoing import harm

NO_COPIES: Final = "its source allows no copies of the database, in which rules are seen: clone = true"
ELSEWHERE: Final = (
    "it is in another database than the one that the source's address names and copies are made of"
)
_KINDS: Final[Mapping[str, StoredKind]] = {
    "FUNCTION": "FUNCTION",
    "PROCEDURE": "PROCEDURE",
    "TRIGGER": "TRIGGER",
}


class Variants:
    """Changed sources of routines, in a copy of the database that is made for the first of them."""

    def __init__(self, context: RecordingContext) -> None:
        self._context = context
        self._stored: dict[str, Mapping[str, Stored]] = {}
        self._current = ""
        self._scratch: Scratch | None = None
        self._refused: RecordingError | None = None
        self._installed: Mapping[str, Stored] = {}

    @property
    def possible(self) -> bool:
        """Whether copies of the database may be made."""
        return self._context.source is not None and self._context.source.clone

    def sources(self, routine: Routine) -> Mapping[str, str]:
        """By signature, the routine as it is kept, and what it may run."""
        return {name: one.source(self._unseen(one)) for name, one in self._known(routine).items()}

    def installed(self, routine: Routine, variant: Mapping[str, str]) -> Scratch:
        """The copy, in which the variant is installed, and nothing else is changed.

        Raises:
            RecordingError: ``variant-unknown``, ``variant-broken``, ``variant-needs-copy``, or as
                :class:`~pytest_characterize_recorders.sources.mariadb.scratch.Scratch`.
        """
        known = self._known(routine)
        for name in (*variant, routine.signature):
            if name not in known:
                raise RecordingError(
                    f"the variant names {name!r}, which is no source of {routine.signature}",
                    slug="variant-unknown",
                    hint="take the names from Recorder.sources(case)",
                )
            if unseen := self._unseen(known[name]):
                raise RecordingError(
                    f"{name}: {unseen}",
                    slug="variant-needs-copy",
                    hint="set clone = true in the source's table, and let the address name the database",
                )
        if self._scratch is None:
            self._scratch = self._copy()
        wanted = {name: known[name].changed(text) for name, text in variant.items()}
        before = {name: known[name] for name in self._installed if name not in wanted}
        exchanged = [one for name, one in {**before, **wanted}.items() if self._installed.get(name) != one]
        self._installed = {}  # what fails half-way is exchanged again
        self._scratch.install(exchanged)
        self._installed = wanted
        return self._scratch

    def _copy(self) -> Scratch:
        """A copy; what forbids one case to have it forbids all of them, and is not tried again."""
        if self._refused is not None:
            raise self._refused
        try:
            return Scratch(self._context)
        except RecordingError as error:
            self._refused = error
            raise

    def close(self) -> None:
        """Drop the copy, if there is one."""
        scratch, self._scratch = self._scratch, None
        self._installed = {}
        if scratch is not None:
            scratch.close()

    def _unseen(self, one: Stored) -> str:
        if not self.possible:
            return NO_COPIES
        return "" if one.schema == self._current else ELSEWHERE

    def _known(self, routine: Routine) -> Mapping[str, Stored]:
        if routine.signature not in self._stored:
            connection = open_mariadb(self._context)
            try:
                with faults(connection, routine.signature):
                    self._stored[routine.signature] = self._read(connection, routine)
            finally:
                connection.close()
        return self._stored[routine.signature]

    def _read(self, connection: Connection, routine: Routine) -> Mapping[str, Stored]:
        [[current]] = fetch(connection, "SELECT DATABASE()")
        self._current = current or ""
        return {
            one.signature: stored(connection, _KINDS[one.kind], one.schema, one.name, one.signature)
            for one in reached(connection, routine)
            if one.kind in _KINDS
        }


def refuse_difference(
    what: str, scratch: Scratch, untouched: Observation | None, probed: Observation
) -> None:
    """Refuse hits of a run that did something else than the run of the untouched source.

    Raises:
        RecordingError: ``variant-differs``.
    """
    if untouched is None or repr(probed).replace(scratch.name, scratch.original) == repr(untouched):
        return
    part = next(
        name
        for name in ("outcome", "effects", "notices")
        if repr(getattr(probed, name)).replace(scratch.name, scratch.original)
        != repr(getattr(untouched, name))
    )
    raise RecordingError(
        f"{what}: in a copy of the database it does something else ({part}), so its rules are not known",
        slug="variant-differs",
        hint="see whether it names its database, or draws on what no copy has (the clock, other databases, rights)",
    )


def refuse_impossible(context: RecordingContext, what: str) -> None:
    """Refuse to try changed sources where no copy of the database may be made.

    Raises:
        RecordingError: ``mutants-impossible``.
    """
    if context.source is None or not context.source.clone:
        raise RecordingError(
            f"{what}: changed sources of MariaDB can be tried in a copy of the database only",
            slug="mutants-impossible",
            hint="allow copies: clone = true in the source's table, or leave the test out with -k",
        )


def refuse_harm(variant: Mapping[str, str]) -> None:
    """Refuse changed sources that do what no transaction takes back.

    Raises:
        RecordingError: ``cannot-be-undone``.
    """
    for name, text in variant.items():
        if found := harm(tokens(text.partition("\n")[2])):
            raise RecordingError(
                f"{name} does what no rollback takes back: {found.statement}",
                slug="cannot-be-undone",
                hint="leave the change out",
            )


def as_in_original(scratch: Scratch, observation: Observation) -> Observation:
    """What was seen in a copy, with the name of the original wherever the server tells the copy's."""
    if scratch.name not in repr(observation):
        return observation

    def renamed(value: Value) -> Value:
        text = dumps(value).replace(scratch.name, scratch.original)
        return loads(text, where="what the server tells")

    outcome = replace(observation.outcome, value=renamed(observation.outcome.value))
    effects = {name: renamed(value) for name, value in observation.effects.items()}
    return replace(
        observation, outcome=outcome, effects=effects, notices=tuple(map(renamed, observation.notices))
    )
