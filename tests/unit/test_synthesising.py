"""Synthesising: sentences in order, fixed ones from clips, silence on demand, and failures as events."""

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager

from offhook.errors import EngineError
from streamer.call.commands import Say
from streamer.call.events import (
    EngineFailed,
    SegmentAnswered,
    SegmentFailed,
    SegmentStarted,
    SegmentSynthesised,
)
from streamer.conductor.clips import Clips
from streamer.conductor.playout import Pacer
from streamer.conductor.synthesising import Synthesising
from streamer.media import Audio, ClearRequested, Event, MarkRequested, MediaStream, Role, Started
from tests.support.engines import ScriptedSynthesiser, Told, spoken

STARTED = Started(stream_sid="MZ1", call_sid="CA1", account_sid="acme")
BROKEN = EngineError("It broke.", engine="synthesiser")


class FakeSocket:
    """Keeps what was sent."""

    def __init__(self, on_sent: Callable[[], None]) -> None:
        self.sent: list[str | bytes] = []
        self._on_sent = on_sent

    def send_many(self, messages: Sequence[str | bytes]) -> None:
        self.sent += messages
        self._on_sent()

    def fail(self, error: Exception) -> None:
        raise error


class Mouth:
    """A call's speaking on a real playout whose phone is patient: it takes all audio at once."""

    def __init__(self, synthesiser: ScriptedSynthesiser, clips: Clips | None, limit_s: float) -> None:
        self.told = Told()
        self._phone = MediaStream(role=Role.CARRIER)
        self._socket = FakeSocket(self.told.look_again)
        stream = MediaStream()
        stream.receive(self._phone.connected())
        stream.receive(self._phone.start(STARTED))
        self.clips = clips or Clips()
        self.synthesiser = synthesiser
        self._now_s = 0.0
        playout = Pacer(self).open(self._socket, stream, self)  # type: ignore[arg-type]
        self.playout = playout
        self.speaking = Synthesising(
            synthesiser=synthesiser,
            clips=self.clips,
            playout=playout,
            voice="v",
            on_event=self.told,
            limit_s=limit_s,
        )

    # A timer whose clock jumps to the next tick: the phone hears everything at once.

    def time(self) -> float:
        return self._now_s

    def call_at(self, when: float, callback: object, /) -> None:
        asyncio.get_running_loop().call_soon(self._tick, when, callback)

    def _tick(self, when: float, callback: object) -> None:
        self._now_s = max(self._now_s, when)
        assert callable(callback)
        callback()

    # What the playout tells.

    def on_segment_started(self, segment_id: str) -> None:
        self.told(SegmentStarted(segment_id=segment_id))

    def on_audio_sent(self, audio: bytes, lead_ms: int) -> None:
        """Leave it to the socket."""

    def on_segment_sent(self, segment_id: str, duration_ms: int) -> None:
        """Leave it to the mark."""

    @property
    def heard(self) -> list[Event]:
        return [event for message in self._socket.sent if (event := self._phone.receive(message))]

    @property
    def audio(self) -> bytes:
        return b"".join(event.payload for event in self.heard if isinstance(event, Audio))

    @property
    def marks(self) -> list[str]:
        return [event.name for event in self.heard if isinstance(event, MarkRequested)]

    @property
    def clears(self) -> int:
        return sum(isinstance(event, ClearRequested) for event in self.heard)

    def say(self, *texts: str, fixed: bool = False) -> None:
        for text in texts:
            self.speaking.say(Say(segment_id=text, text=text, fixed=fixed))

    async def until_marked(self, *names: str) -> None:
        """Wait until these segments were sent to their end."""
        await self.told.until(lambda: self.marks == list(names))


@asynccontextmanager
async def mouth(
    synthesiser: ScriptedSynthesiser | None = None, *, clips: Clips | None = None, limit_s: float = 5
) -> AsyncIterator[Mouth]:
    made = Mouth(synthesiser or ScriptedSynthesiser(), clips, limit_s)
    async with asyncio.timeout(10), asyncio.TaskGroup() as tasks:
        running = tasks.create_task(made.speaking.run(tasks))
        yield made
        running.cancel()
        made.speaking.stop()


def synthesised(told: Told) -> list[tuple[str, int]]:
    return [(e.segment_id, e.duration_ms) for e in told.events if isinstance(e, SegmentSynthesised)]


async def test_sentences_sound_in_the_order_they_were_said() -> None:
    async with mouth() as call:
        call.say("one", "two", "three")
        await call.until_marked("one", "two", "three")
        assert call.audio == spoken("one") + spoken("two") + spoken("three")
        assert synthesised(call.told) == [("one", 60), ("two", 60), ("three", 100)]
        assert call.speaking.synthesised_characters == 11


async def test_a_sentence_is_started_with_its_first_audio_and_not_before() -> None:
    more = asyncio.Event()
    async with mouth(ScriptedSynthesiser({"ab": [more, spoken("a"), more, spoken("b")]})) as call:
        call.say("ab")
        await asyncio.sleep(0)
        assert call.told.events == []
        more.set()
        await call.until_marked("ab")
        assert [type(event) for event in call.told.events[:2]] == [SegmentAnswered, SegmentStarted]
        assert call.audio == spoken("ab")


