"""Goldens to text and back: schema 1. Equal goldens have equal texts; what cannot be read is an error.

The top level is plain JSON in a fixed order, so that a changed total is a one-line diff; values below it
are tagged by :mod:`pytest_characterize.codec`. Empty sections are left out. What HTTP said is in the
case's cassette, which the golden names together with its hash.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from hashlib import sha256
from typing import Any, Final, TypeAlias, cast, get_args

from pytest_characterize.codec import canonical_tree, from_tagged, parse_json, pretty_json, to_tagged
from pytest_characterize.descriptors import Descriptor
from pytest_characterize.errors import StoreError
from pytest_characterize.identity import id_of_parts
from pytest_characterize.model import (
    Case,
    Golden,
    Interaction,
    Observation,
    Origin,
    Outcome,
    RuleHit,
)
from pytest_characterize.paths import LocatedError
from pytest_characterize.store.cassettes import as_stored, cassette_text, read_cassette, response_of
from pytest_characterize.store.names import cassette_reference
from pytest_characterize.store.shape import Tree, Under, field, has_fields, has_type
from pytest_characterize.values import Raised, Response, Rows

SCHEMA: Final = 1
"""Version of a golden's structure."""

ReadCassette: TypeAlias = Callable[[str], tuple[str, bytes]]
"""Gives path and content of a cassette by the name that a golden has for it."""

_RESTORE: Final = "restore the file with git checkout, or record the case again"
_ORIGINS: Final = frozenset(get_args(Origin))
_REQUIRED: Final = ("schema", "id", "test", "slug", "origin", "legacy", "input", "outcome")
_OPTIONAL: Final = ("effects", "notices", "queries", "hits", "scrubs", "provenance", "given")


@dataclass(frozen=True, slots=True)
class Contents:
    """What the disk holds of one case.

    Attributes:
        golden: of the golden's file.
        cassette: of its cassette, ``None`` where no HTTP was recorded.
    """

    golden: bytes
    cassette: bytes | None


def golden_text(golden: Golden) -> str:
    """The text of a golden's file.

    Raises:
        UnsupportedValueError: it holds something that is no value.
        StoreError: as :func:`render`.
    """
    return render(golden).golden.decode("ascii")


def render(golden: Golden) -> Contents:
    """The files of a golden and of its cassette.

    Raises:
        UnsupportedValueError: it holds something that is no value.
        StoreError: ``cassette-outcome``: the recorded exchanges are not those behind the outcome.
    """
    case, observation = golden.case, golden.observation
    interactions = observation.interactions
    cassette = cassette_text(interactions).encode("ascii") if interactions else None
    tree: dict[str, Tree] = {
        "schema": SCHEMA,
        "id": case.id,
        "test": case.test,
        "slug": case.slug,
        "origin": case.origin,
        "legacy": to_tagged(dict(golden.descriptor)),
        "input": to_tagged(dict(case.input)),
        "outcome": _outcome_tree(golden, cassette),
    }
    optional = {
        "effects": to_tagged(dict(observation.effects)),
        "notices": [to_tagged(notice) for notice in observation.notices],
        "queries": observation.queries,
        "hits": [{"rule": hit.rule, "count": hit.count} for hit in golden.hits],
        "scrubs": dict(sorted(golden.scrubs.items())),
        "provenance": dict(sorted(golden.provenance.items())),
        "given": to_tagged(dict(golden.given)),
    }
    tree |= {name: part for name, part in optional.items() if part or part == 0}
    return Contents(pretty_json(tree).encode("ascii"), cassette)


def read_golden(text: str | bytes, where: str, cassette: ReadCassette | None = None) -> Golden:
    """The golden that :func:`golden_text` wrote.

    Args:
        where: the file's name, for errors.
        cassette: reads the cassette that the golden names; what it gives is checked here.

    Raises:
        StoreError: ``golden-damaged``, ``golden-newer``, ``golden-identity``, ``cassette-missing``,
            ``cassette-edited``, ``cassette-damaged``; or the text is no strict JSON.
    """
    tree = parse_json(text, where)
    try:
        return _Reader(where, cassette or _no_cassette).golden(tree)
    except LocatedError as error:
        raise StoreError(
            f"{where}: {error.path}: {error.message}", slug="golden-damaged", hint=_RESTORE
        ) from None


def digest(content: bytes) -> str:
    """The sha256 of a file's content, in hex."""
    return sha256(content).hexdigest()


def _outcome_tree(golden: Golden, cassette: bytes | None) -> Tree:
    outcome, interactions = golden.observation.outcome, golden.observation.interactions
    if outcome.how != "responded":
        if cassette is None:
            return {outcome.how: to_tagged(outcome.value)}
        raise _not_behind(golden, f"the outcome is {outcome.how!r}, but HTTP was recorded")
    if not isinstance(outcome.value, Response):
        raise _not_behind(golden, f"the outcome is {type(outcome.value).__name__}, not a response")
    wanted = as_stored(outcome.value)
    for index in reversed(range(len(interactions))):
        if cassette is not None and response_of(interactions[index]) == wanted:
            name = cassette_reference(golden.case.test, golden.case.label)
            return {
                "responded": {
                    "cassette": name,
                    "interaction": index,
                    "sha256": digest(cassette),
                }
            }
    raise _not_behind(golden, "the response is none of the recorded exchanges'")


def _not_behind(golden: Golden, why: str) -> StoreError:
    return StoreError(
        f"{golden.case.test} [{golden.case.label}]: {why}",
        slug="cassette-outcome",
        hint="let the recorder hand over the exchange that the response came from, and no HTTP elsewhere",
    )


