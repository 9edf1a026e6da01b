"""A recogniser that is never lost: what fails is opened again, or another stands in, and hears what has no final yet."""

import asyncio
import logging
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial

from offhook.errors import EngineError
from streamer.media.mulaw import RATE_HZ
from streamer.speech.ports import Listening, Recogniser, Recognition, RecognitionStream
from streamer.speech.replaying import Replay

logger = logging.getLogger(__name__)

OPEN_LIMIT_S = 4.0
"""How long a recogniser may take to open."""

CLOSE_LIMIT_S = 2.0
"""How long one may take to close, before nobody waits any more."""

# Waited before the next attempt, by the failures in a row.
_PAUSES_S = (0.0, 0.0, 0.2, 0.5, 1.0, 2.0, 5.0)
# So many failures in a row, and it is the next one's turn.
_TRIES = 2
# A stream that has lived for so long, or has told what was said, is a new beginning.
_PROVEN_S = 30.0
# One that fails sooner does not hear at all: services accept a stream before they refuse it.
_SETTLED_S = 0.5
# Nobody notices a shorter deafness.
_DEAF_AFTER_S = 1.0
# A final that comes again corrects what was said seconds ago.
_MOST_FINALS_KEPT = 16


class SteadyStream:
    """One caller being listened to by the first of some recognisers that works. Takes audio at once, and never fails.

    `on_stumble` tells of a failure, of each recogniser once in a row of them; `on_deaf` whether nothing has heard the
    caller for a second. Owns a task, begun here, and those that close what has failed; `close` ends them.
    """

    def __init__(
        self,
        choices: Sequence[Recogniser],
        listening: Listening,
        *,
        on_recognition: Callable[[Recognition], None],
        on_correction: Callable[[Recognition], None],
        on_stumble: Callable[[], None],
        on_deaf: Callable[[bool], None],
        limit_s: float = OPEN_LIMIT_S,
    ) -> None:
        self._choices = list(choices)
        self._listening = listening
        self._on_recognition = on_recognition
        self._on_correction = on_correction
        self._on_stumble = on_stumble
        self._on_deaf = on_deaf
        self._limit_s = limit_s
        self._loop = asyncio.get_running_loop()
        self._replay = Replay()
        self._phrases: Sequence[str] | None = None
        self._finals: deque[str] = deque(maxlen=_MOST_FINALS_KEPT)
        self._stream: RecognitionStream | None = None
        self._number = 0
        self._offset_ms = 0
        self._closed: list[tuple[str, float]] = []
        self._failures = 0
        self._told_failed: set[Recogniser] = set()
        self._is_deaf = False
        self._timers: list[asyncio.TimerHandle] = []
        self._closing: set[asyncio.Task[None]] = set()
        self._deafening: asyncio.TimerHandle | None = None
        self._hear_nothing()
        self._task = self._loop.create_task(self._run())

    @property
    def recognised(self) -> Sequence[tuple[str, float]]:
        """The engine of each stream so far, and the seconds of audio that it was given."""
        return self._closed if self._stream is None else [*self._closed, _given(self._stream)]

    def expect(self, phrases: Sequence[str]) -> None:
        """See the port."""
        self._phrases = phrases
        if self._stream is not None:
            self._stream.expect(phrases)

    def feed(self, audio: bytes) -> None:
        """See the port."""
        self._replay.feed(audio)
        if self._stream is not None:
            self._stream.feed(audio)

    def start_utterance(self) -> None:
        """See the port."""
        self._replay.start()
        if self._stream is not None:
            self._stream.start_utterance()

    def finish_utterance(self) -> None:
        """See the port."""
        self._replay.finish()
        if self._stream is not None:
            self._stream.finish_utterance()

    def mute(self) -> None:
        """Tell nobody anything any more, since another one listens; it is closed soon."""
        self._on_recognition = self._on_correction = self._on_deaf = _tell_nobody
        self._on_stumble = partial(_tell_nobody, None)

    async def close(self) -> None:
        """See the port; one that can't be closed any more is no concern of the call."""
        self._task.cancel()
        await asyncio.wait([self._task])
        self._take_out()
        if self._deafening is not None:
            self._deafening.cancel()
        if self._closing:
            await asyncio.wait(self._closing)

    async def _run(self) -> None:
        while self._choices:
            await asyncio.sleep(_PAUSES_S[min(self._failures, len(_PAUSES_S) - 1)])
            self._number += 1
            lost: asyncio.Future[Exception] = self._loop.create_future()
            try:
                self._put_in(await self._open(self._choices[0], lost))
            except (EngineError, TimeoutError) as error:
                self._fail(error)
            else:
                failure = await lost
                self._take_out()
                self._fail(failure)

    async def _open(self, choice: Recogniser, lost: "asyncio.Future[Exception]") -> RecognitionStream:
        async with asyncio.timeout(self._limit_s):
            return await choice.open(
                listening=self._listening,
                on_recognition=partial(self._recognised, self._number),
                on_failure=partial(_settle, lost),
            )

    def _put_in(self, stream: RecognitionStream) -> None:
        self._stream = stream
        self._offset_ms = self._replay.begins_ms
        if self._phrases is not None:
            stream.expect(self._phrases)
        self._replay.give(stream)
        self._timers = [
            self._loop.call_later(_SETTLED_S, self._hear_again),
            self._loop.call_later(_PROVEN_S, self._prove),
        ]

    def _take_out(self) -> None:
        stream, self._stream = self._stream, None
        self._stop_timers()
        self._hear_nothing()
        if stream is not None:
            self._closed.append(_given(stream))
            task = self._loop.create_task(_close(stream))
            self._closing.add(task)
            task.add_done_callback(self._closing.discard)

    def _fail(self, error: Exception) -> None:
        choice = self._choices[0]
        logger.warning("recogniser failed", extra={"error_type": type(error).__name__})
        self._failures += 1
        if choice not in self._told_failed:
            self._told_failed.add(choice)
            self._on_stumble()
        if isinstance(error, EngineError) and not error.retryable:
            self._choices.pop(0)
        elif self._failures % _TRIES == 0 or isinstance(error, TimeoutError):
            # What does not answer in time is not asked again where there is another.
            self._choices.append(self._choices.pop(0))

    def _prove(self) -> None:
        self._failures = 0
        self._told_failed.clear()
        self._hear_again()

    def _recognised(self, number: int, told: Recognition) -> None:
        if number != self._number:
            return
        told = _placed(told, number, self._offset_ms)
        if told.is_final and told.result_id in self._finals:
            self._on_correction(told)
        else:
            self._hear_again()
            if told.is_final:
                self._take_final(told)
            self._on_recognition(told)

    def _take_final(self, final: Recognition) -> None:
        self._replay.answered()
        if final.result_id:
            self._finals.append(final.result_id)
        if final.text:
            self._prove()

    # --- deafness ---

    def _hear_nothing(self) -> None:
        if self._deafening is None:
            self._deafening = self._loop.call_later(_DEAF_AFTER_S, self._tell_deaf)

    def _hear_again(self) -> None:
        if self._deafening is not None:
            self._deafening.cancel()
            self._deafening = None
        if self._is_deaf:
            self._is_deaf = False
            self._on_deaf(False)

    def _tell_deaf(self) -> None:
        self._is_deaf = True
        self._on_deaf(True)

    def _stop_timers(self) -> None:
        for timer in self._timers:
            timer.cancel()


def _tell_nobody(_: object) -> None:
    """Let what is told be lost."""


def _settle(lost: "asyncio.Future[Exception]", error: Exception) -> None:
    if not lost.done():
        lost.set_result(error)


def _placed(told: Recognition, number: int, offset_ms: int) -> Recognition:
    """Name a recognition and place its words so that they are the call's and not those of one stream."""
    words = tuple(
        replace(word, start_ms=word.start_ms + offset_ms, end_ms=word.end_ms + offset_ms)
        for word in told.words
    )
    result_id = f"{number}-{told.result_id}" if told.result_id else ""
    return replace(told, result_id=result_id, words=words)


def _given(stream: RecognitionStream) -> tuple[str, float]:
    return stream.engine, stream.recognised_bytes / RATE_HZ


async def _close(stream: RecognitionStream) -> None:
    try:
        async with asyncio.timeout(CLOSE_LIMIT_S):
            await stream.close()
    except (EngineError, TimeoutError) as error:
        logger.warning("recogniser not closed", extra={"error_type": type(error).__name__})
