"""Files that open an install: whole or not there at all, and for their owner's eyes from the first byte on."""

import os
from pathlib import Path


def write_private(path: Path, text: str) -> None:
    """Write a file in the place of the one that is there; raise OSError, and leave that as it is."""
    path.parent.mkdir(parents=True, exist_ok=True)
    unfinished = path.with_name(f"{path.name}.{os.getpid()}")
    unfinished.unlink(missing_ok=True)
    descriptor = os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            file.write(text)
            file.flush()
            os.fsync(descriptor)
        unfinished.replace(path)
    finally:
        unfinished.unlink(missing_ok=True)