def _no_cassette(name: str) -> tuple[str, bytes]:
    raise LocatedError(f"needs the cassette {name}")


@dataclass(frozen=True, slots=True)
class _Reader:
    """Reads one golden's tree; complaints are ``LocatedError``, the door turns them into ours."""

    where: str
    cassette: ReadCassette

    def golden(self, tree: Tree) -> Golden:
        """The golden that the file's tree says, checked in every part."""
        self._known_schema(tree)
        top = has_fields(tree, _REQUIRED, _OPTIONAL)
        case = self._case(top)
        legacy = self._value(top, "legacy", dict)
        self._same_identity(case, top)
        outcome, interactions = self._outcome(case, top)
        return Golden(
            case=case,
            descriptor=legacy,
            observation=Observation(
                outcome=outcome,
                effects=self._value(top, "effects", dict) if "effects" in top else {},
                notices=tuple(self._value(top, "notices", list)) if "notices" in top else (),
                queries=field(top, "queries", int) if "queries" in top else None,
                interactions=interactions,
            ),
            hits=_hits(top),
            scrubs=_texts(top, "scrubs"),
            provenance=_texts(top, "provenance"),
            given=self._given(legacy, top),
        )

    def _known_schema(self, tree: Tree) -> None:
        schema = has_type(tree, dict).get("schema")
        if type(schema) is int and schema > SCHEMA:
            raise StoreError(
                f"{self.where}: has schema {schema}; this pytest-characterize knows {SCHEMA}",
                slug="golden-newer",
                hint="upgrade pytest-characterize to the version that recorded it",
            )
        if schema is not None and (type(schema) is not int or schema != SCHEMA):
            raise LocatedError(f"{schema!r} was never used").under("schema")

    def _case(self, top: dict[str, Tree]) -> Case:
        origin = field(top, "origin", str)
        if origin not in _ORIGINS:
            raise LocatedError(f"{origin!r} is unknown").under("origin")
        return Case(
            id=field(top, "id", str),
            test=field(top, "test", str),
            slug=field(top, "slug", str),
            input=self._value(top, "input", dict),
            origin=cast(Origin, origin),
        )

    def _same_identity(self, case: Case, top: dict[str, Tree]) -> None:
        """The id belongs to descriptor and input, whose trees were found sound before."""
        asked = {name: tree for name, tree in top["legacy"].items() if name not in Descriptor.observing}
        if id_of_parts(canonical_tree(asked), canonical_tree(top["input"])) != case.id:
            raise StoreError(
                f"{self.where}: its id is not that of its descriptor and input",
                slug="golden-identity",
                hint="restore the file with git checkout, or record the case again",
            )

    def _outcome(self, case: Case, top: dict[str, Tree]) -> tuple[Outcome, tuple[Interaction, ...]]:
        outcome = field(top, "outcome", dict)
        how = next(iter(outcome), "")
        try:
            match how:
                case "returned":
                    return Outcome(how, from_tagged(_only(outcome, how), self.where)), ()
                case "raised":
                    raised = has_type(from_tagged(_only(outcome, how), self.where), Raised)
                    return Outcome(how, raised), ()
                case "responded":
                    return self._responded(case, _only(outcome, how))
                case _:
                    raise LocatedError("says neither 'returned' nor 'raised' nor 'responded'")
        except LocatedError as error:
            raise error.under("outcome") from None

    def _responded(self, case: Case, tree: Tree) -> tuple[Outcome, tuple[Interaction, ...]]:
        told = has_fields(tree, ("cassette", "interaction", "sha256"))
        name, index = field(told, "cassette", str), field(told, "interaction", int)
        if name != cassette_reference(case.test, case.label):
            raise LocatedError("is not this case's cassette").under("cassette")
        file, content = self.cassette(name)
        if digest(content) != told["sha256"]:
            raise StoreError(
                f"{self.where}: its cassette {file} is not the one that was recorded with it",
                slug="cassette-edited",
                hint="restore both files with git checkout, or record the case again",
            )
        interactions = read_cassette(content, file)
        if not 0 <= index < len(interactions):
            raise LocatedError(f"the cassette has no exchange {index}").under("interaction")
        return Outcome("responded", response_of(interactions[index])), interactions

    def _given(self, legacy: dict[str, Any], top: dict[str, Tree]) -> dict[str, Rows]:
        """The given rows: of each table that the descriptor asks for, and of no other."""
        given = self._value(top, "given", dict) if "given" in top else {}
        asked = legacy.get("given") or {}
        if not given and not asked:
            return given
        with Under("given"):
            if odd := sorted(map(str, given.keys() ^ has_type(asked, dict).keys())):
                raise LocatedError(f"holds other tables than legacy asks for ({odd[0]})")
            for table, rows in given.items():
                with Under(table):
                    has_type(rows, Rows)
        return given

    def _value(self, top: dict[str, Tree], name: str, kind: type) -> Any:
        try:
            return has_type(from_tagged(top[name], self.where), kind)
        except LocatedError as error:
            raise error.under(name) from None


def _only(outcome: dict[str, Tree], how: str) -> Tree:
    return has_fields(outcome, (how,))[how]


def _hits(top: dict[str, Tree]) -> tuple[RuleHit, ...]:
    if "hits" not in top:
        return ()
    hits = [has_fields(hit, ("rule", "count")) for hit in field(top, "hits", list)]
    return tuple(RuleHit(field(hit, "rule", str), field(hit, "count", int)) for hit in hits)


def _texts(top: dict[str, Tree], name: str) -> dict[str, str]:
    if name not in top:
        return {}
    texts = field(top, name, dict)
    return {key: field(texts, key, str) for key in texts}
