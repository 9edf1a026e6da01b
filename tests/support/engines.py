"""Engines without a model inside: each does what a test tells it to, when it is told."""

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping, Sequence

from offhook.agents.engines import EMBEDDED, MODELS, RECOGNISERS, SYNTHESISERS
from offhook.agents.settings import AgentSettings
from offhook.models.ports import LanguageModel, ModelChoice
from offhook.models.requests import ModelEvent, ModelRequest
from streamer.call.events import Event
from streamer.conductor.engines import Engines
from streamer.engine_room import EngineRoom
from streamer.speech.embedded.gating import UtteranceGate
from streamer.speech.ports import (
    Listening,
    Order,
    Recogniser,
    Recognition,
    RecognitionStream,
    Synthesiser,
    Voice,
    VoiceChoice,
)

CHUNK_BYTES = 160
SILENCE = b"\xff" * CHUNK_BYTES
VOICE = b"\x10\x90" * (CHUNK_BYTES // 2)
BYTES_PER_CHARACTER = CHUNK_BYTES


class Told:
    """Events in the order of their coming, and a way to wait for the next one."""

    def __init__(self) -> None:
        self.events: list[Event] = []
        self._changed = asyncio.Event()

    def __call__(self, event: Event) -> None:
        self.events.append(event)
        self.look_again()

    def look_again(self) -> None:
        """Have those who wait look at their condition again."""
        self._changed.set()

    async def until(self, condition: Callable[[], bool]) -> None:
        """Wait until this is true; it is looked at after each event."""
        async with asyncio.timeout(5):
            while not condition():
                self._changed.clear()
                await self._changed.wait()


class LevelDetector:
    """Takes everything but perfect silence for speech."""

    def is_voiced(self, chunk: bytes) -> bool:
        return chunk != SILENCE


class ScriptedStream:
    """Answers each utterance with the next of its texts."""

    def __init__(
        self,
        texts: list[str],
        on_recognition: Callable[[Recognition], None],
        on_failure: Callable[[Exception], None],
    ) -> None:
        self._texts = texts
        self.recognise = on_recognition
        self.fail = on_failure
        self.expected: list[tuple[str, ...]] = []
        self.utterances: list[bytes] = []
        self.fed = bytearray()
        self.engine = EMBEDDED
        self.recognised_bytes = 0
        self.starts = 0
        self.is_closed = False

    def expect(self, phrases: Sequence[str]) -> None:
        self.expected.append(tuple(phrases))

    def feed(self, audio: bytes) -> None:
        self.fed += audio
        self.recognised_bytes += len(audio)

    def start_utterance(self) -> None:
        self.starts += 1

    def finish_utterance(self) -> None:
        self.utterances.append(bytes(self.fed))
        self.fed.clear()
        text = self._texts.pop(0) if self._texts else ""
        asyncio.get_running_loop().call_soon(self.recognise, Recognition(text=text, is_final=True))

    async def close(self) -> None:
        self.is_closed = True


class GatedStream(ScriptedStream):
    """One that is given utterances alone, as the embedded one is."""

    def __init__(
        self,
        texts: list[str],
        on_recognition: Callable[[Recognition], None],
        on_failure: Callable[[Exception], None],
    ) -> None:
        super().__init__(texts, on_recognition, on_failure)
        self._gate = UtteranceGate(super().feed)

    def feed(self, audio: bytes) -> None:
        self._gate.feed(audio)

    def start_utterance(self) -> None:
        super().start_utterance()
        self._gate.open()

    def finish_utterance(self) -> None:
        self._gate.close()
        super().finish_utterance()


class ScriptedRecogniser:
    """Hears what the test says it hears; with an `error` it can't be opened."""

    def __init__(self, *texts: str, error: Exception | None = None) -> None:
        self._texts = list(texts)
        self._error = error
        self.streams: list[ScriptedStream] = []

    async def open(
        self,
        *,
        listening: Listening,
        on_recognition: Callable[[Recognition], None],
        on_failure: Callable[[Exception], None],
    ) -> RecognitionStream:
        if self._error is not None:
            raise self._error
        self.streams.append(GatedStream(self._texts, on_recognition, on_failure))
        return self.streams[-1]


class ScriptedSynthesiser:
    """Speaks 20 ms for each character, in one piece; an error or a wait may stand in the place of a text's audio."""

    def __init__(
        self, scripts: Mapping[str, Sequence[bytes | Exception | asyncio.Event]] | None = None
    ) -> None:
        self.scripts = scripts or {}
        self.asked: list[str] = []
        self.voices: list[str] = []

    async def synthesise(
        self, text: str, *, voice: Voice, order: Order | None = None
    ) -> AsyncIterator[bytes]:
        self.asked.append(text)
        self.voices.append(voice.name)
        for step in self.scripts.get(text, (spoken(text),)):
            if isinstance(step, Exception):
                raise step
            if isinstance(step, asyncio.Event):
                await step.wait()
            else:
                yield step


class ScriptedModel:
    """Replies with the next of its scripts; an error or a wait may stand in the place of an event."""

    def __init__(self, *scripts: Sequence[ModelEvent | Exception | asyncio.Event]) -> None:
        self._scripts = list(scripts)
        self.asked: list[ModelRequest] = []

    async def reply(self, request: ModelRequest) -> AsyncIterator[ModelEvent]:
        self.asked.append(request)
        for step in self._scripts.pop(0):
            if isinstance(step, Exception):
                raise step
            if isinstance(step, asyncio.Event):
                await step.wait()
            else:
                yield step


def only(model: LanguageModel) -> "ChosenModels":
    """Return models of which every agent has this one."""
    return ChosenModels([ModelChoice(engine=EMBEDDED, model=model)])


class ChosenModels:
    """Has these models, whatever an agent chooses."""

    def __init__(self, models: Sequence[ModelChoice]) -> None:
        self._models = tuple(models)
        self.names = tuple(MODELS)

    def warm(self) -> None:
        """Have nothing to make."""

    def choose(self, settings: AgentSettings) -> tuple[ModelChoice, ...]:
        return self._models


def spoken(text: str) -> bytes:
    """Return the audio of a text: its own for each character, never silent."""
    return b"".join(bytes((1 + ord(char) % 250,)) * BYTES_PER_CHARACTER for char in text)


def room_of(engines: Engines | None = None) -> EngineRoom:
    """Return these engines, whatever an agent chooses."""
    made = engines or make_engines()
    return EngineRoom(
        recognisers=dict.fromkeys(RECOGNISERS, made.recognisers[0]),
        synthesisers=dict.fromkeys(SYNTHESISERS, made.voices[0].synthesiser),
        models=ChosenModels(made.models),
        new_detector=made.new_detector,
    )


def make_engines(
    *,
    recogniser: Recogniser | None = None,
    synthesiser: Synthesiser | None = None,
    others: Sequence[Synthesiser] = (),
    model: LanguageModel | None = None,
) -> Engines:
    """Return engines of which the unnamed ones hear nothing, say all, and think nothing.

    The `others` are the choices after the synthesiser.
    """
    return Engines(
        recognisers=(recogniser or ScriptedRecogniser(),),
        voices=tuple(
            VoiceChoice(voice=Voice(engine=f"engine{n}", name="v"), synthesiser=each)
            for n, each in enumerate([synthesiser or ScriptedSynthesiser(), *others], 1)
        ),
        models=only(model or ScriptedModel()).choose(AgentSettings()),
        new_detector=LevelDetector,
    )
