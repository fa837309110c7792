"""Where a difference is, and patterns that say where a policy holds.

While walking, a path is a chain of steps, so that equal leaves cost nothing; it becomes text only where
something differs. The text is that of :mod:`pytest_characterize.paths`: ``$.lines[2].price``,
``$["odd key"]``, and for markup ``$.body/html/body/table/tr[2]/td[3]``.

Patterns
--------
A pattern begins with a root, ``$`` (the returned value or the response), ``$raised``, ``$effects`` or
``$notices``, and goes on with steps:

===================  =====================================================================
``.name``            a key, a field, a column; ``["any text"]`` where it is no plain name
``[3]``              an index, or a key that is no text, by its text
``.*``  ``[*]``      any one step
``.**``              any number of steps, none included
``/td``  ``/td[3]``  markup: every ``td``; the third one (counted from 1, as XPath does)
``/@href``           markup: an attribute
``/*``  ``/**``      as ``.*`` and ``.**``
===================  =====================================================================
"""

from __future__ import annotations

import json
import re
from functools import lru_cache
from typing import Any, Final, TypeAlias

from pytest_characterize.errors import UsageError
from pytest_characterize.paths import show_part


class Token(str):
    """A step whose text is known already, punctuation included."""

    __slots__ = ()


Step: TypeAlias = Any
"""An index (int), a key (any hashable value), or a :class:`Token`."""

Path: TypeAlias = "tuple[Path | None, Step]"
"""The path of the container, and the step from there."""

RETURNED: Final[Path] = (None, Token("$"))
RAISED: Final[Path] = (None, Token("$raised"))
EFFECTS: Final[Path] = (None, Token("$effects"))
NOTICES: Final[Path] = (None, Token("$notices"))

_BARE_KEY: Final = re.compile(r"[\w.:+-]+", re.ASCII)
_QUOTED: Final = r'"(?:[^"\\]|\\.)*"'
_STEP: Final = re.compile(
    rf'\.[\w-]+|\[(?:{_QUOTED}|[^\[\]"]*)\]|/@?(?:{_QUOTED}|[\w:.()-]+)(?:\[\d+\])?', re.ASCII
)
_DEEP: Final = None
"""The step ``**``."""
_PLAIN_TAG: Final = re.compile(r"[\w:.()-]+", re.ASCII)

_ROOT: Final = re.compile(r"\$(?:raised|effects|notices)?(?![\w])")
_PART: Final = re.compile(
    rf"""
      [./](?P<deep>\*\*)
    | (?P<any>\.\*|\[\*\]|/\*)
    | \.(?P<name>[^\s.*/\[\]"']+)
    | \[(?P<double>{_QUOTED})\]
    | \['(?P<single>[^'\\]*)'\]
    | \[(?P<bare>[\w.:+-]+)\]
    | /(?P<attribute>@?)(?P<tag>[\w:.()-]+)(?:\[(?P<nth>\d+|\*)\])?
    """,
    re.VERBOSE,
)


def render(path: Path) -> str:
    """The path's text."""
    steps = []
    here: Path | None = path
    while here is not None:
        here, step = here
        steps.append(step if type(step) is Token else _show(step))
    return "".join(reversed(steps))


def markup_step(name: str, nth: int = 0, *, attribute: bool = False) -> Token:
    """The step to an element or attribute; ``nth`` counts from 1, and 0 leaves it out."""
    shown = name if _PLAIN_TAG.fullmatch(name) else json.dumps(name)
    return Token(f"/{'@' if attribute else ''}{shown}{f'[{nth}]' if nth else ''}")


class Pattern:
    """A compiled pattern.

    >>> Pattern("$.lines[*].price").at("$.lines[2].price")
    True
    >>> Pattern("$.lines").covers("$.lines[2].price")
    True

    Raises:
        UsageError: ``policy-bad-path``.
    """

    def __init__(self, pattern: str) -> None:
        self._root, self._steps = _compiled(pattern)

    def at(self, path: str) -> bool:
        """Whether the pattern names exactly this path."""
        return self._fits(path, self._steps)

    def covers(self, path: str) -> bool:
        """Whether the pattern names this path or one above it."""
        return self._fits(path, (*self._steps, _DEEP))

    def _fits(self, path: str, wanted: tuple[re.Pattern[str] | None, ...]) -> bool:
        """Glob matching in one pass: after a failure only the last ``**`` takes one step more."""
        root = _ROOT.match(path)
        if root is None or root[0] != self._root:
            return False
        steps = _STEP.findall(path, root.end())
        at = step = 0
        retry: tuple[int, int] | None = None
        while step < len(steps):
            if at < len(wanted) and (expected := wanted[at]) is _DEEP:
                at, retry = at + 1, (at, step)
            elif at < len(wanted) and expected is not None and expected.fullmatch(steps[step]):
                at, step = at + 1, step + 1
            elif retry is not None:
                at, step = retry[0] + 1, retry[1] + 1
                retry = (retry[0], step)
            else:
                return False
        return all(left is _DEEP for left in wanted[at:])


def check_pattern(pattern: str) -> None:
    """Refuse what is no pattern.

    Raises:
        UsageError: ``policy-bad-path``, saying from where on it cannot be read.
    """
    _compiled(pattern)


@lru_cache(maxsize=1024)
def _compiled(pattern: str) -> tuple[str, tuple[re.Pattern[str] | None, ...]]:
    """The pattern's root, and an expression for each of its steps."""
    root = _ROOT.match(pattern)
    if root is None:
        raise _bad(pattern, "it does not begin with $, $raised, $effects or $notices")
    steps: list[re.Pattern[str] | None] = []
    position = root.end()
    while position < len(pattern):
        part = _PART.match(pattern, position)
        if part is None:
            raise _bad(pattern, f"{pattern[position:]!r} is no step")
        steps.append(_DEEP if part["deep"] else re.compile(_expression(part)))
        position = part.end()
    return root[0], tuple(steps)


def _expression(part: re.Match[str]) -> str:
    """One step of a pattern as a regular expression over the text of a path's step."""
    found = {name: text for name, text in part.groupdict().items() if text is not None}
    match found:
        case {"any": _}:
            return ".*"
        case {"tag": tag, "attribute": attribute}:
            nth = found.get("nth", "*")
            index = r"(?:\[\d+\])?" if nth == "*" else rf"\[{nth}\]"
            return f"/{attribute}{re.escape(tag)}{index}"
        case {"bare": key}:
            return re.escape(f"[{key}]")
        case {"name": key} | {"single": key}:
            return re.escape(show_part(key))
        case _:
            return re.escape(show_part(_unquoted(part["double"], part.string)))


def _unquoted(quoted: str, pattern: str) -> str:
    try:
        return str(json.loads(quoted))
    except ValueError:
        raise _bad(pattern, f"{quoted} is no JSON string") from None


def _bad(pattern: str, why: str) -> UsageError:
    return UsageError(
        f"policy path {pattern!r} cannot be read: {why}",
        slug="policy-bad-path",
        hint="write it like $.lines[*].price, $.body/html/body/table/tr[*] or $effects.tables.ledger.**",
    )


@lru_cache(maxsize=4096)
def _show_text(key: str) -> str:
    return show_part(key)


def _show(step: Step) -> str:
    if type(step) is int:
        return f"[{step}]"
    if type(step) is str:
        return _show_text(step)
    text = str(step)
    return f"[{text}]" if _BARE_KEY.fullmatch(text) else f"[{json.dumps(text)}]"
