"""What goes wrong at the simulated carrier when a number asks for it: on media sockets, with dials, with callbacks."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import httpx
import pytest
from websockets.asyncio.server import ServerConnection, serve
from websockets.exceptions import ConnectionClosed

from local.cloudonix import CloudonixSimulator
from local.cloudonix.phones.stream_faults import DROP_AFTER_CHUNKS, GARBAGE
from local.people.caller import CallerEventKind
from local.people.magic_numbers import SCRIPTS
from local.people.scripts import DialReply, Pickup, Reports, StreamFault
from tests.support.simulated import API_KEY, CALLED, CALLER, DOMAIN, World, bounded, simulated, until

pytestmark = pytest.mark.timeout(30)


@dataclass
class _Socket:
    """One media socket, taken down as it came."""

    socket: ServerConnection
    raw: list[str | bytes] = field(default_factory=list)
    is_closed: bool = False

    @property
    def events(self) -> list[Any]:
        return [json.loads(message)["event"] for message in self.raw if message not in GARBAGE]

    @property
    def start(self) -> dict[str, Any]:
        starts = [json.loads(message) for message in self.raw if '"event":"start"' in str(message)]
        return dict(starts[0]["start"])


@dataclass
class _Recorder:
    """A server that reads all that comes and says nothing."""

    port: int = 0
    sockets: list[_Socket] = field(default_factory=list)

    @property
    def document(self) -> str:
        return (
            f'<Response><Connect><Stream url="ws://127.0.0.1:{self.port}/"/></Connect>'
            "<Redirect>{url}/continue</Redirect></Response>"
        )


@asynccontextmanager
async def _recorder() -> AsyncIterator[_Recorder]:
    recorder = _Recorder()

    async def handle(connection: ServerConnection) -> None:
        socket = _Socket(connection)
        recorder.sockets.append(socket)
        try:
            async for message in connection:
                socket.raw.append(message)
        except ConnectionClosed:
            pass
        socket.is_closed = True

    async with serve(handle, "127.0.0.1", 0, compression=None) as server:
        recorder.port = next(iter(server.sockets)).getsockname()[1]
        yield recorder


async def _dial_twice_streamed(world: World, recorder: _Recorder) -> str:
    """Place a call whose document opens a stream, and another one after the first has ended."""
    document = recorder.document.format(url=world.voiceapp.url)
    world.voiceapp.documents = [document]
    return await world.dial(document)


async def test_a_socket_drops_without_stop_and_the_next_stream_is_as_it_should_be() -> None:
    async with _recorder() as recorder, simulated(stream_fault=StreamFault.DROPS) as world:
        token = await _dial_twice_streamed(world, recorder)
        await until(
            lambda: len(recorder.sockets) == 2 and len(recorder.sockets[1].raw) > DROP_AFTER_CHUNKS + 20
        )
        dropped, second = recorder.sockets
        assert dropped.events == ["connected", "start", *["media"] * (len(dropped.raw) - 2)]
        assert len(dropped.raw) <= DROP_AFTER_CHUNKS + 2
        assert dropped.socket.close_code == 1006
        assert second.start["session"] == dropped.start["session"] == token
        await world.client.delete(f"/calls/{DOMAIN}/sessions/{token}")
        await world.end()
        assert second.events[-1] == "stop"


async def test_garbage_comes_between_start_and_the_audio_and_the_call_goes_on() -> None:
    async with _recorder() as recorder, simulated(stream_fault=StreamFault.GARBAGE) as world:
        await _dial_twice_streamed(world, recorder)
        await until(lambda: recorder.sockets and len(recorder.sockets[0].raw) > len(GARBAGE) + 10)
        (socket,) = recorder.sockets
        assert tuple(socket.raw[2 : 2 + len(GARBAGE)]) == GARBAGE
        assert socket.events[:3] == ["connected", "start", "media"]
        await socket.socket.close(4400, "what was that")
        await until(lambda: len(recorder.sockets) == 2 and len(recorder.sockets[1].raw) > 10)
        assert not set(GARBAGE) & set(map(str, recorder.sockets[1].raw))


async def test_audio_can_come_before_start() -> None:
    async with _recorder() as recorder, simulated(stream_fault=StreamFault.MEDIA_BEFORE_START) as world:
        await _dial_twice_streamed(world, recorder)
        await until(lambda: recorder.sockets and len(recorder.sockets[0].raw) > 5)
        (socket,) = recorder.sockets
        assert socket.events[:4] == ["connected", "media", "start", "media"]
        assert json.loads(socket.raw[1])["streamSid"] == socket.start["streamSid"]


async def test_a_second_socket_is_opened_for_the_same_stream_and_carries_it_alone_in_the_end() -> None:
    async with _recorder() as recorder, simulated(stream_fault=StreamFault.TWO_SOCKETS) as world:
        token = await _dial_twice_streamed(world, recorder)
        await until(lambda: len(recorder.sockets) == 2 and len(recorder.sockets[1].raw) > 5)
        older, newer = recorder.sockets
        assert older.start == newer.start
        await older.socket.close(4409, "taken over")
        heard = len(newer.raw)
        await until(lambda: len(newer.raw) > heard + 10)
        await newer.socket.close(1000)
        await until(lambda: len(recorder.sockets) == 3)
        shown = await world.client.get(f"/simulator/domains/{DOMAIN}/calls/{token}")
        assert shown.json()["streams"] == [{"code": 4409, "reason": "taken over"}]


async def test_a_stream_that_never_starts_waits_to_be_closed_and_has_no_stop() -> None:
    async with _recorder() as recorder, simulated(stream_fault=StreamFault.NEVER_STARTS) as world:
        token = await _dial_twice_streamed(world, recorder)
        await world.answered()
        await until(lambda: recorder.sockets and recorder.sockets[0].raw)
        await world.client.delete(f"/calls/{DOMAIN}/sessions/{token}")
        await until(lambda: recorder.sockets[0].is_closed)
        assert recorder.sockets[0].events == ["connected"]


async def test_a_machine_greets_and_beeps_into_the_stream() -> None:
    lines = SCRIPTS["0109"].lines
    async with _recorder() as recorder, simulated(*lines) as world:
        await _dial_twice_streamed(world, recorder)
        await until(lambda: len(world.person(CallerEventKind.SAYS)) == 2)
        greeting, beep = world.person()
        assert greeting.text == "please leave a message after the tone"
        assert beep.text == "beep"


@pytest.mark.parametrize(
    ("reply", "status"),
    [(DialReply.TOO_MANY, 429), (DialReply.FAILS, 500), (DialReply.REFUSES, 400)],
)
async def test_a_dial_is_refused_and_nobody_is_called(reply: DialReply, status: int) -> None:
    async with simulated(dial_reply=reply) as world:
        answer = await world.client.post(f"/calls/{DOMAIN}/application", json=_dial_body(world))
        assert answer.status_code == status
        assert ("Retry-After" in answer.headers) is (status == 429)
        assert world.carrier.is_quiet


async def test_a_dial_is_never_answered_and_nobody_is_called() -> None:
    async with simulated(dial_reply=DialReply.NEVER) as world:
        await _assert_unanswered(world)
        assert world.voiceapp.statuses() == []


async def test_a_dial_is_never_answered_and_the_call_comes_all_the_same() -> None:
    async with simulated(dial_reply=DialReply.NEVER_YET_CALLS) as world:
        await _assert_unanswered(world)
        await world.end()
        assert world.voiceapp.statuses() == ["initiated", "ringing", "answered", "completed"]


async def test_a_carrier_that_leaves_does_not_wait_for_the_dials_that_it_never_answers() -> None:
    async with asyncio.timeout(10), asyncio.TaskGroup() as tasks, CloudonixSimulator({}) as carrier:
        tasks.create_task(carrier.hold())


@pytest.mark.parametrize(
    ("reports", "statuses", "cdrs"),
    [
        (Reports.ALL, ["initiated", "ringing", "noanswer"], 1),
        (Reports.NONE, [], 0),
        (Reports.CDR_ONLY, [], 1),
        (Reports.TWICE, ["initiated", "initiated", "ringing", "ringing", "noanswer", "noanswer"], 2),
    ],
)
async def test_reports_are_all_there_are_or_fewer_or_more(
    reports: Reports, statuses: list[str], cdrs: int
) -> None:
    async with simulated(pickup=Pickup.NO_ANSWER, reports=reports) as world:
        await world.dial("<Response><Hangup/></Response>")
        await world.end()
        assert world.voiceapp.statuses() == statuses
        assert [cdr["disposition"] for cdr in world.voiceapp.at("cdr")] == ["NOANSWER"] * cdrs


async def test_a_callback_to_an_address_that_cannot_be_ends_no_call() -> None:
    async with simulated(pickup=Pickup.NO_ANSWER) as world:
        await world.dial("<Response><Hangup/></Response>", callback="http://127.0.0.1:99999/status")
        await world.end()
        await world.dial("<Response><Hangup/></Response>")
        await world.end()
        assert world.voiceapp.statuses()[-1] == "noanswer"


@pytest.mark.parametrize(
    ("pickup", "words"),
    [
        (Pickup.ANSWERS, ["queued", "ringing", "in-progress", "completed"]),
        (Pickup.NO_ANSWER, ["queued", "ringing", "no-answer"]),
    ],
)
async def test_the_other_vocabulary_comes_as_a_form(pickup: Pickup, words: list[str]) -> None:
    async with simulated(pickup=pickup, reports=Reports.OTHER_WORDS) as world:
        token = await world.dial("<Response><Hangup/></Response>")
        await world.end()
        posts = world.voiceapp.at("status")
        assert [post["CallStatus"] for post in posts] == words
        assert {(post["Session"], post["To"], post.get("status")) for post in posts} == {
            (token, CALLED, None)
        }


@pytest.mark.parametrize(
    ("pickup", "disposition"),
    [
        (Pickup.ANSWERS, "ANSWER"),
        (Pickup.BUSY, "BUSY"),
        (Pickup.NO_ANSWER, "NOANSWER"),
        (Pickup.FAILS, "FAILED"),
        (Pickup.CONGESTION, "CONGESTION"),
    ],
)
async def test_each_call_has_a_cdr(pickup: Pickup, disposition: str) -> None:
    async with simulated(pickup=pickup) as world:
        token = await world.dial("<Response><Hangup/></Response>")
        await world.end()
        (cdr,) = world.voiceapp.at("cdr")
        assert (cdr["disposition"], cdr["domain"]) == (disposition, DOMAIN)
        assert (cdr["from"], cdr["to"], cdr["session"]["token"]) == (CALLER, CALLED, token)
        assert 0 <= cdr["billsec"] <= cdr["duration"]
        assert (cdr["session"]["callAnswerTime"] > 0) is (pickup is Pickup.ANSWERS)
        assert cdr["session"]["callEndTime"] >= cdr["session"]["callStartTime"] > 0
        headers = world.voiceapp.headers[-1]
        assert (headers["user-agent"], headers["x-cx-domain"]) == ("Cloudonix", DOMAIN)
        assert headers["x-cx-apikey"] == API_KEY


async def test_a_call_that_is_hung_up_before_the_answer_is_canceled() -> None:
    async with simulated(pickup=Pickup.ANSWERS) as world:
        token = await world.dial("<Response/>", timeout=30)
        session = world.carrier.remember(token)
        assert session is not None
        session.hang_up()
        await world.end()
        assert world.voiceapp.at("cdr")[0]["disposition"] == "CANCEL"


async def test_a_phone_rings_no_longer_than_the_dial_allows() -> None:
    async with simulated() as world:
        await world.dial("<Response/>", timeout=0.001)
        await world.end()
        assert world.voiceapp.statuses()[-1] == "noanswer"


def _dial_body(world: World) -> dict[str, str]:
    return {
        "destination": CALLED,
        "caller-id": CALLER,
        "cxml": "<Response/>",
        "callback": f"{world.voiceapp.url}/status",
    }


async def _assert_unanswered(world: World) -> None:
    with pytest.raises(httpx.ReadTimeout):
        await bounded(world.client.post(f"/calls/{DOMAIN}/application", json=_dial_body(world), timeout=0.5))
