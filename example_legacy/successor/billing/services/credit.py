"""The credit limit."""

from datetime import date
from decimal import Decimal

from billing.errors import CreditLimitExceeded, UnknownCustomer
from billing.models import CreditDecision, Customer
from billing.rules import rules
from billing.services.pricing import ZERO, open_amount


def release_order(customer_number: str, amount: Decimal, on: date) -> str:
    """Whether an order of this amount may go out: ``OK``, ``MANUAL`` or ``BLOCKED``.

    Raises:
        UnknownCustomer: nobody has this number.
        CreditLimitExceeded: the order would take the customer over the limit.
    """
    customer = Customer.objects.filter(pk=customer_number).first()
    if customer is None:
        raise UnknownCustomer(f"unknown customer {customer_number}")
    if not customer.is_active:
        return "BLOCKED"
    limit = rules.credit_limit(customer.credit_limit, rules.tenure_years(customer.customer_since, on))
    owed = total_open(customer) + amount
    if owed <= limit:
        return _decide(customer, amount, "OK")
    if rules.needs_manual_release(owed, limit, is_vip=customer.is_vip):
        return _decide(customer, amount, "MANUAL")
    raise CreditLimitExceeded(f"credit limit exceeded by {rules.to_cents(owed - limit)}")


def total_open(customer: Customer) -> Decimal:
    """What a customer owes altogether."""
    return sum((open_amount(invoice) for invoice in customer.invoices.all()), ZERO)


def _decide(customer: Customer, amount: Decimal, answer: str) -> str:
    CreditDecision.objects.create(customer=customer, amount=amount, answer=answer)
    return answer
