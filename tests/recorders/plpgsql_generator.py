# ruff: noqa: E501 - a statement a line
"""Random PL/pgSQL routines from a seed: legal, terminating, and as ugly as the grammar allows.

They nest blocks, loops and handlers, jump by label, quote in every way, run dynamic SQL and cursors, and put
keywords into strings, quoted names and nested comments. Between their tokens stands any white space.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence

SCHEMA = """
CREATE TABLE ledger (id int PRIMARY KEY, amount int NOT NULL, kind text NOT NULL, note text);
INSERT INTO ledger SELECT n, n * 7 % 23 - 5, substr('abc', n % 3 + 1, 1), CASE WHEN n % 4 > 0 THEN 'n' || n END
FROM generate_series(1, 12) n;
"""

_STRINGS = [
    "'END IF'", "'it''s; -- no'", r"E'a\'THEN\\'", "$q$ LOOP ' $x$ ;$q$", "U&'\\0041 ELSE'", "''", "$$/* $$",
]  # fmt: skip
_COMMENTS = [
    " -- END LOOP; '\n", " /* IF x THEN /* nested 'quote' */ $$ */ ", "\n", "\n\t", "  ", " /**/ ", " --\n\n",
]  # fmt: skip
_CONDITIONS = ["division_by_zero", "raise_exception", "case_not_found", "unique_violation", "no_data_found"]

Tokens = list[str]


class Routine:
    """One random routine.

    Attributes:
        name: of the routine, schema left out.
        text: the ``CREATE`` statement; its body uses the table of :data:`SCHEMA`.
        calls: statements that call it.
    """

    def __init__(self, seed: int) -> None:
        self._random = random.Random(seed)
        self._labels: list[str] = []
        self._loops = 0
        self._serial = 0
        self._declared: Tokens = []
        self._budget = self._random.randint(8, 45)
        self.name = f"generated_{seed}"
        self._kind = self._pick(["int", "int", "int", "set", "void", "procedure"])
        body = self._spaced(self._body())
        tag = self._pick(["$function$", "$$", "$_1$"] if "$$" not in body else ["$function$", "$body$"])
        returns = {"int": "RETURNS int", "set": "RETURNS SETOF int", "void": "RETURNS void", "procedure": ""}
        what = "PROCEDURE" if self._kind == "procedure" else "FUNCTION"
        self.text = (
            f"CREATE {what} {self.name}(a int, b int, s text) {returns[self._kind]}"
            f" LANGUAGE plpgsql AS {tag}{body}{tag}"
        )
        verb = {"procedure": "CALL", "set": "SELECT * FROM"}.get(self._kind, "SELECT")
        self.calls = [
            f"{verb} {self.name}({a}, {b}, {s})"
            for a, b, s in [(0, 0, "NULL"), (1, 2, "'abc'"), (-3, 5, "''"), (7, 7, "'x;y'")]
        ]

    # Choosing and writing

    def _pick(self, choices: Sequence[str]) -> str:
        return self._random.choice(choices)

    def _chance(self, share: float) -> bool:
        return self._random.random() < share

    def _spaced(self, tokens: Tokens) -> str:
        noisy = self._chance(0.7)
        pieces = []
        for token in tokens:
            word = token
            if noisy and token.isalpha() and token.isupper() and self._chance(0.5):
                word = self._pick([token.lower(), token.capitalize()])
            pieces += [word, self._pick(_COMMENTS) if noisy and self._chance(0.15) else " "]
        return "".join(pieces)

    def _fresh(self, prefix: str) -> str:
        self._serial += 1
        return f"{prefix}{self._serial}"

    def _body(self) -> Tokens:
        statements = [*self._statements(0), *self._last()]
        handlers = self._handlers(0) if self._chance(0.3) else []
        head: Tokens = ["#variable_conflict", "use_variable"] if self._chance(0.2) else []
        label = ["<<", "outermost", ">>"] if self._chance(0.3) else []
        declared = [
            *[
                "DECLARE",
                "n",
                "int",
                ":=",
                "1",
                ";",
                "m",
                "integer",
                "DEFAULT",
                "CASE",
                "WHEN",
                "a",
                ">",
                "b",
                "THEN",
                "5",
                "END",
                ";",
            ],
            *["t", "text", "=", self._pick(_STRINGS), ";", "r", "record", ";"],
            *['"END IF"', "int", ";", "xs", "int", "[", "]", ":=", "'{3,1,2}'", ";"],
            *["c", "CURSOR", "(", "low", "int", ")", "FOR", "SELECT", "id", ",", "amount", "FROM"],
            *["ledger", "WHERE", "amount", ">", "low", "ORDER", "BY", "id", ";"],
            *self._declared,
        ]
        return [*head, *label, *declared, "BEGIN", *statements, *handlers, "END", ";"]

    def _last(self) -> Tokens:
        return ["RETURN", *self._number(1), ";"] if self._kind == "int" else []

    # Expressions

    def _number(self, depth: int) -> Tokens:
        simple = ["a", "b", "n", "m", "1", "2", "-3", '"END IF"', "xs [ 2 ]", "length(t)"]
        if depth > 2 or self._chance(0.5):
            return [self._pick(simple)]
        return self._random.choice(
            [
                lambda: [
                    "(",
                    *self._number(depth + 1),
                    self._pick("+-*"),
                    *self._number(depth + 1),
                    ")%",
                    "97",
                ],
                lambda: [
                    "(",
                    *self._number(depth + 1),
                    "/",
                    "(",
                    *self._number(depth + 1),
                    "%",
                    "3",
                    ")",
                    ")",
                ],
                lambda: self._searched_case(depth),
                lambda: self._simple_case(depth),
                lambda: ["coalesce", "(", *self._number(depth + 1), ",", "0", ")"],
                lambda: ["(", "SELECT", "count(*)", "FROM", "ledger", "WHERE", *self._row(depth + 1), ")"],
            ]
        )()

    def _searched_case(self, depth: int) -> Tokens:
        arms = [
            token
            for _ in range(self._random.randint(1, 3))
            for token in ["WHEN", *self._condition(depth + 1), "THEN", *self._number(depth + 1)]
        ]
        otherwise = ["ELSE", *self._number(depth + 1)] if self._chance(0.6) else []
        return ["CASE", *arms, *otherwise, "END"]

    def _simple_case(self, depth: int) -> Tokens:
        subject = self._random.choice(
            [["a"], ["abs", "(", "n", ")"], ["n", "%", "3"], ["(", "m", "+", "b", ")"]]
        )
        arms = [
            token
            for value in range(self._random.randint(1, 3))
            for token in ["WHEN", str(value), "THEN", *self._number(depth + 1)]
        ]
        otherwise = ["ELSE", "NULL"] if self._chance(0.5) else []
        return ["CASE", *subject, *arms, *otherwise, "END"]

    def _condition(self, depth: int) -> Tokens:
        if depth > 2 or self._chance(0.4):
            return [*self._number(3), self._pick(["<", ">", "=", "<>", "<=", ">="]), *self._number(3)]
        return self._random.choice(
            [
                lambda: [*self._condition(depth + 1), self._pick(["AND", "OR"]), *self._condition(depth + 1)],
                lambda: ["NOT", "(", *self._condition(depth + 1), ")"],
                lambda: ["(", *self._condition(depth + 1), "OR", *self._condition(depth + 1), ")"],
                lambda: [
                    *self._number(3),
                    "BETWEEN",
                    *self._number(3),
                    "AND",
                    "4",
                    "AND",
                    *self._condition(3),
                ],
                lambda: ["s", "IS", self._pick(["", "NOT"]), "NULL"],
                lambda: ["FOUND"],
                lambda: ["s", "LIKE", "'%;%'"],
                lambda: [*self._number(3), "IN", "(", "1", ",", "2", ",", *self._number(3), ")"],
                lambda: ["EXISTS", "(", "SELECT", "FROM", "ledger", "l", "WHERE", "l.amount", ">", "n", ")"],
                lambda: ["a", "IS", "DISTINCT", "FROM", "b"],
            ]
        )()

    def _row(self, depth: int) -> Tokens:
        """A condition on a row of the table."""
        return ["ledger.amount", self._pick("<>="), *self._number(depth + 1)]

    # Statements

    def _statements(self, depth: int) -> Tokens:
        if depth > 5:
            return ["NULL", ";"]
        found: Tokens = []
        for _ in range(self._random.randint(1, 4)):
            self._budget -= 1
            if self._budget > 0:
                found += self._statement(depth)
        return found or ["NULL", ";"]

    def _statement(self, depth: int) -> Tokens:
        plain: list[Callable[[int], Tokens]] = [
            self._assignment, self._query, self._change, self._dynamic, self._message, self._cursor,
            self._diagnostics, self._jump, self._leave,
        ]  # fmt: skip
        nested = [self._if, self._if, self._case, self._for, self._while, self._loop, self._block]
        return self._random.choice(nested if self._chance(0.45) else plain)(depth)

    def _assignment(self, depth: int) -> Tokens:
        target = self._pick(["n", "m", '"END IF"', "xs [ 1 ]"])
        return [target, self._pick([":=", "="]), *self._number(0), ";"]

    def _query(self, depth: int) -> Tokens:
        return self._random.choice(
            [
                lambda: ["SELECT", "amount", "INTO", "n", "FROM", "ledger", "WHERE", "id", "=", *self._number(1), ";"],
                lambda: ["SELECT", "id", "INTO", "STRICT", "m", "FROM", "ledger", "WHERE", "id", "=", self._pick("1234"), ";"],
                lambda: ["PERFORM", "1", "FROM", "ledger", "WHERE", *self._row(1), ";"],
                lambda: [
                    *["SELECT", *self._grouped(), "AS", "k", ",", "count(*)", "AS", "q", "INTO", "r", "FROM", "ledger"],
                    *["GROUP", "BY", *self._grouped(), "ORDER", "BY", "q", "DESC", ",", "k", "LIMIT", "1", ";"],
                ],
                lambda: ["SELECT", "max(amount)", "INTO", "m", "FROM", "ledger", "WHERE", *self._row(1), ";"],
            ]
        )()  # fmt: skip

    def _grouped(self) -> Tokens:
        """An expression that must be recognised as the one that is grouped by."""
        return ["CASE", "WHEN", "amount", ">", "4", "THEN", "kind", "ELSE", "'END'", "END"]

    def _change(self, depth: int) -> Tokens:
        return self._random.choice(
            [
                lambda: ["UPDATE", "ledger", "SET", "amount", "=", *self._number(1), "WHERE", *self._row(1), ";"],
                lambda: ["DELETE", "FROM", "ledger", "WHERE", "id", "=", *self._number(1), ";"],
                lambda: [
                    *["INSERT", "INTO", "ledger", "VALUES", "(", self._pick(["5", "50", "60 + n"]), ",", "5", ",", "'z'", ")"],
                    *self._random.choice([[], ["ON", "CONFLICT", "DO", "NOTHING"]]),
                    ";",
                ],
                lambda: [
                    *["UPDATE", "ledger", "SET", "note", "=", "CASE", "kind", "WHEN", "'a'", "THEN", "'END'"],
                    *["WHEN", "'b'", "THEN", "note", "END", "WHERE", "id", "<", "5", "RETURNING", "id", "INTO", "n", ";"],
                ],
            ]
        )()  # fmt: skip

    def _dynamic(self, depth: int) -> Tokens:
        return self._random.choice(
            [
                lambda: ["EXECUTE", "$e$UPDATE ledger SET note = 'THEN;' WHERE id = $1$e$", "USING", *self._number(1), ";"],
                lambda: ["EXECUTE", "'SELECT amount FROM ledger WHERE id = '", "||", *self._text(), "INTO", "n", ";"],
                lambda: ["EXECUTE", "format", "(", "'SELECT %L'", ",", self._pick(_STRINGS), ")", "INTO", "t", ";"],
                lambda: ["EXECUTE", self._pick(["'no such; statement'", "'SELECT CASE 1 WHEN 1 THEN 2 END'"]), ";"],
            ]
        )()  # fmt: skip

    def _text(self) -> Tokens:
        return ["(", *self._number(2), ")", "::", "text"]

    def _message(self, depth: int) -> Tokens:
        return self._random.choice(
            [
                lambda: ["RAISE", "NOTICE", "'100%% IF % THEN %'", ",", *self._number(1), ",", "t", ";"],
                lambda: ["RAISE", "INFO", "'pc: % is not ours'", ",", "n", ";"],
                lambda: ["RAISE", "EXCEPTION", "'failed: %'", ",", "n", "USING", "ERRCODE", "=", "'P0001'", ",",
                         "HINT", "=", self._pick(_STRINGS), ";"],
                lambda: ["ASSERT", "a", "<", "9", "OR", *self._condition(1), ",", "'asserted'", ";"],
            ]
        )()  # fmt: skip

    def _cursor(self, depth: int) -> Tokens:
        if self._loops or self._chance(0.5):
            return ["FOR", "r", "IN", "c", "(", *self._number(1), ")", *self._looped(depth, [])]
        direction = self._random.choice([["NEXT", "FROM"], ["LAST", "FROM"], ["FROM"], []])
        fetch = ["FETCH", *direction, "c", "INTO", "r", ";"]
        return ["OPEN", "c", "(", *self._number(1), ")", ";", *fetch, "CLOSE", "c", ";"]

    def _diagnostics(self, depth: int) -> Tokens:
        return ["GET", "DIAGNOSTICS", "m", "=", "ROW_COUNT", ";"]

    def _jump(self, depth: int) -> Tokens:
        if not self._loops:
            return self._assignment(depth)
        label = [self._pick(self._labels)] if self._labels and self._chance(0.4) else []
        condition = ["WHEN", *self._condition(1)] if self._chance(0.85) else []
        return [self._pick(["EXIT", "CONTINUE"]), *label, *condition, ";"]

    def _leave(self, depth: int) -> Tokens:
        if self._kind == "set":
            return ["RETURN", "NEXT", *self._number(1), ";"] if self._chance(0.6) else [
                "RETURN", "QUERY", "SELECT", "id", "FROM", "ledger", "WHERE", *self._row(1), "ORDER", "BY", "1", ";",
            ]  # fmt: skip
        if self._chance(0.3):
            return ["RETURN", *([] if self._kind != "int" else self._number(0)), ";"]
        return self._assignment(depth)

    def _if(self, depth: int) -> Tokens:
        tokens = ["IF", *self._bare_condition(), "THEN", *self._statements(depth + 1)]
        for _ in range(self._random.choice([0, 0, 1, 2])):
            tokens += [
                self._pick(["ELSIF", "ELSEIF"]),
                *self._bare_condition(),
                "THEN",
                *self._statements(depth + 1),
            ]
        if self._chance(0.5):
            tokens += ["ELSE", *self._statements(depth + 1)]
        return [*tokens, "END", "IF", ";"]

    def _case(self, depth: int) -> Tokens:
        simple = self._chance(0.5)
        tokens = ["CASE", *(["n", "%", "4"] if simple else [])]
        for value in range(self._random.randint(1, 3)):
            condition = [str(value), ",", str(value + 5)] if simple else self._bare_condition()
            tokens += ["WHEN", *condition, "THEN", *self._statements(depth + 1)]
        if self._chance(0.7):
            tokens += ["ELSE", *self._statements(depth + 1)]
        return [*tokens, "END", "CASE", ";"]

    def _bare_condition(self) -> Tokens:
        """A condition that PL/pgSQL does not end early, at a ``THEN`` outside brackets."""
        condition = self._condition(0)
        return ["(", *condition, ")"] if "CASE" in condition or self._chance(0.3) else condition

    def _looped(self, depth: int, before: Tokens) -> Tokens:
        self._loops += 1
        body = self._statements(depth + 1)
        self._loops -= 1
        return ["LOOP", *before, *body, "END", "LOOP", ";"]

    def _for(self, depth: int) -> Tokens:
        def integers() -> Tokens:
            reverse = ["REVERSE"] if self._chance(0.3) else []
            bounds = [*self._number(3), "..", "3"] if not reverse else ["3", "..", *self._number(3)]
            step = ["BY", "2"] if self._chance(0.3) else []
            return ["FOR", self._fresh("i"), "IN", *reverse, *bounds, *step]

        head = self._random.choice(
            [
                integers,
                integers,
                lambda: ["FOR", "r", "IN", "SELECT", "*", "FROM", "ledger", "WHERE", *self._row(1), "ORDER", "BY", "id"],
                lambda: ["FOR", "n", "IN", "EXECUTE", "'SELECT id FROM ledger ORDER BY 1 LIMIT $1'", "USING", "2"],
                lambda: ["FOREACH", "m", "IN", "ARRAY", "xs"],
            ]
        )()  # fmt: skip
        return self._labelled(lambda: [*head, *self._looped(depth, [])])

    def _while(self, depth: int) -> Tokens:
        counter = self._fresh("w")
        self._declared += [counter, "int", ":=", "0", ";"]
        condition = ["WHILE", counter, "<", self._pick("0123"), "AND", "(", *self._condition(1), ")"]
        return self._labelled(
            lambda: [*condition, *self._looped(depth, [counter, ":=", counter, "+", "1", ";"])]
        )

    def _loop(self, depth: int) -> Tokens:
        counter = self._fresh("w")
        self._declared += [counter, "int", ":=", "0", ";"]
        step = [counter, ":=", counter, "+", "1", ";", "EXIT", "WHEN", counter, ">", "3", ";"]
        return self._labelled(lambda: self._looped(depth, step))

    def _labelled(self, make: Callable[[], Tokens]) -> Tokens:
        if self._chance(0.5):
            return make()
        label = self._fresh(self._pick(["l", "exit_"]))
        self._labels.append(label)
        tokens = make()
        self._labels.pop()
        end = [label] if self._chance(0.5) else []
        return ["<<", label, ">>", *tokens[:-1], *end, ";"]

    def _block(self, depth: int) -> Tokens:
        declared: Tokens = []
        if self._chance(0.5):
            declared = ["DECLARE", "n", "int", ":=", *self._number(1), ";", "found_it", "boolean", ";"]
        labels, self._labels = self._labels, list(self._labels)
        body = self._statements(depth + 1)
        handlers = self._handlers(depth + 1) if self._chance(0.6) else []
        self._labels = labels
        return [*declared, "BEGIN", *body, *handlers, "END", ";"]

    def _handlers(self, depth: int) -> Tokens:
        tokens = ["EXCEPTION"]
        for _ in range(self._random.randint(0, 2)):
            condition = self._random.choice([[self._pick(_CONDITIONS)], ["SQLSTATE", "'23505'"]])
            alternative = ["OR", self._pick(_CONDITIONS)] if self._chance(0.3) else []
            tokens += ["WHEN", *condition, *alternative, "THEN", *self._statements(depth + 1)]
        if self._chance(0.7) or len(tokens) == 1:
            again = ["RAISE", ";"] if self._chance(0.3) else []
            note = (
                ["GET", "STACKED", "DIAGNOSTICS", "t", "=", "MESSAGE_TEXT", ";"] if self._chance(0.5) else []
            )
            tokens += ["WHEN", "OTHERS", "THEN", *note, *self._statements(depth + 1), *again]
        return tokens
