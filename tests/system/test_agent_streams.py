"""Agent Stream over real sockets: each published form, each close code with its reason, and what is stored."""

import asyncio
import logging
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from typing import cast
from urllib.parse import quote

import pytest

from offhook.agents.model import AgentStatus
from offhook.clock import system_clock
from offhook.json_types import JsonObject
from offhook.organizations.limits import Limits
from offhook.organizations.model import Organization, Scope
from offhook.organizations.usecases import create_key
from offhook.runs.carrier.hangup import CarrierCalls, HangUps
from offhook.runs.ending.ender import RunEnder
from offhook.runs.model import Direction, Run, RunStatus
from offhook.runs.ports import RunFilter
from offhook.sessions.mailbox import Commander
from offhook.settings import Settings
from streamer.sockets.close_codes import CloseCode
from tests.support.carrier import Answer, Silence, at_first
from tests.support.cloudonix import add_cloudonix
from tests.support.makers import NOON
from tests.support.phone import STARTED, Phone, dial
from tests.support.tenancy import stored_of
from tests.support.town import Town, hear_greeting, hearing, say_and_hear

BASE = "/api/v1/agent-stream"
BEARER = "XI-inline-bearer-of-the-caller"
LIVE = Answer(status=200, body={"token": "session-1"})
A, B, C = "inline", "domain", "provider"


@dataclass(frozen=True, slots=True, kw_only=True)
class Caller:
    """Somebody who may open Agent Streams of the town's agent."""

    town: Town
    api_key: str

    @property
    def agent_uuid(self) -> str:
        return self.town.run.agent_uuid

    def address(self, form: str, **changes: str | None) -> str:
        """Return a form's address as the published examples write it; a change to None leaves a parameter out."""
        if form == C:
            return (
                f"{BASE}/{changes.get('provider', 'cloudonix')}/{changes.get('agent_uuid', self.agent_uuid)}"
            )
        given: dict[str, str | None] = {"provider": "cloudonix"}
        if form == A:
            given |= {"api_key": self.api_key, "session": BEARER, "AccountSid": "acme", "CallSid": "CA-url"}
        else:
            given |= {"Domain": "acme"}
        given |= {"callId": "sip-1", "from": "+15550100", "to": "+15550101", **changes}
        agent_uuid = given.pop("agent_uuid", None) or self.agent_uuid
        query = "&".join(
            f"{name}={quote(value, safe='+')}" for name, value in given.items() if value is not None
        )
        return f"{BASE}/{agent_uuid}?{query}"

    def runs(self) -> list[Run]:
        """Return the runs that Agent Streams have made."""
        page = self.town.store.runs.list(
            self.town.run.organization_id, RunFilter(), limit=200, before_id=None
        )
        found = [self.town.store.runs.get(run.organization_id, run.id) for run in page.runs]
        return [run for run in found if run.id != self.town.run.id]

    def live(self) -> frozenset[int]:
        return self.town.store.ledgers.get(self.town.run.organization_id).live


@pytest.fixture
def caller(town: Town) -> Caller:
    town.carrier.answer = LIVE
    organization_id = town.run.organization_id
    town.store.organizations.ensure(Organization(id=organization_id, created_at=NOON))
    _, api_key = create_key(
        town.store.organizations, organization_id, name="stream", scopes=None, now=system_clock()
    )
    return Caller(town=town, api_key=api_key)


async def closing(caller: Caller, address: str, *messages: str) -> tuple[int | None, str]:
    """Open a socket, send these messages or else a good handshake, and return how it was closed."""
    async with caller.town.streamer(handshake_limit_s=1) as server, dial(server.port, address) as phone:
        for message in messages:
            await phone.send_text(message)
        if not messages:
            await phone.start()
        return await phone.wait_closed(), phone.close_reason


@asynccontextmanager
async def greeted(caller: Caller, address: str) -> AsyncIterator[Phone]:
    """Open an Agent Stream and hear the agent's greeting."""
    async with caller.town.streamer() as server, dial(server.port, address) as phone:
        await phone.start()
        await hear_greeting(phone)
        yield phone
        await phone.hang_up()


