"""Where in a module a statement stands, as far as its probes depend on it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Final

from pytest_characterize.rules.catalogue import Rule
from pytest_characterize.rules.python.source import Source, Span
from pytest_characterize.rules.python.tree import Statement

AT_IMPORT: Final = "decided when the module is imported, by no case"
LAZY: Final = "Python computes it when it is asked for"

_PEEKING: Final = frozenset(
    [
        "locals",
        "vars",
        "dir",
        "exec",
        "eval",
        "execfile",
        "_getframe",
        "currentframe",
        "f_locals",
        "getframeinfo",
    ]
)
"""Words of functions that may look at their own variables."""


@dataclass(frozen=True, slots=True)
class Scope:
    """The surroundings of a statement or expression.

    Attributes:
        name: qualified name of the function or class; ``""`` in the module itself.
        importing: whether it runs when the module is imported, and those decisions are not asked for.
        flags: whether it may have variables of ours.
        leaves: what ``return`` reports: of the ``try`` statements around it, that no exception came.
        jumps: what ``break`` and ``continue`` report likewise.
        breaks: what ``break`` reports besides: that its loop was left by it.
        last: the function's last statement, which is no early ``return``.
    """

    name: str = ""
    importing: bool = False
    flags: bool = False
    leaves: tuple[Rule, ...] = ()
    jumps: tuple[Rule, ...] = ()
    breaks: tuple[Rule, ...] = ()
    last: Statement | None = None

    def function(self, name: str, source: Source, span: Span, last: Statement) -> Scope:
        """The inside of a function defined here, whose tokens are ``span``."""
        words = {source.word(index) for index in range(*span)}
        return Scope(self._inner(name), flags=not words & _PEEKING, last=last)

    def lambda_(self) -> Scope:
        """The inside of a lambda written here."""
        return Scope(self._inner("<lambda>"))

    def class_(self, name: str) -> Scope:
        """The inside of a class defined here."""
        return Scope(self._inner(name), importing=self.importing)

    def loop(self, breaks: tuple[Rule, ...]) -> Scope:
        """The body of a loop that stands here."""
        return replace(self, jumps=(), breaks=breaks)

    def guarded(self, rule: Rule) -> Scope:
        """The body of a ``try`` that stands here; ``rule`` says that no exception came."""
        return replace(self, leaves=(*self.leaves, rule), jumps=(*self.jumps, rule))

    def _inner(self, name: str) -> str:
        return f"{self.name}.{name}" if self.name else name
