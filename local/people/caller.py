"""The person at the simulated phone: hears 20 ms, decides, says 20 ms. No I/O and no clock but the audio's own."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from local.people.line_noise import NOISE, is_voiced
from local.people.lines import Act, Line
from streamer.media.mulaw import CHUNK_BYTES, CHUNK_MS

QUIET_MS = 700
"""A person answers when the other one has been quiet for a moment."""
INTERRUPT_AFTER_MS = 1_000
KEY_MS = 240
"""From one key of several to the next."""
FETCH_MS = 5_000
"""Whoever was asked for by a key takes a moment to come to the phone."""
BEFORE_BEEP_MS = 500
"""A machine beeps a moment after its last word."""
PATIENCE_MS = 60_000
"""After this long without a word from either side, anybody hangs up."""

# A click is no speech; three loud chunks are.
_SPEECH_CHUNKS = 3


class CallerEventKind(StrEnum):
    """What a live display shows of the person."""

    SAYS = "says"
    PRESSES = "presses"
    HANGS_UP = "hangs-up"
    AGENT_BEGINS = "agent-begins"
    AGENT_ENDS = "agent-ends"
    CLEARED = "cleared"
    HEARS_KEYS = "hears-keys"


@dataclass(frozen=True, slots=True, kw_only=True)
class CallerEvent:
    """Something that happened at the phone, `at_ms` after it was answered.

    `reaction_ms` is with CLEARED: from the first voiced chunk of an interruption to the carrier's `clear`.
    """

    kind: CallerEventKind
    at_ms: int
    text: str = ""
    reaction_ms: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """What the phone sends in these 20 ms."""

    audio: bytes
    digit: str = ""
    hangs_up: bool = False


class CallerMachine:
    """Follows a script. `speech` holds the mu-law of every text in it; a text without any is passed over in silence."""

    def __init__(
        self,
        lines: Sequence[Line],
        speech: Mapping[str, bytes],
        *,
        on_event: Callable[[CallerEvent], None] = lambda _: None,
    ) -> None:
        self._lines = list(lines)
        self._speech = speech
        self._on_event = on_event
        self._ear = _Ear()
        self._mouth = _Mouth()
        self._now_ms = 0
        self._last_sound_ms = 0
        self._mouth_closed_ms = 0
        # The agent's turn that the next line answers; it must have begun after our last line.
        self._has_heard_turn = False
        self._is_asking = False
        self._has_hung_up = False
        self._keys = ""
        self._next_key_ms = 0
        self._heard_keys_ms: int | None = None

    def step(self, heard: bytes) -> Said:
        """Take the 20 ms that the phone played and return the 20 ms that the person makes meanwhile."""
        self._now_ms += CHUNK_MS
        self._listen(heard)
        key = self._act()
        audio = self._mouth.next_chunk(self._now_ms)
        if self._mouth.is_open:
            self._mouth_closed_ms = self._now_ms
        if self._mouth.is_open or self._ear.hears_speech:
            self._last_sound_ms = self._now_ms
        return Said(audio=audio, digit=key, hangs_up=self._has_hung_up)

    def on_clear(self) -> None:
        """Take note that the agent stopped its own speech: the answer to an interruption."""
        if self._ear.hears_speech:
            # What it says next is a new turn, however soon it comes.
            self._ear.hears_speech = False
            self._tell(CallerEventKind.AGENT_ENDS)
        since_ms = self._mouth.interrupting_since_ms
        if since_ms is not None:
            self._mouth.interrupting_since_ms = None
            self._tell(CallerEventKind.CLEARED, reaction_ms=self._now_ms - since_ms)

    def on_keys(self, digits: str) -> None:
        """Take note that the other end pressed keys."""
        self._heard_keys_ms = self._now_ms
        self._tell(CallerEventKind.HEARS_KEYS, digits)

    def _listen(self, heard: bytes) -> None:
        change = self._ear.listen(heard, self._now_ms)
        if change:
            self._tell(change)
        if change is CallerEventKind.AGENT_BEGINS:
            self._has_heard_turn = not (self._is_asking and self._mouth.is_open)
            self._mouth.interrupting_since_ms = None

    def _act(self) -> str:
        """Do what it is time for; return the key that is pressed, if one is."""
        if self._has_hung_up or self._mouth.is_open:
            return ""
        if self._keys:
            return self._press()
        if self._lines and self._is_time_for(self._lines[0]):
            self._has_heard_turn = False
            return self._begin(self._lines.pop(0))
        if self._now_ms - self._last_sound_ms >= PATIENCE_MS:
            self._hang_up()
        return ""

    def _is_time_for(self, line: Line) -> bool:
        if line.act in (Act.ANSWER, Act.ASK):
            return True
        if line.act is Act.BEEP:
            return self._now_ms - self._mouth_closed_ms >= BEFORE_BEEP_MS
        if line.act is Act.KEYS:
            return self._heard_keys_ms is not None and self._now_ms - self._heard_keys_ms >= FETCH_MS
        if not self._has_heard_turn:
            return False
        if line.act in (Act.INTERRUPT, Act.HANG_UP) and self._ear.hears_speech:
            return self._now_ms - self._ear.speech_began_ms >= INTERRUPT_AFTER_MS
        return not self._ear.hears_speech

    def _begin(self, line: Line) -> str:
        self._is_asking = line.act is Act.ASK
        match line.act:
            case Act.HANG_UP:
                self._hang_up()
            case Act.DTMF:
                self._keys, self._next_key_ms = line.text, self._now_ms
                return self._press()
            case Act.KEYS:
                self._heard_keys_ms = None
            case Act.ANSWER | Act.ASK | Act.BEEP | Act.SPEAK | Act.INTERRUPT:
                self._tell(CallerEventKind.SAYS, line.text)
                self._mouth.open(self._speech.get(line.text, b""), is_interrupting=self._ear.hears_speech)
        return ""

    def _press(self) -> str:
        if self._now_ms < self._next_key_ms:
            return ""
        key, self._keys = self._keys[0], self._keys[1:]
        self._next_key_ms = self._now_ms + KEY_MS
        self._tell(CallerEventKind.PRESSES, key)
        return key

    def _hang_up(self) -> None:
        self._has_hung_up = True
        self._tell(CallerEventKind.HANGS_UP)

    def _tell(self, kind: CallerEventKind, text: str = "", reaction_ms: int | None = None) -> None:
        self._on_event(CallerEvent(kind=kind, at_ms=self._now_ms, text=text, reaction_ms=reaction_ms))


class _Ear:
    """Tells when the agent begins and ends to speak."""

    def __init__(self) -> None:
        self.hears_speech = False
        self.speech_began_ms = 0
        self._voiced_in_a_row = 0
        self._last_voiced_ms = 0

    def listen(self, heard: bytes, now_ms: int) -> CallerEventKind | None:
        if is_voiced(heard):
            self._voiced_in_a_row += 1
            self._last_voiced_ms = now_ms
        else:
            self._voiced_in_a_row = 0
        if not self.hears_speech and self._voiced_in_a_row >= _SPEECH_CHUNKS:
            self.hears_speech = True
            self.speech_began_ms = now_ms
            return CallerEventKind.AGENT_BEGINS
        if self.hears_speech and now_ms - self._last_voiced_ms >= QUIET_MS:
            self.hears_speech = False
            return CallerEventKind.AGENT_ENDS
        return None


class _Mouth:
    """Says a recording, and the line's noise when there is none."""

    def __init__(self) -> None:
        self._speech = b""
        self._offset = 0
        self._noise_offset = 0
        self._is_interrupting = False
        self.interrupting_since_ms: int | None = None
        """When the first voiced chunk of an interruption was said; None where there is none to answer."""

    @property
    def is_open(self) -> bool:
        return self._offset < len(self._speech)

    def open(self, speech: bytes, *, is_interrupting: bool) -> None:
        self._speech, self._offset = speech, 0
        self._is_interrupting = is_interrupting
        self.interrupting_since_ms = None

    def next_chunk(self, now_ms: int) -> bytes:
        chunk = self._speech[self._offset : self._offset + CHUNK_BYTES]
        self._offset += len(chunk)
        if self._is_interrupting and chunk and is_voiced(chunk):
            self._is_interrupting = False
            self.interrupting_since_ms = now_ms
        return chunk + self._noise(CHUNK_BYTES - len(chunk))

    def _noise(self, length: int) -> bytes:
        start = self._noise_offset
        self._noise_offset = (start + length) % (len(NOISE) - CHUNK_BYTES)
        return NOISE[start : start + length]
