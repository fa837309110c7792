"""Goldens with the legacy rows that a case read, from which a Django candidate builds its state."""

from __future__ import annotations

import json
from pathlib import Path

import psycopg
import pytest
from psycopg.conninfo import conninfo_to_dict

from pytest_characterize_recorders.embedded.postgresql import PostgresServer
from tests.plugin.project import Project
from tests.plugin.rule_projects import Legacy
from tests.plugin.test_django import DJANGO, SETTINGS

SQL = """
CREATE TABLE plan (id int PRIMARY KEY, title char(6));
CREATE TABLE customer (id int PRIMARY KEY, plan_id int REFERENCES plan, vip char(1), email text, password text);
CREATE TABLE ledger (no int PRIMARY KEY, customer_id int, amount numeric(8,2), old text);
INSERT INTO plan VALUES (1, 'basic'), (2, 'pro');
INSERT INTO customer VALUES (7, 1, 'Y', 'ada@example.com', 'lovelace'), (8, 2, 'N', NULL, 'hopper');
INSERT INTO ledger VALUES (1, 7, 10.00, 'x'), (2, 7, 2.50, 'y'), (3, 8, 4.00, 'z');
CREATE FUNCTION balance(number int) RETURNS numeric LANGUAGE sql AS $$
    SELECT coalesce(sum(CASE vip WHEN 'Y' THEN amount * 0.9 ELSE amount END), 0)::numeric(8,2)
    FROM customer c JOIN ledger l ON l.customer_id = c.id WHERE c.id = number
$$;
"""
MODELS = """
from django.db import models

class Plan(models.Model):
    title = models.CharField(max_length=6)

    class Meta:
        app_label = "stock"

class Customer(models.Model):
    plan = models.ForeignKey(Plan, on_delete=models.PROTECT)
    is_vip = models.BooleanField()
    email = models.CharField(max_length=40, null=True)
    password = models.CharField(max_length=80)

    class Meta:
        app_label = "stock"

class Entry(models.Model):
    customer = models.ForeignKey(Customer, on_delete=models.PROTECT)
    amount = models.DecimalField(max_digits=8, decimal_places=2)

    class Meta:
        app_label = "stock"
"""
TESTS = """
from decimal import Decimal

import pytest
from pytest_characterize import Given, Procedure
from stock.models import Customer, Entry, Plan

@pytest.fixture
def books(given, db):
    for table, model in (("plan", Plan), ("customer", Customer), ("ledger", Entry)):
        model.objects.bulk_create(model(**row) for row in given[table])

@pytest.mark.characterize(
    legacy=Procedure("balance", source="billing", given=Given(
        plan={"id": "customer.plan_id"},
        customer={"id": "number"},
        ledger={"customer_id": "number"},
    )),
    cases=[{"number": 7}, {"number": 8}, {"number": 9}],
)
def test_balance(number, given, books):
    assert list(given) == ["plan", "customer", "ledger"]
    assert Plan.objects.count() == Customer.objects.count() <= 1
    assert all(customer.plan.title in ("basic", "pro") for customer in Customer.objects.all())
    amounts = Entry.objects.values_list("amount", "customer__is_vip")
    return round(sum((a * (Decimal("0.9") if vip else 1) for a, vip in amounts), Decimal(0)), 2)
"""
EXTRA = """
[tool.characterize.sources.billing]
kind = "postgresql"
hosts = [%s]

[tool.characterize.tables.plan]
model = "stock.Plan"
columns = { id = "id", title = "title" }
padded = { title = 6 }

[tool.characterize.tables.customer]
model = "stock.Customer"
columns = { id = "id", plan_id = "plan", vip = "is_vip", email = "email", password = "password" }
translate.vip = { Y = true, N = false }

[tool.characterize.tables.ledger]
model = "stock.Entry"
columns = { no = "id", customer_id = "customer", amount = "amount" }
ignored = { old = "nobody reads it" }
"""
KEY = {"CHARACTERIZE_SCRUB_KEY": "0" * 32}


