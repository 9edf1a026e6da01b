"""Settles the runs whose process was killed in the middle: the simulated carrier has ended with it, so no call has survived."""

import logging
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta

from offhook.clock import Clock
from offhook.errors import ConflictError, StorageError
from offhook.ids import new_process_id
from offhook.json_types import JsonObject
from offhook.runs.aftercall import join_recording, write_transcript
from offhook.runs.events import EventType, RunEvent
from offhook.runs.model import Ownership, Run, RunStatus
from offhook.runs.ports import EventLog, MediaStore, RunFilter, RunRepository
from offhook.runs.prices import Engines, PriceList
from offhook.runs.projections import usage
from offhook.runs.settling import settled

logger = logging.getLogger(__name__)

END_REASON = "system_restarted"
DISPOSITION = "error"

_LIVE = tuple(status for status in RunStatus if not status.is_final)
_LEASE = timedelta(minutes=1)
_PAGE_LIMIT = 200
# Each looks at a thousand rows, newest first; every start settles its runs, so those that are left are among the newest.
_MOST_PAGES = 3


class OrphanSettler:
    """Brings the runs that nobody holds any more to their end, as far as their logs tell them."""

    def __init__(
        self, *, runs: RunRepository, log: EventLog, media: MediaStore, prices: PriceList, clock: Clock
    ) -> None:
        self._runs = runs
        self._log = log
        self._media = media
        self._prices = prices
        self._clock = clock
        self._owner = new_process_id()

    def settle(self, organization_id: str) -> None:
        """Settle every live run of the organization; one that can't be settled now is told in the log, and left."""
        for run_id in [run.id for status in _LIVE for run in self._with_status(organization_id, status)]:
            try:
                self._settle(self._runs.get(organization_id, run_id))
            except (ConflictError, StorageError) as error:
                logger.warning("run not settled", extra={"run_id": run_id, "code": error.code})

    def _with_status(self, organization_id: str, status: RunStatus) -> Iterator[Run]:
        before_id = None
        for _ in range(_MOST_PAGES):
            page = self._runs.list(
                organization_id, RunFilter(status=status), limit=_PAGE_LIMIT, before_id=before_id
            )
            yield from page.runs
            before_id = page.next_before_id
            if before_id is None:
                return

    def _settle(self, run: Run) -> None:
        taken = self._runs.take_over(run, self._owner, self._clock() + _LEASE)
        if taken.ownership is None:
            return
        log = self._ended_log(taken.id, taken.ownership)
        final = settled(taken, log, engines=Engines(), prices=self._prices, now=self._clock())
        self._runs.finish(self._with_media(final, log), taken.ownership)

    def _ended_log(self, run_id: int, ownership: Ownership) -> list[RunEvent]:
        log = list(self._log.read(run_id, consistent=True))
        if any(event.type is EventType.END for event in log):
            return log
        now = self._clock()
        added = [
            RunEvent(seq=seq, at=now, type=type_, data=data)
            for seq, (type_, data) in enumerate(_ending(log, ownership), start=len(log) + 1)
        ]
        self._log.append(run_id, added)
        return log + added

    def _with_media(self, run: Run, log: list[RunEvent]) -> Run:
        try:
            return replace(
                run,
                transcript_key=write_transcript(self._media, run, log),
                recording_key=join_recording(self._media, run),
            )
        except StorageError:
            logger.warning("recording and transcript not written", extra={"run_id": run.id})
            return run


def _ending(log: list[RunEvent], ownership: Ownership) -> Iterator[tuple[EventType, JsonObject]]:
    duration_seconds = usage(log)["call_duration_seconds"]
    duration_ms = round(duration_seconds * 1000) if isinstance(duration_seconds, int | float) else 0
    message = "Offhook ended without a warning during this call; it was settled at the next start."
    yield EventType.TAKEOVER, {"epoch": ownership.epoch, "owner": ownership.owner}
    yield (
        EventType.ERROR,
        {"code": "system-restarted", "message": message, "node_id": None, "recoverable": False},
    )
    yield (
        EventType.END,
        {"reason": END_REASON, "disposition": DISPOSITION, "duration_ms": duration_ms},
    )
