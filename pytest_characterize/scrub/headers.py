"""Which headers are kept at all; the rest may hold what nobody thought of."""

from __future__ import annotations

from typing import Final

REQUEST: Final = frozenset(
    {
        "accept", "accept-charset", "accept-encoding", "accept-language", "cache-control",
        "content-disposition", "content-encoding", "content-language", "content-type", "expect",
        "if-match", "if-modified-since", "if-none-match", "if-range", "if-unmodified-since", "origin",
        "pragma", "prefer", "range", "referer", "soapaction", "x-http-method-override", "x-requested-with",
    }
)  # fmt: skip
RESPONSE: Final = frozenset(
    {
        "accept-ranges", "access-control-allow-credentials", "access-control-allow-headers",
        "access-control-allow-methods", "access-control-allow-origin", "access-control-expose-headers",
        "access-control-max-age", "allow", "cache-control", "content-disposition", "content-encoding",
        "content-language", "content-location", "content-range", "content-security-policy", "content-type",
        "cross-origin-opener-policy", "deprecation", "etag", "expires", "last-modified", "link",
        "location", "pragma", "preference-applied", "referrer-policy", "refresh", "retry-after",
        "set-cookie", "strict-transport-security", "sunset", "vary", "warning", "www-authenticate",
        "x-content-type-options", "x-frame-options", "x-xss-protection",
    }
)  # fmt: skip
