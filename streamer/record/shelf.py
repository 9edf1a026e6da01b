"""Clips in the bucket: what a process has made of an agent's own texts, the next one need not make and pay for again.

Each organization has its own, below `clips/<organization>/`, by the hash of voice and text. An object is the SHA-256 of its
audio and the audio (mu-law, 8000 Hz). Nothing here is ever waited for by a sentence: a bucket that is slow, away or holds
rubbish costs the synthesis and no more.
"""

import asyncio
import json
import logging
import random
from collections import OrderedDict, defaultdict
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from hashlib import sha256
from threading import Lock

from offhook.errors import NotFoundError, StorageError
from offhook.runs.ports import MediaStore
from streamer.conductor.clips import Clips, EncodedClip
from streamer.loop_time import now_s
from streamer.media.mulaw import RATE_HZ
from streamer.record.patience import comes
from streamer.speech.ports import Voice

logger = logging.getLogger(__name__)

_THREADS = 2
# How long the first call of an agent in a process waits for its first sentences, which takes no longer than to make
# them; after a bucket that was slower than that, or failed, no call waits for so long.
_PATIENCE_S = 0.2
_SHUNNED_S = 60.0
# A minute of speech; the longest sentence is half of that.
_LARGEST_BYTES = 60 * RATE_HZ
# Of one organization some sixty megabytes. Beyond it any of them make room: which are in use, their next making tells.
_MOST_STORED = 2000
_MOST_PENDING = 64
_MOST_STOCKED = 64
# A greeting, and what is said when all else fails.
_FIRST = 4

_Key = tuple[str, Voice, tuple[str, ...]]


class _Fetch:
    """Clips on their way here: whether a thread has taken them on, and when the first ones may be there."""

    def __init__(self) -> None:
        self.has_begun = False
        self.first = asyncio.Event()


