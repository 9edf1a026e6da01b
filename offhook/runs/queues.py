"""Work that is done outside a request: dialling what was queued, and what follows a call."""

from typing import Protocol


class WorkQueue(Protocol):
    """A queue of run ids. Synchronous; may block for a network round trip.

    A message may come twice or late: who takes it must ask the run what is left to do.
    """

    def send(self, run_id: int, *, delay_seconds: int = 0) -> None:
        """Have the run looked at after a delay of at most 900 seconds."""
