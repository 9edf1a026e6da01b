"""The agent's half of the call: what it says, what of that was heard, and how long each reply took."""

from collections.abc import Sequence

from offhook.runs.log.events import (
    CorrectionEvent,
    InterruptedBy,
    InterruptEvent,
    PlaybackEvent,
    PlaybackState,
    Speaker,
    TranscriptEvent,
)
from streamer.call.commands import (
    Append,
    Command,
    DropQueued,
    PausePlayback,
    ResumePlayback,
    Say,
    StopPlayback,
)
from streamer.call.conversation.conversation import Conversation
from streamer.call.course.injections import Injection, Injections
from streamer.call.course.playback import Heard, Playback, Sentence


class Telling:
    """Says sentences one after another and keeps the record of them true.

    `unheard` holds what a barge-in cut off, until the caller's words show that it was one. What of the operator's
    words nobody has heard then waits among the `injections`.
    """

    def __init__(self, talk: Conversation, injections: Injections, *, segments: int) -> None:
        self._talk = talk
        self._injections = injections
        self._segments = segments
        self.playback = Playback()
        self.unheard: list[str] = []
        self.was_heard = True

    @property
    def is_active(self) -> bool:
        """Say whether the agent is speaking or about to."""
        return self.playback.is_active

    def say(self, sentences: Sequence[str], *, fixed: bool) -> list[Command]:
        """Say sentences after what is queued."""
        return [self._say(sentence, fixed=fixed) for sentence in sentences]

    def say_injected(self) -> list[Command]:
        """Say what an operator wants said, after what is queued."""
        waiting = list(self._injections.to_say)
        self._injections.to_say.clear()
        return [
            self._say(sentence, fixed=False, inject_id=each.inject_id)
            for each in waiting
            for sentence in each.sentences
        ]

    def inject(self, injection: Injection) -> list[Command]:
        """Say what an operator wants said after the sentence that sounds, and then what was to follow that."""
        dropped = self.playback.drop_queued()
        own = [each for each in dropped if each.inject_id is None]
        self._injections.to_say.append(injection)
        return [
            *self._drop(dropped),
            *self.say_injected(),
            *(self._say(each.text, fixed=each.fixed) for each in own),
        ]

    def _drop(self, dropped: Sequence[Sentence]) -> list[Command]:
        for each in dropped:
            self._talk.correct_line(each.text, "")
        self._put_back(dropped)
        return [DropQueued(segment_ids=tuple(each.id for each in dropped))] if dropped else []

    def _put_back(self, sentences: Sequence[Sentence]) -> None:
        self._injections.put_back(
            (each.inject_id, each.text) for each in sentences if each.inject_id is not None
        )

    def _say(self, sentence: str, *, fixed: bool, inject_id: str | None = None) -> Say:
        self._segments += 1
        segment_id = f"s{self._segments}"
        self.playback.queue(segment_id, sentence, fixed=fixed, inject_id=inject_id)
        # What is about to be said stands among the lines, so that a model that is asked meanwhile knows of it.
        self._talk.add_line(sentence, from_caller=False)
        return Say(segment_id=segment_id, text=sentence, fixed=fixed)

    def started(self, segment_id: str, now_ms: int, turn: int) -> list[Command]:
        """Take note that a segment sounds; return nothing for one that was cut off meanwhile."""
        segment = self.playback.started(segment_id, now_ms)
        if segment is None:
            return []
        said = TranscriptEvent(
            segment_id=segment_id,
            speaker=Speaker.AGENT,
            text=segment.text,
            start_ms=segment.start_ms or 0,
            end_ms=None,
            turn=turn,
            node_id=self._talk.node.id,
            inject_id=segment.inject_id,
        )
        return [Append(event=said)]

    def heard(self, segments: Sequence[Sentence]) -> list[Command]:
        """Take note that segments were heard to their end."""
        return [
            Append(
                event=PlaybackEvent(
                    segment_id=segment.id, state=PlaybackState.FINISHED, offset_ms=segment.end_ms or 0
                )
            )
            for segment in segments
        ]

    def failed(self, segment_id: str, duration_ms: int) -> list[Command]:
        """Take note that no more of a segment can be synthesised; keep of it what there is."""
        segment, text = self.playback.find(segment_id), self.playback.failed(segment_id, duration_ms)
        if segment is None:
            return []
        if segment.start_ms is None:
            self._talk.correct_line(text, segment.text)
            return []
        return [self._corrected(segment_id, text, segment.text)]

    def pause(self, now_ms: int) -> list[Command]:
        """Be silent now, and be ready to go on."""
        if not self.playback.is_active or self.playback.is_paused:
            return []
        self.playback.pause(now_ms)
        return [PausePlayback()]

    def go_on(self, now_ms: int) -> list[Command]:
        """Go on after a pause."""
        if not self.playback.is_paused:
            return []
        self.playback.resume(now_ms)
        return [ResumePlayback()]

    def stop(self, by: InterruptedBy, now_ms: int) -> list[Command]:
        """Be silent now; what was cut off is in `unheard`, and `was_heard` says whether any of it was heard."""
        if not self.playback.is_active:
            return []
        silent_ms = self.playback.silent_from(now_ms)
        cut = self.playback.interrupt(now_ms)
        lost = [heard.segment for heard in cut if heard.segment.inject_id and not heard.heard_text]
        self._put_back(lost)
        self.unheard = [
            heard.unheard_text for heard in cut if heard.unheard_text and heard.segment not in lost
        ]
        self.was_heard = any(heard.heard_text for heard in cut)
        commands: list[Command] = [StopPlayback()]
        for heard in cut:
            if heard.segment.start_ms is None:
                self._talk.correct_line(heard.segment.text, "")
            else:
                commands += self._interrupted(heard, by, silent_ms)
        return commands

    def _interrupted(self, heard: Heard, by: InterruptedBy, now_ms: int) -> list[Command]:
        segment = heard.segment
        interrupt = InterruptEvent(by=by, segment_id=segment.id, heard_ms=heard.heard_ms, offset_ms=now_ms)
        return [Append(event=interrupt), self._corrected(segment.id, segment.text, heard.heard_text)]

    def end_sentence(self, by: InterruptedBy, now_ms: int) -> list[Command]:
        """Say no more after the sentence that sounds, or nothing where none does; `unheard` is what was to follow it."""
        if not self.playback.is_sounding:
            return self.stop(by, now_ms)
        dropped = self.playback.drop_queued()
        self.unheard = [each.text for each in dropped if each.inject_id is None]
        return self._drop(dropped)

    def take_back(self, segment_id: str, text: str) -> Append:
        """Have a line that may not have been heard, and will be said again, count as not said."""
        return self._corrected(segment_id, text, "")

    def _corrected(self, segment_id: str, original: str, heard_text: str) -> Append:
        self._talk.correct_line(original, heard_text)
        correction = CorrectionEvent(segment_id=segment_id, original=original, heard_text=heard_text)
        return Append(event=correction)
