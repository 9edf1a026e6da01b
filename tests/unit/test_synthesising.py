"""Synthesising: sentences in order, fixed ones from clips, silence on demand, and failures as events."""

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from typing import Literal

from offhook.agents.pronunciations import Pronunciation
from offhook.errors import EngineError
from streamer.call import events
from streamer.call.commands import Prepare, Say
from streamer.call.events import (
    EngineFailed,
    EngineStumbled,
    ReplyRefused,
    SegmentAnswered,
    SegmentFailed,
    SegmentGrown,
    SegmentStarted,
    SegmentSynthesised,
)
from streamer.conductor.clips import Clips, EncodedClip
from streamer.conductor.playout import Pacer, Playout
from streamer.conductor.synthesising import Synthesising
from streamer.media import Audio, ClearRequested, Event, MarkRequested, MediaStream, Role, Started
from streamer.speech.ports import Voice, VoiceChoice
from streamer.speech.speaker import Speaker
from tests.support.engines import ScriptedSynthesiser, Told, spoken

STARTED = Started(stream_sid="MZ1", call_sid="CA1", account_sid="acme")
BROKEN = EngineError("It broke.", engine="synthesiser")
V, SECOND = Voice(engine="e", name="v"), Voice(engine="e2", name="v2")
OTHERS = (
    Voice(engine="other", name="v"),
    Voice(engine="e", name="other"),
    Voice(engine="e", name="v", language="other"),
    Voice(engine="e", name="v", pronunciations=(Pronunciation(word="hi", alias="high"),)),
)


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

    def __init__(
        self,
        synthesiser: ScriptedSynthesiser,
        *,
        second: ScriptedSynthesiser | None = None,
        clips: Clips | None = None,
        limit_s: float = 5,
        tasks: asyncio.TaskGroup,
    ) -> None:
        self.tasks = tasks
        self.told = Told()
        self.all: list[events.Event] = []
        self._phone = MediaStream(role=Role.CARRIER)
        self._socket = FakeSocket(self.told.look_again)
        stream = MediaStream()
        stream.receive(self._phone.connected())
        stream.receive(self._phone.start(STARTED))
        self.clips = clips or Clips()
        self.synthesiser = synthesiser
        self._now_s = 0.0
        playout = Playout(Pacer(self), self._socket, stream, self)  # type: ignore[arg-type]
        self.playout = playout
        self.speaking = Synthesising(
            speaker=Speaker(
                [
                    VoiceChoice(voice=voice, synthesiser=each)
                    for voice, each in ((V, synthesiser), (SECOND, second))
                    if each is not None
                ],
                first_audio_limit_s=limit_s,
            ),
            clips=self.clips,
            playout=playout,
            on_event=self._tell,
        )

    def _tell(self, event: events.Event) -> None:
        self.all.append(event)
        if not isinstance(event, SegmentGrown | SegmentAnswered):
            self.told(event)

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
        self.speaking.sounds(segment_id)
        self._tell(SegmentStarted(segment_id=segment_id))

    def on_audio_sent(self, audio: bytes, lead_ms: int) -> None:
        """Leave it to the socket."""

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

    def prepare(self, text: str, *, fixed: bool = False) -> None:
        self.speaking.prepare(Prepare(text=text, fixed=fixed), self.tasks)

    async def until_marked(self, *names: str) -> None:
        """Wait until these segments were sent to their end."""
        await self.told.until(lambda: self.marks == list(names))


@asynccontextmanager
async def mouth(
    synthesiser: ScriptedSynthesiser | None = None,
    *,
    second: ScriptedSynthesiser | None = None,
    clips: Clips | None = None,
    limit_s: float = 5,
) -> AsyncIterator[Mouth]:
    async with asyncio.timeout(10), asyncio.TaskGroup() as tasks:
        made = Mouth(
            synthesiser or ScriptedSynthesiser(), second=second, clips=clips, limit_s=limit_s, tasks=tasks
        )
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
        assert sum(call.speaking.characters.values()) == 11