def hang_ups(town: Town) -> HangUps:
    """Return what ends the calls of owners, without a carrier."""
    runs, ledgers, no_carrier = town.store.runs, town.store.ledgers, cast(CarrierCalls, None)
    ender = RunEnder(runs=runs, ledgers=ledgers, aftercalls=None, clock=system_clock)
    owners = Commander(town.store.mailbox, system_clock)
    return HangUps(ender=ender, calls=no_carrier, owners=owners)


@pytest.mark.parametrize("form", [A, B, C])
async def test_each_form_gets_an_agent_to_talk_and_leaves_a_run(caller: Caller, form: str) -> None:
    async with greeted(caller, caller.address(form)):
        (run,) = caller.runs()
        assert run.status is RunStatus.IN_PROGRESS
        assert caller.live() == {run.id}
    (run,) = caller.runs()
    assert (run.status, run.direction, run.mode) == (
        RunStatus.COMPLETED,
        Direction.INBOUND,
        "cloudonix",
    )
    assert run.name.startswith("WR-AGS-")
    assert len(run.name) == len("WR-AGS-00000000")
    assert (run.telephony.caller_number, run.telephony.called_number) == ("+15550100", "+15550101")
    assert run.telephony.call_id == "session-1"
    assert caller.live() == frozenset()


STAMPS: dict[str, tuple[JsonObject, JsonObject, JsonObject]] = {
    A: ({"call_id": "sip-1", "account_id": "acme"}, {"call_id": "sip-1"}, {}),
    B: ({}, {"call_id": "sip-1"}, {"inbound_webhook": {"domain": "acme"}}),
    C: (
        {"cloudonix_context": "inbound"},
        {"call_id": "session-1", "cloudonix_call_sid": "CA1", "cloudonix_stream_sid": "MZ1"},
        {
            "inbound_webhook": {
                "domain": "acme.cloudonix.net",
                "session": "session-1",
                "callSid": "CA1",
                "streamSid": "MZ1",
                "from": "+15550100",
                "to": "+15550101",
                "context": "inbound",
                "tracks": [],
                "mediaFormat": {},
            }
        },
    ),
}


@pytest.mark.parametrize("form", [A, B, C])
async def test_a_run_has_the_stamps_of_its_form(caller: Caller, form: str) -> None:
    started = replace(
        STARTED,
        context="inbound",
        custom_parameters={"campaign": "spring", "caller_number": "+10", "workflow_run_id": 1},
    )
    async with caller.town.streamer() as server, dial(server.port, caller.address(form)) as phone:
        await phone.start(started)
        await hear_greeting(phone)
        await phone.hang_up()
    (run,) = caller.runs()
    initial, gathered, logs = STAMPS[form]
    assert run.initial_context == {
        "provider": "cloudonix",
        "direction": "inbound",
        "caller_number": "+15550100",
        "called_number": "+15550101",
        "campaign": "spring",
        "workflow_run_id": run.id,
        "agent_uuid": caller.agent_uuid,
        **initial,
    }
    assert (run.gathered_context, run.logs) == (gathered, logs)


CONNECTED = '{"event":"connected"}'
START = (
    '{"event":"start","streamSid":"MZ1","start":{"streamSid":"MZ1","callSid":"CA1","accountSid":"acme"%s}}'
)
REFUSED, BAD = CloseCode.REFUSED, CloseCode.BAD_REQUEST

