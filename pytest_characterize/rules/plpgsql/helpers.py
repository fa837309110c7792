"""The functions that probes call: temporary, gone with the transaction.

Those in expressions are declared so that the planner treats an expression with a probe as it treats one without:
``IMMUTABLE``, so that a constant condition still prunes the arms that it rules out before anything in them
is computed, and a routine that could be inlined still can; ``PARALLEL SAFE`` and of no cost, so that the same
plan wins. The price: a condition that depends on no row is reported when it is computed, which may be while
planning, for a query that then finds no row.

A setting that is local to the transaction remembers what has been reported. A sub-transaction that is rolled
back forgets it, then it is reported twice; a parallel worker may not set it and reports each time.
"""

from __future__ import annotations

from typing import Final

from pytest_characterize.rules.plpgsql.guards import NO_WORKER, PROCESS

NAMED: Final = "l"
"""Begins the part of a setting's name that is the place of a rule; settings have names, not numbers."""
NOTHING: Final = "none"
"""Ends the name of a setting that stands for no rule."""

SEEN: Final = "seen"
"""Ends the name of the setting that keeps what a routine has reported (see :mod:`.guards`)."""

_PLACE: Final = len("pc.h01234567.") + len(NAMED) + 1
_SEEN: Final = "pg_catalog.current_setting({name}, true) OPERATOR(pg_catalog.=) '1'"
_NAME: Final = "CASE WHEN condition THEN holds ELSE fails END"
_REPORT: Final = f"""RAISE INFO '~pc:%:%', routine, pg_catalog.substr(holds, {_PLACE});"""
_REMEMBER: Final = f"""IF {NO_WORKER} THEN
    holds := pg_catalog.set_config(holds, '1', true);
  END IF;"""


def _outcome(name: str, first: str, last: str) -> str:
    return f"""CREATE OR REPLACE FUNCTION pg_temp."~pc:{name}"(
  condition boolean, routine text, holds text, fails text) RETURNS boolean
LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE COST 0.0001 AS $$
BEGIN
  {first}
  holds := {_NAME};
  IF pg_catalog."right"(holds, {len(NOTHING) + 1}) OPERATOR(pg_catalog.<>) '.{NOTHING}' THEN
    {_REPORT}
  END IF;
  {last}
  RETURN condition;
END $$"""


def _taken(name: str, first: str, last: str) -> str:
    return f"""CREATE OR REPLACE FUNCTION pg_temp."~pc:{name}"(
  routine text, holds text) RETURNS boolean
LANGUAGE plpgsql VOLATILE PARALLEL SAFE COST 0.0001 AS $$
BEGIN
  {first}
  {_REPORT}
  {last}
  RETURN true;
END $$"""


SETUP: Final = (
    f"SELECT pg_catalog.set_config('{PROCESS}', pg_catalog.pg_backend_pid()::text, true)",
    _outcome("if", f"IF {_SEEN.format(name=_NAME)} THEN RETURN condition; END IF;", _REMEMBER),
    _outcome("each", "", ""),
    _taken("at", f"IF {_SEEN.format(name='holds')} THEN RETURN true; END IF;", _REMEMBER),
    _taken("now", "", ""),
)
"""Statements to run in the transaction before an instrumented text that needs them is installed."""
