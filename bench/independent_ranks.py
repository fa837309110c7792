"""How far down a list the right line stands, where lines may tie: at best, as expected, at worst."""

from __future__ import annotations

import ast
import difflib
import math
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

Classes = Sequence[Collection[int]]
"""Lines, the most suspect first; those of one collection are not told apart."""


@dataclass(frozen=True)
class Within:
    """Is a right line among the first few: if ties fall well, on average over all ways they can fall, if badly."""

    best: float
    expected: float
    worst: float


def within(classes: Classes, right: Collection[int], first: int) -> Within:
    """Whether a right line is among the first lines."""
    left = first
    for tied in classes:
        hits = len(set(tied) & set(right))
        if len(tied) <= left:
            if hits:
                return Within(1, 1, 1)
            left -= len(tied)
        elif left:
            chance = 1 - math.comb(len(tied) - hits, left) / math.comb(len(tied), left)
            return Within(float(hits > 0), chance, float(left > len(tied) - hits))
    return Within(0, 0, 0)


def by_score(scores: Mapping[int, float]) -> Classes:
    """Lines of the same score together, the highest first; a line of no score is not suspect."""
    return [
        [line for line, score in scores.items() if score == each]
        for each in sorted({score for score in scores.values() if score > 0}, reverse=True)
    ]


def ochiai(hits: Sequence[tuple[Collection[int], bool]]) -> Mapping[int, float]:
    """How like each line's cases are to the drifting ones; given the lines of each case and whether it drifts."""
    drifting = sum(drifts for _, drifts in hits)
    lines = sorted({line for case, _ in hits for line in case})
    scores = {}
    for line in lines:
        of = [drifts for case, drifts in hits if line in case]
        scores[line] = sum(of) / math.sqrt(drifting * len(of)) if drifting else 0.0
    return scores


def wilson(share: float, of: int) -> tuple[float, float]:
    """The interval in which the share lies with 95 % confidence."""
    z = 1.96
    middle = (share + z * z / (2 * of)) / (1 + z * z / of)
    half = z / (1 + z * z / of) * math.sqrt(share * (1 - share) / of + z * z / (4 * of * of))
    return middle - half, middle + half


def changed_lines(correct: str, faulty: str) -> set[int]:
    """Lines of the correct program that differ in the faulty one; for a line too many, the line before it.

    Comments, indentation, blank lines and what follows the code are not compared.
    """
    numbered = [(number, line) for number, line in enumerate(_code(correct), 1) if line]
    other = [line for line in _code(faulty) if line]
    matcher = difflib.SequenceMatcher(None, [line for _, line in numbered], other, autojunk=False)
    lines: set[int] = set()
    for change, start, end, _, _ in matcher.get_opcodes():
        if change in ("replace", "delete"):
            lines |= {number for number, _ in numbered[start:end]}
        elif change == "insert":
            lines.add(numbered[max(start - 1, 0)][0])
    return lines


def with_decisions(correct: str, lines: Collection[int]) -> set[int]:
    """The lines, and the head of the innermost ``if``, ``for`` or ``while`` around each."""
    found = set(lines)
    for line in lines:
        around = [
            node.lineno
            for node in ast.walk(ast.parse(correct))
            if isinstance(node, (ast.If, ast.For, ast.While))
            and node.lineno <= line <= (node.end_lineno or node.lineno)
        ]
        found |= {max(around)} if around else set()
    return found


def _code(text: str) -> list[str]:
    ends = [
        node.end_lineno or 0
        for node in ast.parse(text).body
        if not (isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant))
    ]
    return [line.split("#")[0].strip() for line in text.splitlines()[: max(ends)]]
