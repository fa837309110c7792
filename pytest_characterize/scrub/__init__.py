"""What must not be stored, replaced by keyed tokens; and a second look that trusts nobody."""

from __future__ import annotations

from pytest_characterize.scrub.leaks import Finding
from pytest_characterize.scrub.scrubber import Scrubber, project_scrubber

__all__ = ["Finding", "Scrubber", "project_scrubber"]
