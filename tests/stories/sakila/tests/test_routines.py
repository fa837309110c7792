"""The old shop's routines and their successors."""

from __future__ import annotations

import json
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from rental import services
from rental.models import Actor

from pytest_characterize import Given, Ignore, Procedure, Query, Tables, Unordered

CHOSEN = json.loads(Path("chosen.json").read_text("utf-8"))
"""Test name -> inputs, chosen from the old shop's rows when they were recorded."""
COPIES = Given(
    inventory={"film_id": "film", "store_id": "store"},
    film={"film_id": "inventory.film_id"},
    rental={"inventory_id": "inventory.inventory_id"},
)
ITEM = Given(
    inventory={"inventory_id": "item"},
    film={"film_id": "inventory.film_id"},
    rental={"inventory_id": "item"},
)
NO_ORDER = Unordered("$", reason="the routine has no ORDER BY")


def cases(name: str) -> list[dict[str, Any]]:
    moments = ("on", "at", "moment")
    return [
        {key: datetime.fromisoformat(value) if key in moments else value for key, value in case.items()}
        for case in CHOSEN[name]
    ]


@pytest.mark.characterize(
    legacy=Procedure(
        "get_customer_balance",
        source="shop",
        given=Given(
            customer={"customer_id": "customer"},
            payment={"customer_id": "customer"},
            film={"film_id": "inventory.film_id"},
            inventory={"inventory_id": "rental.inventory_id"},
            rental={"customer_id": "customer"},
        ),
    ),
    args={"p_customer_id": "customer", "p_effective_date": "on"},
    cases=cases("get_customer_balance"),
)
def test_get_customer_balance(customer, on, shop):
    return services.customer_balance(customer, on)


@pytest.mark.characterize(
    legacy=Procedure("inventory_in_stock", source="shop", given=ITEM),
    args={"p_inventory_id": "item"},
    cases=cases("item"),
)
def test_inventory_in_stock(item, shop):
    return services.is_in_stock(item)


@pytest.mark.characterize(
    legacy=Procedure("inventory_held_by_customer", source="shop", given=ITEM),
    args={"p_inventory_id": "item"},
    cases=cases("item"),
)
def test_inventory_held_by_customer(item, shop):
    return services.held_by(item)


@pytest.mark.characterize(
    legacy=Procedure("film_in_stock", source="shop", given=COPIES),
    args={"p_film_id": "film", "p_store_id": "store"},
    cases=cases("film"),
    policy=[NO_ORDER],
)
def test_film_in_stock(film, store, shop):
    return services.copies(film, store, in_stock=True).values_list("pk", flat=True)


@pytest.mark.characterize(
    legacy=Procedure("film_not_in_stock", source="shop", given=COPIES),
    args={"p_film_id": "film", "p_store_id": "store"},
    cases=cases("film"),
    policy=[NO_ORDER],
)
def test_film_not_in_stock(film, store, shop):
    return services.copies(film, store, in_stock=False).values_list("pk", flat=True)


@pytest.mark.characterize(
    legacy=Procedure("last_day", source="shop"), args={"$1": "moment"}, cases=cases("last_day")
)
def test_last_day(moment):
    return services.last_day(moment)


@pytest.mark.characterize(
    legacy=Procedure("rewards_report", source="shop"),
    args={"min_monthly_purchases": "purchases", "min_dollar_amount_purchased": "amount"},
    cases=[case | {"amount": Decimal(case["amount"])} for case in CHOSEN["rewards_report"]],
    raises={"P0001": services.RewardsError},
    policy=[
        NO_ORDER,
        *(
            Ignore(f"$[*].{column}", reason="the successor does not keep it")
            for column in ("email", "address_id", "activebool", "create_date", "last_update", "active")
        ),
    ],
)
def test_rewards_report(purchases, amount, ledger):
    return [
        {
            "customer_id": customer.pk,
            "store_id": customer.store,
            "first_name": customer.first_name,
            "last_name": customer.last_name,
        }
        for customer in services.rewarded(purchases, amount)
    ]


@pytest.mark.characterize(
    legacy=Query(
        "SELECT group_concat(name) AS actors FROM (SELECT first_name || ' ' || last_name AS name"
        " FROM film_actor JOIN actor USING (actor_id) WHERE film_id = %(film)s ORDER BY actor_id) AS names",
        source="shop",
        given=Given(film_actor={"film_id": "film"}, actor={"actor_id": "film_actor.actor_id"}),
    ),
    cases=cases("group_concat"),
)
def test_group_concat(film, given, db):
    actors = Actor.objects.bulk_create(Actor(**row) for row in given["actor"])
    return [{"actors": services.cast(actors)}]


@pytest.mark.characterize(
    legacy=Procedure(
        "give_back",
        source="shop",
        effects=Tables("rental"),
        given=Given(
            rental={"rental_id": "rental"},
            inventory={"inventory_id": "rental.inventory_id"},
            film={"film_id": "inventory.film_id"},
        ),
    ),
    args={"p_rental_id": "rental", "p_at": "at"},
    cases=cases("give_back"),
)
def test_give_back(rental, at, shop):
    return services.give_back(rental, at)
