"""Probes among statements: the walk over the tree that makes a routine's rules."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from pytest_characterize.rules.catalogue import Rule, RuleKind
from pytest_characterize.rules.mariadb.book import Book, assigned, evaluated
from pytest_characterize.rules.mariadb.expression_probes import ExpressionProbes
from pytest_characterize.rules.mariadb.tree import Handler, Repeat
from pytest_characterize.rules.plpgsql.tree import (
    Arm,
    Block,
    Case,
    Counted,
    If,
    Loop,
    Return,
    Simple,
    Span,
    Statement,
    Statements,
)

_MAY_RECUR = ("call", "execute")
"""First words of statements that may run the same routine once more, with the same variables."""


class StatementProbes:
    """Instruments a routine's statements.

    Args:
        goes_on: whether the routine has a handler after which it goes on, so that what follows a statement may
            follow its handler as well.
    """

    def __init__(self, book: Book, *, goes_on: bool) -> None:
        self._book = book
        self._expressions = ExpressionProbes(book)
        self._caught = book.cell("h") if goes_on else ""
        self._open_flags: list[str] = []

    def routine(self, body: Statement, head: str) -> None:
        """Instrument a body; ``head`` says what is entered where it is no block."""
        if isinstance(body, Block):
            entry = self._book.rule(RuleKind.ENTRY, body.begin, "BEGIN", "entered")
            self._block(body, entered=[entry])
            return
        entry = self._book.rule(RuleKind.ENTRY, body.span.first, head, "entered")
        self._alone(body, [entry])

    def _alone(self, statement: Statement, entered: Sequence[Rule], *more: str) -> None:
        """A statement that stands where there is place for only one gets a block around it."""
        first, last = statement.span.first, statement.span.past - 1
        rules = list(entered)
        self._book.leads_into(statement.span, rules[0])
        if isinstance(statement, Return):
            rules.append(self._return_rule(statement))
            self._expressions.search(statement.span)
        self._book.before(first, f"BEGIN {self._book.report(rules, *more)}", rules)
        if not isinstance(statement, Return):
            self._statement(statement)
        separator = "" if self._book.tokens[last].text else ";"
        self._book.after(last, f"{separator}END{';' if not separator else ''}", ())

    def _block(self, block: Block, entered: Sequence[Rule] = (), *more: str) -> None:
        for span in _values(block):
            self._expressions.search(span)
        opener = block.declarations.past - 1 if block.declares else block.begin
        if entered:
            self._book.leads_into(Span(opener + 1, block.span.past), entered[0])
        for handler in block.handlers:
            assert isinstance(handler, Handler)
            self._handler(handler)
        self._body(opener, block.body, entered, *more)

    def _handler(self, handler: Handler) -> None:
        assert handler.condition is not None
        text = self._book.source(f"DECLARE {handler.action.upper()} HANDLER FOR", handler.condition)
        rule = self._book.rule(RuleKind.HANDLER, handler.keyword, text, "caught")
        noted = [assigned(self._caught, 1)] if self._caught and handler.action == "continue" else []
        [statement] = handler.body
        if isinstance(statement, Block):
            self._block(statement, [rule], *noted)
        else:
            self._alone(statement, [rule], *noted)

    def _body(self, opener: int, statements: Statements, entered: Sequence[Rule], *more: str) -> None:
        """Count ``entered`` where a list of statements begins, together with a ``RETURN`` that is first."""
        rules = list(entered)
        if rules:
            past = statements[-1].span.past if statements else opener + 1
            self._book.leads_into(Span(opener + 1, past), rules[0])
        first = statements[0] if statements else None
        if rules and isinstance(first, Return):
            rules.append(self._return_rule(first))
            self._expressions.search(first.span)
            statements = statements[1:]
        if rules:
            self._book.after(opener, self._book.report(rules, *more), rules)
        for statement in statements:
            self._statement(statement)

    def _statement(self, statement: Statement) -> None:
        match statement:
            case If():
                self._if(statement)
            case Case():
                self._case(statement)
            case Loop():
                self._loop(statement)
            case Block():
                self._block(statement)
            case Counted():
                self._counted(statement)
            case Return():
                rule = self._return_rule(statement)
                self._book.before(statement.span.first, self._book.report([rule]), [rule])
                self._expressions.search(statement.span)
            case Simple():
                self._simple(statement)

    def _simple(self, statement: Simple) -> None:
        word = self._book.tokens[statement.span.first].word
        if statement.searchable:
            self._expressions.search(statement.span)
        else:
            self._expressions.refuse(statement.span, "the expression is no part of a value that is assigned")
        if word in _MAY_RECUR and self._open_flags:
            again = [assigned(flag, 1) for flag in self._open_flags]
            self._book.after(statement.span.past - 1, evaluated(*again), ())

    def _return_rule(self, statement: Return) -> Rule:
        text = self._book.source(Span(statement.span.first, statement.span.past - 1))
        return self._book.rule(RuleKind.RETURN, statement.span.first, text, "reached")

    # Decisions

    def _if(self, statement: If) -> None:
        texts = [self._arm_text("", arm) for arm in statement.arms]
        rules = self._arm_rules(RuleKind.BRANCH, statement.arms, texts)
        if statement.arms[-1].condition is not None:
            none = self._unwritten(rules[0], statement.arms[0].keyword, "no branch taken")
            self._book.before(statement.end, f"ELSE {self._book.report([none])}", [none])
        self._arms(statement.arms, rules)

    def _case(self, statement: Case) -> None:
        head = self._book.source("CASE", *([statement.subject] if statement.subject else []))
        texts = [self._arm_text(head, arm) for arm in statement.arms]
        rules = self._arm_rules(RuleKind.CASE, statement.arms, texts)
        if statement.subject is not None:
            self._expressions.search(statement.subject)
        self._missing_else(statement, rules[0])
        self._arms(statement.arms, rules)

    def _arms(self, arms: Sequence[Arm], rules: Sequence[Rule]) -> None:
        for arm, rule in zip(arms, rules, strict=True):
            if arm.condition is not None:
                self._expressions.search(arm.condition)
            self._body(arm.opener, arm.body, [rule])

    def _missing_else(self, statement: Case, first: Rule) -> None:
        """``CASE`` without ``ELSE`` fails where no arm holds: the last condition tells, if it is one."""
        condition = statement.arms[-1].condition
        if condition is None:
            return
        if statement.subject is not None:
            head = Span(statement.span.first, statement.arms[0].keyword)
            self._book.not_known(head, "that no WHEN of a simple CASE holds is an error without a place")
        else:
            none = self._unwritten(first, statement.arms[0].keyword, "no WHEN holds")
            self._book.outcome(condition, None, none)

    def _arm_rules(self, kind: RuleKind, arms: Sequence[Arm], texts: Sequence[str]) -> list[Rule]:
        rules: list[Rule] = []
        for arm, text in zip(arms, texts, strict=True):
            of = rules[0] if rules else None
            rules.append(self._book.rule(kind, arm.keyword, text, "taken", of=of))
        return rules

    def _unwritten(self, first: Rule, token: int, arm: str) -> Rule:
        """The rule for the arm that nobody wrote."""
        return self._book.rule(first.kind, token, first.text, arm, of=first, written=False)

    def _arm_text(self, head: str, arm: Arm) -> str:
        keyword = self._book.tokens[arm.keyword].word.upper()
        words = f"{head} {keyword}" if head else keyword
        return self._book.source(words, arm.condition) if arm.condition else words

    # Loops

    def _loop(self, loop: Loop) -> None:
        if isinstance(loop, Repeat):
            self._repeat(loop)
            return
        named = loop.header.first < loop.header.past
        text = self._book.source(loop.verb, loop.header) if named else loop.verb
        body = self._book.rule(RuleKind.LOOP, loop.keyword, text, "body entered")
        if loop.verb == "LOOP":
            self._body(loop.opener, loop.body, [body])
            return
        none = self._book.rule(RuleKind.LOOP, loop.keyword, text, "zero iterations", of=body, written=False)
        self._expressions.search(loop.header)
        flag = self._book.flag()
        self._book.before(loop.span.first, evaluated(assigned(flag, 0)))
        self._open_flags.append(flag)
        self._body(loop.opener, loop.body, [body], assigned(flag, 1))
        self._open_flags.pop()
        code = f"IF {flag}=0 THEN {self._book.report([none])}END IF;"
        self._book.after(loop.span.past - 1, code, [none])

    def _repeat(self, loop: Repeat) -> None:
        body = self._book.rule(RuleKind.LOOP, loop.keyword, "REPEAT", "body entered")
        self._body(loop.opener, loop.body, [body])
        text = self._book.source("UNTIL", loop.until)
        taken = self._book.rule(RuleKind.JUMP, loop.until.first, text, "taken")
        again = self._unwritten(taken, loop.until.first, "not taken")
        self._book.outcome(loop.until, taken, again)
        self._expressions.search(loop.until)

    # Rows

    def _counted(self, statement: Counted) -> None:
        self._expressions.search(statement.span)
        text = self._book.source(Span(statement.span.first, statement.span.past - 1))
        changed = " changed" if statement.verb == "UPDATE" else ""
        some = self._book.rule(RuleKind.ROWS, statement.span.first, text, f"some rows{changed}")
        none = self._book.rule(
            RuleKind.ROWS, statement.span.first, text, f"no row{changed}", of=some, written=False
        )
        code = (
            f"IF ROW_COUNT()>0 THEN {self._book.report([some])}"
            f"ELSEIF ROW_COUNT()=0 THEN {self._book.report([none])}END IF;"
        )
        if self._caught:
            self._book.before(statement.span.first, evaluated(assigned(self._caught, 0)))
            code = f"IF {self._caught}=0 THEN {code}END IF;"
        if not self._book.tokens[statement.span.past - 1].text:
            code = f";{code}"
        self._book.after(statement.span.past - 1, code, [some, none])


def _values(block: Block) -> Iterator[Span]:
    """The declarations of a block that are no handlers."""
    first = block.declarations.first
    for handler in block.handlers:
        yield Span(first, handler.keyword)
        first = handler.body[0].span.past
    yield Span(first, block.declarations.past)
