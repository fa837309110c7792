"""Rules of MariaDB's routines, as far as a source alone tells; servers are asked in tests/recorders."""

from __future__ import annotations

import re

import pytest

from pytest_characterize.rules.catalogue import Cause, Instrumented
from pytest_characterize.rules.comments import Tag, tags
from pytest_characterize.rules.dialects import dialect
from pytest_characterize.rules.instrumenting import instrumented
from pytest_characterize.rules.kept import kept_source
from pytest_characterize.rules.mariadb.lexer import tokenize
from pytest_characterize.rules.mariadb.probes import instrument
from pytest_characterize.rules.plpgsql.lexer import LexicalError

MODE = "SET sql_mode = 'STRICT_TRANS_TABLES', character_set_client = utf8mb4;\n"
STATEMENT_PROBE = re.compile(r"/\*~pc\*/.*?/\*pc~\*/")


def body(text: str, kind: str = "PROCEDURE", modes: str = "") -> Instrumented:
    """A routine with that body, which begins on the second line."""
    result = " RETURNS int" if kind == "FUNCTION" else ""
    return instrument(
        f"SET sql_mode = '{modes}';\nCREATE DEFINER=`r`@`h` {kind} `p`(a int){result}\n{text}", "d.p(int)"
    )


def arms(probed: Instrumented) -> list[str]:
    """The rules in words."""
    return [f"{rule.line} {rule.kind}: {rule.text}: {rule.arm}" for rule in probed.rules]


def texts(source: str, *modes: str) -> list[str]:
    return [token.text for token in tokenize(source, modes)]


# Tokens


@pytest.mark.parametrize(
    ("source", "found"),
    [
        (r"'a\'b' 'it''s'", [r"'a\'b'", "'it''s'"]),
        ('"say ""x""" `a``b`', ['"say ""x"""', "`a``b`"]),
        ("a--1 -- no\n#no\n+/* no 'x */1", ["a", "-", "-", "1", "+", "1"]),
        ("@v @@global.x @`a b` @'c'", ["@v", "@@global.x", "@`a b`", "@'c'"]),
        ("_utf8'x' N'y' x'0f' 0x0F b'01' 1.5e-3 2fa 1..3", None),
        ("a:=b<=>c->>'$' d.`e`.end", ["a", ":=", "b", "<=>", "c", "->>", "'$'", "d", ".", "`e`", ".", "end"]),
        ("/*! SET */ a /*M! = */ /*!40101 1 */", ["SET", "a", "=", "1"]),
    ],
)
def test_tokens(source: str, found: list[str] | None) -> None:
    wanted = found or ["_utf8", "'x'", "N'y'", "x'0f'", "0x0F", "b'01'", "1.5e-3", "2fa", "1", "..", "3"]
    assert texts(source) == wanted


def test_modes_decide_what_quotes_and_backslashes_mean() -> None:
    [quoted] = tokenize('"THEN"', ["ANSI_QUOTES"])
    assert (quoted.kind.value, quoted.word) == ("quoted name", "")
    assert texts(r"'\' THEN", "NO_BACKSLASH_ESCAPES") == [r"'\'", "THEN"]


@pytest.mark.parametrize(
    "source",
    ["'open", '"open', "`open", "/* open", "a */", "/*! open", "/*!80000 SET */", "/*M!110000 x */", "\\"],
)
def test_what_is_no_token_is_an_error(source: str) -> None:
    with pytest.raises(LexicalError):
        tokenize(source)


# Decisions


def test_branches() -> None:
    found = body("BEGIN\nIF a > 1 THEN SET @x = 1;\nELSEIF a = 'THEN' THEN SET @x = 2; END IF;\nEND")
    assert arms(found) == [
        "2 entry: BEGIN: entered",
        "3 branch: IF a > 1: taken",
        "4 branch: ELSEIF a = 'THEN': taken",
        "3 branch: IF a > 1: no branch taken",
    ]
    assert [rule.written for rule in found.rules] == [True, True, True, False]
    assert found.rules[1].decision == found.rules[3].decision == "d.p(int):3.branch1"


def test_a_condition_may_hold_case_and_if() -> None:
    found = body("BEGIN IF CASE a WHEN 1 THEN 0 ELSE 1 END > 0 THEN SET @x = IF(a, 1, 2); END IF; END")
    assert arms(found)[1:] == [
        "2 branch: IF CASE a WHEN 1 THEN 0 ELSE 1 END > 0: taken",
        "2 branch: IF CASE a WHEN 1 THEN 0 ELSE 1 END > 0: no branch taken",
        "2 expression: CASE a WHEN 1: taken",
        "2 expression: CASE a ELSE: taken",
        "2 expression: IF a: taken",
        "2 expression: IF a ELSE: taken",
    ]


