# ruff: noqa: E501 - a statement a line
"""Random routines of MariaDB from a seed: legal, terminating, and as ugly as the grammar allows.

Each arm of each decision counts in a variable of its own when it is taken, which is what probes are compared with.
"""

from __future__ import annotations

import random
from collections.abc import Callable

SCHEMA = [
    "CREATE TABLE ledger (id int AUTO_INCREMENT PRIMARY KEY, amount int NOT NULL, kind char(1) NOT NULL, note text)",
    "CREATE UNIQUE INDEX once ON ledger (note(20))",
    "INSERT INTO ledger (amount, kind, note) SELECT CAST(seq AS signed) * 7 MOD 23 - 5, SUBSTR('abc', seq MOD 3 + 1, 1), IF(seq MOD 4, CONCAT('n', seq), NULL) FROM seq_1_to_12",
]
_STRINGS = ["'END IF'", "'it''s; -- no'", r"'a\'THEN\\'", '"LOOP \' ;"', "''", "_utf8mb4'x'", "N'/*'"]
_SPACES = [" ", " ", "  ", "\n", "\t", " /* IF x THEN ' */ ", " -- END LOOP; '\n", ' # "\n', "\n\n"]
_CONDITIONS = [
    "SQLEXCEPTION",
    "SQLWARNING",
    "NOT FOUND",
    "SQLSTATE '23000'",
    "1062, 1365",
    "SQLSTATE VALUE '45000'",
    "1339",
]


