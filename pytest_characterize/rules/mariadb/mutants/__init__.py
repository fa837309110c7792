"""Routines of MariaDB in which one thing is changed.

The operators are those of PL/pgSQL, as far as the dialects are alike; :mod:`.places` finds where they may change
something, :mod:`.making` leaves out what would be no SQL here.
"""
