"""The explain room: drifting results in, causes with one explanation each out. Pure.

:func:`pytest_characterize.explain.causes.causes` is its door.
"""
