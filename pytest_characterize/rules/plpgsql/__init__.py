"""Rules of PL/pgSQL routines, and of the ``CASE`` expressions in ``LANGUAGE sql`` ones.

:mod:`.lexer` makes tokens, :mod:`.parser` the tree of statements, :mod:`.points` finds what decides,
:mod:`.probes` puts probes there, :mod:`.messages` reads what they say.
"""
