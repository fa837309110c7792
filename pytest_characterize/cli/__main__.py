"""``python -m pytest_characterize.cli``: the console script where no script is on the path."""

import sys

from pytest_characterize.cli.main import main

if __name__ == "__main__":
    sys.exit(main())
