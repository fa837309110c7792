"""Single faults that others wrote: is the legacy line named that the successor has wrong?

    python bench/independent_faults.py QUIXBUGS FOLDER [NAME...]

QUIXBUGS is a checkout of github.com/jkoppel/QuixBugs. Of each of its programs, the correct one plays legacy, and the
faulty one its successor, in a project of its own in FOLDER: recorded, mutants tried, replayed. What is right was fixed
before: the lines of the correct program that differ ("line"), or also the heads of the decisions right around them
("rule"). Ours are the lines that the report suspects, drift after drift, in its order. Beside it: Ochiai over the
hits of rules, Ochiai over the lines that each case runs, and any order of the lines that the drifting cases run.
Nothing depends on a threshold.
"""

from __future__ import annotations

import os
import sys
import time
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from independent_projects import NothingToldError, Program, Told, quixbugs, told, written
from independent_ranks import Classes, by_score, changed_lines, ochiai, wilson, with_decisions, within

DRIFTS = ("drifted", "expired")
JOBS = 2


@dataclass(frozen=True)
class Row:
    """One fault.

    Attributes:
        verdicts: how many cases have which.
        hung: cases that the faulty program does not end on.
        complete: every mutant was tried.
        reproduced: one mutant does on every case just what the faulty program does.
        line: lines that differ.
        rule: these, and the heads of the decisions around them.
        orders: the lines of each way to rank them.
    """

    name: str
    verdicts: Mapping[str, int]
    hung: int
    complete: bool
    reproduced: bool
    line: frozenset[int]
    rule: frozenset[int]
    orders: Mapping[str, Classes]

    @property
    def drifting(self) -> int:
        """Cases that differ."""
        return sum(self.verdicts.get(verdict, 0) for verdict in DRIFTS)


def main() -> None:
    """The table, and what it comes to."""
    source, folder = Path(sys.argv[1]), Path(sys.argv[2])
    programs = [each for each in quixbugs(source) if not sys.argv[3:] or each.name in sys.argv[3:]]
    started, load = time.monotonic(), os.getloadavg()[0]
    rows, silent = judged(programs, folder)
    print("\n".join([*table(rows), "", *sums([row for row in rows if row.drifting])]))
    for name, why in silent.items():
        print(f"{name}: {why}")
    print(f"{time.monotonic() - started:.0f} s, load {load:.1f} before, {os.getloadavg()[0]:.1f} after")


def judged(programs: Sequence[Program], folder: Path) -> tuple[list[Row], dict[str, str]]:
    """The programs, a few at a time; and those of which nothing was told, with the reason."""

    def one(program: Program) -> Row | str:
        """Its row, or why there is none."""
        try:
            written(program, folder / program.name)
            return row(program, told(folder / program.name))
        except NothingToldError as why:
            return str(why)

    with ThreadPoolExecutor(JOBS) as pool:
        found = [*zip(programs, pool.map(one, programs), strict=True)]
    return [each for _, each in found if isinstance(each, Row)], {
        program.name: each for program, each in found if isinstance(each, str)
    }


def row(program: Program, found: Told) -> Row:
    """What a report comes to."""
    report = found.report
    cases = [case for case in report["cases"] if case["verdict"] in (*DRIFTS, "matched")]
    drifts = [case["verdict"] in DRIFTS for case in cases]
    where = {rule["id"]: rule["line"] for routine in report["rules"]["routines"] for rule in routine["rules"]}
    hits = [{where[hit["rule"]] for hit in case["hits"] if hit["rule"] in where} for case in cases]
    runs = [set(found.lines[case["label"]]) for case in cases]
    reached = {line for lines, drifting in zip(runs, drifts, strict=True) if drifting for line in lines}
    line = changed_lines(program.correct, program.faulty)
    return Row(
        program.name,
        Counter(case["verdict"] for case in report["cases"]),
        found.hung,
        not report["adequacy"]["counts"]["pending"] if report.get("adequacy") else False,
        _reproduced(report, sum(drifts), len(cases)),
        frozenset(line),
        frozenset(with_decisions(program.correct, line)),
        {
            "ours": [[suspect["line"]] for _, suspect in _suspects(report)],
            "ours, ties": _tied(report),
            "Ochiai, rules": by_score(ochiai([*zip(hits, drifts, strict=True)])),
            "Ochiai, lines": by_score(ochiai([*zip(runs, drifts, strict=True)])),
            "any order": [reached],
        },
    )


