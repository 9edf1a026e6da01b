"""Whole calls through the real SDKs: Transcribe hears, Polly speaks, against servers that check what AWS checks."""

import asyncio
from collections.abc import AsyncIterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from copy import deepcopy
from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from typing import Any, cast

import pytest

from local.aws.speech.faults import Fault, Kind, Service
from local.aws.speech.transcribe_stream import Transcribe
from local.aws.speech.words import Pace, Word
from offhook.agents.engines import EMBEDDED, TRANSCRIBE
from offhook.json_types import JsonObject
from offhook.runs.log.events import (
    CorrectionEvent,
    ErrorEvent,
    InterruptEvent,
    NodeEvent,
    PartialEvent,
    SpeechEvent,
    TranscriptEvent,
)
from offhook.runs.log.projections import transcript
from offhook.runs.log.spending import Spending
from offhook.runs.model import RunStatus
from streamer.conductor.engines import Engines
from streamer.media import mulaw
from streamer.speech.polly import PollySynthesiser
from streamer.speech.ports import Voice, VoiceChoice
from streamer.speech.transcribe import Transport
from streamer.speech.transcribe.recogniser import TranscribeRecogniser
from streamer.speech.voice import WebRtcVoiceDetector
from tests.support.aws_speech import Town as SpeechTown
from tests.support.aws_speech import town as speech_town
from tests.support.calls import APPOINTMENT
from tests.support.engines import ScriptedRecogniser, make_engines, room_of
from tests.support.phone import Phone, dial
from tests.support.town import Town, hear_greeting

CLIPS = Path(__file__).parents[2] / "benchmarks/clips"
QUIET = bytes((mulaw.SILENCE,)) * 160
both = pytest.mark.parametrize("transport", list(Transport))


def clip(name: str) -> bytes:
    return (CLIPS / name).read_bytes()


SPOKEN = clip("confirm.ulaw")
"""What the caller says: a human voice, which the service is told to take for the words of the test."""


@pytest.fixture
def agent_settings() -> JsonObject:
    return {"recogniser": "transcribe", "synthesiser": "polly", "voice": "Joanna"}


@asynccontextmanager
async def aws_engines(services: SpeechTown, transport: Transport) -> AsyncIterator[Engines]:
    with ThreadPoolExecutor(8) as threads:
        scripted = make_engines()
        yield Engines(
            recognisers=(TranscribeRecogniser(services.transcriber(transport)),),
            voices=(
                VoiceChoice(
                    voice=Voice(engine="polly", name="Joanna"),
                    synthesiser=PollySynthesiser(services.speaker(threads)),
                ),
            ),
            models=scripted.models,
            new_detector=WebRtcVoiceDetector,
        )


