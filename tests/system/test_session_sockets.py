"""The session socket through its front door: who gets in, what is sent, what may be asked, and how it closes."""

import asyncio
import json
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import replace
from datetime import timedelta
from typing import Any

import jwt
import pytest
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, InvalidStatus

from offhook.clock import system_clock
from offhook.errors import StorageError
from offhook.ids import new_run_id
from offhook.runs.log.events import TakeoverEvent
from offhook.runs.model import Direction, Run, RunStatus, SessionTerms
from offhook.sessions.frames import logged_frame
from offhook.sessions.tokens import SessionTokens, TokenScope
from streamer.sessions.session_client import SessionClient
from streamer.sockets.close_codes import NoRoomError
from streamer.sockets.guests import Attend
from streamer.sockets.media_socket import MediaSocket
from streamer.sockets.server import Route, Server
from tests.support.answering import wait_for
from tests.support.makers import make_run
from tests.support.phone import dial
from tests.support.session_sockets import session_path, watch
from tests.support.town import SETTINGS, Town, hear_greeting, hearing, say_and_hear

pytestmark = pytest.mark.every_python

TOKENS = SessionTokens(SETTINGS.install_secret)


def token(run: Run, scope: TokenScope = TokenScope.OPERATE, *, age: timedelta = timedelta()) -> str:
    return TOKENS.mint(run, scope, system_clock() - age)


async def refusal(port: int, run: Run, headers: dict[str, str] | None = None, **query: Any) -> int:
    """Return the status with which the upgrade is refused."""
    url = f"ws://127.0.0.1:{port}{session_path(run, **query)}"
    with pytest.raises(InvalidStatus) as refused:
        async with connect(url, additional_headers=headers, proxy=None):
            pass
    assert refused.value.response.body
    return refused.value.response.status_code


def watching(server: Server, run: Run, **query: Any) -> Any:
    return watch(server.port, run, ws_token=token(run), **query)


def frames_of(town: Town) -> list[str]:
    return [logged_frame(town.run.session_id, entry) for entry in town.log]


