"""What may be told of an exception that nobody expected."""

from pathlib import Path
from traceback import extract_tb


def place_of(error: Exception) -> str:
    """Return where it was raised, and no more: an exception's text may hold what callers said or carriers sent."""
    frames = extract_tb(error.__traceback__)
    return f"{Path(frames[-1].filename).name}:{frames[-1].lineno}" if frames else "unknown"
