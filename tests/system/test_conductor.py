"""Whole calls over real sockets: the conductor between a phone and engines that do as they are told."""

import asyncio
import base64
import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

import pytest

from benchmarks.speech import load_clips
from offhook.agents.settings import AgentSettings
from offhook.errors import EngineError
from offhook.json_types import JsonObject
from offhook.models.requests import ChatLine, ModelEvent, ModelRequest, ModelUsage, TextDelta
from offhook.runs.end_reasons import EndReason
from offhook.runs.log.events import (
    DtmfEvent,
    ErrorEvent,
    Event,
    HandoffEvent,
    InjectEvent,
    InterruptEvent,
    KnownEvent,
    MetricsEvent,
    NodeEvent,
    SpeechEvent,
    TranscriptEvent,
    UsageEvent,
)
from offhook.vocabulary import InjectRole
from offhook.workflows import TemplateContext, parse_workflow, render
from streamer.call import events
from streamer.call.call_end import CallEnd
from streamer.call.machine import Machine
from streamer.conductor.clips import Clips
from streamer.conductor.conductor import MAX_ODD_MESSAGES, SUCCESSOR_LIMIT_S, CallOptions, Conductor
from streamer.conductor.engines import Engines
from streamer.conductor.playout import Pacer
from streamer.conductor.recorder import SEGMENT_BYTES
from streamer.conductor.succeeding import NoSuccessorError, Succession, Successors
from streamer.media import MediaStream
from streamer.media.mulaw import CHUNK_BYTES, CHUNK_MS
from streamer.sockets.close_codes import CloseCode
from streamer.sockets.handshake import handshake
from streamer.sockets.media_socket import MediaSocket
from streamer.sockets.server import Route, Server
from streamer.speech.ports import Listening, Order, Voice
from streamer.stub import StubCalls
from tests.support.answering import wait_for
from tests.support.calls import APPOINTMENT
from tests.support.engines import (
    SILENCE,
    VOICE,
    ScriptedModel,
    ScriptedRecogniser,
    ScriptedSynthesiser,
    make_engines,
    spoken,
)
from tests.support.makers import NOON
from tests.support.phone import DEADLINE_S, Phone, dial

pytestmark = pytest.mark.every_python

GREETING = "Hello there."
QUESTION = "Does Monday still suit you?"
UTTERANCE = SILENCE * 20 + VOICE * 30 + SILENCE * 30
SORRY = "I am sorry, something went wrong on our side."
BROKEN = EngineError("It broke.", engine="engine")


class House:
    """Serves calls with scripted engines and keeps what each of them tells."""

    def __init__(
        self,
        engines: Engines,
        no_audio_limit_s: float,
        max_duration_s: float,
        settings: AgentSettings,
        workflow: JsonObject,
        successors: Successors | None = None,
    ) -> None:
        self._successors = successors
        self._workflow = parse_workflow(workflow)
        self._settings = settings
        self._engines = engines
        self._no_audio_limit_s = no_audio_limit_s
        self._max_duration_s = max_duration_s
        self._pacer = Pacer(asyncio.get_running_loop())
        self._changed = asyncio.Condition()
        self.records: list[Event] = []
        self.ends: list[CallEnd | None] = []
        self.recordings: list[bytes] = []
        self.begun: list[Conductor] = []
        self.over: list[Conductor] = []
        self.failures: list[Exception] = []

    async def serve(self, socket: MediaSocket, match: dict[str, str]) -> None:
        stream = MediaStream()
        await handshake(socket, stream)
        conductor = Conductor(
            socket=socket,
            stream=stream,
            pacer=self._pacer,
            engines=self._engines,
            clips=Clips(),
            machine=Machine(workflow=self._workflow, settings=self._settings, render=_render),
            options=CallOptions(
                listening=Listening(language="en-US"),
                on_record=self.records.append,
                on_recording=self.recordings.append,
                no_audio_limit_s=self._no_audio_limit_s,
                max_duration_s=self._max_duration_s,
                successors=self._successors,
            ),
        )
        self.begun.append(conductor)
        try:
            self.ends.append(await conductor.run())
        except Exception as error:
            self.failures.append(error)
            raise
        finally:
            self.over.append(conductor)
            async with self._changed:
                self._changed.notify_all()

    async def until_over(self) -> Conductor:
        async with asyncio.timeout(DEADLINE_S), self._changed:
            await self._changed.wait_for(lambda: bool(self.over))
        assert self.failures == []
        return self.over[0]

    def told(self, kind: type[KnownEvent]) -> list[JsonObject]:
        return [event.to_data() for event in self.records if isinstance(event, kind)]

    @property
    def said(self) -> list[object]:
        return [data["text"] for data in self.told(TranscriptEvent)]

    @property
    def end(self) -> CallEnd:
        (end,) = self.ends
        assert end is not None
        return end


