"""Hearing: what the recogniser is fed, when, and what becomes of its failures."""

import asyncio
from collections.abc import Callable
from dataclasses import replace

from offhook.errors import EngineError
from streamer.call.events import Corrected, EngineStumbled, Event, HearingLost, PartlyRecognised, Recognised
from streamer.conductor.hearing import Hearing
from streamer.speech.ports import Listening, RecognisedWord, Recogniser, Recognition, RecognitionStream
from tests.support.ears import wait_for
from tests.support.engines import SILENCE, ScriptedRecogniser, ScriptedStream, make_engines

PREROLL_CHUNKS = 20


def chunk(number: int) -> bytes:
    return bytes((number % 251,)) * 160


class Ear:
    """One caller being heard, and what was told of it."""

    def __init__(self, *recognisers: Recogniser, limit_s: float = 5) -> None:
        self.events: list[Event] = []
        engines = replace(make_engines(), recognisers=recognisers)
        self.hearing = Hearing(engines, on_event=self.events.append, limit_s=limit_s)
        self.hearing.open(Listening(language="en-US"))

    @property
    def texts(self) -> list[str]:
        return [event.text for event in self.events if isinstance(event, Recognised)]

    def hear(self, first: int, last: int) -> None:
        for number in range(first, last + 1):
            self.hearing.is_voiced(chunk(number))


async def listening(recogniser: ScriptedRecogniser) -> tuple[Ear, ScriptedStream]:
    ear = Ear(recogniser)
    await wait_for(lambda: bool(recogniser.streams))
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
    ((engine, seconds),) = ear.hearing.recognised
    assert (engine, round(seconds, 3)) == ("embedded", round(0.02 * (PREROLL_CHUNKS + 30), 3))


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


async def test_a_final_tells_for_how_long_the_caller_has_been_silent_since_its_last_word() -> None:
    ear, stream = await listening(ScriptedRecogniser())
    ear.hear(1, 33)
    words = (RecognisedWord(text="yes", start_ms=100, end_ms=380, is_stable=True),)
    stream.recognise(Recognition(text="yes", is_final=True, result_id="1", words=words))
    assert ear.events == [Recognised(text="yes", result_id="1-1", silent_ms=33 * 20 - 380)]


async def test_partials_are_told_and_a_final_that_comes_again_is_a_correction() -> None:
    ear, stream = await listening(ScriptedRecogniser())
    ear.hear(1, 14)
    words = (
        RecognisedWord(text="per", start_ms=0, end_ms=100, is_stable=True),
        RecognisedWord(text="hap", start_ms=100, end_ms=200, is_stable=False),
    )
    stream.recognise(Recognition(text="per hap", is_final=False, result_id="1", words=words))
    stream.recognise(Recognition(text="perhaps", is_final=True, result_id="1"))
    stream.recognise(Recognition(text="per apps", is_final=True, result_id="1"))
    stream.recognise(Recognition(text="", is_final=True, result_id="2"))
    assert ear.events == [
        PartlyRecognised(text="per hap", stable_text="per", result_id="1-1", silent_ms=14 * 20 - 200),
        Recognised(text="perhaps", result_id="1-1"),
        Corrected(text="per apps", result_id="1-1"),
        Recognised(text="", result_id="1-2"),
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


async def test_who_can_not_be_heard_is_told_of_and_nobody_waits() -> None:
    ear = Ear(ScriptedRecogniser(error=EngineError("It is away.", engine="recogniser")))
    ear.hearing.expect(("yes",))
    ear.hear(1, 3)
    ear.hearing.start_utterance()
    ear.hear(4, 20)
    ear.hearing.finish_utterance()
    await wait_for(lambda: HearingLost() in ear.events)
    await ear.hearing.close()
    assert ear.events == [EngineStumbled(engine="recogniser", code="recogniser-failed"), HearingLost()]
    assert ear.hearing.recognised == []
