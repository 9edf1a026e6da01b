"""Follows what the caller has heard of the agent: by the carrier's marks, or by the audio clock without them."""

from collections import deque
from dataclasses import dataclass

# How long after its expected end a segment waits for its mark, before the clock decides: long where marks were seen to
# come, since the phone plays later than we send; short where none came yet, for many carriers echo none. Before a
# hang-up it is worth waiting until that is known.
_MARK_GRACE_MS = 500
_NO_MARK_GRACE_MS = 60
# Speaking rate for a segment whose length is not known yet: about 14 characters a second, until a sentence that was long
# enough has shown that of the voice.
_MS_PER_CHARACTER = 70
_TELLING_CHARACTERS = 20


@dataclass(slots=True, kw_only=True)
class Sentence:
    """One piece of the agent's speech, from the command to say it until it was heard or cut off.

    `made_ms` is how much of it there is, `duration_ms` how long it lasts, once that is known. `inject_id` names the
    injection that it is of, if an operator wants it said.
    """

    id: str
    text: str
    fixed: bool = False
    inject_id: str | None = None
    start_ms: int | None = None
    made_ms: int = 0
    duration_ms: int | None = None
    end_ms: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Heard:
    """How much of a segment the caller heard before it was cut off."""

    segment: Sentence
    heard_ms: int
    heard_text: str
    unheard_text: str