Row = tuple[str, Mapping[str, str | None], tuple[str, ...], CloseCode, str]
TABLE: list[Row] = [
    (A, {"api_key": "dg_wrong"}, (), REFUSED, "The API key is not valid"),
    (A, {"provider": None}, (), REFUSED, "Missing provider"),
    (B, {"provider": None}, (), REFUSED, "Missing provider"),
    (A, {"provider": "pigeon"}, (), REFUSED, "Unknown provider"),
    (B, {"provider": "pigeon"}, (), REFUSED, "Unknown provider"),
    (C, {"provider": "pigeon"}, (), REFUSED, "Unknown provider"),
    *(
        (
            form,
            {"provider": other},
            (),
            CloseCode.INTERNAL_ERROR,
            f"Agent Stream is not available for {other}",
        )
        for form in (A, B, C)
        for other in ("twilio", "plivo", "telnyx", "vonage", "ari")
    ),
    *((form, {"agent_uuid": "no-such-agent"}, (), REFUSED, "There is no agent") for form in (A, B, C)),
    (A, {"session": None}, (), BAD, "Missing session"),
    (A, {"AccountSid": None}, (), BAD, "Missing AccountSid"),
    (A, {"CallSid": None}, (), BAD, "Missing CallSid"),
    (B, {"Domain": None}, (), BAD, "Missing Domain"),
    (B, {"Domain": "elsewhere"}, (), BAD, "Unknown Cloudonix domain"),
    (
        C,
        {},
        (CONNECTED, START.replace("acme", "elsewhere") % ',"session":"s"'),
        BAD,
        "Unknown Cloudonix domain",
    ),
    *((form, {}, (CONNECTED, START % ""), BAD, "Missing stream identifiers") for form in (B, C)),
    *((form, {}, ("{",), BAD, "") for form in (A, B, C)),
    *((form, {}, ('{"event":"start"}',), BAD, "") for form in (A, B, C)),
    *((form, {}, (CONNECTED, CONNECTED), BAD, "") for form in (A, B, C)),
    *((form, {}, (CONNECTED, '{"event":"start","start":{}}'), BAD, "") for form in (A, B, C)),
    *((form, {}, (CONNECTED,), CloseCode.HANDSHAKE_TIMEOUT, "Handshake timeout") for form in (A, B, C)),
]


@pytest.mark.parametrize(("form", "changes", "messages", "code", "reason"), TABLE)
async def test_each_row_of_the_close_table(
    caller: Caller,
    form: str,
    changes: Mapping[str, str | None],
    messages: tuple[str, ...],
    code: CloseCode,
    reason: str,
) -> None:
    closed, said = await closing(caller, caller.address(form, **changes), *messages)
    assert (closed, said.startswith(reason)) == (code, True), said
    assert BEARER not in said
    assert caller.api_key not in said
    assert caller.runs() == []
    assert caller.live() == frozenset()


@pytest.mark.parametrize("form", [B, C])
@pytest.mark.parametrize(
    ("answer", "code"),
    [
        (Answer(status=404), BAD),
        (Answer(status=401), BAD),
        (Answer(status=500), BAD),
        (Silence.DROPPED, BAD),
        (Answer(status=429), CloseCode.TRY_AGAIN_LATER),
    ],
)
async def test_a_session_that_the_carrier_does_not_confirm_is_refused(
    caller: Caller, form: str, answer: Answer | Silence, code: CloseCode
) -> None:
    caller.town.carrier.answer = answer
    closed, _ = await closing(caller, caller.address(form))
    assert closed == code
    assert caller.runs() == []
    (asked,) = caller.town.carrier.asked
    assert (asked.method, asked.authorization) == ("GET", "Bearer secret-token")
    assert asked.path == "/customers/self/domains/acme.cloudonix.net/sessions/session-1"


@pytest.mark.parametrize("form", [B, C])
async def test_a_session_check_waits_a_moment_for_the_carriers_rate_limit(caller: Caller, form: str) -> None:
    caller.town.carrier.answer_to = at_first(Answer(status=429, headers={"Retry-After": "1"}))
    async with greeted(caller, caller.address(form)):
        (run,) = caller.runs()
    assert run.telephony.call_id == "session-1"
    assert [asked.method for asked in caller.town.carrier.asked[:2]] == ["GET", "GET"]


