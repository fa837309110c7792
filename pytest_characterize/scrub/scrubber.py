"""The door of the scrubber: values, interactions and observations without what must not be stored.

One key, two looks: first names and shapes decide what is replaced (here), then
:meth:`Scrubber.leaks` searches the text that is about to be written, by its looks alone.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property

from pytest_characterize.codec.encoding import enough_stack
from pytest_characterize.model import Interaction, Observation, Outcome
from pytest_characterize.scrub.leaks import Finding, find_leaks
from pytest_characterize.scrub.names import SecretNames
from pytest_characterize.scrub.walking import Walk
from pytest_characterize.settings import Redaction, Settings
from pytest_characterize.values import Value


@dataclass(frozen=True)
class Scrubber:
    """Replaces secrets by keyed tokens that are equal where the secrets are equal.

    A token is never replaced again, so scrubbing twice is scrubbing once. Whatever a secret's name
    announces becomes a token, structures as a whole; nothing (``None``, an empty text) stays nothing.

    >>> scrubber = Scrubber(Redaction(), b"key")
    >>> scrubber.value({"user": "ada", "password": "lovelace"})
    ({'user': 'ada', 'password': 'scrubbed:password:db3d2a41f923'}, {'$.password': 'password'})

    Attributes:
        redaction: what the project adds to the built-in lists and takes from them.
        key: from ``CHARACTERIZE_SCRUB_KEY``; needed only once something must be replaced.
    """

    redaction: Redaction
    key: bytes | None = field(repr=False)

    def value(self, value: Value) -> tuple[Value, dict[str, str]]:
        """The value without secrets, and path -> class of everything that was replaced.

        Raises:
            RecordingError: ``scrub-key-missing``; the same for the methods below.
        """
        walk = Walk(self._names, self.redaction, self.key)
        with enough_stack():
            return walk.value(value, ("$",)), walk.found

    def interaction(self, interaction: Interaction) -> tuple[Interaction, dict[str, str]]:
        """The exchange with allowed headers only and without secrets, and what was replaced."""
        walk = Walk(self._names, self.redaction, self.key)
        return walk.interaction(interaction, ("$",)), walk.found

    def observation(self, observation: Observation) -> tuple[Observation, dict[str, str]]:
        """The observation without secrets; paths begin as those of differences do."""
        walk = Walk(self._names, self.redaction, self.key)
        outcome = observation.outcome
        root = "$raised" if outcome.how == "raised" else "$"
        with enough_stack():
            clean = Observation(
                Outcome(outcome.how, walk.value(outcome.value, (root,))),
                effects=walk.effects(observation.effects),
                notices=tuple(
                    [
                        walk.value(notice, ("$notices", index))
                        for index, notice in enumerate(observation.notices)
                    ]
                ),
                queries=observation.queries,
                interactions=tuple(
                    [
                        walk.interaction(one, ("$interactions", index))
                        for index, one in enumerate(observation.interactions)
                    ]
                ),
            )
        return clean, walk.found

    def given(self, given: Mapping[str, Value]) -> tuple[dict[str, Value], dict[str, str]]:
        """Given rows by table without secrets, and what was replaced; a table ``tokens`` is no secret."""
        walk = Walk(self._names, self.redaction, self.key)
        clean = {table: walk.value(rows, ("$given", table)) for table, rows in given.items()}
        return clean, walk.found

    def leaks(self, text: str) -> list[Finding]:
        """What in the text looks like a secret nevertheless; a finding never holds it.

        ``keep`` silences guesses (high entropy, card numbers) about the values of a key.
        """
        return find_leaks(text, self._names.keeps)

    @cached_property
    def _names(self) -> SecretNames:
        return SecretNames(self.redaction)


def project_scrubber(settings: Settings, key: str) -> Scrubber:
    """The scrubber of a project: headers that it compares are kept.

    Args:
        key: content of ``CHARACTERIZE_SCRUB_KEY``, ``""`` if it is not set.
    """
    kept = (*settings.redaction.headers, *settings.headers)  # dropped on both sides, none would differ
    return Scrubber(replace(settings.redaction, headers=kept), key.encode() or None)