class Shelf:
    """The clips of the process, `clips`, and behind them those in the bucket; `pending` are on their way there."""

    def __init__(
        self, media: MediaStore, *, most_stored: int = _MOST_STORED, patience_s: float = _PATIENCE_S
    ) -> None:
        self.clips = Clips()
        self._most_stored = most_stored
        self._patience_s = patience_s
        self._media = media
        self._threads = ThreadPoolExecutor(_THREADS, thread_name_prefix="clips")
        self._stocked: OrderedDict[_Key, _Fetch] = OrderedDict()
        self._stored: dict[str, set[str]] = defaultdict(set)
        self._lock = Lock()
        self._writing = Lock()
        self.pending = 0
        self._shunned_until_s = 0.0

    def of(self, organization_id: str, own: tuple[str, ...]) -> "AgentShelf":
        """Return the shelf of an agent, whose own sentences these are, the first that are needed first."""
        return AgentShelf(self, organization_id, own)

    def close(self) -> None:
        """Put nothing more there."""
        self._threads.shutdown(wait=False, cancel_futures=True)

    async def stock(self, organization_id: str, voice: Voice, own: tuple[str, ...]) -> None:
        """Have the clips of these sentences fetched, once for the process; return when the first ones may be there."""
        key = (organization_id, voice, own)
        if now_s() < self._shunned_until_s:
            return
        fetch = self._stocked.get(key) or self._fetch(key, organization_id, voice, own)
        # Behind another agent's many clips, the bucket is not to blame.
        if not await comes(fetch.first, within_s=self._patience_s) and fetch.has_begun:
            self._shun()

    def keep(self, organization_id: str, voice: Voice, text: str, audio: bytes) -> None:
        """Put a clip there, some time."""
        if self.pending >= _MOST_PENDING or len(audio) > _LARGEST_BYTES or now_s() < self._shunned_until_s:
            return
        self.pending += 1
        loop = asyncio.get_running_loop()
        putting = loop.run_in_executor(
            self._threads, self._put, organization_id, clip_key(organization_id, voice, text), audio
        )
        putting.add_done_callback(self._note_put)

    def _note_put(self, putting: "asyncio.Future[None]") -> None:
        self.pending -= 1
        if not putting.cancelled() and (error := putting.exception()) is not None:
            logger.warning("clip not stored", extra={"error_type": type(error).__name__})
            self._shun()

    def _shun(self) -> None:
        self._shunned_until_s = now_s() + _SHUNNED_S

    def _fetch(self, key: _Key, organization_id: str, voice: Voice, own: tuple[str, ...]) -> _Fetch:
        fetching, loop = _Fetch(), asyncio.get_running_loop()
        self._stocked[key] = fetching
        if len(self._stocked) > _MOST_STOCKED:
            (former, *_), _ = self._stocked.popitem(last=False)
            self._stored.pop(former, None)

        def tell(call: Callable[..., object], *args: object) -> None:
            with suppress(RuntimeError):  # the process ends
                loop.call_soon_threadsafe(call, *args)

        def fetch() -> None:
            fetching.has_begun = True
            try:
                wanted = {text: clip_key(organization_id, voice, text) for text in own}
                self._note_stored(organization_id)
                for number, (text, name) in enumerate(wanted.items()):
                    if number == _FIRST:
                        tell(fetching.first.set)
                    if (audio := self._get(organization_id, name)) is not None:
                        tell(self.clips.keep, voice, text, EncodedClip(audio))
            except StorageError as error:
                logger.warning("clips not fetched", extra={"error_type": type(error).__name__})
                tell(self._shun)
                tell(self._stocked.pop, key, None)
            finally:
                tell(fetching.first.set)

        self._threads.submit(fetch)
        return fetching

    def _note_stored(self, organization_id: str) -> None:
        stored = set(self._media.keys(_prefix(organization_id)))
        with self._lock:
            self._stored[organization_id] = stored

    def _get(self, organization_id: str, name: str) -> bytes | None:
        if name not in self._stored[organization_id]:
            return None
        with suppress(NotFoundError):
            return unpacked(self._media.get(name))
        return None

    def _put(self, organization_id: str, name: str, audio: bytes) -> None:
        # One at a time: a clip that another thread is still writing can't be deleted for good.
        with self._writing:
            self._put_alone(organization_id, name, audio)

    def _put_alone(self, organization_id: str, name: str, audio: bytes) -> None:
        with self._lock:
            stored = self._stored[organization_id]
            if name in stored:
                return
            stored.add(name)
            old = (
                random.sample(sorted(stored - {name}), 1 + self._most_stored // 20)
                if len(stored) > self._most_stored
                else []
            )
            stored.difference_update(old)
        self._media.put(name, packed(audio), "application/octet-stream")
        if old:
            self._media.delete(old)


class AgentShelf:
    """The clips of one agent's own sentences; of others it knows and keeps nothing."""

    def __init__(self, shelf: Shelf, organization_id: str, own: tuple[str, ...]) -> None:
        self._shelf = shelf
        self._organization_id = organization_id
        self._own = own

    async def stock(self, voice: Voice) -> None:
        """Have those that were made before; return in time for the first words of a call."""
        await self._shelf.stock(self._organization_id, voice, self._own)

    def keep(self, voice: Voice, text: str, audio: bytes) -> None:
        """Keep one that was made (mu-law), unless it is not the agent's own."""
        if text in self._own:
            self._shelf.keep(self._organization_id, voice, text, audio)


def clip_key(organization_id: str, voice: Voice, text: str) -> str:
    """Return where a clip lies: another engine, voice, language, pronunciation or text is another clip."""
    ways = [[how.word, how.alias, how.ipa] for how in voice.pronunciations]
    said = json.dumps([voice.engine, voice.name, voice.language, ways, text])
    return f"{_prefix(organization_id)}{sha256(said.encode()).hexdigest()}.clip"


def packed(audio: bytes) -> bytes:
    """Return what is stored of a clip."""
    return sha256(audio).digest() + audio


def unpacked(stored: bytes) -> bytes | None:
    """Return the audio of what was stored; None when it is not what was stored."""
    digest, audio = stored[:32], stored[32:]
    return audio if 0 < len(audio) <= _LARGEST_BYTES and sha256(audio).digest() == digest else None


def _prefix(organization_id: str) -> str:
    # A prefix of its own, since a bucket's rules of expiry know only how keys begin.
    return f"clips/{organization_id}/"
