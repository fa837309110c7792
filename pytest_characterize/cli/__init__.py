"""The console script ``pytest-characterize``."""

from pytest_characterize.cli.main import main

__all__ = ["main"]
