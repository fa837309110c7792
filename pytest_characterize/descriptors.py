"""What a test names: the legacy thing, its effects, and the declared loosenings. Frozen data only.

A descriptor knows no driver and opens nothing; a recorder found by the descriptor's ``kind`` does
(entry points ``pytest_characterize.recorders``). Third parties subclass :class:`Descriptor`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields
from decimal import Decimal
from functools import cached_property
from pathlib import PurePath
from typing import Any, ClassVar, TypeAlias

from pytest_characterize.formats import Format
from pytest_characterize.given import Given


@dataclass(frozen=True)
class Tables:
    """Effect: the row changes that a call makes in these legacy tables.

    >>> Tables("ledger", "audit").names
    ('ledger', 'audit')
    """

    probe: ClassVar[str] = "tables"
    names: tuple[str, ...]
    found: bool

    def __init__(self, *names: str) -> None:
        object.__setattr__(self, "names", names)
        object.__setattr__(self, "found", False)

    @classmethod
    def touched(cls) -> Tables:
        """Whichever tables a call changes: legacy's are found out, the candidate's are all that are mapped.

        >>> Tables.touched().found
        True
        """
        tables = cls()
        object.__setattr__(tables, "found", True)
        return tables


@dataclass(frozen=True)
class Secret:
    """A value that is read from the environment on both sides and never stored.

    Attributes:
        variable: name of the environment variable.
    """

    variable: str


@dataclass(frozen=True)
class Login:
    """A form post that opens a session before each recorded exchange; it is never stored.

    Attributes:
        path: where to post, relative to the source's base URL.
        form: fields; secrets as :class:`Secret`.
    """

    path: str
    form: Mapping[str, str | Secret]


@dataclass(frozen=True)
class Descriptor:
    """A legacy thing that can be observed, named by a test.

    Attributes:
        kind: which recorder observes it (the entry point's name).
        source: name of the configured legacy source; ``""`` where none is needed.
        effects: what else is observed around the call; not every kind has any.
        given: the legacy rows that a case reads; not every kind can tell them.
    """

    kind: ClassVar[str]
    observing: ClassVar[frozenset[str]] = frozenset(
        {"effects", "given", "login", "interpreter", "encoding", "files", "whole"}
    )
    """Fields that say how to observe, not what, of descriptors of any kind: they are no part of a case's identity."""
    unrecorded: ClassVar[frozenset[str]] = frozenset({"timeout"})
    """Fields that no observation depends on: they are no part of a golden either."""
    source: str = field(default="", kw_only=True)
    effects: Tables | None = field(default=None, kw_only=True)
    given: Given | None = field(default=None, kw_only=True)

    def identity(self) -> dict[str, Any]:
        """What is asked of legacy: the part of the descriptor that identifies a case."""
        return {name: value for name, value in self.as_value().items() if name not in self.observing}

    def as_value(self) -> Mapping[str, Any]:
        """The whole descriptor as a value, as a golden holds it; empty fields are left out."""
        return self._value

    @cached_property
    def _value(self) -> Mapping[str, Any]:
        """Asked once a case, and always the same."""
        names = [f.name for f in fields(self) if f.name not in self.unrecorded]
        found = {name: _plain(getattr(self, name)) for name in names}
        return {"kind": self.kind} | {
            name: value for name, value in found.items() if value not in ("", None, {})
        }


@dataclass(frozen=True)
class Function(Descriptor):
    """A Python callable of the legacy code base; it is imported while recording only.

    Which interpreter runs it is how it is observed, and not what is asked of it: cases keep their identity
    when legacy moves from one to another. Their goldens do not outlive it, as what they hold depends on it.

    Attributes:
        target: ``"package.module:qualified.name"``.
        interpreter: another interpreter for it: a name such as ``"python2.7"``, or the path of one, relative to
            the project, such as ``"legacy-venv/bin/python"``.
        encoding: there, in Python 2, the encoding of legacy's byte strings. Without it those in ASCII are
            texts, and the others bytes.
        timeout: there, seconds that one call may take (60 if not given).
    """

    kind = "function"
    target: str
    interpreter: str = field(default="", kw_only=True)
    encoding: str = field(default="", kw_only=True)
    timeout: float | None = field(default=None, kw_only=True)


@dataclass(frozen=True)
class Flow(Descriptor):
    """Several steps, taken one after the other by a test's script; all together are one case.

    Attributes:
        test: the test whose script it is. The marker fills it in: two flows without input are two cases.
    """

    test: str = field(default="", kw_only=True)


@dataclass(frozen=True)
class Scenario(Flow):
    """Several functions of one legacy module.

    Attributes:
        target: ``"package.module"``.
    """

    kind = "scenario"
    target: str


@dataclass(frozen=True)
class HttpScenario(Flow):
    """Several HTTP exchanges with a legacy application, in one session.

    >>> HttpScenario(source="web").identity()
    {'kind': 'http_scenario', 'source': 'web'}

    Attributes:
        login: opens the session before the first step.
    """

    kind = "http_scenario"
    login: Login | None = field(default=None, kw_only=True)


@dataclass(frozen=True)
class Procedure(Descriptor):
    """A stored function or procedure of a database source.

    Attributes:
        name: ``"name"`` or ``"schema.name"``.
    """

    kind = "procedure"
    name: str


@dataclass(frozen=True)
class Query(Descriptor):
    """A SQL statement of a legacy report.

    Attributes:
        sql: one statement; an input of the case is written ``%(name)s``.
        whole: so many rows are stored as they are (10,000 if not given); of more, their number, digests of
            all, and a few to look at.
    """

    kind = "query"
    sql: str
    whole: int | None = field(default=None, kw_only=True)


@dataclass(frozen=True)
class Http(Descriptor):
    """One HTTP exchange with a legacy application.

    ``{name}`` in ``path``, and in the texts of ``query``, ``form``, ``json`` and ``headers``, stands for
    an input of the case.

    >>> Http("GET", "/invoice/{invoice_id}", source="web").identity()
    {'kind': 'http', 'source': 'web', 'method': 'GET', 'path': '/invoice/{invoice_id}'}
    """

    kind = "http"
    method: str
    path: str
    query: Mapping[str, Any] = field(default_factory=dict, kw_only=True)
    form: Mapping[str, Any] = field(default_factory=dict, kw_only=True)
    json: Any = field(default=None, kw_only=True)
    headers: Mapping[str, str] = field(default_factory=dict, kw_only=True)
    login: Login | None = field(default=None, kw_only=True)


@dataclass(frozen=True)
class Command(Descriptor):
    """One run of a program, in an empty folder of its own.

    ``{name}`` in the texts of ``argv``, ``stdin``, ``environment`` and ``input_files`` stands for an input of
    the case.

    >>> Command(["sh", PurePath("legacy/close.sh"), "{month}"]).identity()
    {'kind': 'command', 'argv': ['sh', {'file': 'legacy/close.sh'}, '{month}']}

    Attributes:
        argv: the program and its arguments; a ``Path`` is a file of the project.
        environment: the variables that it gets, besides a few that are the same everywhere.
        input_files: what lies in the folder before, by name.
        files: patterns of the files that count afterwards, and how each is read.
        encoding: of ``stdin``, of texts in ``input_files``, and of what it prints; ``None`` where that is bytes.
        timeout: seconds that it may take (60 if not given).
    """

    kind = "command"
    argv: Sequence[str | PurePath]
    stdin: str | bytes = field(default="", kw_only=True)
    environment: Mapping[str, str | Secret] = field(default_factory=dict, kw_only=True)
    input_files: Mapping[str, str | bytes] = field(default_factory=dict, kw_only=True)
    files: Mapping[str, Format] = field(default_factory=dict, kw_only=True)
    encoding: str | None = field(default="utf-8", kw_only=True)
    timeout: float | None = field(default=None, kw_only=True)

    @property
    def line(self) -> str:
        """The command as people write it, unquoted."""
        words = [self.argv] if isinstance(self.argv, str) else self.argv
        return " ".join(word.as_posix() if isinstance(word, PurePath) else str(word) for word in words)


@dataclass(frozen=True)
class Ignore:
    """Policy: differences at or below ``path`` do not count. The reason is shown in every report."""

    path: str
    reason: str = field(kw_only=True)


@dataclass(frozen=True)
class Tolerance:
    """Policy: numbers at ``path`` may differ by ``absolute``, or by ``relative`` times the legacy value."""

    path: str
    absolute: Decimal | int | str = field(default=0, kw_only=True)
    relative: Decimal | int | str = field(default=0, kw_only=True)
    reason: str = field(kw_only=True)


@dataclass(frozen=True)
class Unordered:
    """Policy: the sequence at ``path`` is compared as a multiset."""

    path: str
    reason: str = field(kw_only=True)


Policy: TypeAlias = Ignore | Tolerance | Unordered


def _plain(value: Any) -> Any:
    """Descriptor fields as plain values; classes of this module become dictionaries."""
    match value:
        case Tables():
            return {"tables": "touched" if value.found else list(value.names)}
        case Secret():
            return {"secret": value.variable}
        case Login():
            return {"path": value.path, "form": _plain(value.form)}
        case PurePath():
            return {"file": value.as_posix()}
        case Format() | Given():
            return value.as_value()
        case Mapping():
            return {str(key): _plain(item) for key, item in value.items()}
        case list() | tuple():
            return [_plain(item) for item in value]
        case _:
            return value
