"""The caller's half of the call: which utterance is going on, and which recognitions still count."""

from collections import deque

from offhook.runs.log.events import Speaker, SpeechEvent, SpeechState
from streamer.call.commands import Append, Command, FinishUtterance, StartUtterance
from streamer.call.turns import TurnDetector


class Listening:
    """Turns the caller's speech into utterances, and the recogniser's finals into the text of a turn.

    Finals come one for each finished utterance, in order, so a queue of promises tells which of them count. `is_open`
    says whether the recogniser is being given an utterance.
    """

    def __init__(self, turns: TurnDetector) -> None:
        self._turns = turns
        self._promises: deque[bool] = deque()
        self._held: list[str] = []
        self.is_open = False
        self.start_ms = 0
        self.end_ms = 0
        self.voiced_ms = 0

    @property
    def is_awaited(self) -> bool:
        """Say whether a recognition that counts is still to come."""
        return any(self._promises)

    @property
    def text(self) -> str:
        """The turn's words so far."""
        return " ".join(self._held)

    @property
    def has_text(self) -> bool:
        """Say whether words were recognised that nobody has taken yet."""
        return bool(self._held)

    def start(self, now_ms: int) -> list[Command]:
        """Begin an utterance that was noticed now."""
        self.is_open = True
        start_ms = max(0, now_ms - self._turns.voiced_ms - self._turns.silence_ms)
        if not self._held and not self.is_awaited:
            self.start_ms = start_ms
        return [StartUtterance(), _speech(SpeechState.STARTED, start_ms)]

    def finish(self, now_ms: int) -> list[Command]:
        """End the utterance and await its recognition."""
        self.is_open = False
        self.end_ms = now_ms - self._turns.silence_ms
        self.voiced_ms = self._turns.voiced_ms
        self._promises.append(True)
        return [FinishUtterance(), _speech(SpeechState.STOPPED, self.end_ms)]

    def ignore(self) -> list[Command]:
        """End the utterance and disregard its recognition."""
        self.is_open = False
        self._promises.append(False)
        return [FinishUtterance()]

    def recognised(self, text: str) -> bool:
        """Take the next final; return True when the turn's text is complete."""
        counts = bool(self._promises) and self._promises.popleft()
        if counts and text:
            self._held.append(text)
        return counts and not self.is_awaited

    def take_text(self) -> str:
        """Return the turn's text, and forget it."""
        text = self.text
        self._held.clear()
        return text

    def give_up(self) -> None:
        """Stop waiting and forget what was said; what comes late no longer counts."""
        self._promises = deque(False for _ in self._promises)
        self._held.clear()


def _speech(state: SpeechState, offset_ms: int) -> Append:
    return Append(event=SpeechEvent(speaker=Speaker.CALLER, state=state, offset_ms=offset_ms))
