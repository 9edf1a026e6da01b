"""How fast media sockets take what comes: no faster than a call speaks, whatever the frames, and others in turn."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress

import pytest

from streamer.sockets.intake import FRAMES_AT_ONCE, LEAST_FRAME_BYTES
from streamer.sockets.media_socket import MediaSocket
from tests.support.ears import DEADLINE_S, Ear, dial, frame, hearing, raw_socket, serving, wait_for

pytestmark = pytest.mark.every_python


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
