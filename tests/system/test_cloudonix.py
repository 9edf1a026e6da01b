"""The simulated carrier over real sockets: its REST API, calls, media, callbacks, and the people at its phones."""

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable
from contextlib import asynccontextmanager, closing
from dataclasses import dataclass, field, replace
from typing import Any

import httpx
import pytest
from fastapi import FastAPI, Request, Response

from local.caller import CallerEvent, CallerEventKind
from local.caller_scripts import CallerScript, Pickup
from local.cloudonix import CarrierEvent, CloudonixSimulator, Dial, SessionStatus
from local.cloudonix.rest import REQUESTS_PER_WINDOW, create_api
from local.serving import serving
from offhook.adapters.cloudonix.client import CloudonixClient
from offhook.errors import CarrierError
from offhook.telephony.ports import CarrierAccount
from streamer.media import Audio, Digit, MarkReached, Stopped
from tests.support.agents_end import VOICE, AgentSocket, agents_end

pytestmark = pytest.mark.timeout(30)

_DOMAIN = "acme.cloudonix.net"
_TOKEN = "XI-secret"
_CALLED = "+15550100100"
_CALLER = "+15550100001"
# Ten times faster than life; nothing here depends on it but the time that the tests take.
_TICK_SECONDS = 0.002
_LIMIT_SECONDS = 10
_LAST = (
    '<Response><Connect><Stream name="2" url="{url}"><Parameter name="last" value="yes"/></Stream></Connect>'
    '<Hangup/><Pause length="60"/></Response>'
)


class _Tone:
    """A synthesiser whose every text is 300 ms of tone."""

    async def synthesise(self, text: str, *, voice: str) -> AsyncIterator[bytes]:
        assert voice
        yield VOICE * (0 if text == "mute" else 15)


@dataclass
class _Voiceapp:
    """Receives status callbacks and answers redirects."""

    callbacks: list[dict[str, Any]] = field(default_factory=list)
    redirects: list[dict[str, Any]] = field(default_factory=list)
    documents: list[str] = field(default_factory=list)
    ended: asyncio.Event = field(default_factory=asyncio.Event)
    url: str = ""

    def statuses(self) -> list[str]:
        return [str(body["status"]) for body in self.callbacks]

    def app(self) -> FastAPI:
        app = FastAPI()

        @app.post("/status")
        async def status(request: Request) -> dict[str, str]:
            self.callbacks.append(await request.json())
            if self.callbacks[-1]["status"] not in ("initiated", "ringing", "answered"):
                self.ended.set()
            return {}

        @app.post("/continue")
        async def go_on(request: Request) -> Response:
            self.redirects.append(
                dict(item.split("=", 1) for item in (await request.body()).decode().split("&"))
            )
            return Response(self.documents.pop(0), media_type="application/xml")

        return app


@dataclass
class _World:
    """A carrier, a voice application, and an HTTP client of the carrier."""

    carrier: CloudonixSimulator
    voiceapp: _Voiceapp
    client: httpx.AsyncClient
    events: list[CarrierEvent]

    async def dial(self, cxml: str, called: str = _CALLED) -> str:
        body = {
            "destination": called,
            "caller-id": _CALLER,
            "cxml": cxml,
            "callback": f"{self.voiceapp.url}/status",
        }
        reply = await self.client.post(f"/calls/{_DOMAIN}/application", json=body)
        assert reply.status_code == 200, reply.text
        return str(reply.json()["token"])

    async def end(self) -> None:
        async with asyncio.timeout(_LIMIT_SECONDS):
            await self.voiceapp.ended.wait()

    def person(self) -> list[CallerEvent]:
        return [event for event in self.events if isinstance(event, CallerEvent)]


@asynccontextmanager
async def _world(*lines: str, pickup: Pickup = Pickup.ANSWERS) -> AsyncIterator[_World]:
    voiceapp = _Voiceapp()
    events: list[CarrierEvent] = []
    carrier = CloudonixSimulator(
        {_DOMAIN: _TOKEN},
        scripts={_CALLED: CallerScript(lines=lines, pickup=pickup)},
        synthesiser=_Tone(),
        on_event=lambda _token, event: events.append(event),
        ring_seconds=0.01,
        no_answer_seconds=0.01,
        tick_seconds=_TICK_SECONDS,
    )
    async with serving(voiceapp.app()) as port, carrier:
        voiceapp.url = f"http://127.0.0.1:{port}"
        headers = {"Authorization": f"Bearer {_TOKEN}"}
        async with httpx.AsyncClient(base_url=carrier.url, headers=headers) as client:
            yield _World(carrier=carrier, voiceapp=voiceapp, client=client, events=events)


