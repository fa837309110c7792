"""Recorders: embedded."""
