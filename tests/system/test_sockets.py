"""Media sockets over real TCP: order, fragments, garbage, listeners that fail, peers that do not read."""

import asyncio
import os
import struct
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field

import pytest
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed

from offhook.errors import ProtocolError
from streamer.sockets.intake import FRAMES_AT_ONCE, LEAST_FRAME_BYTES, MAX_BYTES_PER_SECOND, MAX_UNTAKEN_BYTES
from streamer.sockets.media_socket import MediaSocket
from streamer.sockets.server import Route, Server

DEADLINE_S = 5.0
Handler = Callable[[MediaSocket], Awaitable[None]]


@dataclass
class Ear:
    """A listener that keeps what it hears, and fails when it hears what it cannot stand."""

    failures: dict[str | bytes, Exception] = field(default_factory=dict)
    messages: list[str | bytes] = field(default_factory=list)
    arrived: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(0))
    closed: asyncio.Event = field(default_factory=asyncio.Event)

    def on_message(self, data: bytes | str) -> None:
        if data in self.failures:
            raise self.failures[data]
        self.messages.append(data)
        self.arrived.release()

    def on_closed(self) -> None:
        assert not self.closed.is_set(), "told twice"
        self.closed.set()

    async def wait_for(self, count: int) -> None:
        async with asyncio.timeout(DEADLINE_S):
            for _ in range(count):
                await self.arrived.acquire()

    async def wait_closed(self) -> None:
        async with asyncio.timeout(DEADLINE_S):
            await self.closed.wait()


@asynccontextmanager
async def serving(handler: Handler) -> AsyncIterator[int]:
    async def serve(socket: MediaSocket, _match: dict[str, str]) -> None:
        await handler(socket)

    async with Server([Route("/{anything*}", serve)]) as server:
        yield server.port


@asynccontextmanager
async def hearing(ear: Ear) -> AsyncIterator[int]:
    """A server whose sockets all talk to this ear."""

    async def serve(socket: MediaSocket) -> None:
        socket.attach(ear)
        await ear.wait_closed()

    async with serving(serve) as port:
        yield port


def dial(port: int, path: str = "/") -> connect:
    return connect(f"ws://127.0.0.1:{port}{path}", compression=None, proxy=None)


async def close_code(connection: ClientConnection) -> tuple[int | None, str | None]:
    async with asyncio.timeout(DEADLINE_S):
        await connection.wait_closed()
    return connection.close_code, connection.close_reason


def frame(opcode: int, payload: bytes, *, final: bool = True, masked: bool = True) -> bytes:
    head = bytes(((0x80 if final else 0) | opcode,))
    flag = 0x80 if masked else 0
    if len(payload) < 126:
        head += bytes((flag | len(payload),))
    elif len(payload) < 65_536:
        head += bytes((flag | 126,)) + struct.pack("!H", len(payload))
    else:
        head += bytes((flag | 127,)) + struct.pack("!Q", len(payload))
    if not masked:
        return head + payload
    mask = os.urandom(4)
    return head + mask + bytes(byte ^ mask[index % 4] for index, byte in enumerate(payload))


