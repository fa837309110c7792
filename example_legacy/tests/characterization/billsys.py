"""Where the old system lives: how a clerk opens a session, and which Python the accounting server has."""

import os

from pytest_characterize import Login, Secret

AS_CLERK = Login("/login", {"user": "clerk", "password": Secret("BILLSYS_PASSWORD")})

OLD_PYTHON = os.environ.get("BILLSYS_PYTHON", "python2.7")
