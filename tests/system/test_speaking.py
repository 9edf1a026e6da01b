"""Whole calls through Polly that goes wrong: who speaks then, what the caller hears of it, and what the log tells."""

from collections.abc import AsyncIterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from local.aws.speech.faults import Fault, Kind, Service
from offhook.agents.engines import EMBEDDED, POLLY
from offhook.json_types import JsonObject
from offhook.runs.log.events import ErrorEvent
from offhook.runs.log.projections import transcript
from offhook.runs.model import RunStatus
from streamer.engine_room import EngineRoom
from streamer.sockets.close_codes import CloseCode
from streamer.speech.polly import PollySynthesiser
from tests.support.aws_speech import Town as SpeechTown
from tests.support.aws_speech import town as speech_town
from tests.support.engines import (
    LevelDetector,
    ScriptedModel,
    ScriptedRecogniser,
    ScriptedSynthesiser,
    only,
    spoken,
)
from tests.support.phone import Phone, dial
from tests.support.town import UTTERANCE, Town, hear_greeting

GREETING = ["Hello Ada.", "Does Monday still suit you?"]
ANSWER = "Which day would suit you better?"
SORRY = "I am sorry, something went wrong on our side."
WARM = 5
"""Fixed texts that are made beside the greeting."""


async def quick_tones(text: str, _voice: str) -> AsyncIterator[bytes]:
    """Speak each character as 20 ms of its own code, as the scripted synthesiser does."""
    for start in range(0, len(text), 5):
        yield spoken(text[start : start + 5])


@pytest.fixture
async def services(tmp_path: Path) -> AsyncIterator[SpeechTown]:
    async with speech_town(tmp_path, speak=quick_tones) as running:
        running.polly.requests_per_second = dict.fromkeys(running.polly.requests_per_second, 10_000)
        yield running


@pytest.fixture
def agent_settings() -> JsonObject:
    return {"synthesiser": POLLY, "voice": "Joanna", "second_synthesiser": EMBEDDED}


@asynccontextmanager
async def calling(
    town: Town, services: SpeechTown, second: ScriptedSynthesiser | None = None
) -> AsyncIterator[Phone]:
    """Call an agent whose voice is Polly's, and whose second one is scripted."""
    with ThreadPoolExecutor(8) as threads:
        room = EngineRoom(
            recognisers={EMBEDDED: ScriptedRecogniser("no another day")},
            synthesisers={
                POLLY: PollySynthesiser(services.speaker(threads)),
                EMBEDDED: second or ScriptedSynthesiser(),
            },
            models=only(ScriptedModel()),
            new_detector=LevelDetector,
        )
        async with town.streamer(room=room) as server, dial(server.port, town.path()) as phone:
            await phone.start()
            yield phone


async def hear_greeting_and_warm_up(town: Town, services: SpeechTown, phone: Phone) -> None:
    await hear_greeting(phone)
    await town.until(lambda: len(services.polly.requests) >= len(GREETING) + WARM)
    # The last of them may still be spoken.
    await town.until(lambda: services.polly.faults.live(Service.POLLY) == 0)


@pytest.mark.parametrize(
    ("kind", "after_ms", "code", "said_by_second"),
    [
        (Kind.THROTTLE, None, "synthesiser-throttled", ANSWER),
        (Kind.UNAVAILABLE, None, "synthesiser-unavailable", ANSWER),
        (Kind.RESET_CONNECTION, None, "synthesiser-lost", ANSWER),
        (Kind.STALL, None, "synthesiser-stalled", ANSWER),
        (Kind.SILENCE, None, "synthesiser-failed", ANSWER),
        (Kind.END, 300, "synthesiser-lost", "would suit you better?"),
        (Kind.STALL, 300, "synthesiser-stalled", "would suit you better?"),
    ],
)
async def test_a_sentence_that_the_synthesiser_fails_at_is_said_by_the_second_one(
    town: Town,
    services: SpeechTown,
    kind: Kind,
    after_ms: int | None,
    code: str,
    said_by_second: str,
) -> None:
    # A voice that is throttled has a second engine before the call has a second voice.
    times = 2 if kind is Kind.THROTTLE else 1
    second = ScriptedSynthesiser()
    async with calling(town, services, second) as phone:
        await hear_greeting_and_warm_up(town, services, phone)
        services.polly.faults.add(Fault(service=Service.POLLY, kind=kind, after_ms=after_ms, times=times))
        await phone.say(UTTERANCE)
        await phone.wait_until(lambda: len(phone.marks) == len(GREETING) + 1)
        await phone.confirm(phone.marks[-1])
        await phone.hang_up()
        await phone.wait_closed()
    assert second.asked == [said_by_second]
    assert phone.audio.endswith(spoken(said_by_second))
    assert [segment.text for segment in transcript(town.log)] == [*GREETING, "no another day", ANSWER]
    assert [(error["code"], error["recoverable"]) for error in town.told(ErrorEvent)] == [(code, True)]
    assert town.stored_run.status is RunStatus.COMPLETED
    assert town.stored_run.error is None


