"""The streamer's front door over real sockets: routes, the handshake, close codes, admission, draining."""

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import replace

import pytest
from websockets.asyncio.client import connect
from websockets.exceptions import InvalidStatus

from offhook.errors import (
    CarrierError,
    ConflictError,
    EngineError,
    ForbiddenError,
    InvalidInputError,
    NotConfiguredError,
    NotFoundError,
    OffhookError,
    OwnershipLostError,
    ProtocolError,
    UnauthenticatedError,
)
from streamer.conductor.playout import Pacer
from streamer.media import Audio, MediaStream, Started
from streamer.sockets.close_codes import CloseCode
from streamer.sockets.handshake import HANDSHAKE_TIMEOUT_S, handshake
from streamer.sockets.media_socket import MediaSocket
from streamer.sockets.newcomers import MOST_PER_SECOND
from streamer.sockets.server import Route, Server
from tests.support.phone import DEADLINE_S, STARTED, dial

pytestmark = pytest.mark.every_python

ROUTE = "/api/v1/telephony/ws/{run_id}/{token}"
CALL = "/api/v1/telephony/ws/7/secret-token"
Serve = Callable[[MediaSocket, dict[str, str]], Awaitable[None]]


def _start(**more: object) -> str:
    ids = {"streamSid": "MZ1", "callSid": "CA1", "accountSid": "acme.cloudonix.net"}
    return json.dumps({"event": "start", "start": {**ids, **more}})


START = _start()


