"""Calls at the simulated carrier over real sockets: media, people, redirects, and how calls end."""

import asyncio
import json

import pytest

from local.cloudonix import Dial, SessionStatus
from local.people.caller import CallerEventKind
from local.people.scripts import CallerScript, Pickup
from streamer.media import Audio, Digit, MarkReached, Stopped
from tests.support.agents_end import AgentSocket, agents_end
from tests.support.simulated import (
    CALLED,
    CALLER,
    DOMAIN,
    TICK_SECONDS,
    bounded,
    is_tone,
    simulated,
    stream_document,
)

pytestmark = [pytest.mark.every_python, pytest.mark.timeout(30)]

_LAST = (
    '<Response><Connect><Stream name="2" url="{url}"><Parameter name="last" value="yes"/></Stream></Connect>'
    '<Hangup/><Pause length="60"/></Response>'
)


async def test_a_call_is_dialled_answered_streamed_and_completed() -> None:
    async def agent(socket: AgentSocket) -> None:
        await socket.say(100, mark="said")
        await socket.until(MarkReached(name="said"))

    async with agents_end(agent) as end, simulated() as world:
        token = await world.dial(stream_document(end.url()))
        await world.end()
        (socket,) = end.sockets
        assert world.voiceapp.statuses() == ["initiated", "ringing", "answered", "completed"]
        assert {body["token"] for body in world.voiceapp.at("status")} == {token}
        started = socket.started
        assert (started.session, started.account_sid, started.context) == (token, DOMAIN, "outbound-api")
        assert (started.caller, started.called) == (CALLER, CALLED)
        assert started.media_format == {"encoding": "audio/x-mulaw", "sampleRate": 8000, "channels": 1}
        assert world.carrier.sessions == []


async def test_media_messages_have_the_carriers_fields_and_20_ms_each() -> None:
    async def agent(socket: AgentSocket) -> None:
        for _ in range(5):
            await socket.until_type(Audio)

    async with agents_end(agent) as end, simulated() as world:
        await world.dial(stream_document(end.url()))
        await world.end()
        messages = [json.loads(raw) for raw in end.sockets[0].raw]
        assert [message["event"] for message in messages[:3]] == ["connected", "start", "media"]
        assert [message["sequenceNumber"] for message in messages[:4]] == ["1", "2", "3", "4"]
        media = [message["media"] for message in messages if message["event"] == "media"]
        assert [(m["chunk"], m["timestamp"], m["track"]) for m in media[:2]] == [
            ("1", "0", "inbound"),
            ("2", "20", "inbound"),
        ]
        assert {len(payload) for payload in end.sockets[0].audio} == {160}


async def test_a_mark_comes_back_when_its_audio_was_played_in_real_time_and_clear_brings_it_at_once() -> None:
    times: dict[str, float] = {}

    async def agent(socket: AgentSocket) -> None:
        clock = asyncio.get_running_loop().time
        begin = clock()
        await socket.say(1_000, mark="played")
        await socket.until(MarkReached(name="played"))
        times["played"] = clock() - begin
        begin = clock()
        await socket.say(30_000, mark="dropped")
        await socket.clear()
        await socket.until(MarkReached(name="dropped"))
        times["dropped"] = clock() - begin

    async with agents_end(agent) as end, simulated() as world:
        await world.dial(stream_document(end.url()))
        await world.end()
    # A phone that was held up catches up, so a little less than the audio's own length.
    assert times["played"] >= 50 * TICK_SECONDS / 2
    assert times["dropped"] < 1_500 * TICK_SECONDS / 2


async def test_a_person_answers_with_real_audio_and_presses_keys() -> None:
    async def agent(socket: AgentSocket) -> None:
        await socket.say(400)
        await socket.until(Digit(digit="5"))
        assert not any(is_tone(audio) for audio in socket.audio)
        await socket.say(400)
        while sum(map(is_tone, socket.audio)) < 15:
            await socket.receive()

    async with agents_end(agent) as end, simulated("dtmf:5", "hello there") as world:
        await world.dial(stream_document(end.url()))
        await world.end()
        said = [event.text for event in world.person() if event.kind is CallerEventKind.SAYS]
        assert said == ["hello there"]
        assert sum(map(is_tone, end.sockets[0].audio)) == 15


async def test_an_interruption_is_timed_to_the_clear() -> None:
    async def agent(socket: AgentSocket) -> None:
        await socket.say(5_000, mark="all")
        while sum(map(is_tone, socket.audio)) < 5:
            await socket.receive()
        await socket.clear()
        await socket.until(MarkReached(name="all"))

    async with agents_end(agent) as end, simulated("interrupt:stop") as world:
        await world.dial(stream_document(end.url()))
        await world.end()
        cleared = [event for event in world.person() if event.kind is CallerEventKind.CLEARED]
        assert len(cleared) == 1
        assert cleared[0].reaction_ms is not None
        assert 80 <= cleared[0].reaction_ms <= 1_000


