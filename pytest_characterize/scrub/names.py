"""Which names announce a secret: a built-in list, what the project adds, and what it keeps."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Final

from pytest_characterize.settings import Redaction

_PHRASES: Final = {
    "password": "password, passwd, passphrase, passcode, pwd, passwort, kennwort",
    "secret": "secret, secrets, secret id, client secret, credential, credentials",
    "token": "token, jwt, one time password, otp code, authorization code",
    "csrf": "csrf, xsrf, csrf token, xsrf token, csrfmiddlewaretoken, authenticity token, "
    "request verification token",
    "api-key": "api key, access key, secret key, secret access key, signing key, encryption key, "
    "subscription key, account key",
    "private-key": "private key",
    "authorization": "authorization",
    "cookie": "cookie, cookies, set cookie",
    "session": "session id, session key, session token, sessid, jsessionid, phpsessid, asp net session id",
    "ssn": "ssn, social security, social security number",
    "card": "card number, credit card, credit card number, cc number, cvv, cvc, cvv2, cvc2, "
    "card security code",
    "dsn": "dsn, connection string, database url",
}
_WHOLE: Final = {"pass": "password", "pin": "pin", "otp": "token", "auth": "authorization", "sid": "session"}
"""Too short or too common to mean a secret inside a longer name."""

_ENDINGS: Final = ("password", "passwd", "passphrase", "secret", "token", "apikey", "sessionid")
"""A word that ends so is written without a boundary: ``authtoken``."""

_HARMLESS: Final = frozenset(
    {
        "accepted", "age", "alg", "algorithm", "at", "attempts", "banner", "changed", "consent", "count",
        "created", "date", "day", "days", "disabled", "domain", "enabled", "endpoint", "expired",
        "expires", "expiration", "expiry", "field", "format", "header", "help", "id", "in", "label", "len",
        "length", "limit", "max", "min", "name", "notice", "path", "placeholder", "policy", "preferences",
        "required", "retries", "rotated", "settings", "state", "status", "strength", "time", "title",
        "ttl", "type", "types", "updated", "uri", "url", "valid", "validity", "verified", "version",
    }
)  # fmt: skip
"""A name that goes on to one of these tells something about a secret: ``token_type``, ``password_age``."""

_WORD: Final = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+|[^\W\d_A-Za-z]+")


def _joined(name: str) -> str:
    return "".join(_words(name))


def _words(name: str) -> list[str]:
    return [word.casefold() for word in _WORD.findall(name)]


_KINDS: Final = {
    _joined(phrase): kind for kind, phrases in _PHRASES.items() for phrase in phrases.split(", ")
}


class SecretNames:
    """The names of one project, in any spelling: ``API-Key``, ``api_key`` and ``apiKey`` are one."""

    def __init__(self, redaction: Redaction) -> None:
        self._added = {_joined(name): _slug(name) for name in redaction.fields}
        self._kept = {_joined(name) for name in redaction.keep}
        self.class_of = lru_cache(maxsize=4096)(self._class_of)
        """The class of the secret that a name announces, ``None`` if it announces none."""

    def keeps(self, name: str) -> bool:
        """Whether the project said that this is no secret."""
        return _joined(name) in self._kept

    def _class_of(self, name: str) -> str | None:
        words = _words(name)
        whole = "".join(words)
        if whole in self._added:
            return self._added[whole]
        if whole in self._kept:
            return None
        return _WHOLE.get(whole) or _announced(words)


def _announced(words: list[str]) -> str | None:
    """The class of the longest phrase among the words, unless what follows it makes it harmless."""
    for length in range(min(len(words), 4), 0, -1):
        for start in range(len(words) - length + 1):
            phrase = "".join(words[start : start + length])
            kind = _KINDS.get(phrase) or (_unseparated(phrase) if length == 1 else None)
            if kind is not None:
                rest = [word for word in words[start + length :] if not word.isdigit()]
                return None if rest and rest[-1] in _HARMLESS else kind
    return None


def _unseparated(word: str) -> str | None:
    return next((_KINDS[ending] for ending in _ENDINGS if word.endswith(ending)), None)


def _slug(name: str) -> str:
    return re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-") or "field"
