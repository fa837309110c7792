"""What each operator makes of a piece of Python."""

from __future__ import annotations

import pytest
from python_mutating import changed, results

EXPRESSIONS = [
    ("a > 5", "boundary", ["a >= 5"]),
    ("a > 5", "relation", ["a < 5"]),
    ("a > 5", "negation", ["a <= 5"]),
    ("a > 5", "constant", ["a > 6", "a > 4"]),
    ("a == b", "relation", ["a != b"]),
    ("a == 12", "boundary", ["a >= 12", "a <= 12"]),
    ("a is not None", "relation", ["a is None", "bool(a)"]),
    ("a.b is None and c", "relation", ["a.b is not None", "not a.b"]),
    ("f(a) is None", "relation", ["f(a) is not None"]),
    ("a is None is b", "relation", ["a is not None is b", "a is None is not b"]),
    ("not a", "relation", ["a is None"]),
    ("not a[0]", "relation", []),
    ("not not a", "relation", ["a is None"]),
    ("a not in b", "relation", ["a in b"]),
    ("1 <= a <= 12", "operand", ["a <= 12", "1 <= a"]),
    ("1 <= a <= b", "boundary", ["1 < a <= b", "1 <= a < b"]),
    ("a + b", "arithmetic", ["b", "a - b", "a"]),
    ("a * b", "arithmetic", ["b", "a / b", "a"]),
    ("a - b", "swap", ["b - a"]),
    ("-a", "arithmetic", ["a"]),
    ("abs(a)", "arithmetic", ["(a)"]),
    ("max(a, -b)", "arithmetic", ["min(a, -b)", "a", "(-b)", "b"]),
    ("a // 2", "rounding", ["-(-a // 2)", "a / 2"]),
    ("0.95 * a", "constant", ["0.96 * a", "0.94 * a"]),
    ("Decimal('0.19')", "constant", ["Decimal('0.20')", "Decimal('0.18')"]),
    ("round(a, 2)", "scale", ["round(a, 3)", "round(a, 1)"]),
    ("round(a)", "rounding", ["int(a)"]),
    ("int(a / 3)", "rounding", ["round(a / 3)", "a // 3"]),
    ("math.floor(a)", "rounding", ["math.ceil(a)"]),
    ("a.quantize(Decimal('0.01'))", "scale", ["a.quantize(Decimal('0.001'))", "a.quantize(Decimal('0.1'))"]),
    ("a.quantize(b, ROUND_DOWN)", "rounding",
     ["a", 'a.quantize(b, "ROUND_HALF_UP")', 'a.quantize(b, "ROUND_FLOOR")']),
    ("a and b", "operand", ["b", "a"]),
    ("a or 0", "default", ["0", "a", "(0 if a is None else a)"]),
    ("a() or 0", "default", ["0", "a()"]),
    ("a or b or 0", "default", ["b or 0", "a or 0", "a or b"]),
    ("b if a or 0 else c", "default", []),
    ("a == '14'", "constant", ["a == ''", "a == '15'", "a == '13'"]),
    ("a + '007'", "constant", ["a + ''", "a + '008'", "a + '006'"]),
    ("[a, '30 days']", "constant", ["return []", "[a, '']", "[a, '31 days']", "[a, '29 days']"]),
    ("a.encode('iso-8859-1')", "constant", []),
    ("a['k1']", "constant", []),
    ("b if a else c", "swap", ["c if a else b"]),
    ("b if a else c", "branch", ["b", "c"]),
    ("sorted(a, key=b)", "order", ["list(a)", "sorted(a)", "sorted(a, key=b, reverse=True)"]),
    ("sorted(x for x in a)", "order", ["list(x for x in a)", "sorted((x for x in a), reverse=True)"]),
    ("a[::-1]", "order", ["a[::]"]),
    ("a[:10]", "limit", ["a[:]", "a[:11]", "a[:9]"]),
    ("a[b:]", "limit", ["a[:]", "a[b + 1:]", "a[b - 1:]"]),
    ("set(a)", "limit", ["list(a)"]),
    ("range(a)", "boundary", ["range(a + 1)", "range(a - 1)"]),
    ("a.get('k', 0)", "default", ["a.get('k')", "a.get('k', 1)", "a.get('k', -1)"]),
    ("a.strip().upper()", "text", ["a", "a.strip()"]),
    ("a.rjust(5)", "text", ["a", "a.ljust(5)"]),
    ("f'{a:>10,.2f}!'", "text", ["f'{a:,.2f}!'", "f'{a:>10.2f}!'"]),
    ("f'{a:>10,.2f}!'", "scale", ["f'{a:>10,.3f}!'", "f'{a:>10,.1f}!'"]),
    ("'%-8s%6.2f' % (a, b)", "scale", ["'%-8s%6.3f' % (a, b)", "'%-8s%6.1f' % (a, b)"]),
    ("'%-8s' % a", "text", ["'%s' % a"]),
    ("'{:05d}'.format(a)", "text", ["'{:d}'.format"]),
    ("timedelta(days=30)", "time", ["timedelta(days=31)", "timedelta(days=29)"]),
    ("a.astimezone(b)", "time", ["a"]),
    ("a.replace(tzinfo=b)", "time", ["a", "a.replace()"]),
    ("a.weekday()", "time", ["a.isoweekday()"]),
    ("[x for x in a if x]", "branch", ["if True"]),
    ("[x for x in a if x]", "negation", ["not x"]),
    ("f(a, b)", "swap", ["f(b, a)"]),
    ("lambda x: x + 1", "constant", ["x + 2", "x + 0"]),
]  # fmt: skip
"""An expression, an operator, and what that makes of it."""


