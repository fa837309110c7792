"""Bodies of HTTP messages as texts: which encoding they are in, and how to get the same bytes back."""

from __future__ import annotations

import codecs
import re
from typing import Final

_CHARSET: Final = re.compile(r"charset\s*=\s*[\"']?([\w.:-]+)", re.IGNORECASE)


def text_of(body: bytes, content_type: str = "") -> tuple[str, str]:
    """The body's text and its encoding; an encoding of ``""`` says that it is no text.

    UTF-8 if it is, else what the header says, else Latin-1, under which every byte is some character.
    Only encodings that give the same bytes back are taken (those of Python's escapes only warn that they
    do not).
    """
    declared = _CHARSET.search(content_type)
    charset = declared[1] if declared and "escape" not in declared[1].lower() else "latin-1"
    for encoding in ("utf-8", charset, "latin-1"):
        try:
            text = body.decode(encoding)
            if text.encode(encoding) == body:
                break
        except (UnicodeError, LookupError):
            continue
    binary = "\x00" in text and "multipart/" not in content_type.lower()
    return text, "" if binary else codecs.lookup(encoding).name