def _stream(url: str, name: str = "1", after: str = "") -> str:
    return f'<Response><Connect><Stream name="{name}" url="{url}"/></Connect>{after}</Response>'


async def _bounded(work: Awaitable[Any]) -> Any:
    async with asyncio.timeout(_LIMIT_SECONDS):
        return await work


async def test_a_call_is_dialled_answered_streamed_and_completed() -> None:
    async def agent(socket: AgentSocket) -> None:
        await socket.say(100, mark="said")
        await socket.until(MarkReached(name="said"))

    async with agents_end(agent) as end, _world() as world:
        token = await world.dial(_stream(end.url()))
        await world.end()
        (socket,) = end.sockets
        assert world.voiceapp.statuses() == ["initiated", "ringing", "answered", "completed"]
        assert {body["token"] for body in world.voiceapp.callbacks} == {token}
        started = socket.started
        assert (started.session, started.account_sid, started.context) == (token, _DOMAIN, "outbound-api")
        assert (started.caller, started.called) == (_CALLER, _CALLED)
        assert started.media_format == {"encoding": "audio/x-mulaw", "sampleRate": 8000, "channels": 1}
        assert world.carrier.sessions == []


async def test_media_messages_have_the_carriers_fields_and_20_ms_each() -> None:
    async def agent(socket: AgentSocket) -> None:
        for _ in range(5):
            await socket.until_type(Audio)

    async with agents_end(agent) as end, _world() as world:
        await world.dial(_stream(end.url()))
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

    async with agents_end(agent) as end, _world() as world:
        await world.dial(_stream(end.url()))
        await world.end()
    assert times["played"] >= 50 * _TICK_SECONDS * 0.9
    assert times["dropped"] < 1_500 * _TICK_SECONDS / 2


async def test_a_person_answers_with_real_audio_and_presses_keys() -> None:
    async def agent(socket: AgentSocket) -> None:
        await socket.say(400)
        await socket.until(Digit(digit="5"))
        assert not any(_is_tone(audio) for audio in socket.audio)
        await socket.say(400)
        while sum(map(_is_tone, socket.audio)) < 15:
            await socket.receive()

    async with agents_end(agent) as end, _world("dtmf:5", "hello there") as world:
        await world.dial(_stream(end.url()))
        await world.end()
        said = [event.text for event in world.person() if event.kind is CallerEventKind.SAYS]
        assert said == ["hello there"]
        assert sum(map(_is_tone, end.sockets[0].audio)) == 15


async def test_an_interruption_is_timed_to_the_clear() -> None:
    async def agent(socket: AgentSocket) -> None:
        await socket.say(5_000, mark="all")
        while sum(map(_is_tone, socket.audio)) < 5:
            await socket.receive()
        await socket.clear()
        await socket.until(MarkReached(name="all"))

    async with agents_end(agent) as end, _world("interrupt:stop") as world:
        await world.dial(_stream(end.url()))
        await world.end()
        cleared = [event for event in world.person() if event.kind is CallerEventKind.CLEARED]
        assert len(cleared) == 1
        assert cleared[0].reaction_ms is not None
        assert 80 <= cleared[0].reaction_ms <= 1_000


async def test_a_person_who_hangs_up_ends_the_stream_with_stop_and_the_call() -> None:
    async def agent(socket: AgentSocket) -> None:
        await socket.say(3_000)
        await socket.drain()

    async with agents_end(agent) as end, _world("hangup") as world:
        await world.dial(_stream(end.url(), after="<Redirect>http://127.0.0.1:1/never</Redirect>"))
        await world.end()
        socket = await _bounded(end.done.get())
        assert socket.events[-1] == Stopped()
        assert socket.close_code == 1000
        assert world.voiceapp.statuses()[-1] == "completed"


