"""Which of legacy's routines a query may run: those that its text names, and those that these name."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

from pytest_characterize.errors import CharacterizeError
from pytest_characterize.model import CaseResult
from pytest_characterize.store.atomic_store import Store


def called(store: Store, results: Iterable[CaseResult]) -> Mapping[str, frozenset[str]]:
    """Test -> the routines, as the rules name them, of those that drift and whose own rules nobody knows."""
    results = list(results)
    seen = {case.test for case in results if case.hits}
    drifting = {case.test: case.source for case in results if case.differences and case.test not in seen}
    if not drifting:
        return {}
    texts = {(one.source, one.name): one.text for one in store.sources().texts.values()}
    found = {}
    for test, source in drifting.items():
        kept = {name: text for (where, name), text in texts.items() if where == source}
        reached = _reached(_statement(store, test), kept)
        if reached:
            found[test] = reached
    return found


def _statement(store: Store, test: str) -> str:
    """The query of a test; ``""`` where it is none, or its golden cannot be read."""
    for entry in store.shelf(test).entries[:1]:
        try:
            return str(store.load(entry).descriptor.get("sql", ""))
        except CharacterizeError:  # told where the case was judged
            return ""
    return ""


def _reached(statement: str, kept: Mapping[str, str]) -> frozenset[str]:
    patterns = {name: re.compile(rf"(?<!\w){re.escape(_short(name))}\s*\(", re.IGNORECASE) for name in kept}
    found: set[str] = set()
    waiting = [statement]
    while waiting:
        text = waiting.pop()
        for name, pattern in patterns.items():
            if name not in found and pattern.search(text):
                found.add(name)
                waiting.append(kept[name])
    return frozenset(found)


def _short(routine: str) -> str:
    """A routine's own name, without schema and types."""
    return routine.partition("(")[0].rpartition(".")[2]
