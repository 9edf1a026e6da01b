"""What a child of `local.processes.children` does about its parent: it never outlives it for long, and leaves Ctrl-C to it."""

import os
import signal
import sys
import threading
import time
from contextlib import suppress

# What a streamer may need to settle its calls, when the database is not one that has ended with the parent.
_END_LIMIT_SECONDS = 15.0


def live_with_parent(end_limit_s: float = _END_LIMIT_SECONDS) -> None:
    """From now on get SIGTERM when standard input closes, because the parent is gone; nothing happens at a terminal.

    Who is still there after the limit ends without any further ado.
    """
    if sys.stdin.isatty():
        return
    # Ctrl-C reaches the whole terminal group; the parent still needs us while it drains.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=_end_with_parent, args=(end_limit_s,), name="parent", daemon=True).start()


def _end_with_parent(end_limit_s: float) -> None:
    # os.read and not sys.stdin: a thread blocked inside a buffered reader upsets the interpreter's exit.
    with suppress(OSError):
        while os.read(0, 1024):
            pass
    os.kill(os.getpid(), signal.SIGTERM)
    time.sleep(end_limit_s)
    os._exit(1)