async def test_a_sentence_is_started_with_its_first_audio_and_not_before() -> None:
    more = asyncio.Event()
    async with mouth(ScriptedSynthesiser({"ab": [more, spoken("a"), more, spoken("b")]})) as call:
        call.say("ab")
        await asyncio.sleep(0)
        assert call.told.events == []
        more.set()
        await call.until_marked("ab")
        assert [type(event) for event in call.all[:3]] == [SegmentAnswered, SegmentGrown, SegmentStarted]
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
    clips.keep(V, "clip", EncodedClip(spoken("clip")))
    async with mouth(clips=clips) as call:
        call.say("clip", fixed=True)
        assert call.audio
        assert call.told.events == [
            SegmentStarted(segment_id="clip"),
            SegmentSynthesised(segment_id="clip", duration_ms=80),
        ]


async def test_a_clip_is_of_one_voice_and_of_fixed_texts_only() -> None:
    clips = Clips()
    for other in OTHERS:
        clips.keep(other, "hi", EncodedClip(b"\x01" * 160))
    async with mouth(clips=clips) as call:
        call.say("hi")
        await call.until_marked("hi")
        assert call.audio == spoken("hi")
        assert clips.get(V, "hi") is None


async def test_a_clip_waits_for_what_is_before_it() -> None:
    clips, more = Clips(), asyncio.Event()
    clips.keep(V, "clip", EncodedClip(spoken("clip")))
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


class Awaited(asyncio.Event):
    """Tells when somebody waits for it."""

    def __init__(self) -> None:
        super().__init__()
        self.is_awaited = asyncio.Event()

    async def wait(self) -> Literal[True]:
        self.is_awaited.set()
        return await super().wait()


async def test_what_is_dropped_of_what_follows_is_not_said_and_what_sounds_goes_on() -> None:
    rest, made = asyncio.Event(), Awaited()
    script: dict[str, list[bytes | Exception | asyncio.Event]] = {
        "first": [spoken("fi"), rest, spoken("rst")],
        "ahead": [made, spoken("ahead")],
    }
    async with mouth(ScriptedSynthesiser(script)) as call:
        call.say("first", "queued")
        await call.told.until(lambda: bool(call.told.events))
        call.speaking.drop(["queued"])
        rest.set()
        call.say("ahead")
        await made.is_awaited.wait()
        call.speaking.drop(["ahead"])
        made.set()
        call.say("last")
        await call.until_marked("first", "last")
        assert call.clears == 0
        assert call.audio == spoken("fi") + spoken("rst") + spoken("last")


async def test_a_clip_that_is_said_right_after_a_stop_is_heard() -> None:
    clips, never = Clips(), asyncio.Event()
    clips.keep(V, "clip", EncodedClip(spoken("clip")))
    async with mouth(ScriptedSynthesiser({"long": [spoken("l"), never]}), clips=clips) as call:
        call.say("long")
        await call.told.until(lambda: bool(call.told.events))
        call.speaking.stop()
        call.say("clip", fixed=True)
        await call.until_marked("clip")
        assert call.audio.endswith(spoken("clip"))


async def test_a_sentence_that_no_voice_can_say_is_skipped() -> None:
    async with mouth(ScriptedSynthesiser({"bad one": [BROKEN]})) as call:
        call.say("bad one", "good")
        await call.until_marked("bad one", "good")
        assert [e for e in call.told.events if not isinstance(e, SegmentStarted | SegmentSynthesised)] == [
            EngineStumbled(engine="synthesiser", code="synthesiser-failed"),
            SegmentFailed(segment_id="bad one"),
            EngineStumbled(engine="synthesiser", code="sentence-skipped"),
        ]
        assert call.synthesiser.asked == ["bad one", "bad one", "good"]
        assert [segment_id for segment_id, _ in synthesised(call.told)] == ["good"]


async def test_when_the_last_sentence_cannot_be_said_nothing_can_speak_any_more() -> None:
    async with mouth(ScriptedSynthesiser({"bad": [b"\x05" * 200, BROKEN]})) as call:
        call.say("good", "bad")
        await call.told.until(
            lambda: EngineFailed(engine="synthesiser", code="synthesiser-failed") in call.told.events
        )
        assert SegmentFailed(segment_id="bad", duration_ms=50) in call.told.events


