"""The call's state machine: decides every turn from what is heard, and has no clock but the caller's audio.

The machine is always on one floor (`Floor`): who is speaking, or who is expected to. `streamer.call.table` says what each
event causes on each floor. A call can so be replayed from a list of chunks and events in milliseconds.
"""

from collections.abc import Sequence

from offhook.agents.settings import AgentSettings
from offhook.sessions.commands import Refusal
from offhook.workflows import Phrasebook, Workflow
from streamer.call.actions.acting import tool_is_done
from streamer.call.actions.extracting import values_are_found
from streamer.call.actions.operating import words_wait
from streamer.call.actions.preparing import hold_answer
from streamer.call.call_end import CallEnd
from streamer.call.commands import Command
from streamer.call.conversation.conversation import Conversation, Render, Tools
from streamer.call.conversation.state import ConversationState
from streamer.call.course.course import Course
from streamer.call.course.turns import CHUNK_MS
from streamer.call.events import (
    EngineFailed,
    Event,
    Extracted,
    ModelEvent,
    Occurrence,
    OperatorEvent,
    ToolAnswered,
)
from streamer.call.floor import Floor
from streamer.call.refusal import refusal_of
from streamer.call.resuming import begin, go_on
from streamer.call.table import TABLE
from streamer.call.waiting import NEVER_MS, due


class Machine:
    """One call. `start` once, then `hear` for each 20 ms of the caller and `handle` for all else, until ENDED.

    Of an `is_outbound` call it is told who has answered; `tools` are what each node offers the model beside its edges. `agent_uuid` names the agent, which may have
    taken the call from another one. Each returns commands to carry out in order. After ENDED every call returns nothing but
    what is to `note` still.
    """

    def __init__(
        self,
        *,
        workflow: Workflow,
        settings: AgentSettings,
        render: Render,
        state: ConversationState | None = None,
        phrasebook: Phrasebook | None = None,
        is_outbound: bool = False,
        tools: Tools | None = None,
        agent_uuid: str = "",
    ) -> None:
        state = state or ConversationState()
        self._resumed = state if state.node_id or state.agent else None
        talk = Conversation(workflow, settings, render, state, phrasebook, tools)
        self._course = Course(talk, settings, state, is_outbound=is_outbound, agent_uuid=agent_uuid)
        self._turns = self._course.turns
        self._wake_ms = NEVER_MS

    @property
    def floor(self) -> Floor:
        """Whose turn it is."""
        return self._course.floor

    @property
    def now_ms(self) -> int:
        """The call's clock: how much of the caller's audio was heard, in this and in earlier streams."""
        return self._course.now_ms

    @property
    def turn(self) -> int:
        """The caller's turns so far."""
        return self._course.turn

    @property
    def is_in_word(self) -> bool:
        """Say whether the caller was speaking just now, without a pause in which they could have finished."""
        return self._turns.is_in_word

    @property
    def ended(self) -> CallEnd | None:
        """How the call has ended; None while it has not."""
        return self._course.ended

    @property
    def is_away(self) -> bool:
        """Say whether the caller has left our stream to be put through."""
        return self.floor is Floor.AWAY

    @property
    def has_ended(self) -> bool:
        """Say whether the call is over for the machine."""
        return self.floor is Floor.ENDED

    def refusal_of(self, event: OperatorEvent) -> Refusal | None:
        """Say why this can't be done to the call as it is; None where `handle` does it."""
        return refusal_of(self._course, event)

    def start(self) -> Sequence[Command]:
        """Begin the call, or go on with the one that the state describes."""
        if self._resumed is None:
            begin(self._course)
        else:
            go_on(self._course, self._resumed)
        return self._flush()

    def hear(self, voiced: bool) -> Sequence[Command]:
        """Take 20 ms of the caller's audio, voiced or not; this is also the call's clock."""
        call = self._course
        call.now_ms = now_ms = call.now_ms + CHUNK_MS
        call.later_ms = 0.0
        change = self._turns.hear(voiced)
        if change is None and now_ms < self._wake_ms:
            return ()
        if change is not None:
            self._do(change)
        due_ms, event = due(call)
        if now_ms >= due_ms:
            self._do(event())
        return self._flush()

    def handle(self, event: Event, *, later_ms: float = 0.0) -> Sequence[Command]:
        """Take anything else that happened, so long after the last chunk was heard."""
        self._course.later_ms = later_ms
        call = self._course
        if call.model.imagined is None or not isinstance(event, ModelEvent | EngineFailed):
            self._do(event)
        elif isinstance(event, EngineFailed):
            self._fail_ahead(event)
        elif call.model.awaits(event.request):
            hold_answer(call, event)
        return self._flush()

    def note(self, event: ToolAnswered | Extracted) -> Sequence[Command]:
        """Take what comes when nothing can follow from it, after the end or while the line is lost: it is written down."""
        if isinstance(event, ToolAnswered):
            tool_is_done(self._course, event)
        else:
            values_are_found(self._course, event)
        return self._take_out()

    def _fail_ahead(self, event: EngineFailed) -> None:
        # A question that was asked ahead is asked again when the turn is over.
        if event.engine == "model":
            self._course.model.drop_ahead()
        else:
            self._do(event)

    def _do(self, event: Occurrence) -> None:
        # What a dropped request brings late counts no more.
        if not isinstance(event, ModelEvent) or self._course.model.awaits(event.request):
            TABLE[type(event)][self._course.floor](self._course, event)
        self._follow_up()

    def _follow_up(self) -> None:
        while self._course.happened:
            self._do(self._course.happened.pop(0))

    def _flush(self) -> Sequence[Command]:
        self._follow_up()
        while words_wait(self._course):
            self._follow_up()
        self._wake_ms, _ = due(self._course)
        return self._take_out()

    def _take_out(self) -> Sequence[Command]:
        out, self._course.out = self._course.out, []
        return out
