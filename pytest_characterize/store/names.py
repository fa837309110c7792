"""Where the files of a test are: names that every file system takes, computed from the test's path alone.

A name that is plain already stays as it is. Any other gets a readable form and eight digits of a hash
of the original, so that two tests never share a name by what was taken away from it. What is left are
names that differ in case only; writing refuses those (``store-collision``), as a checkout on Windows or
macOS would mix them up.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from hashlib import sha256
from typing import Final

from pytest_characterize.errors import StoreError

LONGEST: Final = 72
"""Characters a name may have; three of them and the store's folder stay below Windows' 260 in most projects."""

MANIFEST: Final = "manifest.jsonl"

_PLAIN: Final = re.compile(r"[A-Za-z0-9_](?:[A-Za-z0-9_.-]*[A-Za-z0-9_-])?")
_UNTAME: Final = re.compile(r"[^A-Za-z0-9_.-]+")
_DEVICE: Final = re.compile(r"(?:con|prn|aux|nul|com[0-9]|lpt[0-9])(?:\.|$)", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Places:
    """Where one test's files are, as POSIX paths relative to the root.

    Attributes:
        goldens: the folder of its goldens and their manifest.
        cassettes: the folder of their cassettes.
    """

    goldens: str
    cassettes: str

    @property
    def manifest(self) -> str:
        """The manifest's path."""
        return f"{self.goldens}/{MANIFEST}"

    def golden(self, label: str) -> str:
        """Path of the golden of the case with this label."""
        return f"{self.goldens}/{file_name(label)}"

    def cassette(self, label: str) -> str:
        """Path of the cassette of the case with this label."""
        return f"{self.cassettes}/{file_name(label)}"


@lru_cache(maxsize=1024)
def accepted_places(directory: str, test: str) -> Places:
    """Where the accepted goldens of a test are.

    Raises:
        StoreError: ``store-test-path``.
    """
    folder = test_folder(test)
    return Places(f"{directory}/goldens/{folder}", f"{directory}/cassettes/{folder}")


@lru_cache(maxsize=1024)
def pending_places(directory: str, test: str) -> Places:
    """Where the goldens of a test await review.

    Raises:
        StoreError: ``store-test-path``.
    """
    folder = f"{directory}/pending/{test_folder(test)}"
    return Places(folder, f"{folder}/cassettes")


def cassette_reference(test: str, label: str) -> str:
    """How a golden names its cassette: relative to the store's folder, wherever it is right now."""
    return f"cassettes/{test_folder(test)}/{file_name(label)}"


@lru_cache(maxsize=1024)
def test_folder(test: str) -> str:
    """``<module>/<test>``: both halves of a test's path as folder names.

    >>> test_folder("tests/test_billing.py::TestTotals::test_total")
    'tests.test_billing/TestTotals.test_total'

    Raises:
        StoreError: ``store-test-path``: not a module below the root and a name in it.
    """
    module, *names = test.split("::")
    parts = module.removesuffix(".py").split("/")
    if not names or not all(names) or any(part in ("", ".", "..") for part in parts):
        raise StoreError(
            f"{test!r} is not the path of a test below the root",
            slug="store-test-path",
            hint="keep test modules below the folder of pyproject.toml",
        )
    faithful = module.endswith(".py") and not any("." in part for part in parts)
    return f"{safe(module, '.'.join(parts), faithful)}/{safe(test, '.'.join(names))}"


def file_name(label: str) -> str:
    """The file of the case with this label, for goldens and cassettes alike."""
    return f"{safe(label, label)}.json"


def safe(original: str, wanted: str, faithful: bool = True) -> str:
    """``wanted`` if that is a good file name everywhere, else its readable part and a hash of ``original``.

    Args:
        original: what the name stands for.
        wanted: the name it would have if all file systems were alike.
        faithful: whether no other original wants the same name.
    """
    if faithful and len(wanted) <= LONGEST and _PLAIN.fullmatch(wanted) and not _DEVICE.match(wanted):
        return wanted
    digest = sha256(original.encode("utf-8", "surrogatepass")).hexdigest()[:8]
    tame = _UNTAME.sub("_", wanted).strip(".-")
    if _DEVICE.match(tame):
        tame = f"_{tame}"
    tame = tame[: LONGEST - len(digest) - 1].rstrip(".-")
    return f"{tame}-{digest}" if tame else digest
