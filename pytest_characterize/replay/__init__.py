"""The replay room: calling the candidate, and an observation of what it did. See :mod:`.calling`."""
