"""What goes on an envelope."""

import re
from dataclasses import dataclass

from billing.errors import UnknownCustomer
from billing.models import Customer
from billing.rules import rules

FIRM = re.compile(r"GmbH|OHG|Nachf\.")


@dataclass(frozen=True)
class AddressLabel:
    """The lines in the window of an envelope."""

    head: str
    name: str
    street: str | None
    place: str


def address_label(number: str, *, registered: bool) -> AddressLabel:
    """The label for a customer's letter.

    Raises:
        UnknownCustomer: nobody has this number.
    """
    customer = Customer.objects.filter(pk=number).first()
    if customer is None:
        raise UnknownCustomer(f"unknown customer {number}")
    words = ["REGISTERED"] if registered else []
    if FIRM.search(customer.name):
        words.append("Messrs")
    return AddressLabel(
        " ".join(words),
        customer.name,
        rules.street_line(customer.street),
        f"{customer.postcode} {customer.city}",
    )
