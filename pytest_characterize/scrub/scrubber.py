"""The door of the scrubber: values, interactions and observations without what must not be stored."""

from __future__ import annotations

import hashlib
import hmac
import re
from dataclasses import dataclass, replace
from typing import Any

from pytest_characterize.codec import canonical
from pytest_characterize.errors import RecordingError
from pytest_characterize.model import Interaction, Observation
from pytest_characterize.paths import join_path
from pytest_characterize.scrub.leaks import Finding, find_leaks
from pytest_characterize.settings import Redaction
from pytest_characterize.values import Value

_SECRET = re.compile(
    r"passw(or)?d|secret|token|api_?key|authorization|cookie|session_?id|csrf", re.IGNORECASE
)


@dataclass(frozen=True)
class Scrubber:
    """Replaces secrets by keyed tokens that are equal where the secrets are equal.

    Attributes:
        redaction: what the project adds to the built-in lists and takes from them.
        key: from ``CHARACTERIZE_SCRUB_KEY``; needed only once something must be replaced.
    """

    redaction: Redaction
    key: bytes | None

    def value(self, value: Value) -> tuple[Value, dict[str, str]]:
        """The value without secrets, and path -> class of everything that was replaced."""
        found: dict[str, str] = {}
        return self._walk(value, (), found), found

    def interaction(self, interaction: Interaction) -> tuple[Interaction, dict[str, str]]:
        """The exchange without secrets, and path -> class of everything that was replaced."""
        return interaction, {}

    def observation(self, observation: Observation) -> tuple[Observation, dict[str, str]]:
        """The observation without secrets, and path -> class of everything that was replaced."""
        value, found = self.value(observation.outcome.value)
        return replace(observation, outcome=replace(observation.outcome, value=value)), found

    def leaks(self, text: str) -> list[Finding]:
        """What in the text looks like a secret nevertheless."""
        return find_leaks(text)

    def _walk(self, value: Any, path: tuple[Any, ...], found: dict[str, str]) -> Value:
        if type(value) is list:
            return [self._walk(item, (*path, index), found) for index, item in enumerate(value)]
        if type(value) is not dict:
            return value
        result = {}
        for key, item in value.items():
            if isinstance(key, str) and _SECRET.search(key) and item is not None:
                found[join_path((*path, key))] = "secret"
                result[key] = self._token(item)
            else:
                result[key] = self._walk(item, (*path, key), found)
        return result

    def _token(self, value: Value) -> str:
        if self.key is None:
            raise RecordingError(
                "a secret must be replaced before it is stored, and there is no key to replace it with",
                slug="scrub-key-missing",
                hint="set CHARACTERIZE_SCRUB_KEY to a random text that the team shares",
            )
        digest = hmac.new(self.key, canonical(value), hashlib.sha256).hexdigest()
        return f"scrubbed:secret:{digest[:12]}"
