"""The explain room: drifting results in, groups with one explanation each out. Pure.

``grouping`` says which drifts belong together, ``evidence`` what their values have in common. A further
explanation (the legacy rule behind a group, follow-ups of an earlier cause) is one more module beside
these two, asked by :func:`pytest_characterize.explain.grouping.group` for each group that it has made.
"""
