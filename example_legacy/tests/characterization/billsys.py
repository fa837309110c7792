"""How a clerk opens a session in the old front end."""

from pytest_characterize import Login, Secret

AS_CLERK = Login("/login", {"user": "clerk", "password": Secret("BILLSYS_PASSWORD")})
