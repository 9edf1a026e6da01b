"""A recogniser that is never lost: another stream, or another engine, hears again what has no final yet."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

import pytest

from offhook.errors import EngineError
from streamer.speech import steady
from streamer.speech.ports import Listening, RecognisedWord, Recogniser, Recognition
from streamer.speech.steady import SteadyStream
from tests.support.ears import wait_for
from tests.support.engines import ScriptedStream

AWAY = EngineError("It is away.", engine="scripted")
REFUSED = EngineError("It is not for you.", engine="scripted", retryable=False)
PIECE = 800


def audio(number: int, pieces: int = 1) -> bytes:
    return bytes((number,)) * PIECE * pieces


class Line:
    """A recogniser whose streams do nothing by themselves; its first openings fail as the test says."""

    def __init__(self, *failures: Exception | None) -> None:
        self._failures = list(failures)
        self.streams: list[Stream] = []
        self.asked = 0

    async def open(
        self,
        *,
        listening: Listening,
        on_recognition: Callable[[Recognition], None],
        on_failure: Callable[[Exception], None],
    ) -> "Stream":
        self.asked += 1
        failure = self._failures.pop(0) if self._failures else None
        if isinstance(failure, TimeoutError):
            await asyncio.Event().wait()
        if failure is not None:
            raise failure
        self.streams.append(Stream([], on_recognition, on_failure))
        return self.streams[-1]


class Stream(ScriptedStream):
    """Keeps all that it is given, in order."""

    def __init__(
        self,
        texts: list[str],
        on_recognition: Callable[[Recognition], None],
        on_failure: Callable[[Exception], None],
    ) -> None:
        super().__init__(texts, on_recognition, on_failure)
        self.given: list[bytes | str] = []

    def feed(self, audio: bytes) -> None:
        self.given.append(audio)
        self.recognised_bytes += len(audio)

    def start_utterance(self) -> None:
        self.given.append("start")

    def finish_utterance(self) -> None:
        self.given.append("finish")

    def final(self, text: str, id_: str = "1") -> None:
        self.recognise(Recognition(text=text, is_final=True, result_id=id_))


class Call:
    """A caller who is heard, and what was told."""

    def __init__(self, *choices: Recogniser, limit_s: float = 5.0) -> None:
        self.told: list[Recognition] = []
        self.corrected: list[Recognition] = []
        self.stumbles = 0
        self.deaf: list[bool] = []
        self.stream = SteadyStream(
            choices,
            Listening(language="en-US"),
            on_recognition=self.told.append,
            on_correction=self.corrected.append,
            on_stumble=self._stumbled,
            on_deaf=self.deaf.append,
            limit_s=limit_s,
        )

    def _stumbled(self) -> None:
        self.stumbles += 1

    @property
    def texts(self) -> list[str]:
        return [told.text for told in self.told]


@asynccontextmanager
async def call(*choices: Recogniser, limit_s: float = 5.0) -> AsyncIterator[Call]:
    made = Call(*choices, limit_s=limit_s)
    try:
        yield made
    finally:
        await made.stream.close()


async def test_what_is_said_before_the_recogniser_is_open_is_heard_once_it_is() -> None:
    line = Line()
    async with call(line) as heard:
        heard.stream.expect(("yes",))
        heard.stream.feed(audio(1))
        heard.stream.start_utterance()
        heard.stream.feed(audio(2))
        heard.stream.finish_utterance()
        assert not line.streams
        await wait_for(lambda: bool(line.streams))
        assert line.streams[0].given == [audio(1), "start", audio(2), "finish"]
        assert line.streams[0].expected == [("yes",)]
        heard.stream.feed(audio(3))
        assert line.streams[0].given[-1] == audio(3)
        assert heard.stream.recognised == [("embedded", 3 * PIECE / 8000)]
    assert line.streams[0].is_closed
    assert (heard.stumbles, heard.deaf) == (0, [])


async def test_a_lost_stream_is_opened_again_and_hears_what_has_no_final_yet() -> None:
    line = Line()
    async with call(line) as heard:
        await wait_for(lambda: bool(line.streams))
        heard.stream.start_utterance()
        heard.stream.feed(audio(1))
        heard.stream.finish_utterance()
        line.streams[0].final("one")
        heard.stream.feed(audio(2))
        heard.stream.start_utterance()
        heard.stream.feed(audio(3))
        line.streams[0].fail(AWAY)
        heard.stream.feed(audio(4))
        await wait_for(lambda: len(line.streams) == 2)
        heard.stream.finish_utterance()
        assert line.streams[1].given == [audio(2), "start", audio(3), audio(4), "finish"]
        word = RecognisedWord(text="two", start_ms=100, end_ms=200, is_stable=True)
        line.streams[1].recognise(Recognition(text="two", is_final=True, result_id="1", words=(word,)))
        line.streams[0].final("three", "2")
    assert heard.texts == ["one", "two"], "a lost stream tells no more, and no final is another one's"
    assert [told.result_id for told in heard.told] == ["1-1", "2-1"]
    assert (heard.told[1].words[0].start_ms, heard.told[1].words[0].end_ms) == (200, 300)
    assert (heard.stumbles, heard.deaf) == (1, [])
    assert all(stream.is_closed for stream in line.streams)


async def test_a_final_that_comes_again_is_a_correction_and_answers_no_other_question() -> None:
    line = Line()
    async with call(line) as heard:
        await wait_for(lambda: bool(line.streams))
        for number in (1, 2):
            heard.stream.feed(audio(number))
            heard.stream.finish_utterance()
        line.streams[0].final("one", "1")
        line.streams[0].final("won", "1")
        line.streams[0].fail(AWAY)
        await wait_for(lambda: len(line.streams) == 2)
    assert line.streams[1].given == [audio(2), "finish"]
    assert (heard.texts, [told.text for told in heard.corrected]) == (["one"], ["won"])


async def test_nothing_but_the_last_second_is_heard_again_where_nobody_spoke() -> None:
    line = Line()
    async with call(line) as heard:
        await wait_for(lambda: bool(line.streams))
        for number in range(100):
            heard.stream.feed(audio(number))
        line.streams[0].fail(AWAY)
        await wait_for(lambda: len(line.streams) == 2)
    assert line.streams[1].given == [audio(number) for number in range(90, 100)]


async def test_a_question_is_not_forgotten_though_its_audio_is() -> None:
    line = Line()
    async with call(line) as heard:
        await wait_for(lambda: bool(line.streams))
        heard.stream.start_utterance()
        for number in range(400):
            heard.stream.feed(audio(number % 250))
        heard.stream.finish_utterance()
        line.streams[0].fail(AWAY)
        await wait_for(lambda: len(line.streams) == 2)
    given = line.streams[1].given
    assert (given[0], given[-1], len(given)) == ("start", "finish", 302)


@pytest.mark.parametrize("failures", [(AWAY, AWAY), (REFUSED,), (TimeoutError(),)])
async def test_the_second_choice_hears_what_the_first_can_not(failures: tuple[Exception, ...]) -> None:
    first, second = Line(*failures), Line()
    async with call(first, second, limit_s=0.05) as heard:
        heard.stream.start_utterance()
        heard.stream.feed(audio(1))
        heard.stream.finish_utterance()
        await wait_for(lambda: bool(second.streams))
        assert second.streams[0].given == ["start", audio(1), "finish"]
        second.streams[0].final("yes")
    assert (first.asked, first.streams, heard.texts) == (len(failures), [], ["yes"])
    assert heard.stumbles == 1


async def test_a_first_choice_that_is_lost_twice_in_a_row_gives_way() -> None:
    first, second = Line(), Line()
    async with call(first, second):
        await wait_for(lambda: bool(first.streams))
        first.streams[0].fail(AWAY)
        await wait_for(lambda: len(first.streams) == 2)
        first.streams[1].fail(AWAY)
        await wait_for(lambda: bool(second.streams))


async def test_one_that_has_told_what_was_said_begins_anew() -> None:
    first, second = Line(), Line()
    async with call(first, second) as heard:
        for number in range(4):
            await wait_for(lambda number=number: len(first.streams) > number)  # type: ignore[misc]
            heard.stream.finish_utterance()
            first.streams[number].final("yes")
            first.streams[number].fail(AWAY)
        await wait_for(lambda: len(first.streams) == 5)
    assert (second.asked, heard.stumbles) == (0, 4)


async def test_one_that_does_not_answer_in_time_gives_way_at_once() -> None:
    first, second = Line(), Line()
    async with call(first, second):
        await wait_for(lambda: bool(first.streams))
        first.streams[0].fail(TimeoutError())
        await wait_for(lambda: bool(second.streams))
    assert first.asked == 1


async def test_deafness_is_told_after_a_while_and_so_is_its_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(steady, "_DEAF_AFTER_S", 0.01)
    monkeypatch.setattr(steady, "_SETTLED_S", 0.01)
    line = Line(AWAY, AWAY, AWAY)
    async with call(line) as heard:
        await wait_for(lambda: bool(heard.deaf))
        assert heard.deaf == [True]
        await wait_for(lambda: len(heard.deaf) == 2)
        assert (heard.deaf, heard.stumbles, line.asked) == ([True, False], 1, 4)


async def test_nobody_is_told_of_a_deafness_that_nobody_notices() -> None:
    line = Line(AWAY)
    async with call(line) as heard:
        await wait_for(lambda: bool(line.streams))
    assert heard.deaf == []


async def test_where_all_refuse_no_more_is_asked_and_the_call_is_deaf(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(steady, "_DEAF_AFTER_S", 0.01)
    first, second = Line(REFUSED), Line(REFUSED)
    async with call(first, second) as heard:
        await wait_for(lambda: bool(heard.deaf))
        heard.stream.feed(audio(1))
    assert (heard.deaf, heard.stumbles, first.asked + second.asked) == ([True], 2, 2)


async def test_one_that_can_not_be_closed_holds_nobody_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(steady, "CLOSE_LIMIT_S", 0.01)

    class NeverClosing(Stream):
        async def close(self) -> None:
            await asyncio.Event().wait()

    class Stuck(Line):
        async def open(
            self,
            *,
            listening: Listening,
            on_recognition: Callable[[Recognition], None],
            on_failure: Callable[[Exception], None],
        ) -> Stream:
            self.streams.append(NeverClosing([], on_recognition, on_failure))
            return self.streams[-1]

    line = Stuck()
    async with call(line):
        await wait_for(lambda: bool(line.streams))
        line.streams[0].fail(AWAY)
        await wait_for(lambda: len(line.streams) == 2)
