"""Web calls through their socket: talked, interrupted, lost and found again, here and in another process."""

import asyncio
from base64 import b64decode, b64encode
from contextlib import AbstractAsyncContextManager
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from offhook.adapters.dynamodb.runs.runs import DynamoRuns
from offhook.clock import system_clock
from offhook.ids import new_run_id
from offhook.runs.end_reasons import EndReason
from offhook.runs.log.events import (
    InjectEvent,
    InterruptEvent,
    PlaybackEvent,
    TakeoverEvent,
    TranscriptEvent,
    TransferEvent,
)
from offhook.runs.log.projections import transcript
from offhook.runs.model import Direction, Run, RunStatus, RunTelephony, SessionTerms
from offhook.sessions.tokens import SessionTokens, TokenScope
from streamer.media.mulaw import CHUNK_BYTES
from streamer.sockets.server import Server
from streamer.wiring import Calls
from tests.support.answering import wait_for
from tests.support.engines import SILENCE, VOICE, spoken
from tests.support.makers import make_run
from tests.support.session_sockets import SessionPeer, watch
from tests.support.town import SETTINGS, UTTERANCE, Town, hearing

TOKENS = SessionTokens(SETTINGS.install_secret)
GREETING = "Hello Ada.", "Does Monday still suit you?"


@pytest.fixture
def web(town: Town) -> Town:
    """Return the town with a session in the place of its phone call."""
    return with_session(town)


def with_session(town: Town, **terms: Any) -> Town:
    now = system_clock()
    run = make_run(
        town.run.organization_id,
        id=new_run_id(now),
        agent_uuid=town.run.agent_uuid,
        status=RunStatus.DIALING,
        direction=Direction.WEB,
        mode="web",
        created_at=now,
        initial_context=town.run.initial_context,
        telephony=RunTelephony(),
        session=SessionTerms(expires_at=now + timedelta(minutes=5), **terms),
    )
    town.store.runs.create(run)
    return replace(town, run=run)


def visit(
    server: Server, town: Town, scope: TokenScope = TokenScope.OPERATE, **query: Any
) -> AbstractAsyncContextManager[SessionPeer]:
    token = TOKENS.mint(town.run, scope, system_clock())
    return watch(server.port, town.run, ws_token=token, **query)


async def start(peer: SessionPeer, **formats: Any) -> dict[str, Any]:
    """Take the line; return what is said of it."""
    await peer.send("start", formats, id="start")
    await peer.wait_until(lambda: len(peer.of("ready")) == 2)
    return peer.of("ready")[1]


def marks(peer: SessionPeer) -> list[str]:
    return [str(mark["name"]) for mark in peer.of("mark")]


async def hear(peer: SessionPeer, sentences: int) -> None:
    """Hear so many sentences from the beginning on, and say so of each."""
    await peer.wait_until(lambda: len(marks(peer)) >= sentences)
    for name in marks(peer):
        await peer.send("played", {"name": name})


async def say(peer: SessionPeer, audio: bytes = UTTERANCE) -> None:
    for at in range(0, len(audio), 5 * CHUNK_BYTES):
        await peer.send_text(audio[at : at + 5 * CHUNK_BYTES])


def audio_of(peer: SessionPeer) -> bytes:
    return b"".join(peer.binary)


def said(town: Town, speaker: str) -> list[str]:
    return [str(line["text"]) for line in town.told(TranscriptEvent) if line["speaker"] == speaker]


def types(peer: SessionPeer) -> list[str]:
    return [frame["type"] for frame in peer.frames]


@pytest.mark.every_python
async def test_a_whole_call_from_start_to_the_finished_run(web: Town) -> None:
    async with web.streamer(engines=hearing("yes")) as server, visit(server, web, resume_from=0) as peer:
        assert (peer.of("ready")[0]["status"], peer.of("ready")[0]["line"]) == ("ready", False)
        ready = await start(peer)
        assert (ready["status"], ready["line"]) == ("active", True)
        assert ready["audio_in"] == ready["audio_out"] == {"encoding": "audio/x-mulaw", "rate": 8000}
        await hear(peer, 2)
        assert audio_of(peer) == b"".join(map(spoken, GREETING))
        assert web.stored_run.status is RunStatus.IN_PROGRESS
        assert server.calls == 1
        await say(peer)
        await hear(peer, 4)
        assert await peer.wait_closed() == 1000
        assert types(peer)[-1] == "end"
    run = web.stored_run
    assert (run.status, run.disposition, run.end_reason) == (
        RunStatus.COMPLETED,
        "confirmed",
        EndReason.AGENT,
    )
    assert said(web, "agent") == [*GREETING, "See you on Monday.", "Goodbye."]
    assert said(web, "caller") == ["yes"]
    assert [line.text for line in transcript(web.log)] == [
        *GREETING,
        "yes",
        "See you on Monday.",
        "Goodbye.",
    ]
    assert run.recording_key is not None
    assert run.answered_at is not None
    assert web.carrier.asked == []


