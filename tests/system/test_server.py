"""The streamer's front door over real sockets: routes, the handshake, close codes, admission, draining."""

import asyncio
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
from streamer.conductor.playout import Pacer, Playout
from streamer.media import MediaStream, Started
from streamer.sockets.close_codes import CloseCode
from streamer.sockets.handshake import HANDSHAKE_TIMEOUT_S, handshake
from streamer.sockets.media_socket import MediaSocket
from streamer.sockets.server import Route, Server
from tests.support.answering import CALL, ROUTE, START, Call, answer, get, serving, start_message, wait_for
from tests.support.phone import DEADLINE_S, STARTED, dial

pytestmark = pytest.mark.every_python


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
            ['{"event":"connected"}', start_message(mediaFormat={"encoding": "audio/x-alaw"})],
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


async def test_a_phone_hears_a_paced_reply_and_its_mark() -> None:
    class Ignore:
        def on_segment_started(self, segment_id: str) -> None: ...
        def on_audio_sent(self, audio: bytes, lead_ms: int) -> None: ...

    async def serve(socket: MediaSocket, _match: dict[str, str]) -> None:
        stream = MediaStream()
        await handshake(socket, stream)
        call = Call(stream)
        socket.attach(call)
        playout = Playout(Pacer(asyncio.get_running_loop()), socket, stream, Ignore())
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
