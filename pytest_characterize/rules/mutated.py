"""A legacy source in which one thing is changed: what each language's mutators make."""

from __future__ import annotations

from dataclasses import dataclass

from pytest_characterize.rulemutants import Mutant


@dataclass(frozen=True, slots=True)
class MutatedText:
    """A mutant and its source.

    Attributes:
        text: the whole source with the change.
        setup: statements to run once before it is installed, in the same transaction.
        constant: the name whose value it changes, which other sources may speak of; ``""`` where it changes what a
            routine does.
    """

    mutant: Mutant
    text: str
    setup: tuple[str, ...] = ()
    constant: str = ""

    @property
    def variant(self) -> dict[str, str]:
        """What a recorder installs to run it."""
        return {self.mutant.routine: "; ".join((*self.setup, self.text))}
