"""A second carrier is its package and one entry: calls go out, come in, are put through and end in its own words."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx
import pytest

import functions
from local.install.ports import LocalPorts
from local.install.rest import create_rest
from offhook.runs.model import Run, RunStatus
from offhook.runs.ports import RunFilter
from offhook.telephony.ports import CarrierAccount
from offhook.telephony.providers import PROVIDERS
from streamer.conductor.playout import Pacer
from streamer.media import Started
from streamer.sockets.server import Server
from streamer.wiring import make_calls
from tests.support.engines import room_of
from tests.support.phone import DEADLINE_S, Phone, dial
from tests.support.pigeon.dialect import LETTER
from tests.support.pigeon.loft import LOFT, SECRETS
from tests.support.rest import Install, Tenant, served

CALLER, DESK, OURS = "+14155550123", "+14155550199", "+12025550100"
WHISTLE = "two-short-one-long"
COLD, WARM = "12"
SUMMARY = "Somebody calls."


def _switchboard(trigger_path: str) -> Any:
    warm = {"to": DESK, "mode": "warm", "summary": SUMMARY}
    data: dict[str, Any] = {
        "startCall": {"name": "Menu", "say": "Whom do you want?"},
        "trigger": {"name": "API", "trigger_path": trigger_path, "enabled": True},
    }
    return {
        "nodes": [
            *({"id": type_, "type": type_, "data": each} for type_, each in data.items()),
            {"id": COLD, "type": "endCall", "data": {"name": "Cold", "transfer": {"to": DESK}}},
            {"id": WARM, "type": "endCall", "data": {"name": "Warm", "transfer": warm}},
        ],
        "edges": [
            {"id": f"key{key}", "source": "startCall", "target": key, "data": {"dtmf": key}}
            for key in (COLD, WARM)
        ],
    }


@dataclass(frozen=True, slots=True, kw_only=True)
class House:
    """An install that has heard of the second carrier, and an organization there."""

    ports: LocalPorts
    http: httpx.Client
    trigger_path: str
    agent_uuid: str
    configuration_id: str

    def post(self, path: str, body: Any, **headers: str) -> httpx.Response:
        """Post to the install, also to an address that the carrier was given."""
        return self.http.post(urlsplit(path).path, json=body, headers=headers)

    def run(self, run_id: int) -> Run:
        return self.ports.store.runs.get_for_carrier(run_id)

    def runs(self, organization_id: str) -> list[Run]:
        page = self.ports.store.runs.list(organization_id, RunFilter(), limit=10, before_id=None)
        return [self.run(run.id) for run in page.runs]

    async def call(self) -> tuple[Run, str]:
        """Have the agent call somebody; return the run and the letter that the call begins with."""
        reply = await asyncio.to_thread(
            self.post, f"/api/v1/public/agent/{self.trigger_path}", {"phone_number": CALLER}
        )
        assert reply.status_code == 200, reply.text
        run = self.run(reply.json()["workflow_run_id"])
        (letter,) = LOFT.letters[run.telephony.call_id or ""]
        return run, letter

    @asynccontextmanager
    async def streamer(self) -> AsyncIterator[Server]:
        calls = await make_calls(self.ports, Pacer(asyncio.get_running_loop()), engines=room_of())
        async with Server(calls.routes) as server:
            yield server
            assert await server.drain(2 * DEADLINE_S)

    async def until(self, run: Run, status: RunStatus) -> Run:
        await come_true(lambda: self.run(run.id).status is status)
        return self.run(run.id)


@pytest.fixture
def house(
    install: Install, organization_id: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[House]:
    """Return an install in whose list of providers there is one entry more."""
    monkeypatch.setitem(PROVIDERS, "pigeon", "tests.support.pigeon")
    LOFT.letters.clear()
    LOFT.sent.clear()
    tenant = install.new_tenant(organization_id, has_line=False)
    settings = replace(
        install.ports.settings,
        cloudonix_url=install.carrier.url,
        recogniser_url="ws://127.0.0.1:9",
        synthesiser_url="ws://127.0.0.1:9",
    )
    ports = LocalPorts(settings, key_file=tmp_path / "key")
    ports.store, ports.media = install.store, install.ports.media
    with (
        served(create_rest(ports)) as url,
        httpx.Client(base_url=url, headers=tenant.headers, timeout=30) as http,
    ):
        yield _settled(ports, http, tenant)
    ports.close()
    assert install.carrier.asked == [], "Cloudonix was asked"


def _settled(ports: LocalPorts, http: httpx.Client, tenant: Tenant) -> House:
    """Make an agent, and what it takes to call with it, as a user does."""

    def made(path: str, body: Any) -> Any:
        reply = http.post(f"/api/v1{path}", json=body)
        assert reply.is_success, reply.text
        return reply.json()

    trigger_path = f"{tenant.trigger_path}-pigeon"
    agent = made("/agents", {"name": "Switchboard", "workflow_definition": _switchboard(trigger_path)})[
        "uuid"
    ]
    made(f"/agents/{agent}/publish", {})
    configuration = made(
        "/telephony-configurations",
        {
            "name": "Birds",
            "provider": "pigeon",
            "credentials": {"loft": tenant.organization_id, **SECRETS, "whistle": WHISTLE},
        },
    )
    one = f"/telephony-configurations/{configuration['id']}"
    made(f"{one}/verify", {})
    made(f"{one}/phone-numbers", {"address": OURS, "inbound_agent_uuid": agent})
    return House(
        ports=ports,
        http=http,
        trigger_path=trigger_path,
        agent_uuid=agent,
        configuration_id=configuration["id"],
    )


async def choose(phone: Phone, key: str) -> None:
    """Begin the call, hear the menu, and press a key."""
    await phone.start(Started(stream_sid="S1", call_sid="C1", account_sid="home"))
    await phone.wait_until(lambda: len(phone.marks) >= 1)
    await phone.confirm(phone.marks[0])
    await phone.press(key)


def address(letter: str, line: str) -> str:
    """Return the address that a line of a letter ends with."""
    (found,) = [each.removeprefix(line) for each in letter.splitlines() if each.startswith(line)]
    return urlsplit(found).path


async def come_true(condition: Callable[[], bool]) -> None:
    for _ in range(round(DEADLINE_S / 0.02)):
        if await asyncio.to_thread(condition):
            return
        await asyncio.sleep(0.02)
    raise AssertionError("it did not come true in time")


async def letters(bird: str | None, count: int) -> list[str]:
    """Return what the carrier was told of a call, when it has been told so much."""
    await come_true(lambda: len(LOFT.letters[bird or ""]) >= count)
    return LOFT.letters[bird or ""]


async def test_a_call_goes_out_is_answered_and_put_through(house: House) -> None:
    run, letter = await house.call()
    (sent,) = LOFT.sent
    assert (run.mode, run.status, sent.called_number, sent.caller_number) == (
        "pigeon",
        RunStatus.DIALING,
        CALLER,
        OURS,
    )
    assert "/api/v1/telephony/pigeon/status-callback/" in sent.status_url
    reply = await asyncio.to_thread(house.post, sent.status_url, {"bird_is": "flying"})
    assert (reply.json(), house.run(run.id).status) == ({"status": "success"}, RunStatus.RINGING)
    async with house.streamer() as server, dial(server.port, address(letter, "sing to ")) as phone:
        await choose(phone, COLD)
        _, put_through = await letters(run.telephony.call_id, 2)
        await phone.hang_up()
        assert put_through.startswith(f"fetch {DESK}\n")
        result = address(put_through, "tell ")
        assert result.startswith("/api/v1/telephony/pigeon/transfer-result/")
        reply = await asyncio.to_thread(house.post, result, {"bird_is": "home"})
        assert (reply.headers["content-type"].partition(";")[0], reply.text) == (LETTER, "rest")
        over = await house.until(run, RunStatus.COMPLETED)
    assert over.end_reason == "transferred"


async def test_the_other_person_of_a_warm_transfer_is_called_by_the_same_carrier(house: House) -> None:
    run, letter = await house.call()
    async with house.streamer() as server, dial(server.port, address(letter, "sing to ")) as phone:
        await choose(phone, WARM)
        await come_true(lambda: len(LOFT.sent) == 2)
        other = LOFT.sent[-1]
        assert other.called_number == DESK
        for word in ("there", "together"):
            await asyncio.to_thread(house.post, other.status_url, {"bird_is": word})
        _, joined = await letters(run.telephony.call_id, 2)
        assert joined.startswith("wait in transfer-")
        await phone.hang_up()
        # The room is left: the caller's carrier asks how to go on.
        await asyncio.to_thread(house.post, other.status_url, {"bird_is": "home"})
        over = await house.until(run, RunStatus.COMPLETED)
    assert over.end_reason == "transferred"


async def test_a_call_comes_in_and_is_hung_up_over_the_api(house: House, organization_id: str) -> None:
    bird = LOFT.take_in()
    body = {"loft": organization_id, "bird": bird, "of": CALLER, "for": OURS}
    reply = await asyncio.to_thread(house.post, "/api/v1/telephony/inbound/run", body, whistle=WHISTLE)
    assert reply.headers["content-type"].partition(";")[0] == LETTER
    async with house.streamer() as server:
        async with dial(server.port, address(reply.text, "sing to ")) as phone:
            await phone.start(Started(stream_sid="S1", call_sid="C1", account_sid="home"))
            await phone.wait_until(lambda: len(phone.marks) >= 1)
            (run,) = house.runs(organization_id)
            assert (run.mode, run.status) == ("pigeon", RunStatus.IN_PROGRESS)
            asked = await asyncio.to_thread(house.post, f"/api/v1/runs/{run.id}/hangup", {})
            assert asked.status_code == 200, asked.text
            assert bird not in LOFT.letters
            await phone.hang_up()
        over = await house.until(run, RunStatus.COMPLETED)
    assert over.end_reason == "hangup_requested"
    again = await asyncio.to_thread(house.post, address(reply.text, "then ask "), {})
    assert (again.headers["content-type"].partition(";")[0], again.text) == (LETTER, "rest")


async def test_an_announcement_without_the_key_and_an_unknown_loft_are_refused_in_letters(
    house: House, organization_id: str
) -> None:
    for body in ({"loft": organization_id, "bird": "bird-0", "for": OURS}, {"loft": "nowhere", "bird": "b"}):
        reply = await asyncio.to_thread(house.post, "/api/v1/telephony/inbound/run", body)
        assert reply.headers["content-type"].partition(";")[0] == LETTER
        assert reply.text.endswith("rest")
    assert house.runs(organization_id) == []


async def test_a_record_of_a_call_that_is_over_settles_its_run(house: House, organization_id: str) -> None:
    run, _ = await house.call()
    body = {"loft": organization_id, "bird": run.telephony.call_id, "bird_is": "shot"}
    reply = await asyncio.to_thread(house.post, "/api/v1/telephony/pigeon/cdr", body, whistle=WHISTLE)
    assert (reply.json(), house.run(run.id).status) == ({"status": "success"}, RunStatus.FAILED)


def test_its_routes_have_names_of_their_own_and_those_of_cloudonix_keep_theirs(house: House) -> None:
    document = house.http.get("/openapi.json").json()
    names = [each["operationId"] for path in document["paths"].values() for each in path.values()]
    assert len(set(names)) == len(names)
    published = json.loads((Path(functions.__file__).parent / "docs" / "openapi.json").read_text())
    for path, operations in published["paths"].items():
        for method, operation in operations.items():
            assert document["paths"][path][method]["operationId"] == operation["operationId"], path
    assert document["paths"]["/api/v1/telephony/pigeon/cdr"]["post"]["operationId"] == "takeCdrPigeon"
    assert (
        published["paths"]["/api/v1/telephony/cloudonix/cdr"]["post"]
        == (document["paths"]["/api/v1/telephony/cloudonix/cdr"]["post"])
    )


def test_its_pace_is_its_own(house: House) -> None:
    account = CarrierAccount(provider="pigeon", name=house.configuration_id, secrets=SECRETS)
    now = house.ports.clock()
    waits = [house.ports.store.pace.wait_seconds(account.pace_name, now) for _ in range(13)]
    assert waits == [0] * 12 + [5]


@pytest.mark.parametrize(
    ("credentials", "missing"),
    [({"loft": "home", "ring": "r"}, "seal"), ({"ring": "r", "seal": "s"}, "loft")],
)
def test_what_is_wrong_with_its_credentials_is_told_as_if_there_were_no_other_carrier(
    house: House, credentials: Any, missing: str
) -> None:
    body = {"name": "Birds", "provider": "pigeon", "credentials": credentials}
    reply = house.http.post("/api/v1/telephony-configurations", json=body)
    assert [each["loc"] for each in reply.json()["errors"]] == [["body", "credentials", missing]]
    body = {"name": "Main", "provider": "cloudonix", "credentials": {"domain_id": "acme"}}
    reply = house.http.post("/api/v1/telephony-configurations", json=body)
    assert [each["loc"] for each in reply.json()["errors"]] == [["body", "credentials", "bearer_token"]]
