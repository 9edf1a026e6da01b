"""The recognisers of the bench of turns: both know the words, and tell them the way the real ones do.

`Gated` is the offline one's way: it hears utterances only, from 400 ms before the voice detector was sure; when one is
over it is asked, and tells its words after the delay. What the detector misses is lost.

`Streamed` is Transcribe's: it hears the whole call in pieces of 100 ms, tells each word so long after the word's end, in
partials as the service on this machine writes them, and the product's own `Committing` finds in them what a question is
answered with. What it leaves out: words are never taken for others, are stable once told, and no stream is lost or mute.
"""

from collections import deque
from collections.abc import Iterator, Sequence
from typing import Protocol

from benchmarks.prompts import Word
from local.aws.speech import words as service
from local.aws.speech.transcribe_request import TranscriptionRequest
from local.aws.speech.transcript import Transcript
from streamer.call.events import PartlyRecognised, Recognised
from streamer.speech.ports import Recognition
from streamer.speech.transcribe.committing import PAUSE_MS, Committing
from streamer.speech.transcribe.results import read_event

_PREROLL_MS = 400
_PIECE_MS = 100
# The service ends a result where nobody speaks for so long.
_BETWEEN_RESULTS_MS = 600
_REQUEST = TranscriptionRequest(
    languages=("en-US",),
    identifies_language=False,
    sample_rate_hz=8000,
    is_spoken=True,
    is_stabilized=True,
    vocabularies=(),
    session_id="",
    asked={},
)


class Recogniser(Protocol):
    """What the call is heard by; all times on the call's clock."""

    def start(self, now_ms: int) -> None:
        """Learn that an utterance has begun."""

    def finish(self, now_ms: int) -> None:
        """Be asked what was said."""

    def due(self, now_ms: int) -> Iterator[Recognised | PartlyRecognised]:
        """Tell what is to be told by now."""


class Gated:
    """Hears utterances only."""

    def __init__(self, words: Sequence[Word], delay_ms: int) -> None:
        self._words = deque(words)
        self._delay_ms = delay_ms
        self._answers: deque[tuple[int, str, int | None]] = deque()

    def start(self, now_ms: int) -> None:
        """See the protocol."""
        while self._words and self._words[0].middle_ms < now_ms - _PREROLL_MS:
            self._words.popleft()

    def finish(self, now_ms: int) -> None:
        """See the protocol."""
        said = []
        while self._words and self._words[0].middle_ms <= now_ms:
            said.append(self._words.popleft())
        text = " ".join(word.text for word in said)
        self._answers.append((now_ms + self._delay_ms, text, said[-1].end_ms if said else None))

    def due(self, now_ms: int) -> Iterator[Recognised | PartlyRecognised]:
        """See the protocol."""
        while self._answers and self._answers[0][0] <= now_ms:
            _, text, end_ms = self._answers.popleft()
            yield Recognised(text=text, silent_ms=None if end_ms is None else now_ms - end_ms)


class Streamed:
    """Hears the whole call."""

    def __init__(self, words: Sequence[Word], delay_ms: int) -> None:
        pace = service.Pace(told_ms=delay_ms, stable_ms=0, final_ms=delay_ms + _BETWEEN_RESULTS_MS)
        self._transcript = Transcript(_REQUEST, pace)
        for utterance in _utterances(words):
            self._transcript.begin(utterance)
        self._committing = Committing()

    def start(self, now_ms: int) -> None:
        """See the protocol."""

    def finish(self, now_ms: int) -> None:
        """See the protocol; an utterance's end is sent at once, be it a whole piece or not."""
        self._committing.ask(now_ms - PAUSE_MS, now_ms)
        self._hear(now_ms)

    def due(self, now_ms: int) -> Iterator[Recognised | PartlyRecognised]:
        """See the protocol."""
        if now_ms % _PIECE_MS == 0:
            self._hear(now_ms)
        while self._committing.is_asked and self._committing.due_ms(now_ms) <= now_ms:
            yield _final(self._committing.answer(), now_ms)
        if (part := self._committing.partial()) is not None:
            yield PartlyRecognised(
                text=part.text,
                stable_text=part.stable_text,
                result_id=part.result_id,
                silent_ms=_silent_ms(part, now_ms),
            )

    def _hear(self, now_ms: int) -> None:
        for event in self._transcript.at(now_ms):
            for result in read_event(event):
                self._committing.take(result, now_ms)


def _final(told: Recognition, now_ms: int) -> Recognised:
    return Recognised(text=told.text, result_id=told.result_id, silent_ms=_silent_ms(told, now_ms))


def _silent_ms(told: Recognition, now_ms: int) -> int | None:
    return now_ms - told.words[-1].end_ms if told.words else None


def _utterances(words: Sequence[Word]) -> Iterator[service.Utterance]:
    together: list[Word] = []
    for word in words:
        if together and word.start_ms - together[-1].end_ms >= _BETWEEN_RESULTS_MS:
            yield _utterance(together)
            together = []
        together.append(word)
    if together:
        yield _utterance(together)


def _utterance(words: Sequence[Word]) -> service.Utterance:
    told = [service.Word(text=word.text, start_ms=word.start_ms, end_ms=word.end_ms) for word in words]
    return service.Utterance(words=tuple(told))