class Clock:
    """The clock of a test's event loop, which can be put forward: what is due by then happens at once."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self._passed_s = 0.0
        self._real = loop.time
        loop.time = self._time  # type: ignore[method-assign]

    async def pass_by(self, seconds: float) -> None:
        self._passed_s += seconds
        await asyncio.sleep(0)

    def _time(self) -> float:
        return self._real() + self._passed_s


@pytest.fixture
async def clock() -> Clock:
    return Clock(asyncio.get_running_loop())


class Call:
    """A listener that lasts until the peer closes."""

    def __init__(self, stream: MediaStream) -> None:
        self._stream = stream
        self.audio = b""
        self.over = asyncio.Event()

    def on_message(self, data: bytes | str) -> None:
        event = self._stream.receive(data)
        if isinstance(event, Audio):
            self.audio += event.payload

    def on_closed(self) -> None:
        self.over.set()


async def answer(socket: MediaSocket, match: dict[str, str]) -> None:
    """Serve a call that says nothing, if its token is not bad."""
    if match["token"] == "bad":
        raise UnauthenticatedError("Not this token")
    stream = MediaStream()
    await handshake(socket, stream)
    socket.take_place()
    call = Call(stream)
    socket.attach(call)
    await call.over.wait()


@asynccontextmanager
async def serving(
    serve: Serve,
    *,
    max_calls: int = 8,
    max_unproved: int = 50,
    trusted_proxies: int = 0,
    most_per_second: int = MOST_PER_SECOND,
) -> AsyncIterator[Server]:
    async with Server(
        [Route(ROUTE, serve)],
        max_calls=max_calls,
        max_unproved=max_unproved,
        trusted_proxies=trusted_proxies,
        most_per_second=most_per_second,
    ) as server:
        yield server


async def get(port: int, path: str) -> tuple[int, str, str]:
    """Ask over plain HTTP; return status, content type and body."""
    async with asyncio.timeout(DEADLINE_S):
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(f"GET {path} HTTP/1.1\r\nHost: localhost\r\n\r\n".encode())
        head, _, body = (await reader.read()).decode().partition("\r\n\r\n")
        writer.close()
        await writer.wait_closed()
    status_line, *headers = head.split("\r\n")
    types = [line.partition(": ")[2] for line in headers if line.startswith("Content-Type")]
    return int(status_line.split()[1]), ",".join(types), body


async def wait_for(condition: Callable[[], bool]) -> None:
    async with asyncio.timeout(DEADLINE_S):
        while not condition():  # noqa: ASYNC110 - what is waited for has no event of its own
            await asyncio.sleep(0.001)


async def test_health_is_plain_http() -> None:
    async with serving(answer) as server:
        assert await get(server.port, "/healthz?x=1") == (200, "application/json", '{"status":"ok"}')


async def test_other_paths_are_not_found_and_media_paths_want_an_upgrade() -> None:
    async with serving(answer) as server:
        assert (await get(server.port, "/"))[0] == 404
        assert (await get(server.port, "/api/v1/telephony/ws/7"))[0] == 404
        assert (await get(server.port, CALL))[0] == 426
        with pytest.raises(InvalidStatus) as refusal:
            async with connect(f"ws://127.0.0.1:{server.port}/nowhere", proxy=None):
                pass
    assert refusal.value.response.status_code == 404


@pytest.mark.parametrize(
    ("template", "path", "match"),
    [
        ("/a/{x}", "/a/1", {"x": "1"}),
        ("/a/{x}", "/a/1/2", None),
        ("/a/{x}", "/a/", None),
        ("/a/{x}/{rest*}", "/a/1/2/3", {"x": "1", "rest": "2/3"}),
        ("/{rest*}", "/", {"rest": ""}),
        ("/a.b", "/a-b", None),
    ],
)
def test_a_route_matches_whole_paths(template: str, path: str, match: dict[str, str] | None) -> None:
    assert Route(template, answer).match(path) == match


async def test_the_handler_learns_what_the_path_names_and_what_start_says() -> None:
    seen: list[tuple[dict[str, str], Started]] = []

    async def serve(socket: MediaSocket, match: dict[str, str]) -> None:
        seen.append((match, await handshake(socket, MediaStream())))

    async with serving(serve) as server, dial(server.port, CALL) as phone:
        await phone.start()
        assert await phone.wait_closed() == 1000
    assert seen == [({"run_id": "7", "token": "secret-token"}, STARTED)]


async def test_audio_right_behind_start_is_kept_for_the_call() -> None:
    heard: list[bytes] = []

    async def serve(socket: MediaSocket, _match: dict[str, str]) -> None:
        stream = MediaStream()
        await handshake(socket, stream)
        await asyncio.sleep(0.05)  # as long as it takes to find the run
        call = Call(stream)
        socket.attach(call)
        await call.over.wait()
        heard.append(call.audio)

    async with serving(serve) as server:
        async with dial(server.port, CALL) as phone:
            await phone.start()
            await phone.say(bytes(range(160)) * 3)
            await phone.hang_up()
        await wait_for(lambda: bool(heard))
    assert heard == [bytes(range(160)) * 3]


@pytest.mark.parametrize(
    ("messages", "reason"),
    [
        (["hello"], "Malformed message"),
        (['{"event":"media"}'], "Expected connected event"),
        (['{"event":"connected"}', '{"event":"media"}'], "Expected start event"),
        (['{"event":"connected"}', '{"event":"start"}'], "Missing start metadata"),
        (['{"event":"connected"}', '{"event":"start","start":{}}'], "Missing stream identifiers"),
        (
            ['{"event":"connected"}', _start(mediaFormat={"encoding": "audio/x-alaw"})],
            "Unsupported mediaFormat: send audio/x-mulaw, 8000 Hz, 1 channel",
        ),
    ],
)
async def test_a_bad_handshake_closes_with_4400(messages: list[str], reason: str) -> None:
    async with serving(answer) as server, dial(server.port, CALL) as phone:
        for message in messages:
            await phone.send_text(message)
        assert await phone.wait_closed() == 4400
        assert phone.close_reason == reason
        await wait_for(lambda: server.unproved == 0)


@pytest.mark.parametrize("messages", [[], ['{"event":"connected"}']])
async def test_a_handshake_that_takes_too_long_closes_with_4408(messages: list[str]) -> None:
    async def serve(socket: MediaSocket, _match: dict[str, str]) -> None:
        await handshake(socket, MediaStream(), timeout_s=0.05)

    async with serving(serve) as server, dial(server.port, CALL) as phone:
        for message in messages:
            await phone.send_text(message)
        assert await phone.wait_closed() == 4408
        assert phone.close_reason == "Handshake timeout"


async def test_each_message_of_the_handshake_has_the_whole_limit(clock: Clock) -> None:
    async with serving(answer) as server, dial(server.port, CALL) as phone:
        await phone.knock()
        await clock.pass_by(HANDSHAKE_TIMEOUT_S - 1)
        await phone.send_text('{"event":"connected"}')
        await phone.knock()
        await clock.pass_by(HANDSHAKE_TIMEOUT_S - 1)
        await phone.send_text(START)
        await phone.knock()
        assert (phone.close_code, server.calls, server.unproved) == (None, 1, 0)


async def test_the_limit_holds_for_start_as_well(clock: Clock) -> None:
    async with serving(answer) as server, dial(server.port, CALL) as phone:
        await phone.knock()
        await clock.pass_by(HANDSHAKE_TIMEOUT_S - 1)
        await phone.send_text('{"event":"connected"}')
        await phone.knock()
        await clock.pass_by(HANDSHAKE_TIMEOUT_S + 1)
        assert await phone.wait_closed() == 4408


async def test_a_peer_that_leaves_during_the_handshake_leaves_nothing_behind() -> None:
    async with serving(answer) as server:
        async with dial(server.port, CALL) as phone:
            await phone.send_text('{"event":"connected"}')
            await wait_for(lambda: server.unproved == 1)
        await wait_for(lambda: server.unproved == 0)


@pytest.mark.parametrize(
    ("error", "code", "reason"),
    [
        (UnauthenticatedError("Invalid key"), 1008, "Invalid key"),
        (ForbiddenError("Not this key"), 1008, "Not this key"),
        (NotFoundError("Agent not found"), 1008, "Agent not found"),
        (ConflictError("Concurrent call limit reached"), 1008, "Concurrent call limit reached"),
        (OwnershipLostError("Taken over"), 4409, "Taken over"),
        (NotConfiguredError("No token"), 4400, "No token"),
        (InvalidInputError("Missing Domain"), 4400, "Missing Domain"),
        (ProtocolError("Expected start event"), 4400, "Expected start event"),
        (CarrierError("Session validation failed"), 4400, "Session validation failed"),
        (CarrierError("Too many requests", retry_after_seconds=3), 1013, "Too many requests"),
        (EngineError("No voice", engine="polly"), 1011, "No voice"),
        (OffhookError("No Agent Stream for twilio"), 1011, "No Agent Stream for twilio"),
        (KeyError("+15550100"), 1011, "Internal server error"),
        (ExceptionGroup("call", [KeyError("x"), OwnershipLostError("Taken over")]), 4409, "Taken over"),
        (ExceptionGroup("call", [KeyError("x")]), 1011, "Internal server error"),
    ],
)
async def test_each_error_closes_with_its_code(
    error: Exception, code: int, reason: str, caplog: pytest.LogCaptureFixture
) -> None:
    async def serve(_socket: MediaSocket, _match: dict[str, str]) -> None:
        raise error

    async with serving(serve) as server, dial(server.port, CALL) as phone:
        assert await phone.wait_closed() == code
        assert phone.close_reason == reason
    assert bool(caplog.records) is (code == CloseCode.INTERNAL_ERROR)
    assert "+15550100" not in caplog.text
    assert "secret-token" not in caplog.text


async def test_a_full_server_says_try_again_and_has_room_later() -> None:
    async with serving(answer, max_calls=1) as server:
        async with dial(server.port, CALL) as first:
            await first.start()
            await wait_for(lambda: server.calls == 1)
            async with dial(server.port, CALL) as second:
                assert await second.wait_closed() == 1013
        await wait_for(lambda: server.calls == 0)
        async with dial(server.port, CALL) as third:
            await third.start()
            await wait_for(lambda: server.calls == 1)


async def test_many_sockets_at_once_never_exceed_the_limit() -> None:
    most = 0

    async def serve(socket: MediaSocket, _match: dict[str, str]) -> None:
        nonlocal most
        stream = MediaStream()
        await handshake(socket, stream)
        socket.take_place()
        most = max(most, server.calls)
        call = Call(stream)
        socket.attach(call)
        await call.over.wait()

    async with serving(serve, max_calls=3) as server:

        async def try_to_call() -> None:
            async with dial(server.port, CALL) as phone:
                await phone.start()
                await wait_for(lambda: phone.close_code is not None or len(refused) == 9)
                if phone.close_code is not None:
                    refused.append(phone.close_code)

        refused: list[int] = []
        async with asyncio.TaskGroup() as phones:
            for _ in range(12):
                phones.create_task(try_to_call())
    assert most == 3
    assert refused == [1013] * 9


def upgrade_request(path: str, seen_from: str) -> bytes:
    forwarded = f"X-Forwarded-For: {seen_from}\r\n" if seen_from else ""
    return (
        f"GET {path} HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n{forwarded}"
        "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n"
    ).encode()


@asynccontextmanager
async def quiet(port: int, seen_from: str = "", path: str = CALL) -> AsyncIterator[asyncio.StreamReader]:
    """A socket that says nothing after its upgrade, and stays; proxies say that it comes from this address."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(upgrade_request(path, seen_from))
    async with asyncio.timeout(DEADLINE_S):
        assert b" 101 " in await reader.readuntil(b"\r\n\r\n")
    try:
        yield reader
    finally:
        writer.transport.abort()


