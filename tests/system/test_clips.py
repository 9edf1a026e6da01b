"""Clips that outlast the process: what one streamer has made of an agent's own texts, the next one has."""

import asyncio
import threading
from collections.abc import Sequence
from dataclasses import replace

import pytest

from offhook.adapters.s3.media import S3Media
from offhook.agents.pronunciations import Pronunciation
from offhook.errors import StorageError
from offhook.runs.log.projections import transcript
from streamer.record.shelf import Shelf, clip_key, packed, unpacked
from streamer.speech.ports import Voice
from tests.support.engines import ScriptedSynthesiser, make_engines, spoken
from tests.support.makers import make_run
from tests.support.phone import DEADLINE_S, Phone, dial
from tests.support.town import Town, hear_greeting

HELLO, QUESTION = "Hello Ada.", "Does Monday still suit you?"
V = Voice(engine="embedded", name="en-us+f2", language="en-US")


class Bucket:
    """A media store that is as slow, or as broken, as a test wants it; only what clips need of it is there."""

    def __init__(
        self, media: S3Media, *, error: Exception | None = None, held: threading.Event | None = None
    ):
        self._media = media
        self._error = error
        self._held = held

    def keys(self, prefix: str) -> list[str]:
        self._meet(prefix)
        return self._media.keys(prefix)

    def get(self, key: str) -> bytes:
        self._meet(key)
        return self._media.get(key)

    def put(self, key: str, body: bytes, content_type: str) -> None:
        self._meet(key)
        self._media.put(key, body, content_type)

    def delete(self, keys: Sequence[str]) -> None:
        self._media.delete(keys)

    def link(self, key: str, *, seconds: int, download_name: str) -> str:
        return self._media.link(key, seconds=seconds, download_name=download_name)

    def _meet(self, key: str) -> None:
        if not key.startswith("clips/"):
            return
        if self._error is not None:
            raise self._error
        if self._held is not None:
            self._held.wait(10)


def prefix(town: Town) -> str:
    return f"clips/{town.run.organization_id}/"


def key(town: Town, text: str, voice: Voice = V) -> str:
    return clip_key(town.run.organization_id, voice, text)


def another_run(town: Town) -> Town:
    run = replace(town.run, id=make_run(town.run.organization_id).id)
    town.store.runs.create(run)
    return replace(town, run=run)


async def called(town: Town, *, media: Bucket | None = None) -> tuple[list[str], Phone]:
    """Call a streamer of its own; return what was synthesised until the greeting was heard, and what the phone heard."""
    synthesiser = ScriptedSynthesiser()
    # That of AWS's stand-in may be waited for: how long it takes is the machine's matter.
    shelf = Shelf(town.media, patience_s=DEADLINE_S) if media is None else None
    async with (
        town.streamer(engines=make_engines(synthesiser=synthesiser), media=media, shelf=shelf) as server,
        dial(server.port, town.path()) as phone,
    ):
        await phone.start()
        await hear_greeting(phone)
        asked = list(synthesiser.asked)
        if media is None:
            await town.until(lambda: key(town, QUESTION) in town.media.keys(prefix(town)))
        await phone.hang_up()
        await phone.wait_closed()
    return asked, phone


async def test_what_one_process_has_made_of_an_agents_own_texts_the_next_one_need_not(town: Town) -> None:
    asked, _ = await called(town)
    assert QUESTION in asked
    again = another_run(town)
    asked, phone = await called(again)
    assert QUESTION not in asked
    assert spoken(QUESTION) in phone.audio
    # What holds the caller's name is nobody else's.
    assert HELLO in asked
    assert key(town, HELLO) not in town.media.keys(prefix(town))
    assert [segment.text for segment in transcript(again.log)] == [HELLO, QUESTION]


