"""Finding recorders and effect probes by entry point, only when a descriptor asks for them."""

from __future__ import annotations

from importlib.metadata import entry_points
from typing import cast

from pytest_characterize.errors import RecordingError
from pytest_characterize.recording.protocols import EffectProbe, RecorderFactory


def recorder_factory(kind: str, source_kind: str = "") -> RecorderFactory:
    """The recorder registered for a descriptor kind, at best for this kind of source.

    The entry point ``procedure.mariadb`` goes before ``procedure`` for a source of kind ``mariadb``.

    Raises:
        RecordingError: ``recorder-unknown`` or ``recorder-not-installed``.
    """
    group = "pytest_characterize.recorders"
    special = f"{kind}.{source_kind}"
    name = special if entry_points(group=group, name=special) else kind
    return cast(RecorderFactory, _load(group, name, "recorder"))


def effect_probe(name: str) -> EffectProbe:
    """The candidate-side probe registered for an effect.

    Raises:
        RecordingError: ``recorder-unknown`` or ``recorder-not-installed``.
    """
    return cast(EffectProbe, _load("pytest_characterize.effects", name, "effect probe"))


def _load(group: str, name: str, what: str) -> object:
    found = list(entry_points(group=group, name=name))
    if not found:
        known = ", ".join(sorted({point.name for point in entry_points(group=group)}))
        raise RecordingError(
            f"no {what} is registered for {name!r} (known: {known})",
            slug="recorder-unknown",
            hint=f"install the package that provides it, or check the entry points {group}",
        )
    try:
        return found[0].load()
    except ImportError as error:
        raise RecordingError(
            f"the {what} {name!r} needs a package that is not installed: {error}",
            slug="recorder-not-installed",
            hint=f"pip install 'pytest-characterize[all]', or the extra for {name}",
        ) from None
