"""The old depot's procedures and their successors: the same tests for either of the old databases."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest
from depot import services

from pytest_characterize import Ignore, Procedure, Tables

SOURCE = "postgresql"
BINS = {"postgresql": "bin", "mariadb": "depot.bin"}[SOURCE]


def legacy(name: str, *tables: str) -> Procedure:
    return Procedure(name, source=SOURCE, effects=Tables(*tables) if tables else None)


@pytest.mark.characterize(
    legacy=legacy("net_price"),
    args={"p_gross": "gross", "p_percent": "percent"},
    cases=[
        {"gross": Decimal("100.0000"), "percent": Decimal("3.00")},
        {"gross": Decimal("0.2500"), "percent": Decimal("2.00")},
        {"gross": Decimal("-0.2500"), "percent": Decimal("2.00")},
        {"gross": Decimal("10.0000"), "percent": Decimal("20.00")},
        {"gross": Decimal("10.0000"), "percent": Decimal("25.00")},
        {"gross": Decimal("10.0000"), "percent": None},
    ],
)
def test_net_price(gross, percent):
    return services.net_price(gross, percent)


@pytest.mark.characterize(
    legacy=legacy("specimens"), args={"p_from": "start"}, cases=[{"start": 1}, {"start": 3}, {"start": 9}]
)
def test_specimens(start, depot):
    return services.specimens(start)


@pytest.mark.characterize(
    legacy=legacy("fingerprint"),
    args={"p_data": "data", "p_upper": "whole"},
    cases=[{"data": b"\x00\xff'", "whole": True}, {"data": b"", "whole": False}],
)
def test_fingerprint(data, whole):
    return services.fingerprint(data, whole)


@pytest.mark.characterize(
    legacy=legacy("customer_label"),
    args={"p_name": "name", "p_country": "country"},
    cases=[
        {"name": " Bolt & Sons Ltd", "country": "de"},
        {"name": "Ölwerk", "country": "AUT"},
        {"name": None, "country": "DE"},
        {"name": "Cog", "country": None},
    ],
)
def test_customer_label(name, country):
    return services.customer_label(name, country)


@pytest.mark.characterize(
    legacy=legacy("due_date"),
    args={"p_day": "day", "p_terms": "terms"},
    cases=[
        {"day": date(2024, 2, 28), "terms": 1},
        {"day": date(2024, 1, 31), "terms": 30},
        {"day": date(2024, 1, 31), "terms": 31},
        {"day": date(2023, 12, 1), "terms": 45},
        {"day": date(2024, 5, 31), "terms": 1},
        {"day": date(2024, 5, 31), "terms": 2},
    ],
)
def test_due_date(day, terms):
    return services.due_date(day, terms)


@pytest.mark.characterize(
    legacy=legacy("customer_document"),
    args={"p_id": "customer", "p_on": "on"},
    cases=[
        {"customer": 1, "on": date(2024, 2, 29)},
        {"customer": 2, "on": date(2024, 6, 15)},
        {"customer": 3, "on": date(2024, 2, 28)},
        {"customer": 9, "on": date(2024, 2, 28)},
    ],
)
def test_customer_document(customer, on, depot):
    return services.customer_document(customer, on)


@pytest.mark.characterize(
    legacy=legacy("credit_left"),
    args={"p_customer": "customer", "p_amount": "amount"},
    cases=[
        {"customer": 1, "amount": Decimal("0.01")},
        {"customer": 2, "amount": None},
        {"customer": 3, "amount": Decimal("0.00")},
        {"customer": 4, "amount": Decimal("80.00")},
        {"customer": 4, "amount": Decimal("80.01")},
    ],
)
def test_credit_left(customer, amount, depot):
    return {f"p_{name}": value for name, value in services.credit_left(customer, amount).items()}


@pytest.mark.characterize(
    legacy=legacy("dearest_parts"),
    args={"p_limit": "limit"},
    cases=[{"limit": 2}, {"limit": 9}, {"limit": 0}],
)
def test_dearest_parts(limit, depot):
    return services.dearest_parts(limit)


@pytest.mark.characterize(
    legacy=legacy("account_statement"),
    args={"p_customer": "customer"},
    cases=[{"customer": 1}, {"customer": 3}],
)
def test_account_statement(customer, depot):
    head, lines, foot = services.account_statement(customer)
    return [[head], lines, [foot]]


@pytest.mark.characterize(
    legacy=legacy("reserve"),
    args={"p_code": "code", "p_quantity": "quantity"},
    cases=[
        {"code": "BR-200", "quantity": 3},
        {"code": "BR-200", "quantity": 4},
        {"code": "CL-300", "quantity": 1},
    ],
    notices="depot",
)
def test_reserve(code, quantity, depot):
    return {"p_reserved": services.reserve(code, quantity)}


@pytest.mark.characterize(
    legacy=legacy("check_order"),
    args={"p_customer": "customer", "p_quantity": "quantity"},
    cases=[
        {"customer": 1, "quantity": 1},
        {"customer": 1, "quantity": 100},
        {"customer": 1, "quantity": 101},
        {"customer": 3, "quantity": 1},
        {"customer": 9, "quantity": 0},
    ],
    raises={
        "45010": services.UnknownCustomer,
        "45011": services.BlockedCustomer,
        "45012": services.QuantityOutOfRange,
    },
)
def test_check_order(customer, quantity, depot):
    return {"p_ok": services.check_order(customer, quantity)}


@pytest.mark.characterize(
    legacy=legacy("unit_price"),
    args={"p_total": "total", "p_pieces": "pieces"},
    cases=[
        {"total": Decimal("10.00"), "pieces": 4},
        {"total": Decimal("10.00"), "pieces": 3},
        {"total": Decimal("0.05"), "pieces": 8},
        {"total": Decimal("10.00"), "pieces": 0},
    ],
)
def test_unit_price(total, pieces):
    price, state = services.unit_price(total, pieces)
    return {"p_price": price, "p_state": state}


@pytest.mark.characterize(
    legacy=legacy("stock_list"), args={"p_enough": "enough"}, cases=[{"enough": 3}, {"enough": 8}]
)
def test_stock_list(enough, depot):
    found = services.stock_list(enough)
    return {"p_text": found.text, "p_value": found.value}


@pytest.mark.characterize(
    legacy=legacy("sell", "sale", "part", "journal"),
    args={"p_customer": "customer", "p_code": "code", "p_quantity": "quantity", "p_on": "on"},
    cases=[
        {"customer": 1, "code": "AX-100", "quantity": 9, "on": date(2024, 3, 1)},
        {"customer": 2, "code": "AX-100", "quantity": 10, "on": date(2024, 3, 1)},
        {"customer": 2, "code": "BR-200", "quantity": 4, "on": date(2024, 3, 1)},
        {"customer": 4, "code": "DR-400", "quantity": 7, "on": date(2024, 12, 31)},
    ],
    raises={"45020": services.OutOfStock},
)
def test_sell(customer, code, quantity, on, depot):
    return {"p_total": services.sell(customer, code, quantity, on)}


@pytest.mark.characterize(
    legacy=legacy("put_in_bin", BINS),
    args={"p_label": "label", "p_code": "code", "p_pieces": "pieces"},
    cases=[
        {"label": "A1", "code": "AX-100", "pieces": 2},
        {"label": "B12", "code": "DR-400", "pieces": -3},
        {"label": "NEW", "code": "CL-300", "pieces": 1},
    ],
)
def test_put_in_bin(label, code, pieces, depot):
    return services.put_in_bin(label, code, pieces)


@pytest.mark.characterize(
    legacy=legacy("forget_customer", "customer", "sale"),
    args={"p_id": "customer"},
    cases=[{"customer": 1}, {"customer": 2}, {"customer": 3}, {"customer": 9}],
)
def test_forget_customer(customer, depot):
    return services.forget_customer(customer)


@pytest.mark.characterize(
    legacy=legacy("reprice", "part"),
    args={"p_percent": "percent"},
    cases=[{"percent": Decimal("5.00")}, {"percent": Decimal("10.00")}, {"percent": Decimal("0.00")}],
)
def test_reprice(percent, depot):
    return {"p_changed": services.reprice(percent)}


@pytest.mark.characterize(
    legacy=legacy("transfer_credit", "customer", "journal"),
    args={"p_from": "giver", "p_to": "taker", "p_amount": "amount"},
    cases=[
        {"giver": 1, "taker": 2, "amount": Decimal("99.99")},
        {"giver": 4, "taker": 1, "amount": Decimal("80.00")},
        {"giver": 4, "taker": 1, "amount": Decimal("80.01")},
    ],
)
def test_transfer_credit(giver, taker, amount, depot):
    return {"p_done": services.transfer_credit(giver, taker, amount)}


@pytest.mark.characterize(
    legacy=legacy("parts_by"),
    args={"p_column": "column", "p_least": "least"},
    cases=[
        {"column": "title", "least": 0},
        {"column": "price", "least": 3},
        {"column": "stock", "least": 1},
        {"column": "code`; --", "least": 1},
    ],
    raises={"45040": services.UnknownColumn},
)
def test_parts_by(column, least, depot):
    return services.parts_by(column, least)


@pytest.mark.characterize(
    legacy=legacy("owners"),
    args={"p_id": "customer"},
    cases=[{"customer": 3}, {"customer": 1}, {"customer": 9}],
)
def test_owners(customer, depot):
    return list(services.owners(customer))


@pytest.mark.characterize(
    legacy=legacy("new_part", "part"),
    args={"p_code": "code", "p_title": "title", "p_price": "price"},
    cases=[
        {"code": "FL-600", "title": "Flange", "price": Decimal("0.10")},
        {"code": "AX-100", "title": "Axle", "price": Decimal("12.50")},
    ],
    raises={"23505": services.DuplicatePart, "23000": services.DuplicatePart},
    policy=[Ignore("$raised.message", reason="the databases name their own keys")],
)
def test_new_part(code, title, price, depot):
    return services.new_part(code, title, price)
