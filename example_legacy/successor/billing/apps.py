from django.apps import AppConfig


class BillingConfig(AppConfig):
    """The bounded context of billing."""

    name = "billing"
