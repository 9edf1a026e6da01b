"""The offline speech server as a process, and the engines that speak to it over its sockets."""

import asyncio
import json
import signal
import subprocess
import sys
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from typing import TypeVar

import numpy as np
import pytest
from numpy.typing import NDArray
from websockets.asyncio.server import ServerConnection, serve

from offhook.errors import EngineError
from streamer.media import mulaw
from streamer.sockets.intake import MAX_UNTAKEN_BYTES
from streamer.speech.embedded.offline import OfflineRecogniser, OfflineSynthesiser
from streamer.speech.ports import Listening, Recognition, Voice

pytestmark = pytest.mark.every_python

T = TypeVar("T")

DEADLINE_S = 20.0
PIECE = 800
QUIET = bytes([mulaw.SILENCE])
CALLERS = ("en-us+adam", "en-us+f2")
PHRASES = ["Yes, that is fine.", "no", "another day please", "tuesday", "how about thursday", "goodbye"]
OTHERS = [
    "i would like to order a pizza",
    "what is the weather like today",
    "the train leaves in the morning",
]


@dataclass(frozen=True)
class Speech:
    """A running server."""

    process: subprocess.Popen[bytes]
    recogniser: OfflineRecogniser
    synthesiser: OfflineSynthesiser


@contextmanager
def running_speech() -> Iterator[Speech]:
    command = [sys.executable, "-m", "local.speech", "--port", "0"]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        ready = json.loads(process.stdout.readline())
        try:
            yield Speech(
                process,
                OfflineRecogniser(ready["recognise_url"]),
                OfflineSynthesiser(ready["synthesise_url"]),
            )
        finally:
            process.terminate()


@pytest.fixture(scope="module")
def speech() -> Iterator[Speech]:
    with running_speech() as running:
        yield running


def offline(name: str) -> Voice:
    return Voice(engine="offline", name=name)


async def say(speech: Speech, text: str, voice: str = "en-us") -> bytes:
    return b"".join([piece async for piece in speech.synthesiser.synthesise(text, voice=offline(voice))])


def on_the_line(audio: bytes, *, noise_db: float | None = None) -> bytes:
    """Put 300 ms of quiet around the speech, and white noise under it that is so many dB less loud."""
    line = QUIET * 2400 + audio + QUIET * 2400
    if noise_db is None:
        return line
    samples = np.frombuffer(mulaw.decode(line), "<i2").astype(np.float64)
    noise = np.random.default_rng(3).normal(0, 2600 / 10 ** (noise_db / 20), len(samples))
    return to_mulaw(samples + noise)


def to_mulaw(samples: NDArray[np.float64]) -> bytes:
    return mulaw.encode(np.clip(samples, -32000, 32000).astype("<i2").tobytes())


class Ear:
    """A caller's recognition stream with its callbacks kept."""

    def __init__(self) -> None:
        self.heard: asyncio.Queue[Recognition] = asyncio.Queue()
        self.failures: asyncio.Queue[Exception] = asyncio.Queue()

    async def hear(self, speech: Speech, phrases: list[str], *lines: bytes) -> list[str]:
        stream = await speech.recogniser.open(
            listening=Listening(language="en-US"),
            on_recognition=self.heard.put_nowait,
            on_failure=self.failures.put_nowait,
        )
        stream.expect(phrases)
        texts = []
        for line in lines:
            stream.start_utterance()
            for n in range(0, len(line), PIECE):
                stream.feed(line[n : n + PIECE])
                await asyncio.sleep(0)
            stream.finish_utterance()
            texts.append((await within_deadline(self.heard)).text)
        await stream.close()
        return texts


async def within_deadline(queue: asyncio.Queue[T]) -> T:
    async with asyncio.timeout(DEADLINE_S):
        return await queue.get()