async def test_the_line_is_told_to_be_silent_before_the_log_holds_the_interruption(web: Town) -> None:
    async with web.streamer(engines=hearing("no")) as server, visit(server, web) as peer:
        await start(peer)
        await peer.wait_until(lambda: bool(peer.binary))
        await say(peer, VOICE * 10)
        await peer.wait_until(lambda: "clear" in types(peer))
        assert "interrupt" not in types(peer)
        heard = len(audio_of(peer))
        await say(peer, VOICE * 60 + SILENCE * 30)
        await peer.wait_until(lambda: "interrupt" in types(peer))
        assert types(peer).count("clear") == 1
        assert types(peer).index("clear") < types(peer).index("interrupt")
        # Nothing of the greeting after the clear.
        assert b"".join(map(spoken, GREETING)).startswith(audio_of(peer)[:heard])
        await peer.send("end")
        assert await peer.wait_closed() == 1000
    assert {event["by"] for event in web.told(InterruptEvent)} == {"caller"}


async def test_audio_comes_and_goes_in_text_where_that_is_asked_for(web: Town) -> None:
    async with web.streamer(engines=hearing("yes")) as server, visit(server, web, audio="json") as peer:
        await start(peer)
        await hear(peer, 2)
        heard = b"".join(b64decode(frame["payload"]) for frame in peer.of("audio"))
        assert (heard, peer.binary) == (b"".join(map(spoken, GREETING)), [])
        for at in range(0, len(UTTERANCE), 800):
            await peer.send("audio", {"payload": b64encode(UTTERANCE[at : at + 800]).decode()})
        await hear(peer, 4)
        assert await peer.wait_closed() == 1000
    assert said(web, "caller") == ["yes"]


@pytest.mark.every_python
async def test_linear_samples_at_twice_the_rate_are_taken_and_given(web: Town) -> None:
    pcm = {"encoding": "audio/pcm", "rate": 16_000}
    async with web.streamer(engines=hearing("yes")) as server, visit(server, web) as peer:
        ready = await start(peer, audio_in=pcm, audio_out=pcm)
        assert ready["audio_in"] == ready["audio_out"] == pcm
        await hear(peer, 2)
        assert len(audio_of(peer)) == 4 * sum(len(spoken(text)) for text in GREETING)
        loud, quiet = (8000).to_bytes(2, "little", signed=True) * 320, bytes(640)
        for chunk in [quiet] * 20 + [loud] * 30 + [quiet] * 40:
            await peer.send_text(chunk)
        await hear(peer, 4)
        assert await peer.wait_closed() == 1000
    assert said(web, "caller") == ["yes"]


async def test_a_second_start_takes_the_line_over_and_goes_on_in_the_sentence(web: Town) -> None:
    async with (
        web.streamer(engines=hearing("yes")) as server,
        visit(server, web) as first,
        visit(server, web) as second,
    ):
        await start(first)
        await first.wait_until(lambda: bool(first.binary))
        await start(second)
        assert await first.wait_closed() == 1000
        assert "taken the line over" in first.close_reason
        await hear(second, 2)
        whole = b"".join(map(spoken, GREETING))
        # From where the first one had been, by the clock: nothing is lost between them.
        assert whole.endswith(audio_of(second))
        assert len(audio_of(first)) + len(audio_of(second)) >= len(whole)
        await say(second)
        await hear(second, 4)
        assert await second.wait_closed() == 1000
    assert said(web, "agent") == [*GREETING, "See you on Monday.", "Goodbye."]


