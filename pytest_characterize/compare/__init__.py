"""The compare room: two observations in, differences with path, kind and evidence out. Pure.

:func:`pytest_characterize.compare.comparing.compare` is its door. Behind it:

==================  ===================================================================================
``walking``         the walk over two values at once, without recursion
``dispatch``        who compares what; ``plain`` for Python's own types
``leaves``          scalars, with detectors in ``numeric``, ``texts`` and ``times``
``mappings``        dictionaries, records, sets
``sequences``       lists, tuples; ``alignment`` and ``likeness`` find out which items belong together
``rows``            result sets and cells, read by ``natural`` (``postgresql``, ``mysql``, ``sqlite``: a dialect each)
``raised``          exceptions and database errors
``responses``       HTTP: status and headers; ``bodies`` by content type (``media``), with
                    ``json_documents``, ``html_documents``, ``xml_documents`` (``markup``, ``elements``)
``policies``        declared loosenings, by ``paths`` patterns
==================  ===================================================================================
"""