async def test_inline_credentials_end_the_call_and_are_stored_nowhere(caller: Caller) -> None:
    town = caller.town
    async with (
        town.streamer(engines=hearing("yes that works")) as server,
        dial(server.port, caller.address(A)) as phone,
    ):
        await phone.start()
        await hear_greeting(phone)
        await say_and_hear(phone, 2)
        await phone.hear_out()
    assert [(asked.method, asked.authorization) for asked in town.carrier.asked] == [
        ("DELETE", f"Bearer {BEARER}")
    ]
    (run,) = caller.runs()
    assert run.telephony.configuration_id is None
    assert BEARER not in repr(run)


async def test_a_call_that_only_its_own_credentials_end_is_ended_over_the_api_by_its_process(
    caller: Caller,
) -> None:
    town = caller.town
    async with town.streamer() as server, dial(server.port, caller.address(A)) as phone:
        await phone.start()
        await hear_greeting(phone)
        (run,) = caller.runs()
        await asyncio.to_thread(hang_ups(town).hang_up, run, system_clock())
        await phone.wait_closed()
    assert [(asked.method, asked.authorization) for asked in town.carrier.asked] == [
        ("DELETE", f"Bearer {BEARER}")
    ]
    (run,) = caller.runs()
    assert (run.status, run.end_reason) == (RunStatus.COMPLETED, "hangup_requested")


