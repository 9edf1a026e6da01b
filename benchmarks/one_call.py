"""Plays one scene: the real call machine, voice detector and playout on the audio's clock, without sockets or engines.

The recogniser knows the words (`benchmarks.recognisers`), the language model always answers the same. Each engine takes
as long as it is told to; fixed texts are clips, and the network takes no time.
"""

import heapq
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import count
from random import Random
from typing import cast

from benchmarks.prompts import Word
from benchmarks.recognisers import Recogniser, Streamed
from benchmarks.scenes import Kind, Scene
from offhook.agents.settings import AgentSettings
from offhook.json_types import JsonObject
from offhook.workflows import TemplateContext, parse_workflow, render
from streamer.call import commands, events
from streamer.call.machine import Machine
from streamer.conductor.playout import Pacer, Playout
from streamer.media import MediaStream, Role, Started
from streamer.media.events import Audio, ClearRequested, MarkRequested
from streamer.media.mulaw import CHUNK_BYTES, CHUNK_MS
from streamer.sockets.media_socket import MediaSocket
from streamer.speech.voice import WebRtcVoiceDetector

_MS_PER_CHARACTER = 60
_GREETING = "Hello."
_SPEECH = (
    "Before we begin I have to tell you how we handle what you say to us today. "
    "This call may be recorded, so that we can learn from it and serve you better the next time. "
    "You can stop me whenever you want, and ask for a person who will be glad to help you. "
    "Please tell me now in a few words what this call is about and what we can do for you."
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """Rules of turns: an agent's settings, who recognises, and how much later than after 200 ms that is asked."""

    name: str
    settings: JsonObject
    recogniser: Callable[[Sequence[Word], int], Recogniser] = Streamed
    asks_later_ms: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Delays:
    """How long each engine takes: for words, for the reply's text, for a sentence's first audio."""

    recogniser_ms: int = 0
    model_ms: int = 0
    synthesiser_ms: int = 0


@dataclass(slots=True, kw_only=True)
class Played:
    """What the caller heard of the agent, and when the agent fell silent, went on, or gave the floor away.

    `heard` are the chunks with the moments at which they began to sound; `said` is all audio that the agent was to
    play, in order, `said_before` how much of it before the caller's sound began. `questions` were asked of the model.
    All times are on the call's clock.
    """

    heard: list[tuple[int, bytes]] = field(default_factory=list)
    said: bytearray = field(default_factory=bytearray)
    said_before: frozenset[bytes] = frozenset()
    pauses_ms: list[int] = field(default_factory=list)
    resumes_ms: list[int] = field(default_factory=list)
    stops_ms: list[int] = field(default_factory=list)
    questions: int = 0

    @property
    def reply_ms(self) -> int | None:
        """When the first chunk sounded that is an answer to the caller."""
        return next((at_ms for at_ms, chunk in self.heard if chunk not in self.said_before), None)


def voiced_chunks(track: bytes) -> list[bool]:
    """Say of each 20 ms whether the voice detector takes them for speech."""
    is_voiced = WebRtcVoiceDetector().is_voiced
    whole = len(track) - len(track) % CHUNK_BYTES
    return [is_voiced(track[start : start + CHUNK_BYTES]) for start in range(0, whole, CHUNK_BYTES)]


def play(scene: Scene, voiced: Sequence[bool], policy: Policy, delays: Delays) -> Played:
    """Play a scene to its end, or to the moment from which nothing more is asked about it."""
    return _Call(scene, policy, delays).run(voiced)


class _Clock:
    """The pacer's timer; the audio moves it."""

    def __init__(self) -> None:
        self._now_s = 1000.0
        self._order = count()
        self._timers: list[tuple[float, int, Callable[[], object]]] = []

    def time(self) -> float:
        return self._now_s

    def call_at(self, when: float, callback: Callable[[], object], /) -> object:
        heapq.heappush(self._timers, (when, next(self._order), callback))
        return None

    def pass_chunk(self) -> None:
        until_s = self._now_s + CHUNK_MS / 1000
        while self._timers and self._timers[0][0] <= until_s + 1e-9:
            when, _, callback = heapq.heappop(self._timers)
            self._now_s = max(self._now_s, when)
            callback()
        self._now_s = until_s


class _Phone:
    """Plays what it is sent, 20 ms at a time, and drops it on a `clear`; both give back the marks."""

    def __init__(self, on_mark: Callable[[str], None]) -> None:
        self._carrier = MediaStream(role=Role.CARRIER)
        self._queue: deque[Audio | MarkRequested] = deque()
        self._on_mark = on_mark
        self.stream = MediaStream()
        self.stream.receive(self._carrier.connected())
        self.stream.receive(self._carrier.start(Started(stream_sid="MZ", call_sid="CA", account_sid="bench")))

    def send_many(self, messages: Sequence[str | bytes]) -> None:
        for message in messages:
            event = self._carrier.receive(message)
            if isinstance(event, ClearRequested):
                self._drop()
            elif isinstance(event, Audio | MarkRequested):
                self._queue.append(event)

    def fail(self, error: Exception) -> None:
        raise error

    def play_chunk(self) -> bytes | None:
        while self._queue:
            event = self._queue.popleft()
            if isinstance(event, Audio):
                return event.payload
            self._on_mark(event.name)
        return None

    def _drop(self) -> None:
        dropped, self._queue = self._queue, deque()
        for event in dropped:
            if isinstance(event, MarkRequested):
                self._on_mark(event.name)


class _Call:
    """One call, from the greeting on: what the conductor does, without its engines."""

    def __init__(self, scene: Scene, policy: Policy, delays: Delays) -> None:
        self._scene = scene
        self._delays = delays
        self._played = Played()
        self._todo: deque[commands.Command] = deque()
        self._is_applying = False
        self._recogniser = policy.recogniser(scene.words, delays.recogniser_ms + policy.asks_later_ms)
        self._later: list[tuple[int, int, Callable[[], None]]] = []
        self._order = count()
        self._speech = 0
        self._spoken_ms = 0
        self._prepared = ("", 0)
        self._clock = _Clock()
        self._phone = _Phone(self._mark_reached)
        self._playout = Playout(
            Pacer(self._clock), cast("MediaSocket", self._phone), self._phone.stream, self
        )
        self._machine = Machine(
            workflow=parse_workflow(_workflow(scene)),
            settings=AgentSettings.model_validate(policy.settings),
            render=_render,
        )

    def run(self, voiced: Sequence[bool]) -> Played:
        self._apply(self._machine.start())
        self._listen()
        for is_voiced in voiced:
            self._clock.pass_chunk()
            self._apply(self._machine.hear(is_voiced))
            for told in self._recogniser.due(self._machine.now_ms):
                self._handle(told)
            while self._later and self._later[0][0] <= self._machine.now_ms:
                heapq.heappop(self._later)[2]()
            if self._has_shown_all(self._listen()):
                break
        return self._played

    def _listen(self) -> bytes | None:
        if (chunk := self._phone.play_chunk()) is not None:
            self._played.heard.append((self._machine.now_ms, chunk))
        return chunk

    def _has_shown_all(self, chunk: bytes | None) -> bool:
        now_ms, played = self._machine.now_ms, self._played
        if now_ms <= self._scene.start_ms:
            if now_ms > self._scene.start_ms - CHUNK_MS:
                played.said_before = frozenset(_chunks(bytes(played.said)))
            return False
        if self._scene.kind.is_turn:
            return chunk is not None and chunk not in played.said_before
        return self._scene.kind is Kind.INTERRUPTION and bool(played.stops_ms) and now_ms > self._scene.end_ms

    # --- what the pacer and the phone call ---

    def on_segment_started(self, segment_id: str) -> None:
        self._handle(events.SegmentStarted(segment_id=segment_id))

    def on_audio_sent(self, audio: bytes, lead_ms: int) -> None:
        pass

    def _mark_reached(self, name: str) -> None:
        if (segment_id := self._playout.segment_of(name)) is not None:
            self._handle(events.SegmentHeard(segment_id=segment_id))

    # --- events and commands ---

    def _handle(self, event: events.Event) -> None:
        self._apply(self._machine.handle(event))

    def _apply(self, todo: Sequence[commands.Command]) -> None:
        self._todo.extend(todo)
        if self._is_applying:
            return
        self._is_applying = True
        while self._todo:
            self._carry_out(self._todo.popleft())
        self._is_applying = False

    def _carry_out(self, command: commands.Command) -> None:
        now_ms = self._machine.now_ms
        match command:
            case commands.Say():
                self._say(command)
            case commands.StopPlayback():
                self._played.stops_ms.append(now_ms)
                self._speech += 1
                self._spoken_ms = 0
                self._playout.clear()
            case commands.Prepare():
                self._prepared = (command.text, now_ms + self._synthesis_ms(fixed=command.fixed))
            case commands.DropPrepared():
                self._prepared = ("", 0)
            case commands.PausePlayback():
                self._played.pauses_ms.append(now_ms)
                self._playout.pause()
            case commands.ResumePlayback():
                self._played.resumes_ms.append(now_ms)
                self._playout.resume()
            case commands.StartUtterance():
                self._recogniser.start(now_ms)
            case commands.FinishUtterance():
                self._recogniser.finish(now_ms)
            case commands.AskModel():
                self._played.questions += 1
                self._after(self._delays.model_ms, lambda: self._answer(command.request))
            case _:
                pass

    def _after(self, delay_ms: int, do: Callable[[], None]) -> None:
        heapq.heappush(self._later, (self._machine.now_ms + delay_ms, next(self._order), do))

    def _answer(self, request: int) -> None:
        self._handle(events.ModelText(request=request, text="I will see to it at once."))
        self._handle(events.ModelFinished(request=request))

    def _synthesis_ms(self, *, fixed: bool) -> int:
        return 0 if fixed else self._delays.synthesiser_ms

    def _say(self, say: commands.Say) -> None:
        """Have a sentence made after the one before, unless it was prepared; say it if it is still to be said."""
        now_ms, (prepared, ready_ms) = self._machine.now_ms, self._prepared
        if prepared != say.text:
            ready_ms = now_ms + self._synthesis_ms(fixed=say.fixed)
        self._spoken_ms = max(self._spoken_ms, ready_ms)
        speech = self._speech
        if self._spoken_ms <= now_ms:
            self._play(say)
        else:
            self._after(self._spoken_ms - now_ms, lambda: self._play(say) if speech == self._speech else None)

    def _play(self, say: commands.Say) -> None:
        # No two chunks are alike, so that what is heard tells what was played.
        chunks = -(-len(say.text) * _MS_PER_CHARACTER // CHUNK_MS)
        audio = Random(say.segment_id).randbytes(chunks * CHUNK_BYTES)
        self._played.said += audio
        self._playout.append(say.segment_id, audio)
        self._playout.finish(say.segment_id)
        self._handle(events.SegmentSynthesised(segment_id=say.segment_id, duration_ms=chunks * CHUNK_MS))


def _chunks(audio: bytes) -> list[bytes]:
    return [audio[start : start + CHUNK_BYTES] for start in range(0, len(audio), CHUNK_BYTES)]


def _workflow(scene: Scene) -> JsonObject:
    say = _GREETING if scene.kind.is_turn else _SPEECH
    return {
        "nodes": [
            {
                "id": "ask",
                "type": "startCall",
                "data": {"name": "Ask", "say": say, "prompt": "Help the caller."},
            },
            {"id": "done", "type": "endCall", "data": {"name": "Done", "say": "Thank you, that is all."}},
        ],
        "edges": [
            {"id": "known", "source": "ask", "target": "done", "data": {"phrases": list(scene.phrases)}}
        ],
    }


def _render(template: str, gathered: JsonObject) -> str:
    return render(template, TemplateContext(clock=lambda: datetime.now(UTC), initial={}, gathered=gathered))
