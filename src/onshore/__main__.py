"""``python -m onshore`` is the command ``onshore``."""

import sys

from onshore.cli import main

if __name__ == "__main__":
    sys.exit(main())
