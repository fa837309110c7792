"""BILLSYS 2.3, the legacy billing system: PostgreSQL routines and a web front end."""
