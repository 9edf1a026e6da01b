"""Listening in on calls: what both say, at the process that has the call and through any other."""

import base64
from contextlib import AsyncExitStack
from datetime import timedelta
from typing import Any

import pytest
from websockets.asyncio.client import connect
from websockets.exceptions import InvalidStatus

from offhook.clock import system_clock
from offhook.runs.model import Run
from offhook.sessions.tokens import SessionTokens, TokenScope
from streamer.media.mulaw import BYTES_PER_MS, SILENCE
from streamer.sessions.relay import RelayTokens
from streamer.sockets.server import Server
from tests.support.answering import wait_for
from tests.support.engines import SILENCE as SILENT_CHUNK
from tests.support.phone import dial
from tests.support.session_sockets import SessionPeer, watch
from tests.support.town import SETTINGS, UTTERANCE, Town, hear_greeting, hearing, say_and_hear

MULAW = {"encoding": "audio/x-mulaw", "rate": 8000}
PIECE_BYTES = 100 * BYTES_PER_MS
TOKENS = SessionTokens(SETTINGS.install_secret)
RELAY_TOKENS = RelayTokens(SETTINGS.install_secret, clock=system_clock)


def listening(server: Server, run: Run, audio: str = "binary") -> Any:
    token = TOKENS.mint(run, TokenScope.OBSERVE, system_clock())
    return watch(server.port, run, ws_token=token, audio=audio)


def voices(pieces: list[bytes]) -> tuple[bytes, bytes]:
    """Return what the caller and the agent said, without the silence around it."""
    stereo = b"".join(pieces)
    return stereo[0::2].strip(bytes((SILENCE,))), stereo[1::2].strip(bytes((SILENCE,)))


def owner_of(town: Town) -> str:
    ownership = town.stored_run.ownership
    assert ownership
    return ownership.owner


def spoken_texts(peer: SessionPeer) -> list[bytes]:
    """Put the frames of both voices together, as binary messages have them."""
    tracks: dict[str, list[bytes]] = {"caller": [], "agent": []}
    for frame in peer.of("audio"):
        tracks[frame.get("track", "agent")].append(base64.b64decode(frame["payload"]))
    pieces = []
    for caller, agent in zip(tracks["caller"], tracks["agent"], strict=False):
        stereo = bytearray(2 * len(caller))
        stereo[0::2], stereo[1::2] = caller, agent
        pieces.append(bytes(stereo))
    return pieces


def pieces_of(peer: SessionPeer) -> list[bytes]:
    return peer.binary or spoken_texts(peer)


async def hear(peer: SessionPeer) -> None:
    """Wait until what the caller says, and some of the answer, was heard there."""
    said = UTTERANCE.strip(bytes((SILENCE,)))
    await peer.wait_until(lambda: voices(pieces_of(peer))[0] == said and bool(voices(pieces_of(peer))[1]))


async def test_both_voices_are_heard_at_the_process_that_has_the_call(town: Town) -> None:
    async with (
        town.streamer(engines=hearing("no another day")) as server,
        dial(server.port, town.path()) as phone,
    ):
        await phone.start()
        await hear_greeting(phone)
        async with listening(server, town.run) as binary, listening(server, town.run, "json") as texts:
            assert binary.of("ready")[0]["live"]
            assert binary.of("ready")[0]["audio_out"] == {**MULAW, "channels": 2}
            assert texts.of("ready")[0]["audio_out"] == MULAW
            await say_and_hear(phone, 1)
            await phone.say(SILENT_CHUNK * 50)
            await hear(binary)
            await hear(texts)
            assert voices(binary.binary)[1] in phone.audio
            assert {len(piece) for piece in binary.binary} == {2 * PIECE_BYTES}
            await phone.hang_up()
    assert (binary.close_code, texts.binary) == (1000, [])


async def test_through_another_process_all_who_listen_share_one_relay(town: Town) -> None:
    async with (
        town.streamer(engines=hearing("no another day")) as owner,
        town.streamer() as other,
        dial(owner.port, town.path()) as phone,
    ):
        await phone.start()
        await hear_greeting(phone)
        async with AsyncExitStack() as stack:
            far = [await stack.enter_async_context(listening(other, town.run)) for _ in range(3)]
            near = await stack.enter_async_context(listening(owner, town.run))
            assert [peer.of("ready")[0]["live"] for peer in far] == [True] * 3
            assert owner.guests == 2
            await say_and_hear(phone, 1)
            await phone.say(SILENT_CHUNK * 50)
            for peer in (near, *far):
                await hear(peer)
            await phone.hang_up()
            for peer in far:
                assert await peer.wait_closed() == 1000
                # Nobody is told of a call's audio that it has ended when the call has.
                assert len(peer.of("ready")) == 1


