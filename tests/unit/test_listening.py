"""Who listens to which run: a call is tapped while somebody does, and one who does not read holds up nobody."""

import asyncio
import json
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import cast

from offhook.runs.model import RunStatus
from streamer.conductor.conductor import Conductor
from streamer.conductor.playout import Pacer
from streamer.live_calls import LiveCall, LiveCalls
from streamer.record.owned_call import OwnedCall
from streamer.sessions.listening import Channel, Listening, Piece
from streamer.sessions.relay import _MOST_UNREAD_BYTES, _Outlet
from streamer.sockets.close_codes import CloseCode
from streamer.sockets.media_socket import MediaSocket
from tests.support.makers import NOON, make_run

RUN = make_run("org", status=RunStatus.IN_PROGRESS)
STEREO = b"\x01\x02" * 800


@dataclass
class TappedCall:
    """A call that remembers who taps it."""

    tapped_by: list[Callable[[bytes], None] | None] = field(default_factory=list)

    def listen_in(self, on_audio: Callable[[bytes], None] | None) -> None:
        self.tapped_by.append(on_audio)

    def as_live(self) -> LiveCall:
        return LiveCall(conductor=cast(Conductor, self), record=cast(OwnedCall, None))


@dataclass
class Far:
    """The calls of other processes."""

    opened: int = 0
    closed: int = 0

    def open(self, channel: Channel) -> Callable[[], None]:
        self.opened += 1

        def close() -> None:
            self.closed += 1

        return close


@dataclass(eq=False)
class Heard:
    """A listener, and what has come."""

    pieces: list[Piece] = field(default_factory=list)
    lives: list[bool] = field(default_factory=list)

    def hear(self, piece: Piece) -> None:
        self.pieces.append(piece)

    def live_changed(self, *, is_live: bool) -> None:
        self.lives.append(is_live)


def make(far: Far) -> tuple[LiveCalls, Listening]:
    live_calls = LiveCalls(Pacer(asyncio.get_running_loop()))
    return live_calls, Listening(live_calls, far, lambda: NOON)


async def test_a_call_is_tapped_for_as_long_as_anybody_listens() -> None:
    far, call = Far(), TappedCall()
    live_calls, listening = make(far)
    live_calls.add(RUN.id, call.as_live())
    assert call.tapped_by == []
    with listening.listen(RUN, Heard()) as channel:
        with listening.listen(RUN, Heard()) as same:
            assert same is channel
        assert len(call.tapped_by) == 1
    assert call.tapped_by[1:] == [None]
    assert far.opened == 0


async def test_what_is_said_is_written_once_for_all_who_want_it_as_text() -> None:
    live_calls, listening = make(Far())
    live_calls.add(RUN.id, TappedCall().as_live())
    first, second = Heard(), Heard()
    with listening.listen(RUN, first) as channel, listening.listen(RUN, second):
        channel.hear(STEREO)
    assert first.pieces[0].texts is second.pieces[0].texts
    caller, agent = map(json.loads, first.pieces[0].texts)
    assert (caller["data"]["track"], caller["session_id"]) == ("caller", RUN.session_id)
    assert "track" not in agent["data"]
    assert caller["data"]["payload"] != agent["data"]["payload"]


async def test_a_call_that_comes_here_is_tapped_in_place_of_the_relay_and_one_that_goes_is_relayed() -> None:
    far, call, heard = Far(), TappedCall(), Heard()
    live_calls, listening = make(far)
    with listening.listen(RUN, heard) as channel:
        assert (far.opened, channel.is_live) == (1, False)
        live = call.as_live()
        live_calls.add(RUN.id, live)
        assert (far.closed, channel.is_live, call.tapped_by) == (1, True, [channel.hear])
        live_calls.remove(live)
        assert (far.opened, channel.is_live) == (2, False)
    assert far.closed == 2
    assert heard.lives == [True, False]


@dataclass
class SlowSocket:
    """A peer that does not read."""

    unread_bytes: int = 0
    sent: list[object] = field(default_factory=list)
    dropped: list[int] = field(default_factory=list)

    def send_many(self, messages: tuple[bytes, ...]) -> None:
        self.sent += messages

    def drop(self, code: int, reason: str) -> None:
        self.dropped.append(code)


async def test_a_relay_whose_peer_does_not_read_is_closed() -> None:
    socket = SlowSocket()
    outlet = _Outlet(cast(MediaSocket, socket))
    piece = Piece(session_id=RUN.session_id, stereo=STEREO, clock=lambda: NOON)
    outlet.hear(piece)
    assert (socket.sent, socket.dropped) == ([STEREO], [])
    socket.unread_bytes = _MOST_UNREAD_BYTES + 1
    outlet.hear(piece)
    assert (socket.sent, socket.dropped) == ([STEREO], [CloseCode.TRY_AGAIN_LATER])
    outlet.on_closed()
    assert outlet.is_over.is_set()
