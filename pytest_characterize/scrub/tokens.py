"""The tokens that stand for secrets: equal where the secrets are equal, guessable by nobody without the key."""

from __future__ import annotations

import hashlib
import hmac
import re
from typing import Final

from pytest_characterize.codec import canonical
from pytest_characterize.errors import RecordingError
from pytest_characterize.values import Value

TOKEN: Final = re.compile(r"scrubbed:[a-z0-9-]+:[0-9a-f]{12}")


def hides_nothing(value: Value) -> bool:
    """Whether the value is nothing, or a token already: neither is replaced, so scrubbing twice is
    scrubbing once."""
    if type(value) is str:
        return not value or TOKEN.fullmatch(value) is not None
    return value is None or value == b""


def token(key: bytes | None, kind: str, secret: Value, path: str) -> str:
    """``scrubbed:<class>:<12 hex digits>``, keyed: personal data has few possible values to try.

    Raises:
        RecordingError: ``scrub-key-missing``, naming the path.
    """
    if not key:
        raise RecordingError(
            f"{path} holds a secret ({kind}), and there is no key to replace it with",
            slug="scrub-key-missing",
            hint="set CHARACTERIZE_SCRUB_KEY to a long random text that the team shares, or name the key "
            "in [tool.characterize.redaction] keep if it is no secret",
        )
    digest = hmac.new(key, canonical(secret), hashlib.sha256).hexdigest()
    return f"scrubbed:{kind}:{digest[:12]}"
