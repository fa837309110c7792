"""Mutants of PL/pgSQL and ``LANGUAGE sql`` routines.

:mod:`.places` tells where expressions, conditions and clauses are, :mod:`.operands` how far an operand reaches,
the modules named after what they change yield :class:`.changes.Change`, and :mod:`.making` makes mutants of them.
"""