@pytest.mark.parametrize("noise_db", [None, 20.0])
@pytest.mark.parametrize("voice", CALLERS)
async def test_every_phrase_is_heard_as_it_was_written(
    speech: Speech, voice: str, noise_db: float | None
) -> None:
    lines = [on_the_line(await say(speech, phrase, voice), noise_db=noise_db) for phrase in PHRASES]
    assert await Ear().hear(speech, PHRASES, *lines) == PHRASES


@pytest.mark.parametrize("voice", CALLERS)
async def test_other_sentences_are_heard_as_nothing(speech: Speech, voice: str) -> None:
    lines = [on_the_line(await say(speech, sentence, voice)) for sentence in OTHERS]
    assert await Ear().hear(speech, PHRASES, *lines) == ["", "", ""]


async def test_silence_and_a_burst_of_noise_are_heard_as_nothing(speech: Speech) -> None:
    burst = to_mulaw(np.random.default_rng(5).normal(0, 4000, 3200))
    lines = [QUIET * 8000, on_the_line(burst)]
    assert await Ear().hear(speech, ["yes", "no"], *lines) == ["", ""]


async def test_the_phrases_of_the_next_step_replace_those_of_the_last(speech: Speech) -> None:
    ear, line = Ear(), on_the_line(await say(speech, "tuesday", CALLERS[0]))
    assert await ear.hear(speech, ["yes", "no"], line) == [""]
    assert await ear.hear(speech, ["monday", "tuesday"], line) == ["tuesday"]


async def test_a_phrase_with_an_unknown_word_does_not_spoil_the_others(speech: Speech) -> None:
    line = on_the_line(await say(speech, "yes", CALLERS[0]))
    assert await Ear().hear(speech, ["zxqvist please", "yes"], line) == ["yes"]


async def test_without_phrases_nothing_is_heard(speech: Speech) -> None:
    assert await Ear().hear(speech, [], on_the_line(await say(speech, "yes", CALLERS[0]))) == [""]


async def test_two_callers_are_heard_at_the_same_time(speech: Speech) -> None:
    yes, no = [on_the_line(await say(speech, word, CALLERS[0])) for word in ("yes", "no")]
    async with asyncio.TaskGroup() as tasks:
        first = tasks.create_task(Ear().hear(speech, ["yes", "no"], yes, no, yes))
        second = tasks.create_task(Ear().hear(speech, ["yes", "no"], no, yes, no))
    assert first.result() == ["yes", "no", "yes"]
    assert second.result() == ["no", "yes", "no"]


async def test_a_language_other_than_english_is_refused(speech: Speech) -> None:
    with pytest.raises(EngineError, match="English"):
        await speech.recogniser.open(
            listening=Listening(language="de-DE"), on_recognition=print, on_failure=print
        )


@pytest.mark.parametrize("voice", ["en-us", "en-gb+m3"])
async def test_speech_is_as_long_and_as_loud_as_speech(speech: Speech, voice: str) -> None:
    audio = await say(speech, "Good morning. Your appointment is on Monday at nine.", voice)
    samples = np.frombuffer(mulaw.decode(audio), "<i2").astype(np.float64)
    loud = samples[np.abs(samples) > 0.02 * np.abs(samples).max()]
    assert 2.0 < len(audio) / 8000 < 5.0
    assert 2000 < np.sqrt(np.mean(loud**2)) < 3300


async def test_the_first_piece_of_a_long_text_is_short(speech: Speech) -> None:
    pieces = [
        len(piece)
        async for piece in speech.synthesiser.synthesise("one two three " * 30, voice=offline("en-us"))
    ]
    assert pieces[0] <= 800
    assert len(pieces) > 5


async def test_a_text_can_be_given_up_and_the_next_one_spoken(speech: Speech) -> None:
    pieces = speech.synthesiser.synthesise("a very long text " * 200, voice=offline("en-us"))
    await anext(pieces)
    await pieces.aclose()  # type: ignore[attr-defined]
    assert await say(speech, "short")


