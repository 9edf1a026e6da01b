"""What a call does about what happens: the actions of turns, and the call machine's table of all actions."""

from collections.abc import Sequence
from typing import ClassVar

from offhook.agents.settings import VoicemailAction
from offhook.json_types import JsonObject
from offhook.runs.log.events import EventType, Speaker
from offhook.workflows import Edge
from streamer.call import events
from streamer.call.commands import CancelModel, Expect, HangUp
from streamer.call.course import CallActions
from streamer.call.endings import DISPOSITIONS, EndReason
from streamer.call.floor import Floor, Trigger
from streamer.call.gathering import KeyActions
from streamer.call.playback import Segment
from streamer.call.state import ConversationState
from streamer.call.transferring import TransferActions

# Speech this short that nobody understood was a cough or a knock: no answer is better than "sorry?".
_TOO_SHORT_TO_ASK_MS = 300
# A sound without words that lasts longer was meant for us, or is a noise that will not let the agent be heard.
_LONGEST_COUGH_MS = 2000


class Actions(TransferActions, KeyActions):
    """The actions of one call, and the table that says when each is done."""

    # --- beginning ---

    def _begin(self) -> None:
        self._move(Floor.SILENT)
        node: JsonObject = {"from": None, "to": self._talk.node.id, "edge_id": None, "reason": "start"}
        self._record(EventType.NODE, node)
        self._begin_speaking()

    def _begin_speaking(self) -> None:
        self._say(self._talk.sentences(self._settings.consent_line))
        self._arrive()

    def _go_on(self, state: ConversationState) -> None:
        self._move(Floor.SILENT)
        if state.transfer is not None and self._talk.node.data.transfer is not None:
            self._come_back(state)
        elif not state.lines:
            self._begin_speaking()
        elif state.is_unanswered:
            self._out.append(Expect(phrases=self._talk.expected))
            self._decide(state.lines[-1].text)
        elif not state.said_here:
            self._arrive()
        else:
            self._go_on_speaking(state)

    def _go_on_speaking(self, state: ConversationState) -> None:
        """Say again what may not have been heard, and what had not begun to sound."""
        for segment_id, text in zip(state.unheard_ids, state.unheard, strict=True):
            # It gets a line of its own when it sounds again.
            self._out.append(self._agent.take_back(segment_id, text))
        self._out.append(Expect(phrases=self._talk.expected))
        rest = [] if state.was_cut_off else self._talk.spoken_after(state.said_here)
        self._say([*state.unheard, *rest], fixed=False)
        if self._talk.leaves_stream:
            self._begin_leaving()
        elif self._talk.is_at_end:
            self._end_as_the_node_says()

    def _arrive(self) -> None:
        """Do what the present node does first."""
        self._misunderstood = self._idle_prompts = 0
        self._out.append(Expect(phrases=self._talk.expected))
        self._say_node()
        if self._talk.leaves_stream:
            self._begin_leaving()
        elif self._talk.is_at_end and not self._talk.needs_model:
            self._end_as_the_node_says()
        elif not self._agent.is_active and not self._model_busy:
            self._move(Floor.SILENT)

    def _say_node(self) -> None:
        if self._talk.needs_model:
            self._ask_model()
        else:
            self._say(self._talk.spoken)

    # --- the agent speaks ---

    def _segment_started(self, event: events.SegmentStarted) -> None:
        records = self._agent.started(event.segment_id, self.now_ms, self._turn)
        if records:
            self._unanswered = ""
            self._must_ask_again = False
            self._out += records
            self._out += self._timer.sounded(self._turn, self.now_ms)

    def _heard(self, segments: Sequence[Segment]) -> None:
        self._out += self._agent.heard(segments, self.now_ms)
        self._after_playback()

    def _playback_over(self, event: events.Event | None) -> None:
        if self._turns.is_speaking:
            # The caller began under the agent's last words and has the floor now.
            if not self._overhearing:
                self._out += self._caller.start(self.now_ms)
            self._drop_model()
            self._move(Floor.CALLER)
        else:
            self._move(Floor.THINKING if self._model_busy else Floor.SILENT)
        self._overhearing = False

    def _resume(self) -> bool:
        """Go on with what a sound without words had stopped; return False when there was nothing."""
        unheard, self._agent.unheard = self._agent.unheard, []
        if unheard:
            self._say(unheard, fixed=False)
        elif self._unanswered:
            self._decide(self._unanswered)
        elif self._must_ask_again:
            self._ask_model()
        else:
            return False
        return True

    # --- the caller speaks ---

    def _caller_starts(self, event: events.Event | None) -> None:
        self._out += self._caller.start(self.now_ms)
        self._move(Floor.CALLER)

    def _caller_is_overheard(self, event: events.Event | None) -> None:
        if self._talk.may_be_interrupted:
            self._overhearing = True
            self._out += self._caller.start(self.now_ms)

    def _caller_goes_on(self, event: events.Event | None) -> None:
        """Take more speech after a pause that looked like the end: what was being thought no longer counts."""
        self._drop_model()
        self._timer.cancel()
        self._caller_starts(event)

    def _barge_in(self, event: events.Event | None) -> None:
        if self._overhearing:
            self._overhearing = False
            self._drop_model()
            self._timer.cancel()
            self._out += self._agent.stop("caller", self.now_ms)
            self._move(Floor.CALLER)

    def _ignore_utterance(self, event: events.Event | None) -> None:
        if self._overhearing:
            self._overhearing = False
            self._out += self._caller.ignore()

    def _forget_utterance(self) -> None:
        """Leave what the caller is saying, or has just said, without an answer: a key or the end has overtaken it."""
        if self._overhearing or self.floor is Floor.CALLER:
            self._overhearing = False
            self._out += self._caller.ignore()
        self._caller.give_up()

    def _utterance_over(self, event: events.Event | None) -> None:
        self._out += self._caller.finish(self.now_ms)
        self._timer.finished(self._caller.end_ms, self.now_ms)
        self._move(Floor.THINKING)

    def _utterance_discarded(self, event: events.Event | None) -> None:
        self._out += self._caller.ignore()
        self._move(Floor.THINKING)
        if self._caller.is_awaited:
            return
        if self._caller.has_text:
            self._recognised(None)
        elif not self._resume():
            self._move(Floor.SILENT)

    def _recognised(self, event: events.Event | None) -> None:
        text = self._caller.take_text()
        self._timer.recognised(self.now_ms)
        if text:
            self._answer(text)
        else:
            self._hear_no_words()

    def _hear_no_words(self) -> None:
        """Answer a sound that held no words: go on with what it stopped, let it pass, or ask again."""
        self._timer.cancel()
        if self._caller.voiced_ms < _LONGEST_COUGH_MS and self._resume():
            return
        if self._caller.voiced_ms < _TOO_SHORT_TO_ASK_MS:
            self._move(Floor.SILENT)
        else:
            self._not_understood()

    def _answer(self, text: str) -> None:
        self._turn += 1
        self._unanswered = text
        self._talk.add_line(text, from_caller=True)
        self._record(
            EventType.TRANSCRIPT,
            {
                "segment_id": f"c{self._turn}",
                "speaker": Speaker.CALLER,
                "text": text,
                "start_ms": self._caller.start_ms,
                "end_ms": self._caller.end_ms,
                "turn": self._turn,
                "node_id": self._talk.node.id,
            },
        )
        self._decide(text)

    # --- deciding ---

    def _decide(self, text: str) -> None:
        phrase = self._talk.match(text)
        if self._talk.is_voicemail(text):
            self._leave_voicemail()
        elif phrase is not None:
            self._take(phrase.edge, dict(phrase.gathered), reason="phrase")
        elif self._talk.asks_to_repeat(text):
            self._agent.unheard = []
            self._say_node()
        elif self._talk.node.data.prompt:
            self._agent.unheard = []
            self._ask_model()
        elif self._agent.unheard and not self._agent.was_heard:
            # More of the caller's last words, spoken before the reply could be heard: the reply stands.
            self._resume()
        else:
            self._not_understood()

    def _take(self, edge: Edge, gathered: JsonObject, *, reason: str) -> None:
        self._agent.unheard = []
        self._unanswered = self._keys = ""
        self._must_ask_again = False
        self._go(edge, gathered, reason=reason)
        self._say(self._talk.sentences(edge.data.transition_speech))
        self._arrive()

    def _go(self, edge: Edge, gathered: JsonObject, *, reason: str) -> None:
        node: JsonObject = {
            "from": self._talk.node.id,
            "to": edge.target,
            "edge_id": edge.id,
            "reason": reason,
        }
        self._record(EventType.NODE, node)
        if gathered:
            self._record(EventType.CONTEXT, {"gathered": gathered})
        self._talk.take(edge, gathered)

    def _leave_voicemail(self) -> None:
        voicemail = self._settings.voicemail
        leaves_message = voicemail.action is VoicemailAction.LEAVE_MESSAGE
        self._agent.unheard = []
        self._end(EndReason.VOICEMAIL, say=voicemail.message if leaves_message else "")

    def _not_understood(self) -> None:
        self._agent.unheard = []
        self._misunderstood += 1
        if self._misunderstood > len(self._settings.misunderstood):
            self._end(EndReason.NOT_UNDERSTOOD, say=self._settings.misunderstood_goodbye)
        else:
            self._prompt_again(self._settings.misunderstood[self._misunderstood - 1])

    def _still_there(self, event: events.Event | None) -> None:
        self._idle_prompts += 1
        if self._idle_prompts > len(self._settings.idle_prompts):
            self._end(EndReason.IDLE, say=self._settings.idle_goodbye)
        else:
            self._prompt_again(self._settings.idle_prompts[self._idle_prompts - 1])

    def _prompt_again(self, before: str) -> None:
        """Say this and the node's last sentence, which is its question."""
        self._say([*self._talk.sentences(before), *self._talk.spoken[-1:]])

    def _thought_too_long(self, event: events.Event | None) -> None:
        if self._caller.is_awaited:
            self._caller.give_up()
            self._hear_no_words()
        else:
            self._drop_model()
            self._not_understood()

    # --- the model ---

    def _ask_model(self) -> None:
        self._model_busy = True
        self._model_spoke = self._must_ask_again = False
        self._model_request += 1
        self._out.append(self._talk.question(self._model_request))
        if not self._agent.is_active:
            self._move(Floor.THINKING)

    def _drop_model(self) -> None:
        if self._model_busy:
            self._model_busy = False
            self._must_ask_again = not self._model_spoke
            self._out.append(CancelModel())

    def _model_speaks(self, event: events.Event | None) -> None:
        assert isinstance(event, events.ModelText)
        self._model_spoke = True
        self._timer.decided(self.now_ms)
        self._say([event.text], fixed=False)

    def _model_moves_on(self, event: events.Event | None) -> None:
        assert isinstance(event, events.ModelChose)
        edge = self._talk.edge_for_tool(event.tool)
        self._drop_model()
        if edge is None:
            self._not_understood()
        else:
            self._take(edge, {}, reason="model")

    def _model_is_done(self, event: events.Event | None) -> None:
        self._model_busy = False
        if self._talk.is_at_end:
            self._end_as_the_node_says()
        elif not self._model_spoke:
            self._not_understood()
        elif not self._agent.is_active:
            self._move(Floor.SILENT)

    # --- ending ---

    def _end_as_the_node_says(self) -> None:
        self.disposition = self._talk.node.data.disposition or self.disposition
        self._end(EndReason.AGENT)

    def _end(self, reason: EndReason, *, say: str = "") -> None:
        """Say a last sentence, if any, and hang up once everything that is queued was heard."""
        self._abandon_transfer("call-ended")
        self._forget_utterance()
        self._drop_model()
        self._ending = reason
        self._move(Floor.ENDING)
        self._say(self._talk.sentences(say))
        self._after_playback()

    def _hang_up(self, event: events.Event | None) -> None:
        self._over(self._ending or EndReason.AGENT)
        self._out.append(HangUp())

    def _time_is_up(self, event: events.Event | None) -> None:
        self._out += self._agent.stop("agent", self.now_ms)
        self._end(EndReason.TOO_LONG, say=self._settings.max_duration_goodbye)

    def _apologise(self, event: events.Event | None) -> None:
        self._note_failure(event)
        self._out += self._agent.stop("agent", self.now_ms)
        self._end(EndReason.ERROR, say=self._settings.error_goodbye)

    def _note_failure(self, event: events.Event | None) -> None:
        assert isinstance(event, events.EngineFailed)
        error: JsonObject = {
            "code": event.code,
            "message": f"The {event.engine} failed.",
            "node_id": self._talk.node.id,
            "recoverable": False,
        }
        self._record(EventType.ERROR, error)

    def _caller_left(self, event: events.Event | None) -> None:
        self._out += self._agent.stop("caller", self.now_ms)
        self._over(self._ending or EndReason.CALLER)

    def _stop_now(self, event: events.Event | None) -> None:
        assert isinstance(event, events.EndRequested)
        self._out += self._agent.stop("operator", self.now_ms)
        self._over(EndReason(event.reason))
        self._out.append(HangUp())

    def _over(self, reason: EndReason) -> None:
        self._abandon_transfer("caller-left" if reason is EndReason.CALLER else "call-ended")
        self._drop_model()
        source = "workflow" if self.disposition else "system"
        self.disposition = self.disposition or DISPOSITIONS[reason]
        self.end_reason = reason
        self._record(EventType.DISPOSITION, {"disposition": self.disposition, "source": source})
        end: JsonObject = {"reason": reason, "disposition": self.disposition, "duration_ms": self.now_ms}
        self._record(EventType.END, end)
        self._move(Floor.ENDED)

    # --- the table: what each trigger causes on each floor ---

    # The class body does not see what is inherited.
    _nothing = CallActions.nothing
    _key_pressed, _digits_over = KeyActions.key_pressed, KeyActions.digits_over
    _transfer_spoken, _hold_on = TransferActions.transfer_spoken, TransferActions.hold_on
    _transfer_answered, _transfer_left = TransferActions.transfer_answered, TransferActions.transfer_left
    _transfer_failed, _transfer_done = TransferActions.transfer_failed, TransferActions.transfer_done
    _stream_ends = TransferActions.stream_ends

    # fmt: off
    ROWS: ClassVar = {
        # trigger                    SILENT          AGENT                 CALLER                THINKING           ENDING         TRANSFER             AWAY
        Trigger.VOICE_STARTED:      (_caller_starts, _caller_is_overheard, _nothing,             _caller_goes_on,   _nothing,      _nothing,            _nothing),
        Trigger.FLOOR_TAKEN:        (_nothing,       _barge_in,            _nothing,             _nothing,          _nothing,      _nothing,            _nothing),
        Trigger.VOICE_FINISHED:     (_nothing,       _ignore_utterance,    _utterance_over,      _nothing,          _nothing,      _nothing,            _nothing),
        Trigger.VOICE_DISCARDED:    (_nothing,       _ignore_utterance,    _utterance_discarded, _nothing,          _nothing,      _nothing,            _nothing),
        Trigger.PLAYBACK_OVER:      (_nothing,       _playback_over,       _nothing,             _nothing,          _hang_up,      _transfer_spoken,    _nothing),
        Trigger.IDLE_OVER:          (_still_there,   _nothing,             _nothing,             _nothing,          _nothing,      _nothing,            _nothing),
        Trigger.THINKING_OVER:      (_nothing,       _nothing,             _nothing,             _thought_too_long, _nothing,      _nothing,            _nothing),
        Trigger.TIME_OVER:          (_time_is_up,    _time_is_up,          _time_is_up,          _time_is_up,       _nothing,      _time_is_up,         _nothing),
        Trigger.RECOGNISED:         (_nothing,       _nothing,             _nothing,             _recognised,       _nothing,      _nothing,            _nothing),
        Trigger.MODEL_TEXT:         (_nothing,       _model_speaks,        _nothing,             _model_speaks,     _nothing,      _nothing,            _nothing),
        Trigger.MODEL_CHOSE:        (_nothing,       _model_moves_on,      _nothing,             _model_moves_on,   _nothing,      _nothing,            _nothing),
        Trigger.MODEL_FINISHED:     (_nothing,       _model_is_done,       _nothing,             _model_is_done,    _nothing,      _nothing,            _nothing),
        Trigger.ENGINE_FAILED:      (_apologise,     _apologise,           _apologise,           _apologise,        _note_failure, _apologise,          _nothing),
        Trigger.DIGIT:              (_key_pressed,   _key_pressed,         _key_pressed,         _key_pressed,      _nothing,      _nothing,            _nothing),
        Trigger.CALLER_GONE:        (_caller_left,   _caller_left,         _caller_left,         _caller_left,      _caller_left,  _stream_ends,        _caller_left),
        Trigger.END_REQUESTED:      (_stop_now,      _stop_now,            _stop_now,            _stop_now,         _stop_now,     _stop_now,           _transfer_done),
        Trigger.DIGITS_OVER:        (_digits_over,   _nothing,             _nothing,             _nothing,          _nothing,      _nothing,            _nothing),
        Trigger.HOLD_OVER:          (_nothing,       _nothing,             _nothing,             _nothing,          _nothing,      _hold_on,            _nothing),
        Trigger.TRANSFER_ANSWERED:  (_nothing,       _nothing,             _nothing,             _nothing,          _nothing,      _transfer_answered,  _nothing),
        Trigger.TRANSFER_LEFT:      (_nothing,       _nothing,             _nothing,             _nothing,          _nothing,      _transfer_left,      _nothing),
        Trigger.TRANSFER_FAILED:    (_nothing,       _nothing,             _nothing,             _nothing,          _nothing,      _transfer_failed,    _nothing),
        Trigger.TRANSFER_COMPLETED: (_nothing,       _nothing,             _nothing,             _nothing,          _nothing,      _nothing,            _transfer_done),
    }
    # fmt: on
