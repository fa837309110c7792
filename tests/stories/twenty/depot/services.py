"""The old depot's rules in Python."""

from __future__ import annotations

import hashlib
import logging
from calendar import monthrange
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal

from django.db import IntegrityError, transaction
from django.db.models import Count, F, QuerySet, Sum
from django.db.models.functions import Coalesce

from depot.models import Bin, Customer, Entry, Part, Sale, Specimen

logger = logging.getLogger(__name__)

CENT = Decimal("0.01")


class DepotError(Exception):
    pass


class UnknownCustomer(DepotError):
    pass


class BlockedCustomer(DepotError):
    pass


class QuantityOutOfRange(DepotError):
    pass


class OutOfStock(DepotError):
    pass


class Overdrawn(DepotError):
    pass


class UnknownColumn(DepotError):
    pass


class DuplicatePart(DepotError):
    pass


@dataclass(frozen=True)
class Line:
    code: str
    price: Decimal
    stock: int


@dataclass(frozen=True)
class StockList:
    text: str
    value: Decimal


def cents(amount: Decimal) -> Decimal:
    return amount.quantize(CENT, ROUND_HALF_UP)


def net_price(gross: Decimal, percent: Decimal | None) -> Decimal | None:
    if percent is None:
        return None
    if percent >= 20:
        return cents(gross * Decimal("0.78"))
    return cents(gross - gross * percent / 100)


def specimens(start: int) -> QuerySet[Specimen]:
    return Specimen.objects.filter(pk__gte=start).order_by("pk")


def fingerprint(data: bytes, whole: bool) -> bytes:
    digest = hashlib.md5(data, usedforsecurity=False).digest()
    return digest if whole else digest[:4]


def customer_label(name: str | None, country: str | None) -> str | None:
    if name is None or country is None:
        return None
    short = name[:12].strip(" ").replace("&", "+")
    return f"{country.upper()[:3].rjust(3, '_')}{short[:10].ljust(10)}]"


def due_date(day: date, terms: int) -> date:
    due = day + timedelta(days=terms)
    if terms > 30:
        due = due.replace(day=monthrange(due.year, due.month)[1])
    return due + timedelta(days={5: 2, 6: 1}.get(due.weekday(), 0))


def months_between(since: date, on: date) -> int:
    return (on.year - since.year) * 12 + on.month - since.month - (on.day < since.day)


def customer_document(customer: int, on: date) -> dict | None:
    found = Customer.objects.filter(pk=customer).first()
    if found is None:
        return None
    months = months_between(found.since, on)
    grade = "gold" if months >= 60 else "new"
    return {"name": found.name, "active": found.is_active, "months": months, "grade": grade}


def credit_left(customer: int, amount: Decimal | None) -> dict:
    found = Customer.objects.get(pk=customer)
    asked = Decimal("10.00") if amount is None else amount
    left = found.credit - asked
    return {"amount": asked, "left": left, "blocked": not found.is_active or left < 0}


def dearest_parts(limit: int) -> list[Line]:
    parts = Part.objects.filter(is_retired=False).order_by("-price", "code")[:limit]
    return [Line(part.code, part.price, part.stock) for part in parts]


def account_statement(customer: int) -> tuple[dict, QuerySet, dict]:
    head = Customer.objects.values("name", "country").get(pk=customer)
    sales = Sale.objects.filter(customer=customer)
    lines = sales.order_by("-sold_on").values_list("part_id", "quantity", "total", "sold_on")
    foot = sales.aggregate(sales=Count("pk"), owed=Coalesce(Sum("total"), Decimal(0)))
    return head, lines, foot | {"owed": cents(foot["owed"])}


def reserve(code: str, quantity: int) -> int:
    reserved = min(quantity, Part.objects.get(pk=code).stock)
    if reserved == 0:
        logger.warning("nothing reserved")
    elif reserved < quantity:
        logger.warning("only %d reserved", reserved)
    return reserved


def check_order(customer: int, quantity: int) -> bool:
    found = Customer.objects.filter(pk=customer).first()
    if found is None:
        raise UnknownCustomer("no such customer")
    if not found.is_active:
        raise BlockedCustomer(f"customer {customer} is blocked")
    if not 1 <= quantity <= 100:
        raise QuantityOutOfRange("quantity out of range")
    return True


def unit_price(total: Decimal, pieces: int) -> tuple[Decimal | None, str]:
    try:
        price = (total / pieces).quantize(Decimal("0.0001"), ROUND_HALF_UP)
    except ArithmeticError:
        return None, "none"
    return price, "exact" if price * pieces == total else "rounded"


def stock_list(enough: int) -> StockList:
    text, value = "", Decimal("0.00")
    for part in Part.objects.order_by("code"):
        if part.stock == 0:
            continue
        text += part.code + ("!" if part.stock < enough else "") + ";"
        value += part.price * part.stock
        if value > 900:
            break
    return StockList(text, value)


def sell(customer: int, code: str, quantity: int, on: date) -> Decimal:
    part = Part.objects.get(pk=code)
    if part.stock < quantity:
        raise OutOfStock("out of stock")
    total = part.price * quantity
    if quantity >= 10:
        total = cents(total * Decimal("0.95"))
    sale = Sale.objects.create(customer_id=customer, part=part, quantity=quantity, total=total, sold_on=on)
    Part.objects.filter(pk=code).update(stock=F("stock") - quantity)
    Entry.objects.create(what=f"sale {code}", amount=total, sale=sale)
    return total


def put_in_bin(label: str, code: str, pieces: int) -> None:
    found, created = Bin.objects.get_or_create(label=label, defaults={"part_id": code, "pieces": pieces})
    if not created:
        found.part_id = code
        found.pieces += pieces
        found.save()


def forget_customer(customer: int) -> int:
    sales = Sale.objects.filter(customer=customer).count()
    found = Customer.objects.filter(pk=customer)
    if sales > 1:
        found.update(is_active=False, credit=0)
        return 0
    found.delete()
    return sales


def reprice(percent: Decimal) -> int:
    changed = []
    for part in Part.objects.filter(is_retired=False):
        price = cents(part.price * (1 + percent / 100))
        if price <= 130 and price != part.price:
            part.price = price
            changed.append(part)
    return Part.objects.bulk_update(changed, ["price"]) if changed else 0


def transfer_credit(giver: int, taker: int, amount: Decimal) -> bool:
    try:
        with transaction.atomic():
            Customer.objects.filter(pk=taker).update(credit=F("credit") + amount)
            Customer.objects.filter(pk=giver).update(credit=F("credit") - amount)
            if Customer.objects.get(pk=giver).credit < 0:
                raise Overdrawn
    except Overdrawn:
        done = False
    else:
        done = True
    Entry.objects.create(what="moved" if done else "refused", amount=amount)
    return done


def parts_by(column: str, least: int) -> QuerySet:
    if column not in ("title", "price", "stock"):
        raise UnknownColumn("no such column")
    return Part.objects.filter(stock__gte=least).order_by(column, "code").values("code", "title")


def owners(customer: int) -> Iterable[tuple[int, str]]:
    found = Customer.objects.filter(pk=customer).first()
    depth = 0
    while found is not None and depth <= 5:
        yield depth, found.name
        found, depth = found.owner, depth + 1


def new_part(code: str, title: str, price: Decimal) -> None:
    try:
        with transaction.atomic():
            Part.objects.create(code=code, title=title, price=price, stock=0, kilograms=0)
    except IntegrityError as error:
        raise DuplicatePart(f"there is a part {code}") from error
