"""Mutants of Python modules, whatever version of Python they are written for.

:mod:`.grammar` makes terms of the tokens of an expression, :mod:`.walk` goes through a module's functions,
:mod:`.constants` through what the module gives to names.
What may be changed there say :mod:`.branches`, :mod:`.statements`, :mod:`.operations`, :mod:`.calls`, :mod:`.values`
and :mod:`.literals`; :mod:`.changes` collects it, :mod:`.making` is the door.

Nothing here runs or imports the source. A changed text has every line where the source has it.
"""