def test_cases() -> None:
    searched = body("BEGIN CASE WHEN a > 1 THEN SET a = 1; WHEN a < 0 THEN BEGIN END; END CASE; END")
    assert arms(searched)[1:] == [
        "2 case: CASE WHEN a > 1: taken",
        "2 case: CASE WHEN a < 0: taken",
        "2 case: CASE WHEN a > 1: no WHEN holds",
    ]
    simple = body("BEGIN CASE a WHEN 1 THEN SET a = 1; END CASE; END")
    assert arms(simple)[1:] == ["2 case: CASE a WHEN 1: taken"]
    assert [(one.text, one.reason) for one in simple.unknown] == [
        ("CASE a", "that no WHEN of a simple CASE holds is an error without a place")
    ]
    whole = body("BEGIN CASE a WHEN 1 THEN SET a = 1; ELSE SET a = 2; END CASE; END")
    assert not whole.unknown
    assert len(whole.rules) == 3


def test_loops() -> None:
    found = body(
        "BEGIN\nl: WHILE a > 0 DO SET a = a - 1; ITERATE l; END WHILE l;\nLOOP SET a = 1; END LOOP;\n"
        "REPEAT SET a = a + 1; UNTIL a > 5 END REPEAT;\nFOR i IN 1..3 DO SET a = i; END FOR;\n"
        "FOR r IN (SELECT id FROM t) DO SET a = r.id; END FOR;\nEND"
    )
    assert arms(found)[1:] == [
        "3 loop: WHILE a > 0: body entered",
        "3 loop: WHILE a > 0: zero iterations",
        "4 loop: LOOP: body entered",
        "5 loop: REPEAT: body entered",
        "5 jump: UNTIL a > 5: taken",
        "5 jump: UNTIL a > 5: not taken",
        "6 loop: FOR i IN 1..3: body entered",
        "6 loop: FOR i IN 1..3: zero iterations",
        "7 loop: FOR r IN (SELECT id FROM t): body entered",
        "7 loop: FOR r IN (SELECT id FROM t): zero iterations",
    ]


def test_handlers_of_one_statement_and_of_a_block() -> None:
    found = body(
        "main: BEGIN\nDECLARE v INT DEFAULT IF(a, 1, 2);\nDECLARE c CURSOR FOR SELECT CASE WHEN 1 THEN 2 ELSE 3 END;\n"
        "DECLARE CONTINUE HANDLER FOR NOT FOUND, SQLSTATE VALUE '45000', 1062 SET v = 1;\n"
        "DECLARE EXIT HANDLER FOR SQLEXCEPTION BEGIN IF a THEN RESIGNAL; END IF; END;\nSET v = 3;\nEND main"
    )
    assert [line for line in arms(found) if "handler" in line] == [
        "5 handler: DECLARE CONTINUE HANDLER FOR NOT FOUND, SQLSTATE VALUE '45000', 1062: caught",
        "6 handler: DECLARE EXIT HANDLER FOR SQLEXCEPTION: caught",
    ]
    assert [one.line for one in found.unknown] == [4]


def test_rows_of_statements_that_may_find_none() -> None:
    found = body(
        "BEGIN\nSELECT x INTO @x FROM t WHERE id = a;\nUPDATE t SET x = 1;\nDELETE FROM t;\n"
        "SELECT COUNT(*) INTO @x FROM t;\n"
        "INSERT INTO t VALUES (1);\nINSERT INTO t SELECT 1;\nREPLACE INTO t SET x = 1;\nSELECT * FROM t;\nEND"
    )
    assert [line for line in arms(found) if "rows" in line] == [
        "3 rows: SELECT x INTO @x FROM t WHERE id = a: some rows",
        "3 rows: SELECT x INTO @x FROM t WHERE id = a: no row",
        "4 rows: UPDATE t SET x = 1: some rows changed",
        "4 rows: UPDATE t SET x = 1: no row changed",
        "5 rows: DELETE FROM t: some rows",
        "5 rows: DELETE FROM t: no row",
        "8 rows: INSERT INTO t SELECT 1: some rows",
        "8 rows: INSERT INTO t SELECT 1: no row",
    ]