@asynccontextmanager
async def raw_socket(port: int) -> AsyncIterator[tuple[asyncio.StreamReader, asyncio.StreamWriter]]:
    """A WebSocket of which the test writes every byte."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(
        b"GET / HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        b"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n"
    )
    async with asyncio.timeout(DEADLINE_S):
        assert b" 101 " in await reader.readuntil(b"\r\n\r\n")
        try:
            yield reader, writer
        finally:
            writer.close()
            with suppress(ConnectionError):  # a server that cuts us off resets the connection
                await writer.wait_closed()


async def read_close(reader: asyncio.StreamReader) -> int:
    """Skip what comes before a close message; return its code."""
    while True:
        first, length = await reader.readexactly(2)
        payload = await reader.readexactly(length)
        if first == 0x88:
            return int.from_bytes(payload[:2], "big")


async def test_messages_arrive_in_order_as_what_they_were_sent() -> None:
    ear = Ear()
    async with hearing(ear) as port, dial(port) as connection:
        for message in ("one", b"two", "", "drei: \u00e4", b"", "x" * 60_000):
            await connection.send(message)
        await ear.wait_for(6)
    assert ear.messages == ["one", b"two", "", "drei: \u00e4", b"", "x" * 60_000]
    assert ear.closed.is_set()


async def test_fragments_are_put_together_with_a_ping_between_them() -> None:
    ear = Ear()
    async with hearing(ear) as port, raw_socket(port) as (reader, writer):
        writer.write(frame(1, "f\u00fcr ".encode()[:2], final=False) + frame(9, b"still there?"))
        writer.write(frame(0, "f\u00fcr ".encode()[2:], final=False) + frame(0, b"you") + frame(1, b"next"))
        await ear.wait_for(2)
        assert await reader.readexactly(14) == b"\x8a\x0cstill there?"
    assert ear.messages == ["f\u00fcr you", "next"]


async def test_bytes_may_come_one_by_one() -> None:
    ear = Ear()
    data = (
        frame(1, b"a") + frame(9, b"p") + frame(2, b"b" * 130) + frame(1, b"c", final=False) + frame(0, b"d")
    )
    async with hearing(ear) as port, raw_socket(port) as (reader, writer):
        for position in range(len(data)):
            writer.write(data[position : position + 1])
            await writer.drain()
            await asyncio.sleep(0)
        await ear.wait_for(3)
        assert await reader.readexactly(3) == b"\x8a\x01p"
    assert ear.messages == ["a", b"b" * 130, "cd"]


async def test_a_burst_of_many_frames_is_taken_apart() -> None:
    ear = Ear()
    async with hearing(ear) as port, raw_socket(port) as (_, writer):
        writer.write(b"".join(frame(1, b"%d" % number) for number in range(500)))
        await ear.wait_for(500)
    assert ear.messages == [str(number) for number in range(500)]


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (frame(1, b"plain", masked=False), 1002),
        (frame(3, b"reserved opcode"), 1002),
        (frame(0, b"continues nothing"), 1002),
        (frame(1, b"a part, ", final=False) + frame(1, b"and a whole"), 1002),
        (frame(1, b"a part, ", final=False) + frame(2, b"and a whole"), 1002),
        (b"\xf1\x80\0\0\0\0", 1002),
        (frame(9, b"x" * 126), 1002),
        (frame(1, b"\xff\xfe"), 1007),
        (frame(1, b"\xff", final=False) + frame(0, b"\xfe"), 1007),
        (frame(1, b"x" * 65_536), 1009),
        (frame(1, b"x" * 40_000, final=False) + frame(0, b"x" * 40_000), 1009),
        (b"\x81\xff\x7f\xff\xff\xff\xff\xff\xff\xff", 1009),
    ],
    ids=[
        "unmasked",
        "opcode",
        "continuation",
        "text within parts",
        "binary within parts",
        "bits",
        "ping",
        "utf8",
        "utf8 parts",
        "big",
        "big parts",
        "huge",
    ],
)
async def test_what_breaks_the_protocol_closes_with_its_code(data: bytes, code: int) -> None:
    ear = Ear()
    async with hearing(ear) as port, raw_socket(port) as (reader, writer):
        writer.write(frame(1, b"fine") + data + frame(1, b"too late"))
        assert await read_close(reader) == code
        await ear.wait_closed()
    assert ear.messages == ["fine"]


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


async def wait_for(condition: Callable[[], bool]) -> None:
    async with asyncio.timeout(DEADLINE_S):
        while not condition():  # noqa: ASYNC110 - what is waited for has no event of its own
            await asyncio.sleep(0.001)


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


async def test_a_burst_is_received_as_it_was_sent() -> None:
    burst: list[str | bytes] = ["a" * 125, "b" * 126, b"c" * 70_000, "", "d"]

    async def serve(socket: MediaSocket) -> None:
        socket.send_many(burst)

    async with serving(serve) as port, dial(port) as connection:
        received = [message async for message in connection]
    assert received == burst


async def test_sending_to_a_closed_socket_does_nothing() -> None:
    ear = Ear()
    is_open: list[bool] = []

    async def serve(socket: MediaSocket) -> None:
        socket.attach(ear)
        await ear.wait_closed()
        is_open.append(socket.is_open)
        socket.send_many(["into the void"])

    async with serving(serve) as port:
        async with dial(port):
            pass
        await ear.wait_closed()
    assert is_open == [False]


async def test_a_peer_that_never_reads_is_cut_off() -> None:
    ear = Ear()
    most_bytes = 0

    async def serve(socket: MediaSocket) -> None:
        nonlocal most_bytes
        socket.attach(ear)
        while not ear.closed.is_set():
            socket.send_many(["x" * 50_000])
            most_bytes = max(most_bytes, socket.transport.get_write_buffer_size())
            await asyncio.sleep(0)

    async with serving(serve) as port, raw_socket(port):
        await ear.wait_closed()
    assert most_bytes < 1_100_000


class Scales(Ear):
    """A listener that only weighs what it hears, and when."""

    def __init__(self, limit: int) -> None:
        super().__init__()
        self.limit = limit
        self.pauses = 0
        self.taken_frames = 0
        self.heard_bytes = 0
        self.cut_off: Callable[[], None]

    def on_message(self, data: bytes | str) -> None:
        self.heard_bytes += len(data)


@asynccontextmanager
async def weighing(scales: Scales) -> AsyncIterator[int]:
    async def serve(socket: MediaSocket) -> None:
        socket.intake.bytes_per_second = scales.limit
        scales.cut_off = socket.transport.abort
        pause = socket.transport.pause_reading

        def counted_pause() -> None:
            scales.pauses += 1
            pause()

        def counted_take(data: bytes | bytearray, start: int, end: int) -> None:
            scales.taken_frames += 1
            take(data, start, end)

        take = socket.take_frame
        socket.take_frame = counted_take  # type: ignore[method-assign]
        socket.transport.pause_reading = counted_pause  # type: ignore[method-assign]
        socket.attach(scales)
        socket.send_many(["ready"])
        await scales.wait_closed()

    async with serving(serve) as port:
        yield port


async def flood(writer: asyncio.StreamWriter, seconds: float) -> None:
    message = frame(2, b"x" * 60_000)
    with suppress(TimeoutError):
        async with asyncio.timeout(seconds):
            while True:
                writer.write(message)
                await writer.drain()


async def test_a_flooder_is_read_no_faster_than_the_limit() -> None:
    scales, loop = Scales(1_000_000), asyncio.get_running_loop()
    async with weighing(scales) as port, raw_socket(port) as (_, writer):
        begun_s = loop.time()
        await flood(writer, 1.5)
        # One second's worth is free, and a read takes at most 256 KB.
        most = scales.limit * (1 + loop.time() - begun_s) + 262_144
        assert scales.limit < scales.heard_bytes < most
        assert scales.pauses > 0
        # All that waits in the buffers would be read at the limit, too.
        writer.transport.abort()
        scales.cut_off()
        await scales.wait_closed()


async def test_a_flooder_who_calms_down_is_read_to_the_end() -> None:
    scales = Scales(200_000)
    async with weighing(scales) as port, dial(port) as connection:
        await connection.recv()
        for _ in range(5):
            await connection.send(b"x" * 60_000)
        async with asyncio.timeout(DEADLINE_S):
            await (await connection.ping())
    assert scales.heard_bytes == 300_000


async def test_a_normal_call_is_never_paused() -> None:
    scales = Scales(60_000)
    async with weighing(scales) as port, dial(port) as connection:
        await connection.recv()
        for burst in [50, *[1] * 50]:  # a second's worth at the beginning, then real time tenfold
            for _ in range(burst):
                await connection.send(b"x" * 300)
            await asyncio.sleep(0.02 if burst == 1 else 0)
        await (await connection.ping())
    assert scales.heard_bytes == 30_000
    assert scales.pauses == 0


async def test_a_long_call_at_normal_speed_is_never_paused() -> None:
    scales = Scales(10_000)
    async with weighing(scales) as port, dial(port) as connection:
        await connection.recv()
        for _ in range(40):
            await connection.send(b"x" * 100)
            await asyncio.sleep(0.05)
        await (await connection.ping())
    assert scales.heard_bytes == 4_000
    assert scales.pauses == 0


@pytest.mark.parametrize(
    ("first", "part"),
    [
        (b"", frame(9, b"")),
        (b"", frame(9, b"x" * 125)),
        (b"", frame(10, b"")),
        (b"", frame(1, b"")),
        (b"", frame(2, b"x")),
        (b"", b"\x82\xff" + bytes(12)),
        (frame(1, b"", final=False), frame(0, b"", final=False)),
    ],
    ids=["pings", "long pings", "pongs", "empty", "tiny", "empty with a long header", "fragments"],
)
async def test_frames_count_however_small_they_are(first: bytes, part: bytes) -> None:
    scales, loop = Scales(100 * LEAST_FRAME_BYTES), asyncio.get_running_loop()
    async with weighing(scales) as port, raw_socket(port) as (_, writer):
        begun_s = loop.time()
        writer.write(first + part * 1000)
        await wait_for(lambda: scales.taken_frames > 100)
        # A second's worth is free, and one frame is taken before it is found to be too many.
        assert scales.taken_frames <= 101 * (1 + loop.time() - begun_s) + 1
        assert scales.pauses > 0
        scales.cut_off()
        await scales.wait_closed()


async def test_others_have_their_turn_during_a_burst() -> None:
    class Counting(Ear):
        most, in_a_row = 0, 0

        def on_message(self, data: bytes | str) -> None:
            super().on_message(data)
            self.in_a_row += 1
            self.most = max(self.most, self.in_a_row)
            if self.in_a_row == 1:
                asyncio.get_running_loop().call_soon(self.others)

        def others(self) -> None:
            self.in_a_row = 0

    ear = Counting()
    async with hearing(ear) as port, raw_socket(port) as (_, writer):
        writer.write(frame(1, b"x" * 300) * 400)
        await ear.wait_for(400)
    assert ear.most <= FRAMES_AT_ONCE


async def test_a_long_reason_is_cut_between_characters() -> None:
    async def serve(socket: MediaSocket) -> None:
        await socket.close(4400, "\u00e9" * 100)

    async with serving(serve) as port, dial(port) as connection:
        assert await close_code(connection) == (4400, "\u00e9" * 61)


async def test_the_path_and_the_query_stand_apart() -> None:
    seen: list[tuple[str, str]] = []

    async def serve(socket: MediaSocket) -> None:
        seen.append((socket.path, socket.query))

    async with serving(serve) as port, dial(port, "/a/b?from=+15550100&x=1") as connection:
        await close_code(connection)
    assert seen == [("/a/b", "from=+15550100&x=1")]


async def test_a_connection_that_is_closed_raises_at_the_peer() -> None:
    async def serve(socket: MediaSocket) -> None:
        socket.drop(1008, "no")

    async with serving(serve) as port, dial(port) as connection:
        with pytest.raises(ConnectionClosed):
            await connection.recv()
        assert connection.close_code == 1008
