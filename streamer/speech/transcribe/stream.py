"""One caller's stream to Transcribe, as its user sees it, and the part that both protocols share."""

import asyncio
from collections.abc import AsyncIterator
from typing import Protocol

from streamer.speech.aws_failures import AwsSpeechError
from streamer.speech.transcribe.results import TranscribeResult

SERVICE = "Transcribe"


class TranscribeStream(Protocol):
    """One caller being listened to. Audio is 16-bit PCM, 8000 Hz, mono."""

    async def send(self, pcm: bytes) -> None:
        """Send the next audio: 100 ms at a time is best, a second the most.

        Send silence where there is none: the service ends a stream that it hears nothing of for 15 s. Raises
        AwsSpeechError once the stream has failed.
        """

    async def finish(self) -> None:
        """Say that the audio is over; what is still to be told comes, and then `results` ends."""

    def results(self) -> AsyncIterator[TranscribeResult]:
        """Yield the results as they come, to one reader.

        Ends after `finish` or `close`; an end that nobody asked for, like every other failure, raises AwsSpeechError,
        after all the results that had come before it.
        """

    async def close(self) -> None:
        """Free what the stream holds, at once and whatever state it is in; may be called again."""


class Outlet:
    """Hands results over to their one reader; the end, or the failure, comes last and once."""

    def __init__(self) -> None:
        # Not bounded: the service tells a few results a second, and 4 hours are the most that a stream lasts.
        self._queue: asyncio.Queue[TranscribeResult | None] = asyncio.Queue()
        self._is_over = False
        self.failure: AwsSpeechError | None = None

    def put(self, result: TranscribeResult) -> None:
        if not self._is_over:
            self._queue.put_nowait(result)

    def end(self, failure: AwsSpeechError | None = None) -> None:
        if not self._is_over:
            self._is_over = True
            self.failure = failure
            self._queue.put_nowait(None)

    async def results(self) -> AsyncIterator[TranscribeResult]:
        while (result := await self._queue.get()) is not None:
            yield result
        self._queue.put_nowait(None)  # for who asks again
        self.raise_failure()

    def raise_failure(self) -> None:
        if self.failure is not None:
            raise self.failure
