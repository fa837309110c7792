"""Wrong charsets: what became of the characters, with how many texts show it."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from pytest_characterize.explain.charsets import charset

NAMES = ["Jörg", "Zoë Müller", "Café über"]


@pytest.mark.parametrize(
    ("made", "told"),
    [
        (
            lambda text: text.encode().decode("cp1252"),
            "UTF-8 that was read as latin-1 or cp1252",
        ),
        (
            lambda text: text.encode().decode("latin-1").encode().decode("latin-1"),
            "UTF-8 that was twice read as latin-1",
        ),
        (
            lambda text: text.encode("ascii", "replace").decode(),
            "a question mark where {} has characters that ASCII does not have",
        ),
        (
            lambda text: text.encode("ascii", "ignore").decode(),
            "nothing where {} has characters that ASCII does not have",
        ),
        (
            lambda text: text.encode("latin-1").decode("utf-8", "replace"),
            "U+FFFD where {} has characters that ASCII does not have",
        ),
        (
            lambda text: "".join({"ö": "o", "ë": "e", "ü": "u", "é": "e"}.get(c, c) for c in text),
            "letters without their accents",
        ),
    ],
)
def test_what_became_of_the_characters(made: Callable[[str], str], told: str) -> None:
    pairs = [(name, made(name)) for name in NAMES]
    assert charset(pairs) == f"the candidate has {told.format('legacy')}: 3 of 3"
    back = [(new, old) for old, new in pairs]
    assert charset(back) == f"legacy has {told.format('the candidate')}: 3 of 3"


def test_the_charset_is_named_where_the_texts_tell_it() -> None:
    pairs = [("5 €", "5 €".encode().decode("cp1252")), ("Jörg", "JÃ¶rg")]
    assert charset(pairs) == "the candidate has UTF-8 that was read as cp1252: 2 of 2"
    pairs = [("Jörg 5 €", "Jörg 5 ?"), ("Œuvre é", "?uvre é")]
    assert charset(pairs) == (
        "the candidate has a question mark where legacy has characters that latin-1 does not have: 2 of 2"
    )


@pytest.mark.parametrize(
    "pairs",
    [
        [],
        [("Jorg", "Jurg"), ("a", "?")],
        [("Jörg", "J?rg")],
        [("Jörg", "J?rg"), ("Zoë", "Zoe")],
        [("Jörg", "JÃ¶rg"), ("Zoë", "Zoé")],
        [("Jörg", "Jürg"), ("Zoë", "Zoé")],
        [("Jörg", None), ("Zoë", None)],
        [("\ud800ö", "x"), ("ö\ud800", "?")],
    ],
)
def test_silence(pairs: list[tuple[str, str]]) -> None:
    assert charset(pairs) == ""
