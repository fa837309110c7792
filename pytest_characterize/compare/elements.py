"""Markup documents: elements, attributes and texts, with paths that a reader can follow."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Final, TypeAlias

from pytest_characterize.compare.markup import Element, Text, outer
from pytest_characterize.compare.paths import Path, Token, markup_step
from pytest_characterize.compare.sequences import Naming, compare_items
from pytest_characterize.compare.texts import finding
from pytest_characterize.compare.walking import Comparator, Pair, Walk, difference
from pytest_characterize.model import Difference, Kind
from pytest_characterize.values import ABSENT

Node: TypeAlias = Element | Text

_NUMBERED: Final = frozenset({"tr", "td", "th", "li", "dt", "dd", "option", "p"})
"""Elements that come in numbers: always counted, so that one row and many rows have one pattern."""


def compare_documents(walk: Walk, path: Path, legacy: Element, candidate: Element) -> Iterator[Difference]:
    """Two markup documents."""
    return walk.nested(_dispatch).differences(path, legacy, candidate)


def _dispatch(legacy: Node, candidate: Node) -> Comparator:
    if isinstance(legacy, Text) and isinstance(candidate, Text):
        return _compare_texts
    if isinstance(legacy, Element) and isinstance(candidate, Element) and legacy.tag == candidate.tag:
        return _compare_elements
    return _compare_unlike


def _compare_elements(
    walk: Walk, path: Path, legacy: Element, candidate: Element
) -> Iterator[Difference | Pair]:
    """Attributes whatever their order, then children. A lone text is told at the element's own path."""
    if legacy.attributes != candidate.attributes:
        yield from _compare_attributes(path, legacy, candidate)
    if _lone_text(legacy) is not None and _lone_text(candidate) is not None:
        yield from _told(path, _lone_text(legacy) or "", _lone_text(candidate) or "", legacy.near)
        return
    old, new = _Steps(legacy.children), _Steps(candidate.children)
    naming = Naming(legacy=old.__getitem__, candidate=new.__getitem__, show=outer)
    for found in compare_items(walk, path, legacy.children, candidate.children, naming=naming):
        if isinstance(found, Difference):
            found = replace(found, note=_and(found.note, legacy.near))
        yield found


def _compare_attributes(path: Path, legacy: Element, candidate: Element) -> Iterator[Difference]:
    old, new = legacy.attributes, candidate.attributes
    for name in [*old, *(name for name in new if name not in old)]:
        where = (path, markup_step(name, attribute=True))
        if name not in new:
            yield difference(where, Kind.MISSING, old[name], ABSENT, legacy.near)
        elif name not in old:
            yield difference(where, Kind.EXTRA, ABSENT, new[name], legacy.near)
        elif name == "class" and sorted(old[name].split()) == sorted(new[name].split()):
            if old[name].split() != new[name].split():
                note = _and("the same classes in another order", legacy.near)
                yield difference(where, Kind.ORDER, old[name], new[name], note)
        else:
            yield from _told(where, old[name], new[name], legacy.near)


def _compare_texts(_walk: Walk, path: Path, legacy: Text, candidate: Text) -> Iterator[Difference | Pair]:
    return _told(path, legacy.data, candidate.data, legacy.near)


def _compare_unlike(_walk: Walk, path: Path, legacy: Node, candidate: Node) -> Iterator[Difference | Pair]:
    """An element and another one, or a text, in its place."""
    note = _and(f"{_sort(legacy)} and {_sort(candidate)}", legacy.near)
    yield difference(path, Kind.VALUE, outer(legacy), outer(candidate), note)


def _told(path: Path, legacy: str, candidate: str, near: str) -> Iterator[Difference]:
    if legacy != candidate:
        kind, note = finding(legacy, candidate)
        yield difference(path, kind, legacy, candidate, _and(note, near))


def _lone_text(element: Element) -> str | None:
    """The text of an element that holds nothing else, ``""`` if it holds nothing at all."""
    match element.children:
        case []:
            return ""
        case [Text() as text]:
            return text.data
        case _:
            return None


def _sort(node: Node) -> str:
    return "text" if isinstance(node, Text) else f"<{node.name}>"


def _and(note: str, near: str) -> str:
    return "; ".join(filter(None, (note, near)))


class _Steps:
    """The paths' steps to an element's children, found out when the first one is needed."""

    def __init__(self, children: Sequence[Node]) -> None:
        self._children = children
        self._steps: list[Token] = []

    def __getitem__(self, index: int) -> Token:
        if not self._steps:
            names = ["text()" if isinstance(child, Text) else child.name for child in self._children]
            total, seen = Counter(names), Counter[str]()
            for name in names:
                seen[name] += 1
                counted = total[name] > 1 or name in _NUMBERED
                self._steps.append(markup_step(name, seen[name] if counted else 0))
        return self._steps[index]
