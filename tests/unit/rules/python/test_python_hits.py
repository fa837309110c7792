"""What calls hit, decision by decision; and that they do what they do without probes."""

from __future__ import annotations

from textwrap import dedent

import pytest
from python_running import hits, same

from pytest_characterize.rules.catalogue import Depth

PLAIN = Depth(every=True)
OPERANDS = Depth(every=True, operands=True)


def told(source: str, call: str, depth: Depth = PLAIN) -> list[str]:
    """The hits of a call but for entries, after it was seen to do the same with probes."""
    source = dedent(source)
    same(source, call)
    same(source, call, depth)
    return sorted(
        words if count == 1 else f"{words} x{count}"
        for words, count in hits(source, call, depth).items()
        if " entered: def" not in words
    )


BRANCHES = """
def f(a):
    if a > 2:
        b = 1
    elif a > 1: b = 2
    else:
        b = 3
    if b == 3:
        # a comment
        return "three"
    return b
"""


@pytest.mark.parametrize(
    ("call", "expected"),
    [
        ("f(3)", ["3 taken: if a > 2", "8 no branch taken: if b == 3"]),
        ("f(2)", ["5 taken: elif a > 1", "8 no branch taken: if b == 3"]),
        ("f(1)", ['10 reached: return "three"', "6 taken: else", "8 taken: if b == 3"]),
        ("f('')", []),
    ],
)
def test_branches(call: str, expected: list[str]) -> None:
    assert told(BRANCHES, call) == expected


LOOPS = """
def f(items, stop=None):
    for item in items:
        if item == stop: break
    else:
        return "all"
    while items:
        items.pop()
    for item in items: pass
    return "some"

def g(rows):
    for row in rows:
        for cell in row:
            if cell: continue

def h():
    while True:
        return 1
"""


@pytest.mark.parametrize(
    ("call", "expected"),
    [
        (
            "f([])",
            ["3 zero iterations: for item in items", "5 ended without break: for item in items",
             "6 reached: return \"all\""],
        ),
        (
            "f([1, 2])",
            ["3 body entered: for item in items", "4 no branch taken: if item == stop x2",
             "5 ended without break: for item in items", "6 reached: return \"all\""],
        ),
        (
            "f([1, 2], 2)",
            ["3 body entered: for item in items", "3 left by break: for item in items",
             "4 no branch taken: if item == stop", "4 taken: if item == stop",
             "7 body entered: while items", "9 zero iterations: for item in items"],
        ),
        ("g([])", ["13 zero iterations: for row in rows"]),
        ("g([[]])", ["13 body entered: for row in rows", "14 zero iterations: for cell in row"]),
        (
            "g([[0, 1], [], [1]])",
            ["13 body entered: for row in rows", "14 body entered: for cell in row x2",
             "14 zero iterations: for cell in row", "15 no branch taken: if cell", "15 taken: if cell x2"],
        ),
        ("h()", ["19 reached: return 1"]),
    ],
)  # fmt: skip
def test_loops(call: str, expected: list[str]) -> None:
    assert told(LOOPS, call) == expected


HANDLERS = """
def f(a):
    try:
        b = 1 // a
    except ZeroDivisionError:
        return "zero"
    except (TypeError, ValueError) as error:
        b = str(error)
    finally:
        print("done")
    return b

def g(a):
    try:
        return int(a)
    except ValueError:
        return None

def h(items):
    for item in items:
        try:
            if item is None: continue
            if item < 0: break
            int(item)
        except ValueError: pass
        else: print(item)

def i(a):
    try:
        try:
            return len(a)
        except TypeError:
            return a + 1
    except ValueError:
        pass
"""


@pytest.mark.parametrize(
    ("call", "expected"),
    [
        ("f(1)", ["3 no exception: try"]),
        ("f(0)", ["5 caught: except ZeroDivisionError", "6 reached: return \"zero\""]),
        ("f('')", ["7 caught: except (TypeError, ValueError) as error"]),
        ("g('7')", ["14 no exception: try", "15 reached: return int(a)"]),
        ("g('x')", ["15 reached: return int(a)", "16 caught: except ValueError", "17 reached: return None"]),
        ("g([])", ["15 reached: return int(a)"]),
        (
            "h([None, 1, -1])",
            ["20 body entered: for item in items", "22 no branch taken: if item is None x2",
             "22 taken: if item is None", "23 no branch taken: if item < 0", "23 taken: if item < 0",
             "26 no exception: try x3"],
        ),
        ("i([])", ["29 no exception: try", "30 no exception: try", "31 reached: return len(a)"]),
        (
            "i(7)",
            ["29 no exception: try", "31 reached: return len(a)", "32 caught: except TypeError",
             "33 reached: return a + 1"],
        ),
        ("i(None)", ["31 reached: return len(a)", "32 caught: except TypeError", "33 reached: return a + 1"]),
    ],
)  # fmt: skip
def test_handlers(call: str, expected: list[str]) -> None:
    assert told(HANDLERS, call) == expected


MATCHES = """
def f(a):
    match a:
        case [x, y] if x > y:
            return "greater"
        case [x, *_]:
            print(x)
        case {"k": v}: return v

def g(a):
    match a:
        case 1: return "one"
        case (other): pass
"""