def _render(template: str, gathered: JsonObject) -> str:
    return render(template, TemplateContext(clock=lambda: NOON, gathered=gathered))


@asynccontextmanager
async def house(
    engines: Engines | None = None,
    *,
    no_audio_limit_s: float = 30,
    max_duration_s: float = 3660,
    settings: AgentSettings | None = None,
    workflow: JsonObject = APPOINTMENT,
    successors: Successors | None = None,
) -> AsyncIterator[tuple[House, Phone]]:
    """Open a house and call it."""
    made = House(
        engines or make_engines(),
        no_audio_limit_s,
        max_duration_s,
        settings or AgentSettings(),
        workflow,
        successors,
    )
    async with (
        Server([Route("/call", made.serve)]) as server,
        dial(server.port, "/call") as phone,
    ):
        await phone.start()
        yield made, phone


async def test_a_caller_is_greeted_understood_and_answered() -> None:
    recogniser = ScriptedRecogniser("yes that is fine")
    async with house(make_engines(recogniser=recogniser)) as (call, phone):
        await phone.wait_until(lambda: len(phone.marks) == 2)
        assert phone.audio == spoken(GREETING) + spoken(QUESTION)
        for mark in phone.marks:
            await phone.confirm(mark)
        await phone.say(UTTERANCE)
        await phone.hear_out()
        assert phone.close_code == CloseCode.NORMAL
        conductor = await call.until_over()
    assert conductor.must_hang_up
    assert not conductor.stream_was_lost
    assert call.said == [GREETING, QUESTION, "yes that is fine", "See you on Monday.", "Goodbye."]
    assert call.end.disposition == "confirmed"
    assert VOICE * 30 in recogniser.streams[0].utterances[0]
    assert recogniser.streams[0].is_closed


@pytest.mark.parametrize("chunk_bytes", [80, 161, 1600])
async def test_a_carrier_may_send_chunks_of_any_size(chunk_bytes: int) -> None:
    recogniser = ScriptedRecogniser("yes")
    async with house(make_engines(recogniser=recogniser)) as (call, phone):
        await phone.wait_until(lambda: len(phone.marks) == 2)
        for mark in phone.marks:
            await phone.confirm(mark)
        await phone.say(UTTERANCE, chunk_bytes=chunk_bytes)
        await phone.wait_until(lambda: len(phone.marks) == 4)
        await phone.hang_up()
        await call.until_over()
    assert "yes" in call.said
    recorded = b"".join(call.recordings)[0::2]
    assert recorded.strip(b"\xff") == UTTERANCE.strip(b"\xff")


async def test_a_caller_who_speaks_into_the_greeting_silences_it() -> None:
    async with house(make_engines(recogniser=ScriptedRecogniser("no another day"))) as (call, phone):
        await phone.wait_until(lambda: bool(phone.audio))
        # No more silence than it takes to ask: half a second that comes at once would leave no time for the words.
        await phone.say(VOICE * 30 + SILENCE * 15)
        await phone.wait_until(lambda: phone.clears == 1 and len(phone.marks) > 0)
        await phone.hang_up()
        await call.until_over()
    assert spoken(QUESTION) not in phone.audio
    assert call.told(InterruptEvent)
    assert [data["to"] for data in call.told(NodeEvent)] == ["greet", "which_day"]


async def test_a_key_takes_the_edge_that_waits_for_it() -> None:
    async with house() as (call, phone):
        await phone.wait_until(lambda: bool(phone.audio))
        await phone.press("1")
        await phone.hear_out()
        await call.until_over()
    assert [data["digit"] for data in call.told(DtmfEvent)] == ["1"]
    assert call.end.disposition == "confirmed"


