"""Who gets a place at the streamer, who is refused or has to go, and how it drains."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager

import pytest

from streamer.media import MediaStream
from streamer.sockets.close_codes import CloseCode
from streamer.sockets.handshake import handshake
from streamer.sockets.media_socket import MediaSocket
from tests.support.answering import CALL, START, Call, answer, get, serving, wait_for
from tests.support.phone import DEADLINE_S, dial

pytestmark = pytest.mark.every_python


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