async def code_of(reader: asyncio.StreamReader) -> int:
    """Return the close code that comes next."""
    async with asyncio.timeout(DEADLINE_S):
        first, length = await reader.readexactly(2)
        assert first == 0x88
        return int.from_bytes((await reader.readexactly(length))[:2], "big")


async def test_refused_sockets_take_no_place_however_long_they_stay() -> None:
    async with serving(answer, max_calls=1) as server, AsyncExitStack() as strangers:
        for _ in range(20):
            reader = await strangers.enter_async_context(
                quiet(server.port, path="/api/v1/telephony/ws/7/bad")
            )
            assert await code_of(reader) == 1008
        async with dial(server.port, CALL) as phone:
            await phone.start()
            await wait_for(lambda: server.calls == 1)


async def test_silent_sockets_take_no_place_and_the_oldest_goes_for_a_newcomer() -> None:
    async with serving(answer, max_calls=1, max_unproved=8) as server, AsyncExitStack() as strangers:
        silent = [await strangers.enter_async_context(quiet(server.port)) for _ in range(8)]
        async with dial(server.port, CALL) as phone:
            await phone.start()
            await wait_for(lambda: server.calls == 1)
            assert await code_of(silent[0]) == 1013
            assert server.unproved == 7
            await phone.knock()


