from decimal import Decimal


def invoice_total(customer_id, on):
    return customer_id * 10 * Decimal("0.95")