@pytest.mark.parametrize("is_speaking", [True, False])
async def test_a_caller_who_hangs_up_ends_the_call(is_speaking: bool) -> None:
    async with house() as (call, phone):
        await phone.wait_until(lambda: bool(phone.audio) if is_speaking else len(phone.marks) == 2)
        if not is_speaking:
            for mark in phone.marks:
                await phone.confirm(mark)
        await phone.hang_up()
        conductor = await call.until_over()
    assert call.end.reason == "user_hangup"
    assert not conductor.must_hang_up
    assert not conductor.stream_was_lost


async def test_while_nobody_is_on_the_line_its_clock_stands_and_the_recogniser_is_kept_awake() -> None:
    recogniser = ScriptedRecogniser()
    async with house(make_engines(recogniser=recogniser)) as (call, phone):
        await phone.wait_until(lambda: len(phone.marks) == 2)
        for mark in phone.marks:
            await phone.confirm(mark)
        await phone.say(VOICE * 10)
        await wait_for(lambda: len(call.told(SpeechEvent)) == 1)
        (conductor,), (stream,) = call.begun, recogniser.streams
        recognised_bytes = stream.recognised_bytes
        conductor.rest()
        conductor.pass_silence(3000)
        assert stream.recognised_bytes - recognised_bytes > 2990 * CHUNK_BYTES
        assert (len(call.told(SpeechEvent)), stream.utterances) == (1, [])
        conductor.wake()
        conductor.pass_silence(30)
        assert (len(call.told(SpeechEvent)), len(stream.utterances)) == (2, 1)
        await phone.hang_up()
        await call.until_over()
    # Of the minute in which nobody was there, nothing is recorded.
    assert len(b"".join(call.recordings)) / 2 < 500 * CHUNK_BYTES


async def test_a_stream_that_breaks_off_is_no_hang_up() -> None:
    async with house() as (call, phone):
        await phone.wait_until(lambda: bool(phone.audio))
        phone.drop()
        conductor = await call.until_over()
        assert conductor.stream_was_lost
        assert call.ends == [None]
        conductor.caller_is_gone()
    assert conductor.ended is not None
    assert conductor.ended.reason is EndReason.CALLER


@pytest.mark.parametrize(
    "message", ["{", "[]", '{"event":"start"}', '{"event":"media","media":{"payload":"%%%"}}']
)
async def test_a_carrier_that_does_not_stop_breaking_the_protocol_is_told_so(message: str) -> None:
    async with house() as (call, phone):
        await phone.wait_until(lambda: bool(phone.audio))
        for _ in range(MAX_ODD_MESSAGES):
            await phone.send_text(message)
        assert await phone.wait_closed() == CloseCode.BAD_REQUEST
        conductor = await call.until_over()
    assert conductor.stream_was_lost


async def test_a_line_without_audio_is_dead() -> None:
    async with house(no_audio_limit_s=0.05) as (call, phone):
        assert await phone.wait_closed() == CloseCode.NORMAL
        conductor = await call.until_over()
    assert conductor.must_hang_up
    assert call.end.reason == "user_hangup"


async def trickle(phone: Phone, audio: bytes) -> None:
    """Send this chunk ten times a second until the streamer closes."""
    async with asyncio.timeout(DEADLINE_S):
        while phone.close_code is None:
            await phone.say(audio)
            await asyncio.sleep(0.1)


async def test_a_line_with_a_trickle_of_audio_is_dead() -> None:
    async with house(no_audio_limit_s=0.5) as (call, phone):
        await trickle(phone, SILENCE)
        conductor = await call.until_over()
    assert conductor.must_hang_up
    assert call.end.reason == "user_hangup"


async def test_a_call_is_over_at_its_limit_by_the_clock_on_the_wall() -> None:
    async with house(no_audio_limit_s=0.4, max_duration_s=0.9) as (call, phone):
        await trickle(phone, SILENCE * 10)
        conductor = await call.until_over()
    assert conductor.must_hang_up
    assert call.end.reason == "call_duration_exceeded"


