"""Recorders: sources."""
