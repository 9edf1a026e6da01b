"""The instant it is: a port, so that no rule reads the machine's clock by itself."""

from collections.abc import Callable
from datetime import UTC, datetime

Clock = Callable[[], datetime]
"""Returns the present instant, aware and in UTC."""


def system_clock() -> datetime:
    """Return the machine's time in UTC."""
    return datetime.now(UTC)


def to_iso(instant: datetime) -> str:
    """Write an instant as ISO 8601 in UTC with milliseconds and `Z`, the form of every instant that leaves us."""
    return instant.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def from_iso(text: str) -> datetime:
    """Read an instant that `to_iso` wrote."""
    return datetime.fromisoformat(text)
