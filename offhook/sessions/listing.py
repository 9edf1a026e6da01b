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
    """Which sessions to list; `active` means all that are not over, as Strongly's filter does.

    Without those that wait for their dial where it `has_no_waiting`.
    """

    organization_id: str
    agent_uuid: str | None = None
    status: SessionStatus | None = None
    oldest_first: bool = False
    has_no_waiting: bool = False

    @property
    def is_of_the_ledger(self) -> bool:
        """Whether the ledger alone tells which they are."""
        return self.status is SessionStatus.ACTIVE and self.has_no_waiting and self.agent_uuid is None


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionLister:
    """Lists the sessions of organizations. Blocks."""

    runs: RunRepository
    ledgers: Ledgers
    clock: Clock

    def find(self, wanted: Wanted, cut: Cut) -> tuple[int, Sequence[Run]]:
        """Return how many there are, and the part that `cut` takes.

        They are in the order in which they were made. Of a status that is final the newest 5,000 runs are looked at.
        Of what the ledger alone tells, the rows of the part are read and no others: one that is just over, and was not
        yet taken out of the ledger, is counted and left out.
        """
        if wanted.is_of_the_ledger:
            count, ids = cut(self._held(wanted))
            return count, [run for run in self._rows(ids) if self._is_wanted(wanted, run)]
        if wanted.status is not None and not wanted.status.is_final:
            return cut(self._live(wanted))
        found = RunFilter() if wanted.status is None else _OVER[wanted.status]
        filter_ = replace(found, agent_uuid=wanted.agent_uuid)
        count, ids = cut(self.runs.ids(wanted.organization_id, filter_, ascending=wanted.oldest_first))
        return count, self._rows(ids)

    def _rows(self, ids: Sequence[int]) -> list[Run]:
        stored = {run.id: run for run in self.runs.get_many(ids)}
        return [stored[run_id] for run_id in ids if run_id in stored]

    def _held(self, wanted: Wanted) -> list[int]:
        ledger = self.ledgers.get(wanted.organization_id)
        held = ledger.live if wanted.has_no_waiting else ledger.live | ledger.queued
        return sorted(held, reverse=not wanted.oldest_first)

    def _live(self, wanted: Wanted) -> list[Run]:
        found = self.runs.get_many(self._held(wanted))
        matching = (run for run in found if self._is_wanted(wanted, run))
        return sorted(matching, key=lambda run: run.id, reverse=not wanted.oldest_first)

    def _is_wanted(self, wanted: Wanted, run: Run) -> bool:
        if wanted.agent_uuid not in (None, run.agent_uuid):
            return False
        status = session_status(run, self.clock())
        return not status.is_final if wanted.status is SessionStatus.ACTIVE else status is wanted.status