@pytest.fixture
async def services(tmp_path: Path) -> AsyncIterator[SpeechTown]:
    transcribe = Transcribe()
    transcribe.scripts.add(
        mulaw.decode(SPOKEN),
        (
            Word(text="no", start_ms=100, end_ms=400),
            Word(text="another", start_ms=500, end_ms=900),
            Word(text="day", start_ms=950, end_ms=len(SPOKEN) // 8),
        ),
    )
    async with speech_town(tmp_path, transcribe, speak=quick_tones) as running:
        yield running


async def quick_tones(text: str, _voice: str) -> AsyncIterator[bytes]:
    """Speak each character as 20 ms of its own code."""
    for character in text:
        yield bytes([ord(character) % 256]) * 160


async def keep_silent(phone: Phone) -> None:
    """Send silence as a carrier does, in real time, until cancelled."""
    while True:
        await phone.say(QUIET * 5)
        await asyncio.sleep(0.1)  # the rate of the audio


async def wait_for_answer(phone: Phone) -> None:
    """Send silence as a carrier does, in real time, until the agent says more than its greeting."""
    async with asyncio.TaskGroup() as tasks:
        silence = tasks.create_task(keep_silent(phone))
        await phone.wait_until(lambda: len(phone.marks) > 2)
        silence.cancel()


def said(town: Town) -> list[tuple[str, str]]:
    return [(str(segment.speaker), segment.text) for segment in transcript(town.log)]


@pytest.mark.every_python
@both
async def test_a_call_is_heard_and_answered_through_transcribe_and_polly(
    town: Town, services: SpeechTown, transport: Transport
) -> None:
    async with (
        aws_engines(services, transport) as engines,
        town.streamer(engines=engines) as server,
        dial(server.port, town.path()) as phone,
    ):
        await phone.start()
        await hear_greeting(phone)
        await phone.say(SPOKEN)
        await wait_for_answer(phone)
        await phone.hang_up()
        await phone.wait_closed()
    assert ("caller", "no another day") in said(town)
    # The end of it may not have been heard before the caller hung up.
    assert said(town)[-1][1].startswith("Which day")
    assert town.stored_run.status is RunStatus.COMPLETED
    assert town.stored_run.usage is not None
    assert float(str(town.stored_run.usage["stt_seconds"])) > 1
    assert town.stored_run.cost is not None
    used = {(use.part, use.engine) for use in Spending.of(town.log).uses()}
    assert used == {("recogniser", "transcribe"), ("synthesiser", "polly-neural")}
    # Less than 15 seconds were heard, which are billed at least.
    assert town.stored_run.cost["stt_usd"] == 0.006
    assert float(str(town.stored_run.cost["tts_usd"])) > 0
    assert town.stored_run.cost["unpriced"] == []


@pytest.mark.parametrize(
    ("transport", "kind"),
    [
        (Transport.HTTP2, Kind.RESET_STREAM),
        (Transport.HTTP2, Kind.THROTTLE),
        (Transport.WEBSOCKET, Kind.RESET_CONNECTION),
        (Transport.WEBSOCKET, Kind.END),
    ],
)
async def test_a_recogniser_that_is_lost_while_the_caller_speaks_hears_all_of_it_again(
    town: Town, services: SpeechTown, transport: Transport, kind: Kind
) -> None:
    async with (
        aws_engines(services, transport) as engines,
        town.streamer(engines=engines) as server,
        dial(server.port, town.path()) as phone,
    ):
        await phone.start()
        await hear_greeting(phone)
        half = len(SPOKEN) // 320 * 160
        await phone.say(SPOKEN[:half])
        await phone.knock()
        assert services.transcribe.faults.strike(Fault(service=Service.TRANSCRIBE, kind=kind)) == 1
        await phone.say(SPOKEN[half:])
        await wait_for_answer(phone)
        await phone.hang_up()
        await phone.wait_closed()
    assert ("caller", "no another day") in said(town)
    assert town.stored_run.error is None


async def lose_recogniser(services: SpeechTown) -> None:
    """Have the stream break off, and no other one be had."""
    services.transcribe.faults.add(Fault(service=Service.TRANSCRIBE, kind=Kind.UNAVAILABLE, times=99))
    services.transcribe.faults.strike(Fault(service=Service.TRANSCRIBE, kind=Kind.RESET_CONNECTION))


async def test_a_recogniser_that_stays_away_leaves_the_caller_the_keys(
    town: Town, services: SpeechTown
) -> None:
    async with (
        aws_engines(services, Transport.WEBSOCKET) as engines,
        town.streamer(engines=engines) as server,
        dial(server.port, town.path()) as phone,
    ):
        await phone.start()
        await hear_greeting(phone)
        await lose_recogniser(services)
        await phone.say(SPOKEN)
        await wait_for_answer(phone)
        assert ("agent", "Sorry, I did not catch that.") in said(town)
        await phone.press("1")
        await phone.hear_out()
    assert town.stored_run.disposition == "confirmed"
    assert town.stored_run.error is None
    (error,) = town.told(ErrorEvent)
    assert (error["code"], error["recoverable"]) == ("recogniser-failed", True)


class TestOfWordsAlone:
    @pytest.fixture
    def workflow(self) -> JsonObject:
        definition: Any = deepcopy(APPOINTMENT)
        for edge in definition["edges"]:
            edge["data"].pop("dtmf", None)
        return cast("JsonObject", definition)

    async def test_a_recogniser_that_stays_away_for_long_ends_the_call_with_a_sentence(
        self, town: Town, services: SpeechTown
    ) -> None:
        async with (
            aws_engines(services, Transport.WEBSOCKET) as engines,
            town.streamer(engines=engines) as server,
            dial(server.port, town.path()) as phone,
        ):
            await phone.start()
            await hear_greeting(phone)
            await lose_recogniser(services)
            await phone.say(SPOKEN)
            await wait_for_answer(phone)
            await phone.say(QUIET * 1000)
            await phone.hear_out()
        assert any(text.startswith("I am sorry, something went wrong") for _, text in said(town))
        assert town.stored_run.disposition == "error"
        assert town.stored_run.error is not None
        assert town.stored_run.error.code == "recogniser-failed"


class TestOfTwoRecognisers:
    @pytest.fixture
    def agent_settings(self) -> JsonObject:
        return {
            "recogniser": TRANSCRIBE,
            "second_recogniser": EMBEDDED,
            "synthesiser": "polly",
            "voice": "Joanna",
        }

    @both
    async def test_the_second_choice_hears_what_the_first_has_not(
        self, town: Town, services: SpeechTown, transport: Transport
    ) -> None:
        second = ScriptedRecogniser("no another day")
        async with aws_engines(services, transport) as engines:
            recognisers = {TRANSCRIBE: engines.recognisers[0], EMBEDDED: second}
            room = replace(room_of(engines), recognisers=recognisers)
            async with town.streamer(room=room) as server, dial(server.port, town.path()) as phone:
                await phone.start()
                await hear_greeting(phone)
                half = len(SPOKEN) // 320 * 160
                await phone.say(SPOKEN[:half])
                await phone.knock()
                await lose_recogniser(services)
                await phone.say(SPOKEN[half:])
                await wait_for_answer(phone)
                await phone.hang_up()
                await phone.wait_closed()
        assert ("caller", "no another day") in said(town)
        assert SPOKEN[half:-2400] in second.streams[0].utterances[0]
        assert SPOKEN[1600:half] in second.streams[0].utterances[0]


@both
async def test_nobody_waits_for_a_recogniser_that_is_slow_to_open(
    town: Town, services: SpeechTown, transport: Transport
) -> None:
    slow = Fault(service=Service.TRANSCRIBE, kind=Kind.SLOW, delay_ms=2000)
    services.transcribe.faults.add(slow)
    async with (
        aws_engines(services, transport) as engines,
        town.streamer(engines=engines) as server,
        dial(server.port, town.path()) as phone,
    ):
        before = asyncio.get_running_loop().time()
        await phone.start()
        await hear_greeting(phone)
        assert asyncio.get_running_loop().time() - before < 2
        await phone.say(SPOKEN)
        await wait_for_answer(phone)
        await phone.hang_up()
        await phone.wait_closed()
    assert ("caller", "no another day") in said(town)
    assert town.told(ErrorEvent) == []


@both
@pytest.mark.parametrize("kind", [Kind.STALL, Kind.SILENCE])
async def test_a_recogniser_that_falls_silent_while_the_caller_speaks_is_replaced(
    town: Town, services: SpeechTown, transport: Transport, kind: Kind
) -> None:
    async with (
        aws_engines(services, transport) as engines,
        town.streamer(engines=engines) as server,
        dial(server.port, town.path()) as phone,
    ):
        await phone.start()
        await hear_greeting(phone)
        assert services.transcribe.faults.strike(Fault(service=Service.TRANSCRIBE, kind=kind)) == 1
        await phone.say(SPOKEN)
        await wait_for_answer(phone)
        await phone.hang_up()
        await phone.wait_closed()
    assert ("caller", "no another day") in said(town)
    (error,) = town.told(ErrorEvent)
    assert (error["code"], error["recoverable"]) == ("recogniser-failed", True)


async def speak(phone: Phone, audio: bytes) -> None:
    """Say this in real time."""
    for start in range(0, len(audio), 800):
        await phone.say(audio[start : start + 800])
        await asyncio.sleep(0.1)  # the rate of the audio


async def test_what_the_caller_says_is_shown_while_they_speak_and_what_differs_in_the_end_is_corrected(
    town: Town, services: SpeechTown
) -> None:
    services.transcribe.scripts.add(
        mulaw.decode(SPOKEN),
        (
            Word(text="no", start_ms=100, end_ms=400),
            Word(text="another", at_first="brother", start_ms=500, end_ms=900),
            Word(text="day", start_ms=950, end_ms=len(SPOKEN) // 8),
        ),
        Pace(final_ms=1200),
    )
    async with (
        aws_engines(services, Transport.WEBSOCKET) as engines,
        town.streamer(engines=engines) as server,
        dial(server.port, town.path()) as phone,
    ):
        await phone.start()
        await hear_greeting(phone)
        await speak(phone, SPOKEN)
        async with asyncio.TaskGroup() as tasks:
            silence = tasks.create_task(keep_silent(phone))
            await town.until(lambda: bool(town.told(CorrectionEvent)))
            silence.cancel()
        await phone.hang_up()
        await phone.wait_closed()
    partials = town.told(PartialEvent)
    assert partials[0]["text"] == "no"
    moments = [int(str(partial["offset_ms"])) for partial in partials]
    assert all(later - earlier >= 500 for earlier, later in pairwise(moments))
    (spoken,) = [event for event in town.told(TranscriptEvent) if event["speaker"] == "caller"]
    assert spoken["text"] == "no brother day"
    assert town.told(CorrectionEvent)[0] == {
        "segment_id": "c1",
        "original": "no brother day",
        "heard_text": "no another day",
    }
    assert ("caller", "no another day") in said(town)
    assert [node["to"] for node in town.told(NodeEvent)] == ["greet", "which_day"], "what was decided stands"


class TestOfLongSounds:
    @pytest.fixture
    def agent_settings(self) -> JsonObject:
        return {"recogniser": TRANSCRIBE, "synthesiser": "polly", "voice": "Joanna", "barge_in_ms": 5000}

    async def test_words_interrupt_while_the_caller_goes_on(self, town: Town, services: SpeechTown) -> None:
        async with (
            aws_engines(services, Transport.WEBSOCKET) as engines,
            town.streamer(engines=engines) as server,
            dial(server.port, town.path()) as phone,
        ):
            await phone.start()
            await phone.wait_until(lambda: bool(phone.audio))
            await speak(phone, SPOKEN)
            async with asyncio.TaskGroup() as tasks:
                silence = tasks.create_task(keep_silent(phone))
                await town.until(lambda: ("caller", "no another day") in said(town))
                silence.cancel()
            await phone.hang_up()
            await phone.wait_closed()
        kinds = [entry.event for entry in town.log]
        interrupted = next(n for n, event in enumerate(kinds) if isinstance(event, InterruptEvent))
        heard = [event for event in kinds[:interrupted] if isinstance(event, SpeechEvent)]
        assert [str(event.state) for event in heard] == ["started"], "before the caller has paused"
        assert any(isinstance(event, PartialEvent) for event in kinds[:interrupted])
