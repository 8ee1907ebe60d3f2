"""`python -m coley` is `coley`."""

import sys

from coley.cli import main

if __name__ == "__main__":
    sys.exit(main())