@pytest.fixture
def books(rule_server: PostgresServer, pytester: pytest.Pytester) -> Legacy:
    """A Django project whose cases are given legacy's rows; not recorded yet."""
    dsn = rule_server.create_database(f"given_{Path(pytester.path).name}")
    with psycopg.connect(dsn, autocommit=True) as connection:
        connection.execute(SQL.encode())
    host = json.dumps(conninfo_to_dict(dsn)["host"])
    project = Project.make(pytester, tests=TESTS).write("pyproject.toml", DJANGO + EXTRA % host)
    project.write("site_settings.py", SETTINGS.replace('ROOT_URLCONF = "stock.urls"', ""))
    project.write("stock/__init__.py", "").write("stock/models.py", MODELS)
    return Legacy(project, dsn)


def recorded(books: Legacy, how: str = "new") -> Project:
    env = {"CHARACTERIZE_SOURCE_BILLING_DSN": books.dsn, **KEY}
    run = books.project.record(how=how, env=env).exits(0)
    run.has("given rows: none in 1 case, e.g. number-9-", "plan, customer, ledger")
    return books.project


def test_a_django_candidate_builds_its_state_from_the_golden(books: Legacy) -> None:
    project = recorded(books)
    golden = json.loads(project.golden("number-7").read_text())
    assert set(golden["given"]) == {"plan", "customer", "ledger"}
    assert golden["scrubs"] == {"$given.customer[*].password": "password"}
    assert b"lovelace" not in b"".join(project.store().values())
    project.replay(env=KEY).exits(0).says("PASS", matched=3).complete()
    project.replay("-n2", env=KEY).exits(0).says("PASS", matched=3).complete()
    project.edit("tests/test_shop.py", '"0.9"', '"0.8"')
    run = project.replay(env=KEY).exits(1).says("DRIFT", matched=2, drifted=1)
    [difference] = [d for case in run.report["cases"] for d in case["differences"]]
    assert difference["path"] == "$"


def test_goldens_that_do_not_hold_what_is_asked_for(books: Legacy) -> None:
    project = recorded(books)
    books.run("UPDATE plan SET title = 'std' WHERE id = 2")
    env = {"CHARACTERIZE_SOURCE_BILLING_DSN": books.dsn, **KEY}
    project.record(how="rewrite", env=env).exits(0).has("2 unchanged, 1 changed (pending review)")

    project.edit("pyproject.toml", 'ignored = { old = "nobody reads it" }', "")
    run = project.replay(env=KEY).exits(1).no_traceback()
    assert run.problems() == {"given-column-unmapped"}
    run.has("[tool.characterize.tables.ledger] says nothing of old")

    project.edit("tests/test_shop.py", 'plan={"id": "customer.plan_id"}', 'plan={"id": "number"}')
    run = project.replay(env=KEY).exits(1).no_traceback()
    assert run.problems() == {"golden-outdated"}
    assert run.report["counts"]["unrecorded"] == 0, "the identity of a case does not know what it is given"


def test_a_declaration_that_cannot_be(books: Legacy) -> None:
    project = books.project.edit("tests/test_shop.py", '{"id": "number"}', '{"id": "nummer"}')
    run = project.record(env={"CHARACTERIZE_SOURCE_BILLING_DSN": books.dsn}).exits(4).no_traceback()
    run.has(
        "customer.id is 'nummer', which is neither an input nor a column of a given table", "[given-wrong]"
    )


def test_the_fixture_where_nothing_is_given(pytester: pytest.Pytester) -> None:
    project = Project.make(pytester).edit("tests/test_shop.py", "(quantity):", "(quantity, given):")
    run = project.recorded().replay().exits(1).no_traceback()
    assert run.problems() == {"given-undeclared"}


def test_a_kind_that_reads_no_rows(pytester: pytest.Pytester) -> None:
    project = Project.make(pytester)
    project.edit("tests/test_shop.py", '"legacy_shop:price"', '"legacy_shop:price", given=Given(a={})')
    project.edit("tests/test_shop.py", "import Function", "import Function, Given")
    project.record().exits(1).no_traceback().has("[given-unsupported]")
