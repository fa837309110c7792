"""accept, reject, prune, show: what a reviewer does with observations, one line of answer each."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Protocol, TypeVar

from pytest_characterize.errors import UsageError
from pytest_characterize.store.atomic_store import Store


class _Named(Protocol):
    """What can be chosen on the command line."""

    @property
    def test(self) -> str:
        """As in :attr:`~pytest_characterize.model.Case.test`."""

    @property
    def id(self) -> str:
        """The case's id."""

    @property
    def label(self) -> str:
        """The case's readable name."""


_E = TypeVar("_E", bound=_Named)


def accept(store: Store, cases: Sequence[str], *, everything: bool) -> Iterator[str]:
    """Make pending observations the new goldens."""
    with store.recording():
        for entry in _chosen(store.pending(), cases, everything, "pending observation"):
            yield f"accepted  {entry.test}  {entry.label}  {_relative(store, store.accept(entry))}"


def reject(store: Store, cases: Sequence[str], *, everything: bool) -> Iterator[str]:
    """Throw pending observations away; the goldens stay as they were."""
    with store.recording():
        for entry in _chosen(store.pending(), cases, everything, "pending observation"):
            store.reject(entry)
            yield f"rejected  {entry.test}  {entry.label}"


def prune(store: Store, cases: Sequence[str], *, everything: bool) -> Iterator[str]:
    """Delete goldens with their manifest lines and cassettes, one a name; ``--all`` would delete them all."""
    if everything:
        raise UsageError(
            "prune takes no --all", slug="prune-all", hint="name the cases that a replay called unplayed"
        )
    entries = tuple(entry for test in store.tests() for entry in store.shelf(test).entries)
    with store.recording():
        for entry in _one_each(entries, cases):
            store.remove(entry)
            yield f"pruned  {entry.test}  {entry.label}"


def show(store: Store, cases: Sequence[str], *, everything: bool) -> Iterator[str]:
    """Print goldens, and what is pending for the same cases."""
    entries = tuple(entry for test in store.tests() for entry in store.shelf(test).entries)
    pending = {entry.id: entry for entry in store.pending()}
    for entry in _chosen(entries, cases, everything, "golden"):
        yield f"# {entry.test}  {entry.label}  {entry.origin}, recorded {entry.recorded_at} by {entry.tool}"
        yield (store.root / entry.file).read_text("utf-8").rstrip()
        if entry.id in pending:
            yield f"# pending: {pending[entry.id].file}"


def _one_each(entries: Sequence[_E], cases: Sequence[str]) -> Sequence[_E]:
    """The goldens to delete: a name that fits several, and is not a whole test's, is refused."""
    for case in cases:
        found = [entry for entry in _chosen(entries, [case], False, "golden") if entry.test != case]
        if len(found) > 1:
            raise UsageError(
                f"{case!r} fits {len(found)} goldens, {found[0].label} and {found[1].label} among them",
                slug="prune-several",
                hint="name each by the first digits of its id; or the whole test, as pytest writes it",
            )
    return _chosen(entries, cases, False, "golden")


def _chosen(entries: Sequence[_E], cases: Sequence[str], everything: bool, what: str) -> Sequence[_E]:
    if bool(cases) == everything or "" in cases:  # an empty text is a part of every label
        raise UsageError(
            f"say which {what}: cases, none of them empty, or --all, and not both",
            slug="review-what",
            hint="name a case by the first digits of its id",
        )
    if everything:
        return entries
    chosen = []
    for case in cases:
        found = [
            entry for entry in entries if entry.id.startswith(case) or case in f"{entry.test}[{entry.label}]"
        ]
        if not found:
            raise UsageError(
                f"no {what} matches {case!r}",
                slug="review-no-match",
                hint=f"there are {len(entries)}; nothing was changed",
            )
        chosen += [entry for entry in found if entry not in chosen]
    return chosen


def _relative(store: Store, path: object) -> str:
    return str(path).removeprefix(f"{store.root}").lstrip("/\\").replace("\\", "/")
