"""Billing: customers, invoices, payments, dunning."""
