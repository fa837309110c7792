"""``rules.toml``: the business rules that people know by a name, read from text; nothing here opens a file.

.. code-block:: toml

    [[context]]
    name = "billing"
    routines = ["invoice_*", "round_money"]

    [[rule]]
    id = "BILL-007"
    title = "the discount begins with the fifth anniversary"
    owner = "accounting"
    criticality = "high"
    anchors = [{ routine = "invoice_total", text = "ELSIF v_tenure >= 5" }]

    [[equivalent]]
    mutant = "public.invoice_total(integer,date):12.boundary1"
    reason = "quantities are whole numbers"
"""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import PurePath
from typing import Any, Final

from pytest_characterize.errors import ConfigurationError
from pytest_characterize.rulebook import CRITICALITIES, Criticality
from pytest_characterize.rules.kept import names_of
from pytest_characterize.toml_tables import Table

PAGE: Final = "docs/reference/rules.md"


@dataclass(frozen=True, slots=True)
class Anchor:
    """Where in legacy source a business rule is; what is empty is not asked for.

    Attributes:
        source: name of the configured legacy source.
        routine: any name that the routine answers to.
        file: where its source is kept, or the end of that path.
        text: the decision as reports show it, with or without its keyword.
        line: as reports show it.
        arm: one way that the decision can go: ``taken``.
        tag: a name in a comment of the source; nothing else is asked for then.
    """

    source: str = ""
    routine: str = ""
    file: str = ""
    text: str = ""
    line: int = 0
    arm: str = ""
    tag: str = ""

    def __str__(self) -> str:
        """The anchor as the file has it."""
        names = ("source", "routine", "file", "text", "line", "arm", "tag")
        told = [f"{name} = {getattr(self, name)!r}" for name in names if getattr(self, name)]
        return ", ".join(told)


@dataclass(frozen=True, slots=True)
class DeclaredRule:
    """One ``[[rule]]``; without anchors it is where a comment names its id."""

    id: str
    title: str = ""
    context: str = ""
    owner: str = ""
    criticality: Criticality = ""
    anchors: tuple[Anchor, ...] = ()


@dataclass(frozen=True, slots=True)
class DeclaredContext:
    """One ``[[context]]``: the routines (globs) of a bounded context, those of one source if it names one."""

    name: str
    routines: tuple[str, ...] = ("*",)
    source: str = ""


@dataclass(frozen=True, slots=True)
class Equivalent:
    """One ``[[equivalent]]``: a mutant that no input can tell from legacy, and why somebody is sure of it."""

    mutant: str
    reason: str
    source: str = ""


@dataclass(frozen=True, slots=True)
class Catalogue:
    """What ``rules.toml`` says.

    Attributes:
        file: its name, for messages.
        equivalents: mutants that do not count, as they change nothing that can be seen.
    """

    file: str = ""
    rules: tuple[DeclaredRule, ...] = ()
    contexts: tuple[DeclaredContext, ...] = ()
    equivalents: tuple[Equivalent, ...] = ()

    def context_of(self, source: str, routine: str) -> str:
        """The first context that has the routine; the source's name if none has."""
        names = names_of(routine)
        for context in self.contexts:
            if context.source in ("", source) and any(
                fnmatchcase(name, pattern) for pattern in context.routines for name in names
            ):
                return context.name
        return source


def read_catalogue(content: bytes, file: str) -> Catalogue:
    """What the file's content declares.

    Raises:
        ConfigurationError: ``rules-unreadable``, ``rules-doubled``, ``rules-anchor``, or a key is unknown,
            missing, of the wrong type or senseless (``config-...``).
    """
    try:
        document = tomllib.loads(content.decode("utf-8"))
    except (UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise ConfigurationError(
            f"{file}: cannot be read as TOML: {error}",
            slug="rules-unreadable",
            hint=f"mend the file, or see the example in {PAGE}",
        ) from None
    return _catalogue(document, file)


def _catalogue(document: dict[str, Any], file: str) -> Catalogue:
    table = Table(PurePath(file), "", document, PAGE)
    contexts = tuple(_context(sub) for sub in table.array("context"))
    rules = tuple(_rule(sub, file) for sub in table.array("rule"))
    equivalents = tuple(_equivalent(sub) for sub in table.array("equivalent"))
    table.done()
    seen: set[str] = set()
    for rule in rules:
        if rule.id in seen:
            raise ConfigurationError(
                f"{file}: {rule.id} is declared twice",
                slug="rules-doubled",
                hint="give one of the two another id, or put their anchors into one",
            )
        seen.add(rule.id)
    return Catalogue(file, rules, contexts, equivalents)


def _context(table: Table) -> DeclaredContext:
    context = DeclaredContext(table.text("name"), table.texts("routines", ("*",)), table.text("source", ""))
    if not context.name.strip():
        raise table.bad("name", "must not be empty")
    table.done()
    return context


def _equivalent(table: Table) -> Equivalent:
    one = Equivalent(table.text("mutant"), table.text("reason"), table.text("source", ""))
    if not one.reason.strip():
        raise table.bad("reason", "must say why no input can tell the mutant from legacy")
    table.done()
    return one


def _rule(table: Table, file: str) -> DeclaredRule:
    criticality = table.text("criticality", "")
    if criticality not in CRITICALITIES:
        known = ", ".join(repr(word) for word in CRITICALITIES if word)
        raise table.bad("criticality", f"must be one of {known}, not {criticality!r}")
    rule = DeclaredRule(
        id=table.text("id"),
        title=table.text("title", ""),
        context=table.text("context", ""),
        owner=table.text("owner", ""),
        criticality=criticality,
        anchors=tuple(_anchor(sub, file, table.text("id")) for sub in table.array("anchors")),
    )
    if not rule.id or rule.id != "".join(rule.id.split()):
        raise table.bad("id", f"must be one word, not {rule.id!r}")
    table.done()
    return rule


def _anchor(table: Table, file: str, rule: str) -> Anchor:
    anchor = Anchor(
        source=table.text("source", ""),
        routine=table.text("routine", ""),
        file=table.text("file", ""),
        text=" ".join(table.text("text", "").split()),
        line=table.number("line"),
        arm=table.text("arm", ""),
        tag=table.text("tag", ""),
    )
    table.done()
    if bool(anchor.routine) + bool(anchor.file) + bool(anchor.tag) != 1 or (
        anchor.tag and anchor != Anchor(tag=anchor.tag)
    ):
        raise ConfigurationError(
            f"{file}: {rule}: the anchor {{ {anchor} }} does not say one place",
            slug="rules-anchor",
            hint="name a routine or a file, with a text, a line or an arm; or a tag and nothing else",
        )
    return anchor
