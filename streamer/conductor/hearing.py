"""One caller's audio on its way to the voice detector and the recogniser."""

from collections.abc import Callable, Sequence

from streamer.call.events import (
    Corrected,
    EngineStumbled,
    Event,
    HearingFound,
    HearingLost,
    PartlyRecognised,
    Recognised,
)
from streamer.conductor.engines import Engines
from streamer.media.mulaw import BYTES_PER_MS, SILENT_CHUNK
from streamer.speech.ports import Listening, Recognition
from streamer.speech.steady import OPEN_LIMIT_S, SteadyStream

# The recogniser is fed ten times a second, not fifty.
_FEED_BYTES = 800


class Hearing:
    """Judges every chunk, and feeds the recogniser the whole call; an engine may want to know where utterances are."""

    def __init__(
        self, engines: Engines, *, on_event: Callable[[Event], None], limit_s: float = OPEN_LIMIT_S
    ) -> None:
        self._engines = engines
        self._detector = engines.new_detector()
        self._on_event = on_event
        self._limit_s = limit_s
        self._stream: SteadyStream
        self._streams: list[SteadyStream] = []
        self._unfed = bytearray()
        self._fed_bytes = 0

    def open(self, listening: Listening) -> None:
        """Begin to listen, before all else; nobody waits for the recogniser, which hears everything once it is there."""
        self._stream = SteadyStream(
            self._engines.recognisers,
            listening,
            on_recognition=self._recognised,
            on_correction=self._corrected,
            on_stumble=self._stumbled,
            on_deaf=self._deaf,
            limit_s=self._limit_s,
        )
        self._streams.append(self._stream)

    def begin_anew(self, engines: Engines, listening: Listening) -> None:
        """Listen with other recognisers from now on; of the former ones nothing is told, and `close_former` is due."""
        self._stream.mute()
        self._engines = engines
        self._unfed.clear()
        self._fed_bytes = 0
        self.open(listening)

    async def close_former(self) -> None:
        """Close the stream that was listened with before."""
        await self._streams[-2].close()

    async def close(self) -> None:
        """Stop listening."""
        for stream in self._streams:
            await stream.close()

    @property
    def recognised(self) -> Sequence[tuple[str, float]]:
        """The engine of each stream that was recognised, and the seconds that it was given."""
        return [each for stream in self._streams for each in stream.recognised]

    def is_voiced(self, chunk: bytes) -> bool:
        """Take the caller's next 20 ms; say whether they hold speech."""
        self._unfed += chunk
        if len(self._unfed) >= _FEED_BYTES:
            self._feed()
        return self._detector.is_voiced(chunk)

    def pass_silence(self) -> None:
        """Feed 20 ms of silence where the carrier has sent nothing: services give up a stream that they hear nothing of."""
        self._unfed += SILENT_CHUNK
        if len(self._unfed) >= _FEED_BYTES:
            self._feed()

    def expect(self, phrases: Sequence[str]) -> None:
        """Tell the recogniser what may be said."""
        self._stream.expect(phrases)

    def start_utterance(self) -> None:
        """Tell the recogniser that the caller has begun to speak."""
        self._feed()
        self._stream.start_utterance()

    def finish_utterance(self) -> None:
        """Ask the recogniser what the caller has said."""
        self._feed()
        self._stream.finish_utterance()

    def _feed(self) -> None:
        self._fed_bytes += len(self._unfed)
        if self._unfed:
            self._stream.feed(bytes(self._unfed))
        self._unfed.clear()

    def _recognised(self, told: Recognition) -> None:
        silent_ms = self._silent_ms(told.words[-1].end_ms) if told.words else None
        if told.is_final:
            self._on_event(Recognised(text=told.text, result_id=told.result_id, silent_ms=silent_ms))
        else:
            part = PartlyRecognised(
                text=told.text,
                stable_text=told.stable_text,
                result_id=told.result_id,
                silent_ms=silent_ms,
            )
            self._on_event(part)

    def _silent_ms(self, word_end_ms: int) -> int:
        return (self._fed_bytes + len(self._unfed)) // BYTES_PER_MS - word_end_ms

    def _corrected(self, told: Recognition) -> None:
        self._on_event(Corrected(text=told.text, result_id=told.result_id))

    def _stumbled(self) -> None:
        self._on_event(EngineStumbled(engine="recogniser", code="recogniser-failed"))

    def _deaf(self, is_deaf: bool) -> None:
        self._on_event(HearingLost() if is_deaf else HearingFound())
