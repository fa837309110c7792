"""Words of SQL in any dialect, for fingerprints: total (no text is an error) and in linear time.

What a statement means is not asked, only where its literals, names and comments begin and end. Something that
is not closed reaches to the end of the text.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from enum import Enum
from functools import lru_cache
from typing import Final, NamedTuple, TypeAlias


class Sort(Enum):
    """What a token is; white space and comments are none."""

    LITERAL = "a literal or a placeholder"
    NAME = "a quoted name"
    WORD = "a keyword or a name"
    MARK = "an operator or punctuation"


Token: TypeAlias = tuple[Sort, str]
"""What a token is, and how it stands in the text."""


class Dialect(NamedTuple):
    """In what dialects disagree about where something ends.

    Attributes:
        backslash: ``\\'`` does not end a string.
        double: what double quotes enclose is a string.
        brackets: ``[...]`` is a quoted name.
        nested: comments hold comments.
        dollar: there are ``$tag$`` quotes.
        hash: ``#`` begins a comment, ``--`` does so only before white space, and what ``/*!`` holds is run.
        alternative: there are ``q'[...]'`` quotes.
    """

    backslash: bool = False
    double: bool = False
    brackets: bool = False
    nested: bool = True
    dollar: bool = True
    hash: bool = False
    alternative: bool = False


_STANDARD: Final = Dialect()
_MYSQL: Final = Dialect(backslash=True, double=True, nested=False, dollar=False, hash=True)
_MICROSOFT: Final = Dialect(brackets=True, dollar=False)
_DIALECTS: Final = {
    "mysql": _MYSQL,
    "mariadb": _MYSQL,
    "sqlite": Dialect(brackets=True, nested=False, dollar=False),
    "oracle": Dialect(nested=False, dollar=False, alternative=True),
    "microsoft": _MICROSOFT,
    "mssql": _MICROSOFT,
}


def dialect(name: str) -> Dialect:
    """The dialect that Django (``vendor``) or SQLAlchemy call so; PostgreSQL's where the name is unknown."""
    return _DIALECTS.get(name, _STANDARD)


_LETTER: Final = r"A-Za-z_\x80-\U0010ffff"
_SHUT: Final = {"(": ")", "[": "]", "{": "}", "<": ">"}
_COMMENT_EDGE: Final = re.compile(r"/\*|\*/")


def tokens(text: str, speech: Dialect = _STANDARD) -> Iterator[Token]:
    """The tokens of any text, in order."""
    scanned, position, end, sorts = _pattern(speech).finditer, 0, len(text), _PLAIN
    while position < end:
        for found in scanned(text, position):  # without gaps: the last alternative is any character
            group = found.lastgroup or ""
            sort = sorts.get(group)
            if sort is not None:
                yield sort, found[group]
            elif group == "comment":
                position = _after_comment(text, found.end(), speech)
                break
            elif group in ("dollar", "alternative"):
                position = _after_quote(text, found, group)
                yield Sort.LITERAL, text[found.start() : position]
                break
        else:
            return


_PLAIN: Final = {
    "literal": Sort.LITERAL,
    "name": Sort.NAME,
    "word": Sort.WORD,
    "rest": Sort.WORD,
    "mark": Sort.MARK,
}


def _after_comment(text: str, position: int, speech: Dialect) -> int:
    """Where the comment that was opened before ``position`` ends."""
    depth = 1
    while depth:
        edge = _COMMENT_EDGE.search(text, position)
        if edge is None:
            return len(text)
        position = edge.end()
        depth += -1 if edge[0] == "*/" else int(speech.nested)
    return position


def _after_quote(text: str, found: re.Match[str], group: str) -> int:
    """Where a quote that names its own end is over."""
    opened = found[group]
    shut = opened if group == "dollar" else _SHUT.get(opened[-1], opened[-1]) + "'"
    at = text.find(shut, found.end(group))
    return len(text) if at < 0 else at + len(shut)


@lru_cache(maxsize=16)
def _pattern(speech: Dialect) -> re.Pattern[str]:
    alternatives = _alternatives(speech)
    tokens = "|".join(f"(?P<{name}>{body})" for name, body in alternatives.items())
    return re.compile(rf"(?:{tokens})\s*+", re.DOTALL)


