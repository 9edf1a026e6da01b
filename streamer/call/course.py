"""What all actions of a call share: its state, and the few things that each of them does to it."""

from abc import ABC, abstractmethod
from collections.abc import Sequence

from offhook.agents.settings import AgentSettings
from offhook.json_types import JsonObject
from offhook.runs.log.events import EventType
from offhook.workflows import Edge, Workflow
from streamer.call import commands, events
from streamer.call.commands import Command, Record
from streamer.call.conversation import Conversation, Render
from streamer.call.endings import EndReason
from streamer.call.floor import Floor, Trigger
from streamer.call.listening import Listening
from streamer.call.reply_timer import ReplyTimer
from streamer.call.state import ConversationState
from streamer.call.telling import Speaking
from streamer.call.turns import TurnDetector

# Nobody presses keys faster; a storm of them would fill the log.
BETWEEN_KEYS_MS = 40


class CallActions(ABC):
    """The state of one call. An action takes the event that caused it, if any, and adds commands to `_out`."""

    def __init__(
        self,
        *,
        workflow: Workflow,
        settings: AgentSettings,
        render: Render,
        state: ConversationState | None = None,
    ) -> None:
        state = state or ConversationState()
        self._settings = settings
        self._resumed = state if state.node_id else None
        self._talk = Conversation(workflow, settings, render, state)
        self._turns = TurnDetector(endpointing_ms=settings.endpointing_ms, barge_in_ms=settings.barge_in_ms)
        self._caller = Listening(self._turns)
        self._agent = Speaking(self._talk, segments=state.segments)
        self._timer = ReplyTimer()
        self._out: list[Command] = []
        self.floor = Floor.NEW
        self.now_ms = state.offset_ms
        self._floor_since_ms = self.now_ms
        self._turn = state.turn
        self._overhearing = False
        self._unanswered = ""
        self._must_ask_again = False
        self._key_ms = self.now_ms - BETWEEN_KEYS_MS
        self._keys = state.keys
        self._transfers = state.transfers
        self._transfer: commands.Transfer | None = None
        self._is_moving = False
        self._stream_is_over = False
        self._model_request = 0
        self._model_busy = False
        self._model_spoke = False
        self._idle_prompts = 0
        self._misunderstood = 0
        self._ending: EndReason | None = None
        self.end_reason: EndReason | None = None
        self.disposition = state.disposition

    @abstractmethod
    def _fire(self, trigger: Trigger, event: events.Event | None = None) -> None:
        """Let something happen: look it up in the table, and do it."""

    @abstractmethod
    def _take(self, edge: Edge, gathered: JsonObject, *, reason: str) -> None:
        """Go where an edge leads."""

    @abstractmethod
    def _go(self, edge: Edge, gathered: JsonObject, *, reason: str) -> None:
        """Stand where an edge leads, and do nothing there yet."""

    @abstractmethod
    def _stop_now(self, event: events.Event | None) -> None:
        """End the call without another word."""

    @abstractmethod
    def _forget_utterance(self) -> None:
        """Leave what the caller is saying, or has just said, without an answer."""

    @abstractmethod
    def _drop_model(self) -> None:
        """Let the language model's answer, if one is awaited, count no more."""

    @abstractmethod
    def _not_understood(self) -> None:
        """Ask again, or end a call in which nothing is understood."""

    @abstractmethod
    def _end(self, reason: EndReason, *, say: str = "") -> None:
        """Say a last sentence, if any, and hang up once everything that is queued was heard."""

    @abstractmethod
    def _over(self, reason: EndReason) -> None:
        """Close the call's record."""

    @abstractmethod
    def _caller_left(self, event: events.Event | None) -> None:
        """Take note that the caller has hung up."""

    def _record(self, type_: EventType, data: JsonObject) -> None:
        self._out.append(Record(type=type_, data=data))

    def _move(self, floor: Floor) -> None:
        self.floor = floor
        self._floor_since_ms = self.now_ms

    def nothing(self, event: events.Event | None) -> None:
        """Leave everything as it is."""

    def _say(self, sentences: Sequence[str], *, fixed: bool = True) -> None:
        self._out += self._agent.say(sentences, fixed=fixed)
        if sentences and self.floor not in (Floor.ENDING, Floor.TRANSFER):
            self._move(Floor.AGENT)

    def _after_playback(self) -> None:
        if not self._agent.is_active:
            self._fire(Trigger.PLAYBACK_OVER)
