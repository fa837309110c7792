"""Everything this tool raises, in one tree.

::

    CharacterizeError                 the tool, or what it was given, is wrong
    +-- UsageError                    a marker, an option or a command line
    +-- ConfigurationError            pyproject.toml, the environment
    +-- UnsupportedValueError         a value that cannot be stored without loss
    +-- RecordingError                legacy could not be observed
    +-- StoreError                    a golden, manifest or cassette on the disk
    +-- ReplayError                   the candidate could not be observed
    LegacyContactError (BaseException)  the candidate reached for something outside the allow-list

A drift is none of these: the candidate is wrong and the tool is fine. It is a verdict, which the plugin
turns into pytest's own failure.

Every error carries a *slug*, which is a heading in ``docs/messages/``, and a *hint*: what to do next.
"""

from __future__ import annotations


class CharacterizeError(Exception):
    """The tool, its configuration or its input is wrong; never the system under test.

    Attributes:
        slug: stable name of the message, a heading in ``docs/messages/``.
        hint: the next step, one sentence in the imperative.
    """

    def __init__(self, message: str, *, slug: str, hint: str) -> None:
        super().__init__(message)
        self.message = message
        self.slug = slug
        self.hint = hint

    def __str__(self) -> str:
        return f"{self.message} [{self.slug}] hint: {self.hint}"

    def __reduce__(self) -> tuple[object, ...]:
        return (_rebuild, (type(self), self.message, self.slug, self.hint))


class UsageError(CharacterizeError):
    """A marker, an option or a command line asks for something that cannot be."""


class ConfigurationError(CharacterizeError):
    """``[tool.characterize]`` or the environment is wrong or incomplete."""


class UnsupportedValueError(CharacterizeError):
    """A value that cannot be written to a golden and read back unchanged."""


class RecordingError(CharacterizeError):
    """Legacy could not be observed: unreachable, refused, unknown."""


class StoreError(CharacterizeError):
    """A golden, a manifest or a cassette is missing, damaged, foreign or doubled."""


class ReplayError(CharacterizeError):
    """The candidate could not be observed; this says nothing about its behaviour."""


class LegacyContactError(BaseException):
    """The candidate tried to reach something outside the allow-list during replay.

    A ``BaseException``, so that a candidate's ``except Exception`` does not swallow it; the guard
    counts attempts as well, so swallowing it does not help either.
    """


def _rebuild(kind: type[CharacterizeError], message: str, slug: str, hint: str) -> CharacterizeError:
    return kind(message, slug=slug, hint=hint)