class TestWithoutASecondVoice:
    @pytest.fixture
    def agent_settings(self) -> JsonObject:
        return {"synthesiser": POLLY, "voice": "Joanna"}

    async def test_one_failure_is_tried_again_and_ends_nothing(
        self, town: Town, services: SpeechTown
    ) -> None:
        async with calling(town, services) as phone:
            await hear_greeting_and_warm_up(town, services, phone)
            services.polly.faults.add(Fault(service=Service.POLLY, kind=Kind.UNAVAILABLE))
            await phone.say(UTTERANCE)
            await phone.wait_until(lambda: len(phone.marks) == len(GREETING) + 1)
            await phone.hang_up()
            await phone.wait_closed()
        assert phone.audio.endswith(spoken(ANSWER))
        assert town.stored_run.error is None

    @pytest.mark.parametrize("kind", [Kind.UNAVAILABLE, Kind.STALL])
    async def test_when_nothing_can_speak_any_more_the_kept_apology_ends_the_call(
        self, town: Town, services: SpeechTown, kind: Kind
    ) -> None:
        async with calling(town, services) as phone:
            await hear_greeting_and_warm_up(town, services, phone)
            services.polly.faults.add(Fault(service=Service.POLLY, kind=kind, times=99))
            await phone.say(UTTERANCE)
            await phone.hear_out()
            assert phone.close_code == CloseCode.NORMAL
        assert spoken(SORRY) in phone.audio
        assert [error["recoverable"] for error in town.told(ErrorEvent)] == [True, False]
        assert town.stored_run.disposition == "error"
        assert [segment.text for segment in transcript(town.log)][:4] == [*GREETING, "no another day", SORRY]


class TestALongReply:
    SENTENCES = tuple(f"This is sentence number {n} of many." for n in range(1, 31))

    @pytest.fixture
    def workflow(self) -> JsonObject:
        say = " ".join(self.SENTENCES)
        node: dict[str, Any] = {"id": "a", "type": "startCall", "data": {"name": "A", "say": say}}
        return {"nodes": [node], "edges": []}

    async def test_of_what_nobody_waits_to_hear_hardly_anything_is_made(
        self, town: Town, services: SpeechTown
    ) -> None:
        async with calling(town, services) as phone:
            await phone.wait_until(lambda: bool(phone.audio))
            await phone.hang_up()
            await phone.wait_closed()
        made = [request.Text for request in services.polly.requests if request.Text in self.SENTENCES]
        assert made == list(self.SENTENCES[: len(made)])
        assert 1 <= len(made) <= 3

    async def test_each_sentence_is_made_while_the_one_before_it_sounds(
        self, town: Town, services: SpeechTown
    ) -> None:
        async with calling(town, services) as phone:
            for heard in range(1, 4):
                await phone.wait_until(lambda: len(phone.marks) == heard)  # noqa: B023
                made = [r.Text for r in services.polly.requests if r.Text in self.SENTENCES]
                assert len(made) <= heard + 2
            await phone.hang_up()
            await phone.wait_closed()
        # Not a chunk of silence between them.
        first = "".join(self.SENTENCES[:3])
        assert phone.audio.startswith(spoken(first))
