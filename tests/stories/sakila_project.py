"""A rental shop: jOOQ's Sakila where it can be had, and one of our own making everywhere."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from pathlib import Path
from random import Random
from typing import Any

import psycopg
from psycopg.conninfo import conninfo_to_dict
from psycopg.rows import dict_row

from pytest_characterize_recorders.embedded.binaries import postgresql_binaries
from pytest_characterize_recorders.embedded.postgresql import PostgresServer
from tests.stories.project import Project, Run

PROJECT = Path(__file__).parent / "sakila"
FETCHED = os.environ.get("CHARACTERIZE_SAKILA", "")
"""Folder of a copy of github.com/jOOQ/sakila, which is no part of this project."""
SCRIPTS = ("postgres-sakila-schema.sql", "postgres-sakila-insert-data-using-copy.sql")

BALANCES = """
    SELECT customer_id AS customer, moment AS on FROM (
        SELECT customer_id, max(rental_date) AS latest,
            bool_or(return_date - rental_date > 3 * rental_duration * interval '1 day') AS replaced
        FROM rental JOIN inventory USING (inventory_id) JOIN film USING (film_id)
        WHERE rental_date < '2005-09-01' GROUP BY customer_id
    ) AS customers CROSS JOIN LATERAL (VALUES (latest), ('2005-08-01'), (latest - interval '1 second')) AS at (moment)
    ORDER BY replaced DESC, customer, moment LIMIT %s
"""
ITEMS = """
    SELECT inventory_id AS item FROM (
        SELECT inventory_id, state, row_number() OVER (PARTITION BY state ORDER BY inventory_id) AS place FROM (
            SELECT inventory_id, CASE WHEN count(rental_id) = 0 THEN 'never rented'
                WHEN count(return_date) < count(*) THEN 'out' ELSE 'back' END AS state
            FROM inventory LEFT JOIN rental USING (inventory_id) GROUP BY inventory_id
        ) AS states
    ) AS items ORDER BY place, state LIMIT %s
"""
FILMS = """
    SELECT film_id AS film, store_id AS store FROM inventory LEFT JOIN rental USING (inventory_id)
    GROUP BY film_id, store_id
    ORDER BY bool_or(rental_id IS NOT NULL AND return_date IS NULL) DESC, film, store LIMIT %s
"""
REWARDS = """
    SELECT purchases, amount::text FROM (
        SELECT count(*) AS number, sum(amount) AS total FROM payment WHERE payment_date > '2020-01-01'
        GROUP BY customer_id ORDER BY count(*) DESC, customer_id OFFSET 3 LIMIT 1
    ) AS customer CROSS JOIN LATERAL (VALUES
        (number - 1, total - 0.01), (number - 1, total), (0, 1), (number, total - 0.01), (1, 0), (1, 1), (999, 1),
        (number / 2, total / 2)
    ) AS cases (purchases, amount) LIMIT %s
"""
CASTS = (
    "SELECT film_id AS film FROM (SELECT DISTINCT film_id FROM film_actor) AS films ORDER BY film LIMIT %s"
)
LOANS = """
    SELECT rental_id AS rental, timestamp '2006-02-20 10:30' AS at FROM rental
    ORDER BY row_number() OVER (PARTITION BY return_date IS NULL ORDER BY rental_id), return_date IS NULL DESC LIMIT %s
