"""What a recogniser was given and has not answered yet, so that another one can hear it again."""

from collections import deque
from enum import Enum
from typing import TypeAlias

from streamer.media.mulaw import BYTES_PER_MS
from streamer.speech.ports import RecognitionStream

# The longest utterance that there can be.
_MOST_BYTES = 30_000 * BYTES_PER_MS
# Where nobody speaks, what comes before an utterance: it is noticed within 400 ms.
_MOST_QUIET_BYTES = 1_000 * BYTES_PER_MS


class _Mark(Enum):
    STARTED = 1
    FINISHED = 2


_Step: TypeAlias = bytes | _Mark


class Replay:
    """Keeps the call's audio since the last final, with where utterances began and ended in it."""

    def __init__(self) -> None:
        self._steps: deque[_Step] = deque()
        self._kept_bytes = 0
        self._heard_bytes = 0
        self._marks = 0

    @property
    def begins_ms(self) -> int:
        """Where in the call the audio begins that is kept."""
        return (self._heard_bytes - self._kept_bytes) // BYTES_PER_MS

    def feed(self, audio: bytes) -> None:
        """Keep more of the call."""
        self._steps.append(audio)
        self._kept_bytes += len(audio)
        self._heard_bytes += len(audio)
        self._forget_old()

    def start(self) -> None:
        """Keep that an utterance has begun."""
        self._mark(_Mark.STARTED)

    def finish(self) -> None:
        """Keep that an utterance is over, and asked about."""
        self._mark(_Mark.FINISHED)

    def answered(self) -> None:
        """Forget the first utterance that was asked about: it has its final."""
        while self._steps:
            step = self._forget(0)
            if step is _Mark.FINISHED:
                break
        self._forget_old()

    def give(self, stream: RecognitionStream) -> None:
        """Have a stream hear all of it."""
        for step in self._steps:
            if step is _Mark.STARTED:
                stream.start_utterance()
            elif step is _Mark.FINISHED:
                stream.finish_utterance()
            else:
                stream.feed(step)

    def _mark(self, mark: _Mark) -> None:
        self._steps.append(mark)
        self._marks += 1

    def _forget_old(self) -> None:
        most = _MOST_BYTES if self._marks else _MOST_QUIET_BYTES
        while self._kept_bytes > most:
            # Questions stay, however old: each is owed a final.
            self._forget(next(n for n, step in enumerate(self._steps) if isinstance(step, bytes)))

    def _forget(self, index: int) -> _Step:
        step = self._steps[index]
        del self._steps[index]
        if isinstance(step, bytes):
            self._kept_bytes -= len(step)
        else:
            self._marks -= 1
        return step
