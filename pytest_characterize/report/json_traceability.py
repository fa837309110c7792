"""Traceability in the report for machines: from a legacy rule to the candidate's lines, and back.

Cases are named by their position in the report's ``cases``, rules by their position in ``rules``, so that
a large run stays readable for machines.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Any, TypeAlias

from pytest_characterize.model import CaseResult, RunResult
from pytest_characterize.report.visible import sound

Json: TypeAlias = dict[str, Any]
_Rule: TypeAlias = tuple[str, str]
_Place: TypeAlias = tuple[str, int]


def traceability(result: RunResult) -> Json | None:
    """Rules, cases, verdicts and the candidate's lines; ``None`` if no case was traced."""
    if all(case.lines is None for case in result.results):
        return None
    by_rule = _cases_by_rule(result)
    by_place = _cases_by_place(result.results)
    return {
        "untraced": [place for place, case in enumerate(result.results) if case.lines is None],
        "rules": [_rule(rule, cases, by_place, result) for rule, cases in by_rule.items()],
        "candidate": _candidate(by_place, list(by_rule.values())),
    }


def _cases_by_rule(result: RunResult) -> dict[_Rule, frozenset[int]]:
    stale = {(note.test, note.label) for note in result.rules.stale}
    found: dict[_Rule, set[int]] = {}
    for place, case in enumerate(result.results):
        if (case.test, case.label) not in stale:
            for hit in case.hits:
                found.setdefault((case.source, hit.rule), set()).add(place)
    return {rule: frozenset(found[rule]) for rule in sorted(found)}


def _cases_by_place(results: Iterable[CaseResult]) -> dict[_Place, frozenset[int]]:
    found: dict[_Place, set[int]] = {}
    for place, case in enumerate(results):
        for file, lines in (case.lines or {}).items():
            for line in lines:
                found.setdefault((file, line), set()).add(place)
    return {key: frozenset(found[key]) for key in sorted(found)}


def _rule(
    rule: _Rule, cases: frozenset[int], by_place: Mapping[_Place, frozenset[int]], result: RunResult
) -> Json:
    verdicts = Counter(str(result.results[place].verdict) for place in cases)
    return {
        "source": sound(rule[0]),
        "rule": sound(rule[1]),
        "cases": sorted(cases),
        "verdicts": dict(sorted(verdicts.items())),
        "lines": _by_file(place for place, seen in by_place.items() if seen & cases),
        "own_lines": _by_file(place for place, seen in by_place.items() if seen <= cases),
    }


def _by_file(places: Iterable[_Place]) -> list[Json]:
    found: dict[str, list[int]] = {}
    for file, line in places:
        found.setdefault(file, []).append(line)
    return [{"file": sound(file), "lines": lines} for file, lines in found.items()]


def _candidate(by_place: Mapping[_Place, frozenset[int]], rules: list[frozenset[int]]) -> list[Json]:
    """Each file of the candidate in blocks of lines that the same cases ran."""
    blocks: dict[str, list[tuple[list[int], frozenset[int]]]] = {}
    for (file, line), cases in by_place.items():
        several = blocks.setdefault(file, [])
        if several and several[-1][1] == cases:
            several[-1][0].append(line)
        else:
            several.append(([line], cases))
    return [
        {
            "file": sound(file),
            "blocks": [
                {
                    "lines": lines,
                    "cases": sorted(cases),
                    "rules": [place for place, hitting in enumerate(rules) if hitting & cases],
                }
                for lines, cases in several
            ],
        }
        for file, several in blocks.items()
    ]
