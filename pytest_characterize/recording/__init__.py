"""The recording room: what a recorder is, and how it is found. See :mod:`.protocols` and :mod:`.loading`."""
