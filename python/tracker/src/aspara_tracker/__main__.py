"""`python -m aspara_tracker`."""

import sys

from . import main

sys.exit(main())
