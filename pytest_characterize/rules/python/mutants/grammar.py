"""From tokens to terms: Python's expressions, of every version from 2.7 on."""

from __future__ import annotations

from collections.abc import Callable
from keyword import kwlist
from typing import Final

from pytest_characterize.rules.python.lexer import Kind
from pytest_characterize.rules.python.mutants.terms import Form, Term
from pytest_characterize.rules.python.source import Source, Span

_RANKS: Final = (
    frozenset({"|"}),
    frozenset({"^"}),
    frozenset({"&"}),
    frozenset({"<<", ">>"}),
    frozenset({"+", "-"}),
    frozenset({"*", "/", "//", "%", "@"}),
)
_COMPARING: Final = frozenset({"<", ">", "<=", ">=", "==", "!=", "<>", "in", "not", "is"})
_WORDS: Final = frozenset(kwlist) - {"True", "False", "None", "await", "async"}
"""Names that begin no expression."""


class GrammarError(Exception):
    """No expression of Python; or one that is not known here."""


def expressions(source: Source, span: Span) -> tuple[Term, ...]:
    """The expressions of a span, which commas separate.

    Raises:
        GrammarError: they cannot be read.
    """
    grammar = _Grammar(source, span)
    found = grammar.items()
    grammar.must_end()
    return tuple(found)


