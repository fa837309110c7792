"""Arguments of legacy's own routines, exchanged."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise
from typing import Final

from pytest_characterize.rulemutants import Operator
from pytest_characterize.rules.plpgsql.lexer import keywords
from pytest_characterize.rules.plpgsql.mutants.changes import Change, Edit
from pytest_characterize.rules.plpgsql.mutants.code import Code

KNOWN: Final = keywords(
    "coalesce greatest least nullif round trunc substr substring lpad rpad replace translate extract date_part "
    "date_trunc make_date make_time make_timestamp make_interval format concat concat_ws string_agg to_char "
    "to_date to_number mod power left right position trim btrim ltrim rtrim overlay numeric varchar char "
    "decimal row array values exists generate_series split_part strpos abs ceil ceiling floor sign sqrt exp ln log "
    "sum avg count min max length char_length upper lower initcap age now trim any all some in array_agg unnest"
)
"""Functions and words of the server's own, whose arguments nobody takes for each other."""


def changes(code: Code) -> Iterator[Change]:
    """Neighbouring arguments of one sort, each in the other one's place."""
    queries = {query.first for query in code.places.queries}
    for index in code.expressions.indexes():
        if code.words[index + 1] != "(" or code.words[index] in KNOWN:
            continue
        call = code.expressions.call(index)
        if call is None or code.words[call.first - 1] in ("into", "update", "table", "as", "::"):
            continue
        if call.first in queries:
            continue
        for one, other in pairwise(call.arguments):
            if code.sort(one) and code.sort(one) == code.sort(other):
                edits = (Edit(*one, code.raw(other)), Edit(*other, code.raw(one)))
                yield Change(Operator.SWAP, call.span, edits)
