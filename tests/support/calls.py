"""A phone call without a phone, a clock or an engine: the call machine and a perfect world around it."""

from collections.abc import Collection, Sequence

from hypothesis import strategies as st

from offhook.agents.settings import AgentSettings
from offhook.json_types import JsonObject
from offhook.models.requests import ChatLine, Line
from offhook.runs.log.entry import LogEntry
from offhook.runs.log.events import Event, KnownEvent
from offhook.vocabulary import InjectRole, TransferMode
from offhook.workflows import parse_workflow
from streamer.call import commands, events
from streamer.call.call_end import CallEnd
from streamer.call.conversation.conversation import Tools
from streamer.call.conversation.state import ConversationState
from streamer.call.course.turns import CHUNK_MS
from streamer.call.machine import Machine
from tests.support.makers import NOON

APPOINTMENT: JsonObject = {
    "nodes": [
        {
            "id": "greet",
            "type": "startCall",
            "data": {"name": "Greet", "say": "Hello {{customer_name | there}}. Does Monday still suit you?"},
        },
        {
            "id": "which_day",
            "type": "agentNode",
            "data": {
                "name": "Which day",
                "say": "Which day would suit you better?",
                "extraction_variables": [{"name": "day", "values": ["tuesday", "thursday"]}],
            },
        },
        {
            "id": "confirmed",
            "type": "endCall",
            "data": {"name": "Confirmed", "say": "See you on Monday. Goodbye.", "disposition": "confirmed"},
        },
        {
            "id": "moved",
            "type": "endCall",
            "data": {
                "name": "Moved",
                "say": "{{gathered_context.day}} it is. Goodbye.",
                "disposition": "rescheduled",
            },
        },
    ],
    "edges": [
        {
            "id": "yes",
            "source": "greet",
            "target": "confirmed",
            "data": {"phrases": ["yes", "yes that is fine"], "dtmf": "1"},
        },
        {
            "id": "no",
            "source": "greet",
            "target": "which_day",
            "data": {"phrases": ["no", "no another day"], "dtmf": "2"},
        },
        {"id": "day", "source": "which_day", "target": "moved", "data": {"phrases": ["{day}", "on {day}"]}},
    ],
}

MS_PER_CHARACTER = 60