@pytest.mark.parametrize(
    "error", [StorageError("The bucket is away."), OSError("Something that nobody expected.")]
)
async def test_a_bucket_that_is_away_costs_the_synthesis_and_no_more(town: Town, error: Exception) -> None:
    asked, phone = await called(town, media=Bucket(town.media, error=error))
    assert QUESTION in asked
    assert spoken(QUESTION) in phone.audio


async def test_a_bucket_that_is_slow_is_not_waited_for(town: Town) -> None:
    held = threading.Event()
    try:
        asked, phone = await called(town, media=Bucket(town.media, held=held))
        assert QUESTION in asked
        assert spoken(QUESTION) in phone.audio
    finally:
        held.set()


@pytest.mark.parametrize(
    "stored",
    [b"", b"\x00" * 20, packed(spoken(QUESTION))[:-100], packed(b""), b"x" + packed(spoken(QUESTION))],
)
async def test_a_clip_that_is_not_what_was_stored_is_made_again(town: Town, stored: bytes) -> None:
    assert unpacked(stored) is None
    town.media.put(key(town, QUESTION), stored, "application/octet-stream")
    asked, phone = await called(town)
    assert QUESTION in asked
    assert spoken(QUESTION) in phone.audio


async def test_an_agent_with_another_voice_has_other_clips(town: Town) -> None:
    for other in (
        replace(V, engine="polly"),
        replace(V, name="other"),
        replace(V, language="de-DE"),
        replace(V, pronunciations=(Pronunciation(word="Monday", alias="Moonday"),)),
    ):
        town.media.put(key(town, QUESTION, other), packed(b"\x05" * 800), "application/octet-stream")
    asked, _ = await called(town)
    assert QUESTION in asked


async def test_an_organization_has_nothing_of_anothers_clips(town: Town) -> None:
    elsewhere = clip_key(f"{town.run.organization_id}-other", V, QUESTION)
    town.media.put(elsewhere, packed(b"\x05" * 800), "application/octet-stream")
    asked, phone = await called(town)
    assert QUESTION in asked
    assert spoken(QUESTION) in phone.audio


async def test_there_are_never_more_clips_of_an_organization_than_fit(
    media: S3Media, organization_id: str
) -> None:
    shelf = Shelf(media, most_stored=3, patience_s=DEADLINE_S)
    agent = shelf.of(organization_id, tuple(f"text {n}" for n in range(20)))
    await agent.stock(V)
    for n in range(20):
        agent.keep(V, f"text {n}", b"\x05" * 800)
    agent.keep(V, "a text of somebody's", b"\x05" * 800)
    async with asyncio.timeout(DEADLINE_S):
        while shelf.pending:  # noqa: ASYNC110
            await asyncio.sleep(0.01)
    stored = media.keys(f"clips/{organization_id}/")
    assert 0 < len(stored) <= 3
    assert clip_key(organization_id, V, "a text of somebody's") not in stored
    shelf.close()


class Endless(Bucket):
    """Never gives some of its clips, until it is let."""

    def __init__(self, media: S3Media, held: threading.Event, names: set[str]) -> None:
        super().__init__(media)
        self._may_go_on = held
        self._names = names

    def get(self, key: str) -> bytes:
        if key in self._names:
            self._may_go_on.wait(10)
        return super().get(key)


async def test_whoever_waits_behind_others_clips_does_not_blame_the_bucket(
    media: S3Media, organization_id: str
) -> None:
    own = tuple(f"text {n}" for n in range(6))
    many = [f"{organization_id}-{n}" for n in range(2)]
    last = {clip_key(name, V, own[-1]) for name in many}
    for name in last:
        media.put(name, packed(b"\x05" * 800), "application/octet-stream")
    held = threading.Event()
    shelf = Shelf(Endless(media, held, last), patience_s=2)
    try:
        for name in many:
            await shelf.of(name, own).stock(V)
        one = shelf.of(organization_id, ("hello",))
        await one.stock(V)
        one.keep(V, "hello", b"\x05" * 800)
        assert shelf.pending == 1
    finally:
        held.set()
        shelf.close()
