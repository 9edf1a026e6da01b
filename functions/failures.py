"""What may be told of an exception that nobody expected."""

from pathlib import Path
from traceback import extract_tb


def fields_of(error: Exception) -> dict[str, str]:
    """Return its type and where it was raised, for a log line: its text may hold what callers said or carriers sent."""
    frames = extract_tb(error.__traceback__)
    place = f"{Path(frames[-1].filename).name}:{frames[-1].lineno}" if frames else "unknown"
    return {"error_type": type(error).__name__, "error_place": place}
