"""Record legacy behaviour, replay it on the Python successor, explain every drift.

What a test names is importable from here; everything else from the module that defines it.
"""

from pytest_characterize.descriptors import (
    Function,
    Http,
    Ignore,
    Login,
    Procedure,
    Query,
    Scenario,
    Secret,
    Tables,
    Tolerance,
    Unordered,
)

__all__ = [
    "Function",
    "Http",
    "Ignore",
    "Login",
    "Procedure",
    "Query",
    "Scenario",
    "Secret",
    "Tables",
    "Tolerance",
    "Unordered",
]
