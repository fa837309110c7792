"""What probes cost a PL/pgSQL call: processor time of server and client, with and without.

    python bench/plpgsql_probes.py [--seconds 2] [--binaries /usr/lib/postgresql/15/bin]

Wall time says little on a busy machine; processor time is read from ``/proc`` for the server's process and
from the clock for ours. Sides take turns, and the median of the rounds is told.
"""

from __future__ import annotations

import argparse
import os
import platform
import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import psycopg

from pytest_characterize.rules.catalogue import Depth
from pytest_characterize.rules.plpgsql.helpers import SETUP
from pytest_characterize.rules.plpgsql.messages import rules_of
from pytest_characterize.rules.plpgsql.probes import instrument
from pytest_characterize_recorders.embedded.postgresql import PostgresServer

SCHEMA = """
CREATE TABLE customer (id int PRIMARY KEY, since date, country text, blocked boolean);
CREATE TABLE invoice (id int PRIMARY KEY, customer_id int, issued date, total numeric(10,2), state text);
CREATE TABLE ledger (id bigint GENERATED ALWAYS AS IDENTITY, invoice_id int, amount numeric(10,2), kind text);
INSERT INTO customer SELECT n, date '2010-01-01' + n * 17, CASE WHEN n % 5 = 0 THEN 'CH' ELSE 'DE' END, n % 40 = 0
FROM generate_series(1, 200) n;
INSERT INTO invoice SELECT n, n % 200 + 1, date '2024-01-01' + n % 90, n % 700 + 0.95,
CASE n % 4 WHEN 0 THEN 'open' WHEN 1 THEN 'paid' ELSE 'late' END FROM generate_series(1, 10000) n;
CREATE INDEX ON invoice (customer_id);
ANALYZE;
"""

DISCOUNT = """
CREATE OR REPLACE FUNCTION discount(p_customer int, p_total numeric) RETURNS numeric LANGUAGE plpgsql AS $function$
DECLARE v_customer customer; v_open int; v_rate numeric := 0;
BEGIN
  SELECT * INTO v_customer FROM customer WHERE id = p_customer;
  IF NOT FOUND THEN RAISE EXCEPTION 'no customer %', p_customer; END IF;
  IF v_customer.blocked THEN RETURN 0; END IF;
  SELECT count(*) INTO v_open FROM invoice WHERE customer_id = p_customer AND state = 'late';
  IF v_open > 20 THEN
    v_rate := 0;
  ELSIF v_customer.since < date '2015-01-01' THEN
    v_rate := 0.10;
  ELSE
    v_rate := CASE WHEN p_total > 500 THEN 0.05 WHEN p_total > 100 THEN 0.02 ELSE 0 END;
  END IF;
  RETURN round(p_total * v_rate, 2);
END $function$"""

RISK = """
CREATE OR REPLACE FUNCTION risk(p_customer int) RETURNS int LANGUAGE plpgsql AS $function$
DECLARE r record; v_score int := 0;
BEGIN
  FOR r IN SELECT * FROM invoice WHERE customer_id = p_customer ORDER BY issued LOOP
    CONTINUE WHEN r.state = 'paid';
    IF r.state = 'late' AND r.total > 300 THEN
      v_score := v_score + 3;
    ELSIF r.state = 'late' THEN
      v_score := v_score + 1;
    ELSE
      v_score := greatest(v_score - 1, 0);
    END IF;
    EXIT WHEN v_score > 60;
  END LOOP;
  IF v_score > 40 THEN RETURN 3; ELSIF v_score > 20 THEN RETURN 2; END IF;
  RETURN 1;
END $function$"""

CLOSE = """
CREATE OR REPLACE FUNCTION close_month(p_month date) RETURNS int LANGUAGE plpgsql AS $function$
DECLARE r record; v_closed int := 0;
BEGIN
  FOR r IN SELECT i.*, c.country FROM invoice i JOIN customer c ON c.id = i.customer_id
           WHERE i.issued = p_month AND i.state <> 'paid' LOOP
    BEGIN
      INSERT INTO ledger (invoice_id, amount, kind)
      VALUES (r.id, r.total * CASE r.country WHEN 'CH' THEN 1.077 ELSE 1.19 END, 'charge');
      UPDATE invoice SET state = 'paid' WHERE id = r.id AND total < 600;
      IF FOUND THEN v_closed := v_closed + 1; END IF;
    EXCEPTION WHEN unique_violation THEN
      NULL;
    END;
  END LOOP;
  RETURN v_closed;
END $function$"""

REPORT = """
CREATE OR REPLACE FUNCTION report(p_year int) RETURNS TABLE (bucket text, amount numeric)
LANGUAGE plpgsql AS $function$
BEGIN
  RETURN QUERY SELECT CASE WHEN i.total > 500 THEN 'large' WHEN i.total > 100 THEN 'middle' ELSE 'small' END,
                      sum(i.total)
  FROM invoice i WHERE extract(year FROM i.issued) = p_year
  GROUP BY CASE WHEN i.total > 500 THEN 'large' WHEN i.total > 100 THEN 'middle' ELSE 'small' END;
END $function$"""

TIGHT = """
CREATE OR REPLACE FUNCTION tight(p_n int) RETURNS int LANGUAGE plpgsql AS $function$
DECLARE v int := 0;
BEGIN
  FOR i IN 1..p_n LOOP
    IF i % 3 = 0 THEN v := v + 1; ELSE v := v - 1; END IF;
  END LOOP;
  RETURN v;
END $function$"""

