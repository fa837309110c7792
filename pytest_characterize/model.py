"""The vocabulary: cases, observations, goldens, differences, verdicts, results. All frozen.

The data's way through the house::

    given input --identity--> Case --recorder--> Observation --store--> Golden
    Golden + candidate's Observation --compare--> Difference... --session--> CaseResult
    CaseResult... --explain--> Drift groups --session.finish--> RunResult --report--> text, Markdown, JSON
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Literal, TypeAlias

from pytest_characterize.descriptors import Policy
from pytest_characterize.rulebook import RuleBook, Suspect
from pytest_characterize.rulemutants import Adequacy, Reproduction
from pytest_characterize.sql.counting import StatementCount
from pytest_characterize.values import Rows, Value

Origin: TypeAlias = Literal["given", "explored", "traffic"]


class Verdict(StrEnum):
    """How a case ended; exactly one a case."""

    MATCHED = "matched"
    DRIFTED = "drifted"
    WAIVED = "waived"
    EXPIRED = "expired"
    ERRORED = "errored"
    UNRECORDED = "unrecorded"
    UNPLAYED = "unplayed"
    SKIPPED = "skipped"

    @property
    def passes(self) -> bool:
        """Whether a case that ended so leaves the run green."""
        return self in (Verdict.MATCHED, Verdict.WAIVED)


class Kind(StrEnum):
    """What sort of difference; closed, most specific first where two would fit."""

    TYPE = "type"
    NULL = "null"
    EMPTY = "empty"
    ROUNDING = "rounding"
    SCALE = "scale"
    PADDING = "padding"
    WHITESPACE = "whitespace"
    CASE = "case"
    ENCODING = "encoding"
    TIMEZONE = "timezone"
    ORDER = "order"
    MISSING = "missing"
    EXTRA = "extra"
    STATUS = "status"
    HEADER = "header"
    ERROR = "error"
    MESSAGE = "message"
    NOTICE = "notice"
    EFFECT = "effect"
    VALUE = "value"


@dataclass(frozen=True, slots=True)
class Case:
    """One named input of one test.

    Attributes:
        id: sha256 (64 hex digits) of the canonical form of descriptor and scrubbed input.
        test: path of the test relative to the root and its qualified name, as in a pytest node id
            without parameters: ``tests/test_billing.py::TestTotals::test_invoice_total``.
        slug: a short readable name made from the input, safe in file names and node ids.
        input: scrubbed input by name.
        origin: who named the case.
    """

    id: str
    test: str
    slug: str
    input: Mapping[str, Value]
    origin: Origin = "given"

    @property
    def label(self) -> str:
        """Name of the case in node ids and file names: ``customer-7-1f0c33ab90de``."""
        return f"{self.slug}-{self.id[:12]}"


@dataclass(frozen=True, slots=True)
class Outcome:
    """How an execution ended.

    Attributes:
        how: ``returned`` (``value`` is any value), ``raised`` (a
            :class:`~pytest_characterize.values.Raised`) or ``responded`` (a
            :class:`~pytest_characterize.values.Response`).
    """

    how: Literal["returned", "raised", "responded"]
    value: Value


@dataclass(frozen=True, slots=True)
class Interaction:
    """One HTTP exchange as a cassette holds it: request and response, scrubbed."""

    method: str
    uri: str
    request_headers: tuple[tuple[str, str], ...]
    request_body: bytes
    status: int
    reason: str
    response_headers: tuple[tuple[str, str], ...]
    response_body: bytes


@dataclass(frozen=True, slots=True)
class Observation:
    """What one execution did.

    Attributes:
        outcome: what came back.
        effects: by effect name; ``{"tables": {"ledger": {"inserted": Rows, "deleted": Rows,
            "before": Rows, "after": Rows}}}`` (``before`` and ``after`` are the updated rows, paired by
            position). Only effects that were observed are present.
        notices: messages that the execution gave besides, as values in order.
        queries: number of SQL statements, ``None`` where it was not counted.
        interactions: the HTTP exchanges behind a ``responded`` outcome, oldest first.
    """

    outcome: Outcome
    effects: Mapping[str, Value] = field(default_factory=dict)
    notices: tuple[Value, ...] = ()
    queries: int | None = None
    interactions: tuple[Interaction, ...] = ()


@dataclass(frozen=True, slots=True)
class RuleHit:
    """A case exercised a legacy rule: the rule's id and how often."""

    rule: str
    count: int = 1