async def test_a_delete_hangs_up_with_stop_and_the_session_is_gone() -> None:
    async def agent(socket: AgentSocket) -> None:
        await socket.drain()

    async with agents_end(agent) as end, _world() as world:
        token = await world.dial(_stream(end.url()))
        await _bounded(end.opened.get())
        path = f"/customers/self/domains/{_DOMAIN}/sessions/{token}"
        live = await world.client.get(path)
        assert live.json()["status"] == "answered"
        assert (await world.client.delete(path)).status_code == 204
        await world.end()
        socket = await _bounded(end.done.get())
        assert socket.events[-1] == Stopped()
        assert (await world.client.get(path)).status_code == 404
        assert (await world.client.delete(path)).status_code == 404


async def test_a_dropped_stream_goes_on_with_the_redirect_and_a_used_name_is_not_opened_again() -> None:
    async def agent(socket: AgentSocket) -> None:
        if socket.started.custom_parameters.get("last") != "yes":
            socket.socket.transport.abort()

    async with agents_end(agent) as end, _world() as world:
        world.voiceapp.documents = [
            _stream(end.url("/again"), name="1", after=f"<Redirect>{world.voiceapp.url}/continue</Redirect>"),
            _LAST.format(url=end.url("/two")),
        ]
        token = await world.dial(
            _stream(end.url("/one"), after=f"<Redirect>{world.voiceapp.url}/continue</Redirect>")
        )
        await world.end()
        paths = [socket.socket.request.path for socket in end.sockets if socket.socket.request]
        assert paths == ["/one", "/two"]
        assert [redirect["Session"] for redirect in world.voiceapp.redirects] == [token, token]
        assert world.voiceapp.statuses()[-1] == "completed"


async def test_a_live_call_can_be_switched_to_another_document() -> None:
    async def agent(socket: AgentSocket) -> None:
        await socket.drain()

    async with agents_end(agent) as end, _world() as world:
        token = await world.dial(_stream(end.url("/one")))
        await _bounded(end.opened.get())
        path = f"/calls/{_DOMAIN}/sessions/{token}/application"
        reply = await world.client.post(path, json={"cxml": "<Response><Hangup/></Response>"})
        assert reply.status_code == 200
        await world.end()
        assert (await _bounded(end.done.get())).events[-1] == Stopped()


@pytest.mark.parametrize(("pickup", "word"), [(Pickup.BUSY, "busy"), (Pickup.NO_ANSWER, "noanswer")])
async def test_an_unanswered_call_says_why(pickup: Pickup, word: str) -> None:
    async with _world(pickup=pickup) as world:
        await world.dial("<Response><Hangup/></Response>")
        await world.end()
        assert world.voiceapp.statuses()[-1] == word
        assert "answered" not in world.voiceapp.statuses()


async def test_an_unknown_verb_and_a_dead_stream_end_the_call_with_a_logged_sentence(
    caplog: pytest.LogCaptureFixture,
) -> None:
    async with _world() as world:
        dead = _stream("ws://127.0.0.1:1/secret", after="<Say>hello</Say><Pause length='0'/><Sing/>")
        await world.dial(dead)
        await world.end()
    assert "the media stream could not be opened" in caplog.text
    assert "does not know the CXML verb Sing" in caplog.text
    assert "secret" not in caplog.text


async def test_the_products_own_client_dials_and_hangs_up() -> None:
    async def agent(socket: AgentSocket) -> None:
        await socket.drain()

    account = CarrierAccount(cloudonix_domain=_DOMAIN, bearer_token=_TOKEN)
    async with agents_end(agent) as end, _world() as world:
        with closing(CloudonixClient(world.carrier.url)) as carrier:
            token = await asyncio.to_thread(
                carrier.dial,
                account,
                destination=_CALLED,
                caller_id=_CALLER,
                cxml=_stream(end.url()),
                callback_url=f"{world.voiceapp.url}/status",
            )
            assert (await _bounded(end.opened.get())).started.session == token
            await asyncio.to_thread(carrier.hang_up, account, token)
            await world.end()
            await asyncio.to_thread(carrier.hang_up, account, token)
        assert world.voiceapp.statuses() == ["initiated", "ringing", "answered", "completed"]


