"""What the readers of all formats share: numbers that are checked, and arms that are added up by file."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Final, TypeAlias

from pytest_characterize.errors import UsageError
from pytest_characterize.measured import Arm, ArmKind, MeasuredFile

MOST_ARMS: Final = 1_000_000
"""How many arms one report may name."""

_DIGITS: Final = 18
_TAME: Final = re.compile(r"[A-Za-z0-9_-]{1,24}")
_LONGEST: Final = 200

_Key: TypeAlias = tuple[int, ArmKind, str]


class WrongError(ValueError):
    """What is wrong at the present place of a report, in words; its reader knows the place."""


def damaged(where: str, line: int, what: str) -> UsageError:
    """The error of a report that cannot be read."""
    return UsageError(
        f"{where}, line {line}: {what}",
        slug="coverage-damaged",
        hint="let the coverage tool write the report again, and see that the format is the one that you named",
    )


def number(text: str | None, what: str) -> int:
    """A whole number that is not negative.

    Raises:
        WrongError: it is none.
    """
    digits = (text or "").strip()
    if not (digits.isascii() and digits.isdigit()):
        raise WrongError(f"{what} must be a whole number, not {(text or '')[:40]!r}")
    return int(digits) if len(digits) <= _DIGITS else 10**_DIGITS


def tame(text: str) -> str:
    """A text as a part of a rule's id: itself if it is plain, else a hash of it."""
    return text if _TAME.fullmatch(text) else sha256(text.encode("utf-8", "replace")).hexdigest()[:8]


@dataclass(slots=True)
class _File:
    arms: dict[_Key, tuple[int, str]] = field(default_factory=dict)
    unknown: dict[str, None] = field(default_factory=dict)


class Gathering:
    """Adds up what a report says, arm by arm."""

    def __init__(self) -> None:
        self._files: dict[str, _File] = {}
        self._number = 0

    def file(self, name: str) -> None:
        """There is such a file, even if nothing follows."""
        if not name.strip() or "\0" in name:
            raise WrongError("a source file has no name")
        self._files.setdefault(name, _File())

    def branch(self, file: str, line: int, decision: str, arm: str, hits: int, told: str) -> None:
        """One branch that the tool tells from the others of its line."""
        self._add(file, (line, "branch", f"{tame(decision)}.{tame(arm)}"), hits, told)

    def counted(self, file: str, line: int, covered: int, of: int) -> None:
        """Branches of which the tool says how many were taken, and not which.

        The arms are "at least one", "at least two" and so on: that two cases took one each says nothing
        about two.
        """
        if covered > of:
            raise WrongError(f"{covered} of {of} branches taken")
        for place in range(1, of + 1):
            told = f"all {of} branches taken" if place == of else f"at least {place} of {of} branches taken"
            key: _Key = (line, "branch", f"of{of}.{place}")
            self._add(file, key, int(place <= covered), "the branch taken" if of == 1 else told, at_most=1)

    def entry(self, file: str, line: int, name: str, hits: int) -> None:
        """A function."""
        self._add(file, (line, "entry", tame(name)), hits, name)

    def line(self, file: str, line: int, hits: int) -> None:
        """A line that can be executed."""
        self._add(file, (line, "line", "1"), hits, "")

    def unknown(self, file: str, why: str) -> None:
        """Something that the report names without a place."""
        self.file(file)
        self._files[file].unknown[why[:_LONGEST]] = None

    def files(self) -> tuple[MeasuredFile, ...]:
        """What was gathered: lines only of files without any branch, as branches say more than lines."""
        return tuple(
            MeasuredFile(name, tuple(_arms(one)), tuple(one.unknown))
            for name, one in sorted(self._files.items())
            if one.arms or one.unknown
        )

    def _add(self, file: str, key: _Key, hits: int, told: str, at_most: int | None = None) -> None:
        self.file(file)
        arms = self._files[file].arms
        before = arms.get(key)
        if before is None:
            self._number += 1
            if self._number > MOST_ARMS:
                raise WrongError(f"more than {MOST_ARMS} branches, functions and lines")
            arms[key] = (hits, " ".join(told.split())[:_LONGEST])
        else:
            both = before[0] + hits
            arms[key] = (both if at_most is None else min(both, at_most), before[1])


def _arms(one: _File) -> Iterator[Arm]:
    has_branches = any(kind == "branch" for _, kind, _ in one.arms)
    order = {"entry": 0, "branch": 1, "line": 2}
    for (line, kind, key), (hits, told) in sorted(
        one.arms.items(), key=lambda item: (item[0][0], order[item[0][1]])
    ):
        if kind != "line" or not has_branches:
            yield Arm(line, kind, key, hits, told)