async def test_a_call_that_goes_on_elsewhere_is_heard_from_there(town: Town) -> None:
    async with (
        town.streamer() as first,
        town.streamer() as second,
        town.streamer() as third,
        dial(first.port, town.path()) as phone,
    ):
        await phone.start()
        await hear_greeting(phone)
        async with listening(second, town.run) as taker, listening(third, town.run) as far:
            await phone.say(SILENT_CHUNK * 20)
            await taker.wait_until(lambda: len(taker.binary) >= 3)
            await far.wait_until(lambda: len(far.binary) >= 3)
            first_owner = owner_of(town)
            run = town.store.runs.begin_stream(town.run)
            async with dial(second.port, town.path(run.stream_number)) as again:
                await again.start()
                await town.until(lambda: owner_of(town) != first_owner)
                before = len(taker.binary), len(far.binary)
                for peer in (taker, far):
                    await peer.wait_until(lambda peer=peer: peer.of("ready")[-1]["live"])
                await again.say(UTTERANCE)
                await taker.wait_until(lambda: len(taker.binary) >= before[0] + 10)
                await far.wait_until(lambda: len(far.binary) >= before[1] + 10)
                assert voices(far.binary[before[1] :])[0] in UTTERANCE
                await again.hang_up()


async def test_who_wants_no_audio_gets_none(town: Town) -> None:
    async with town.streamer() as server, dial(server.port, town.path()) as phone:
        await phone.start()
        await hear_greeting(phone)
        async with listening(server, town.run, "no") as peer:
            assert (peer.of("ready")[0]["live"], peer.of("ready")[0]["audio_out"]) == (False, None)
            await say_and_hear(phone, 1)
            await peer.wait_until(lambda: any(frame["type"] == "transcript" for frame in peer.frames))
            assert (peer.binary, peer.of("audio")) == ([], [])
            await phone.hang_up()


async def test_where_the_owner_cannot_be_reached_the_log_still_comes(town: Town) -> None:
    async with (
        town.streamer(address="") as owner,
        town.streamer() as other,
        dial(owner.port, town.path()) as phone,
    ):
        await phone.start()
        await hear_greeting(phone)
        async with listening(other, town.run) as far:
            assert (far.of("ready")[0]["live"], far.of("ready")[0]["audio_out"]) == (False, None)
            await say_and_hear(phone, 1)
            await far.wait_until(lambda: any(frame["type"] == "transcript" for frame in far.frames))
            assert far.binary == []
            await phone.hang_up()


async def test_a_relay_is_for_other_processes_of_the_install_alone(town: Town) -> None:
    async def status(path: str, **headers: str) -> int:
        with pytest.raises(InvalidStatus) as refused:
            async with connect(f"ws://127.0.0.1:{server.port}{path}", additional_headers=headers, proxy=None):
                pass
        return refused.value.response.status_code

    async with town.streamer() as server, dial(server.port, town.path()) as phone:
        await phone.start()
        await phone.wait_until(lambda: bool(phone.audio))
        ownership = town.stored_run.ownership
        assert ownership
        assert ownership.address == f"127.0.0.1:{server.port}"
        owner, run_id = ownership.owner, town.run.id
        good = RELAY_TOKENS.path(run_id, owner)
        old = RelayTokens(SETTINGS.install_secret, clock=lambda: system_clock() - timedelta(minutes=3))
        assert await status(good, **{"X-Forwarded-For": "203.0.113.9"}) == 401
        for bad in (
            RELAY_TOKENS.path(run_id, "streamer-another"),
            old.path(run_id, owner),
            RelayTokens("x" * 32, clock=system_clock).path(run_id, owner),
            good.replace(str(run_id), str(run_id + 1)),
            good[:-1],
            f"/relay/{run_id}/x",
        ):
            assert await status(bad) == 401, bad
        assert await status(RELAY_TOKENS.path(4711, owner)) == 404
        async with connect(f"ws://127.0.0.1:{server.port}{good}", proxy=None) as relay:
            await phone.say(SILENT_CHUNK * 5)
            assert len(await relay.recv()) == 2 * PIECE_BYTES
            assert server.calls == 1
        await phone.hang_up()


async def test_a_relay_that_breaks_off_is_opened_again_and_nobody_is_told(town: Town) -> None:
    async with (
        town.streamer() as owner,
        town.streamer() as other,
        dial(owner.port, town.path()) as phone,
    ):
        await phone.start()
        await hear_greeting(phone)
        async with listening(other, town.run) as far:
            await phone.say(SILENT_CHUNK * 20)
            await far.wait_until(lambda: len(far.binary) >= 3)
            owner._guests.dismiss()
            await wait_for(lambda: owner.guests == 0)
            await wait_for(lambda: owner.guests == 1)
            before = len(far.binary)
            await phone.say(UTTERANCE)
            await far.wait_until(lambda: len(far.binary) >= before + 10)
            assert [ready["live"] for ready in far.of("ready")] == [True]
            await phone.hang_up()