async def test_only_a_good_token_opens_a_session_that_lives(
    town: Town, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    run, elsewhere = town.run, replace(town.run, organization_id="another")
    over, other = (make_run(run.organization_id, id=new_run_id(system_clock())) for _ in range(2))
    town.store.runs.create(replace(over, status=RunStatus.COMPLETED))
    terms = SessionTerms(expires_at=system_clock() - timedelta(seconds=1))
    expired = make_run(
        run.organization_id,
        id=new_run_id(system_clock()),
        status=RunStatus.DIALING,
        direction=Direction.WEB,
        session=terms,
    )
    town.store.runs.create(expired)
    good = token(run)
    claims = jwt.decode(good, options={"verify_signature": False})
    unsigned = jwt.encode(claims, "", algorithm="none")
    forged = jwt.encode(claims, "x" * 32, algorithm="HS256")
    old = token(run, age=timedelta(minutes=5))
    async with town.streamer() as server:
        port = server.port
        assert await refusal(port, run) == 401
        for bad in ("x", unsigned, forged, old, token(other)):
            assert await refusal(port, run, ws_token=bad) == 401, bad
            assert await refusal(port, run, {"Authorization": f"Bearer {bad}"}, ws_token=good) == 401, bad
        assert await refusal(port, run, ws_token=token(elsewhere)) == 404
        assert await refusal(port, over, ws_token=token(over)) == 404
        assert await refusal(port, other, ws_token=token(other)) == 404
        assert await refusal(port, expired, ws_token=token(expired)) == 404
        async with watch(port, run, ws_token=good) as first, watching(server, run) as second:
            assert (first.close_code, second.close_code) == (None, None)
            assert server.guests == 2
            assert (server.calls, server.unproved) == (0, 0)
        url = f"ws://127.0.0.1:{port}{session_path(run)}"
        async with connect(url, additional_headers={"Authorization": f"Bearer {good}"}, proxy=None) as socket:
            assert json.loads(await socket.recv())["type"] == "ready"
    told = [record.getMessage() for record in caplog.records if record.name != "websockets.client"]
    for secret in (good, old, forged):
        assert not [line for line in told if secret.rpartition(".")[2] in line]


async def test_a_store_that_is_away_is_a_failure_of_ours(town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    def get(*_: object) -> Run:
        raise StorageError("The store is away.")

    async with town.streamer() as server:
        monkeypatch.setattr(type(town.store.runs), "get", get)
        assert await refusal(server.port, town.run, ws_token=token(town.run)) == 500


async def test_a_call_is_watched_from_another_process_to_its_end(town: Town) -> None:
    async with (
        town.streamer(engines=hearing("Yes please.", "Bye.")) as owner,
        town.streamer() as other,
        watching(other, town.run, resume_from=0) as far,
    ):
        assert far.frames[0]["data"]["resume"] == {"after": "0", "oldest": "0", "newest": "0", "gap": False}
        async with dial(owner.port, town.path()) as phone, watching(owner, town.run, resume_from=0) as near:
            await phone.start()
            await hear_greeting(phone)
            await far.wait_until(lambda: len(far.logged) > 3)
            far.drop()
            cursor = json.loads(far.logged[-1])["seq"]
            async with watching(other, town.run, resume_from=cursor) as again:
                await say_and_hear(phone, 1)
                await phone.hang_up()
                assert await again.wait_closed() == 1000
                assert await near.wait_closed() == 1000
    assert near.logged == frames_of(town)
    assert [*far.logged, *again.logged] == frames_of(town)
    assert [frame["type"] for frame in near.frames].count("end") == 1


async def test_who_watches_stays_when_another_process_takes_the_call_over(town: Town) -> None:
    engines = hearing("Yes please.")
    async with (
        town.streamer(engines=engines) as first,
        town.streamer(engines=engines) as second,
        watching(first, town.run, resume_from=0) as left,
        watching(second, town.run) as right,
    ):
        async with dial(first.port, town.path()) as phone:
            await phone.start()
            await hear_greeting(phone)
            phone.drop()
        town.store.runs.begin_stream(town.stored_run)
        async with dial(second.port, town.path(2)) as phone:
            await phone.start()
            await right.wait_until(lambda: sum(f["type"] == "takeover" for f in right.frames) == 2)
            await say_and_hear(phone, 1)
            await phone.hang_up()
            assert await left.wait_closed() == 1000
            assert await right.wait_closed() == 1000
    assert len(town.told(TakeoverEvent)) == 2
    assert left.logged == right.logged == frames_of(town)


async def test_a_call_is_operated_through_another_process_and_ended_there(town: Town) -> None:
    async with (
        town.streamer(engines=hearing()) as owner,
        town.streamer() as other,
        dial(owner.port, town.path()) as phone,
        watching(other, town.run) as peer,
    ):
        await phone.start()
        await hear_greeting(phone)
        answer = await peer.ask("inject", {"text": "One moment.", "role": "assistant"}, id_="q1")
        assert (answer["type"], answer["request_id"]) == ("inject-ack", "q1")
        await peer.wait_until(lambda: any(frame["type"] == "inject" for frame in peer.frames))
        (logged,) = [frame for frame in peer.frames if frame["type"] == "inject"]
        assert logged["data"]["inject_id"] == answer["inject_id"]
        assert await peer.ask("steer", {"mute": True}, id_="q2") == {"type": "ack", "request_id": "q2"}
        assert (await peer.ask("steer", {"instructions": ""}, id_="q3"))["type"] == "ack"
        assert (await peer.ask("steer", {"voice": "Joanna"}, id_="q3"))["code"] == "not-steerable"
        assert await peer.ask("dtmf", {"digits": "1"}, id_="q4") == {"type": "ack", "request_id": "q4"}
        assert await peer.ask("end", id_="q5") == {"type": "ack", "request_id": "q5"}
        assert await peer.wait_closed() == 1000
        await phone.wait_closed()
    assert peer.logged == frames_of(town)[len(town.log) - len(peer.logged) :]
    assert town.stored_run.end_reason == "hangup_requested"


async def test_what_may_not_be_asked_is_refused_by_its_id_and_the_socket_stays(town: Town) -> None:
    async with town.streamer() as server:
        async with watch(server.port, town.run, ws_token=token(town.run, TokenScope.OBSERVE)) as peer:
            assert peer.frames[0]["data"]["scope"] == "observe"
            for type_, data in (
                ("start", {}),
                ("inject", {"text": "Hello"}),
                ("interrupt", {}),
                ("dtmf", {"digits": "1"}),
                ("steer", {"mute": True}),
                ("transfer", {"to": "+14155550100"}),
                ("end", {}),
            ):
                answer = await peer.ask(type_, data, id_=type_)
                assert (answer["type"], answer["code"]) == ("error", "scope-required"), type_
                assert answer["request_id"] == type_
            assert await peer.ask("ping", id_="p") == {"type": "pong", "request_id": "p"}
        assert town.log == []
        async with watching(server, town.run) as peer:
            for text, code, request_id in (
                ("nonsense", "invalid-frame", None),
                ('{"type":"sing","id":"q1"}', "unknown-frame", "q1"),
                ('{"type":"inject","id":"q2","data":{"text":""}}', "invalid-frame", "q2"),
                (
                    json.dumps({"type": "inject", "id": "q3", "data": {"text": "x" * 20_000}}),
                    "invalid-frame",
                    "q3",
                ),
                ('{"type":"audio","id":"q4","data":{"payload":"f38="}}', "not-the-caller", "q4"),
                ('{"type":"played","id":"q5","data":{"name":"m1"}}', "not-the-caller", "q5"),
                (b"\x7f" * 160, "not-the-caller", None),
                ('{"type":"inject","id":"q6","data":{"text":"Hello"}}', "session-state", "q6"),
            ):
                before = len(peer.texts)
                await peer.send_text(text)
                answer = await peer.answer(before)
                assert (answer["type"], answer["code"], answer["request_id"]) == ("error", code, request_id)
            assert peer.close_code is None


async def test_what_a_client_asks_is_taken_at_a_bounded_pace(town: Town) -> None:
    async with town.streamer() as server, watching(server, town.run) as peer:
        clock = asyncio.get_running_loop().time
        began_s = clock()
        for number in range(40):
            await peer.send("ping", id=str(number))
        await peer.wait_until(lambda: len(peer.of("pong")) == 40)
        # The first second's worth are 25 frames, and so are those of each second after it.
        assert clock() - began_s > 0.5
        assert [pong["request_id"] for pong in peer.of("pong")] == list(map(str, range(40)))


async def test_who_drains_sends_those_who_watch_elsewhere_and_waits_for_none(town: Town) -> None:
    async with town.streamer() as server, watching(server, town.run) as peer:
        async with asyncio.timeout(1):
            assert await server.drain(30)
        assert await peer.wait_closed() == 1012
        assert server.guests == 0
        async with watching(server, town.run) as late:
            assert await late.wait_closed() == 1012


async def test_those_who_watch_are_bounded_by_organization(
    town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("streamer.sessions.feeds.MOST_OF_ORGANIZATION", 1)
    async with (
        town.streamer() as server,
        watching(server, town.run),
        watching(server, town.run) as second,
    ):
        assert await second.wait_closed() == 1013


async def test_those_who_watch_are_bounded_by_run_and_by_process(
    town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("streamer.sessions.feeds.MOST_VISITORS", 2)
    other = make_run(town.run.organization_id, id=new_run_id(system_clock()))
    town.store.runs.create(other)
    async with (
        town.streamer(max_guests=3) as server,
        watching(server, town.run),
        watching(server, town.run) as second,
    ):
        async with watching(server, town.run) as third:
            assert await third.wait_closed() == 1013
        async with watching(server, other), watching(server, other) as one_too_many:
            assert await one_too_many.wait_closed() == 1013
        assert second.close_code is None


class Guests:
    """A route whose sockets are given to the test."""

    def __init__(self) -> None:
        self._clients: asyncio.Queue[SessionClient] = asyncio.Queue()
        self.route = Route("/s", gate=self._gate)

    @asynccontextmanager
    async def come(self, server: Server) -> AsyncIterator[tuple[SessionClient, ClientConnection]]:
        url = f"ws://127.0.0.1:{server.port}/s"
        async with connect(url, compression=None, proxy=None) as connection:
            yield await self._clients.get(), connection

    async def _gate(self, socket: MediaSocket, match: dict[str, str]) -> Attend:
        return self._attend

    async def _attend(self, socket: MediaSocket) -> None:
        async with asyncio.TaskGroup() as lasting:
            client = SessionClient(
                socket, "sess_7", lasting=lasting, takes_text_audio=False, clock=system_clock
            )
            self._clients.put_nowait(client)
            await socket.wait_closed()


async def test_a_guest_that_becomes_a_call_has_its_place_until_it_gives_it_back() -> None:
    guests = Guests()
    async with Server([guests.route], max_calls=1) as server, guests.come(server) as (caller, connection):
        caller.take_place()
        assert (server.calls, server.guests) == (1, 0)
        async with guests.come(server) as (other, _):
            with pytest.raises(NoRoomError):
                other.take_place()
            caller.leave_place()
            assert (server.calls, server.guests) == (0, 2)
            other.take_place()
            assert not await server.drain(0.01), "a call is waited for"
            await connection.wait_closed()
            assert connection.close_code == 1012
            other.leave_place()
            assert await server.drain(5)


@asynccontextmanager
async def talked_at() -> AsyncIterator[tuple[Server, ClientConnection]]:
    """Send to a client that reads nothing, until it is given up."""
    guests = Guests()
    async with (
        asyncio.timeout(20),
        Server([guests.route]) as server,
        guests.come(server) as (client, connection),
    ):
        connection.transport.pause_reading()
        number = 0
        while client.is_open:
            client.send_many([f"{number} {'x' * 16_000}"])
            number += 1
            await asyncio.sleep(0)
        yield server, connection


async def test_a_client_that_reads_too_late_is_told_so() -> None:
    async with talked_at() as (_, connection):
        connection.transport.resume_reading()
        numbers: list[int] = []
        with suppress(ConnectionClosed):
            async for message in connection:
                numbers.append(int(str(message).split()[0]))  # noqa: PERF401 - what came before the end
        assert numbers == list(range(len(numbers)))
        assert connection.close_code == 1013
        assert "cursor" in (connection.close_reason or "")


async def test_a_client_that_reads_nothing_is_cut_off(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("streamer.sessions.session_client.LAG_CLOSE_S", 0.05)
    async with talked_at() as (server, connection):
        await wait_for(lambda: not server.guests)
        connection.transport.abort()


async def test_pings_come_every_fifteen_seconds(town: Town) -> None:
    async with town.streamer() as server, watching(server, town.run):
        (socket,) = server._guests._present
        assert socket.ping_interval == 15
