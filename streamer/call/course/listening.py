"""The caller's half of the call: which utterance is going on, and which recognitions still count."""

from collections import deque
from enum import Enum

from offhook.runs.log.events import CorrectionEvent, Speaker, SpeechEvent, SpeechState
from streamer.call.commands import Append, Command, FinishUtterance, StartUtterance
from streamer.call.course.turns import TurnDetector
from streamer.call.events import Recognised

# A breath is shorter. Who has paused for so long, and gone on, is likely to pause again.
_HESITATION_MS = 400
# Detectors lose soft ends of words, more of them in noise: by so much, at most, the words tell better when a voice ended.
_MOST_LOST_MS = 300
# Services correct what they have said within seconds.
_MOST_TURNS_KEPT = 4
# Whoever is silent for longer waits for the other one.
_LONGEST_PAUSE_MS = 1000


class _Promise(Enum):
    AWAITED = 1
    LATE = 2  # nobody waits any more, and its words count when they come
    DROPPED = 3
    CLICK = 4  # dropped, unless words are told of what was too short for a voice


class Listening:
    """Turns the caller's speech into utterances, and the recogniser's finals into the text of a turn.

    Finals come one for each finished utterance, in order, so a queue of promises tells which of them count. `is_open`
    says whether the recogniser is being given an utterance, `came_late` whether the words have come that nobody waited for,
    `has_part` whether the present or latest utterance has shown words, `hesitates` whether the caller has paused within
    this turn.
    `talk_start_ms` is since when they talk without waiting, be it understood or not.
    """

    def __init__(self, turns: TurnDetector) -> None:
        self._turns = turns
        self._promises: deque[_Promise] = deque()
        self._held: list[Recognised] = []
        self._turns_taken: deque[tuple[str, list[Recognised]]] = deque(maxlen=_MOST_TURNS_KEPT)
        self.is_open = False
        self.came_late = False
        self.has_part = False
        self.hesitates = False
        self.start_ms = 0
        self.talk_start_ms = 0
        self.end_ms = 0
        self.voiced_ms = 0

    @property
    def is_awaited(self) -> bool:
        """Say whether a recognition that counts is still to come."""
        return _Promise.AWAITED in self._promises

    @property
    def text(self) -> str:
        """The turn's words so far."""
        return _text(self._held)

    @property
    def has_text(self) -> bool:
        """Say whether words were recognised that nobody has taken yet."""
        return bool(self._held)

    def start(self, now_ms: int) -> list[Command]:
        """Begin an utterance that was noticed now."""
        self.is_open = True
        self.has_part = False
        start_ms = max(0, now_ms - self._turns.voiced_ms - self._turns.silence_ms)
        if not self._held and not self.is_awaited:
            self.start_ms = start_ms
            self.hesitates = False
        elif start_ms - self.end_ms >= _HESITATION_MS:
            self.hesitates = True
        if not self.end_ms or start_ms - self.end_ms > _LONGEST_PAUSE_MS:
            self.talk_start_ms = start_ms
        return [StartUtterance(), _speech(SpeechState.STARTED, start_ms)]

    def finish(self, now_ms: int) -> list[Command]:
        """End the utterance and await its recognition."""
        self.is_open = False
        self.end_ms = now_ms - self._turns.silence_ms
        self.voiced_ms = self._turns.voiced_ms
        self._promises.append(_Promise.AWAITED)
        return [FinishUtterance(), _speech(SpeechState.STOPPED, self.end_ms)]

    def ignore(self, *, is_click: bool = False) -> list[Command]:
        """End the utterance and disregard its recognition; of one that was too short for a voice, unless it has words."""
        self.is_open = False
        self._promises.append(_Promise.CLICK if is_click else _Promise.DROPPED)
        return [FinishUtterance()]

    def goes_on(self, end_ms: int) -> list[Command]:
        """Await the recognition of words that were told up to there, and in which no voice was noticed."""
        self.hesitates = self.hesitates or end_ms - self.end_ms >= _HESITATION_MS
        self.end_ms = max(self.end_ms, end_ms)
        if _Promise.CLICK in self._promises:
            self._change_promises(_Promise.CLICK, _Promise.AWAITED)
            return []
        self._promises.append(_Promise.AWAITED)
        return [StartUtterance(), FinishUtterance()]

    def recognised(self, final: Recognised, now_ms: int) -> bool:
        """Take the next final; return True when the turn's text is complete."""
        promise = self._promises.popleft() if self._promises else _Promise.DROPPED
        if promise in (_Promise.AWAITED, _Promise.LATE) and final.text:
            self._held.append(final)
            self._place_end(final, now_ms)
            self.came_late |= promise is _Promise.LATE
        is_told = promise is _Promise.AWAITED or (promise is _Promise.LATE and bool(final.text))
        return is_told and not self.is_awaited

    def _place_end(self, final: Recognised, now_ms: int) -> None:
        if final.silent_ms is not None:
            word_end_ms = now_ms - max(0, final.silent_ms)
            self.end_ms = max(self.end_ms, min(word_end_ms, self.end_ms + _MOST_LOST_MS))

    def take_text(self, segment_id: str) -> str:
        """Return the turn's text, which becomes a segment of this name and can only be corrected from now on."""
        text, taken, self._held = self.text, self._held, []
        self.came_late = False
        self._turns_taken.append((segment_id, taken))
        return text

    def correct(self, result_id: str, text: str) -> CorrectionEvent | None:
        """Change a final; return the correction of its segment when a turn has taken it."""
        _replace(self._held, result_id, text)
        for segment_id, finals in self._turns_taken:
            original = _text(finals)
            _replace(finals, result_id, text)
            if _text(finals) != original:
                return CorrectionEvent(segment_id=segment_id, original=original, heard_text=_text(finals))
        return None

    def wait_no_longer(self) -> None:
        """Stop waiting; what comes late counts all the same."""
        self._change_promises(_Promise.AWAITED, _Promise.LATE)

    def give_up(self) -> None:
        """Stop waiting and forget what was said; what comes late no longer counts."""
        self._promises = deque(_Promise.DROPPED for _ in self._promises)
        self._held.clear()
        self.came_late = False

    def begin_anew(self) -> None:
        """Forget what another recogniser was told: it answers nobody any more."""
        self.give_up()
        self._promises.clear()
        self.is_open = self.has_part = False

    def _change_promises(self, before: _Promise, after: _Promise) -> None:
        self._promises = deque(after if promise is before else promise for promise in self._promises)


def _text(finals: list[Recognised]) -> str:
    return " ".join(final.text for final in finals)


def _replace(finals: list[Recognised], result_id: str, text: str) -> None:
    """Put a text in the place of the final of this id, if it is there; no text, no final."""
    for index, final in enumerate(finals):
        if final.result_id == result_id:
            finals[index : index + 1] = [Recognised(text=text, result_id=result_id)] if text else []
            return


def _speech(state: SpeechState, offset_ms: int) -> Append:
    return Append(event=SpeechEvent(speaker=Speaker.CALLER, state=state, offset_ms=offset_ms))