"""
CHOICES = {
    "get_customer_balance": (BALANCES, 40),
    "item": (ITEMS, 30),
    "film": (FILMS, 20),
    "rewards_report": (REWARDS, 8),
    "group_concat": (CASTS, 10),
    "give_back": (LOANS, 10),
}
"""What each test asks, and of how many cases."""
MONTHS = [datetime(2004 + n // 12, n % 12 + 1, n + 1, 23, 59, 59) for n in range(14)]
MIGRATED = {
    "customer": "SELECT customer_id AS id, store_id AS store, first_name, last_name FROM customer",
    "payment": "SELECT payment_id AS id, customer_id, amount, payment_date AS paid FROM payment"
    " WHERE payment_date > '2020-01-01'",
}


@dataclass(frozen=True)
class Shop(Project):
    """A copy of the project."""

    @classmethod
    def copied(cls, folder: Path) -> Shop:
        """The project, without goldens."""
        shutil.copytree(PROJECT, folder, ignore=shutil.ignore_patterns("__pycache__"))
        return cls(folder)

    def record(self, fill: Callable[[str], None], share: int) -> Run:
        """Record one in ``share`` of the cases from a shop that ``fill`` makes; the server stops afterwards."""
        with PostgresServer() as server:
            address = server.create_database("shop")
            fill(address)
            _psql(address, PROJECT / "additions.sql")
            with psycopg.connect(address) as connection:
                self._keep("chosen.json", chosen(connection, share))
                self._keep("migrated.json", {name: _rows(connection, MIGRATED[name]) for name in MIGRATED})
            self.edit("pyproject.toml", "SHOP_HOST", str(conninfo_to_dict(address)["host"]))
            return self.pytest("--characterize-record=new", CHARACTERIZE_SOURCE_SHOP_DSN=address)

    def _keep(self, name: str, content: object) -> None:
        (self.folder / name).write_text(json.dumps(content, default=str), "utf-8")


def chosen(connection: psycopg.Connection, share: int) -> dict[str, list[dict[str, Any]]]:
    """Inputs by test."""
    found = {name: _rows(connection, text, -(-many // share)) for name, (text, many) in CHOICES.items()}
    return found | {"last_day": [{"moment": moment} for moment in MONTHS[: -(-len(MONTHS) // share)]]}


def _rows(connection: psycopg.Connection, text: str, *values: int) -> list[dict[str, Any]]:
    with connection.cursor(row_factory=dict_row) as cursor:
        return cursor.execute(text.encode(), values or None).fetchall()


def fill_fetched(address: str) -> None:
    """Sakila itself. Its schema is of PostgreSQL 8; what later servers do not know is passed over."""
    for script in SCRIPTS:
        _psql(address, Path(FETCHED) / "postgres-sakila-db" / script, "-v", "ON_ERROR_STOP=0")


def fill_own(address: str) -> None:
    """A shop of our own: the same rows in every run."""
    _psql(address, PROJECT / "own_schema.sql")
    with psycopg.connect(address) as connection:
        for table, rows in own_rows(Random(2005)).items():
            columns = ", ".join(rows[0])
            places = ", ".join(f"%({name})s" for name in rows[0])
            with connection.cursor() as cursor:
                cursor.executemany(f"INSERT INTO {table} ({columns}) VALUES ({places})".encode(), rows)
            key = f"{table}_id"
            if key in rows[0]:
                connection.execute(f"SELECT setval('{table}_{key}_seq', {len(rows)})".encode())


def own_rows(chance: Random) -> dict[str, list[dict[str, Any]]]:
    """Table -> rows; copies go out and come back in time, late by whole days, or never."""
    films = [
        {
            "film_id": number,
            "title": f"FILM {number}",
            "rental_duration": chance.randint(3, 7),
            "rental_rate": Decimal(chance.choice(["0.99", "2.99", "4.99"])),
            "replacement_cost": Decimal(chance.randint(9, 29)) + Decimal("0.99"),
        }
        for number in range(1, 31)
    ]
    actors = [
        {
            "actor_id": number,
            "first_name": chance.choice(["PENELOPE", "NICK", "ED"]),
            "last_name": f"NO{number}",
        }
        for number in range(1, 41)
    ]
    casts = [
        {"actor_id": actor, "film_id": film["film_id"]}
        for film in films
        for actor in sorted(chance.sample(range(1, 41), 4))
    ]
    customers = [
        {"customer_id": number, "store_id": number % 2 + 1, "first_name": "ANN", "last_name": f"DOE {number}"}
        | {"email": f"ann.{number}@example.com", "address_id": number}
        for number in range(1, 26)
    ]
    items = [
        {"inventory_id": number, "film_id": chance.randint(1, 30), "store_id": chance.randint(1, 2)}
        for number in range(1, 101)
    ]
    rentals = _loans(chance, films, items)
    payments = [
        {
            "payment_id": rental["rental_id"],
            "customer_id": rental["customer_id"],
            "staff_id": 1,
            "rental_id": rental["rental_id"],
            "amount": chance.choice(films)["rental_rate"],
            "payment_date": rental["rental_date"],
        }
        for rental in rentals
    ]
    return {
        "film": films,
        "actor": actors,
        "film_actor": casts,
        "customer": customers,
        "inventory": items,
        "rental": rentals,
        "payment": payments,
    }


def _loans(chance: Random, films: list[dict[str, Any]], items: list[dict[str, Any]]) -> list[dict[str, Any]]:
    loans: list[dict[str, Any]] = []
    for item in items[:-8]:
        days = films[item["film_id"] - 1]["rental_duration"]
        out = datetime(2005, 5, 24, 22, 53) + timedelta(minutes=chance.randint(0, 20_000))
        for place in range(chance.randint(1, 5)):
            kept = chance.choice([1, days, days + 1, days + 2, 3 * days, 3 * days + 1])
            back = out + timedelta(days=kept, seconds=chance.choice([-1, 0, 0, 1, 40_000]))
            is_out = place == 2 and chance.random() < 0.5
            loans.append(
                {
                    "rental_id": len(loans) + 1,
                    "rental_date": out,
                    "inventory_id": item["inventory_id"],
                    "customer_id": chance.randint(1, 25),
                    "return_date": None if is_out else back,
                    "staff_id": 1,
                }
            )
            if is_out:
                break
            out = back + timedelta(hours=chance.randint(1, 200))
    return loans


def _psql(address: str, script: Path, *options: str) -> None:
    program = postgresql_binaries() / "psql"
    done = subprocess.run(
        [program, "-X", "-q", "-v", "ON_ERROR_STOP=1", *options, "-f", script, "-d", address],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
