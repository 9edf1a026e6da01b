"""Runs at the start of each Python that a test starts: those of this environment note their calls too, in the same folder."""

import os
import sys

if sys.prefix != sys.base_prefix and "RECORDED_CALLS_FOLDER" in os.environ:
    import calls  # type: ignore[import-not-found]  # beside this file, whose folder is on the path

    calls.start()
