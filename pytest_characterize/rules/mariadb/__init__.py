"""Rules of MariaDB's and MySQL's routines and triggers.

:mod:`.lexer` makes tokens, :mod:`.header` finds where the body begins, :mod:`.parser` makes the tree of
statements, :mod:`.statement_probes` finds what decides, :mod:`.probes` puts counters there.
"""
