"""What the domain services refuse."""


class BillingError(Exception):
    """A request that billing turns down."""


class UnknownCustomer(BillingError):
    """There is no customer of that number."""


class CreditLimitExceeded(BillingError):
    """The order would take the customer over the credit limit."""


class InvalidRequest(BillingError):
    """There is no such month or region."""


class PeriodNotOpen(BillingError):
    """A month cannot be closed: it is closed, or an earlier one is open."""


class InvalidAgent(BillingError):
    """A sales agent that cannot be read, or of a group that does not exist."""


class BrokenFile(BillingError):
    """The bank has to send its file again."""


class UnreadableAmount(BillingError):
    """A text that should be an amount is none."""