async def test_the_products_own_client_verifies_a_token_for_its_domain_within_its_rate() -> None:
    async with CloudonixSimulator({_DOMAIN: _TOKEN}) as carrier:
        with closing(CloudonixClient(carrier.url)) as client:
            account = CarrierAccount(cloudonix_domain=_DOMAIN, bearer_token=_TOKEN)
            for wrong in (
                replace(account, bearer_token="XI-other"),
                replace(account, cloudonix_domain="else.net"),
            ):
                with pytest.raises(CarrierError) as caught:
                    await asyncio.to_thread(client.verify, wrong)
                assert caught.value.code == "carrier-refused"
            for _ in range(REQUESTS_PER_WINDOW):
                await asyncio.to_thread(client.verify, account)
            with pytest.raises(CarrierError) as caught:
                await asyncio.to_thread(client.verify, account)
            assert caught.value.code == "carrier-busy"


async def test_someone_can_call_in() -> None:
    async def agent(socket: AgentSocket) -> None:
        await socket.say(100)

    async with agents_end(agent) as end, _world() as world:
        dial = Dial(domain=_DOMAIN, caller=_CALLER, called=_CALLED, cxml=_stream(end.url()))
        session = world.carrier.call_in(dial, CallerScript())
        socket = await _bounded(end.done.get())
        assert socket.started.context == "inbound"
        assert socket.started.session == session.token


async def test_leaving_hangs_every_call_up() -> None:
    async def agent(socket: AgentSocket) -> None:
        await socket.drain()

    async with agents_end(agent) as end:
        async with _world() as world:
            await world.dial(_stream(end.url()))
            await _bounded(end.opened.get())
        assert (await _bounded(end.done.get())).events[-1] == Stopped()


@pytest.mark.parametrize(
    ("headers", "body", "status"),
    [
        ({}, {}, 401),
        ({"Authorization": "Bearer wrong"}, {}, 401),
        ({"Authorization": f"Bearer {_TOKEN}"}, {}, 400),
        (
            {"Authorization": f"Bearer {_TOKEN}"},
            {"destination": "+15550100100", "caller-id": "+15550100001"},
            400,
        ),
        (
            {"Authorization": f"Bearer {_TOKEN}"},
            {"destination": "x", "caller-id": "1", "cxml": "<Response/>"},
            400,
        ),
    ],
)
async def test_a_bad_dial_is_refused(headers: dict[str, str], body: dict[str, str], status: int) -> None:
    async with (
        CloudonixSimulator({_DOMAIN: _TOKEN}) as carrier,
        httpx.AsyncClient(base_url=carrier.url) as client,
    ):
        reply = await client.post(f"/calls/{_DOMAIN}/application", json=body, headers=headers)
        assert reply.status_code == status
        assert carrier.sessions == []


async def test_a_domain_has_ten_requests_in_ten_seconds_and_others_are_not_affected() -> None:
    now = [100.0]

    class _Nobody:
        def place(self, dial: Dial) -> Any:
            raise AssertionError(dial)

        def find(self, domain: str, token: str) -> None:
            return None

    api = create_api(_Nobody(), {"one": _TOKEN, "two.example.com": _TOKEN}, clock=lambda: now[0])
    headers = {"Authorization": f"Bearer {_TOKEN}"}
    transport = httpx.ASGITransport(api)
    async with httpx.AsyncClient(
        transport=transport, base_url="http://carrier.test", headers=headers
    ) as client:

        async def ask(domain: str) -> httpx.Response:
            return await client.get(f"/customers/self/domains/{domain}/sessions/x")

        assert [(await ask("one")).status_code for _ in range(10)] == [404] * 10
        refused = await ask("ONE.cloudonix.net.")
        assert refused.status_code == 429
        assert 10 <= int(refused.headers["Retry-After"]) <= 11
        assert (await ask("two.example.com")).status_code == 404
        now[0] += int(refused.headers["Retry-After"])
        assert (await ask("one")).status_code == 404


def _is_tone(payload: bytes) -> bool:
    # The tone's two codes, give or take the noise that lies on them.
    return sum(code & 0x70 == 0x10 for code in payload) > len(payload) // 2


def test_a_status_is_spelt_as_the_carrier_does() -> None:
    assert [status.value for status in SessionStatus] == [
        "initiated", "ringing", "answered", "completed", "busy", "noanswer", "cancel", "failed",
    ]  # fmt: skip
