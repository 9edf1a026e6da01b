"""Announcements that anybody can make up: they use up neither the carrier's pace nor the threads of everybody else."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from datetime import timedelta
from pathlib import Path

import httpx
import pytest

from functions.dialer.services import make_services as make_dialer
from local.install.ports import LocalPorts
from local.install.rest import create_rest
from offhook.adapters.carriers.paced import PacedCarrier
from offhook.adapters.cloudonix.client import CloudonixClient
from offhook.clock import system_clock
from offhook.runs.model import RunStatus
from tests.support.backstage import HandSetClock
from tests.support.carrier import Answer, Asked
from tests.support.cloudonix import carriers_of, make_account
from tests.support.phone import STARTED, dial
from tests.support.queues import messages_for
from tests.support.rest import Install, Tenant, served
from tests.support.town import Town
from tests.support.triggers import post_trigger, runs_of
from tests.support.webhooks import WEBHOOK_KEY, announce, connect, verbs, webhook

MADE_UP = 200
BUSY, HUNG_UP, STREAM = ["Say", "Hangup"], ["Hangup"], ["Connect", "Redirect"]
REAL, AGAIN = "sess-of-a-caller", "sess-of-another"


def knows_real_sessions(asked: Asked) -> Answer | None:
    if "/sessions/" not in asked.path:
        return None
    return Answer(status=200 if asked.path.endswith((REAL, AGAIN)) else 404, body={})


@dataclass
class Sent:
    """A queue that nobody reads."""

    messages: list[int] = field(default_factory=list)

    def send(self, run_id: int, *, delay_seconds: int = 0) -> None:
        self.messages.append(run_id)


@pytest.fixture
def clock() -> HandSetClock:
    return HandSetClock(now=system_clock())


@pytest.fixture
def paced(install: Install, clock: HandSetClock, tmp_path: Path) -> Iterator[Install]:
    """Return the install as it is in earnest: what it asks the carrier for goes at the carrier's pace."""
    settings = replace(install.ports.settings, cloudonix_url=install.carrier.url)
    ports = LocalPorts(settings, key_file=tmp_path / "unused", clock=clock)
    ports.store, ports.media, ports.dials = install.store, install.ports.media, install.ports.dials
    ports.secret_box = install.ports.secret_box
    with served(create_rest(ports)) as url, httpx.Client(base_url=url, timeout=30) as http:
        yield replace(install, ports=ports, http=http)
    ports.close()
    messages_for(install.ports.dials, ())


@pytest.fixture
def keyless(paced: Install, tenant: Tenant) -> Tenant:
    """Return an organization that has agreed on no key with its carrier."""
    connect(paced, tenant)
    paced.carrier.answer_to = knows_real_sessions
    return tenant


def flood(install: Install, tenant: Tenant) -> list[httpx.Response]:
    """Announce calls that are none."""
    with ThreadPoolExecutor(8) as pool:
        bodies = (webhook(tenant, f"made-up-{number}") for number in range(MADE_UP))
        return list(pool.map(lambda body: announce(install, body, None), bodies))


def test_made_up_calls_are_asked_for_three_times_and_a_queued_call_is_dialled_at_once(
    paced: Install, keyless: Tenant, clock: HandSetClock
) -> None:
    replies = flood(paced, keyless)
    asked = [each for each in paced.carrier.asked if "/sessions/" in each.path]
    assert len(asked) == 3
    # Nobody learns more from them than that we are busy, or nothing.
    told = [verbs(reply) for reply in replies]
    assert (told.count(HUNG_UP), told.count(BUSY)) == (3, MADE_UP - 3)
    assert runs_of(paced, keyless) == []
    reply = post_trigger(paced, keyless, Prefer="respond-async")
    assert reply.status_code == 202
    calls = replace(make_dialer(paced.ports).calls, dials=Sent())
    calls.dial(reply.json()["workflow_run_id"], clock())
    assert [run.status for run in runs_of(paced, keyless)] == [RunStatus.DIALING]
    assert post_trigger(paced, keyless).status_code == 200


def test_a_caller_who_is_known_is_not_asked_for_again_and_one_who_is_not_has_a_turn_later(
    paced: Install, keyless: Tenant, clock: HandSetClock
) -> None:
    assert verbs(announce(paced, webhook(keyless, REAL), None)) == STREAM
    flood(paced, keyless)
    paced.carrier.asked.clear()
    assert verbs(announce(paced, webhook(keyless, REAL), None)) == STREAM
    assert verbs(announce(paced, webhook(keyless, AGAIN), None)) == BUSY
    assert paced.carrier.asked == []
    clock.move(seconds=10)
    assert verbs(announce(paced, webhook(keyless, AGAIN), None)) == STREAM
    assert len(runs_of(paced, keyless)) == 2


def test_callers_without_a_key_come_at_the_pace_of_checks_while_nobody_makes_any_up(
    paced: Install, keyless: Tenant
) -> None:
    paced.carrier.answer_to = lambda _: None
    assert [verbs(announce(paced, webhook(keyless, f"s{n}"), None)) for n in range(8)] == [STREAM] * 8


def test_who_shows_the_key_is_not_held_up_by_those_who_do_not(paced: Install, tenant: Tenant) -> None:
    connect(paced, tenant, webhook_api_key=WEBHOOK_KEY)
    replies = flood(paced, tenant)
    assert [verbs(reply) for reply in replies] == [HUNG_UP] * MADE_UP
    assert [verbs(announce(paced, webhook(tenant, f"s{n}"))) for n in range(5)] == [STREAM] * 5
    assert paced.carrier.asked == []


@pytest.mark.parametrize("form", ["?provider=cloudonix&Domain=acme", "cloudonix/"])
async def test_made_up_sessions_on_agent_streams_leave_the_pace_to_calls(town: Town, form: str) -> None:
    # An hour that is nobody else's: the pace of this account is one for all tests.
    clock = HandSetClock(now=system_clock() + timedelta(hours=len(form)))
    account = make_account("acme", "secret-token")
    town.carrier.answer_to = knows_real_sessions
    client = CloudonixClient(town.carrier.url)
    carrier = PacedCarrier(carriers_of(client), town.store.pace, clock=clock, paces_dials=True)
    agent = town.run.agent_uuid
    path = (
        f"/api/v1/agent-stream/{form}{agent}" if form.endswith("/") else f"/api/v1/agent-stream/{agent}{form}"
    )
    async with town.streamer(carrier=carrier) as server:
        for number in range(12):
            async with dial(server.port, path) as phone:
                await phone.start(replace(STARTED, session=f"made-up-{number}"))
                await phone.wait_closed()
        assert len(town.carrier.asked) == 3
        assert town.store.pace.wait_seconds(account.pace_name, clock()) == 0
        clock.move(seconds=10)
        async with dial(server.port, path) as phone:
            await phone.start(replace(STARTED, session=REAL))
            await phone.wait_until(lambda: len(phone.marks) >= 1)
            town.carrier.asked.clear()
            # The carrier's second stream of the same call takes over, whatever strangers do meanwhile.
            for number in range(4):
                async with dial(server.port, path) as stranger:
                    await stranger.start(replace(STARTED, session=f"more-{number}"))
                    await stranger.wait_closed()
            assert len(town.carrier.asked) <= 3
            town.carrier.asked.clear()
            async with dial(server.port, path) as second:
                await second.start(replace(STARTED, session=REAL))
                await second.wait_until(lambda: len(second.marks) >= 1 or second.close_code is not None)
                assert second.close_code is None
                assert town.carrier.asked == []
                await second.hang_up()
    client.close()
