"""The old shop's routines in Python."""

from __future__ import annotations

from calendar import monthrange
from collections import defaultdict
from collections.abc import Iterable
from datetime import date, datetime, timedelta
from decimal import Decimal

from django.conf import settings
from django.db.models import Exists, OuterRef, QuerySet

from rental.models import Actor, Customer, Item, Payment, Rental

NOTHING = Decimal("0.00")


class RewardsError(ValueError):
    pass


def customer_balance(customer: int, on: datetime) -> Decimal:
    rentals = Rental.objects.filter(customer=customer, rented__lte=on).select_related("item__film")
    payments = Payment.objects.filter(customer=customer, paid__lte=on)
    fees = sum((rental.item.film.rate + late_fee(rental) for rental in rentals), NOTHING)
    return fees - sum((payment.amount for payment in payments), NOTHING)


def late_fee(rental: Rental) -> Decimal:
    """A dollar for each whole day after the rental's time, and the film's cost if it took twice that time more."""
    if rental.returned is None:
        return NOTHING
    film = rental.item.film
    late = rental.returned - rental.rented - timedelta(days=film.days)
    fee = NOTHING
    if late >= timedelta(days=1):
        fee += late.days
    if settings.CHARGES_REPLACEMENT and late > timedelta(days=2 * film.days):
        fee += film.cost
    return fee


def is_in_stock(item: int) -> bool:
    return not Rental.objects.filter(item=item, returned=None).exists()


def held_by(item: int) -> int | None:
    return Rental.objects.filter(item=item, returned=None).values_list("customer", flat=True).first()


def copies(film: int, store: int, *, in_stock: bool) -> QuerySet:
    is_out = Exists(Rental.objects.filter(item=OuterRef("pk"), returned=None))
    found = Item.objects.filter(film=film, store=store)
    return found.exclude(is_out) if in_stock else found.filter(is_out)


def last_day(moment: datetime) -> date:
    return date(moment.year, moment.month, monthrange(moment.year, moment.month)[1])


def rewarded(purchases: int, amount: Decimal) -> QuerySet[Customer]:
    if purchases == 0:
        raise RewardsError("Minimum monthly purchases parameter must be > 0")
    if amount == 0:
        raise RewardsError("Minimum monthly dollar amount purchased parameter must be > $0.00")
    today = date.today()
    month = today.month - 3
    start = date(today.year - (month < 1), month + 12 * (month < 1), 1)
    paid = Payment.objects.filter(paid__date__range=(start, last_day(datetime(start.year, start.month, 1))))
    amounts = defaultdict[int, list[Decimal]](list)  # SQLite would add them up as floats
    for customer, one in paid.values_list("customer", "amount"):
        amounts[customer].append(one)
    return Customer.objects.filter(
        pk__in=[key for key, paid in amounts.items() if sum(paid) > amount and len(paid) > purchases]
    )


def cast(actors: Iterable[Actor]) -> str | None:
    return ", ".join(f"{actor.first_name} {actor.last_name}" for actor in actors) or None


def give_back(rental: int, at: datetime) -> bool:
    found = Rental.objects.filter(pk=rental, returned=None).first()
    if found is None:
        return False
    found.returned = at
    found.updated = datetime.now()
    found.save()
    return True
