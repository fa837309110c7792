"""What the successor's tables hold: the old depot's rows, as its data migration left them."""

from __future__ import annotations

from datetime import date, datetime, time
from decimal import Decimal

from depot.models import Bin, Customer, Part, Sale, Specimen

CUSTOMERS = [
    (1, "Ada Holding", "DE", True, "5000.00", date(2015, 1, 31), None),
    (2, "Bolt & Sons", "DE", True, "120.50", date(2019, 6, 15), 1),
    (3, "Cog", "AT", False, "0.00", date(2020, 2, 29), 2),
    (4, "Dial", "FR", True, "80.00", date(2023, 12, 1), None),
]
PARTS = [
    ("AX-100", "Axle", "12.50", 40, 3.25, False),
    ("BR-200", "Bracket", "0.99", 3, 0.1, False),
    ("CL-300", "Clamp", "7.45", 0, 0.333, True),
    ("DR-400", "Drum", "120.05", 7, 14.0, False),
    ("EL-500", "Elbow", "2.25", 5, 0.5, False),
]
SALES = [
    (1, "AX-100", 2, "25.00", date(2024, 1, 31)),
    (1, "DR-400", 1, "120.05", date(2024, 2, 29)),
    (2, "BR-200", 10, "9.90", date(2024, 2, 1)),
    (4, "AX-100", 1, "12.50", date(2023, 12, 31)),
]


def load() -> None:
    """Fill the empty tables."""
    for key, name, country, active, credit, since, owner in CUSTOMERS:
        Customer.objects.create(
            pk=key,
            name=name,
            country=country,
            is_active=active,
            credit=Decimal(credit),
            since=since,
            owner_id=owner,
        )
    for code, title, price, stock, kilograms, retired in PARTS:
        Part.objects.create(
            code=code,
            title=title,
            price=Decimal(price),
            stock=stock,
            kilograms=kilograms,
            is_retired=retired,
        )
    for customer, code, quantity, total, day in SALES:
        Sale.objects.create(
            customer_id=customer, part_id=code, quantity=quantity, total=Decimal(total), sold_on=day
        )
    # the successor has handed out more numbers than the old depot has
    Sale.objects.create(
        pk=1000, customer_id=1, part_id="AX-100", quantity=1, total=0, sold_on=date.min
    ).delete()
    Bin.objects.create(label="A1", part_id="AX-100", pieces=40)
    Bin.objects.create(label="B12", part_id="BR-200", pieces=3)
    load_specimens()


def load_specimens() -> None:
    """One of every type, nothing of each, and values at the edges."""
    Specimen.objects.create(
        pk=1,
        small=-7,
        big=9007199254740993,
        amount=Decimal("12345.6700"),
        ratio=0.1,
        flag=True,
        fixed="ABCDE",
        label='Grüße, it\'s "x"',
        day=date(2024, 2, 29),
        moment=datetime(2024, 2, 29, 23, 59, 59, 1),
        clock=time(7, 8, 9),
        document={"tags": ["a", None], "n": 1.5},
    )
    Specimen.objects.create(pk=2)
    Specimen.objects.create(
        pk=3,
        small=32767,
        big=-1,
        amount=Decimal("-0.0001"),
        ratio=1e300,
        flag=False,
        fixed="abcde",
        label="",
        day=date(1999, 12, 31),
        moment=datetime(1999, 12, 31),
        clock=time(23, 59, 59),
        document=[],
    )
