"""Calls as they are in the field: bursts, keys before anything else, circles, machines, and markup in what is to be said."""

import math
from array import array
from typing import Any

import pytest

from offhook.json_types import JsonObject
from offhook.runs.log.events import AnsweredByEvent, DtmfEvent, NodeEvent
from offhook.runs.log.projections import transcript
from offhook.runs.model import RunStatus
from streamer.media.mulaw import RATE_HZ, encode
from streamer.sockets.close_codes import CloseCode
from tests.support.engines import SILENCE, VOICE, ScriptedRecogniser, ScriptedSynthesiser, make_engines
from tests.support.phone import dial
from tests.support.town import Town, hear_greeting

UTTERANCE_CHUNKS = 200
BURST = SILENCE * 20 + (VOICE * UTTERANCE_CHUNKS + SILENCE * 80) * 3


def beep() -> bytes:
    samples = (int(6000 * math.sin(2 * math.pi * 1000 * n / RATE_HZ)) for n in range(RATE_HZ // 2))
    return encode(array("h", samples).tobytes())


async def test_words_that_a_held_up_network_hands_over_at_once_are_heard(town: Town) -> None:
    recogniser = ScriptedRecogniser("well", "let me see", "no another day")
    async with (
        town.streamer(engines=make_engines(recogniser=recogniser)) as server,
        dial(server.port, town.path()) as phone,
    ):
        await phone.start()
        await hear_greeting(phone)
        # Seventeen seconds of a call, as fast as the socket takes them.
        await phone.say(BURST)
        (stream,) = recogniser.streams
        await town.until(lambda: len(stream.utterances) == 3)
        await town.until(lambda: town.told(NodeEvent)[-1]["to"] == "which_day")
        await phone.hang_up()
    assert sum(words.count(VOICE[:2]) for words in stream.utterances) >= 3 * UTTERANCE_CHUNKS * 80


@pytest.mark.parametrize("keys", ["1", "2"])
async def test_a_key_pressed_before_the_call_is_attached_counts_without_any_audio(
    town: Town, keys: str
) -> None:
    async with town.streamer() as server, dial(server.port, town.path()) as phone:
        await phone.start()
        for key in keys:
            await phone.press(key)
        await town.until(lambda: bool(town.told(DtmfEvent)))
        await town.until(lambda: len(town.told(NodeEvent)) == 2)
        await phone.hang_up()
    assert [event["digit"] for event in town.told(DtmfEvent)] == list(keys)
    assert town.told(NodeEvent)[-1]["to"] == {"1": "confirmed", "2": "which_day"}[keys]


class TestCircles:
    @pytest.fixture
    def workflow(self) -> JsonObject:
        to: JsonObject = {"to": "+23355501234", "mode": "cold"}
        return {
            "nodes": [
                {"id": "a", "type": "startCall", "data": {"name": "A", "say": "Hello."}},
                {"id": "b", "type": "agentNode", "data": {"name": "B", "say": "Wait.", "transfer": to}},
            ],
            "edges": [
                {"id": "ab", "source": "a", "target": "b", "data": {"dtmf": "1"}},
                {"id": "bb", "source": "b", "target": "b", "data": {"when": "transfer_failed"}},
            ],
        }

    @pytest.mark.long
    async def test_a_circle_that_needs_no_caller_ends_with_a_reason_of_its_own(self, town: Town) -> None:
        async with town.streamer() as server, dial(server.port, town.path()) as phone:
            await phone.start()
            await phone.press("1")
            await phone.hear_out()
            assert await phone.wait_closed() == CloseCode.NORMAL
        assert town.stored_run.end_reason == "workflow_loop"
        assert len(town.told(NodeEvent)) < 30


class TestMachines:
    @pytest.fixture
    def agent_settings(self) -> JsonObject:
        return {"voicemail": {"action": "leave_message", "message": "Please call us back."}}

    async def test_a_message_is_left_after_the_beep(self, town: Town) -> None:
        speaker = ScriptedSynthesiser()
        engines = make_engines(
            recogniser=ScriptedRecogniser("please leave a message after the tone"), synthesiser=speaker
        )
        async with town.streamer(engines=engines) as server, dial(server.port, town.path()) as phone:
            await phone.start()
            await hear_greeting(phone)
            before = len(phone.marks)
            await phone.say(SILENCE * 20 + VOICE * 100 + SILENCE * 40)
            await phone.knock()
            assert len(phone.marks) == before
            await phone.say(beep() + SILENCE * 10)
            await phone.wait_until(lambda: len(phone.marks) > before)
            await phone.confirm(phone.marks[-1])
            await phone.say(SILENCE * 150)
            assert await phone.wait_closed() == CloseCode.NORMAL
        assert town.stored_run.disposition == "voicemail"
        assert transcript(town.log)[-1].text == "Please call us back."

    async def test_a_beep_tells_a_machine_whose_words_nobody_knows(self, town: Town) -> None:
        async with (
            town.streamer(engines=make_engines(recogniser=ScriptedRecogniser("mumble"))) as server,
            dial(server.port, town.path()) as phone,
        ):
            await phone.start()
            await hear_greeting(phone)
            before = len(phone.marks)
            await phone.say(SILENCE * 20 + VOICE * 150 + SILENCE * 15 + beep() + SILENCE * 10)
            await phone.wait_until(lambda: len(phone.marks) > before)
            await phone.confirm(phone.marks[-1])
            await phone.say(SILENCE * 150)
            assert await phone.wait_closed() == CloseCode.NORMAL
        (told,) = town.told(AnsweredByEvent)
        assert (told["answered_by"], told["sign"], told["action"]) == ("voicemail", "beep", "leave_message")
        assert town.stored_run.answered_by == "voicemail"
        assert transcript(town.log)[-1].text == "Please call us back."


class TestMarkup:
    @pytest.fixture
    def workflow(self) -> JsonObject:
        say = "**Dr. Smith** meets you at 9 a.m. on _Monday_, e.g. <b>here</b> \U0001f600. Goodbye."
        node: dict[str, Any] = {"id": "a", "type": "startCall", "data": {"name": "A", "say": say}}
        return {"nodes": [node], "edges": []}

    async def test_what_is_said_has_no_marks_and_ends_where_sentences_end(self, town: Town) -> None:
        speaker = ScriptedSynthesiser()
        engines = make_engines(synthesiser=speaker)
        async with town.streamer(engines=engines) as server, dial(server.port, town.path()) as phone:
            await phone.start()
            await hear_greeting(phone)
            await phone.hang_up()
        said = ["Dr. Smith meets you at 9 a.m. on Monday, e.g. here.", "Goodbye."]
        assert set(said) <= set(speaker.asked)
        assert [segment.text for segment in transcript(town.log)] == said
        assert town.stored_run.status is RunStatus.COMPLETED