async def test_an_unknown_voice_is_an_error_that_says_so(speech: Speech) -> None:
    with pytest.raises(EngineError, match="no such voice") as caught:
        await say(speech, "hello", "tlh+worf")
    assert not caught.value.retryable


async def test_a_server_that_dies_is_told_once_and_feeding_goes_on_quietly() -> None:
    ear = Ear()
    with running_speech() as speech:
        stream = await speech.recogniser.open(
            listening=Listening(language="en-US"),
            on_recognition=ear.heard.put_nowait,
            on_failure=ear.failures.put_nowait,
        )
        stream.expect(["yes"])
        speech.process.kill()
        failure = await within_deadline(ear.failures)
        assert isinstance(failure, EngineError)
        stream.feed(QUIET * PIECE)
        stream.finish_utterance()
        await stream.close()
        with pytest.raises(EngineError, match="start it"):
            await say(speech, "hello")
    assert ear.failures.empty()
    assert ear.heard.empty()


async def test_what_a_held_up_network_hands_over_at_once_is_heard_whole() -> None:
    ear, fed = Ear(), 0

    async def count(socket: ServerConnection) -> None:
        nonlocal fed
        async for message in socket:
            if isinstance(message, bytes):
                fed += len(message)
            elif message == '{"type":"finish"}':
                await socket.send('{"type":"final","text":"yes"}')

    async with serve(count, "127.0.0.1", 0) as server:
        stream = await OfflineRecogniser(f"ws://127.0.0.1:{server.sockets[0].getsockname()[1]}").open(
            listening=Listening(language="en-US"),
            on_recognition=ear.heard.put_nowait,
            on_failure=ear.failures.put_nowait,
        )
        stream.start_utterance()
        pieces = MAX_UNTAKEN_BYTES // 320 * 160 // PIECE
        for _ in range(pieces):
            stream.feed(QUIET * PIECE)
        stream.finish_utterance()
        assert await within_deadline(ear.heard) == Recognition(text="yes", is_final=True)
        await stream.close()
    assert fed == pieces * PIECE


@asynccontextmanager
async def babbling(answer: str | bytes) -> AsyncIterator[str]:
    """A speech server that answers everything with this."""

    async def babble(socket: ServerConnection) -> None:
        async for _ in socket:
            await socket.send(answer)

    async with serve(babble, "127.0.0.1", 0) as server:
        yield f"ws://127.0.0.1:{server.sockets[0].getsockname()[1]}"


@pytest.mark.parametrize("answer", ["yes", b"\xff", "[]", "3", '{"type":"partial"}', '{"type":"error"}'])
async def test_an_answer_that_makes_no_sense_is_a_failure_of_the_recogniser(answer: str | bytes) -> None:
    ear = Ear()
    async with babbling(answer) as url:
        stream = await OfflineRecogniser(url).open(
            listening=Listening(language="en-US"),
            on_recognition=ear.heard.put_nowait,
            on_failure=ear.failures.put_nowait,
        )
        stream.expect(["yes"])
        failure = await within_deadline(ear.failures)
        assert isinstance(failure, EngineError)
        await stream.close()


@pytest.mark.parametrize("answer", ["yes", "[]", '{"type":"error"}'])
async def test_an_answer_that_makes_no_sense_is_a_failure_of_the_synthesiser(answer: str) -> None:
    async with babbling(answer) as url:
        with pytest.raises(EngineError, match="no sense"):
            await anext(OfflineSynthesiser(url).synthesise("hello", voice=offline("en-us")))


def close_stdin(process: subprocess.Popen[bytes]) -> None:
    assert process.stdin is not None
    process.stdin.close()


@pytest.mark.parametrize("stop", [close_stdin, lambda process: process.send_signal(signal.SIGTERM)])
def test_the_server_exits_in_peace_when_its_parent_goes_or_asks(
    stop: Callable[[subprocess.Popen[bytes]], None],
) -> None:
    with running_speech() as speech:
        stop(speech.process)
        assert speech.process.wait(DEADLINE_S) == 0