async def test_a_caller_who_is_lost_comes_back_to_the_sentence_and_to_what_was_injected_meanwhile(
    web: Town,
) -> None:
    async with web.streamer(engines=hearing("yes")) as server, visit(server, web) as operator:
        async with visit(server, web) as peer:
            await start(peer)
            await peer.wait_until(lambda: bool(peer.binary))
            peer.drop()
            lost = await peer.wait_closed()
        assert lost == 1006
        assert server.calls == 1
        answer = await operator.ask("inject", {"text": "One moment please.", "role": "assistant"})
        assert answer["type"] == "inject-ack"
        assert web.stored_run.status is RunStatus.IN_PROGRESS
        said_before = said(web, "agent")
        async with visit(server, web) as back:
            await start(back)
            await hear(back, 3)
            whole = b"".join(map(spoken, [GREETING[0], "One moment please.", GREETING[1]]))
            assert whole.endswith(audio_of(back))
            # No more than what was sent ahead to the one who is gone: the rest is said once.
            assert len(audio_of(back)) >= len(whole) - len(audio_of(peer))
            await say(back)
            await hear(back, 5)
            assert await back.wait_closed() == 1000
    assert "One moment please." not in said_before
    assert said(web, "agent") == [
        GREETING[0],
        "One moment please.",
        GREETING[1],
        "See you on Monday.",
        "Goodbye.",
    ]
    assert len(web.told(InjectEvent)) == 1
    assert len(web.told(TakeoverEvent)) == 1, "the call was never out of this process's hands"


async def test_a_place_that_nobody_comes_back_to_ends_the_call(web: Town) -> None:
    async with web.streamer(place_limit_s=0.1) as server:
        async with visit(server, web) as peer:
            await start(peer)
            await hear(peer, 1)
            peer.drop()
        await web.until(lambda: web.stored_run.status.is_final)
        await wait_for(lambda: server.calls == 0)
    run = web.stored_run
    assert (run.status, run.end_reason) == (RunStatus.COMPLETED, EndReason.CALLER)


async def test_the_callers_end_is_a_hang_up(web: Town) -> None:
    async with web.streamer() as server, visit(server, web) as peer:
        await start(peer)
        assert (await peer.ask("end"))["type"] == "ack"
        assert await peer.wait_closed() == 1000
    assert web.stored_run.end_reason == EndReason.CALLER


@pytest.mark.every_python
async def test_a_start_in_another_process_goes_on_there_without_saying_twice_what_was_heard(
    web: Town,
) -> None:
    async with (
        web.streamer(engines=hearing("no")) as first,
        web.streamer(engines=hearing("on thursday")) as second,
        visit(first, web, resume_from=0) as left,
    ):
        await start(left)
        await hear(left, 2)
        await say(left)
        await hear(left, 3)
        await web.until(lambda: len(web.told(PlaybackEvent)) == 3)
        async with visit(second, web, resume_from=0) as right:
            await start(right)
            # The first owner learns it from the store, when it wants to write.
            await say(left, VOICE * 10)
            assert await left.wait_closed() == 1000
            assert "taken the line over" in left.close_reason
            await say(right)
            await hear(right, 2)
            assert await right.wait_closed() == 1000
            assert audio_of(right) == spoken("thursday it is.") + spoken("Goodbye.")
    assert said(web, "agent") == [
        *GREETING,
        "Which day would suit you better?",
        "thursday it is.",
        "Goodbye.",
    ]
    assert said(web, "caller") == ["no", "on thursday"]
    assert len(web.told(TakeoverEvent)) == 2
    assert web.stored_run.disposition == "rescheduled"


async def test_a_place_that_ends_where_the_caller_was_lost_ends_no_call_that_goes_on_elsewhere(
    web: Town,
) -> None:
    async with (
        web.streamer(place_limit_s=0.2) as first,
        web.streamer(engines=hearing("yes")) as second,
        visit(first, web) as lost,
        visit(second, web) as back,
    ):
        await start(lost)
        await hear(lost, 2)
        await web.until(lambda: len(web.told(PlaybackEvent)) == 2)
        await start(back)
        # The first owner keeps the place, for it has had nothing to write since.
        lost.drop()
        await wait_for(lambda: first.calls == 0)
        assert web.stored_run.status is RunStatus.IN_PROGRESS
        await say(back)
        await hear(back, 2)
        assert await back.wait_closed() == 1000
    assert web.stored_run.disposition == "confirmed"
    assert said(web, "agent") == [*GREETING, "See you on Monday.", "Goodbye."]


async def test_a_phones_line_is_its_carriers_and_a_session_that_is_over_has_none(
    town: Town, web: Town
) -> None:
    async with web.streamer(max_calls=1) as server:
        async with visit(server, town) as peer:
            answer = await peer.ask("start")
            assert (answer["type"], answer["code"]) == ("error", "not-a-web-session")
            assert (await peer.ask("ping"))["type"] == "pong"
        async with visit(server, web) as peer:
            web.store.runs.advance(web.stored_run, RunStatus.CANCELED)
            answer = await peer.ask("start")
            assert (answer["type"], answer["code"]) == ("error", "session-over")
            assert (server.calls, server.guests) == (0, 1)


