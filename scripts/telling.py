"""What the demo says: one line a step, in colour on a terminal only."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager

GREEN, RED, FAINT = "32", "31", "2"


def painted(text: str, colour: str) -> str:
    """The text in a colour, if somebody is there to see it."""
    if not sys.stdout.isatty() or os.environ.get("NO_COLOR") or os.environ.get("TERM") == "dumb":
        return text
    return f"\x1b[{colour}m{text}\x1b[0m"


def say(text: str = "") -> None:
    """A line, at once."""
    print(text, flush=True)


class Step:
    """A step under way; ``detail`` is told when it is done."""

    detail = ""


@contextmanager
def step(title: str) -> Iterator[Step]:
    """Tell the step's title when it begins, and its time and detail when it has ended."""
    print(f"{title:<46}", end="", flush=True)
    begun = time.monotonic()
    current = Step()
    try:
        yield current
    except BaseException:
        say()
        raise
    seconds = painted(f"{time.monotonic() - begun:6.1f} s", FAINT)
    say(f"{seconds}  {current.detail}".rstrip())
