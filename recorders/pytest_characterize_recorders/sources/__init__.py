"""Connections to legacy sources: one door a kind, with the checks that keep recording harmless."""
