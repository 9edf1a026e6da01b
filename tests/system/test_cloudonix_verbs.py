"""What the simulated carrier does for each CXML verb beside the stream: other telephones, rooms, keys and sounds."""

import asyncio

import pytest

from local.people.caller import CallerEventKind
from local.people.scripts import CallerScript, Pickup
from streamer.media import Stopped
from tests.support.agents_end import AgentSocket, agents_end
from tests.support.simulated import COLLEAGUE, World, bounded, simulated, until

pytestmark = pytest.mark.timeout(30)

_SAYS = CallerEventKind.SAYS
_HEARS_KEYS = CallerEventKind.HEARS_KEYS
_HANG_UP = "<Response><Hangup/></Response>"
_PICKS_UP = {COLLEAGUE: CallerScript(lines=("answer:hello", "hangup"))}


def _dial(world: World, noun: str, attributes: str = "") -> str:
    return (
        f'<Response><Dial action="{world.voiceapp.url}/continue" {attributes}>{noun}</Dial>'
        '<Pause length="60"/></Response>'
    )


async def test_a_dialled_number_is_joined_with_the_call_until_it_hangs_up() -> None:
    async with simulated("hi there", others=_PICKS_UP) as world:
        world.voiceapp.documents = [_HANG_UP]
        token = await world.dial(
            _dial(world, f"<Number>{COLLEAGUE}</Number>", 'callerId="+15550100777" timeout="5"')
        )
        await world.end()
        assert [event.text for event in world.person(_SAYS)] == ["hello", "hi there"]
        (asked,) = world.voiceapp.at("continue")
        assert (asked["Session"], asked["DialCallStatus"]) == (token, "completed")
        call = await world.client.get(f"/simulator/domains/acme/calls/{token}")
        assert call.json()["dialled"] == [
            {"number": COLLEAGUE, "callerId": "+15550100777", "status": "completed"}
        ]


async def test_a_joined_number_is_let_go_when_the_caller_hangs_up() -> None:
    people = {"0200": CallerScript(lines=("answer:hello", "silence", "silence"))}
    async with simulated("hangup", others=people) as world:
        await world.dial(_dial(world, "<Sip>sip:15550100200@desk.test</Sip>"))
        await world.end()
        assert [event.text for event in world.person(_SAYS)] == ["hello"]
        assert world.voiceapp.statuses()[-1] == "completed"
        assert world.voiceapp.at("continue") == []


@pytest.mark.parametrize(
    ("pickup", "word"),
    [
        (Pickup.BUSY, "busy"),
        (Pickup.NO_ANSWER, "no-answer"),
        (Pickup.FAILS, "failed"),
        (Pickup.CONGESTION, "failed"),
    ],
)
async def test_a_number_that_is_not_reached_is_told_to_the_action(pickup: Pickup, word: str) -> None:
    async with simulated(others={COLLEAGUE: CallerScript(pickup=pickup)}) as world:
        world.voiceapp.documents = [_HANG_UP]
        await world.dial(_dial(world, COLLEAGUE))
        await world.end()
        (asked,) = world.voiceapp.at("continue")
        assert (asked["DialCallStatus"], asked["DialCallDuration"]) == (word, 0)


async def test_a_dial_gives_up_after_its_timeout_and_goes_on_without_an_action() -> None:
    async with simulated(others=_PICKS_UP) as world:
        await world.dial(f'<Response><Dial timeout="0">{COLLEAGUE}</Dial><Play digits="7"/></Response>')
        await world.end()
        assert [event.text for event in world.person(_SAYS)] == []
        assert [event.text for event in world.person(_HEARS_KEYS)] == ["7"]


async def test_a_joined_call_ends_at_its_time_limit() -> None:
    people = {COLLEAGUE: CallerScript(lines=("silence",))}
    async with simulated(others=people) as world:
        world.voiceapp.documents = [_HANG_UP]
        await world.dial(_dial(world, COLLEAGUE, 'timeLimit="0.05"'))
        await world.end()
        assert world.voiceapp.at("continue")[0]["DialCallStatus"] == "completed"


async def test_two_calls_in_a_room_hear_each_other_until_the_one_that_ends_it_leaves() -> None:
    async with simulated("hi there", others=_PICKS_UP) as world:
        room = (
            f'statusCallback="{world.voiceapp.url}/room" statusCallbackEvent="join leave" holdMusic="false"'
        )
        stays = f'<Response><Dial><Conference {room}>7</Conference></Dial><Play digits="9"/></Response>'
        ends = (
            f'<Response><Dial><Conference {room} endConferenceOnExit="true">7</Conference></Dial></Response>'
        )
        first = await world.dial(stays)
        await until(lambda: world.voiceapp.at("room"))
        second = await world.dial(ends, called=COLLEAGUE)
        await world.end()
        assert [event.text for event in world.person(_SAYS)] == ["hello", "hi there"]
        assert [event.text for event in world.person(_HEARS_KEYS)] == ["9"]
        told = [
            (body["StatusCallbackEvent"], body["Session"], body["ConferenceName"])
            for body in world.voiceapp.at("room")
        ]
        assert told[:2] == [("participant-join", first, "7"), ("participant-join", second, "7")]
        assert sorted(told[2:]) == sorted(
            [("participant-leave", first, "7"), ("participant-leave", second, "7")]
        )


