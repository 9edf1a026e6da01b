"""Hears from voiced and unvoiced chunks when the caller starts speaking, takes the floor, and has finished."""

from streamer.call.events import FloorTaken, VoiceDiscarded, VoiceEvent, VoiceFinished, VoiceStarted

CHUNK_MS = 20
"""One step of the call's clock, which is that of `streamer.media.mulaw`; call and media know nothing of each other."""

# Speech starts with 4 voiced chunks among the last 5: found within 110 ms in every noise tried, and no click does it.
_WINDOW_MASK = 0b11111
_ONSET_CHUNKS = 4
_LATEST_MASK = 0b11
# Silence after which the recogniser is asked what it was; whether the turn is over, its words tell.
ASK_AFTER_MS = 200
# A noise that went on for long has stopped after so much silence.
_NOISE_OVER_MS = 500
# Nobody speaks for so long without a breath: it is a noise, and the agent must be heard again.
_LONGEST_UTTERANCE_MS = 30_000
# Talk runs on, a laugh or a cough comes in bursts of a quarter of a second: of the voice that takes the floor whatever it
# says, so much is unbroken.
_UNBROKEN_SHARE = 0.6
# Between the sounds of a word it is silent for less than this.
_IN_WORD_MS = 100
# Less voice than this in an utterance is a click, a breath or a lip.
_LEAST_VOICE_MS = 120


class TurnDetector:
    """Follows one caller's speech, 20 ms at a time."""

    def __init__(self, *, barge_in_ms: int) -> None:
        self._barge_in_ms = barge_in_ms
        self._recent = 0
        self._took_floor = False
        self._is_noise = False
        self.is_speaking = False
        self._length_ms = 0
        self._run_ms = 0
        self._longest_run_ms = 0
        self.voiced_ms = 0
        self.silence_ms = 0

    @property
    def may_begin(self) -> bool:
        """Say whether a sound was heard just now that may become speech."""
        return not self.is_speaking and self._recent & _LATEST_MASK != 0

    @property
    def is_in_word(self) -> bool:
        """Say whether the caller was speaking just now, without a pause in which they could have finished."""
        return self.is_speaking and self.silence_ms < _IN_WORD_MS

    def follow(self, *, barge_in_ms: int) -> None:
        """Take the floor from an agent after so much voice from now on."""
        self._barge_in_ms = barge_in_ms

    def hear(self, voiced: bool) -> VoiceEvent | None:
        """Take the next chunk; return what changed, if anything."""
        if self.is_speaking:
            return self._go_on(voiced)
        if self._is_noise:
            self._wait_for_pause(voiced)
            return None
        self._recent = ((self._recent << 1) | voiced) & _WINDOW_MASK
        if not voiced or self._recent.bit_count() < _ONSET_CHUNKS:
            return None
        return self._start()

    def _start(self) -> VoiceEvent:
        self.is_speaking = True
        self._took_floor = False
        self._length_ms = 0
        self.voiced_ms = self._run_ms = self._longest_run_ms = self._recent.bit_count() * CHUNK_MS
        self.silence_ms = 0
        return VoiceStarted()

    def _go_on(self, voiced: bool) -> VoiceEvent | None:
        self._length_ms += CHUNK_MS
        if voiced:
            self.voiced_ms += CHUNK_MS
            self.silence_ms = 0
            self._run_ms += CHUNK_MS
            self._longest_run_ms = max(self._longest_run_ms, self._run_ms)
        else:
            self.silence_ms += CHUNK_MS
            self._run_ms = 0
        if self.silence_ms >= ASK_AFTER_MS or self._length_ms >= _LONGEST_UTTERANCE_MS:
            return self._finish()
        if not self._took_floor and self._is_talk:
            self._took_floor = True
            return FloorTaken()
        return None

    @property
    def _is_talk(self) -> bool:
        unbroken_ms = self._barge_in_ms * _UNBROKEN_SHARE
        return self.voiced_ms >= self._barge_in_ms and self._longest_run_ms >= unbroken_ms

    def _wait_for_pause(self, voiced: bool) -> None:
        # The music, or the engine, that went on for so long is not taken for a voice again before it has stopped.
        self.silence_ms = 0 if voiced else self.silence_ms + CHUNK_MS
        self._is_noise = self.silence_ms < _NOISE_OVER_MS

    def _finish(self) -> VoiceEvent:
        self.is_speaking = False
        self._recent = 0
        self._is_noise = self.silence_ms < ASK_AFTER_MS
        return VoiceFinished() if self.voiced_ms >= _LEAST_VOICE_MS else VoiceDiscarded()
