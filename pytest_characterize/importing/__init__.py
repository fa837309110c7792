"""Cases out of what other programs have written down, such as the logs of a database. See :mod:`.postgresql`."""