async def test_a_streamed_call_is_switched_into_a_room_as_in_a_warm_transfer() -> None:
    async def agent(socket: AgentSocket) -> None:
        await socket.drain()

    async with agents_end(agent) as end, simulated("hi there", others=_PICKS_UP) as world:
        ends = '<Response><Dial><Conference endConferenceOnExit="true">7</Conference></Dial></Response>'
        token = await world.dial(
            f'<Response><Connect><Stream url="{end.url()}"/></Connect><Pause length="60"/></Response>'
        )
        await bounded(end.opened.get())
        path = f"/calls/acme/sessions/{token}/application"
        assert (await world.client.post(path, json={"cxml": ends})).status_code == 200
        assert (await bounded(end.done.get())).events[-1] == Stopped()
        await world.dial(ends, called=COLLEAGUE)
        await world.end()
        assert [event.text for event in world.person(_SAYS)] == ["hello", "hi there"]


@pytest.mark.parametrize(
    ("line", "attributes", "digits"),
    [
        ("dtmf:1234", 'numDigits="2"', "12"),
        ("dtmf:123#4", "", "123"),
        ("dtmf:12*", 'finishOnKey="*"', "12"),
        ("dtmf:12", 'timeout="0.3"', "12"),
    ],
)
async def test_gathered_keys_are_told_to_the_action(line: str, attributes: str, digits: str) -> None:
    async with simulated(line) as world:
        world.voiceapp.documents = [_HANG_UP]
        await world.dial(
            f'<Response><Gather action="{world.voiceapp.url}/continue" {attributes}>'
            '<Say>Your code?</Say><Pause length="2"/></Gather><Pause length="60"/></Response>'
        )
        await world.end()
        assert [asked["Digits"] for asked in world.voiceapp.at("continue")] == [digits]


async def test_a_key_cuts_the_prompt_short() -> None:
    async with simulated("dtmf:5") as world:
        world.voiceapp.documents = [_HANG_UP]
        await world.dial(
            f'<Response><Gather action="{world.voiceapp.url}/continue" numDigits="1">'
            '<Say>Press five.</Say><Pause length="60"/></Gather></Response>'
        )
        await world.end()
        assert world.voiceapp.at("continue")[0]["Digits"] == "5"


async def test_without_a_key_the_call_goes_on_with_the_next_verb_unless_the_action_wants_to_know() -> None:
    async with simulated() as world:
        world.voiceapp.documents = [_HANG_UP]
        action = f'action="{world.voiceapp.url}/continue" timeout="0.01"'
        await world.dial(
            f'<Response><Gather {action}/><Gather {action} actionOnEmptyResult="true"/>'
            '<Pause length="60"/></Response>'
        )
        await world.end()
        assert [asked["Digits"] for asked in world.voiceapp.at("continue")] == [""]


async def test_a_person_hears_a_recording_and_played_keys() -> None:
    async with simulated() as world:
        await world.dial(
            '<Response><Play loop="2">https://a.test/x.wav</Play><Play digits="1W#"/></Response>',
            **{"send-digits": "42"},
        )
        await world.end()
        assert [event.text for event in world.person(_HEARS_KEYS)] == ["42", "1W#"]
        begins = world.person(CallerEventKind.AGENT_BEGINS)
        assert len(begins) == 1
        # Two seconds of a recording come before the second keys.
        assert world.person(_HEARS_KEYS)[1].at_ms - begins[0].at_ms >= 2_000


async def test_a_stream_tells_when_it_starts_and_stops() -> None:
    async def agent(socket: AgentSocket) -> None:
        await socket.say(20)

    async with agents_end(agent) as end, simulated() as world:
        callback = f'statusCallback="{world.voiceapp.url}/stream"'
        await world.dial(
            f'<Response><Connect><Stream name="n" url="{end.url()}" {callback}/></Connect></Response>'
        )
        await world.end()
        told = world.voiceapp.at("stream")
        assert [body["StreamEvent"] for body in told] == ["stream-started", "stream-stopped"]
        assert {body["StreamSid"] for body in told} == {end.sockets[0].started.stream_sid}
        assert {body["StreamName"] for body in told} == {"n"}


async def test_a_hang_up_ends_a_gather_a_room_and_a_ring_at_once() -> None:
    people = {COLLEAGUE: CallerScript(pickup=Pickup.NO_ANSWER)}
    for verb in (
        '<Gather timeout="60"/>',
        "<Dial><Conference>7</Conference></Dial>",
        f"<Dial>{COLLEAGUE}</Dial><Pause length='60'/>",
    ):
        async with simulated(others=people) as world:
            token = await world.dial(f"<Response>{verb}</Response>")
            await world.answered()
            async with asyncio.timeout(5):
                reply = await world.client.delete(f"/calls/acme/sessions/{token}")
                assert reply.status_code == 204
                await world.end()
            assert world.voiceapp.statuses()[-1] == "completed"
