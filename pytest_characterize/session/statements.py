"""The statements of a case: counted, and held to the limit that its test sets."""

from __future__ import annotations

from pytest_characterize.errors import ReplayError
from pytest_characterize.model import Difference, Kind, Observation
from pytest_characterize.sql.counting import StatementCount, StatementGroup
from pytest_characterize.values import ABSENT


def counted(
    file: str,
    limit: int | None,
    golden: Observation,
    observed: Observation,
    groups: tuple[StatementGroup, ...],
) -> StatementCount | None:
    """The statements of both sides; ``None`` where the candidate's could not be counted.

    Raises:
        ReplayError: ``statements-not-counted``: there is a limit, and nothing to hold it by.
    """
    if observed.queries is not None:
        return StatementCount(observed.queries, golden.queries, groups)
    if limit is None:
        return None
    raise ReplayError(
        f"{file}: queries= limits the candidate's SQL statements to {limit}, and nobody could count them",
        slug="statements-not-counted",
        hint="statements are counted through Django, or through SQLAlchemy where it is imported before the"
        " candidate is called; leave queries= out otherwise",
    )


def above_limit(limit: int | None, count: StatementCount | None) -> tuple[Difference, ...]:
    """The difference that more statements than allowed are."""
    if limit is None or count is None or count.candidate <= limit:
        return ()
    first = count.groups[0]
    legacy = ABSENT if count.legacy is None else count.legacy
    note = f"at most {limit} allowed; most often, {first.times} x {first.fingerprint.text}"
    return (Difference("$queries", Kind.EFFECT, legacy, count.candidate, note),)
