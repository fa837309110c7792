"""Statements by fingerprint."""

from __future__ import annotations

from pytest_characterize.sql.counting import grouped


def test_statements_that_differ_in_values_are_one_group() -> None:
    sent = [("", f"SELECT a FROM t WHERE b = {n}") for n in range(3)] + [("mysql", "SELECT 'it\\'s'")]
    told = [(group.fingerprint.text, group.times) for group in grouped(sent)]
    assert told == [("SELECT a FROM t WHERE b = ?", 3), ("SELECT ?", 1)]


def test_what_only_ends_transactions_is_left_out() -> None:
    sent = [("", text) for text in ("SAVEPOINT a", "release savepoint a", "ROLLBACK", "BEGIN", "COMMIT")]
    assert grouped(sent) == ()
