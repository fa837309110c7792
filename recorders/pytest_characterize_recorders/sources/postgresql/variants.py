"""Changed sources of routines, installed on a connection."""

from __future__ import annotations

from collections.abc import Collection, Mapping

import psycopg

from pytest_characterize.errors import RecordingError


def install(
    connection: psycopg.Connection, variant: Mapping[str, str], known: Collection[str], what: str
) -> None:
    """Install a variant of routines.

    Args:
        known: signatures that it may change.
        what: the signature of what is recorded, for messages.

    Raises:
        RecordingError: ``variant-unknown`` or ``variant-broken``.
    """
    for name, text in variant.items():
        if name not in known:
            raise RecordingError(
                f"the variant names {name!r}, which is no source of {what}",
                slug="variant-unknown",
                hint="take the names from Recorder.sources(case)",
            )
        try:
            connection.execute(text.encode())
        except psycopg.ProgrammingError as error:
            raise RecordingError(
                f"{name}: the server does not take the variant: {error.diag.message_primary}",
                slug="variant-broken",
                hint="see which rules it changes, and that the role may replace the routine",
            ) from None