@pytest.mark.parametrize(
    "text", ["RETURN a + 1", "l: LOOP LEAVE l; END LOOP l", "IF a THEN RETURN 1; END IF"]
)
def test_a_body_need_not_be_a_block(text: str) -> None:
    found = body(text, "FUNCTION")
    assert arms(found)[0] == "2 entry: FUNCTION: entered"
    assert "BEGIN IF (@" in found.text
    assert found.text.endswith("END/*pc~*/")


def test_triggers() -> None:
    found = instrument(
        "CREATE DEFINER=`r`@`h` TRIGGER `t` BEFORE INSERT ON `for` FOR EACH ROW FOLLOWS `u`"
        " IF NEW.a > 1 THEN SET NEW.a = 1; END IF"
    )
    assert [rule.arm for rule in found.rules] == ["entered", "taken", "no branch taken"]
    assert found.routine == "`t`"


# Probes


def test_probes_are_insertions_that_move_no_line() -> None:
    text = "BEGIN\n IF a > 1 THEN\n  UPDATE t SET x = 1; -- why\n END IF;\n WHILE a DO SET a = 0; END WHILE;\nEND"
    found = body(text)
    assert STATEMENT_PROBE.sub("", found.text).endswith(text)
    assert found.text.count("\n") == text.count("\n") + 2
    assert all(f"/*~pc:{rule.id}*/" in found.text for rule in found.rules)
    assert all(len(name) <= 64 for name in re.findall(r"@`([^`]+)`", found.text))


def test_what_follows_a_handler_is_not_taken_for_what_follows_a_statement() -> None:
    going_on = "DECLARE CONTINUE HANDLER FOR SQLEXCEPTION SET @x = 1;"
    assert ":h`=0 THEN IF ROW_COUNT()" in body(f"BEGIN {going_on} DELETE FROM t; END").text
    assert ":h`" not in body("BEGIN DELETE FROM t; END").text


# What is not known


@pytest.mark.parametrize(
    ("text", "modes", "cause", "reason"),
    [
        ("BEGIN IF a THEN SET @x = 1; END", "", Cause.SYNTAX, "expected IF, found the end"),
        ("BEGIN SET @x = 'open; END", "", Cause.SYNTAX, "a string is not closed"),
        (
            "BEGIN NULL; END",
            "ANSI_QUOTES,ORACLE",
            Cause.LANGUAGE,
            "it is written in PL/SQL (sql_mode ORACLE)",
        ),
        ("BEGIN SET @x = '~pc'; END", "", Cause.MARKED, "its source contains '~pc', the mark of probes"),
        ("", "", Cause.SYNTAX, "it has no body"),
        (
            "BEGIN /*!80000 SET @x = 1; */ END",
            "",
            Cause.SYNTAX,
            "only some servers run what this comment holds",
        ),
        ("BEGIN DECLARE SOME HANDLER FOR 1 SET @x = 1; END", "", Cause.SYNTAX, None),
    ],
)
def test_what_cannot_be_read_is_unknown(text: str, modes: str, cause: Cause, reason: str | None) -> None:
    found = body(text, modes=modes)
    assert (found.rules, found.probes) == ((), ())
    [unknown] = found.unknown
    assert unknown.cause is cause
    assert reason is None or unknown.reason == reason


def test_every_beginning_of_a_source_is_read_or_unknown() -> None:
    whole = body(
        "BEGIN DECLARE EXIT HANDLER FOR 1062 SET @x = IF(a, 1, 2); CASE a WHEN 1 THEN "
        "REPEAT SET a = 1; UNTIL a END REPEAT; ELSE FOR i IN 1..3 DO DELETE FROM t; END FOR; END CASE; END"
    )
    source = STATEMENT_PROBE.sub("", whole.text)
    for end in range(len(source)):
        found = instrument(source[:end], "p")
        assert found.unknown or found.rules


# Among the other languages


def test_a_kept_source_tells_its_dialect() -> None:
    text = (
        f"{MODE}CREATE PROCEDURE `p`()\nBEGIN\n -- rule: BILL-007 tenure\n IF 1 THEN SET @x = 1; END IF;\nEND"
    )
    assert (dialect(text), dialect("CREATE OR REPLACE FUNCTION f()")) == ("mariadb", "plpgsql")
    [kept] = instrumented("procedure", {"d.p()": text}).values()
    assert [rule.id for rule in kept.rules] == ["d.p():2.entry1", "d.p():4.branch1", "d.p():4.branch2"]
    assert tags("procedure", text) == (Tag(3, "BILL-007", "tenure"),)
    found = kept_source("legacy", "d.p()", "procedure", text, "legacy/p.json")
    assert found is not None
    assert found.first_line == 2
