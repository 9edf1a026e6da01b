"""Hearing: what the recogniser is fed, when, and what becomes of its failures."""

import asyncio
from collections.abc import Callable

import pytest

from offhook.errors import EngineError
from streamer.call.events import Corrected, Event, PartlyRecognised, Recognised
from streamer.conductor.engines import Engines
from streamer.conductor.hearing import Hearing
from streamer.speech.gating import GatedStream
from streamer.speech.ports import Listening, RecognisedWord, Recognition, RecognitionStream
from tests.support.engines import SILENCE, ScriptedRecogniser, ScriptedStream, make_engines

PREROLL_CHUNKS = 20


def chunk(number: int) -> bytes:
    return bytes((number % 251,)) * 160


class Ear:
    """One caller being heard, and what was told of it."""

    def __init__(self, engines: Engines, limit_s: float) -> None:
        self.texts: list[str] = []
        self.failures = 0
        self.events: list[Event] = []
        self.hearing = Hearing(engines, on_event=self._told, on_failure=self._failed, limit_s=limit_s)

    def _told(self, event: Event) -> None:
        self.events.append(event)
        if isinstance(event, Recognised):
            self.texts.append(event.text)

    def _failed(self) -> None:
        self.failures += 1

    def hear(self, first: int, last: int) -> None:
        for number in range(first, last + 1):
            self.hearing.is_voiced(chunk(number))


async def listening(recogniser: ScriptedRecogniser) -> tuple[Ear, ScriptedStream]:
    ear = Ear(make_engines(recogniser=recogniser), limit_s=5)
    await ear.hearing.open(Listening(language="en-US"))
    return ear, recogniser.streams[0]


def chunks(first: int, last: int) -> bytes:
    return b"".join(chunk(number) for number in range(first, last + 1))


async def test_silence_is_told_from_speech_and_not_fed() -> None:
    ear, stream = await listening(ScriptedRecogniser())
    assert not ear.hearing.is_voiced(SILENCE)
    assert ear.hearing.is_voiced(chunk(1))
    assert stream.fed == b""


async def test_an_utterance_begins_with_what_came_just_before_it() -> None:
    ear, stream = await listening(ScriptedRecogniser("yes"))
    ear.hear(1, 100)
    ear.hearing.start_utterance()
    ear.hear(101, 130)
    ear.hearing.finish_utterance()
    await asyncio.sleep(0)
    assert stream.utterances == [chunks(101 - PREROLL_CHUNKS, 130)]
    assert ear.texts == ["yes"]
    assert ear.hearing.recognised_bytes == 160 * (PREROLL_CHUNKS + 30)


async def test_no_audio_belongs_to_two_utterances() -> None:
    ear, stream = await listening(ScriptedRecogniser("one", "two"))
    ear.hear(1, 5)
    ear.hearing.start_utterance()
    ear.hear(6, 8)
    ear.hearing.finish_utterance()
    ear.hear(9, 10)
    ear.hearing.start_utterance()
    ear.hear(11, 12)
    ear.hearing.finish_utterance()
    await asyncio.sleep(0)
    assert stream.utterances == [chunks(1, 8), chunks(9, 12)]
    assert ear.texts == ["one", "two"]


async def test_an_utterance_that_has_begun_does_not_begin_again() -> None:
    ear, stream = await listening(ScriptedRecogniser())
    ear.hear(1, 3)
    ear.hearing.start_utterance()
    ear.hear(4, 4)
    ear.hearing.start_utterance()
    ear.hearing.finish_utterance()
    assert stream.utterances == [chunks(1, 4)]


async def test_the_recogniser_is_fed_as_the_caller_speaks_ten_times_a_second() -> None:
    ear, stream = await listening(ScriptedRecogniser())
    ear.hear(1, 100)
    ear.hearing.start_utterance()
    assert len(stream.fed) == 160 * PREROLL_CHUNKS
    before = len(stream.fed)
    for number in range(101, 200):
        ear.hear(number, number)
        assert len(stream.fed) - before in (0, 800)
        before = len(stream.fed)
    assert stream.fed == chunks(81, 195)


async def test_a_recogniser_that_wants_it_gets_the_whole_call() -> None:
    class Whole(ScriptedRecogniser):
        async def open(
            self,
            *,
            listening: Listening,
            on_recognition: Callable[[Recognition], None],
            on_failure: Callable[[Exception], None],
        ) -> RecognitionStream:
            self.streams.append(ScriptedStream(["yes"], on_recognition, on_failure))
            return self.streams[0]

    ear, stream = await listening(Whole())
    ear.hear(1, 7)
    ear.hearing.start_utterance()
    ear.hear(8, 9)
    ear.hearing.finish_utterance()
    ear.hear(10, 14)
    assert (stream.utterances, bytes(stream.fed)) == ([chunks(1, 9)], chunks(10, 14))
    assert stream.starts == 1


