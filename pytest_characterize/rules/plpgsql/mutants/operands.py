"""How far operands reach, by the precedence of operators (PostgreSQL's manual, "Operator Precedence").

No tree of an expression is made: an operand ends where an operator that binds less tightly, a bracket, a
comma or a keyword begins.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import Final

from pytest_characterize.rules.plpgsql.expressions import CaseExpression, find_cases, is_keyword
from pytest_characterize.rules.plpgsql.lexer import Token, TokenKind
from pytest_characterize.rules.plpgsql.mutants.precedence import (
    AFTER_IS,
    ALSO_FUNCTIONS,
    BOUNDARIES,
    LEVELS,
    NO_OPERAND,
    NOT,
    OTHER,
    RANGE,
    RANGES,
    SUM,
    ZONE,
    Call,
    Infix,
)
from pytest_characterize.rules.plpgsql.tree import Span

_OPENING: Final = ("(", "[")
_CLOSING: Final = (")", "]")


class Expressions:
    """The expressions of a source.

    Attributes:
        words: of the tokens; ``""`` for what a dot makes a name.
        partner: each bracket's and each ``CASE``'s other end, both ways.

    Args:
        regions: where expressions and queries are, apart from each other.
        assigning: tokens ``=`` that compare nothing.
    """

    def __init__(
        self, tokens: Sequence[Token], regions: Sequence[Span], assigning: frozenset[int] = frozenset()
    ) -> None:
        self.tokens = tokens
        self.regions = sorted(regions)
        self.words = [
            "" if index and tokens[index - 1].word == "." and token.kind is TokenKind.WORD else token.word
            for index, token in enumerate(tokens)
        ]
        self.words += ["", ""]
        self.partner: dict[int, int] = {}
        self.cases: list[CaseExpression] = []
        self.levels = [0] * len(tokens)
        self._commas: dict[int, list[int]] = {}
        self._ands: dict[int, int] = {}
        self._glued: set[int] = set()
        self._infixes: dict[int, Infix] = {}
        self._starts = [region.first for region in self.regions]
        for region in self.regions:
            self._pair(region)
            self._find_levels(region, assigning)

    def region(self, index: int) -> Span:
        """The region that a token belongs to."""
        return self.regions[bisect_right(self._starts, index) - 1]

    def indexes(self) -> Iterator[int]:
        """All tokens of expressions and queries, in order."""
        for region in self.regions:
            yield from range(*region)

    # What was found

    def infix(self, index: int) -> Infix:
        """The binary operator at ``index`` with its operands."""
        if index not in self._infixes:
            self._infixes[index] = self._infix(index)
        return self._infixes[index]

    def _infix(self, index: int) -> Infix:
        first = index - 1 if self.words[index] in RANGES and self.words[index - 1] == "not" else index
        past = index + 1
        while past in self._glued:
            past += 1
        level = self.levels[index]
        return Infix(
            first, past, Span(self.left_edge(first, level), first), Span(past, self.right_edge(past, level))
        )

    def upper_bound(self, index: int) -> Span:
        """What stands behind the ``AND`` of the ``BETWEEN`` at ``index``, that word included."""
        word = self._ands[index]
        return Span(word, self.right_edge(word + 1, RANGE))

    def between(self, index: int) -> Span | None:
        """The ``BETWEEN`` that ``index`` is in, as one of its words or bounds."""
        for word, upper in self._ands.items():
            if word <= index:
                whole = Span(self.infix(word).left.first, self.upper_bound(word).past)
                if index < whole.past and (index >= upper - 1 or self.infix(word).right.past >= index):
                    return whole
        return None

    def has_upper_bound(self, index: int) -> bool:
        """Whether the ``BETWEEN`` at ``index`` is complete."""
        return index in self._ands

    def is_prefix(self, index: int) -> bool:
        """Whether the sign at ``index`` has no left operand."""
        return not self.levels[index] and self.tokens[index].kind is TokenKind.OPERATOR

    def left_edge(self, index: int, level: int) -> int:
        """Where the operand begins that ends before ``index``."""
        first = self.region(index).first if index else 0
        at = index - 1
        while at >= first:
            if self.partner.get(at, at) < at:
                at = self.partner[at] - 1
                continue
            if self.partner.get(at, at) > at or self._ends(at) or 0 < self.levels[at] < level:
                break
            if self.words[at] == "not" and level > NOT:
                break
            at -= 1
        return at + 1

    def right_edge(self, index: int, level: int) -> int:
        """Where the operand ends that begins at ``index``."""
        past = self.region(index - 1).past
        at = index
        while at < past:
            if self.partner.get(at, at) > at:
                at = self.partner[at] + 1
                continue
            if self.partner.get(at, at) < at or self._ends(at) or 0 < self.levels[at] <= level:
                break
            if at > index and self._negates_range(at):
                break
            at += 1
        return at

    def call(self, index: int) -> Call | None:
        """The call whose name is at ``index``."""
        if self.tokens[index].kind not in (TokenKind.WORD, TokenKind.QUOTED):
            return None
        if self.words[index] in NO_OPERAND and self.words[index] not in ALSO_FUNCTIONS:
            return None
        if index + 1 not in self.partner or self.words[index + 1] != "(":
            return None
        first = index
        while first >= 2 and self.tokens[first - 1].word == ".":
            first -= 2
        closing = self.partner[index + 1]
        return Call(index, first, index + 1, closing, self.items(index + 1))

    def items(self, opening: int) -> tuple[Span, ...]:
        """What stands between brackets, split at its commas."""
        closing = self.partner[opening]
        if closing == opening + 1:
            return ()
        edges = [opening, *self._commas.get(opening, ()), closing]
        return tuple(Span(left + 1, right) for left, right in pairwise(edges))

    def listed(self, first: int, past: int) -> tuple[Span, ...]:
        """A span split at its commas outside brackets."""
        found, start, at = [], first, first
        while at < past:
            if self.tokens[at].word == ",":
                found.append(Span(start, at))
                start = at + 1
            at = max(self.partner.get(at, at), at) + 1
        return (*found, Span(start, past))

    def clause_end(self, index: int, ends: frozenset[str]) -> int:
        """Where a clause ends that begins at ``index``: before one of the words, a bracket or the region's end."""
        past = self.region(index - 1).past
        at = index
        while at < past:
            if self.tokens[at].word in _CLOSING or self.tokens[at].word == ";":
                break
            if self.words[at] in ends and at not in self._glued and self.is_word(at):
                break
            at = max(self.partner.get(at, at), at) + 1
        return at

    def is_word(self, index: int) -> bool:
        """Whether a keyword is itself, neither a name nor a function."""
        if index in self._glued or not is_keyword(self.tokens, index):
            return False
        return not (self.words[index] in ("left", "right") and self.words[index + 1] == "(")

    def enclosing(self, index: int) -> int:
        """The bracket that ``index`` is in, directly; -1 outside of any."""
        at, first = index - 1, self.region(index).first
        while at >= first:
            if self.tokens[at].word in _OPENING:
                return at if at in self.partner else -1
            at = min(self.partner.get(at, at), at) - 1
        return -1

    # Finding

    def _pair(self, region: Span) -> None:
        open_: list[int] = []
        for index in range(*region):
            word = self.tokens[index].word
            if word in _OPENING:
                open_.append(index)
            elif word in _CLOSING and open_:
                opening = open_.pop()
                self.partner[opening], self.partner[index] = index, opening
            elif word == "," and open_:
                self._commas.setdefault(open_[-1], []).append(index)
        for case in find_cases(self.tokens, region):
            self.cases.append(case)
            self.partner[case.first], self.partner[case.last] = case.last, case.first

    def _find_levels(self, region: Span, assigning: frozenset[int]) -> None:
        betweens: list[tuple[int, int]] = []
        depth = 0
        for index in range(*region):
            word = self.words[index]
            opens = self.tokens[index].word in _OPENING or word == "case"
            closes = self.tokens[index].word in _CLOSING or (word == "end" and self._ends_case(index))
            depth += opens - closes
            if index in assigning or index in self._glued:
                continue
            if word == "between":
                betweens.append((index, depth))
            if word == "is":
                self._glue(index, region.past)
            if word == "and" and betweens and betweens[-1][1] == depth:
                self._ands[betweens.pop()[0]] = index
                self.levels[index] = RANGE
            elif index > region.first and self._ends_operand(self._before(index)):
                self.levels[index] = self._level(index)

    def _before(self, index: int) -> int:
        """The token that may end the left operand of an operator."""
        negated = self.words[index] in RANGES and self.words[index - 1] == "not"
        return max(index - 2, 0) if negated else index - 1

    def _glue(self, index: int, past: int) -> None:
        """Join the words behind ``IS``, which are part of the operator."""
        at = index + 1
        while at < past and self.words[at] in AFTER_IS:
            if self.words[at] == "from" and self.words[at - 1] != "distinct":
                return
            self._glued.add(at)
            at += 1

    def _level(self, index: int) -> int:
        token = self.tokens[index]
        word = self.words[index]
        if word in LEVELS:
            return 0 if word == "in" and self.words[index + 1] != "(" else LEVELS[word]
        if word in ("+", "-"):
            return SUM
        if word == "at":
            return ZONE if self.words[index + 1] in ("time", "local") else 0
        return OTHER if token.kind is TokenKind.OPERATOR and word != "=>" else 0

    def _ends_operand(self, index: int) -> bool:
        token = self.tokens[index]
        if index in self._glued:
            return True
        if token.kind is TokenKind.OPERATOR:
            return False
        if token.kind is TokenKind.MARK:
            return token.word in _CLOSING
        if self.words[index] == "end":
            return self._ends_case(index)
        return not (token.kind is TokenKind.WORD and self.words[index] in NO_OPERAND)

    def _ends_case(self, index: int) -> bool:
        return self.partner.get(index, index) < index

    def _ends(self, index: int) -> bool:
        token = self.tokens[index]
        if token.kind is TokenKind.MARK:
            return token.word not in (".", "::") and self.partner.get(index, index) == index
        if token.word == "=>":
            return True
        if index in self._glued or not self.words[index]:
            return False
        if self.words[index] == "=" and not self.levels[index]:
            return True
        if self.words[index] in ALSO_FUNCTIONS:
            return self.words[index + 1] != "("
        return self.words[index] in BOUNDARIES and is_keyword(self.tokens, index)

    def _negates_range(self, index: int) -> bool:
        """Whether this is the ``NOT`` of ``NOT IN``."""
        return self.words[index] == "not" and self.words[index + 1] in RANGES