async def test_an_operator_speaks_with_the_agents_voice_after_its_present_sentence() -> None:
    rest = asyncio.Event()
    begun = spoken(GREETING)[:800]
    synthesiser = ScriptedSynthesiser({GREETING: [begun, rest, spoken(GREETING)[800:]]})
    async with house(make_engines(synthesiser=synthesiser)) as (call, phone):
        await phone.wait_until(lambda: bool(phone.audio))
        said = events.Injected(inject_id="i1", role=InjectRole.ASSISTANT, text="This is Ann.")
        assert call.begun[0].operate(said) is None
        rest.set()
        await phone.wait_until(lambda: len(phone.marks) == 3)
        await phone.hang_up()
        await call.until_over()
        refusal = call.begun[0].operate(said)
    assert phone.audio == spoken(GREETING) + spoken("This is Ann.") + spoken(QUESTION)
    assert call.said == [GREETING, "This is Ann.", QUESTION]
    assert [data.get("inject_id") for data in call.told(TranscriptEvent)] == [None, "i1", None]
    assert [data["text"] for data in call.told(InjectEvent)] == ["This is Ann."]
    assert refusal is not None
    assert refusal.code == "ended"


class Nobody:
    """An agent that does not come."""

    def __init__(self) -> None:
        self.is_asked = asyncio.Event()

    async def find(self, agent_uuid: str, *, from_agent_uuid: str) -> Succession:
        self.is_asked.set()
        await asyncio.Event().wait()
        raise NoSuccessorError("Nobody waits for so long.")


async def test_the_end_of_a_call_waits_for_no_agent_that_it_was_to_be_handed_on_to() -> None:
    workflow: JsonObject = {
        "nodes": [
            {"id": "greet", "type": "startCall", "data": {"name": "Greet", "say": GREETING}},
            {"id": "on", "type": "handoff", "data": {"name": "On", "handoff": {"agent_uuid": "b"}}},
            {"id": "bye", "type": "endCall", "data": {"name": "Bye", "say": "Bye."}},
        ],
        "edges": [
            {"id": "e1", "source": "greet", "target": "on", "data": {"dtmf": "1"}},
            {"id": "e2", "source": "on", "target": "bye", "data": {"when": "handoff_failed"}},
        ],
    }
    nobody = Nobody()
    async with house(workflow=workflow, successors=nobody) as (call, phone):
        await phone.wait_until(lambda: bool(phone.audio))
        await phone.press("1")
        await nobody.is_asked.wait()
        await phone.hang_up()
        async with asyncio.timeout(SUCCESSOR_LIMIT_S / 2):
            await call.until_over()
    assert [data["failure"] for data in call.told(HandoffEvent)] == [None, "caller-left"]


async def test_nothing_is_added_to_a_call_whose_line_has_broken_off() -> None:
    async with house() as (call, phone):
        await phone.wait_until(lambda: bool(phone.audio))
        phone.drop()
        conductor = await call.until_over()
        refusal = conductor.operate(events.Interrupted())
    assert refusal is not None
    assert refusal.code == "line-lost"


async def test_an_operator_may_end_the_call() -> None:
    async with house() as (call, phone):
        await phone.wait_until(lambda: bool(phone.audio))
        call.begun[0].end(EndReason.DRAINED)
        assert await phone.wait_closed() == CloseCode.NORMAL
        conductor = await call.until_over()
        assert phone.clears == 1
    assert conductor.must_hang_up
    assert call.end.reason == "drained"


@pytest.mark.parametrize(
    "engines",
    [
        lambda: make_engines(synthesiser=ScriptedSynthesiser({QUESTION: [BROKEN]})),
        lambda: make_engines(synthesiser=ScriptedSynthesiser({QUESTION: [b"\x05" * 500, BROKEN]})),
    ],
)
async def test_an_engine_that_fails_is_apologised_for(engines: Callable[[], Engines]) -> None:
    async with house(engines()) as (call, phone):
        await phone.hear_out()
        assert phone.close_code == CloseCode.NORMAL
        await call.until_over()
    assert spoken(SORRY) in phone.audio
    assert call.end.disposition == "error"
    assert [error["recoverable"] for error in call.told(ErrorEvent)][-1] is False


async def test_an_engine_that_never_works_ends_the_call_all_the_same() -> None:
    class Mute(ScriptedSynthesiser):
        async def synthesise(
            self, text: str, *, voice: Voice, order: Order | None = None
        ) -> AsyncIterator[bytes]:
            raise BROKEN
            yield b""

    async with house(make_engines(synthesiser=Mute())) as (call, phone):
        assert await phone.wait_closed() == CloseCode.NORMAL
        conductor = await call.until_over()
    assert conductor.must_hang_up
    assert call.end.disposition == "error"


