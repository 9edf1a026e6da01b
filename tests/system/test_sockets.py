"""Media sockets over real TCP: order, fragments, garbage, listeners that fail, peers that do not read."""

import asyncio

import pytest
from websockets.exceptions import ConnectionClosed

from streamer.sockets.media_socket import MediaSocket
from tests.support.ears import Ear, close_code, dial, frame, hearing, raw_socket, read_close, serving

pytestmark = pytest.mark.every_python


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