async def test_connections_without_a_request_are_among_the_silent() -> None:
    async with serving(answer, max_unproved=4) as server, AsyncExitStack() as strangers:
        for _ in range(8):
            _, writer = await asyncio.open_connection("127.0.0.1", server.port)
            strangers.callback(writer.close)
        await wait_for(lambda: server.unproved == 4)
        async with dial(server.port, CALL) as phone:
            await phone.start()
            await wait_for(lambda: server.calls == 1)
        assert (await get(server.port, "/healthz"))[0] == 200


async def test_a_network_that_comes_too_fast_is_turned_away_before_it_costs_much_and_no_other() -> None:
    async with (
        serving(answer, trusted_proxies=1, most_per_second=1) as server,
        AsyncExitStack() as strangers,
    ):
        assert {await upgrade(server.port, "192.0.2.1") for _ in range(9)} == {101, 429}
        await strangers.enter_async_context(quiet(server.port, "203.0.113.5"))
        assert (await get(server.port, "/healthz"))[0] == 200


async def upgrade(port: int, seen_from: str) -> int:
    """Ask for an upgrade that will be refused; return the status of the answer."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(upgrade_request("/api/v1/telephony/ws/7/bad", seen_from))
    async with asyncio.timeout(DEADLINE_S):
        status = await reader.readline()
    writer.transport.abort()
    return int(status.split()[1])


async def test_silent_connections_do_not_keep_the_process() -> None:
    async with AsyncExitStack() as strangers, asyncio.timeout(DEADLINE_S), serving(answer) as server:
        _, writer = await asyncio.open_connection("127.0.0.1", server.port)
        strangers.callback(writer.close)
        await wait_for(lambda: server.unproved == 1)


@pytest.mark.parametrize(
    ("proxies", "loser"), [(1, "the greedy one's first"), (0, "the oldest, whatever they say")]
)
async def test_who_has_the_most_silent_sockets_loses_one(proxies: int, loser: str) -> None:
    async with AsyncExitStack() as strangers:
        server = await strangers.enter_async_context(serving(answer, max_unproved=4, trusted_proxies=proxies))
        honest = await strangers.enter_async_context(quiet(server.port, "192.0.2.1"))
        greedy = [
            await strangers.enter_async_context(quiet(server.port, f"192.0.2.{number}, 198.51.100.9"))
            for number in range(3)
        ]
        await strangers.enter_async_context(quiet(server.port, "203.0.113.5"))
        victims = {1: greedy[0], 0: honest}
        assert await code_of(victims[proxies]) == 1013, loser
        assert server.unproved == 4


async def test_who_proves_to_be_a_call_while_draining_is_told_to_try_elsewhere() -> None:
    async with serving(answer) as server, dial(server.port, CALL) as phone:
        await phone.send_text('{"event":"connected"}')
        await phone.knock()
        assert await server.drain(DEADLINE_S)
        await phone.send_text(START)
        assert await phone.wait_closed() == 1013


async def test_who_proves_to_be_a_call_when_the_last_place_is_gone_is_told_to_try_again() -> None:
    async with (
        serving(answer, max_calls=1) as server,
        dial(server.port, CALL) as late,
        dial(server.port, CALL) as first,
    ):
        await late.send_text('{"event":"connected"}')
        await late.knock()
        await first.start()
        await wait_for(lambda: server.calls == 1)
        await late.send_text(START)
        assert await late.wait_closed() == 1013
        await first.knock()


async def test_draining_refuses_new_calls_and_waits_for_the_present_ones() -> None:
    async with serving(answer) as server, asyncio.TaskGroup() as tasks:
        async with dial(server.port, CALL) as phone:
            await phone.start()
            await wait_for(lambda: server.calls == 1)
            draining = tasks.create_task(server.drain(DEADLINE_S))
            await wait_for(lambda: server.is_draining)
            async with dial(server.port, CALL) as late:
                assert await late.wait_closed() == 1013
            assert (await get(server.port, "/healthz"))[0] == 200
            assert not draining.done()
            await phone.hang_up()
        assert await draining


async def test_draining_has_a_limit_and_stopping_ends_what_is_left() -> None:
    async with AsyncExitStack() as calls:
        async with serving(answer) as server:
            phone = await calls.enter_async_context(dial(server.port, CALL))
            await phone.start()
            await wait_for(lambda: server.calls == 1)
            assert not await server.drain(0.02)
        assert await phone.wait_closed() == CloseCode.SERVICE_RESTART


async def test_a_phone_hears_a_paced_reply_and_its_mark() -> None:
    class Ignore:
        def on_segment_started(self, segment_id: str) -> None: ...
        def on_audio_sent(self, audio: bytes, lead_ms: int) -> None: ...
        def on_segment_sent(self, segment_id: str, duration_ms: int) -> None: ...

    async def serve(socket: MediaSocket, _match: dict[str, str]) -> None:
        stream = MediaStream()
        await handshake(socket, stream)
        call = Call(stream)
        socket.attach(call)
        playout = Pacer(asyncio.get_running_loop()).open(socket, stream, Ignore())
        playout.append("hello", bytes(range(200)) * 20)
        playout.finish("hello")
        await call.over.wait()
        playout.close()

    async with serving(serve) as server, dial(server.port, CALL) as phone:
        await phone.start(replace(STARTED, stream_sid="MZ-other"))
        await phone.wait_until(lambda: phone.marks == ["hello"])
        assert phone.audio == bytes(range(200)) * 20


async def test_a_call_that_cannot_end_does_not_keep_the_process() -> None:
    ended = asyncio.Event()

    async def wait_for_ever(socket: MediaSocket, _match: dict[str, str]) -> None:
        socket.take_place()
        try:
            await asyncio.Event().wait()
        finally:
            ended.set()

    async with asyncio.timeout(DEADLINE_S):
        async with Server([Route(ROUTE, wait_for_ever)]) as server, dial(server.port, CALL):
            await wait_for(lambda: server.calls == 1)
            assert not await server.drain(0.02)
            server.abandon()
        assert ended.is_set()