async def test_both_sides_are_recorded_to_the_end() -> None:
    a_sound = VOICE * 3  # too short to interrupt
    async with house() as (call, phone):
        await phone.wait_until(lambda: len(phone.marks) == 2)
        await phone.say(a_sound)
        await phone.hang_up()
        await call.until_over()
    stereo = b"".join(call.recordings)
    assert stereo[0::2].strip(b"\xff") == a_sound
    assert stereo[1::2].startswith(spoken(GREETING)[: len(a_sound)])


async def test_what_the_agent_says_to_a_caller_who_sends_nothing_is_recorded_piece_by_piece() -> None:
    async with house() as (call, phone):
        await phone.wait_until(lambda: len(phone.marks) == 2)
        (conductor,) = call.begun
        conductor.pass_silence(1200)
        # Of each track ten seconds, or what is passed at once beyond them: no more is lost with a process.
        assert [len(piece) for piece in call.recordings] == [2 * SEGMENT_BYTES, 2 * SEGMENT_BYTES]
        await phone.hang_up()
        await call.until_over()
    assert len(b"".join(call.recordings)) >= 2 * 1200 * CHUNK_BYTES


async def test_a_caller_who_is_muted_after_speaking_gets_an_answer() -> None:
    async with house(make_engines(recogniser=ScriptedRecogniser("yes"))) as (call, phone):
        await phone.wait_until(lambda: len(phone.marks) == 2)
        for mark in phone.marks:
            await phone.confirm(mark)
        await phone.say(VOICE * 30)
        # Nothing more comes from the phone, not even silence.
        await phone.wait_until(lambda: len(phone.marks) == 4)
    assert "yes" in call.said


async def test_a_network_that_stalls_in_the_middle_of_a_word_ends_no_turn() -> None:
    async with house(make_engines(recogniser=ScriptedRecogniser("yes"))) as (call, phone):
        await phone.wait_until(lambda: len(phone.marks) == 2)
        for mark in phone.marks:
            await phone.confirm(mark)
        await phone.say(VOICE * 30)
        # The stall: longer than a hiccup, and shorter than for somebody who is muted after speaking.
        await asyncio.sleep(0.7)
        await phone.say(VOICE * 10 + SILENCE * 30)
        await phone.wait_until(lambda: len(phone.marks) == 4)
    started, stopped = (event for event in call.records if isinstance(event, SpeechEvent))
    assert stopped.offset_ms - started.offset_ms == 40 * CHUNK_MS


async def test_a_caller_who_sends_nothing_at_all_is_asked_again() -> None:
    idle = AgentSettings(idle_timeout_ms=1000, idle_prompts=("Are you there?",))
    async with house(settings=idle) as (call, phone):
        await phone.wait_until(lambda: len(phone.marks) == 2)
        for mark in phone.marks:
            await phone.confirm(mark)
        await phone.wait_until(lambda: len(phone.marks) == 4)
    assert "Are you there?" in call.said


async def test_a_reply_is_measured_by_the_clock_on_the_wall_to_the_first_chunk_written() -> None:
    class Slow(ScriptedSynthesiser):
        async def synthesise(
            self, text: str, *, voice: Voice, order: Order | None = None
        ) -> AsyncIterator[bytes]:
            await asyncio.sleep(0.2 if text == "See you on Monday." else 0)
            yield spoken(text)

    async with house(make_engines(recogniser=ScriptedRecogniser("yes"), synthesiser=Slow())) as (call, phone):
        await phone.wait_until(lambda: len(phone.marks) == 2)
        for mark in phone.marks:
            await phone.confirm(mark)
        # No audio follows, and the caller waits all the same.
        await phone.say(VOICE * 30 + SILENCE * 10)
        await phone.wait_until(lambda: len(phone.marks) == 3)
        await phone.hang_up()
        await call.until_over()
    (measured,) = [event for event in call.records if isinstance(event, MetricsEvent)]
    assert measured.endpointing_ms == 200
    assert measured.synthesis_ms is not None
    assert measured.playout_ms is not None
    assert measured.voice_to_voice_ms is not None
    assert 190 < measured.synthesis_ms < 2000
    assert measured.playout_ms < 50
    assert measured.voice_to_voice_ms >= 390


DESK: JsonObject = {
    "nodes": [
        {"id": "desk", "type": "startCall", "data": {"name": "Desk", "say": GREETING, "prompt": "Help."}}
    ],
    "edges": [],
}