class _Grammar:
    """Recursive descent over the tokens of a span; what is in a bracket is read by another one."""

    def __init__(self, source: Source, span: Span) -> None:
        self._source = source
        self._at, self._past = span

    # Items

    def items(self, *, subscript: bool = False) -> list[Term]:
        """Expressions with commas between them."""
        found = []
        while self._at < self._past:
            found.append(self._slice() if subscript else self._item())
            if self._word() == ",":
                self._at += 1
            elif self._at < self._past:
                break
        return found

    def must_end(self) -> None:
        """Refuse what was not read."""
        if self._at < self._past:
            raise GrammarError(f"{self._word()!r} was not expected")

    def fields(self) -> tuple[list[Term], list[Span]]:
        """The expressions of an f-string, and the texts around them."""
        found: list[Term] = []
        marks = []
        while self._at < self._past:
            if self._kind() in (Kind.FIELDS_NEXT, Kind.FIELDS_CLOSE, Kind.FIELDS_OPEN):
                marks.append(Span(self._at, self._at + 1))
                self._at += 1
            elif self._word() == ",":
                self._at += 1
            else:
                found.append(self._item())
        return found, marks

    def _item(self) -> Term:
        first, word = self._at, self._word()
        if word in ("*", "**"):
            self._at += 1
            return self._term(Form.STARRED, first, self._disjunction())
        if word == "yield":
            return self._yield()
        if self._kind() is Kind.NAME and self._source.word(first + 1) == "=" and first + 1 < self._past:
            self._at += 2
            return self._term(Form.KEYWORD, first, self._test(), marks=(Span(first, first + 1),))
        found = self._test()
        if self._word() == ":=":
            self._at += 1
            found = self._term(Form.OTHER, first, self._test())
        elif self._word() == ":":
            self._at += 1
            found = self._term(Form.PAIR, first, found, self._test())
        if self._word() in ("for", "async"):
            return self._comprehension(first, found)
        return found

    def _yield(self) -> Term:
        first = self._at
        self._at += 1
        if self._word() == "from":
            self._at += 1
        return self._term(Form.YIELD, first, *self.items())

    def _slice(self) -> Term:
        first = self._at
        parts, colons = [], []
        while self._at < self._past and self._word() != ",":
            if self._word() == ":":
                colons.append(Span(self._at, self._at + 1))
                self._at += 1
            else:
                start = self._at
                parts.append(self._item_of_slice())
                if self._at == start:
                    raise GrammarError("a slice was expected")
        if not colons and len(parts) == 1:
            return parts[0]
        return Term(Form.SLICE, Span(first, self._at), tuple(parts), tuple(colons))

    def _item_of_slice(self) -> Term:
        first = self._at
        if self._word() == "*":
            return self._item()
        found = self._test()
        if self._word() == ":=":
            self._at += 1
            return self._term(Form.OTHER, first, self._test())
        return found

    def _comprehension(self, first: int, given: Term) -> Term:
        parts = [given]
        while self._word() in ("for", "async", "if"):
            clause = self._at
            if self._word() == "if":
                self._at += 1
                parts.append(self._term(Form.FILTER, clause, self._condition()))
                continue
            while self._at < self._past and self._word() != "in":
                self._at = self._source.partner.get(self._at, self._at) + 1
            self._at += 1
            parts.append(self._disjunction())
        return self._term(Form.COMPREHENSION, first, *parts)

    def _condition(self) -> Term:
        first = self._at
        found = self._disjunction()
        if self._word() != ":=":
            return found
        self._at += 1
        return self._term(Form.OTHER, first, self._test())

    # Operators, the weakest first

    def _test(self) -> Term:
        first = self._at
        if self._word() == "lambda":
            return self._lambda()
        then = self._disjunction()
        if self._word() != "if":
            return then
        self._at += 1
        condition = self._disjunction()
        if self._word() != "else":
            raise GrammarError("a conditional expression has no else")
        self._at += 1
        return self._term(Form.CHOICE, first, then, condition, self._test())

    def _lambda(self) -> Term:
        first = self._at
        while self._at < self._past and self._word() != ":":
            self._at = self._source.partner.get(self._at, self._at) + 1
            if self._word() == "lambda":
                raise GrammarError("a lambda in the defaults of a lambda")
        self._at += 1
        return self._term(Form.LAMBDA, first, self._test())

    def _disjunction(self) -> Term:
        return self._chain(Form.OR, frozenset({"or"}), self._conjunction)

    def _conjunction(self) -> Term:
        return self._chain(Form.AND, frozenset({"and"}), self._inversion)

    def _inversion(self) -> Term:
        first = self._at
        if self._word() != "not":
            return self._comparison()
        self._at += 1
        return self._term(Form.NOT, first, self._inversion())

    def _comparison(self) -> Term:
        first = self._at
        parts, marks = [self._ranked(0)], []
        while self._word() in _COMPARING and self._at < self._past:
            mark = self._at
            words = (self._word(), self._source.word(mark + 1))
            if words[0] == "not" and words[1] != "in":
                raise GrammarError("not was not expected")
            self._at += 2 if words in (("not", "in"), ("is", "not")) else 1
            marks.append(Span(mark, self._at))
            parts.append(self._ranked(0))
        return parts[0] if not marks else self._term(Form.COMPARISON, first, *parts, marks=tuple(marks))

    def _ranked(self, rank: int) -> Term:
        if rank == len(_RANKS):
            return self._unary()
        return self._chain(Form.BINARY, _RANKS[rank], lambda: self._ranked(rank + 1))

    def _chain(self, form: Form, words: frozenset[str], operand: Callable[[], Term]) -> Term:
        first = self._at
        parts, marks = [operand()], []
        while self._word() in words:
            marks.append(Span(self._at, self._at + 1))
            self._at += 1
            parts.append(operand())
        return parts[0] if not marks else self._term(form, first, *parts, marks=tuple(marks))

    def _unary(self) -> Term:
        first = self._at
        if self._word() in ("-", "+", "~"):
            self._at += 1
            return self._term(Form.UNARY, first, self._unary(), marks=(Span(first, first + 1),))
        if self._word() == "await" and self._source.kind(first + 1) in (Kind.NAME, Kind.STRING):
            self._at += 1
            return self._term(Form.OTHER, first, self._primary())
        base = self._primary()
        if self._word() != "**":
            return base
        mark = Span(self._at, self._at + 1)
        self._at += 1
        return self._term(Form.BINARY, first, base, self._unary(), marks=(mark,))

    # Primaries

    def _primary(self) -> Term:
        first = self._at
        found = self._atom()
        while self._at < self._past and (word := self._word()) in ("(", "[", "."):
            if word == ".":
                name = Span(self._at + 1, self._at + 2)
                self._at += 2
                found = self._term(Form.ATTRIBUTE, first, found, marks=(name,))
            else:
                brackets = Span(self._at, self._source.partner[self._at] + 1)
                inside = self._inside(subscript=word == "[")
                form = Form.CALL if word == "(" else Form.INDEX
                found = self._term(form, first, found, *inside, marks=(brackets,))
        return found

    def _inside(self, *, subscript: bool = False) -> list[Term]:
        """What is in the bracket that opens here; move behind it."""
        closing = self._source.partner[self._at]
        inner = _Grammar(self._source, Span(self._at + 1, closing))
        found = inner.items(subscript=subscript)
        inner.must_end()
        self._at = closing + 1
        return found

    def _atom(self) -> Term:
        if self._at >= self._past:
            raise GrammarError("an operand is missing")
        first, kind, word = self._at, self._kind(), self._word()
        if kind in (Kind.STRING, Kind.FIELDS_OPEN):
            return self._texts()
        if kind is Kind.NUMBER or (kind is Kind.NAME and word not in _WORDS) or word == "...":
            self._at += 1
            return self._term(Form.NUMBER if kind is Kind.NUMBER else Form.NAME, first)
        if word in ("(", "[", "{"):
            return self._bracket()
        raise GrammarError(f"{word!r} was not expected")

    def _bracket(self) -> Term:
        first, word = self._at, self._word()
        closing = self._source.partner[first]
        found = self._inside()
        plain = len(found) == 1 and self._source.word(closing - 1) != ","
        if word == "(" and plain and found[0].form not in (Form.STARRED, Form.COMPREHENSION):
            return self._term(Form.GROUP, first, *found)
        return self._term(Form.DISPLAY, first, *found)

    def _texts(self) -> Term:
        """Texts that stand one behind another are one text."""
        first = self._at
        parts: list[Term] = []
        marks: list[Span] = []
        while self._at < self._past and self._kind() in (Kind.STRING, Kind.FIELDS_OPEN):
            if self._kind() is Kind.STRING:
                marks.append(Span(self._at, self._at + 1))
                self._at += 1
                continue
            past = self._source.partner[self._at] + 1
            found, texts = _Grammar(self._source, Span(self._at, past)).fields()
            parts += found
            marks += texts
            self._at = past
        if self._source.kind(first) is Kind.STRING and self._at == first + 1:
            return self._term(Form.TEXT, first)
        return self._term(Form.FIELDS, first, *parts, marks=tuple(marks))

    # Helpers

    def _term(self, form: Form, first: int, *parts: Term, marks: tuple[Span, ...] = ()) -> Term:
        return Term(form, Span(first, self._at), parts, marks)

    def _word(self) -> str:
        return self._source.word(self._at) if self._at < self._past else ""

    def _kind(self) -> Kind | None:
        return self._source.kind(self._at) if self._at < self._past else None
