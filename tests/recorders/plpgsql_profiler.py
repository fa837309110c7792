"""The profiler of plpgsql_check as a second opinion on which branches ran, and how often.

It counts statements; the first statement of a branch counts the branch. Branches that are empty or begin with
``NULL``, which PL/pgSQL drops, are not reported by it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from plpgsql_harness import Session
from plpgsql_scripts import statements

from pytest_characterize.rules.catalogue import Rule, RuleKind
from pytest_characterize.rules.plpgsql.header import read_header
from pytest_characterize.rules.plpgsql.lexer import Token, tokenize
from pytest_characterize.rules.plpgsql.parser import parse
from pytest_characterize.rules.plpgsql.tree import Block, Case, If, Loop, Simple, Statement


@dataclass(frozen=True)
class Profiled:
    """A statement as the profiler reports it, with its children by branch."""

    line: int
    count: int
    name: str
    branches: Mapping[str, Sequence[Profiled]]


@dataclass(frozen=True)
class Branch:
    """A branch that both know: our rule, and the profiler's count."""

    rule: str
    count: int


def start_profiler(session: Session, files: Path) -> None:
    """Load plpgsql_check from an unpacked package and switch its profiler on."""
    library = files / "usr/lib/postgresql/15/lib/plpgsql_check.so"
    script = files / "usr/share/postgresql/15/extension/plpgsql_check--2.3.sql"
    session.run(f"LOAD '{library}'")
    text = script.read_text("utf-8").replace("MODULE_PATHNAME", str(library))
    for statement in statements(text.replace("@extschema@", "public")):
        session.run(statement.text)
    answer = session.run("SET plpgsql_check.profiler = on")
    assert not answer.error, answer.error


def profile(session: Session, routine: str) -> Profiled | None:
    """The outermost block of a routine, if the profiler can report it; ``routine`` is a ``regprocedure``."""
    answer = session.run(
        "SELECT stmtid, parent_stmtid, parent_note, lineno, exec_stmts, stmtname"
        f" FROM public.plpgsql_profiler_function_statements_tb('{routine.replace(chr(39), chr(39) * 2)}')"
    )
    branches: dict[str | None, dict[str, list[Profiled]]] = defaultdict(lambda: defaultdict(list))
    root = None
    for statement, parent, note, line, count, name in reversed(answer.rows):
        made = Profiled(int(line or 0), int(count or 0), name or "", branches[statement])
        branches[parent][note or ""].insert(0, made)
        root = made if parent is None else root
    return root


def branches(source: str, rules: Sequence[Rule], root: Profiled) -> Iterator[Branch]:
    """The branches that the profiler reports, with the rules that should count the same."""
    tokens = tokenize(read_header(source).body)
    yield Branch(next(rule.id for rule in rules if rule.kind is RuleKind.ENTRY), root.count)
    yield from _Pairing(tokens, rules).block(parse(tokens), root)


class _Pairing:
    """Walks both trees side by side; rules come in the order of the walk."""

    def __init__(self, tokens: Sequence[Token], rules: Sequence[Rule]) -> None:
        self._tokens = tokens
        decisions: dict[RuleKind, dict[str, list[Rule]]] = defaultdict(dict)
        for rule in rules:
            decisions[rule.kind].setdefault(rule.decision, []).append(rule)
        self._next = {kind: iter(found.values()) for kind, found in decisions.items()}

    def block(self, block: Block, profiled: Profiled) -> Iterator[Branch]:
        yield from self._body(block.body, profiled, "body")
        for number, handler in enumerate(block.handlers):
            (rule,) = next(self._next[RuleKind.HANDLER])
            yield from self._branch(rule, handler.body, profiled, f"exception {number + 1}")

    def _body(self, body: Sequence[Statement], profiled: Profiled | None, note: str) -> Iterator[Branch]:
        kept = [statement for statement in body if not self._is_null(statement)]
        found = profiled.branches.get(note, ()) if profiled else ()
        assert not found or len(found) == len(kept), (note, found, kept)
        for at, statement in enumerate(kept):
            yield from self._statement(statement, found[at] if found else None)

    def _branch(
        self, rule: Rule, body: Sequence[Statement], profiled: Profiled | None, note: str
    ) -> Iterator[Branch]:
        found = profiled.branches.get(note, ()) if profiled else ()
        if found and not self._is_null(body[0]):
            yield Branch(rule.id, found[0].count)
        yield from self._body(body, profiled, note)

    def _statement(self, statement: Statement, profiled: Profiled | None) -> Iterator[Branch]:
        match statement:
            case If():
                rules = next(self._next[RuleKind.BRANCH])
                for number, arm in enumerate(statement.arms):
                    note = "then body" if number == 0 else f"elsif {number}"
                    note = "else body" if arm.condition is None else note
                    yield from self._branch(rules[number], arm.body, profiled, note)
            case Case():
                rules = next(self._next[RuleKind.CASE])
                for number, arm in enumerate(statement.arms):
                    note = "case else" if arm.condition is None else f"case when {number + 1}"
                    yield from self._branch(rules[number], arm.body, profiled, note)
            case Loop():
                rules = next(self._next[RuleKind.LOOP])
                yield from self._branch(rules[0], statement.body, profiled, "loop body")
            case Block():
                yield from (self.block(statement, profiled) if profiled else self.block(statement, _NOTHING))

    def _is_null(self, statement: Statement) -> bool:
        if not isinstance(statement, Simple):
            return False
        first, past = statement.span
        return past - first == 2 and self._tokens[first].word == "null"


_NOTHING = Profiled(0, 0, "", {})
