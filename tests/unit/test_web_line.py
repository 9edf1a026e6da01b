"""The line of a web call: who is heard, who hears, and what becomes of it while nobody holds it."""

import asyncio
import json
from base64 import b64encode
from collections.abc import Sequence

import pytest

from offhook.clock import system_clock
from offhook.errors import ProtocolError
from offhook.runs.end_reasons import EndReason
from offhook.runs.model import Direction
from offhook.sessions.client_frames import AskedFormat, StartFrame
from offhook.sessions.frames import AudioEncoding
from streamer.media import Audio, MarkReached
from streamer.sessions.line import WebLine
from streamer.sessions.session_client import SessionClient
from streamer.sockets.close_codes import CloseCode, Closing
from tests.support.makers import make_run

CHUNK = bytes(range(160))
PAYLOAD = b64encode(CHUNK).decode()


class FakeClient(SessionClient):
    """Takes what is sent, without a socket."""

    def __init__(self, closed: tuple[int, str] | None = None) -> None:
        self.sent: list[bytes | str] = []
        self.closed = closed

    @property
    def is_open(self) -> bool:
        return self.closed is None

    @property
    def types(self) -> list[str]:
        return [json.loads(sent)["type"] if isinstance(sent, str) else "audio" for sent in self.sent]

    def send_many(self, messages: Sequence[str | bytes]) -> None:
        self.sent += messages

    def send_audio(self, audio: bytes) -> None:
        self.sent.append(audio)

    def close(self, code: int, reason: str) -> None:
        self.closed = (code, reason)


class FakeCall:
    """Writes down what a line tells it."""

    def __init__(self) -> None:
        self.told: list[object] = []
        self.error: Exception | None = None

    def on_message(self, data: bytes | str) -> None:
        if self.error is not None:
            raise self.error
        self.told.append(data)

    def on_closed(self) -> None:
        self.told.append("closed")

    def rest(self) -> None:
        self.told.append("rest")

    def wake(self) -> None:
        self.told.append("wake")

    def caller_is_gone(self) -> None:
        self.told.append("gone")

    def end(self, reason: EndReason) -> None:
        self.told.append(reason)


def make_line(*, place_s: float = 30, **changes: object) -> WebLine:
    run = make_run("org_acme", direction=Direction.WEB, mode="web", **changes)
    return WebLine(run, clock=system_clock, place_s=place_s)


async def test_the_holder_hears_the_call_in_pieces_and_the_call_hears_the_holder() -> None:
    line, client, call = make_line(), FakeClient(), FakeCall()
    hold = line.give(client, StartFrame())
    line.attach(call)
    line.send_many(
        [line.media(PAYLOAD), line.media(PAYLOAD), line.mark("s1"), line.clear(), line.media(PAYLOAD)]
    )
    assert client.types == ["audio", "mark", "clear", "audio"]
    assert (client.sent[0], client.sent[3]) == (CHUNK * 2, CHUNK)
    assert json.loads(str(client.sent[1]))["data"] == {"name": "s1"}
    hold.hear(CHUNK)
    hold.played("s1")
    assert [line.receive(message) for message in call.told] == [Audio(CHUNK), MarkReached(name="s1")]  # type: ignore[arg-type]


async def test_each_holder_has_the_forms_that_it_asked_for() -> None:
    line, client, call = make_line(), FakeClient(), FakeCall()
    pcm = AskedFormat(encoding=AudioEncoding.PCM)
    hold = line.give(client, StartFrame(audio_in=pcm, audio_out=pcm))
    line.attach(call)
    assert (hold.audio_in.rate, hold.audio_out.encoding) == (16_000, AudioEncoding.PCM)
    hold.hear(bytes(640))
    assert [len(heard) for heard in call.told] == [160]  # type: ignore[arg-type]
    line.send_many([line.media(PAYLOAD)])
    assert len(client.sent[0]) == 640
    second = FakeClient()
    line.give(second, StartFrame())
    line.send_many([line.media(PAYLOAD)])
    assert second.sent == [CHUNK]


