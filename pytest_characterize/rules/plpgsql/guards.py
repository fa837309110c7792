"""Variables of ours in a routine: what has been reported, and what has happened in this call.

What has been reported is a set of bits that outlives the call: a setting, local to the transaction, keeps it,
so that a routine that a query calls for each row reports each rule once, too.

Every instrumented routine gets the same number of variables, after its own, because the server numbers
variables and names one by its number in a message or two (see :func:`.text.restore`).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

VARIABLES: Final = 3
"""How many variables a routine gets."""

COUNT: Final = '"~pcn"'
"""The variable that takes a row count where ``FOUND`` does not tell."""

PROCESS: Final = "pc.process"
"""The setting that names the process of the session; workers of a parallel query inherit it."""

NO_WORKER: Final = (
    f"pg_catalog.current_setting('{PROCESS}',true) OPERATOR(pg_catalog.=) pg_catalog.pg_backend_pid()::TEXT"
)
"""A condition: this is the session's own process, which may change settings; a worker may not."""

WIDTH: Final = 62
"""Guards that fit into a ``bigint``; the others are forgotten with the call."""

_BITS: Final = '"~pc"'
_ARRAY: Final = '"~pca"'


@dataclass(frozen=True, slots=True)
class Guard:
    """Remembers that something has been reported: in this transaction, or beyond :data:`WIDTH` in this call.

    Attributes:
        setting: where the bits of the routine are kept.
    """

    number: int
    setting: str

    def once(self, code: str) -> str:
        """The code, run the first time only."""
        if self.number >= WIDTH:
            flag = Flag(self.number)
            return f"IF {flag.unset} THEN {flag.set}{code}END IF;"
        bit = 1 << self.number
        bits = f"{_BITS} | {bit}"
        kept = f"pg_catalog.set_config('{self.setting}',({bits})::TEXT,true)::BIGINT"
        keep = f"{_BITS}:=CASE WHEN {NO_WORKER} THEN {kept} ELSE {bits} END;"
        return f"IF {_BITS} & {bit} = 0 THEN {keep}{code}END IF;"


@dataclass(frozen=True, slots=True)
class Flag:
    """Tells whether something has happened in this call."""

    number: int

    @property
    def unset(self) -> str:
        """A condition: it has not happened."""
        return f"{_ARRAY}[{self.number}] IS NULL"

    @property
    def set(self) -> str:
        """A statement: it has happened."""
        return f"{_ARRAY}[{self.number}]:=TRUE;"

    @property
    def clear(self) -> str:
        """A statement: forget it."""
        return f"{_ARRAY}[{self.number}]:=NULL;"


def declarations(setting: str) -> str:
    """The declarations of the variables; ``setting`` is empty where nothing needs to be remembered."""
    kept = f"COALESCE(NULLIF(pg_catalog.current_setting('{setting}',true),'')::BIGINT,0)"
    return f"{_BITS} BIGINT{':=' + kept if setting else ''};{_ARRAY} BOOLEAN[];{COUNT} BIGINT;"