@dataclass(frozen=True, slots=True)
class Golden:
    """An accepted observation of legacy.

    Attributes:
        descriptor: the descriptor's whole value at recording time.
        hits: legacy rules that the case exercised.
        scrubs: paths whose values were replaced before storing, with the token's class.
        provenance: recorder, source, legacy version and such; nothing that varies without meaning.
        given: legacy table -> the rows that the case read, by the order of their key.
    """

    case: Case
    descriptor: Mapping[str, Value]
    observation: Observation
    hits: tuple[RuleHit, ...] = ()
    scrubs: Mapping[str, str] = field(default_factory=dict)
    provenance: Mapping[str, str] = field(default_factory=dict)
    given: Mapping[str, Rows] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Difference:
    """One disagreement between golden and candidate.

    Attributes:
        path: where; ``$`` is the returned value or the response (``$.status``, ``$.headers.location``,
            ``$.body.total``), ``$raised`` the exception, ``$effects`` the effects, ``$notices`` the notices.
        legacy: the golden's value there, :data:`~pytest_characterize.values.ABSENT` where there is none.
        candidate: the observed value there, likewise.
        note: one clause of evidence for the kind, or ``""``.
        order: of each item that the candidate has in another order, in the candidate's, where in legacy's it stands;
            -1 for one that legacy has not. Known only where the two were compared.
    """

    path: str
    kind: Kind
    legacy: Value
    candidate: Value
    note: str = ""
    order: tuple[int, ...] = field(default=(), compare=False)


@dataclass(frozen=True, slots=True)
class PolicyHit:
    """How often a declared loosening took a difference away in one case (0 is told as well)."""

    policy: Policy
    count: int


@dataclass(frozen=True, slots=True)
class Comparison:
    """What :func:`pytest_characterize.compare.compare` found: strict differences, and policy hits."""

    differences: tuple[Difference, ...]
    policy_hits: tuple[PolicyHit, ...] = ()


@dataclass(frozen=True, slots=True)
class Problem:
    """Why a case errored, is unrecorded or unplayed: an error of ours or a foreign one, told in text."""

    slug: str
    message: str
    hint: str = ""


@dataclass(frozen=True, slots=True)
class Likeness:
    """What some rule mutants say about a drifting case.

    Attributes:
        mutants: their ids.
        explains: positions of the case's differences that legacy with one of the mutants would not show against
            the candidate, ascending.
        complete: whether legacy with one of the mutants does just what the candidate did.
        touches: positions of further differences whose place the mutants change in the same way, as far as one
            can tell, but to something else.
        beyond: whether they also change places of other sorts, which the candidate leaves as they are.
    """

    mutants: tuple[str, ...]
    explains: tuple[int, ...]
    complete: bool
    touches: tuple[int, ...] = ()
    beyond: bool = False


@dataclass(frozen=True, slots=True)
class CaseResult:
    """A case and its one verdict.

    Attributes:
        test: as :attr:`Case.test`.
        case: the case's id (64 hex digits), ``""`` where the damage is such that nobody knows.
        label: as :attr:`Case.label`.
        input: the case's scrubbed input where it is known.
        golden: path of the golden relative to the root, POSIX separators; ``""`` where there is none.
        differences: what differs (drifted, waived, expired).
        problem: why it ended so (errored, unrecorded, unplayed, skipped).
        duration: seconds that the candidate took.
        source: name of the legacy source.
        raised: whether legacy ended in an error.
        hits: legacy rules that the case exercised while it was recorded.
        lines: the candidate's lines that ran, by file from the project's root; ``None`` if they were not traced.
        statements: the SQL statements that it took; ``None`` if they were not counted.
        likenesses: the rule mutants that do on this case, wholly or partly, what the candidate did; only where
            the case drifts and mutants were run on it.
        flow: whether the case is a scenario, whose outcome is a list of steps.
    """

    test: str
    case: str
    label: str
    verdict: Verdict
    legacy: str = ""
    input: Mapping[str, Value] = field(default_factory=dict)
    golden: str = ""
    differences: tuple[Difference, ...] = ()
    policy_hits: tuple[PolicyHit, ...] = ()
    problem: Problem | None = None
    provenance: Mapping[str, str] = field(default_factory=dict)
    recorded_at: str = ""
    duration: float = 0.0
    source: str = ""
    raised: bool = False
    hits: tuple[RuleHit, ...] = ()
    lines: Mapping[str, tuple[int, ...]] | None = None
    statements: StatementCount | None = None
    likenesses: tuple[Likeness, ...] = ()
    flow: bool = False


