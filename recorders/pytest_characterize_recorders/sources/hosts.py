"""Whether a host is one that a source may reach."""

from __future__ import annotations

import ipaddress
import re
from typing import Final

PRODUCTION: Final = re.compile(
    r"prod(?!u)|(?<![a-z])production|(?<![a-z])(?:prd|live|master)(?![a-z])", re.IGNORECASE
)
"""What names of production systems look like."""


def covers(entry: str, host: str, port: str) -> bool:
    """Whether an entry of a source's ``hosts`` allows the port of the host.

    >>> covers("legacy", "LEGACY", "80"), covers("legacy:8080", "legacy", "80")
    (True, False)
    """
    allowed, allowed_port = _split(entry)
    return _same_host(allowed, host) and allowed_port in ("", port)


def _split(entry: str) -> tuple[str, str]:
    bracketed = re.fullmatch(r"\[(.+)\](?::(\d+))?", entry)
    if bracketed:
        return bracketed[1], bracketed[2] or ""
    host, colon, port = entry.rpartition(":")
    return (host, port) if colon and ":" not in host else (entry, "")


def _same_host(one: str, other: str) -> bool:
    try:
        return ipaddress.ip_address(one) == ipaddress.ip_address(other)
    except ValueError:
        return one.rstrip(".").lower() == other.rstrip(".").lower()
