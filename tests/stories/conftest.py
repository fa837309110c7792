from __future__ import annotations

import sys
from pathlib import Path

# the demo's scripts are no package: they run before anything is installed
sys.path.insert(0, str(Path(__file__).parents[2] / "scripts"))

# a project that test_sakila.py copies and runs by itself
collect_ignore = ["sakila"]
