"""Record legacy behaviour, replay it on the Python successor, explain every drift.

What a test names is importable from here; everything else from the module that defines it.
"""

from pytest_characterize.casefiles import cases_from
from pytest_characterize.descriptors import (
    Command,
    Function,
    Http,
    HttpScenario,
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
from pytest_characterize.formats import Binary, Csv, FixedWidth, Text
from pytest_characterize.given import Given

__all__ = [
    "Binary",
    "Command",
    "Csv",
    "FixedWidth",
    "Function",
    "Given",
    "Http",
    "HttpScenario",
    "Ignore",
    "Login",
    "Procedure",
    "Query",
    "Scenario",
    "Secret",
    "Tables",
    "Text",
    "Tolerance",
    "Unordered",
    "cases_from",
]