async def test_a_fixed_text_is_made_once() -> None:
    async with mouth() as call:
        call.say("hi", fixed=True)
        await call.until_marked("hi")
        call.speaking.say(Say(segment_id="again", text="hi", fixed=True))
        await call.until_marked("hi", "again")
        assert synthesised(call.told) == [("hi", 40), ("again", 40)]
        assert call.synthesiser.asked == ["hi"]
        assert call.audio == 2 * spoken("hi")


async def test_a_clip_with_nothing_before_it_sounds_at_once() -> None:
    clips = Clips()
    clips.keep("v", "clip", spoken("clip"))
    async with mouth(clips=clips) as call:
        call.say("clip", fixed=True)
        assert call.audio
        assert call.told.events == [
            SegmentStarted(segment_id="clip"),
            SegmentSynthesised(segment_id="clip", duration_ms=80),
        ]


async def test_a_clip_is_of_one_voice_and_of_fixed_texts_only() -> None:
    clips = Clips()
    clips.keep("other voice", "hi", b"\x01" * 160)
    async with mouth(clips=clips) as call:
        call.say("hi")
        await call.until_marked("hi")
        assert call.audio == spoken("hi")
        assert clips.get("v", "hi") is None


async def test_a_clip_waits_for_what_is_before_it() -> None:
    clips, more = Clips(), asyncio.Event()
    clips.keep("v", "clip", spoken("clip"))
    async with mouth(ScriptedSynthesiser({"slow": [spoken("s"), more]}), clips=clips) as call:
        call.say("slow")
        call.say("clip", fixed=True)
        await call.told.until(lambda: bool(call.told.events))
        more.set()
        await call.until_marked("slow", "clip")
        assert call.audio == spoken("s") + spoken("clip")


async def test_stopping_drops_what_is_synthesised_and_what_is_queued() -> None:
    never = asyncio.Event()
    async with mouth(ScriptedSynthesiser({"long": [spoken("l"), never]})) as call:
        call.say("long", "next")
        await call.told.until(lambda: bool(call.told.events))
        call.speaking.stop()
        assert call.clears == 1
        call.say("after")
        await call.until_marked("after")
        assert call.synthesiser.asked == ["long", "after"]
        assert [segment_id for segment_id, _ in synthesised(call.told)] == ["after"]


async def test_a_clip_that_is_said_right_after_a_stop_is_heard() -> None:
    clips, never = Clips(), asyncio.Event()
    clips.keep("v", "clip", spoken("clip"))
    async with mouth(ScriptedSynthesiser({"long": [spoken("l"), never]}), clips=clips) as call:
        call.say("long")
        await call.told.until(lambda: bool(call.told.events))
        call.speaking.stop()
        call.say("clip", fixed=True)
        await call.until_marked("clip")
        assert call.audio.endswith(spoken("clip"))


async def test_a_failure_in_mid_sentence_is_told_and_blocks_nothing() -> None:
    async with mouth(ScriptedSynthesiser({"bad": [b"\x05" * 200, BROKEN]})) as call:
        call.say("bad", "good")
        await call.until_marked("bad", "good")
        failures = [e for e in call.told.events if isinstance(e, SegmentFailed | EngineFailed)]
        assert failures == [
            SegmentFailed(segment_id="bad"),
            EngineFailed(engine="synthesiser", code="synthesiser-failed"),
        ]
        assert [segment_id for segment_id, _ in synthesised(call.told)] == ["good"]


async def test_a_failure_before_the_first_audio_starts_no_segment_that_is_known() -> None:
    async with mouth(ScriptedSynthesiser({"bad": [BROKEN]})) as call:
        call.say("bad")
        await call.told.until(lambda: len(call.told.events) >= 2)
        assert call.told.events[0] == SegmentFailed(segment_id="bad")


async def test_a_failed_text_is_not_kept() -> None:
    async with mouth(ScriptedSynthesiser({"bad": [spoken("b"), BROKEN]})) as call:
        call.say("bad", fixed=True)
        await call.until_marked("bad")
        assert call.clips.get("v", "bad") is None


async def test_a_synthesiser_that_takes_too_long_for_a_piece_has_failed() -> None:
    never = asyncio.Event()
    async with mouth(ScriptedSynthesiser({"slow": [spoken("s"), never]}), limit_s=0.01) as call:
        call.say("slow")
        await call.told.until(lambda: len(call.told.events) >= 3)
        assert call.told.events[2:] == [
            SegmentFailed(segment_id="slow"),
            EngineFailed(engine="synthesiser", code="synthesiser-failed"),
        ]


async def test_warming_up_makes_each_clip_once() -> None:
    async with mouth() as call:
        await call.speaking.warm_up(["a", "b", "a"])
        assert call.synthesiser.asked == ["a", "b"]
        call.say("b", fixed=True)
        assert synthesised(call.told) == [("b", 20)]


async def test_warming_up_gives_up_silently() -> None:
    async with mouth(ScriptedSynthesiser({"a": [BROKEN]})) as call:
        await call.speaking.warm_up(["a", "b"])
        assert call.told.events == []
        assert call.clips.get("v", "a") is None