@pytest.mark.parametrize("is_away", [False, True])
async def test_an_operator_ends_a_call_whether_its_caller_is_there_or_not(web: Town, is_away: bool) -> None:
    async with web.streamer() as server, visit(server, web) as operator:
        async with visit(server, web) as caller:
            await start(caller)
            await hear(caller, 1)
            if is_away:
                caller.drop()
                await caller.wait_closed()
            assert (await operator.ask("end"))["type"] == "ack"
            assert await caller.wait_closed() == (1006 if is_away else 1000)
        assert await operator.wait_closed() == 1000
    assert web.stored_run.end_reason == EndReason.HANGUP_REQUESTED


async def test_a_session_is_connecting_while_its_start_is_worked_on(
    web: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[RunStatus] = []
    take_over = DynamoRuns.take_over

    def watched(*arguments: Any) -> Run:
        seen.append(web.stored_run.status)
        return take_over(*arguments)

    monkeypatch.setattr(DynamoRuns, "take_over", watched)
    async with web.streamer() as server, visit(server, web) as peer:
        await start(peer)
        await peer.send("end")
        assert await peer.wait_closed() == 1000
    assert seen == [RunStatus.RINGING]


async def test_callers_of_a_process_that_stops_hear_a_last_sentence(web: Town) -> None:
    made: list[Calls] = []
    async with web.streamer(on_made=made.append) as server, visit(server, web) as peer:
        await start(peer)
        await hear(peer, 2)
        assert not await server.drain(0.01)
        assert peer.close_code is None
        made[0].live_calls.say_goodbye()
        await hear(peer, 3)
        assert await peer.wait_closed() == 1000
        await wait_for(lambda: server.calls == 0)
    assert web.stored_run.end_reason == EndReason.DRAINED


async def test_web_callers_count_as_calls_and_give_their_place_back(web: Town, town: Town) -> None:
    other = with_session(town)
    async with web.streamer(max_calls=1) as server:
        async with visit(server, web) as peer, visit(server, other) as second:
            await start(peer)
            await second.send("start")
            assert await second.wait_closed() == 1013
            assert other.stored_run.status is RunStatus.DIALING
            await peer.send("end")
            assert await peer.wait_closed() == 1000
        await wait_for(lambda: server.calls == 0)
        async with visit(server, other) as again:
            assert (await start(again))["line"]
            await again.send("end")
            assert await again.wait_closed() == 1000


async def test_two_who_start_at_once_are_served_one_after_the_other(web: Town) -> None:
    async with web.streamer() as server, visit(server, web) as first, visit(server, web) as second:
        await asyncio.gather(first.send("start"), second.send("start"))
        await first.wait_until(lambda: len(first.of("ready")) == 2)
        await second.wait_until(lambda: len(second.of("ready")) == 2)
        await wait_for(lambda: {first.close_code, second.close_code} != {None})
        closed, caller = (first, second) if first.close_code else (second, first)
        assert closed.close_code == 1000
        await hear(caller, 2)
        assert caller.close_code is None
        await caller.send("end")
        assert await caller.wait_closed() == 1000
    assert len(web.told(TakeoverEvent)) == 1


async def test_a_session_in_which_nothing_happens_ends_as_its_deployment_has_it(town: Town) -> None:
    quiet = with_session(town, idle_timeout_seconds=1)
    async with quiet.streamer() as server, visit(server, quiet) as peer:
        await start(peer)
        assert await peer.wait_closed() == 1000
    assert quiet.stored_run.end_reason == EndReason.IDLE


async def test_a_session_lasts_no_longer_than_its_deployment_has_it(town: Town) -> None:
    short = with_session(town, max_duration_seconds=3)
    async with short.streamer() as server, visit(server, short) as peer:
        await start(peer)
        await hear(peer, 2)
        await say(peer, SILENCE * 160)
        await hear(peer, 3)
        assert await peer.wait_closed() == 1000
    assert short.stored_run.end_reason == EndReason.TOO_LONG


async def test_nobody_is_put_through_from_a_browser(web: Town) -> None:
    async with web.streamer() as server, visit(server, web) as peer:
        await start(peer)
        answer = await peer.ask("transfer", {"to": "+14155550100"})
        assert (answer["type"], answer["code"]) == ("error", "no-carrier")
        await peer.send("end")
        assert await peer.wait_closed() == 1000
    assert web.told(TransferEvent) == []
