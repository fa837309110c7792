"""Recorders: cassettes."""
