"""Comments in legacy source that give a decision the name that people use for it.

``-- rule: BILL-007 tenure discount`` before a line, or at its end; ``# rule: ...`` in Python; ``//``, ``*`` and ``*>``
as well in measured files of any language. What follows
``rule:`` is a name only if it has a digit, so that prose ("rule: never on Fridays") is none.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from pytest_characterize.measured import KIND
from pytest_characterize.rules.dialects import dialect

_RULE: Final = re.compile(
    r"(?:--|//|/?\*|\*>|\#)[ \t]*rule:[ \t]*"
    r"(?P<id>(?=[^\s:]*\d)\w+(?:[-.]\w+)*):?"
    r"(?![^\s*])[ \t]*(?P<title>[^\n]*?)[ \t]*(?:\*/|$)",
    re.IGNORECASE | re.MULTILINE,
)


@dataclass(frozen=True, slots=True)
class Tag:
    """A business rule's name in a comment.

    Attributes:
        line: of the comment, counted as the routine's rules are.
        id: the name: ``BILL-007``.
        title: what the comment says after it.
    """

    line: int
    id: str
    title: str = ""


def tags(kind: str, text: str) -> tuple[Tag, ...]:
    """The names in a source's comments, in its order; none where it cannot be read.

    >>> tags("function", "def f(x):\\n    # rule: BILL-007 tenure discount\\n    if x > 5: ...")
    (Tag(line=2, id='BILL-007', title='tenure discount'),)

    Args:
        kind: the descriptor kind that the source was recorded for.
    """
    comments = _COMMENTS.get(kind, _in_python)
    return tuple(
        Tag(line + comment.count("\n", 0, match.start()), match["id"], match["title"])
        for line, comment in comments(text)
        for match in _RULE.finditer(comment)
    )


def _in_plpgsql(text: str) -> Iterator[tuple[int, str]]:
    """What stands between the tokens of the body, each with the line that it begins on."""
    from pytest_characterize.rules.plpgsql.header import HeaderError, read_header
    from pytest_characterize.rules.plpgsql.lexer import LexicalError, tokenize

    try:
        body = read_header(text).body
        tokens = tokenize(body)
    except (HeaderError, LexicalError):
        return
    yield from _between(body, [(token.start, token.end) for token in tokens])


def _in_procedure(text: str) -> Iterator[tuple[int, str]]:
    return _in_mariadb(text) if dialect(text) == "mariadb" else _in_plpgsql(text)


def _in_mariadb(text: str) -> Iterator[tuple[int, str]]:
    from pytest_characterize.rules.mariadb.header import read_settings
    from pytest_characterize.rules.mariadb.lexer import tokenize
    from pytest_characterize.rules.plpgsql.lexer import LexicalError

    settings = read_settings(text)
    create = text[settings.offset :]
    try:
        tokens = tokenize(create, settings.modes)
    except LexicalError:
        return
    yield from _between(create, [(token.start, token.end) for token in tokens])


def _in_python(text: str) -> Iterator[tuple[int, str]]:
    from pytest_characterize.rules.python import lexer

    try:
        tokens = lexer.tokenize(text)
    except lexer.LexicalError:
        return
    yield from _between(text, [(token.start, token.end) for token in tokens])


def _between(text: str, pieces: Sequence[tuple[int, int]]) -> Iterator[tuple[int, str]]:
    """What stands between pieces of a text, each with the line that it begins on."""
    line, at = 1, 0
    for start, end in (*pieces, (len(text), len(text))):
        if start > at:
            yield line, text[at:start]
        line += text.count("\n", at, max(at, end))
        at = max(at, end)


_COMMENTS: Final[Mapping[str, Callable[[str], Iterator[tuple[int, str]]]]] = {
    "procedure": _in_procedure,
    KIND: lambda text: iter([(1, text)]),
}
"""Descriptor kind -> what finds the comments in its sources; Python's for all others."""