async def test_a_person_who_hangs_up_ends_the_stream_with_stop_and_the_call() -> None:
    async def agent(socket: AgentSocket) -> None:
        await socket.say(3_000)
        await socket.drain()

    async with agents_end(agent) as end, simulated("hangup") as world:
        await world.dial(stream_document(end.url(), after="<Redirect>http://127.0.0.1:1/never</Redirect>"))
        await world.end()
        socket = await bounded(end.done.get())
        assert socket.events[-1] == Stopped()
        assert socket.close_code == 1000
        assert world.voiceapp.statuses()[-1] == "completed"


async def test_a_dropped_stream_goes_on_with_the_redirect_and_a_used_name_is_not_opened_again() -> None:
    async def agent(socket: AgentSocket) -> None:
        if socket.started.custom_parameters.get("last") != "yes":
            socket.socket.transport.abort()

    async with agents_end(agent) as end, simulated() as world:
        world.voiceapp.documents = [
            stream_document(
                end.url("/again"), name="1", after=f"<Redirect>{world.voiceapp.url}/continue</Redirect>"
            ),
            _LAST.format(url=end.url("/two")),
        ]
        token = await world.dial(
            stream_document(end.url("/one"), after=f"<Redirect>{world.voiceapp.url}/continue</Redirect>")
        )
        await world.end()
        paths = [socket.socket.request.path for socket in end.sockets if socket.socket.request]
        assert paths == ["/one", "/two"]
        assert [redirect["Session"] for redirect in world.voiceapp.at("continue")] == [token, token]
        assert world.voiceapp.statuses()[-1] == "completed"


async def test_a_redirect_may_ask_with_get_beside_what_its_address_has() -> None:
    async with simulated() as world:
        world.voiceapp.documents = ["<Response><Hangup/></Response>"]
        url = f"{world.voiceapp.url}/continue?step=2"
        token = await world.dial(f'<Response><Redirect method="GET">{url}</Redirect></Response>')
        await world.end()
        (asked,) = world.voiceapp.at("continue")
        assert (asked["step"], asked["Session"], asked["Direction"]) == ("2", token, "outbound-api")


@pytest.mark.parametrize(
    ("pickup", "words"),
    [
        (Pickup.BUSY, ["initiated", "busy"]),
        (Pickup.DECLINES, ["initiated", "ringing", "busy"]),
        (Pickup.NO_ANSWER, ["initiated", "ringing", "noanswer"]),
    ],
)
async def test_an_unanswered_call_says_why(pickup: Pickup, words: list[str]) -> None:
    async with simulated(pickup=pickup) as world:
        await world.dial("<Response><Hangup/></Response>")
        await world.end()
        assert world.voiceapp.statuses() == words


async def test_who_is_busy_once_answers_the_next_time_and_is_busy_again_after_that() -> None:
    async with simulated(pickup=Pickup.BUSY, later=CallerScript()) as world:
        for _ in range(3):
            await world.dial("<Response><Hangup/></Response>")
            await world.end()
        ends = [status for status in world.voiceapp.statuses() if status in ("busy", "completed")]
        assert ends == ["busy", "completed", "busy"]


async def test_an_unknown_verb_and_a_dead_stream_end_the_call_with_a_logged_sentence(
    caplog: pytest.LogCaptureFixture,
) -> None:
    async with simulated() as world:
        dead = stream_document("ws://127.0.0.1:1/secret", after="<Say>hello</Say><Pause length='0'/><Sing/>")
        await world.dial(dead)
        await world.end()
    assert "the media stream could not be opened" in caplog.text
    assert "does not know the CXML verb Sing" in caplog.text
    assert "secret" not in caplog.text


async def test_someone_can_call_in() -> None:
    async def agent(socket: AgentSocket) -> None:
        await socket.say(100)

    async with agents_end(agent) as end, simulated() as world:
        dial = Dial(domain=DOMAIN, caller=CALLER, called=CALLED, cxml=stream_document(end.url()))
        session = world.carrier.call_in(dial, CallerScript())
        socket = await bounded(end.done.get())
        assert socket.started.context == "inbound"
        assert socket.started.session == session.token


async def test_leaving_hangs_every_call_up() -> None:
    async def agent(socket: AgentSocket) -> None:
        await socket.drain()

    async with agents_end(agent) as end:
        async with simulated() as world:
            await world.dial(stream_document(end.url()))
            await bounded(end.opened.get())
        assert (await bounded(end.done.get())).events[-1] == Stopped()


def test_a_status_is_spelt_as_the_carrier_does() -> None:
    assert [status.value for status in SessionStatus] == [
        "initiated", "ringing", "answered", "completed", "busy", "noanswer", "cancel", "failed", "congestion",
    ]  # fmt: skip
