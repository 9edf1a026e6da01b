"""What tells that something is wrong, and shows how things are."""

from infra.watching.alarms import Alarms
from infra.watching.dashboard import Dashboard

__all__ = ["Alarms", "Dashboard"]
