"""Random programs with every kind of decision, nested and oddly laid out.

All of them come to an end, and no value grows without bounds.
"""

from __future__ import annotations

from collections.abc import Callable
from random import Random


class Programs:
    """Writes modules with a function ``f(a, b)``.

    Args:
        modern: whether the program may use what Python 2.7 does not have.
    """

    def __init__(self, random: Random, *, modern: bool = True) -> None:
        self._random, self._modern = random, modern
        self._names = 0

    def module(self) -> str:
        """One module."""
        self._names = 0
        head = self._random.choice(
            ["", '"""A module."""\n', "# a comment\n", "from __future__ import division\n"]
        )
        helper = "def g(n):\n    for i in range(n % 4):\n        if i != 2: yield i\n"
        return "\n".join(
            [head + helper, "def f(a, b):", "    c = 0", *self._block(3, loop=False, room=14), ""]
        )

    # -- statements ----------------------------------------------------------------------------------

    def _block(self, depth: int, *, loop: bool, room: int) -> list[str]:
        count = self._random.randint(1, 3 if depth < 3 else 5)
        return [line for _ in range(count) for line in self._indented(self._statement(depth, loop, room))]

    def _indented(self, lines: list[str]) -> list[str]:
        extra = ["# a comment"] if self._random.random() < 0.1 else []
        return [f"    {line}" for line in [*extra, *lines]]

    def _statement(self, depth: int, loop: bool, room: int) -> list[str]:
        simple = [self._assign, self._return, self._raise, self._assert, self._print]
        makers: list[Callable[[int, bool, int], list[str]]] = [
            self._simple(simple[0]),
            self._simple(simple[0]),
        ]
        makers += [self._simple(one) for one in simple[2:]]
        if self._random.random() < 0.3:
            makers.append(self._simple(self._return))
        if loop:
            makers += [self._simple(lambda: f"if {self._condition()}: break"), self._simple(self._jump)]
        if depth > 0 and room > 0:
            makers += [self._if, self._if, self._for, self._while, self._try, self._inner, self._one_line]
            if self._modern:
                makers += [self._match]
        return self._random.choice(makers)(depth, loop, room)

    @staticmethod
    def _simple(make: Callable[[], str]) -> Callable[[int, bool, int], list[str]]:
        return lambda depth, loop, room: make().split("\n")

    def _assign(self) -> str:
        name, value = self._random.choice("abc"), self._expression()
        return self._random.choice(
            [f"{name} = {value}", f"{name} = (  # why\n    {value}\n)", f"{name} += 1; c = {value}"]
        )

    def _return(self) -> str:
        return f"if {self._condition()}: return {self._expression()}"

    def _raise(self) -> str:
        error = self._random.choice(["ValueError", "KeyError", "ArithmeticError"])
        return f"if {self._condition()} and a > 3: raise {error}({self._expression()})"

    def _assert(self) -> str:
        return f"assert {self._condition()} or b < 4, {self._expression()}"

    def _print(self) -> str:
        return f"print({self._expression()})"

    def _jump(self) -> str:
        return f"if {self._condition()}:\n    {self._random.choice(['continue', 'break'])}"

    def _if(self, depth: int, loop: bool, room: int) -> list[str]:
        lines = [f"if {self._condition()}:", *self._block(depth - 1, loop=loop, room=room - 1)]
        for _ in range(self._random.randint(0, 2)):
            lines += [f"elif {self._condition()}:", *self._block(depth - 1, loop=loop, room=room - 1)]
        if self._random.random() < 0.5:
            lines += ["else:", *self._block(depth - 1, loop=loop, room=room - 1)]
        return lines

    def _one_line(self, depth: int, loop: bool, room: int) -> list[str]:
        return [f"if {self._condition()}: a = {self._expression()}; b = 2", "else: c = 3  # three"]

    def _for(self, depth: int, loop: bool, room: int) -> list[str]:
        name, over = self._fresh(), self._random.choice(["range(3)", "g(a if a > 0 else 0)", "()", "[a, b]"])
        lines = [f"for {name} in {over}:", *self._block(depth - 1, loop=True, room=room - 1)]
        return lines + self._maybe("else:", depth, loop, room)

    def _while(self, depth: int, loop: bool, room: int) -> list[str]:
        name = self._fresh()
        lines = [
            f"{name} = {self._random.randint(0, 3)}",
            f"while {name} > 0 and ({self._condition()}):",
            f"    {name} -= 1",
        ]
        return [
            *lines,
            *self._block(depth - 1, loop=True, room=room - 1),
            *self._maybe("else:", depth, loop, room),
        ]

    def _try(self, depth: int, loop: bool, room: int) -> list[str]:
        lines = ["try:", *self._block(depth - 1, loop=loop, room=room - 1)]
        caught = [
            "except ZeroDivisionError:",
            "except (ValueError, TypeError) as error:",
            "except Exception:",
        ]
        for one in sorted(self._random.sample(range(3), self._random.randint(1, 3))):
            lines += [caught[one], *self._block(depth - 1, loop=loop, room=room - 1)]
        lines += self._maybe("else:", depth, loop, room)
        return lines + (["finally:", "    c = 7"] if self._random.random() < 0.3 else [])

    def _inner(self, depth: int, loop: bool, room: int) -> list[str]:
        name = self._fresh()
        body = [f"    if n > {self._random.randint(0, 2)}: return n", "    return -n"]
        return [f"def {name}(n):", *body, f"a = {name}(b) if {self._condition()} else {name}(1)"]

    def _match(self, depth: int, loop: bool, room: int) -> list[str]:
        lines = [f"match {self._random.choice(['a', '(a, b)', '[a, c]', 'str(b)'])}:"]
        cases = ["0", "1 | 2", "(x, 0)", f"[x, y] if {self._condition()}", "str() as x", "int(x)"]
        for pattern in self._random.sample(cases, self._random.randint(1, 3)):
            lines += [f"    case {pattern}:"]
            lines += [f"    {line}" for line in self._block(depth - 1, loop=loop, room=room - 1)]
        return [*lines, "    case _: c = 9"] if self._random.random() < 0.5 else lines

    def _maybe(self, opening: str, depth: int, loop: bool, room: int) -> list[str]:
        if self._random.random() < 0.7:
            return []
        return [opening, *self._block(depth - 1, loop=loop, room=room - 1)]

    def _fresh(self) -> str:
        self._names += 1
        return f"v{self._names}"

    # -- expressions ---------------------------------------------------------------------------------

    def _condition(self, depth: int = 2) -> str:
        plain = ["a > b", "a", "not b", "a < b <= 3", "c in (1, 2)", "b % 2 == 0", "a is None", "True", "0"]
        if depth and self._random.random() < 0.4:
            left, right = self._condition(depth - 1), self._condition(depth - 1)
            joined = self._random.choice(
                ["{} and {}", "{} or {}", "not ({} or {})", "({}) == ({})", "({} and\n    {})"]
            )
            return joined.format(left, right).replace("\n", " ")
        if self._modern and self._random.random() < 0.1:
            return f"(c := {self._random.choice(['a', 'b', '0'])}) > 1"
        return self._random.choice(plain)

    def _expression(self, depth: int = 2) -> str:
        plain = [
            "a",
            "b",
            "c",
            "1",
            "(a + b) % 7",
            "a // (b - 1)",
            "'text'",
            "-a",
            "len([a, b])",
            "a % (c - 2)",
        ]
        if not depth or self._random.random() < 0.4:
            return self._random.choice(plain)
        one, other = self._expression(depth - 1), self._expression(depth - 1)
        condition = self._condition(1)
        forms = [
            f"({one} if {condition} else {other})",
            f"[x for x in g(3) if {condition}]",
            f"sorted({{x: {one} for x in range(3) if x > 1 if {condition}}})",
            f"(lambda n: {one} if n else {other})({condition})",
            f"({one}, {other})[{condition} and 1 or 0]",
            f"sum(1 for x in (a, b) if x and {condition})",
        ]
        if self._modern:
            held = self._random.choice(["len(str(a))", "[a == c, 1]"])
            forms += [f'f"{{{held}}} {{a if {condition} else b!r:>{{3}}.5}}"']
        return self._random.choice(forms)
