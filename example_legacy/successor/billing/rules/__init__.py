"""The decisions of the business, gathered in one place; the services ask them and decide nothing themselves.

:data:`rules` is the one place that chooses between the first port and its correction.
"""

from django.conf import settings

from billing.rules.corrected import CorrectedRules
from billing.rules.first_port import Rules

rules: Rules = CorrectedRules() if settings.BILLING_CORRECTED_RULES else Rules()
