"""A draft of ``rules.toml``: an entry for each decision of the kept sources that nobody has declared yet."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterator
from typing import Final

from pytest_characterize.rulebook import RoutineStatus, RuleBook, RuleStatus

_DRAFTED: Final = ("branch", "case", "loop", "jump", "handler", "expression")
"""Kinds of decisions that business rules are made of."""

_UNNAMEABLE: Final = re.compile(r"[^A-Za-z0-9]+")


def draft(book: RuleBook) -> str:
    """TOML to be edited by somebody who knows what the rules mean; ``""`` where all is declared."""
    declared = {(one.routine.source, one.rule.id) for rule in book.declared for one in rule.anchored}
    taken = {rule.id for rule in book.declared}
    sources = {routine.source for routine in book.routines}
    entries = []
    for routine in book.routines:
        names = _ids(routine, taken)
        repeated = Counter(rule.text for rule in _decisions(routine))
        for rule in _decisions(routine):
            name = next(names)
            if (routine.source, rule.id) not in declared:
                alone = repeated[rule.text] == 1
                entries.append(_entry(name, routine, rule, alone=alone, sole_source=len(sources) == 1))
    return "\n".join(entries)


def _decisions(routine: RoutineStatus) -> list[RuleStatus]:
    """What stands in the source as a decision, each line and text once."""
    found: dict[tuple[int, str], RuleStatus] = {}
    for rule in routine.rules:
        if rule.kind in _DRAFTED and rule.written and rule.text.upper() != "ELSE":
            found.setdefault((rule.line, rule.text), rule)
    return list(found.values())


def _ids(routine: RoutineStatus, taken: set[str]) -> Iterator[str]:
    """``INVOICE-TOTAL-1``, ``INVOICE-TOTAL-2``, ...: those that are free."""
    stem = _UNNAMEABLE.sub("-", routine.name.partition("(")[0]).strip("-").upper() or "RULE"
    number = 0
    while True:
        number += 1
        name = f"{stem}-{number}"
        if name not in taken:
            taken.add(name)
            yield name


def _entry(name: str, routine: RoutineStatus, rule: RuleStatus, *, alone: bool, sole_source: bool) -> str:
    anchor = f"routine = {_string(routine.name)}, text = {_string(rule.text)}"
    if not alone:
        anchor += f", line = {rule.line}"
    if not sole_source and routine.source:
        anchor += f", source = {_string(routine.source)}"
    return "\n".join(
        (
            "[[rule]]",
            f"id = {_string(name)}",
            f"title = {_string(rule.text)}",
            f"context = {_string(routine.context)}",
            f"anchors = [{{ {anchor} }}]",
            "",
        )
    )


def _string(text: str) -> str:
    """A basic string of TOML, which escapes as JSON does, but for DEL."""
    return json.dumps(text.encode("utf-8", "replace").decode("utf-8"), ensure_ascii=False).replace(
        "\x7f", "\\u007f"
    )