async def test_slow_engines_work_while_the_caller_may_go_on_and_are_heard_after_that() -> None:
    class Slow(ScriptedSynthesiser):
        async def synthesise(
            self, text: str, *, voice: Voice, order: Order | None = None
        ) -> AsyncIterator[bytes]:
            await asyncio.sleep(0 if text == GREETING else 0.4)
            yield spoken(text)

    class SlowModel:
        async def reply(self, request: ModelRequest) -> AsyncIterator[ModelEvent]:
            await asyncio.sleep(0.4)
            yield TextDelta(text="It is.")

    engines = make_engines(
        recogniser=ScriptedRecogniser("is it open today"), synthesiser=Slow(), model=SlowModel()
    )
    slow_to_answer = AgentSettings(endpointing_ms=1500)
    async with house(engines, workflow=DESK, settings=slow_to_answer) as (call, phone):
        await phone.wait_until(lambda: len(phone.marks) == 1)
        await phone.confirm(phone.marks[0])
        # The network lets the time pass from here on: the reply is made in less than the caller is given.
        await phone.say(VOICE * 30 + SILENCE * 10)
        await phone.wait_until(lambda: len(phone.marks) == 2)
        await phone.hang_up()
        await call.until_over()
    (measured,) = [event for event in call.records if isinstance(event, MetricsEvent)]
    assert phone.audio == spoken(GREETING) + spoken("It is.")
    assert (measured.endpointing_ms, measured.recognition_ms, measured.model_ms) == (1500, 0, 0)
    assert measured.voice_to_voice_ms is not None
    # The audio of 200 ms is let pass at once.
    assert measured.voice_to_voice_ms < 1750


async def test_what_was_made_ready_for_a_caller_who_goes_on_is_never_heard() -> None:
    class Model(ScriptedModel):
        is_asked = asyncio.Event()

        def reply(self, request: ModelRequest) -> AsyncIterator[ModelEvent]:
            self.is_asked.set()
            return super().reply(request)

    model = Model([TextDelta(text="It is.")], [TextDelta(text="It is not.")])
    engines = make_engines(recogniser=ScriptedRecogniser("is it open", "on sunday"), model=model)
    slow_to_answer = AgentSettings(endpointing_ms=1500)
    async with house(engines, workflow=DESK, settings=slow_to_answer) as (call, phone):
        await phone.wait_until(lambda: len(phone.marks) == 1)
        await phone.confirm(phone.marks[0])
        await phone.say(VOICE * 30 + SILENCE * 11)
        async with asyncio.timeout(DEADLINE_S):
            await model.is_asked.wait()
        await phone.say(VOICE * 30 + SILENCE * 80)
        await phone.wait_until(lambda: len(phone.marks) == 2)
        await phone.hang_up()
        await call.until_over()
    assert phone.audio == spoken(GREETING) + spoken("It is not.")
    assert call.said == [GREETING, "is it open on sunday", "It is not."]
    assert model.asked[1].lines == (
        ChatLine(from_caller=False, text=GREETING),
        ChatLine(from_caller=True, text="is it open on sunday"),
    )


async def test_usage_counts_what_the_engines_did() -> None:
    async with house() as (call, phone):
        await phone.wait_until(lambda: len(phone.marks) == 2)
        await phone.hang_up()
        conductor = await call.until_over()
    assert conductor.usage().to_data() == {
        "stt_seconds": 0.0,
        "tts_characters": len(GREETING + QUESTION),
        "llm": {"input_tokens": 0, "output_tokens": 0},
        "turn": 0,
        "engines": [{"part": "synthesiser", "engine": "engine1", "characters": len(GREETING + QUESTION)}],
    }
    assert conductor.usage().engines == ()


