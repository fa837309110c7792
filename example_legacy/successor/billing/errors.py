"""What the domain services refuse."""


class BillingError(Exception):
    """A request that billing turns down."""


class UnknownCustomer(BillingError):
    """There is no customer of that number."""


class CreditLimitExceeded(BillingError):
    """The order would take the customer over the credit limit."""


class UnreadableAmount(BillingError):
    """A text that should be an amount is none."""
