"""What a routine does that no rollback takes back: found by reading its source, before it runs.

Texts that a source runs as dynamic SQL are read as well, as far as they are written out. What ends the
transaction and is not seen here, because it is put together out of pieces, is refused by the server itself
(:mod:`.session`); from other harm in pieces only an account without the rights for it protects.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Final

from pytest_characterize_recorders.sources.mariadb.lexing import Token, tokens

HEAD_ENDS: Final = frozenset(("SQL", "DATA", "DETERMINISTIC", "DEFINER", "INVOKER", "ROW"))
BEFORE_A_STATEMENT: Final = HEAD_ENDS | frozenset(
    (";", ":", ")", "BEGIN", "THEN", "ELSE", "DO", "LOOP", "REPEAT", "ATOMIC")
)
"""What may stand before a statement."""
ANY: Final[frozenset[str]] = frozenset()
TABLES: Final = frozenset(("TABLE", "TABLES"))
ENDING: Final[Mapping[str, frozenset[str]]] = {
    **dict.fromkeys(("COMMIT", "XA", "ALTER", "TRUNCATE", "RENAME", "GRANT", "REVOKE"), ANY),
    **dict.fromkeys(("FLUSH", "RESET", "KILL", "SHUTDOWN", "INSTALL", "UNINSTALL", "PURGE"), ANY),
    **dict.fromkeys(("OPTIMIZE", "REPAIR", "ANALYZE"), ANY),
    "LOCK": TABLES,
    "UNLOCK": TABLES,
    "CHECK": TABLES,
    "START": frozenset(("TRANSACTION", "SLAVE", "REPLICA")),
    "STOP": frozenset(("SLAVE", "REPLICA")),
    "CHANGE": frozenset(("MASTER",)),
    "CACHE": frozenset(("INDEX",)),
    "SET": frozenset(("TRANSACTION",)),
}
"""First words of statements that end a transaction or want none, and their second words."""
WITHIN: Final = frozenset(("TABLE", "INDEX", "VIEW"))
OBJECTS: Final = WITHIN | frozenset(
    (
        *("DATABASE", "SCHEMA", "USER", "ROLE", "SERVER", "EVENT", "PROCEDURE", "FUNCTION", "TRIGGER"),
        *("PACKAGE", "TABLESPACE", "LOGFILE", "INSTANCE", "SEQUENCE"),
    )
)
"""What can be made and dropped; tables, indexes and views belong to a database and act on nothing else."""
ELSEWHERE: Final = frozenset(
    ("CONNECTION", "DIRECTORY", "FEDERATED", "CONNECT", "SPIDER", "S3", "TABLESPACE")
)
"""Words of definitions that put a table's rows elsewhere."""
ALONE: Final = frozenset(("COMMIT", "ROLLBACK", "TRUNCATE"))
FOLLOWED: Final[Mapping[str, frozenset[str]]] = {
    **dict.fromkeys(("LOCK", "UNLOCK", "CHECK", "OPTIMIZE", "REPAIR", "ANALYZE", "RENAME"), TABLES),
    "START": frozenset(("TRANSACTION",)),
}
"""Statements that end a transaction and act on a database's tables only."""
BUT_TEMPORARY: Final = frozenset(("CREATE", "DROP"))
SETTINGS: Final = frozenset(("GLOBAL", "PASSWORD", "PERSIST", "PERSIST_ONLY"))
DRAWS: Final = frozenset(("NEXTVAL", "SETVAL", "NEXT"))
WRITES: Final = frozenset(("INSERT", "REPLACE", "UPDATE", "DELETE"))
RUNS_TEXTS: Final = frozenset(("PREPARE", "EXECUTE"))
ACTS: Final = frozenset(("KILL", "SHUTDOWN", "PURGE"))
"""First words of statements that act on the server and end no transaction."""
SHOWN: Final = 3
"""Words of a statement that a message shows."""


@dataclass(frozen=True, slots=True)
class Harm:
    """A statement that could not be undone.

    Attributes:
        statement: its first words.
        commits: whether it ends the transaction, else it does something outside of it.
    """

    statement: str
    commits: bool


