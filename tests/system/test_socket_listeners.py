"""Listeners of media sockets: late ones, failing ones, those that hand over, and the end that each hears once."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

import pytest

from offhook.errors import ProtocolError
from streamer.sockets.intake import LEAST_FRAME_BYTES, MAX_BYTES_PER_SECOND, MAX_UNTAKEN_BYTES
from streamer.sockets.media_socket import MediaSocket
from tests.support.ears import (
    Ear,
    close_code,
    dial,
    frame,
    hearing,
    raw_socket,
    read_close,
    serving,
    wait_for,
)

pytestmark = pytest.mark.every_python


async def test_a_listener_that_fails_closes_its_socket_and_no_other(caplog: pytest.LogCaptureFixture) -> None:
    ears = [Ear(failures={"boom": ValueError("a secret of the caller")}), Ear()]
    unused = iter(ears)

    async def serve(socket: MediaSocket) -> None:
        ear = next(unused)
        socket.attach(ear)
        await ear.wait_closed()

    async with serving(serve) as port, dial(port) as broken, dial(port) as fine:
        await broken.send("boom")
        assert await close_code(broken) == (1011, "Internal server error")
        await fine.send("hello")
        await ears[1].wait_for(1)
    assert ears[0].closed.is_set()
    assert "a secret of the caller" not in caplog.text
    assert [record.error_type for record in caplog.records] == ["ValueError"]  # type: ignore[attr-defined]


async def test_a_protocol_error_of_a_listener_is_the_peers_fault(caplog: pytest.LogCaptureFixture) -> None:
    ear = Ear(failures={"boom": ProtocolError("Malformed message")})
    async with hearing(ear) as port, dial(port) as connection:
        await connection.send("boom")
        assert await close_code(connection) == (4400, "Malformed message")
    assert caplog.records == []


async def test_nothing_is_heard_after_our_close() -> None:
    ear = Ear()
    is_closing = asyncio.Event()

    async def serve(socket: MediaSocket) -> None:
        socket.attach(ear)
        await ear.wait_for(1)
        is_closing.set()
        await socket.close(1000, "bye")

    async with serving(serve) as port, raw_socket(port) as (reader, writer):
        writer.write(frame(1, b"first"))
        await is_closing.wait()
        assert await read_close(reader) == 1000
        writer.write(frame(1, b"late") + frame(8, b"\x03\xe8"))
        await writer.drain()
        await reader.read()
    assert ear.messages == ["first"]
    assert ear.closed.is_set()


@asynccontextmanager
async def waiting(ear: Ear, attaching: asyncio.Event) -> AsyncIterator[tuple[int, list[MediaSocket]]]:
    """A server whose sockets get this ear late, and those sockets."""
    sockets: list[MediaSocket] = []

    async def serve(socket: MediaSocket) -> None:
        sockets.append(socket)
        await attaching.wait()
        socket.attach(ear)
        await ear.wait_closed()

    async with serving(serve) as port:
        yield port, sockets


async def test_what_comes_early_waits_for_a_listener_to_the_last_message() -> None:
    ear, attaching = Ear(), asyncio.Event()
    sent = [str(number) for number in range(300)]
    data = b"".join(frame(1, message.encode()) for message in sent)
    async with waiting(ear, attaching) as (port, sockets), raw_socket(port) as (_, writer):
        writer.write(data)
        await wait_for(lambda: sockets[0].intake.untaken_bytes == len(data))
        attaching.set()
        writer.write(frame(1, b"late"))
        await ear.wait_for(301)
    assert ear.messages == [*sent, "late"]


async def test_what_comes_early_beyond_twenty_seconds_waits_in_the_network() -> None:
    ear, attaching = Ear(), asyncio.Event()
    sent = [bytes([number]) * 50_000 for number in range(60)]
    async with waiting(ear, attaching) as (port, sockets), raw_socket(port) as (_, writer):
        writer.write(b"".join(frame(2, message) for message in sent))
        await wait_for(lambda: bool(sockets) and sockets[0].intake.untaken_bytes > MAX_UNTAKEN_BYTES)
        most = MAX_UNTAKEN_BYTES + 262_144  # a read takes as much at most
        assert sockets[0].intake.untaken_bytes < most
        sockets[0].intake.bytes_per_second = 10_000_000
        attaching.set()
        await ear.wait_for(60)
    assert ear.messages == sent


async def test_the_end_reaches_a_late_listener_behind_the_last_message() -> None:
    ear, attaching = Ear(), asyncio.Event()
    async with waiting(ear, attaching) as (port, sockets):
        async with raw_socket(port) as (_, writer):
            writer.write(frame(1, b"media") * 100 + frame(1, b"stop"))
            await writer.drain()
        await wait_for(lambda: not sockets[0].is_open)
        attaching.set()
        await ear.wait_closed()
    assert ear.messages == [*["media"] * 100, "stop"]


async def test_a_goodbye_reaches_a_late_listener_too() -> None:
    ear, attaching = Ear(), asyncio.Event()
    data = frame(1, b"stop") + frame(8, b"\x03\xe8")
    async with waiting(ear, attaching) as (port, sockets), raw_socket(port) as (reader, writer):
        writer.write(data)
        await wait_for(lambda: bool(sockets) and sockets[0].intake.untaken_bytes == len(data))
        attaching.set()
        assert await read_close(reader) == 1000
    assert ear.messages == ["stop"]


async def test_a_listener_may_hand_over_to_the_next() -> None:
    first, second = Ear(), Ear()
    handed_over = asyncio.Event()

    async def serve(socket: MediaSocket) -> None:
        socket.attach(first)
        await first.wait_for(1)
        socket.detach()
        handed_over.set()
        socket.attach(second)
        await second.wait_closed()

    async with serving(serve) as port, dial(port) as connection:
        await connection.send("for the first")
        await handed_over.wait()
        await connection.send("for the second")
        await second.wait_for(1)
    assert (first.messages, second.messages) == (["for the first"], ["for the second"])
    assert not first.closed.is_set()


async def test_a_lost_connection_is_the_end() -> None:
    ear = Ear()
    async with hearing(ear) as port, raw_socket(port) as (_, writer):
        writer.write(frame(1, b"hello") + b"\x81\xfe\x10")
        await ear.wait_for(1)
        writer.transport.abort()
        await ear.wait_closed()
    assert ear.messages == ["hello"]


async def test_who_is_refused_and_goes_on_is_read_no_more_than_is_due_and_cut_off() -> None:
    taken_frames = 0
    is_cut_off = asyncio.Event()

    async def serve(socket: MediaSocket) -> None:
        def counted_take(data: bytes | bytearray, start: int, end: int) -> None:
            nonlocal taken_frames
            taken_frames += 1
            take(data, start, end)

        take = socket.take_frame
        socket.take_frame = counted_take  # type: ignore[method-assign]
        await socket.close(1008, "Not this token")
        is_cut_off.set()

    async with serving(serve) as port, raw_socket(port) as (reader, writer):
        assert await read_close(reader) == 1008
        with suppress(ConnectionError):
            while not is_cut_off.is_set():
                writer.write(frame(9, b"") * 10_000)
                await writer.drain()
        await is_cut_off.wait()
    assert 0 < taken_frames <= MAX_BYTES_PER_SECOND / LEAST_FRAME_BYTES + 1


async def test_a_peer_that_closes_and_stays_is_the_end_too() -> None:
    ear = Ear()
    async with hearing(ear) as port, raw_socket(port) as (reader, writer):
        writer.write(frame(1, b"stop") + frame(8, b"\x03\xe8"))
        await ear.wait_closed()
        assert await read_close(reader) == 1000
    assert ear.messages == ["stop"]