async def test_a_second_holder_has_the_first_one_closed_and_is_alone_heard() -> None:
    line = make_line()
    first, call = FakeClient(), FakeCall()
    former = line.give(first, StartFrame())
    line.attach(call)
    second = FakeClient()
    line.give(second, StartFrame())
    former.let_go()
    former.hear(CHUNK)
    former.hang_up()
    assert first.closed is not None
    assert first.closed[0] == CloseCode.NORMAL
    assert second.is_open
    # What the first had not played is taken back before it goes on.
    assert call.told == ["rest", "wake"]


async def test_a_caller_who_is_gone_has_a_place_for_a_while() -> None:
    line, call = make_line(), FakeCall()
    hold = line.give(FakeClient(), StartFrame())
    line.attach(call)
    hold.let_go()
    line.send_many([line.clear()])
    assert call.told == ["rest"]
    back = FakeClient()
    line.give(back, StartFrame())
    assert call.told == ["rest", "rest", "wake"]
    line.send_many([line.media(PAYLOAD)])
    assert back.sent == [CHUNK]


async def test_a_place_that_nobody_comes_back_to_ends_the_call_as_a_caller_does() -> None:
    line = make_line(place_s=0)
    client, call = FakeClient(), FakeCall()
    hold = line.give(client, StartFrame())
    line.attach(call)
    hold.let_go()
    await asyncio.sleep(0.01)
    assert call.told == ["rest", "gone"]


async def test_a_caller_who_leaves_before_the_call_begins_has_a_place_too() -> None:
    line, call = make_line(), FakeCall()
    line.give(FakeClient(), StartFrame()).let_go()
    line.attach(call)
    assert call.told == ["rest"]
    line.give(FakeClient(), StartFrame())
    assert call.told == ["rest", "rest", "wake"]


async def test_a_client_that_was_gone_when_it_was_given_the_line_does_not_hold_it() -> None:
    line, call = make_line(), FakeCall()
    line.give(FakeClient(closed=(1006, "")), StartFrame())
    line.attach(call)
    assert call.told == ["rest"]


@pytest.mark.parametrize("is_begun", [True, False])
async def test_hanging_up_ends_the_call(is_begun: bool) -> None:
    line, call = make_line(), FakeCall()
    hold = line.give(FakeClient(), StartFrame())
    if is_begun:
        line.attach(call)
    hold.hang_up()
    if not is_begun:
        line.attach(call)
    assert call.told == ["gone"]


async def test_a_run_that_somebody_has_asked_to_end_ends_with_whoever_takes_it() -> None:
    line, call = make_line(hangup_requested_at=system_clock()), FakeCall()
    line.give(FakeClient(), StartFrame())
    line.attach(call)
    assert call.told == [EndReason.HANGUP_REQUESTED]


async def test_a_callback_that_fails_closes_the_socket_and_the_call_learns_that_its_line_is_gone() -> None:
    line, client, call = make_line(), FakeClient(), FakeCall()
    hold = line.give(client, StartFrame())
    line.attach(call)
    call.error = RuntimeError("a bug")
    hold.hear(CHUNK)
    assert client.closed == (CloseCode.INTERNAL_ERROR, "Internal server error")
    assert call.told == ["closed"]


async def test_nothing_is_left_of_a_place_once_the_call_is_over() -> None:
    line, call = make_line(place_s=0), FakeCall()
    hold = line.give(FakeClient(), StartFrame())
    line.attach(call)
    hold.let_go()
    line.is_over()
    await asyncio.sleep(0.01)
    assert call.told == ["rest"]
    line.close(Closing(CloseCode.NORMAL, ""))


async def test_what_can_be_no_audio_is_refused_and_the_line_stays() -> None:
    line, client, call = make_line(), FakeClient(), FakeCall()
    hold = line.give(client, StartFrame())
    line.attach(call)
    with pytest.raises(ProtocolError):
        hold.hear(bytes(8001))
    assert client.is_open
    assert call.told == []
