"""Declared business rules and the decisions of the source that they stand for."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from difflib import get_close_matches
from typing import Final

from pytest_characterize.rulebook import (
    CRITICALITIES,
    Anchored,
    DeclaredStatus,
    RoutineStatus,
    RuleBook,
    RuleProblem,
)
from pytest_characterize.rules.comments import Tag, tags
from pytest_characterize.rules.declared import PAGE, Anchor, Catalogue, DeclaredRule
from pytest_characterize.rules.kept import KeptSource, names_of

_KEYWORD: Final = re.compile(
    r"(?:(?:ELS(?:E ?)?)?IF|ELIF|WHILE|(?:EXCEPTION|EXIT|CONTINUE|CASE) WHEN)\s+", re.IGNORECASE
)
_ENTRY: Final = "entry"


def declare(book: RuleBook, kept: Sequence[KeptSource], catalogue: Catalogue) -> RuleBook:
    """The book with the declared rules in it, and a problem for each anchor that matches nothing.

    A name in a comment that the catalogue does not declare declares itself, with the comment's title.
    """
    places = _Places(book, kept)
    claimed = {anchor.tag for rule in catalogue.rules for anchor in rule.anchors}
    claimed |= {rule.id for rule in catalogue.rules}
    found = {tag.id: tag.title for _, tag in places.tags if tag.id not in claimed}
    rules = (*catalogue.rules, *(DeclaredRule(id_, title) for id_, title in found.items()))
    declared = [_status(rule, places) for rule in rules]
    problems = tuple(
        RuleProblem(
            "rule-anchor-lost",
            f"{catalogue.file}: {one.id}: {problem}",
            f"anchor it where the rule is now (see {PAGE}), or delete what legacy no longer has",
        )
        for one in declared
        for problem in one.problems
    )
    return replace(
        book, declared=tuple(sorted(declared, key=_standing)), problems=(*book.problems, *problems)
    )


def _standing(one: DeclaredStatus) -> tuple[str, int, str]:
    return one.context, CRITICALITIES.index(one.criticality), one.id


def _status(rule: DeclaredRule, places: _Places) -> DeclaredStatus:
    anchored: dict[tuple[str, str], Anchored] = {}
    problems = []
    for anchor in rule.anchors or (Anchor(tag=rule.id),):
        found = list(places.at(anchor))
        anchored |= {(one.routine.source, one.rule.id): one for one in found}
        if not found:
            problems.append(places.lost(anchor))
    several = tuple(anchored.values())
    context = rule.context or (several[0].routine.context if several else "")
    return DeclaredStatus(
        rule.id, rule.title, context, rule.owner, rule.criticality, several, tuple(problems)
    )


class _Places:
    """Where things are in the kept sources."""

    def __init__(self, book: RuleBook, kept: Sequence[KeptSource]) -> None:
        self._routines = {(one.source, one.routine): one for one in book.routines}
        self._files = {(one.source, one.name): one.file for one in kept}
        self.tags: list[tuple[RoutineStatus, Tag]] = [
            (self._routines[one.source, one.name], tag) for one in kept for tag in tags(one.kind, one.text)
        ]

    def at(self, anchor: Anchor) -> Iterator[Anchored]:
        """The rules that an anchor means."""
        if anchor.tag:
            for routine, tag in self.tags:
                if tag.id == anchor.tag:
                    yield from _below(routine, tag.line)
            return
        for routine in self._meant(anchor):
            for rule in routine.rules:
                if (
                    (not anchor.line or rule.line == anchor.line)
                    and (not anchor.arm or rule.arm == anchor.arm)
                    and (not anchor.text or anchor.text in (rule.text, _bare(rule.text)))
                ):
                    yield Anchored(routine, rule)

    def lost(self, anchor: Anchor) -> str:
        """Why an anchor means nothing, and what is nearest to it."""
        if anchor.tag:
            return f"no comment of the kept sources names it{_nearest(anchor.tag, self._tag_names())}"
        routines = list(self._meant(anchor))
        wanted = anchor.routine or anchor.file
        if not routines:
            known = [routine.name for routine in self._routines.values()]
            return f"no source of {wanted!r} is kept{_nearest(wanted, known)}"
        arms = sorted({one.rule.arm for one in self.at(replace(anchor, arm=""))}) if anchor.arm else []
        if arms:
            here = " or ".join(map(repr, arms))
            return f"{wanted} has no such arm: {anchor} (there, arm can be {here})"
        if anchor.text:
            texts = [rule.text for routine in routines for rule in routine.rules]
            return f"{wanted} has no such rule: {anchor}{_nearest(anchor.text, texts)}"
        lines = sorted({rule.line for routine in routines for rule in routine.rules})
        return (
            f"{wanted} has no such rule: {anchor} (rules are at lines {', '.join(map(str, lines)) or 'none'})"
        )

    def _meant(self, anchor: Anchor) -> Iterator[RoutineStatus]:
        for (source, name), routine in self._routines.items():
            file = self._files[source, name]
            named = anchor.routine in names_of(name) if anchor.routine else _ends_in(file, anchor.file)
            if named and anchor.source in ("", source):
                yield routine

    def _tag_names(self) -> list[str]:
        return [tag.id for _, tag in self.tags]


def _below(routine: RoutineStatus, line: int) -> Iterator[Anchored]:
    """What a comment speaks of: the rules of its own line, else those of the next line that has any.

    Before a routine's first statement it speaks of the whole routine.
    """
    following = [rule for rule in routine.rules if rule.line >= line]
    nearest = min((rule.line for rule in following), default=0)
    chosen = [rule for rule in following if rule.line == nearest]
    if nearest > line and any(rule.kind == _ENTRY for rule in chosen):
        chosen = list(routine.rules)
    yield from (Anchored(routine, rule) for rule in chosen)


def _bare(text: str) -> str:
    """A decision without its keyword."""
    return _KEYWORD.sub("", text, count=1) if _KEYWORD.match(text) else text


def _ends_in(file: str, wanted: str) -> bool:
    return file == wanted or file.endswith(f"/{wanted}")


def _nearest(wanted: str, known: Iterable[str]) -> str:
    near = get_close_matches(wanted, list(dict.fromkeys(known)), n=1)
    return f"; the nearest is {near[0]!r}" if near else ""