async def test_each_finish_asks_exactly_once() -> None:
    ear, stream = await listening(ScriptedRecogniser("a", "b", "c"))
    for number in range(3):
        ear.hearing.start_utterance()
        ear.hear(number, number)
        ear.hearing.finish_utterance()
    assert len(stream.utterances) == 3


async def test_partials_are_told_and_a_final_that_comes_again_is_a_correction() -> None:
    ear, stream = await listening(ScriptedRecogniser())
    words = (
        RecognisedWord(text="per", start_ms=0, end_ms=100, is_stable=True),
        RecognisedWord(text="hap", start_ms=100, end_ms=200, is_stable=False),
    )
    stream.recognise(Recognition(text="per hap", is_final=False, result_id="1", words=words))
    stream.recognise(Recognition(text="perhaps", is_final=True, result_id="1"))
    stream.recognise(Recognition(text="per apps", is_final=True, result_id="1"))
    stream.recognise(Recognition(text="", is_final=True, result_id="2"))
    assert ear.events == [
        PartlyRecognised(text="per hap", stable_text="per", result_id="1"),
        Recognised(text="perhaps", result_id="1"),
        Corrected(text="per apps", result_id="1"),
        Recognised(text="", result_id="2"),
    ]


async def test_finals_of_an_engine_that_counts_none_are_each_their_own() -> None:
    ear, stream = await listening(ScriptedRecogniser())
    for _ in range(2):
        stream.recognise(Recognition(text="yes", is_final=True))
    assert ear.texts == ["yes", "yes"]


async def test_what_may_be_said_is_passed_on() -> None:
    ear, stream = await listening(ScriptedRecogniser())
    ear.hearing.expect(("yes", "no"))
    assert stream.expected == [("yes", "no")]


@pytest.mark.parametrize("error", [EngineError("It is away.", engine="recogniser"), TimeoutError()])
async def test_a_recogniser_that_can_not_be_opened_is_told_once_and_the_call_goes_on(
    error: Exception,
) -> None:
    ear = Ear(make_engines(recogniser=ScriptedRecogniser(error=error)), limit_s=5)
    await ear.hearing.open(Listening(language="en-US"))
    assert ear.failures == 0, "told before the call has begun"
    await asyncio.sleep(0)
    ear.hearing.expect(("yes",))
    ear.hear(1, 3)
    ear.hearing.start_utterance()
    ear.hear(4, 20)
    ear.hearing.finish_utterance()
    await ear.hearing.close()
    await asyncio.sleep(0)
    assert (ear.failures, ear.texts, ear.hearing.recognised_bytes) == (1, [], 0)


class NeverOpening:
    """A recogniser that does not answer."""

    async def open(
        self,
        *,
        listening: Listening,
        on_recognition: Callable[[Recognition], None],
        on_failure: Callable[[Exception], None],
    ) -> RecognitionStream:
        await asyncio.Event().wait()
        raise AssertionError


async def test_a_recogniser_that_does_not_answer_has_failed() -> None:
    ear = Ear(make_engines(recogniser=NeverOpening()), limit_s=0.01)
    await ear.hearing.open(Listening(language="en-US"))
    await asyncio.sleep(0)
    assert ear.failures == 1


async def test_a_failure_during_the_call_is_told() -> None:
    ear, stream = await listening(ScriptedRecogniser())
    stream.fail(EngineError("It broke.", engine="recogniser"))
    assert ear.failures == 1


class NeverClosing(ScriptedStream):
    """A stream that can't be closed."""

    error: Exception | None = None

    async def close(self) -> None:
        if self.error is not None:
            raise self.error
        await asyncio.Event().wait()


@pytest.mark.parametrize("error", [None, EngineError("It broke.", engine="recogniser")])
async def test_a_recogniser_that_can_not_be_closed_holds_nobody_up(error: Exception | None) -> None:
    class Recogniser(ScriptedRecogniser):
        async def open(
            self,
            *,
            listening: Listening,
            on_recognition: Callable[[Recognition], None],
            on_failure: Callable[[Exception], None],
        ) -> RecognitionStream:
            stream = NeverClosing([], on_recognition, on_failure)
            stream.error = error
            return GatedStream(stream)

    ear = Ear(make_engines(recogniser=Recogniser()), limit_s=0.01)
    await ear.hearing.open(Listening(language="en-US"))
    await ear.hearing.close()
    assert ear.failures == 0
