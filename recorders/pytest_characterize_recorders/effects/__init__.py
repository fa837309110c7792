"""Recorders: effects."""
