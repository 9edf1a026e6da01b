"""Runs the streamer: `python -m streamer`."""

import sys

from streamer.main import main

sys.exit(main())
