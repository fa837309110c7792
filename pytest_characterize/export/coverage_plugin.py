"""A plugin of coverage.py that shows the kept legacy sources in its reports, rule by rule.

A line with rules counts as a statement; where it has several, each is a branch. All other lines count
neither way: nothing was seen there, so nothing is said. Named in the configuration file that
:mod:`.coverage_data` writes beside its data file; it measures nothing.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from pathlib import Path
from typing import Final

from coverage import CoveragePlugin, FileReporter
from coverage.plugin_support import Plugins
from coverage.types import TArc, TConfigValueOut, TLineNo

from pytest_characterize.codec import parse_json
from pytest_characterize.export.kept_rules import KeptRules

PLUGIN: Final = __name__
"""What ``plugins`` in the configuration of coverage.py names."""


class LegacyRules(CoveragePlugin):
    """Finds the reporter of a kept source."""

    def file_reporter(self, filename: str) -> FileReporter:
        """The reporter of a file of ``characterization/legacy/``."""
        return KeptSourceReporter(filename)


class KeptSourceReporter(FileReporter):
    """One kept source: its text, and its rules as branches."""

    def __init__(self, filename: str) -> None:
        super().__init__(filename)
        path = Path(filename)
        tree = parse_json(path.read_bytes(), filename)
        assert isinstance(tree, dict)
        self._name = f"{path.parent.name}/{path.stem}"
        self._kept = KeptRules.read(tree["kind"], tree["name"], "\n".join(tree["text"]))

    def relative_filename(self) -> str:
        """The legacy source and the routine, as their kept file is called."""
        return self._name

    def source(self) -> str:
        """Legacy's text."""
        return self._kept.text

    def lines(self) -> set[TLineNo]:
        """The lines that have rules."""
        return {line for line, _ in self.arcs()}

    def arcs(self) -> set[TArc]:
        """Every rule as a branch."""
        return set(self._kept.arcs.values())

    def exit_counts(self) -> dict[TLineNo, int]:
        """How many rules each line has."""
        return dict(Counter(line for line, _ in self.arcs()))

    def missing_arc_description(
        self, start: TLineNo, end: TLineNo, executed_arcs: Iterable[TArc] | None = None
    ) -> str:
        """The rule that no case exercised, in words."""
        return f"no case exercises {self.arc_description(start, end)}"

    def arc_description(self, start: TLineNo, end: TLineNo) -> str:
        """The rule in words."""
        rule = self._kept.rule_at((start, end))
        return f"{rule.text!r}: {rule.arm}"


def coverage_init(registry: Plugins, options: dict[str, TConfigValueOut]) -> None:
    """Called by coverage.py."""
    registry.add_file_tracer(LegacyRules())