RATE = """
CREATE OR REPLACE FUNCTION rate(p_total numeric) RETURNS numeric LANGUAGE plpgsql AS $function$
BEGIN
  IF p_total > 500 THEN
    RETURN 0.05;
  ELSIF p_total > 100 THEN
    RETURN 0.02;
  END IF;
  RETURN 0;
END $function$"""

ROUTINES = {
    "discount": (DISCOUNT, "SELECT discount(17, 250)", "two queries, four decisions"),
    "risk": (RISK, "SELECT risk(17)", "a loop over 50 rows with jumps"),
    "close_month": (CLOSE, "SELECT close_month('2024-02-01')", "80 rows, a handler, two changes a row"),
    "rate": (RATE, "SELECT sum(rate(total)) FROM invoice", "called by a query for each of 10,000 rows"),
    "report": (REPORT, "SELECT * FROM report(2024)", "CASE over 10,000 rows, worst case"),
    "tight": (TIGHT, "SELECT tight(1000)", "1,000 turns of nothing but decisions, worst case"),
}
SIDES: dict[str, Depth | None] = {"plain": None, "probes": Depth(), "every hit": Depth(every=True)}


@dataclass(frozen=True)
class Measured:
    """One side of one routine.

    Attributes:
        server, client: microseconds of processor time a call.
        first: microseconds of the server's processor time that the first call took, in which it compiles.
        messages: of probes, a call.
        install: milliseconds of wall time to install the routine.
    """

    server: float
    client: float
    first: float
    messages: float
    install: float

    @property
    def total(self) -> float:
        return self.server + self.client


class Side:
    """A connection on which routines are installed in a transaction and called within savepoints."""

    def __init__(self, dsn: str) -> None:
        self.connection = psycopg.connect(dsn)
        self.process = Path(f"/proc/{self.connection.info.backend_pid}/schedstat")
        self.messages = 0
        self.connection.add_notice_handler(self._heard)

    def _heard(self, message: psycopg.errors.Diagnostic) -> None:
        self.messages += bool(rules_of(message.severity_nonlocalized or "", message.message_primary or ""))

    def measure(self, source: str, call: str, depth: Depth | None, seconds: float) -> Measured:
        """Install, call for a while, roll back."""
        execute = self.connection.execute
        for statement in SETUP if depth else ():
            execute(statement)
        started = time.perf_counter()
        text = instrument(source, depth=depth).text if depth else source
        execute(text)
        install = (time.perf_counter() - started) * 1000
        started = self._processor_time()
        self._call(call)
        first = (self._processor_time() - started) * 1e6
        self.messages = 0
        calls, server, client = 0, self._processor_time(), time.process_time()
        until = time.perf_counter() + seconds
        while time.perf_counter() < until:
            self._call(call)
            calls += 1
        measured = Measured(
            (self._processor_time() - server) / calls * 1e6,
            (time.process_time() - client) / calls * 1e6,
            first,
            self.messages / calls,
            install,
        )
        self.connection.rollback()
        return measured

    def _call(self, call: str) -> None:
        """As a recorder does: the call's changes are undone."""
        self.connection.execute("SAVEPOINT bench")
        self.connection.execute(call).fetchall()
        self.connection.execute("ROLLBACK TO bench")

    def _processor_time(self) -> float:
        return int(self.process.read_text("ascii").split()[0]) / 1e9


def main() -> None:
    """Print a table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=1.0, help="for each side of each routine in a round")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--binaries", type=Path)
    options = parser.parse_args()
    with PostgresServer(binaries=options.binaries) as server:
        dsn = server.create_database("bench")
        with psycopg.connect(dsn) as connection:
            connection.execute(SCHEMA)
            version = connection.info.server_version
        side = Side(dsn)
        say = print
        say(f"PostgreSQL {version // 10000}.{version % 10000}, Python {platform.python_version()},"
            f" {os.cpu_count()} processors, load {os.getloadavg()[0]:.1f}\n")  # fmt: skip
        say("| routine | side | server us | client us | x plain | first call us | messages | install ms |")
        say("| --- | --- | --- | --- | --- | --- | --- | --- |")
        for name, (source, call, note) in ROUTINES.items():
            table(name, note, lambda depth, source=source, call=call: side.measure(  # type: ignore[misc]
                source, call, depth, options.seconds), options.rounds)  # fmt: skip
        side.connection.close()


def table(name: str, note: str, measure: Callable[[Depth | None], Measured], rounds: int) -> None:
    """Measure the sides of one routine in turns and print them."""
    found: dict[str, list[Measured]] = {side: [] for side in SIDES}
    for _ in range(rounds):
        for side, depth in SIDES.items():
            found[side].append(measure(depth))
    plain = statistics.median(one.total for one in found["plain"])
    for side, ones in found.items():
        middle = sorted(ones, key=lambda one: one.total)[len(ones) // 2]
        print(
            f"| {name} ({note}) | {side} | {middle.server:.0f} | {middle.client:.0f} | {middle.total / plain:.2f}"
            f" | {statistics.median(one.first for one in ones):.0f}"
            f" | {middle.messages:.0f} | {middle.install:.1f} |"
        )


if __name__ == "__main__":
    main()