class Routine:
    """One random routine.

    Attributes:
        text: the ``CREATE`` statement; its body uses the table of :data:`SCHEMA`.
        calls: statements that call it.
        marks: (line, kind of decision) -> the variable that counts how often that arm is taken.
    """

    def __init__(self, seed: int) -> None:
        self._random = random.Random(seed)
        self._budget = self._random.randint(6, 30)
        self._loops = 0
        self._labels: list[str] = []
        self.marks: dict[tuple[int, str], str] = {}
        self.name = f"generated_{seed}"
        self.is_function = self._random.random() < 0.35
        head = (
            f"CREATE FUNCTION `{self.name}`(a int, b int) RETURNS varchar(200)\n"
            if self.is_function
            else f"CREATE PROCEDURE `{self.name}`(IN a int, IN b int, OUT o text)\n"
        )
        self.text = head
        self._body()
        given = [f"{self._random.randint(-2, 9)}, {self._random.randint(-2, 9)}" for _ in range(3)]
        verb = f"SELECT {self.name}({{}})" if self.is_function else f"CALL {self.name}({{}}, @o)"
        self.calls = [verb.format(values) for values in given]

    # Text

    def _say(self, *pieces: str) -> None:
        for piece in pieces:
            self.text += piece + self._pick(_SPACES)

    def _arm(self, kind: str, *pieces: str) -> None:
        """What begins an arm, on a line of its own; the arm counts itself."""
        self.text += "\n"
        line = self.text.count("\n") + 1
        self._say(*pieces)
        self._mark(line, kind)

    def _mark(self, line: int, kind: str) -> None:
        name = f"@m{len(self.marks)}"
        self.marks[line, kind] = name
        self.text += f"SET {name} = IFNULL({name}, 0) + 1; "

    def _pick(self, things: list[str]) -> str:
        return self._random.choice(things)

    # The body

    def _body(self) -> None:
        self._say("BEGIN")
        self._say("DECLARE", "v1 INT", f"DEFAULT {self._value()}", ";", "DECLARE v2, `end` INT ;")
        self._say("DECLARE", ", ".join(f"w{number}" for number in range(40)), "INT DEFAULT 0;")
        self._handlers()
        self._statements()
        if self.is_function:
            self._say("RETURN", f"CONCAT_WS(',', v1, v2, @d, {self._pick(_STRINGS)})", ";")
        else:
            self._say(f"SET o = CONCAT_WS(',', v1, v2, `end`, {self._expression()});")
        self.text += "END"

    def _handlers(self) -> None:
        for condition in self._random.sample(_CONDITIONS, self._random.choice([0, 0, 1, 1, 2])):
            action = self._pick(["CONTINUE", "EXIT"])
            self.text += "\n"
            line = self.text.count("\n") + 1
            self._say("DECLARE", f"{action} HANDLER", "FOR", condition)
            if self._random.random() < 0.4:
                name = f"@m{len(self.marks)}"
                self.marks[line, "handler"] = name
                self._say(f"SET {name} = IFNULL({name}, 0) + 1", ";")
                continue
            self._say("BEGIN")
            self._mark(line, "handler")
            self._say("GET DIAGNOSTICS CONDITION 1", "@e = MYSQL_ERRNO;", "SET @d = CONCAT_WS(',', @d, @e);")
            self._diagnosed()
            self._say("END;")

    def _statements(self) -> None:
        for _ in range(self._random.randint(1, 4)):
            if self._budget > 0:
                self._budget -= 1
                self._random.choice(self._kinds())()

    def _kinds(self) -> list[Callable[[], None]]:
        plain = [self._set, self._write, self._write, self._into, self._diagnosed, self._shown, self._signal]
        nested = [
            self._if,
            self._if,
            self._searched,
            self._simple,
            self._while,
            self._loop,
            self._repeat,
            self._for,
        ]
        return [*plain, *nested, self._block, self._cursor]

    # Expressions

    def _value(self) -> str:
        return self._pick(["a", "b", "3", "-1", "IFNULL(a, 2)", "0x02", "`b`", "NULL"])

    def _expression(self) -> str:
        value = self._value
        return self._pick(
            [
                f"IF({self._condition()}, {value()}, {value()})",
                f"CASE WHEN {self._condition()} THEN {value()} WHEN {self._condition()} THEN 7 ELSE {value()} END",
                f"CASE {value()} WHEN 1 THEN {value()} ELSE (CASE WHEN a THEN 5 ELSE 6 END) END",
                f"{value()} + {value()}",
                f"(SELECT MAX(CASE WHEN amount > {value()} THEN 1 ELSE 2 END) FROM ledger)",
                f"{value()} DIV 0",
            ]
        )

    def _condition(self) -> str:
        value = self._value
        return self._pick(
            [
                f"{value()} > {value()}",
                f"v1 <=> {value()}",
                f"{value()} BETWEEN 1 AND 4",
                f"({value()} = 3 OR NOT {value()} < 2)",
                f"'THEN' = {self._pick(_STRINGS)}",
                "v2 IS NULL",
                f"CASE a WHEN {value()} THEN 1 ELSE b END > 1",
                f"IF(a > {value()}, b, a)",
                f"EXISTS (SELECT 1 FROM ledger WHERE amount > {value()})",
                "'7x'",
            ]
        )

    # Statements that decide nothing

    def _set(self) -> None:
        self._say("SET", self._pick(["v1", "v2", "`end`"]), self._pick(["=", ":="]), self._expression(), ";")

    def _write(self) -> None:
        note = self._pick(["NULL", "'n1'", "CONCAT('x', a, b)"])
        self._say(
            self._pick(
                [
                    f"UPDATE ledger SET amount = amount + 1 WHERE amount > {self._value()} LIMIT 2;",
                    "UPDATE ledger SET amount = amount WHERE id < 3;",
                    f"DELETE FROM ledger WHERE id = {self._value()};",
                    f"INSERT INTO ledger (amount, kind, note) VALUES ({self._value()}, 'z', {note});",
                    f"INSERT INTO ledger (amount, kind) SELECT amount, kind FROM ledger WHERE id > 9 + {self._value()};",
                    f"REPLACE INTO ledger (amount, kind, note) SELECT 1, 'r', {note} FROM ledger WHERE id = 2;",
                ]
            )
        )

    def _into(self) -> None:
        order = self._pick(["ORDER BY id LIMIT 1", "", "LIMIT 1"])
        self._say("SELECT", "amount", "INTO", "v2", f"FROM ledger WHERE id > {self._value()} + 3 {order};")

    def _diagnosed(self) -> None:
        self._say("SET @d = CONCAT_WS(',', @d, ROW_COUNT(), LAST_INSERT_ID());")

    def _shown(self) -> None:
        if self.is_function:
            self._diagnosed()
            return
        self._say(
            self._pick(
                [
                    "SELECT ROW_COUNT(), FOUND_ROWS();",
                    "SELECT id, CASE kind WHEN 'a' THEN 1 ELSE 2 END FROM ledger ORDER BY id;",
                    "SHOW WARNINGS;",
                    "SELECT @@warning_count, ROW_COUNT();",
                ]
            )
        )

    def _signal(self) -> None:
        state = self._pick(["01000", "45000", "02000"])
        self._say("SIGNAL SQLSTATE", f"'{state}'", f"SET MESSAGE_TEXT = {self._pick(_STRINGS[:2])}", ";")

    # Statements that decide

    def _if(self) -> None:
        self._arm("branch", "IF", self._condition(), "THEN")
        self._statements()
        for _ in range(self._random.choice([0, 0, 1, 2])):
            self._arm("branch", self._pick(["ELSEIF", "elseif"]), self._condition(), "THEN")
            self._statements()
        if self._random.random() < 0.5:
            self._arm("branch", "ELSE")
            self._statements()
        self._say("END", "IF", ";")

    def _searched(self) -> None:
        self._say("CASE")
        for _ in range(self._random.randint(1, 3)):
            self._arm("case", "WHEN", self._condition(), "THEN")
            self._statements()
        self._end_of_case()

    def _simple(self) -> None:
        self._say("CASE", self._expression())
        for _ in range(self._random.randint(1, 3)):
            self._arm("case", "WHEN", self._value(), "THEN")
            self._statements()
        self._end_of_case()

    def _end_of_case(self) -> None:
        if self._random.random() < 0.7:
            self._arm("case", "ELSE")
            self._statements()
        self._say("END", "CASE;")

    def _label(self) -> tuple[str, str]:
        """A label, and the variable of a new loop, which is at its beginning."""
        self._loops += 1
        self._say(f"SET w{self._loops % 40} = 0;")
        return f"l{self._loops}", f"w{self._loops % 40}"

    def _while(self) -> None:
        label, counter = self._label()
        bound = self._pick(["0", "1", "3", "b"])
        self._arm("loop", f"{label}: WHILE", f"{counter} < {bound} AND {counter} < 4", "DO")
        self._say(f"SET {counter} = {counter} + 1;")
        self._inside(label)
        self._say("END WHILE", self._pick([label, ""]), ";")

    def _loop(self) -> None:
        label, counter = self._label()
        self._arm("loop", f"{label} : LOOP")
        self._say(f"SET {counter} = {counter} + 1;")
        self._arm("branch", "IF", f"{counter} > 2", "THEN")
        self._say(f"LEAVE {label};", "END IF;")
        self._inside(label)
        self._say("END", "LOOP", ";")

    def _repeat(self) -> None:
        label, counter = self._label()
        self._arm("loop", f"{label}: REPEAT")
        self._say(f"SET {counter} = {counter} + 1;")
        self._statements()
        self._say("UNTIL", f"{counter} > 1 OR {self._condition()}", "END REPEAT", ";")

    def _for(self) -> None:
        label, _ = self._label()
        over = self._pick(["1..3", "REVERSE 1 .. 2", "3..1", "(SELECT id FROM ledger WHERE id < 3)"])
        self._arm("loop", f"{label}: FOR", "i", "IN", over, "DO")
        self._inside(label)
        self._say("END FOR", self._pick([label, ""]), ";")

    def _inside(self, label: str) -> None:
        self._statements()
        if self._random.random() < 0.3:
            self._arm("branch", "IF", self._condition(), "THEN")
            self._say(self._pick([f"LEAVE {label};", f"ITERATE {label};"]), "END IF;")
            self._statements()

    def _block(self) -> None:
        self._say(self._pick(["BEGIN", f"b{self._budget}_{len(self.marks)}: BEGIN"]))
        self._say("DECLARE v1 INT DEFAULT 4;")
        self._handlers()
        self._statements()
        self._say("END", ";")

    def _cursor(self) -> None:
        label, counter = self._label()
        self._say(
            "BEGIN",
            "DECLARE done INT DEFAULT 0;",
            f"DECLARE c CURSOR FOR SELECT id FROM ledger WHERE id < {self._value()};",
        )
        self._say("DECLARE CONTINUE HANDLER FOR NOT FOUND SET done = 1;", "OPEN c;")
        self._arm("loop", f"{label}: LOOP")
        self._say("FETCH c INTO v1;", f"SET {counter} = {counter} + 1;")
        self._arm("branch", "IF", f"done OR {counter} > 3", "THEN")
        self._say(f"LEAVE {label};", "END IF;")
        self._statements()
        self._say("END LOOP;", "CLOSE c;", "END;")