class Playback:
    """The agent's speech that was commanded and is not known to be heard; `is_closing` before the call is hung up."""

    def __init__(self) -> None:
        self._segments: deque[Sentence] = deque()
        self._marks_work: bool | None = None
        self.is_closing = False
        self._last_end_ms = 0
        self._paused_ms: int | None = None
        self._ms_per_character: float = _MS_PER_CHARACTER

    @property
    def is_active(self) -> bool:
        """Say whether the agent is speaking or about to."""
        return bool(self._segments)

    @property
    def is_paused(self) -> bool:
        """Say whether the agent has fallen silent and may go on."""
        return self._paused_ms is not None

    @property
    def is_sounding(self) -> bool:
        """Say whether a sentence has begun to sound that was not heard to its end."""
        return bool(self._segments) and self._segments[0].start_ms is not None

    def is_at_last(self, now_ms: int) -> bool:
        """Say whether the last sentence that is queued sounds, or did when the agent fell silent."""
        if not self._segments or (start_ms := self._segments[-1].start_ms) is None:
            return False
        return start_ms <= self.silent_from(now_ms)

    def pause(self, now_ms: int) -> None:
        """Take note that the agent falls silent, and will go on or be cut off."""
        self._paused_ms = now_ms

    def resume(self, now_ms: int) -> None:
        """Take note that the agent goes on from where it fell silent."""
        if self._paused_ms is None:
            return
        silent_ms, self._paused_ms = now_ms - self._paused_ms, None
        for segment in self._segments:
            if segment.start_ms is not None:
                segment.start_ms += silent_ms

    def silent_from(self, now_ms: int) -> int:
        """Return since when the agent is silent that is made silent now."""
        return now_ms if self._paused_ms is None else self._paused_ms

    @property
    def deadline_ms(self) -> int | None:
        """The moment at which the first segment counts as heard although no mark came; none in a pause."""
        if not self._segments or self.is_paused:
            return None
        first = self._segments[0]
        if first.start_ms is None or first.duration_ms is None:
            return None
        return first.start_ms + first.duration_ms + self._grace_ms

    @property
    def _grace_ms(self) -> int:
        may_come = self._marks_work or (self._marks_work is None and self.is_closing)
        return _MARK_GRACE_MS if may_come else _NO_MARK_GRACE_MS

    def queue(self, segment_id: str, text: str, *, fixed: bool = False, inject_id: str | None = None) -> None:
        """Take note of a segment that was commanded."""
        self._segments.append(Sentence(id=segment_id, text=text, fixed=fixed, inject_id=inject_id))

    def drop_queued(self) -> list[Sentence]:
        """Forget, and return, what was to follow the sentence that sounds; the first one, if none does."""
        kept = max((n for n, each in enumerate(self._segments, 1) if each.start_ms is not None), default=1)
        dropped = list(self._segments)[kept:]
        for _ in dropped:
            self._segments.pop()
        return dropped

    def started(self, segment_id: str, now_ms: int) -> Sentence | None:
        """Take note of a segment's first audio, written now and heard once what is before it has ended."""
        segment = self.find(segment_id)
        if segment is not None:
            segment.start_ms = max(now_ms, self._end_before(segment))
        return segment

    def grown(self, segment_id: str, duration_ms: int) -> None:
        """Take note of how much of a segment there is."""
        segment = self.find(segment_id)
        if segment is not None:
            segment.made_ms = duration_ms

    def synthesised(self, segment_id: str, duration_ms: int) -> None:
        """Take note of how long a segment lasts."""
        segment = self.find(segment_id)
        if segment is not None:
            segment.made_ms = segment.duration_ms = duration_ms
            if len(segment.text) >= _TELLING_CHARACTERS and duration_ms:
                self._ms_per_character = duration_ms / len(segment.text)

    def failed(self, segment_id: str, duration_ms: int) -> str:
        """Keep of a segment what there is of it, which lasts so long, and return its whole text; nothing, and it is forgotten."""
        segment = self.find(segment_id)
        if segment is None:
            return ""
        whole = segment.text
        words = whole.split()
        segment.text = " ".join(words[: _whole_words(words, duration_ms / self._ms_per_character)])
        segment.made_ms = segment.duration_ms = duration_ms
        if not segment.text:
            self._segments.remove(segment)
        return whole

    def mark(self, segment_id: str, now_ms: int) -> list[Sentence]:
        """Take the carrier's word that a segment was heard, and with it all before it; return them."""
        # Also by the mark of a segment that the clock took for heard already.
        self._marks_work = True
        if self.find(segment_id) is None:
            return []
        heard = []
        while self._segments:
            heard.append(self._pop(now_ms))
            if heard[-1].id == segment_id:
                break
        return heard

    def overdue(self, now_ms: int) -> list[Sentence]:
        """Return the segments that ended by the clock without a mark."""
        heard = []
        while (deadline_ms := self.deadline_ms) is not None and now_ms >= deadline_ms:
            heard.append(self._pop(deadline_ms - self._grace_ms))
            self._marks_work = self._marks_work or False
        return heard

    def interrupt(self, now_ms: int) -> list[Heard]:
        """Cut everything off and return, in order, what was heard of each segment."""
        silent_ms, self._paused_ms = self.silent_from(now_ms), None
        cut = [_heard(segment, silent_ms, self._ms_per_character) for segment in self._segments]
        self._segments.clear()
        self._last_end_ms = silent_ms
        return cut

    def find(self, segment_id: str) -> Sentence | None:
        """Return a segment that is not known to be heard, by its name."""
        return next((segment for segment in self._segments if segment.id == segment_id), None)

    def _pop(self, now_ms: int) -> Sentence:
        segment = self._segments.popleft()
        segment.end_ms = self._last_end_ms = now_ms
        return segment

    def _end_before(self, segment: Sentence) -> int:
        end_ms = self._last_end_ms
        for other in self._segments:
            if other is segment:
                break
            if other.start_ms is not None and other.duration_ms is not None:
                end_ms = other.start_ms + other.duration_ms
        return end_ms


def _heard(segment: Sentence, now_ms: int, ms_per_character: float) -> Heard:
    if segment.start_ms is None:
        return Heard(segment=segment, heard_ms=0, heard_text="", unheard_text=segment.text)
    # Of one that still grows nobody has heard more than there is, and it is no shorter than that.
    length_ms = segment.duration_ms or max(segment.made_ms, round(len(segment.text) * ms_per_character))
    heard_ms = max(0, min(now_ms - segment.start_ms, segment.made_ms or length_ms))
    words = segment.text.split()
    # A word that was cut off in the middle was not heard: round down, by the characters spoken so far.
    budget = len(segment.text) * heard_ms / length_ms if length_ms else 0
    count = _whole_words(words, budget)
    return Heard(
        segment=segment,
        heard_ms=heard_ms,
        heard_text=" ".join(words[:count]),
        unheard_text=" ".join(words[count:]),
    )


def _whole_words(words: list[str], budget: float) -> int:
    used = 0
    for count, word in enumerate(words):
        used += len(word)
        if used > budget:
            return count
        used += 1
    return len(words)
