"""What blocks, for coroutines: each kind of thing with a pool of threads of its own, so that a slow one starves no other."""

import asyncio
from collections.abc import Callable, Sequence
from typing import TypeVar

from offhook.errors import CarrierError
from offhook.runs.ending.settling import Settler
from offhook.runs.log.entry import LogEntry
from offhook.runs.log.spending import Spending
from offhook.runs.model import Run
from offhook.runs.ports import MediaStore
from offhook.telephony.ports import Carrier
from streamer.loop_time import now_s
from streamer.record.threads import Threads

T = TypeVar("T")

_MEDIA_THREADS = 4
# All calls of a process that must stop are hung up at once.
_CARRIER_THREADS = 16


class CarrierDesk:
    """The carrier."""

    def __init__(self, carrier: Carrier) -> None:
        self._carrier = carrier
        self._threads = Threads("carrier", size=_CARRIER_THREADS)

    async def ask(self, request: Callable[[Carrier], T], *, within_s: float = 0) -> T:
        """Make a request of the carrier; raise what it raises.

        While the carrier's rate limit holds it back, it is made again once it may be, if that is within so long from then.
        """
        until_s: float | None = None
        while True:
            try:
                return await self._threads.run(request, self._carrier)
            except CarrierError as error:
                wait_s, at_s = error.retry_after_seconds, now_s()
                # From its first word on, not from our question: it may name the whole time.
                until_s = at_s + within_s if until_s is None else until_s
                if wait_s is None or at_s + wait_s > until_s:
                    raise
            await asyncio.sleep(wait_s)

    def close(self) -> None:
        """Take no more requests."""
        self._threads.close()


class Archive:
    """Recordings and transcripts, in the bucket and in the final row."""

    def __init__(self, media: MediaStore, settler: Settler) -> None:
        self._media = media
        self._settler = settler
        self._threads = Threads("media", size=_MEDIA_THREADS)

    async def put_segment(self, key: str, stereo: bytes) -> None:
        """Store a part of a recording (interleaved mu-law); raise StorageError."""
        await self._threads.run(self._media.put, key, stereo, "audio/basic")

    async def final_run(self, run: Run, log: Sequence[LogEntry]) -> Run:
        """Return a run as its log tells it, over now, with its transcript and its recording written."""
        return await self._threads.run(self._settler.final_run, run, log)

    def cost_usd(self, spending: Spending) -> float:
        """Return what a call has cost so far; this alone does not block."""
        return self._settler.cost_usd(spending)

    async def clean_up(self, final: Run) -> None:
        """Delete the segments that a finished run's recording was joined of."""
        await self._threads.run(self._settler.clean_up, final)

    def close(self) -> None:
        """Take nothing more."""
        self._threads.close()
