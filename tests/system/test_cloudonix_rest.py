"""The simulated carrier's REST API: who may, how often, and what a request does to a call."""

import asyncio
from contextlib import closing

import httpx
import pytest

from local.cloudonix import CloudonixSimulator, Dial
from local.cloudonix.rest.doorkeeper import REQUESTS_PER_WINDOW
from local.cloudonix.rest.rest import create_api
from local.people.scripts import CallerScript
from offhook.adapters.cloudonix.client import CloudonixClient
from offhook.errors import CarrierError
from offhook.telephony.instructions import OpenStream
from offhook.telephony.ports import DialRequest
from streamer.media import Stopped
from tests.support.agents_end import AgentSocket, agents_end
from tests.support.cloudonix import make_account
from tests.support.simulated import CALLED, CALLER, DOMAIN, TOKEN, bounded, simulated, stream_document

pytestmark = pytest.mark.timeout(30)


async def test_a_delete_hangs_up_with_stop_and_the_session_is_gone() -> None:
    async def agent(socket: AgentSocket) -> None:
        await socket.drain()

    async with agents_end(agent) as end, simulated() as world:
        token = await world.dial(stream_document(end.url()))
        await bounded(end.opened.get())
        path = f"/customers/self/domains/{DOMAIN}/sessions/{token}"
        live = await world.client.get(path)
        assert live.json()["status"] == "answered"
        assert (await world.client.delete(path)).status_code == 204
        await world.end()
        socket = await bounded(end.done.get())
        assert socket.events[-1] == Stopped()
        assert (await world.client.get(path)).status_code == 404
        assert (await world.client.delete(path)).status_code == 404


async def test_a_live_call_can_be_switched_to_another_document() -> None:
    async def agent(socket: AgentSocket) -> None:
        await socket.drain()

    async with agents_end(agent) as end, simulated() as world:
        token = await world.dial(stream_document(end.url("/one")))
        await bounded(end.opened.get())
        path = f"/calls/{DOMAIN}/sessions/{token}/application"
        reply = await world.client.post(path, json={"cxml": "<Response><Hangup/></Response>"})
        assert reply.status_code == 200
        await world.end()
        assert (await bounded(end.done.get())).events[-1] == Stopped()
        shown = await world.client.get(f"/simulator/domains/{DOMAIN}/calls/{token}")
        assert shown.json()["streams"] == [{"code": 1000, "reason": ""}]


async def test_a_live_call_can_be_switched_to_an_address() -> None:
    async with simulated() as world:
        world.voiceapp.documents = ["<Response><Hangup/></Response>"]
        token = await world.dial('<Response><Pause length="60"/></Response>')
        await world.answered()
        path = f"/calls/{DOMAIN}/sessions/{token}/application"
        assert (await world.client.post(path, json={})).status_code == 400
        url = f"{world.voiceapp.url}/continue?a=1&b=2"
        assert (await world.client.post(path, json={"url": url})).status_code == 200
        await world.end()
        assert [asked["Session"] for asked in world.voiceapp.at("continue")] == [token]


async def test_the_products_own_client_dials_and_hangs_up() -> None:
    async def agent(socket: AgentSocket) -> None:
        await socket.drain()

    account = make_account(DOMAIN, TOKEN)
    async with agents_end(agent) as end, simulated() as world:
        with closing(CloudonixClient(world.carrier.url)) as carrier:
            request = DialRequest(
                called_number=CALLED,
                caller_number=CALLER,
                instruction=OpenStream(name="7-1", url=end.url(), continue_url=f"{world.voiceapp.url}/on"),
                status_url=f"{world.voiceapp.url}/status",
            )
            token = await asyncio.to_thread(carrier.dial, account, request)
            assert (await bounded(end.opened.get())).started.session == token
            await asyncio.to_thread(carrier.hang_up, account, token)
            await world.end()
            await asyncio.to_thread(carrier.hang_up, account, token)
        assert world.voiceapp.statuses() == ["initiated", "ringing", "answered", "completed"]


async def test_the_products_own_client_verifies_a_token_for_its_domain_within_its_rate() -> None:
    async with CloudonixSimulator({DOMAIN: TOKEN}) as carrier:
        with closing(CloudonixClient(carrier.url)) as client:
            account = make_account(DOMAIN, TOKEN)
            for wrong in (
                make_account(DOMAIN, "XI-other"),
                make_account("else.net", TOKEN),
            ):
                with pytest.raises(CarrierError) as caught:
                    await asyncio.to_thread(client.verify, wrong)
                assert caught.value.code == "carrier-refused"
            for _ in range(REQUESTS_PER_WINDOW):
                await asyncio.to_thread(client.verify, account)
            with pytest.raises(CarrierError) as caught:
                await asyncio.to_thread(client.verify, account)
            assert caught.value.code == "carrier-busy"


