"""What a fingerprint costs, beside sqlparse doing the same in the same run.

    python bench/fingerprints.py [statements]

CPU time, the best of five runs over the same statements: what Django and report writers send, some long.
"""

from __future__ import annotations

import random
import sys
from collections.abc import Callable
from time import process_time

import sqlparse
from sqlparse.exceptions import SQLParseError
from sqlparse.tokens import Comment, Literal, Punctuation, Whitespace

from pytest_characterize.sql.fingerprints import fingerprint

RUNS = 5
SHAPES = (
    'SELECT "billing_invoice"."id", "billing_invoice"."number", "billing_invoice"."customer_id",'
    ' "billing_invoice"."total" FROM "billing_invoice" WHERE ("billing_invoice"."customer_id" = {} AND'
    ' "billing_invoice"."issued" >= {}::date) ORDER BY "billing_invoice"."id" ASC LIMIT 21',
    "SELECT c.name, sum(l.qty * l.price) AS total FROM customer c JOIN line l ON l.customer_id = c.id"
    " WHERE c.id IN ({}, {}, {}) -- the big ones\n GROUP BY c.name HAVING sum(l.qty) > {}",
    "INSERT INTO ledger (account, amount, booked) VALUES ({}, {}, now()), ({}, {}, now()), ({}, {}, now())",
    "UPDATE invoice SET state = {}, total = round(total * {}, 2) WHERE id = {}",
    'DELETE FROM "line" WHERE "line"."invoice_id" IN ({}, {})',
    "SELECT * FROM invoice_total({}, {})",
)


def statements(number: int) -> list[str]:
    draw = random.Random(1)
    made = []
    for _ in range(number):
        shape = draw.choice(SHAPES)
        made.append(
            shape.format(*(draw.choice(("%s", str(draw.randint(0, 10**6)), "'it''s'")) for _ in range(6)))
        )
    return made


def by_sqlparse(sql: str) -> str:
    parts = []
    for token in sqlparse.parse(sql)[0].flatten():
        if token.ttype in Whitespace or token.ttype in Comment:
            continue
        literal = token.ttype in Literal or token.ttype in sqlparse.tokens.Name.Placeholder
        parts.append("?" if literal and token.ttype not in Punctuation else token.normalized)
    return " ".join(parts)


def rate(function: Callable[[str], object], given: list[str]) -> float:
    best = float("inf")
    for _ in range(RUNS):
        start = process_time()
        for sql in given:
            function(sql)
        best = min(best, process_time() - start)
    return len(given) / best


def of_their_own(given: list[str]) -> list[str]:
    """The same, each of a shape that no other has, and more of them than are remembered."""
    return [f"{sql} AND c{number} = 1" for number, sql in enumerate(given * (2_000 // len(given) + 1))]


def main() -> None:
    given = statements(int(sys.argv[1]) if sys.argv[1:] else 2_000)
    ours, theirs = rate(fingerprint, given), rate(by_sqlparse, given)
    print(f"{len(given)} statements of {sum(map(len, given)) // len(given)} characters on average")
    print(f"fingerprint  {ours:9,.0f} a second, {len({fingerprint(sql).digest for sql in given})} groups")
    print(f"             {rate(fingerprint, of_their_own(given)):9,.0f} a second if no two are of one shape")
    print(f"sqlparse     {theirs:9,.0f} a second, {len({by_sqlparse(sql) for sql in given})} groups")
    print(f"ratio        {ours / theirs:9.1f}")
    for rows in (500, 5_000, 50_000):
        text = "INSERT INTO t (a, b) VALUES " + ", ".join(["(1, 'x')"] * rows)
        start = process_time()
        fingerprint(text)
        told = f"{rows:6,} rows: {1_000 * (process_time() - start):8.1f} ms"
        start = process_time()
        try:
            by_sqlparse(text)
            how = ""
        except SQLParseError as error:
            how = f" ({error})"
        print(f"{told}, sqlparse {1_000 * (process_time() - start):8.1f} ms{how}")


if __name__ == "__main__":
    main()