def skeleton(text: str, speech: Dialect = _STANDARD) -> str | None:
    """The text with ``?`` for each literal, or ``None`` where only its tokens tell: it has the same tokens else.

    Found without looking at tokens one by one, which takes a small part of the time.

    >>> skeleton("SELECT 'it''s' FROM t WHERE a=1")
    'SELECT ?  FROM t WHERE a=? \\n'
    """
    found: list[tuple[str, str]] = _pieces(speech).findall(text + _SENTINEL)
    *pieces, (last, swallowed), _ = found
    if swallowed or not last.endswith("\n") or any(rest for _, rest in pieces):
        return None
    return "".join([f"{piece}? " for piece, _ in pieces]) + last


_BRACKET: Final = r"|\["
_SENTINEL: Final = "\n0"
"""A literal behind a text: if it is not found as one, something in the text is not closed."""


@lru_cache(maxsize=16)
def _pieces(speech: Dialect) -> re.Pattern[str]:
    """What stands before a literal, and the literal; or, where that cannot be told, all the rest."""
    one = _alternatives(speech, closed=True)
    literal = rf"(?:{one['literal']})"
    unsure = rf"[$@'\"`{_LETTER}]|/\*{_BRACKET if speech.brackets else ''}"
    marks = rf"(?!{literal}|{unsure})(?:{one['mark']})"
    between = rf"{one['word']}|\s++|{one['space']}|{one['name']}|[,()=;](?![>])|\.(?![0-9])|{marks}"
    return re.compile(rf"((?:{between})*+)(?:{literal}|(.*))", re.DOTALL)


def _alternatives(speech: Dialect, *, closed: bool = False) -> dict[str, str]:
    """What a token may be, in this order.

    Args:
        closed: leave out quotes that reach to the end of the text.
    """
    end = r"(?!)" if closed else r"\Z"
    # every quantifier that can run far is possessive: nothing is ever read twice
    plain = rf"'[^']*+(?:''[^']*+)*+(?:'|{end})"
    escaping = rf"'(?:[^'\\]|\\.|'')*+(?:'|\\?{end})"
    double = rf'"(?:[^"\\]|\\.|"")*+(?:"|\\?{end})'
    quoted = rf'(?:[uU]&)?"[^"]*+(?:""[^"]*+)*+(?:"|{end})'
    strings = [rf"[eE]{escaping}", rf"(?:[nNbBxX]|[uU]&)?{escaping if speech.backslash else plain}"]
    names = [rf"`[^`]*+(?:``[^`]*+)*+(?:`|{end})"]
    (strings if speech.double else names).append(double if speech.double else quoted)
    if speech.brackets:
        names.append(rf"\[[^\]]*+(?:\]\][^\]]*+)*+(?:\]|{end})")
    space = [r"\s++", r"--(?=\s|\Z)[^\n\r]*+|\#[^\n\r]*+|/\*![0-9]*+|\*/" if speech.hash else r"--[^\n\r]*+"]
    prefixed = r"(?!(?:[eEnNbBxX]|[nN]?[qQ])'|[uU]&['\"])"
    tail = r"[\w$]*+" if speech.hash else r"[\w$\#]*+"
    return {
        "word": rf"{prefixed}@{{0,2}}[{_LETTER}]{tail}",
        "name": "|".join(names),
        "space": "|".join(space),
        "comment": r"/\*",
        "alternative": r"[nN]?[qQ]'[^\s]" if speech.alternative else "(?!)",
        "literal": "|".join(strings)
        + r"|%s(?![\w$])|%\([^()%]{1,60}\)s(?![\w$])|\$[0-9]++|\?(?![|&])[0-9]*+"
        + rf"|(?<!:):(?:[{_LETTER}]\w*+|[0-9]++)"
        + r"|0[xX][0-9A-Fa-f_]++|(?:[0-9][0-9_]*+(?:\.[0-9_]*+)?|\.[0-9][0-9_]*+)(?:[eE][+-]?[0-9]++)?",
        "dollar": rf"\$(?:[{_LETTER}][{_LETTER}0-9]*+)?\$" if speech.dollar else "(?!)",
        # what was not a string above is a word that looks like the beginning of one
        "rest": rf"[{_LETTER}]{tail}",
        "mark": r"<=>|->>|\#>>|!~\*|<>|<=|>=|!=|\|\||&&|->|\#>|@>|<@|\?\||\?&|@@|@\?|::|:=|=>|~\*|!~|~~|<<|>>|.",
    }