async def test_a_last_sentence_that_is_refused_is_not_the_end_unless_the_next_one_is_too() -> None:
    refused = EngineError("Not that.", engine="synthesiser", retryable=False)
    failed = EngineFailed(engine="synthesiser", code="synthesiser-failed")
    async with mouth(ScriptedSynthesiser({"bad": [refused], "worse": [refused]})) as call:
        call.say("good", "bad")
        await call.told.until(lambda: ReplyRefused() in call.told.events)
        call.say("good again")
        await call.until_marked("good", "bad", "good again")
        assert failed not in call.told.events
        call.say("bad")
        await call.told.until(lambda: call.told.events.count(ReplyRefused()) == 2)
        call.say("worse")
        await call.told.until(lambda: failed in call.told.events)


async def test_what_no_voice_can_say_is_told_of_all_that_is_queued() -> None:
    bad = ["a", "b", "c", "d"]
    async with mouth(ScriptedSynthesiser({text: [BROKEN] for text in bad})) as call:
        call.say(*bad)
        await call.told.until(lambda: any(isinstance(e, EngineFailed) for e in call.told.events))
        assert [e.segment_id for e in call.told.events if isinstance(e, SegmentFailed)] == bad
        assert set(call.synthesiser.asked) == {"a", "b"}


async def test_the_second_voice_says_what_the_first_one_cannot_and_is_kept_as_its_own() -> None:
    first, second = ScriptedSynthesiser({"hi": [BROKEN]}), ScriptedSynthesiser()
    async with mouth(first, second=second) as call:
        call.say("hi", fixed=True)
        await call.until_marked("hi")
        assert call.audio == spoken("hi")
        assert call.clips.get(V, "hi") is None
        assert call.clips.get(SECOND, "hi") is not None
        assert call.told.events[0] == EngineStumbled(engine="synthesiser", code="synthesiser-failed")


async def test_of_a_long_reply_that_is_stopped_at_its_start_two_sentences_were_made() -> None:
    reply = [f"sentence number {n}" for n in range(20)]
    async with mouth(ScriptedSynthesiser({reply[1]: [spoken("s"), asyncio.Event()]})) as call:
        call.say(*reply)
        await call.told.until(lambda: SegmentStarted(segment_id=reply[1]) in call.told.events)
        call.speaking.stop()
        call.say("after")
        await call.told.until(lambda: SegmentStarted(segment_id="after") in call.told.events)
        assert call.synthesiser.asked == [*reply[:2], "after"]


async def test_no_sentence_is_made_before_the_one_ahead_of_it_sounds() -> None:
    async with mouth() as call:
        call.playout.pause()
        call.say("one", "two", "three")
        await call.told.until(lambda: synthesised(call.told) == [("one", 60)])
        for _ in range(20):
            await asyncio.sleep(0)
        assert call.synthesiser.asked == ["one"]
        call.playout.resume()
        await call.until_marked("one", "two", "three")


async def test_a_clip_is_not_waited_with() -> None:
    clips = Clips()
    clips.keep(V, "clip", EncodedClip(spoken("clip")))
    async with mouth(clips=clips) as call:
        call.playout.pause()
        call.say("one")
        call.say("clip", fixed=True)
        call.say("two")
        await call.told.until(lambda: len(synthesised(call.told)) == 2)
        assert call.synthesiser.asked == ["one"]
        call.playout.resume()
        await call.until_marked("one", "clip", "two")


async def test_a_failed_text_is_not_kept() -> None:
    async with mouth(ScriptedSynthesiser({"bad": [spoken("b"), BROKEN]})) as call:
        call.say("bad", fixed=True)
        await call.until_marked("bad")
        assert call.clips.get(V, "bad") is None


