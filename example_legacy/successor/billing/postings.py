"""The chart of accounts, as far as billing posts to it."""

from dataclasses import dataclass
from decimal import Decimal

from billing.models import Side

CASH = "1000"
BANK = "1200"
CARDS = "1360"
RECEIVABLES = "1400"
OVERPAYMENTS = "1718"
SMALL_DIFFERENCES = "2400"
DISCOUNTS = "4730"
DUNNING_FEES = "4890"

ACCOUNT_OF_METHOD = {"CSH": CASH, "CRD": CARDS}
"""Where money goes that comes in; by any other method it goes to the bank."""


@dataclass(frozen=True)
class Posting:
    """A line for the ledger."""

    account: str
    side: Side
    amount: Decimal
    text: str