@pytest.mark.parametrize(
    ("headers", "body", "status"),
    [
        ({}, {}, 401),
        ({"Authorization": "Bearer wrong"}, {}, 401),
        ({"Authorization": f"Bearer {TOKEN}"}, {}, 400),
        (
            {"Authorization": f"Bearer {TOKEN}"},
            {"destination": "+15550100100", "caller-id": "+15550100001"},
            400,
        ),
        (
            {"Authorization": f"Bearer {TOKEN}"},
            {"destination": "x", "caller-id": "1", "cxml": "<Response/>"},
            400,
        ),
    ],
)
async def test_a_bad_dial_is_refused(headers: dict[str, str], body: dict[str, str], status: int) -> None:
    async with (
        CloudonixSimulator({DOMAIN: TOKEN}) as carrier,
        httpx.AsyncClient(base_url=carrier.url) as client,
    ):
        reply = await client.post(f"/calls/{DOMAIN}/application", json=body, headers=headers)
        assert reply.status_code == status
        assert carrier.sessions == []


async def test_a_domain_has_ten_requests_in_ten_seconds_and_others_are_not_affected() -> None:
    now = [100.0]

    accounts = {"one": TOKEN, "two.example.com": TOKEN}
    api = create_api(CloudonixSimulator(accounts), accounts, clock=lambda: now[0])
    headers = {"Authorization": f"Bearer {TOKEN}"}
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


async def test_a_dial_can_name_an_application_of_the_domain() -> None:
    async with simulated() as world:
        base = f"/customers/self/domains/{DOMAIN}"
        application = {"name": "reception", "type": "cxml", "url": f"{world.voiceapp.url}/continue"}
        assert (await world.client.post(f"{base}/applications", json=application)).status_code == 200
        listed = (await world.client.get(f"{base}/applications")).json()
        assert [(each["name"], each["url"]) for each in listed] == [("reception", application["url"])]
        world.voiceapp.documents = ["<Response><Hangup/></Response>"]
        body = {"destination": CALLED, "caller-id": CALLER, "application": "reception"}
        reply = await world.client.post(f"/calls/{DOMAIN}/application", json=body)
        await world.end()
        assert [asked["Session"] for asked in world.voiceapp.at("continue")] == [reply.json()["token"]]
        unknown = await world.client.post(
            f"/calls/{DOMAIN}/application", json=body | {"application": "kitchen"}
        )
        assert unknown.status_code == 400


async def test_a_domain_is_told_where_its_calls_are_answered_and_where_its_cdrs_go() -> None:
    async with simulated() as world:
        base = f"/customers/self/domains/{DOMAIN}"
        application = {"name": "night", "url": f"{world.voiceapp.url}/night"}
        await world.client.post(f"{base}/applications", json=application)
        profile = {
            "cdr-endpoint": f"{world.voiceapp.url}/records",
            "authorization-api-key": "whk-new",
            "call-timeout": 60,
        }
        changed = await world.client.patch(base, json={"profile": profile, "defaultApplication": "night"})
        assert changed.json()["profile"] == {"cdr-endpoint": profile["cdr-endpoint"]}
        world.carrier.call_in(Dial(domain=DOMAIN, caller=CALLER, called=CALLED), CallerScript())
        await world.end()
        assert len(world.voiceapp.at("night")) == len(world.voiceapp.at("records")) == 1
        assert {headers["x-cx-apikey"] for headers in world.voiceapp.headers} == {"whk-new"}
        refused = await world.client.patch(base, json={"defaultApplication": "day"})
        assert refused.status_code == 400


async def test_a_domain_has_numbers() -> None:
    async with simulated() as world:
        path = f"/customers/self/domains/{DOMAIN}/dnids"
        for _ in range(2):
            assert (await world.client.post(path, json={"source": "15550100"})).status_code == 200
        assert [dnid["source"] for dnid in (await world.client.get(path)).json()] == ["15550100"]
        assert (await world.client.get(f"{path}/15550100")).json()["source"] == "15550100"
        assert (await world.client.get(f"{path}/15550199")).status_code == 404
        # Numbers of nobody can be tried by whoever has the domain.
        assert (await world.client.get(f"{path}/+15555550199")).json()["source"] == "+15555550199"
