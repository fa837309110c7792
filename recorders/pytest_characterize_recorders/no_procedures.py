"""Sources whose procedures cannot be recorded, and why."""

from __future__ import annotations

from typing import Final, NoReturn

from pytest_characterize.descriptors import Descriptor, Procedure
from pytest_characterize.errors import RecordingError
from pytest_characterize.recording.protocols import RecordingContext

_WHY: Final = {
    "sqlite": (
        "SQLite has no procedures",
        "record a script as Query(..., effects=Tables(...))",
    ),
    "sqlalchemy": (
        "through SQLAlchemy nobody can keep a procedure from ending the transaction and changing legacy for good",
        "record the statements that it runs as Query(..., effects=Tables(...)), or use a source of kind"
        " 'postgresql' or 'mariadb'",
    ),
}


def no_procedures(descriptor: Descriptor, context: RecordingContext) -> NoReturn:
    """Refuse a procedure.

    Raises:
        RecordingError: ``procedure-unsupported``.
    """
    assert isinstance(descriptor, Procedure)
    assert context.source is not None
    why, hint = _WHY[context.source.kind]
    raise RecordingError(
        f"procedure {descriptor.name!r} cannot be recorded from source {context.source.name!r}: {why}",
        slug="procedure-unsupported",
        hint=hint,
    )
