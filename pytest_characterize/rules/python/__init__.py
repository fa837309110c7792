"""Rules of Python modules, whatever version of Python they are written for.

:mod:`.lexer` makes tokens, :mod:`.parser` the tree of statements, :mod:`.expressions` finds what decides within
expressions, :mod:`.statement_probes` and :mod:`.expression_probes` put probes there, :mod:`.text` is the text
that comes out, :mod:`.probes` the door.

Nothing here runs or imports the source, nor needs the interpreter that it is for: a module of Python 2.7 is
read as one of today is. What decides needs only Python's words and brackets, which have hardly changed.
"""
