"""People who call in at the simulated carrier: what the voice application is asked, and what becomes of its answer."""

import json

import httpx
import pytest

from local.cloudonix import CloudonixSimulator, Dial
from local.cloudonix.rest.doorkeeper import REQUESTS_PER_WINDOW
from local.people.caller import CallerEventKind
from local.people.scripts import CallerScript
from tests.support.agents_end import AgentSocket, agents_end
from tests.support.simulated import API_KEY, CALLED, CALLER, DOMAIN, TOKEN, bounded, simulated, until

pytestmark = pytest.mark.timeout(30)

_PATH = f"/simulator/domains/{DOMAIN}/calls"
_WHO = {"from": CALLER, "to": CALLED}


async def test_the_domains_application_is_asked_and_its_document_is_carried_out() -> None:
    async def agent(socket: AgentSocket) -> None:
        await socket.say(100)

    async with agents_end(agent) as end, simulated() as world:
        world.voiceapp.documents = [f'<Response><Connect><Stream url="{end.url()}"/></Connect></Response>']
        session = world.carrier.call_in(Dial(domain=DOMAIN, caller=CALLER, called=CALLED), CallerScript())
        socket = await bounded(end.done.get())
        await world.end()
        assert (socket.started.context, socket.started.session) == ("inbound", session.token)
        (asked,) = world.voiceapp.at("continue")
        assert asked["SessionData"] | {"token": session.token, "domain": DOMAIN} == asked["SessionData"]
        del asked["SessionData"]
        assert asked == {
            "CallSid": socket.started.call_sid,
            "From": CALLER,
            "To": CALLED,
            "CallerName": "",
            "Direction": "inbound",
            "CallStatus": "ringing",
            "Session": session.token,
            "Domain": DOMAIN,
            "AccountSid": DOMAIN,
            "ApiVersion": "1",
        }
        headers = world.voiceapp.headers[0]
        assert headers["content-type"] == "application/json"
        assert (headers["user-agent"], headers["x-cx-domain"]) == ("Cloudonix", DOMAIN)
        assert headers["x-cx-apikey"] == API_KEY


@pytest.mark.parametrize(
    ("document", "disposition"),
    [
        ('<Response><Reject reason="busy"/></Response>', "BUSY"),
        ("<Response><Reject/></Response>", "FAILED"),
        ("<Response><Hangup/></Response>", "ANSWER"),
    ],
)
async def test_a_rejected_call_is_never_answered(document: str, disposition: str) -> None:
    async with simulated() as world:
        world.voiceapp.documents = [document]
        world.carrier.call_in(Dial(domain=DOMAIN, caller=CALLER, called=CALLED), CallerScript())
        await world.end()
        (cdr,) = world.voiceapp.at("cdr")
        assert cdr["disposition"] == disposition
        assert (cdr["session"]["callAnswerTime"] > 0) is (disposition == "ANSWER")


async def test_a_call_that_no_application_takes_fails(caplog: pytest.LogCaptureFixture) -> None:
    async with simulated() as world:
        dial = Dial(domain=DOMAIN, caller=CALLER, called=CALLED, url="http://127.0.0.1:1/secret")
        world.carrier.call_in(dial, CallerScript())
        await world.end()
        assert world.voiceapp.at("cdr")[0]["disposition"] == "FAILED"
    assert "the voice application was not reached" in caplog.text
    assert "secret" not in caplog.text


async def test_somebody_is_had_to_call_in_over_rest_and_placeholders_are_filled_in() -> None:
    async def agent(socket: AgentSocket) -> None:
        await socket.say(400)
        await socket.socket.close(1008, "Quota exceeded")

    async with agents_end(agent) as end, simulated() as world:
        url = end.url("/a?sid={CallSid}&session={Session}&domain={Domain}&from={From}&to={To}")
        cxml = f'<Response><Connect><Stream url="{url}"/></Connect><Redirect>{{Again}}</Redirect></Response>'
        call = (await world.client.post(_PATH, json=_WHO | {"cxml": cxml, "script": ["hello"]})).json()
        await world.end()
        (socket,) = end.sockets
        assert socket.socket.request is not None
        assert socket.socket.request.path == (
            f"/a?sid={call['callSid']}&session={call['token']}&domain={DOMAIN}&from={CALLER}&to={CALLED}"
        )
        shown = (await world.client.get(f"{_PATH}/{call['token']}")).json()
        assert (shown["status"], shown["direction"]) == ("completed", "inbound")
        assert shown["streams"] == [{"code": 1008, "reason": "Quota exceeded"}]