def _suspects(report: Mapping[str, Any]) -> Iterator[tuple[int, Mapping[str, Any]]]:
    """Those in the program, each line once, with the place of their drift."""
    seen: set[int] = set()
    for at, drift in enumerate(report["drifts"]):
        for suspect in drift["suspects"]:
            if suspect["line"] not in seen:
                seen.add(suspect["line"])
                yield at, suspect


def _tied(report: Mapping[str, Any]) -> list[list[int]]:
    """Lines whose numbers do not tell them apart together."""
    numbers = ("found", "score", "drifting", "others")
    classes: dict[tuple[Any, ...], list[int]] = {}
    for at, suspect in _suspects(report):
        classes.setdefault((at, *(suspect[name] for name in numbers)), []).append(suspect["line"])
    return [*classes.values()]


def _reproduced(report: Mapping[str, Any], drifting: int, cases: int) -> bool:
    found = [drift["explanation"] for drift in report["drifts"] if drift["explanation"]]
    return any(
        len(each["mutants"]) == 1
        and each["drifting"] == each["of_drifting"] == drifting
        and each["matching"] == each["of_matching"] == cases - drifting
        for each in found
    )


def table(rows: Sequence[Row]) -> list[str]:
    """A line of Markdown a program."""
    lines = [
        "| program | cases: drift, errored, hung, all | right line (rule) | named, in order | matrix | one mutant |",
        "| --- | --- | --- | --- | --- | --- |",
    ]
    for each in rows:
        cells = (
            each.name,
            f"{each.drifting}, {each.verdicts.get('errored', 0)}, {each.hung}, {sum(each.verdicts.values())}"
            + (" (all hang)" if each.drifting and each.hung >= each.drifting else ""),
            f"{_all(each.line)} ({_all(each.rule - each.line)})",
            ", ".join(str(line) for (line,) in each.orders["ours"][:5]) or "nothing",
            "complete" if each.complete else "cut short",
            "yes" if each.reproduced else "no",
        )
        lines.append("| " + " | ".join(cells) + " |")
    return lines


def sums(rows: Sequence[Row]) -> list[str]:
    """What the rows come to, each share with the interval in which it lies with 95 % confidence."""
    lines = [
        f"{len(rows)} faults whose drift was found; {sum(each.hung >= each.drifting for each in rows)} only hang; "
        f"one mutant reproduces {_share(sum(each.reproduced for each in rows), len(rows))}",
        "",
        "| ranked by | what | first: best, expected, worst ties | in the first three |",
        "| --- | --- | --- | --- |",
    ]
    for order in rows[0].orders if rows else ():
        for what in ("line", "rule"):
            cells = [order, what]
            for first in (1, 3):
                found = [within(each.orders[order], getattr(each, what), first) for each in rows]
                best, middle, worst = (
                    sum(getattr(each, kind) for each in found) for kind in ("best", "expected", "worst")
                )
                cells.append(
                    _share(middle, len(rows)) + ("" if best == worst else f"; best {best:g}, worst {worst:g}")
                )
            lines.append("| " + " | ".join(cells) + " |")
    return lines


def _share(count: float, of: int) -> str:
    low, high = wilson(count / of, of)
    return f"{count:.3g} of {of} ({100 * count / of:.1f} %, {100 * low:.0f} to {100 * high:.0f} %)"


def _all(lines: frozenset[int]) -> str:
    return ", ".join(map(str, sorted(lines)))


if __name__ == "__main__":
    main()
