"""What the dialer is given."""

from dataclasses import dataclass

from offhook.clock import Clock
from offhook.runs.placing.queued import QueuedCalls


@dataclass(frozen=True, slots=True, kw_only=True)
class DialerServices:
    """Enough to dial what waits for it."""

    calls: QueuedCalls
    clock: Clock