@pytest.mark.parametrize(
    ("call", "expected"),
    [
        ("f([2, 1])", ["4 taken: match a: case [x, y] if x > y", '5 reached: return "greater"']),
        ("f([1, 2])", ["4 guard fails: match a: case [x, y] if x > y", "6 taken: match a: case [x, *_]"]),
        ("f({'k': 0})", ["8 reached: return v", '8 taken: match a: case {"k": v}']),
        ("f(0)", ["8 no case matches: match a: case [x, y] if x > y"]),
        ("g(1)", ['12 reached: return "one"', "12 taken: match a: case 1"]),
        ("g(2)", ["13 taken: match a: case (other)"]),
    ],
)
def test_matches(call: str, expected: list[str]) -> None:
    assert told(MATCHES, call) == expected


EXPRESSIONS = """
def f(a):
    return "yes" if a else "maybe" if a is None else "no"

def g(items): return [item for item in items if item if item > 1]

def h(a): return f"{'x' if a else 'y'}", (lambda b: b if b else 0)(a)

def i(a):
    assert a, "none"
    assert not a, f"{a}"
"""


@pytest.mark.parametrize(
    ("call", "expected"),
    [
        ("f(1)", ['3 true: "yes" if a else "maybe" if a is None else "no"']),
        (
            "f(None)",
            ['3 false: "yes" if a else "maybe" if a is None else "no"', '3 true: "maybe" if a is None else "no"'],
        ),
        ("g([])", []),
        ("g([0, 1, 2])", ["5 false: if item", "5 false: if item > 1", "5 true: if item > 1", "5 true: if item x2"]),
        ("h(0)", ["7 false: 'x' if a else 'y'", "7 false: b if b else 0"]),
        ("i(0)", ["10 fails: assert a"]),
        ("i(1)", ["10 holds: assert a", "11 fails: assert not a"]),
    ],
)  # fmt: skip
def test_expressions(call: str, expected: list[str]) -> None:
    assert told(EXPRESSIONS, call) == expected


CONDITIONS = """
def f(a, b, c):
    if a and (b or not c):
        return 1

def g(a, b): return a or b

def h(a, b):
    if (c := a and b): return c
    return not (a or b)
"""


@pytest.mark.parametrize(
    ("call", "expected"),
    [
        ("f(0, 1, 1)", ["3 false: a in if a and (b or not c)"]),
        ("f(1, 1, 1)", ["3 true: a in if a and (b or not c)", "3 true: b in if a and (b or not c)"]),
        (
            "f(1, 0, 0)",
            ["3 false: b in if a and (b or not c)", "3 true: a in if a and (b or not c)",
             "3 true: not c in if a and (b or not c)"],
        ),
        ("g(1, 2)", []),
        ("g(0, 2)", ["6 asked: b in a or b"]),
        ("h(1, 2)", ["9 asked: b in a and b"]),
        (
            "h(1, 0)",
            ["10 true: a in not (a or b)", "9 asked: b in a and b"],
        ),
        ("h(0, 0)", ["10 false: a in not (a or b)", "10 false: b in not (a or b)"]),
    ],
)  # fmt: skip
def test_operands(call: str, expected: list[str]) -> None:
    found = [words for words in told(CONDITIONS, call, OPERANDS) if " in " in words]
    assert found == expected


def test_a_hit_counts_once_unless_each_one_counts() -> None:
    source = "def f(items):\n    for item in items:\n        if item: pass\n"
    assert hits(source, "f([1, 1, 0])", Depth()) == {
        "1 entered: def f": 1,
        "2 body entered: for item in items": 1,
        "3 taken: if item": 1,
        "3 no branch taken: if item": 1,
    }
    assert hits(source, "f([1, 1, 0])")["3 taken: if item"] == 2


def test_loops_of_recursive_functions_and_generators_do_not_disturb_each_other() -> None:
    source = """
        def f(tree):
            for child in tree:
                f(child)

        def g(items):
            for item in items:
                yield item

        def h():
            one, other = g([1, 2]), g([])
            return next(one), list(other), list(one)
    """
    assert told(source, "f([[[]], []])") == [
        "3 body entered: for child in tree x2",
        "3 zero iterations: for child in tree x2",
    ]
    assert told(source, "h()") == [
        "7 body entered: for item in items",
        "7 zero iterations: for item in items",
    ]


def test_a_loop_that_is_left_by_an_exception_is_told_anew_the_next_time() -> None:
    source = """
        def f(rows):
            for row in rows:
                try:
                    while row:
                        row.pop()()
                except TypeError: pass
    """
    assert "5 zero iterations: while row" in told(source, "f([[1], []])")


def test_functions_that_look_at_their_variables_see_their_own_only() -> None:
    source = """
        def f(items):
            for item in items:
                total = item
            return "%(item)s %(total)s" % locals(), sorted(locals())

        def g(items):
            def inner():
                while items: items.pop()
                return dir()
            return inner()
    """
    assert told(source, "f([7])") == ["3 body entered: for item in items"]
    assert told(source, "f([7, 8])") == ["3 body entered: for item in items x2"]
    assert told(source, "g([7])") == ["9 body entered: while items"]


def test_what_is_decided_at_import_is_told_if_asked_for() -> None:
    source = "import sys\nif sys.argv: a = 1\nfor b in []: pass\nclass C:\n    d = 1 if a else 2\n"
    assert hits(source, "a", Depth(imports=True, every=True)) == {
        "2 taken: if sys.argv": 1,
        "3 zero iterations: for b in []": 1,
        "5 true: 1 if a else 2": 1,
    }
    assert hits(source, "a", Depth()) == {}