async def test_a_synthesiser_that_takes_too_long_for_a_piece_has_failed() -> None:
    never = asyncio.Event()
    async with mouth(ScriptedSynthesiser({"slow": [never]}), limit_s=0.01) as call:
        call.say("slow")
        await call.told.until(lambda: len(call.told.events) >= 4)
        assert call.told.events[0] == EngineStumbled(engine="synthesiser", code="synthesiser-stalled")
        assert call.told.events[-1] == EngineFailed(engine="synthesiser", code="synthesiser-failed")


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
        assert call.clips.get(V, "a") is None


async def settle() -> None:
    """Let everything happen that waits for nothing."""
    for _ in range(10):
        await asyncio.sleep(0)


async def test_what_is_prepared_is_made_and_not_heard_until_it_is_said() -> None:
    async with mouth() as call:
        call.prepare("next")
        await settle()
        assert (call.synthesiser.asked, call.audio, call.told.events) == (["next"], b"", [])
        call.say("next", "after")
        await call.until_marked("next", "after")
        assert call.audio == spoken("next") + spoken("after")
        assert call.synthesiser.asked == ["next", "after"]


async def test_what_is_prepared_may_be_said_before_all_of_it_is_made() -> None:
    more = asyncio.Event()
    async with mouth(ScriptedSynthesiser({"ab": [spoken("a"), more, spoken("b")]})) as call:
        call.prepare("ab")
        await settle()
        call.say("ab")
        await call.told.until(lambda: call.audio == spoken("a"))
        more.set()
        await call.until_marked("ab")
        assert call.audio == spoken("ab")


async def test_what_was_prepared_and_dropped_is_made_no_further_and_counts_as_used() -> None:
    never = asyncio.Event()
    async with mouth(ScriptedSynthesiser({"never": [spoken("n"), never]})) as call:
        call.prepare("never")
        await settle()
        call.speaking.drop_prepared()
        await settle()
        assert not [task for task in asyncio.all_tasks() if "_make" in repr(task.get_coro())]
        call.say("other")
        await call.until_marked("other")
        assert call.audio == spoken("other")
        assert sum(call.speaking.characters.values()) == len("never" + "other")


async def test_another_sentence_in_its_place_drops_what_was_prepared() -> None:
    async with mouth() as call:
        call.prepare("guess")
        await settle()
        call.say("other", "guess")
        await call.until_marked("other", "guess")
        assert call.audio == spoken("other") + spoken("guess")
        assert call.synthesiser.asked == ["guess", "other", "guess"]


async def test_a_fixed_sentence_that_was_prepared_is_kept_as_a_clip_and_a_clip_is_not_prepared() -> None:
    async with mouth() as call:
        call.prepare("hi", fixed=True)
        await settle()
        call.say("hi", fixed=True)
        await call.until_marked("hi")
        call.prepare("hi", fixed=True)
        await settle()
        assert call.synthesiser.asked == ["hi"]


async def test_a_failure_of_what_is_prepared_is_none_until_it_is_said() -> None:
    async with mouth(ScriptedSynthesiser({"bad": [BROKEN]})) as call:
        call.prepare("bad")
        await settle()
        assert call.told.events == []
        call.synthesiser.scripts = {}
        call.say("bad")
        await call.until_marked("bad")
        assert call.audio == spoken("bad")


async def test_silence_is_also_for_what_was_prepared() -> None:
    async with mouth() as call:
        call.prepare("next")
        await settle()
        call.speaking.stop()
        call.say("next")
        await call.until_marked("next")
        assert call.synthesiser.asked == ["next", "next"]


async def test_of_calls_that_begin_together_one_makes_the_clip() -> None:
    clips, more, first = Clips(), asyncio.Event(), ScriptedSynthesiser()
    first.scripts = {"a": [spoken("a"), more]}
    async with mouth(first, clips=clips) as one, mouth(clips=clips) as other:
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(one.speaking.warm_up(["a"]))
            tasks.create_task(other.speaking.warm_up(["a"]))
            await asyncio.sleep(0)
            more.set()
        assert (one.synthesiser.asked, other.synthesiser.asked) == (["a"], [])
        other.say("a", fixed=True)
        assert synthesised(other.told) == [("a", 20)]