@pytest.mark.parametrize(("expression", "operator", "become"), EXPRESSIONS, ids=lambda value: str(value)[:40])
def test_expressions(expression: str, operator: str, become: list[str]) -> None:
    found = [becomes for _, becomes in changed(f"return {expression}", operator)]
    assert sorted(found) == sorted(become)


STATEMENTS = [
    ("x = 1\nx = a\nreturn x", "statement", [("x = a", ""), ("return x", "return None")]),
    ("a.total = 1", "statement", [("a.total = 1", "")]),
    ("a += b", "statement", [("a += b", "")]),
    ("a += b", "arithmetic", [("a += b", "a -= b")]),
    ("a.append(b)", "statement", [("a.append(b)", "")]),
    ("raise ValueError(a)", "statement", [("raise ValueError(a)", "")]),
    ("a.sort()", "order", [("a.sort()", ""), ("a.sort()", "a.sort(reverse=True)")]),
    ("for x in a:\n    f(x)\n    break", "limit", [("break", "")]),
    ("while True:\n    if f(a): break", "limit", []),
    ("for x in a: f(x)", "branch", [("for x in a", "for x in ()")]),
    ("if a: f(a)", "branch", [("if a", "if False"), ("if a", "if True")]),
    ("if a: f(a)", "statement", []),
    ("if a: f(a)\nelse: f(b)", "branch", [("if a", "if False"), ("if a", "if True"), ("else", "")]),
    ("if a: f(a)\nelif b: f(b)", "swap", [("if a", "if b"), ("if a", "if b, asked first")]),
    ("if a and b: f(a)", "negation", [("a and b", "not (a and b)")]),
    ("if not a: f(a)", "negation", [("not a", "a")]),
    ("if a and b: f()", "operand", [("a and b", "b"), ("a and b", "a or b"), ("a and b", "a")]),
    ("try: f()\nexcept ValueError: f(a)", "branch", [("except ValueError", "except ()")]),
    (
        "try: f()\nexcept (KeyError, ValueError) as e: f(e)",
        "branch",
        [
            ("except (KeyError, ValueError) as e", "except () as e"),
            ("except (KeyError, ValueError) as e", "except (ValueError) as e"),
            ("except (KeyError, ValueError) as e", "except (KeyError,) as e"),
        ],
    ),
    ("try: f()\nexcept: f(a)", "branch", [("except", "except ()")]),
    ("match a:\n    case 1: f()\n    case _: f(a)", "branch", [
        ("case 1", "case 1 if False"), ("case _", "case _ if False")]),
    ("match a:\n    case 1: f()\n    case 2: f(a)", "swap", [("case 1", "case 2")]),
    ("return None", "constant", [("return None", 'return ""')]),
    ("if a: return 0\nif b: return 2.5\nreturn 5", "constant", [
        ("return 0", "return 1"), ("return 0", "return -1"), ("return 0", "return 2.5"),
        ("return 2.5", "return 2.6"), ("return 2.5", "return 2.4"), ("return 2.5", "return 0"),
        ("return 2.5", "return 5"),
        ("return 5", "return 6"), ("return 5", "return 4"), ("return 5", "return 2.5")]),
    ("return [a]", "constant", [("return [a]", "return []")]),
    ("return {a: b}", "constant", [("return {a: b}", "return {}")]),
    ("return {a}", "constant", []),
    ("return []", "constant", []),
    ("return [x for x in a]", "constant", []),
    ("return (a, b)", "constant", []),
    ("if a == 'A': return 'x'\nif a == 'B': return 'y'", "constant", [
        ("a == 'A'", "a == ''"), ("a == 'A'", "a == 'B'"), ("return 'x'", "return ''"), ("return 'x'", "return 'y'"),
        ("a == 'B'", "a == ''"), ("a == 'B'", "a == 'A'"), ("return 'y'", "return ''"),
        ("return 'y'", "return 'x'")]),
]  # fmt: skip


@pytest.mark.parametrize(("body", "operator", "found"), STATEMENTS, ids=lambda value: str(value)[:40])
def test_statements(body: str, operator: str, found: list[tuple[str, str]]) -> None:
    assert sorted(changed(body, operator)) == sorted(found)


def test_a_mutant_does_what_it_says() -> None:
    body = "if a >= 10 and b:\n    return a - 1\nreturn a // 3"
    assert results(body, "boundary", "f(10, True)") == [10 // 3]
    assert results(body, "operand", "f(10, False)") == [3, 9, 9]
    assert results(body, "branch", "f(10, True)") == [3, 9]
    assert results(body, "rounding", "f(7)") == [3, 7 / 3]
    assert results(body, "statement", "f(10, True)") == [None, 9]


def test_what_is_no_number_is_not_calculated_with() -> None:
    assert changed("return 'a' + b + ', ' + c", "arithmetic") == [
        ("'a' + b + ', ' + c", "b + ', ' + c"),
        ("'a' + b + ', ' + c", "'a' + ', ' + c"),
        ("'a' + b + ', ' + c", "'a' + b + c"),
        ("'a' + b + ', ' + c", "'a' + b + ', '"),
    ]
    assert changed("return '%s' % a", "arithmetic") == []


def test_what_is_empty_and_what_is_unknown() -> None:
    assert results("return 'none' if a is None else 'some'", "relation", "f('')") == ["none", "none"]
    assert results("return 'none' if not a else 'some'", "relation", "f('')") == ["some"]
    assert results("return a or 'none'", "default", "f('')") == ["none", "", ""]
    assert results("return a or 'none'", "default", "f(None)") == ["none", "none", None]


def test_what_is_left_of_a_call_over_several_lines_stays_one_expression() -> None:
    body = "def g(b):\n    return b + 1\nreturn g(\n    g(\n        a\n    ),\n)"
    assert ("g( a )", "a") in changed(body, "call")
    assert results(body, "call", "f(3)") == [4, 4]
