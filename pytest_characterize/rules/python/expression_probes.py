"""Probes within expressions: conditional expressions, filters of comprehensions, operands."""

from __future__ import annotations

from typing import Final

from pytest_characterize.rules.catalogue import Cause, RuleKind
from pytest_characterize.rules.python.book import Book
from pytest_characterize.rules.python.expressions import ExpressionError, Node, Shape, find_expressions
from pytest_characterize.rules.python.scope import AT_IMPORT, Scope
from pytest_characterize.rules.python.source import Span

_OPERATORS: Final = (Shape.AND, Shape.OR)
_ANNOTATING: Final = frozenset({":", "->"})
_VERBATIM: Final = "its text is shown beside its value"
_ANNOTATION: Final = "it is an annotation, which Python keeps as it is written"


class ExpressionProbes:
    """Instruments expressions; statements tell it where they are."""

    def __init__(self, book: Book) -> None:
        self._book = book
        self._source = book.source

    def search(self, span: Span, scope: Scope) -> None:
        """Instrument what decides within the expressions of a span; annotations stay as they are."""
        for node in self._find(span, scope):
            if self._source.word(node.span.first - 1) in _ANNOTATING and node.span.first > span.first:
                self._refuse(node, scope, Cause.UNSAFE, _ANNOTATION)
            else:
                self._node(node, scope)

    def refuse(self, span: Span, scope: Scope, reason: str) -> None:
        """Note what decides within a span that must stay as it is."""
        for node in self._find(span, scope):
            self._refuse(node, scope, Cause.UNSAFE, reason)

    def condition(self, span: Span, text: str, scope: Scope) -> None:
        """Instrument a condition's operands, if there are several, and what decides within it."""
        found = self._find(span, scope)
        if len(found) == 1 and found[0].span == span:
            self._truth(found[0], text, scope)
        else:
            for node in found:
                self._node(node, scope)

    def _find(self, span: Span, scope: Scope) -> list[Node]:
        try:
            return find_expressions(self._source, span)
        except ExpressionError as error:
            self._book.not_known(scope.name, span, Cause.SYNTAX, error.message)
            return []

    def _node(self, node: Node, scope: Scope) -> None:
        if node.verbatim:
            self._refuse(node, scope, Cause.UNSAFE, _VERBATIM)
            return
        match node.shape:
            case Shape.CHOICE:
                self._choice(node, scope)
            case Shape.FILTER:
                self._filter(node, scope)
            case Shape.LAMBDA:
                *defaults, body = node.parts
                for default in defaults:
                    self._node(default, scope)
                self._node(body, scope.lambda_())
            case Shape.NOT:
                self._truth(node.parts[0], self._source.words(node.span), scope)
            case Shape.AND | Shape.OR if self._book.depth.operands:
                self._values(node, scope)
            case _:
                for part in node.parts:
                    self._node(part, scope)

    # Conditions

    def _choice(self, node: Node, scope: Scope) -> None:
        then, condition, otherwise = node.parts
        text = self._source.words(node.span)
        self._decision(node, condition, text, scope)
        self._node(then, scope)
        self._truth(condition, text, scope)
        self._node(otherwise, scope)

    def _filter(self, node: Node, scope: Scope) -> None:
        text = self._source.words(node.span)
        self._decision(node, node.parts[0], text, scope)
        self._truth(node.parts[0], text, scope)

    def _decision(self, node: Node, condition: Node, text: str, scope: Scope) -> None:
        """The two rules of a condition that stands within an expression."""
        if scope.importing:
            self._book.not_known(scope.name, node.span, Cause.IMPORT, AT_IMPORT)
        elif self._book.depth.expressions and not self._is_constant(condition.span):
            holds = self._book.rule(scope.name, RuleKind.EXPRESSION, node.span.first, text, "true")
            fails = self._book.rule(scope.name, RuleKind.EXPRESSION, node.span.first, text, "false", of=holds)
            self._book.outcome(condition.span, holds, fails)

    def _is_constant(self, span: Span) -> bool:
        return is_constant(self._source.words(span))

    # Operands

    def _truth(self, node: Node, text: str, scope: Scope) -> None:
        """An expression of which nothing but its truth counts."""
        if node.shape is Shape.NOT:
            self._truth(node.parts[0], text, scope)
        elif node.shape in _OPERATORS and not node.verbatim:
            for part in node.parts:
                self._operand(part, text, scope)
        else:
            self._node(node, scope)

    def _operand(self, node: Node, text: str, scope: Scope) -> None:
        if node.shape in _OPERATORS or (node.shape is Shape.NOT and node.parts[0].shape in _OPERATORS):
            self._truth(node, text, scope)
            return
        if self._book.depth.operands and not scope.importing:
            words = f"{self._source.words(node.span)} in {text}"
            holds = self._book.rule(scope.name, RuleKind.OPERAND, node.span.first, words, "true")
            fails = self._book.rule(scope.name, RuleKind.OPERAND, node.span.first, words, "false", of=holds)
            self._book.outcome(node.span, holds, fails)
        self._node(node, scope)

    def _values(self, node: Node, scope: Scope) -> None:
        """Operands whose value may be the result: it can be told that one was asked, not how it came out."""
        text = self._source.words(node.span)
        first, *others = node.parts
        self._node(first, scope)
        for part in others:
            words = f"{self._source.words(part.span)} in {text}"
            if "`" in words:
                self._book.not_known(scope.name, part.span, Cause.UNSAFE, "it stands in backquotes")
            elif not scope.importing:
                asked = self._book.rule(scope.name, RuleKind.OPERAND, part.span.first, words, "asked")
                self._book.around(part.span, f"({self._book.report([asked])} or (", "))", [asked])
            self._node(part, scope)

    # What must stay as it is

    def _refuse(self, node: Node, scope: Scope, cause: Cause, reason: str) -> None:
        if node.shape in (Shape.CHOICE, Shape.FILTER):
            self._book.not_known(scope.name, node.span, cause, reason)
        for part in node.parts:
            self._refuse(part, scope, cause, reason)


def is_constant(words: str) -> bool:
    """Whether Python itself decides a condition, when it compiles it."""
    return words in ("True", "False", "None", "__debug__") or words.isdecimal()