async def test_the_same_document_comes_again_only_for_a_stream_that_was_interrupted() -> None:
    async def agent(socket: AgentSocket) -> None:
        if len(end.sockets) < 3:
            socket.socket.transport.abort()

    async with agents_end(agent) as end, simulated() as world:
        cxml = f'<Response><Connect><Stream url="{end.url()}"/></Connect><Redirect>{{Again}}</Redirect></Response>'
        token = (await world.client.post(_PATH, json=_WHO | {"cxml": cxml})).json()["token"]
        await world.end()
        shown = (await world.client.get(f"{_PATH}/{token}")).json()
        assert [stream["code"] for stream in shown["streams"]] == [1006, 1006, 1000]
        assert {socket.started.session for socket in end.sockets} == {token}


async def test_the_callers_number_chooses_who_calls() -> None:
    async with simulated(others={CALLER: CallerScript(lines=("answer:good morning",))}) as world:
        world.voiceapp.documents = ['<Response><Gather timeout="0.1"/></Response>']
        await world.client.post(_PATH, json=_WHO)
        await until(lambda: world.person(CallerEventKind.SAYS))
        assert world.person()[0].text == "good morning"


async def test_a_stream_that_can_not_be_opened_is_shown_with_a_sentence() -> None:
    async with simulated() as world:
        cxml = '<Response><Connect><Stream url="ws://127.0.0.1:1/"/></Connect></Response>'
        token = (await world.client.post(_PATH, json=_WHO | {"cxml": cxml})).json()["token"]
        await world.end()
        (stream,) = (await world.client.get(f"{_PATH}/{token}")).json()["streams"]
        assert stream["code"] is None
        assert "could not be opened" in stream["reason"]


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (_WHO, 400),
        (_WHO | {"cxml": "<Response/>", "from": "nobody"}, 400),
        (_WHO | {"url": "ftp://a.test"}, 400),
        (_WHO | {"cxml": "<Response/>", "weather": "fine"}, 400),
        ({"cxml": "<Response/>"}, 400),
    ],
)
async def test_a_call_in_that_makes_no_sense_is_refused(body: dict[str, str], status: int) -> None:
    async with CloudonixSimulator({DOMAIN: TOKEN}) as carrier:
        async with httpx.AsyncClient(
            base_url=carrier.url, headers={"Authorization": f"Bearer {TOKEN}"}
        ) as client:
            reply = await client.post(_PATH, content=json.dumps(body))
        assert reply.status_code == status
        assert carrier.is_quiet


async def test_only_the_domains_token_opens_the_simulators_own_routes_however_often() -> None:
    async with (
        CloudonixSimulator({DOMAIN: TOKEN, "other.test": "XI-other"}) as carrier,
        httpx.AsyncClient(base_url=carrier.url) as client,
    ):
        right, wrong = {"Authorization": f"Bearer {TOKEN}"}, {"Authorization": "Bearer XI-other"}
        body = _WHO | {"cxml": '<Response><Pause length="60"/></Response>'}
        assert (await client.post(_PATH, json=body)).status_code == 401
        assert (await client.post(_PATH, json=body, headers=wrong)).status_code == 401
        token = (await client.post(_PATH, json=body, headers=right)).json()["token"]
        for _ in range(REQUESTS_PER_WINDOW + 1):
            assert (await client.get(f"{_PATH}/{token}", headers=right)).status_code == 200
        elsewhere = f"/simulator/domains/other.test/calls/{token}"
        assert (await client.get(elsewhere, headers=wrong)).status_code == 404