async def test_usage_is_told_when_the_next_turn_begins_and_adds_up() -> None:
    model = ScriptedModel(
        [TextDelta(text="It is."), ModelUsage(input_tokens=50, output_tokens=2)],
        [TextDelta(text="Until six."), ModelUsage(input_tokens=70, output_tokens=3)],
    )
    engines = make_engines(recogniser=ScriptedRecogniser("is it open", "how long"), model=model)
    async with house(engines, workflow=DESK) as (call, phone):
        for marks in (1, 2, 3):
            await phone.wait_until(lambda marks=marks: len(phone.marks) == marks)  # type: ignore[misc]
            await phone.confirm(phone.marks[-1])
            if marks < 3:
                await phone.say(UTTERANCE)
        await phone.hang_up()
        conductor = await call.until_over()
    told = [event for event in call.records if isinstance(event, UsageEvent)]
    last = conductor.usage()
    assert [(used.turn, used.tts_characters, used.llm.input_tokens) for used in (*told, last)] == [
        (0, len(GREETING), 0),
        (1, len("It is."), 50),
        (2, len("Until six."), 70),
    ]
    # Each turn has heard its own words; what came just before them is given to the gated recogniser first.
    assert told[0].stt_seconds == 0.4
    assert told[1].stt_seconds > 0.6
    assert last.stt_seconds > 0.6


# With the stub engines and the real voice detector.


@asynccontextmanager
async def stub_server() -> AsyncIterator[Server]:
    async with Server(StubCalls(Pacer(asyncio.get_running_loop())).routes, max_calls=60) as server:
        yield server


async def test_a_human_voice_is_answered_and_may_interrupt_the_answer() -> None:
    voice = b"".join(load_clips()[0].chunks)
    quiet = SILENCE * 30
    async with stub_server() as server, dial(server.port, "/any/path") as phone:
        await phone.start()
        await phone.knock()
        await phone.say(quiet + voice + quiet)
        await phone.wait_until(lambda: bool(phone.audio))
        assert phone.clears == 0
        await phone.say(voice)
        await phone.wait_until(lambda: phone.clears == 1)
        await phone.hang_up()


async def test_fifty_calls_leave_nothing_behind() -> None:
    async def one_call(port: int, n: int) -> None:
        async with dial(port, f"/call/{n}") as phone:
            await phone.start()
            await phone.say(UTTERANCE)
            await phone.knock()
            if n % 3 == 0:
                phone.drop()
            elif n % 3 == 1:
                await phone.send_text("garbage")
            else:
                await phone.hang_up()

    async with stub_server() as server:
        before = asyncio.all_tasks()
        async with asyncio.TaskGroup() as tasks:
            for n in range(50):
                tasks.create_task(one_call(server.port, n))
        assert await server.drain(DEADLINE_S)
        async with asyncio.timeout(DEADLINE_S):
            # The last connections still take their leave of the transport.
            await asyncio.gather(*asyncio.all_tasks() - before, return_exceptions=True)
        assert asyncio.all_tasks() == before


ODD = {
    "a strange digit": '{"event":"dtmf","dtmf":{"digit":"w"}}',
    "a second start": '{"event":"start","start":{"streamSid":"MZ2","callSid":"CA2","accountSid":"x"}}',
    "a second connected": '{"event":"connected"}',
    "two seconds of audio": json.dumps(
        {"event": "media", "media": {"payload": base64.b64encode(bytes(16_000)).decode()}}
    ),
    "media without audio": '{"event":"media"}',
    "no JSON": "hello",
}


@pytest.mark.parametrize("odd", ODD.values(), ids=ODD)
async def test_one_odd_message_does_not_end_a_call(odd: str, caplog: pytest.LogCaptureFixture) -> None:
    recogniser = ScriptedRecogniser("yes that is fine")
    async with house(make_engines(recogniser=recogniser)) as (call, phone):
        await phone.wait_until(lambda: len(phone.marks) == 2)
        await phone.send_text(odd)
        await phone.say(UTTERANCE)
        await phone.wait_until(lambda: len(phone.marks) == 3)
        assert call.said[2] == "yes that is fine"
        assert phone.close_code is None
    assert [record.getMessage() for record in caplog.records] == ["odd message passed over"]


async def test_who_sends_odd_messages_only_is_closed_after_a_second_of_them() -> None:
    odd = ODD["a strange digit"]
    async with house() as (call, phone):
        for message in [odd] * (MAX_ODD_MESSAGES - 1) + ['{"event":"unknown"}']:
            await phone.send_text(message)
        for _ in range(MAX_ODD_MESSAGES - 1):
            await phone.send_text(odd)
        await phone.knock()
        assert phone.close_code is None
        await phone.send_text(odd)
        assert await phone.wait_closed() == CloseCode.BAD_REQUEST
        assert phone.close_reason == "Malformed dtmf message"
        await call.until_over()
