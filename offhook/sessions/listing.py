"""Lists of sessions: those that live are read off the ledger, those that are over off the runs, newest or oldest first."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Protocol, TypeVar

from offhook.clock import Clock
from offhook.runs.ledger import Ledgers
from offhook.runs.model import Run, RunStatus
from offhook.runs.ports import RunFilter, RunRepository
from offhook.sessions.model import SessionStatus, session_status

ThingT = TypeVar("ThingT")

_OVER = {
    SessionStatus.COMPLETED: RunFilter(statuses=(RunStatus.COMPLETED,)),
    SessionStatus.FAILED: RunFilter(statuses=(RunStatus.FAILED, RunStatus.NO_ANSWER, RunStatus.BUSY)),
    SessionStatus.CANCELED: RunFilter(statuses=(RunStatus.CANCELED,), has_expired=False),
    SessionStatus.EXPIRED: RunFilter(statuses=(RunStatus.CANCELED,), has_expired=True),
}


class Cut(Protocol):
    """Takes from a list the part that is asked for, and counts what is there: reading no further than that needs."""

    def __call__(self, things: Iterable[ThingT], /) -> tuple[int, list[ThingT]]:
        """Return the count and the part."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """Which sessions to list; `active` means all that are not over, as Strongly's filter does."""

    organization_id: str
    agent_uuid: str | None = None
    status: SessionStatus | None = None
    oldest_first: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionLister:
    """Lists the sessions of organizations. Blocks."""

    runs: RunRepository
    ledgers: Ledgers
    clock: Clock

    def find(self, wanted: Wanted, cut: Cut) -> tuple[int, Sequence[Run]]:
        """Return how many there are, and the part that `cut` takes.

        They are in the order in which they were made. Of a status that is final the newest 5,000 runs are looked at.
        """
        if wanted.status is not None and not wanted.status.is_final:
            return cut(self._live(wanted))
        found = RunFilter() if wanted.status is None else _OVER[wanted.status]
        filter_ = replace(found, agent_uuid=wanted.agent_uuid)
        count, ids = cut(self.runs.ids(wanted.organization_id, filter_, ascending=wanted.oldest_first))
        stored = {run.id: run for run in self.runs.get_many(ids)}
        return count, [stored[run_id] for run_id in ids if run_id in stored]

    def _live(self, wanted: Wanted) -> list[Run]:
        ledger = self.ledgers.get(wanted.organization_id)
        found = self.runs.get_many([*(ledger.live | ledger.queued)])
        matching = (run for run in found if self._is_wanted(wanted, run))
        return sorted(matching, key=lambda run: run.id, reverse=not wanted.oldest_first)

    def _is_wanted(self, wanted: Wanted, run: Run) -> bool:
        if wanted.agent_uuid not in (None, run.agent_uuid):
            return False
        status = session_status(run, self.clock())
        return not status.is_final if wanted.status is SessionStatus.ACTIVE else status is wanted.status
