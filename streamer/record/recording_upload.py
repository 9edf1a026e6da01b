"""One call's recording on its way to the bucket."""

import asyncio
import logging

from offhook.errors import StorageError
from offhook.runs.ending.media import segment_key
from streamer.record.blocking import Archive
from streamer.record.patience import patiently
from streamer.record.possession import Possession, RunKeeper

logger = logging.getLogger(__name__)

# A minute of audio, one megabyte. A bucket that is away for longer costs the rest of the recording, and neither the
# process its memory nor the run its end, which comes once all of them are stored or given up.
_MOST_WAITING = 6


class RecordingUpload:
    """Stores the segments of a recording one after another, as long as the run is ours."""

    def __init__(self, keeper: RunKeeper, archive: Archive, possession: Possession) -> None:
        self._keeper = keeper
        self._archive = archive
        self._possession = possession
        self._waiting: asyncio.Queue[tuple[str, bytes]] = asyncio.Queue(_MOST_WAITING)
        self._segments = 0

    def add(self, stereo: bytes) -> None:
        """Have a segment (interleaved mu-law) stored; never waits. One too many is given up."""
        key = segment_key(self._possession.run, self._possession.ownership.epoch, self._segments)
        self._segments += 1
        try:
            self._waiting.put_nowait((key, stereo))
        except asyncio.QueueFull:
            self._note_given_up()

    async def run(self) -> None:
        """Store what is added, until cancelled; raise OwnershipLostError once the run is another's."""
        while True:
            key, stereo = await self._waiting.get()
            await self._store(key, stereo)
            self._waiting.task_done()

    async def flush(self) -> None:
        """Wait until everything added so far is stored, or given up."""
        await self._waiting.join()

    async def _store(self, key: str, stereo: bytes) -> None:
        # A process that was frozen must not add to the recording of a call that has gone on without it.
        await self._keeper.renew(self._possession)
        try:
            await patiently(lambda: self._archive.put_segment(key, stereo))
        except StorageError:
            self._note_given_up()

    def _note_given_up(self) -> None:
        logger.error("segment of a recording given up", extra={"run_id": self._possession.run.id})