def harm(source: Sequence[Token], lasting: Collection[str] = (), *, in_copy: bool = False) -> Harm | None:
    """The first statement in a source that could not be undone.

    Args:
        lasting: lower-case names of tables and sequences whose changes are not rolled back.
        in_copy: whether it runs in a copy of the database, so that what ends a transaction is none if it changes
            nothing but the database.
    """
    for statement in _statements(source):
        if _ends(statement) and not (in_copy and _stays(statement)):
            return Harm(_shown(statement), commits=True)
        if beyond := _beyond(statement, lasting):
            return Harm(f"{_shown(statement)}{beyond}", commits=False)
    if not RUNS_TEXTS.isdisjoint(token.keyword for token in source):
        return _harm_in_texts(source, lasting)
    return None


def _harm_in_texts(source: Sequence[Token], lasting: Collection[str]) -> Harm | None:
    for token in source:
        statement = tokens(token.text) if token.kind == "text" else []
        if statement and statement[0].keyword in ACTS:
            return Harm(f"{_shown(statement)} (in a text)", commits=False)
        if beyond := _beyond(statement, lasting):
            return Harm(f"{_shown(statement)}{beyond}, in a text", commits=False)
    return None


def _statements(source: Sequence[Token]) -> Iterator[Sequence[Token]]:
    """What stands wherever a statement may begin, up to the next semicolon; one too many does no harm."""
    handler = False
    for position in range(1, len(source)):  # a source begins with its own CREATE
        before, token = source[position - 1], source[position]
        begins = before.keyword in BEFORE_A_STATEMENT
        if begins:
            handler = False
        handler = handler or token.keyword == "HANDLER"
        # A handler's statement follows its condition, and a head may end with a comment.
        if begins or handler or before.kind in ("text", "number"):
            end = position
            while end < len(source) and source[end].text != ";":
                end += 1
            yield source[position:end]


def _ends(statement: Sequence[Token]) -> bool:
    first, second, third = [*(token.keyword for token in statement[:3]), "", "", ""][:3]
    if second == "(":  # a function: TRUNCATE(price, 2)
        return False
    if first in BUT_TEMPORARY:
        return "TEMPORARY" not in (second, third, *(token.keyword for token in statement[3:4]))
    if first == "ROLLBACK":
        return "TO" not in (second, third)
    if first == "SET" and any(_is_autocommit(token) for token in statement):
        return True
    return first in ENDING and (ENDING[first] == ANY or second in ENDING[first])


def _stays(statement: Sequence[Token]) -> bool:
    """Whether what ends a transaction has no effect beyond the database."""
    words = [token.keyword for token in statement]
    if words[0] in ("CREATE", "ALTER", "DROP"):
        made = next((word for word in words[1:5] if word in OBJECTS), "")
        return made in WITHIN and ELSEWHERE.isdisjoint(words)
    if words[0] == "SET":
        return SETTINGS.isdisjoint(words)
    return words[0] in ALONE or (words[0] in FOLLOWED and words[1] in FOLLOWED[words[0]])


def _is_autocommit(token: Token) -> bool:
    return token.kind != "text" and token.text.lower().rpartition(".")[2].lstrip("@") == "autocommit"


def _beyond(statement: Sequence[Token], lasting: Collection[str]) -> str:
    """What a statement does outside the transaction, as a clause for a message."""
    words = [token.keyword for token in statement]
    if words[:1] == ["SET"]:
        settings = [token.text.lower() for token in statement if token.kind == "sign"]
        beyond = (words[1:2] and words[1] in SETTINGS) or any(s.startswith("@@global") for s in settings)
        return " (a setting of the whole server)" if beyond else ""
    for word, following in pairwise(words):
        if word == "INTO" and following in ("OUTFILE", "DUMPFILE"):
            return f" ... INTO {following}"
    named = [token.text for token in statement if token.is_identifier and token.text.lower() in lasting]
    if named and any(_writes(words, position) for position in range(len(words))):
        return f" ({named[0]} takes no part in transactions)"
    return ""


def _writes(words: Sequence[str], position: int) -> bool:
    """Whether a word writes; the functions ``REPLACE(`` and ``INSERT(`` do not, nor does ``FOR UPDATE``."""
    word = words[position]
    called = words[position + 1 : position + 2] == ["("]
    return word in DRAWS or (word in WRITES and not called and words[position - 1] != "FOR")


def _shown(statement: Sequence[Token]) -> str:
    return " ".join(token.text for token in statement[:SHOWN])