@dataclass(frozen=True, slots=True)
class DriftPlace:
    """One of the places where a cause shows: differences of one test, at one path, of one kind.

    Attributes:
        pattern: the differences' path with every index as ``[*]``.
        cases: how many cases show it.
        evidence: what all its differences have in common, in words (``legacy = 0.95 x candidate``).
        follows: whether it only follows from earlier steps of its scenarios, which the cause changed.
    """

    test: str
    pattern: str
    kind: Kind
    cases: int
    evidence: str = ""
    follows: bool = False


@dataclass(frozen=True, slots=True)
class DriftTest:
    """A test that a cause shows in.

    Attributes:
        legacy: what the test compares with.
        cases: labels of its cases that drift for this cause, in their order.
        of: how many cases it has in this run.
    """

    test: str
    legacy: str
    cases: tuple[str, ...]
    of: int


@dataclass(frozen=True, slots=True)
class DriftGroup:
    """One cause of drift: all differences with one explanation (``D1``, ``D2``, ... in the order of the report).

    Attributes:
        test: the test that has most of its cases; so do ``legacy``, ``pattern`` and ``kind`` tell where it shows
            most. All tests and places are in ``tests`` and ``places``, these first.
        cases: the drifting cases, by test and label.
        of: how many cases its tests have in this run.
        witness: the smallest case of that place, and its first difference there.
        evidence: what all differences of that place have in common, in words.
        suspects: legacy rules that may be behind it, likeliest first; empty where the evidence does not
            separate them.
        places: where it shows, most cases first; what only follows from earlier steps comes last.
        tests: the tests it shows in; their cases and their ``of`` add up to ``cases`` and ``of``.
        explanation: the rule mutant that does what the candidate does; ``None`` if none is known that does.
    """

    name: str
    test: str
    legacy: str
    pattern: str
    kind: Kind
    cases: tuple[CaseResult, ...]
    of: int
    witness: CaseResult
    difference: Difference
    evidence: str = ""
    suspects: tuple[Suspect, ...] = ()
    places: tuple[DriftPlace, ...] = ()
    tests: tuple[DriftTest, ...] = ()
    explanation: Reproduction | None = None


class RunVerdict(StrEnum):
    """What a whole run says."""

    PASS = "PASS"  # noqa: S105 - a verdict
    DRIFT = "DRIFT"
    INCOMPLETE = "INCOMPLETE"


@dataclass(frozen=True, slots=True)
class RunResult:
    """Everything a report may know about one replay.

    Attributes:
        verdict: ``DRIFT`` if any case drifted or its waiver expired; else ``INCOMPLETE`` if any case
            ended without evidence (errored, unrecorded, unplayed, skipped), if not everything was
            replayed, if there was nothing to replay, or if the legacy rules are
            :attr:`~pytest_characterize.rulebook.RuleBook.in_doubt`; else ``PASS``.
        complete: whether every case of store and code ended in a verdict in this run.
        incomplete_because: the reasons in words, empty if complete.
        results: every case, sorted by test and label.
        groups: the drifts by cause.
        provenance: versions of tool, Python and libraries, sources, seed.
        rules: coverage of the legacy rules.
        adequacy: whether the goldens would notice a changed rule.
    """

    verdict: RunVerdict
    complete: bool
    incomplete_because: tuple[str, ...]
    results: tuple[CaseResult, ...]
    groups: tuple[DriftGroup, ...]
    started_at: str
    duration: float
    provenance: Mapping[str, str] = field(default_factory=dict)
    rules: RuleBook = field(default_factory=RuleBook)
    adequacy: Adequacy = field(default_factory=Adequacy)

    def counts(self) -> dict[Verdict, int]:
        """Cases a verdict; every verdict is present, and the counts add up to ``len(results)``."""
        counts = dict.fromkeys(Verdict, 0)
        for result in self.results:
            counts[result.verdict] += 1
        return counts
