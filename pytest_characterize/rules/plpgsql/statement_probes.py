"""Probes among statements: the walk over the tree that makes a routine's rules."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

from pytest_characterize.rules.catalogue import Rule, RuleKind
from pytest_characterize.rules.plpgsql.book import Book
from pytest_characterize.rules.plpgsql.expression_probes import ExpressionProbes
from pytest_characterize.rules.plpgsql.expressions import combines_queries, without_tail
from pytest_characterize.rules.plpgsql.guards import COUNT, Flag
from pytest_characterize.rules.plpgsql.lexer import Token
from pytest_characterize.rules.plpgsql.tree import (
    Arm,
    Block,
    Case,
    Counted,
    If,
    Jump,
    Loop,
    Return,
    Simple,
    Span,
    Statement,
    Statements,
)


class StatementProbes:
    """Instruments a routine's statements.

    Args:
        found_is_ours: false if the routine has a variable of its own called ``found``.
    """

    def __init__(self, book: Book, *, found_is_ours: bool) -> None:
        self._book = book
        self._expressions = ExpressionProbes(book)
        self._found = found_is_ours

    def routine(self, block: Block) -> None:
        """Instrument the outermost block."""
        entry = self._book.rule(RuleKind.ENTRY, block.begin, "BEGIN", "entered")
        self._block(block, in_loop=False, entered=[entry])
        self._declare(block)

    def _declare(self, block: Block) -> None:
        keyword = "" if block.declares else "DECLARE "
        self._book.before(block.begin, keyword + self._book.declarations)

    def _block(self, block: Block, *, in_loop: bool, entered: Sequence[Rule] = ()) -> None:
        self._expressions.search(block.declarations)
        if entered:  # an error that a handler is asked about comes after that
            self._book.leads_into(Span(block.begin + 1, block.span.past), entered[0])
        self._body(block.begin, block.body, entered, in_loop=in_loop)
        for handler in block.handlers:
            assert handler.condition is not None
            text = self._book.source("EXCEPTION WHEN", handler.condition)
            rule = self._book.rule(RuleKind.HANDLER, handler.keyword, text, "caught")
            self._body(handler.opener, handler.body, [rule], in_loop=in_loop)

    def _body(self, opener: int, statements: Statements, entered: Sequence[Rule], *, in_loop: bool) -> None:
        """Report ``entered`` where a list of statements begins, together with a ``RETURN`` that is first."""
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
            self._book.after(opener, self._book.report(rules, repeated=in_loop), rules)
        for statement in statements:
            self._statement(statement, in_loop=in_loop)

    def _statement(self, statement: Statement, *, in_loop: bool) -> None:
        match statement:
            case If():
                self._if(statement, in_loop=in_loop)
            case Case():
                self._case(statement, in_loop=in_loop)
            case Loop():
                self._loop(statement, in_loop=in_loop)
            case Jump():
                self._jump(statement, in_loop=in_loop)
            case Block():
                self._block(statement, in_loop=in_loop)
            case Counted():
                self._counted(statement, in_loop=in_loop)
            case Return():
                rule = self._return_rule(statement)
                self._book.before(statement.span.first, self._book.report([rule], repeated=in_loop), [rule])
                self._expressions.search(statement.span)
            case Simple(searchable=True):
                self._expressions.search(statement.span)
            case Simple():
                self._expressions.refuse(statement.span, "the statement stores the expression")

    def _return_rule(self, statement: Return) -> Rule:
        text = self._book.source(Span(statement.span.first, statement.span.past - 1))
        return self._book.rule(RuleKind.RETURN, statement.span.first, text, "reached")

    # Decisions

    def _if(self, statement: If, *, in_loop: bool) -> None:
        texts = [self._arm_text("", arm) for arm in statement.arms]
        rules = self._arm_rules(RuleKind.BRANCH, statement.arms, texts)
        if statement.arms[-1].condition is not None:
            none = self._unwritten(rules[0], statement.arms[0].keyword, "no branch taken")
            report = self._book.report([none], repeated=in_loop)
            self._book.before(statement.end, f"ELSE {report}", [none])
        for arm, rule in zip(statement.arms, rules, strict=True):
            if arm.condition is not None:
                self._expressions.condition(arm.condition, rule.text)
                self._expressions.search(arm.condition)
            self._body(arm.opener, arm.body, [rule], in_loop=in_loop)

    def _case(self, statement: Case, *, in_loop: bool) -> None:
        head = self._book.source("CASE", *([statement.subject] if statement.subject else []))
        texts = [self._arm_text(head, arm) for arm in statement.arms]
        rules = self._arm_rules(RuleKind.CASE, statement.arms, texts)
        if statement.subject is not None:
            self._expressions.search(statement.subject)
        self._missing_else(statement, rules[0])
        for arm, rule in zip(statement.arms, rules, strict=True):
            if arm.condition is not None:
                if statement.subject is None:
                    self._expressions.condition(arm.condition, rule.text)
                self._expressions.search(arm.condition)
            self._body(arm.opener, arm.body, [rule], in_loop=in_loop)

    def _missing_else(self, statement: Case, first: Rule) -> None:
        """``CASE`` without ``ELSE`` fails where no arm holds: the last condition tells, if it is one."""
        condition = statement.arms[-1].condition
        if condition is None:
            return
        if statement.subject is not None:
            head = Span(statement.span.first, statement.arms[0].keyword)
            self._book.not_known(head, "that no WHEN of a simple CASE holds is an error without a place")
        elif combines_queries(self._book.tokens, condition):
            self._book.not_known(condition, "the condition combines queries")
        else:
            none = self._unwritten(first, statement.arms[0].keyword, "no WHEN holds")
            self._book.outcome(without_tail(self._book.tokens, condition), None, none)

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

    def _loop(self, loop: Loop, *, in_loop: bool) -> None:
        text = (
            self._book.source(loop.verb, loop.header) if loop.header.first < loop.header.past else loop.verb
        )
        body = self._book.rule(RuleKind.LOOP, loop.keyword, text, "body entered")
        none = (
            self._book.rule(RuleKind.LOOP, loop.keyword, text, "zero iterations", of=body, written=False)
            if loop.verb != "LOOP"
            else None
        )
        if loop.verb == "WHILE":
            self._expressions.condition(loop.header, text)
        self._expressions.search(loop.header)
        flag = self._flag(loop, in_loop=in_loop) if none else None
        self._body(loop.opener, loop.body, [body], in_loop=True)
        if none:
            report = self._book.report([none], repeated=in_loop)
            zero = flag.unset if flag else "NOT FOUND"
            self._book.after(loop.span.past - 1, f"IF {zero} THEN {report}END IF;", [none])

    def _flag(self, loop: Loop, *, in_loop: bool) -> Flag | None:
        """What tells after the loop whether its body was entered, where ``FOUND`` does not."""
        if loop.verb != "WHILE" and self._found:
            return None
        flag = self._book.flag()
        if in_loop:
            self._book.before(loop.span.first, flag.clear)
        self._book.after(loop.opener, f"IF {flag.unset} THEN {flag.set}END IF;", ())
        return flag

    def _jump(self, jump: Jump, *, in_loop: bool) -> None:
        if jump.condition is None:
            return
        text = self._book.source(f"{jump.verb} WHEN", jump.condition)
        if combines_queries(self._book.tokens, jump.condition):
            self._book.not_known(jump.condition, "the condition combines queries")
            return
        condition = without_tail(self._book.tokens, jump.condition)
        taken = self._book.rule(RuleKind.JUMP, jump.span.first, text, "taken")
        passed = self._unwritten(taken, jump.span.first, "not taken")
        self._book.taken(condition, taken)
        self._expressions.condition(condition, text)
        self._expressions.search(jump.condition)
        self._book.after(jump.span.past - 1, self._book.report([passed], repeated=in_loop), [passed])

    def _counted(self, statement: Counted, *, in_loop: bool) -> None:
        self._expressions.search(statement.span)
        text = self._book.source(Span(statement.span.first, statement.span.past - 1))
        some = self._book.rule(RuleKind.ROWS, statement.span.first, text, "some rows")
        none = self._book.rule(RuleKind.ROWS, statement.span.first, text, "no row", of=some, written=False)
        matched, count = "FOUND", ""
        if not (statement.sets_found and self._found):
            count = f"GET DIAGNOSTICS {COUNT}=ROW_COUNT;"
            matched = f"{COUNT} OPERATOR(pg_catalog.>) 0"
        found = self._book.report([some], repeated=in_loop)
        missing = self._book.report([none], repeated=in_loop)
        code = f"{count}IF {matched} THEN {found}ELSE {missing}END IF;"
        self._book.after(statement.span.past - 1, code, [some, none])


def may_declare(tokens: Sequence[Token], name: str) -> bool:
    """Whether a routine might have a variable called ``name``; sure only if not."""
    return any(
        token.word in ("declare", "for", ";") and following.text.strip('"').lower() == name
        for token, following in pairwise(tokens)
    )
