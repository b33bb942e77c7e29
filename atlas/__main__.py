"""``python -m atlas``: the same program as the ``atlas`` command."""

import sys

from atlas.cli import main

if __name__ == "__main__":
    sys.exit(main())
