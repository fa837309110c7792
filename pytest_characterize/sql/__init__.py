"""SQL statements as behaviour: their fingerprints, and how they are shown. See :mod:`.fingerprints`."""
