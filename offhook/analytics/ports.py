"""What analytics needs from the outside: the counters as they are stored."""

from collections.abc import Sequence
from typing import Protocol

from offhook.analytics.model import Counters, Shelf, Span

MOST_AT_ONCE = 5_000
"""Counters of so many hours or days that are read for one answer about each agent."""


class StoredCounters(Protocol):
    """Reads counters. Synchronous; may block for network round trips.

    They are added to where runs end (`Ledgers.release`) and where their reviews do (`RunRepository.note_review`).
    """

    def read(
        self, organization_id: str, shelf: Shelf, span: Span, *, agent_uuid: str | None = None
    ) -> Sequence[Counters]:
        """Return the counters of each hour or day in which there are any, of all agents together or of one."""

    def by_agent(self, organization_id: str, shelf: Shelf, span: Span) -> Sequence[Counters]:
        """Return those of each agent by itself; raise InvalidInputError where there are more than MOST_AT_ONCE."""