class ScriptedCall:
    """Drives a machine: sentences sound at once and last 60 ms a character, and the carrier echoes marks but `lost` ones.

    With `sounds_in_turn` each begins to sound, as it does on a real line, when the one before it has ended. Time passes only with `wait` and `speak`, in steps of 20 ms.
    """

    def __init__(
        self,
        workflow: JsonObject = APPOINTMENT,
        *,
        state: ConversationState | None = None,
        echoes_marks: bool = True,
        lost_marks: Collection[str] = (),
        context: JsonObject | None = None,
        is_outbound: bool = False,
        tools: Tools | None = None,
        sounds_in_turn: bool = False,
        agent_uuid: str = "",
        **settings: object,
    ) -> None:
        self.timed: list[tuple[int, commands.Command]] = []
        self._echoes_marks = echoes_marks
        self._lost_marks = lost_marks
        self._sounds_in_turn = sounds_in_turn
        self._playing: list[tuple[str, int]] = []
        self._heard_until_ms = 0
        self._paused_ms: int | None = None
        self.machine = Machine(
            workflow=parse_workflow(workflow),
            settings=AgentSettings.model_validate(settings),
            render=_render(context or {}),
            state=state,
            is_outbound=is_outbound,
            tools=tools,
            agent_uuid=agent_uuid,
        )
        self._apply(self.machine.start())

    @property
    def done(self) -> list[commands.Command]:
        """All commands so far; in `timed` with the moments at which they were given."""
        return [command for _, command in self.timed]

    @property
    def said(self) -> list[str]:
        """All sentences that the agent was told to say."""
        return [command.text for command in self.done if isinstance(command, commands.Say)]

    @property
    def is_speaking(self) -> bool:
        """Whether the agent has something to say that the caller has not heard."""
        return bool(self._playing)

    @property
    def appended(self) -> list[Event]:
        """What was appended to the log."""
        return [command.event for command in self.done if isinstance(command, commands.Append)]

    @property
    def log(self) -> list[LogEntry]:
        """The log, as if all had happened at one moment."""
        return [LogEntry.new(seq=seq, at=NOON, event=event) for seq, event in enumerate(self.appended, 1)]

    @property
    def gathered(self) -> JsonObject:
        """What the caller has told so far, by name."""
        return self.machine._course.talk.gathered

    @property
    def may_hear_more(self) -> bool:
        """Whether the caller's last words are not answered yet, since more of them may come."""
        return self.machine._course.answer_ms is not None

    @property
    def ended(self) -> CallEnd:
        """How the call has ended."""
        assert self.machine.ended is not None
        return self.machine.ended

    def records(self, kind: type[KnownEvent]) -> list[JsonObject]:
        """The data of all events of one kind."""
        return [event.to_data() for event in self.appended if isinstance(event, kind)]

    def did(self, kind: type[commands.Command]) -> int:
        """How often a command was given."""
        return sum(isinstance(command, kind) for command in self.done)

    def wait(self, duration_ms: int) -> None:
        """Let silence pass on the caller's side."""
        self._pass(duration_ms, voiced=False)

    def wait_for_silence(self) -> None:
        """Let the agent finish what it says."""
        for _ in range(60_000 // CHUNK_MS):
            if not self._playing:
                return
            self.wait(CHUNK_MS)
        raise AssertionError("The agent went on speaking for a minute.")

    def sound(self, duration_ms: int) -> None:
        """Let the caller make sound."""
        self._pass(duration_ms, voiced=True)

    def speak(self, text: str, duration_ms: int = 600, *, patiently: bool = True) -> None:
        """Let the caller say something, fall silent, be recognised, and wait for as long as an answer takes."""
        self.sound(duration_ms)
        self.recognise_next(text)
        for _ in range(100):
            if not patiently or not self.may_hear_more:
                break
            self.wait(CHUNK_MS)

    def recognise_next(self, text: str) -> None:
        """Let the caller fall silent, and be recognised."""
        before = self.did(commands.FinishUtterance)
        for _ in range(100):
            if self.did(commands.FinishUtterance) > before:
                break
            self.wait(CHUNK_MS)
        self.recognise(text)

    def recognise(self, text: str) -> None:
        """Let the recogniser give its final word."""
        self.tell(events.Recognised(text=text))

    def tell(self, event: events.Event, *, later_ms: float = 0.0) -> None:
        """Tell the machine that something happened, so long after the last chunk."""
        self._apply(self.machine.handle(event, later_ms=later_ms))

    def _pass(self, duration_ms: int, *, voiced: bool) -> None:
        for _ in range(duration_ms // CHUNK_MS):
            self._apply(self.machine.hear(voiced))
            self._finish_sentences()

    def _finish_sentences(self) -> None:
        while self._paused_ms is None and self._playing and self.machine.now_ms >= self._playing[0][1]:
            segment_id, _ = self._playing.pop(0)
            if self._echoes_marks and segment_id not in self._lost_marks:
                self.tell(events.SegmentHeard(segment_id=segment_id))
            if self._sounds_in_turn and self._playing:
                self.tell(events.SegmentStarted(segment_id=self._playing[0][0]))

    def _apply(self, todo: Sequence[commands.Command]) -> None:
        for command in todo:
            self.timed.append((self.machine.now_ms, command))
            if isinstance(command, commands.Say):
                self._play(command)
            elif isinstance(command, commands.StopPlayback):
                self._playing.clear()
                self._paused_ms = None
                self._heard_until_ms = self.machine.now_ms
            elif isinstance(command, commands.DropQueued):
                self._drop(command)
            elif isinstance(command, commands.PausePlayback):
                self._paused_ms = self.machine.now_ms
            elif isinstance(command, commands.ResumePlayback):
                self._resume()

    def _resume(self) -> None:
        assert self._paused_ms is not None
        silent_ms = self.machine.now_ms - self._paused_ms
        self._paused_ms = None
        self._playing = [(segment_id, end_ms + silent_ms) for segment_id, end_ms in self._playing]
        self._heard_until_ms += silent_ms

    def _drop(self, drop: commands.DropQueued) -> None:
        self._playing = [each for each in self._playing if each[0] not in drop.segment_ids]
        self._heard_until_ms = self._playing[-1][1] if self._playing else self.machine.now_ms

    def _play(self, say: commands.Say) -> None:
        duration_ms = len(say.text) * MS_PER_CHARACTER
        self._heard_until_ms = max(self._heard_until_ms, self.machine.now_ms) + duration_ms
        self._playing.append((say.segment_id, self._heard_until_ms))
        if not self._sounds_in_turn or len(self._playing) == 1:
            self.tell(events.SegmentStarted(segment_id=say.segment_id))
        self.tell(events.SegmentSynthesised(segment_id=say.segment_id, duration_ms=duration_ms))


OPERATOR = st.one_of(
    st.builds(
        events.Injected,
        inject_id=st.sampled_from([f"i{number}" for number in range(9)]),
        role=st.sampled_from(InjectRole),
        text=st.sampled_from(["Well. I am Ann.", "yes", "go back", "1"]),
        interrupt=st.booleans(),
    ),
    st.just(events.Interrupted()),
    st.builds(
        events.Steered,
        instructions=st.sampled_from([None, "", "Be brief."]),
        mute=st.sampled_from([None, True, False]),
    ),
    st.builds(
        events.TransferRequested,
        command_id=st.sampled_from([f"o{number}" for number in range(9)]),
        to=st.just("+14155550100"),
        mode=st.sampled_from(TransferMode),
        say=st.sampled_from([None, "", "One moment."]),
    ),
)
"""What operators do to calls; half of it at moments at which it is refused."""


def texts(lines: Sequence[Line], *, from_caller: bool | None = None) -> list[str]:
    """What was said of these lines, by both or by one."""
    spoken = [line for line in lines if isinstance(line, ChatLine)]
    return [line.text for line in spoken if from_caller in (None, line.from_caller)]


def _render(context: JsonObject):  # type: ignore[no-untyped-def]
    from datetime import UTC, datetime

    from offhook.workflows import TemplateContext, render

    now = datetime(2026, 3, 2, 9, 30, tzinfo=UTC)

    def fill(template: str, gathered: JsonObject) -> str:
        return render(template, TemplateContext(clock=lambda: now, initial=context, gathered=gathered))

    return fill
