"""Changed sources of routines, installed on a connection."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

import psycopg

from pytest_characterize.errors import RecordingError


def install(
    connection: psycopg.Connection,
    variant: Mapping[str, str],
    known: Collection[str],
    what: str,
    *,
    before: Sequence[bytes] = (),
    after: Sequence[bytes] = (),
) -> None:
    """Install a variant of routines, all at once.

    Args:
        known: signatures that it may change.
        what: the signature of what is recorded, for messages.
        before: statements that are sent in front of it.
        after: statements that are sent behind it.

    Raises:
        RecordingError: ``variant-unknown`` or ``variant-broken``.
    """
    for name in variant:
        if name not in known:
            raise RecordingError(
                f"the variant names {name!r}, which is no source of {what}",
                slug="variant-unknown",
                hint="take the names from Recorder.sources(case)",
            )
    statements = [*before, *(text.encode() for text in variant.values()), *after]
    if not statements:
        return
    try:
        connection.execute(b";\n".join(statements))  # a text may end with a comment
    except psycopg.ProgrammingError as error:
        raise RecordingError(
            f"{', '.join(variant)}: the server does not take the variant: {error.diag.message_primary}",
            slug="variant-broken",
            hint="see which rules it changes, and that the role may replace the routine",
        ) from None
