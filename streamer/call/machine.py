"""The call's state machine: decides every turn from what is heard, and has no clock but the caller's audio.

The machine is always on one floor (`Floor`): who is speaking, or who is expected to. What happens is a `Trigger`; the
table in `actions.py` says for each trigger what it causes on each floor, and `_nothing` where it must cause nothing. A call can so be replayed from a list of chunks and events in milliseconds.
"""

from collections.abc import Callable, Sequence

from offhook.agents.settings import AgentSettings
from offhook.json_types import JsonObject
from offhook.workflows import Workflow
from streamer.call import events
from streamer.call.actions import Actions
from streamer.call.commands import Command
from streamer.call.conversation import Render
from streamer.call.floor import Floor, Trigger
from streamer.call.state import ConversationState
from streamer.call.turns import CHUNK_MS, TurnSignal

_NEVER_MS = 1 << 62
# A recogniser that has not answered by then never will; the caller has been waiting all along.
_RECOGNITION_LIMIT_MS = 4000
# A language model, likewise, when neither words nor an edge have come.
_MODEL_LIMIT_MS = 12_000

_SIGNALS = {
    TurnSignal.STARTED: Trigger.VOICE_STARTED,
    TurnSignal.TOOK_FLOOR: Trigger.FLOOR_TAKEN,
    TurnSignal.FINISHED: Trigger.VOICE_FINISHED,
    TurnSignal.DISCARDED: Trigger.VOICE_DISCARDED,
}


class Machine(Actions):
    """One call. `start` once, then `hear` for each 20 ms of the caller and `handle` for all else, until ENDED.

    Each returns commands to carry out in order. After ENDED every call returns nothing.
    """

    def __init__(
        self,
        *,
        workflow: Workflow,
        settings: AgentSettings,
        render: Render,
        state: ConversationState | None = None,
    ) -> None:
        super().__init__(workflow=workflow, settings=settings, render=render, state=state)
        self._wake_ms = _NEVER_MS

    @property
    def gathered(self) -> JsonObject:
        """What the caller has told so far, by name."""
        return self._talk.gathered

    @property
    def is_away(self) -> bool:
        """Say whether the caller has left our stream to be put through."""
        return self.floor is Floor.AWAY

    @property
    def has_ended(self) -> bool:
        """Say whether the call is over for the machine."""
        return self.floor is Floor.ENDED

    def start(self) -> Sequence[Command]:
        """Begin the call, or go on with the one that the state describes."""
        if self._resumed is None:
            self._begin()
        else:
            self._go_on(self._resumed)
        return self._flush()

    def hear(self, voiced: bool) -> Sequence[Command]:
        """Take 20 ms of the caller's audio, voiced or not; this is also the call's clock."""
        self.now_ms += CHUNK_MS
        signal = self._turns.hear(voiced)
        if signal is None and self.now_ms < self._wake_ms:
            return ()
        if signal is not None:
            self._fire(_SIGNALS[signal])
        if self.now_ms >= self._wake_ms:
            self._wake()
        return self._flush()

    def handle(self, event: events.Event) -> Sequence[Command]:
        """Take anything else that happened."""
        match event:
            case events.SegmentStarted():
                self._segment_started(event)
            case events.SegmentSynthesised():
                self._agent.playback.synthesised(event.segment_id, event.duration_ms)
            case events.SegmentFailed():
                self._out += self._agent.failed(event.segment_id, self.now_ms)
                self._after_playback()
            case events.MarkReached():
                self._heard(self._agent.playback.mark(event.segment_id, self.now_ms))
            case events.Recognised():
                if self._caller.recognised(event.text):
                    self._fire(Trigger.RECOGNISED)
            case events.ModelText() | events.ModelChose() | events.ModelFinished():
                if self._model_busy and event.request == self._model_request:
                    self._fire(_TRIGGERS[type(event)], event)
            case _:
                self._fire(_TRIGGERS[type(event)], event)
        return self._flush()

    # --- the engine ---

    def _fire(self, trigger: Trigger, event: events.Event | None = None) -> None:
        TABLE[trigger][self.floor](self, event)

    def _flush(self) -> Sequence[Command]:
        self._wake_ms = self._next_wake_ms()
        out, self._out = self._out, []
        return out

    # --- time ---

    def _next_wake_ms(self) -> int:
        if self.floor in (Floor.NEW, Floor.AWAY, Floor.ENDED):
            return _NEVER_MS
        times_ms = [self._agent.playback.deadline_ms or _NEVER_MS]
        if self.floor is not Floor.ENDING:
            times_ms.append(self._settings.max_call_duration_seconds * 1000)
        if self.floor is Floor.SILENT:
            times_ms.append(self._keys_until_ms or self._floor_since_ms + self._settings.idle_timeout_ms)
        if self.floor is Floor.TRANSFER:
            times_ms.append(self._holds_from_ms or _NEVER_MS)
        if self.floor is Floor.THINKING:
            times_ms.append(self._floor_since_ms + self._thinking_limit_ms)
        return min(times_ms)

    @property
    def _thinking_limit_ms(self) -> int:
        return _RECOGNITION_LIMIT_MS if self._caller.is_awaited else _MODEL_LIMIT_MS

    def _wake(self) -> None:
        overdue = self._agent.playback.overdue(self.now_ms)
        if overdue:
            self._heard(overdue)
        elif self.now_ms >= self._settings.max_call_duration_seconds * 1000:
            self._fire(Trigger.TIME_OVER)
        elif self.floor is Floor.SILENT:
            self._fire(Trigger.DIGITS_OVER if self._keys_until_ms else Trigger.IDLE_OVER)
        elif self.floor is Floor.TRANSFER:
            self._fire(Trigger.HOLD_OVER)
        else:
            self._fire(Trigger.THINKING_OVER)


_TRIGGERS: dict[type[events.Event], Trigger] = {
    events.ModelText: Trigger.MODEL_TEXT,
    events.ModelChose: Trigger.MODEL_CHOSE,
    events.ModelFinished: Trigger.MODEL_FINISHED,
    events.EngineFailed: Trigger.ENGINE_FAILED,
    events.Digit: Trigger.DIGIT,
    events.CallerGone: Trigger.CALLER_GONE,
    events.EndRequested: Trigger.END_REQUESTED,
    events.TransferAnswered: Trigger.TRANSFER_ANSWERED,
    events.TransferLeft: Trigger.TRANSFER_LEFT,
    events.TransferFailed: Trigger.TRANSFER_FAILED,
    events.TransferCompleted: Trigger.TRANSFER_COMPLETED,
}

Action = Callable[[Actions, events.Event | None], None]
_COLUMNS = (
    Floor.SILENT,
    Floor.AGENT,
    Floor.CALLER,
    Floor.THINKING,
    Floor.ENDING,
    Floor.TRANSFER,
    Floor.AWAY,
)


def _table() -> dict[Trigger, dict[Floor, Action]]:
    nothing: Action = Actions.ROWS[Trigger.IDLE_OVER][-1]
    return {
        trigger: {Floor.NEW: nothing, Floor.ENDED: nothing, **dict(zip(_COLUMNS, actions, strict=True))}
        for trigger, actions in Actions.ROWS.items()
    }


TABLE = _table()
"""What each trigger does on each floor."""