async def test_inline_secrets_are_in_no_log_and_no_stored_item(
    caller: Caller, storage_settings: Settings, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    async with greeted(caller, caller.address(A)):
        pass
    wrong_turns: list[dict[str, str | None]] = [
        {"provider": "pigeon"},
        {"provider": "twilio"},
        {"agent_uuid": "nobody"},
        {"CallSid": None},
        {"AccountSid": None},
    ]
    for changes in wrong_turns:
        await closing(caller, caller.address(A, **changes))
    await closing(caller, caller.address(A), "{")
    stored = stored_of(storage_settings, caller.town.run.organization_id)
    for secret in (BEARER, caller.api_key):
        assert secret not in caplog.text
        assert [key for key, item in stored.items() if secret in item] == []
    assert any("sip-1" in item for item in stored.values())


async def test_inline_form_with_a_domain_uses_the_stored_credentials(caller: Caller) -> None:
    address = caller.address(A, session=None, AccountSid=None, CallSid=None, Domain="ACME.cloudonix.net.")
    async with greeted(caller, address):
        pass
    (run,) = caller.runs()
    assert run.telephony.configuration_id is not None


async def test_a_key_of_another_organization_or_without_the_scope_is_refused(caller: Caller) -> None:
    organizations = caller.town.store.organizations
    for organization_id, scopes in (
        (f"{caller.town.run.organization_id}-b", None),
        (caller.town.run.organization_id, [Scope.RUNS_READ]),
    ):
        _, key = create_key(organizations, organization_id, name="x", scopes=scopes, now=system_clock())
        closed, _ = await closing(caller, caller.address(A, api_key=key))
        assert closed == REFUSED
    assert caller.runs() == []


async def test_an_archived_agent_is_refused_in_every_form(caller: Caller) -> None:
    agents = caller.town.store.agents
    agent = agents.get(caller.town.run.organization_id, caller.agent_uuid)
    agents.save(replace(agent, status=AgentStatus.ARCHIVED), None, [])
    for form in (A, B, C):
        closed, _ = await closing(caller, caller.address(form))
        assert closed == REFUSED
    assert caller.runs() == []


@pytest.mark.parametrize("form", [A, B, C])
async def test_no_place_among_the_concurrent_calls_is_refused(caller: Caller, form: str) -> None:
    limits = Limits(max_concurrent_calls=0)
    caller.town.store.organizations.set_limits(caller.town.run.organization_id, limits)
    closed, _ = await closing(caller, caller.address(form))
    assert closed == REFUSED
    assert caller.runs() == []


@pytest.mark.parametrize("form", [A, B, C])
async def test_a_used_up_quota_is_refused(caller: Caller, form: str) -> None:
    limits = Limits(minutes_per_month=0)
    caller.town.store.organizations.set_limits(caller.town.run.organization_id, limits)
    closed, reason = await closing(caller, caller.address(form))
    assert (closed, "minutes" in reason) == (REFUSED, True)
    assert caller.runs() == []


@pytest.mark.parametrize("form", [A, B, C])
async def test_a_full_process_sends_calls_elsewhere(caller: Caller, form: str) -> None:
    async with caller.town.streamer(max_calls=1) as server, dial(server.port, caller.address(B)) as first:
        await first.start()
        await hear_greeting(first)
        async with dial(server.port, caller.address(form)) as second:
            assert await second.wait_closed() == CloseCode.TRY_AGAIN_LATER
        await first.hang_up()


def heard(town: Town, run: Run) -> int:
    """Count the sentences of which the log knows that they were heard."""
    playbacks = [
        e.data for e in town.store.events.read(run.id, consistent=True) if e.event.type == "playback"
    ]
    return sum(playback["state"] == "finished" for playback in playbacks)


@pytest.mark.parametrize("form", [A, B, C])
async def test_the_same_session_joins_its_live_run_and_nothing_is_said_twice(
    caller: Caller, form: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Who has nothing to write learns at its next renewal that another has the call; that of 5 s comes as a phone gives up.
    monkeypatch.setattr("streamer.record.possession._RENEW_EVERY_S", 0.2)
    town = caller.town
    async with town.streamer() as one, town.streamer() as two:
        async with (
            dial(one.port, caller.address(form)) as first,
            dial(two.port, caller.address(form)) as second,
        ):
            await first.start()
            await hear_greeting(first)
            (run,) = caller.runs()
            await town.until(lambda: heard(town, run) == 2)
            await second.start()
            await second.say(b"\xff" * 1600)
            await first.say(b"\xff" * 1600)
            assert await first.wait_closed() == CloseCode.TAKEN_OVER
            await second.hang_up()
        await town.until(lambda: caller.runs()[0].status.is_final)
    (joined,) = caller.runs()
    assert joined.id == run.id
    texts = [
        event.data["text"] for event in town.store.events.read(run.id) if event.event.type == "transcript"
    ]
    assert len(texts) == len(set(texts))


async def test_a_session_whose_run_is_over_begins_another_run(caller: Caller) -> None:
    for _ in range(2):
        async with greeted(caller, caller.address(B)):
            pass
    assert len({run.id for run in caller.runs()}) == 2


async def test_another_organization_with_the_same_domain_and_session_has_a_run_of_its_own(
    caller: Caller, town: Town
) -> None:
    other = f"{town.run.organization_id}-b"
    add_cloudonix(
        town.store.telephony,
        town.box,
        other,
        domain="acme",
        bearer_token="another-token",
    )
    agent = town.store.agents.get(town.run.organization_id, caller.agent_uuid)
    draft = town.store.agents.get_version(agent.uuid, 1)
    copy = replace(agent, uuid=f"{agent.uuid[:-2]}zz", organization_id=other)
    town.store.agents.create(copy, replace(draft, agent_uuid=copy.uuid), [])
    async with greeted(caller, caller.address(B)), greeted(caller, caller.address(B, agent_uuid=copy.uuid)):
        (ours,) = caller.runs()
    assert ours.organization_id == town.run.organization_id


async def test_abandoned_sockets_leave_nothing_behind(caller: Caller) -> None:
    addresses: list[Callable[[], str]] = [lambda f=form: caller.address(f) for form in (A, B, C)]  # type: ignore[misc]
    async with caller.town.streamer() as server:
        for start in range(0, 200, 50):
            async with asyncio.TaskGroup() as tasks:
                for n in range(start, start + 50):
                    tasks.create_task(_abandon(server.port, addresses[n % 3](), says_hello=n % 2 == 0))
        await caller.town.until(lambda: server.calls == 0)
        assert [task for task in asyncio.all_tasks() if "AgentStreams" in repr(task)] == []
    assert caller.runs() == []
    assert caller.live() == frozenset()


async def _abandon(port: int, address: str, *, says_hello: bool) -> None:
    async with dial(port, address) as phone:
        if says_hello:
            await phone.send_text(CONNECTED)
        phone.drop()
