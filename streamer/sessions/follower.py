"""Following runs that other processes hold: their logs are asked for what was added, a few times a second."""

import asyncio
import logging
from collections.abc import Callable

from offhook.errors import NotFoundError, StorageError
from offhook.runs.model import Run
from offhook.runs.ports import EventLog, RunRepository
from streamer.record.threads import Threads
from streamer.sessions.feeds import Feed

logger = logging.getLogger(__name__)

LOOK_EVERY_S = 0.25
"""An owner stores four times a second at most."""

_LOOK_AT_ROW_EVERY = 8
"""Looks at the log for one at the row, which is larger: a run without a call may end without a word in its log."""


class Follower:
    """Keeps feeds going. What this process stores itself comes to them without it."""

    def __init__(
        self,
        *,
        log: EventLog,
        runs: RunRepository,
        threads: Threads,
        is_ours: Callable[[int], bool],
        look_every_s: float = LOOK_EVERY_S,
    ) -> None:
        self._log = log
        self._runs = runs
        self._threads = threads
        self._is_ours = is_ours
        self._look_every_s = look_every_s

    async def follow(self, feed: Feed) -> None:
        """Show the feed what is stored until the run is over; of all who call this for one feed, one works at a time."""
        async with feed.turn:
            looks = 0
            while not feed.is_over:
                await asyncio.sleep(self._look_every_s)
                looks += 1
                try:
                    await self._look(feed, looks)
                except StorageError:
                    logger.warning("log not followed, trying again", extra={"run_id": feed.run.id})

    async def _look(self, feed: Feed, looks: int) -> None:
        if self._is_ours(feed.run.id):
            return
        # The row first: whoever has made it final has written the whole log before.
        final = await self._final_run(feed) if feed.has_ended or looks % _LOOK_AT_ROW_EVERY == 0 else None
        feed.stored(await self._threads.run(lambda: list(self._log.follow(feed.run.id, feed.newest))))
        if final is not None:
            feed.end(final)

    async def _final_run(self, feed: Feed) -> Run | None:
        try:
            run = await self._threads.run(self._runs.get, feed.run.organization_id, feed.run.id)
        except NotFoundError:
            return feed.run
        return run if run.status.is_final else None
