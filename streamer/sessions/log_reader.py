"""Reading a run's log for one client: what was stored before, then what comes, each seq once and none left out."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Iterator, Sequence
from itertools import islice

from offhook.errors import StorageError
from offhook.runs.log.entry import LogEntry
from offhook.runs.ports import EventLog
from offhook.sessions.frames import LoggedFrame
from streamer.record.threads import Threads
from streamer.sessions.feeds import Feed

logger = logging.getLogger(__name__)

RETRY_S = 1.0

_PAGE = 64


class LogReader:
    """Sends a feed's frames after `sent`, the seq that the client has, in order and without a gap.

    The rule is one for replay, live frames and a change of the run's owner: only the frame after the last one is sent.
    Whoever sees that others lie between reads those from the store.
    """

    def __init__(
        self,
        feed: Feed,
        *,
        log: EventLog,
        threads: Threads,
        sent: int,
        send: Callable[[Sequence[str]], None],
        until_read: Callable[[], Awaitable[None]],
    ) -> None:
        self._feed = feed
        self._log = log
        self._threads = threads
        self._sent = sent
        self._send = send
        self._until_read = until_read
        self._is_live = False
        self._is_over = False
        self._wake = asyncio.Event()
        self.has_sent_end = False

    async def run(self) -> None:
        """Send all that comes until the run is over."""
        self._feed.join(self)
        try:
            while True:
                await self._catch_up()
                if self._is_over:
                    return
                # Nothing is awaited between the last look at the feed and this.
                self._is_live = True
                await self._wake.wait()
                self._is_live = False
                self._wake.clear()
        finally:
            self._feed.leave(self)

    # What the feed calls.

    def take_logged(self, frames: Sequence[LoggedFrame]) -> None:
        if not self._is_live:
            return
        # So many at once are read from the store as well, at the client's own pace.
        if frames[0].seq > self._sent + 1 or len(frames) > _PAGE:
            self._is_live = False
            self._wake.set()
        else:
            self._pass_on(frames)

    def run_is_over(self) -> None:
        self._is_over = True
        self._wake.set()

    async def _catch_up(self) -> None:
        while self._sent < (newest := self._feed.newest):
            try:
                await self._read_on()
            except StorageError:
                logger.warning("log not read, trying again", extra={"run_id": self._feed.run.id})
                await asyncio.sleep(RETRY_S)
            else:
                # What the log holds no more can't be waited for.
                self._sent = max(self._sent, newest)

    async def _read_on(self) -> None:
        entries = self._log.read(self._feed.run.id, after_seq=self._sent, consistent=True)
        while frames := await self._threads.run(self._page, entries):
            for frame in frames:
                self._pass_on((frame,))
                await self._until_read()

    def _page(self, entries: Iterator[LogEntry]) -> Sequence[LoggedFrame]:
        return self._feed.frames(list(islice(entries, _PAGE)))

    def _pass_on(self, frames: Sequence[LoggedFrame]) -> None:
        new = [frame for frame in frames if frame.seq > self._sent]
        if new:
            self._sent = new[-1].seq
            self.has_sent_end = self.has_sent_end or any(frame.is_end for frame in new)
            self._send([frame.text for frame in new])
