"""Calls that the carrier announces over HTTP: routed, proved, made a run once, and refused politely."""

import json
import logging
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from offhook.agents.executable import find_for_stream
from offhook.clock import system_clock
from offhook.organizations.limits import Limits
from offhook.runs.carrier.incoming import CallTaker, IncomingCall
from offhook.runs.model import Direction, Run, RunStatus
from offhook.telephony.model import CarrierCall
from tests.support.carrier import Answer, Silence
from tests.support.rest import BEARER_TOKEN, Install, Tenant
from tests.support.triggers import post_trigger, runs_of
from tests.support.webhooks import (
    CALLER,
    INBOUND,
    WEBHOOK_KEY,
    announce,
    answer_at,
    carrier_headers,
    connect,
    cxml,
    verbs,
    webhook,
)

STREAM, REFUSED, HUNG_UP = ["Connect", "Redirect"], ["Say", "Hangup"], ["Hangup"]


@pytest.fixture
def keyed(install: Install, tenant: Tenant) -> Tenant:
    """Return an organization whose webhooks carry a key."""
    connect(install, tenant, webhook_api_key=WEBHOOK_KEY)
    return tenant


@pytest.fixture
def keyless(install: Install, tenant: Tenant) -> Tenant:
    """Return an organization whose calls are looked up at the carrier."""
    connect(install, tenant)
    return tenant


def test_a_call_gets_a_run_and_the_stream_of_it(install: Install, keyed: Tenant) -> None:
    document = cxml(announce(install, webhook(keyed)))
    (run,) = runs_of(install, keyed)
    links = install.ports.links
    assert [element.tag for element in document] == STREAM
    assert document[0][0].attrib == {"name": f"{run.id}-1", "url": links.media_url(run.id, 1)}
    assert document[1].text == links.continue_url(run.id)
    assert run.name.startswith("WR-TEL-IN-")
    assert (len(run.name), run.name[-8:].isdigit()) == (18, True)
    assert (run.status, run.direction, run.mode) == (RunStatus.RINGING, Direction.INBOUND, "cloudonix")
    assert run.agent_uuid == keyed.agent_uuid
    assert run.id in install.store.ledgers.get(keyed.organization_id).live
    assert install.carrier.asked == []


def test_a_run_is_stamped_with_what_the_carrier_said_and_no_more(install: Install, keyed: Tenant) -> None:
    announce(install, webhook(keyed, CallerName="Jane Doe", SessionData={"profile": {"secret": "pssst"}}))
    (run,) = runs_of(install, keyed)
    assert run.initial_context == {
        "provider": "cloudonix",
        "direction": "inbound",
        "caller_number": CALLER,
        "called_number": keyed.caller_number,
        "telephony_configuration_id": keyed.configuration_id,
        "workflow_run_id": run.id,
        "agent_uuid": keyed.agent_uuid,
    }
    assert run.gathered_context == {"call_id": "sess-1"}
    assert run.logs == {
        "inbound_webhook": {
            "account_id": keyed.cloudonix_domain,
            "from_country": "US",
            "to_country": "US",
            "from_phone_number_id": keyed.number_id,
            "domain": keyed.cloudonix_domain,
            "session": "sess-1",
        }
    }
    telephony = run.telephony
    assert (telephony.configuration_id, telephony.call_id) == (keyed.configuration_id, "sess-1")
    assert (telephony.caller_number, telephony.called_number) == (CALLER, keyed.caller_number)


def test_a_form_says_the_same_as_json(install: Install, keyed: Tenant) -> None:
    body = webhook(keyed) | {"SessionData": json.dumps({"token": "sess-1"}), "Session": ""}
    reply = install.http.post(INBOUND, data=body, headers=carrier_headers(WEBHOOK_KEY))
    assert verbs(reply) == STREAM
    (run,) = runs_of(install, keyed)
    assert run.telephony.call_id == "sess-1"
    assert run.telephony.caller_number == CALLER


@pytest.mark.parametrize(
    "called",
    [
        "12025550100",
        "sip:+12025550100@acme.cloudonix.net",
        "+1 (202) 555-0100",
        "<sip:12025550100@1.2.3.4:5080>",
    ],
)
def test_a_number_is_known_however_it_is_spelt(install: Install, keyed: Tenant, called: str) -> None:
    assert verbs(announce(install, webhook(keyed, To=called))) == STREAM
    (run,) = runs_of(install, keyed)
    assert run.telephony.called_number == keyed.caller_number


def test_a_domain_is_known_however_it_is_spelt(install: Install, keyed: Tenant) -> None:
    short = keyed.cloudonix_domain.removesuffix(".cloudonix.net").upper()
    assert verbs(announce(install, webhook(keyed, Domain=short))) == STREAM
    assert verbs(announce(install, webhook(keyed, Domain=None, AccountSid=keyed.cloudonix_domain))) == STREAM
    assert len(runs_of(install, keyed)) == 1


def test_a_subscriber_calls_in_like_anybody(install: Install, keyed: Tenant) -> None:
    assert verbs(announce(install, webhook(keyed, Direction="Subscriber", From="1001"))) == STREAM
    (run,) = runs_of(install, keyed)
    assert run.telephony.caller_number == "1001"


@pytest.mark.parametrize("direction", ["outbound-api", "", None, 5])
def test_other_calls_are_hung_up(install: Install, keyed: Tenant, direction: Any) -> None:
    assert verbs(announce(install, webhook(keyed, Direction=direction))) == HUNG_UP
    assert runs_of(install, keyed) == []


def test_a_call_that_is_announced_again_keeps_its_run(install: Install, keyed: Tenant) -> None:
    replies = [announce(install, webhook(keyed)) for _ in range(3)]
    assert len({reply.text for reply in replies}) == 1
    assert len(runs_of(install, keyed)) == 1
    assert verbs(announce(install, webhook(keyed, session="sess-2"))) == STREAM
    assert len(runs_of(install, keyed)) == 2


def test_a_call_that_is_announced_by_many_at_once_takes_one_place(install: Install, keyed: Tenant) -> None:
    limit(install, keyed, max_concurrent_calls=1)
    with ThreadPoolExecutor(8) as pool:
        replies = list(pool.map(lambda _: announce(install, webhook(keyed)), range(8)))
    assert {tuple(verbs(reply)) for reply in replies} == {tuple(STREAM)}
    assert len({reply.text for reply in replies}) == 1
    (run,) = runs_of(install, keyed)
    assert install.store.ledgers.get(keyed.organization_id).live == {run.id}


def test_a_call_that_began_on_an_agent_stream_goes_on_as_the_run_that_it_has(
    install: Install, keyed: Tenant
) -> None:
    run = taken_on_an_agent_stream(install, keyed)
    # Nobody answers at the number: the address of the stream said which agent.
    answer_at(install, keyed, None)
    document = cxml(announce(install, webhook(keyed)))
    assert document[0][0].attrib["url"] == install.ports.links.media_url(run.id, 1)
    assert [run.id for run in runs_of(install, keyed)] == [run.id]
    install.ports.ender.end(run, RunStatus.CANCELED)
    assert verbs(announce(install, webhook(keyed))) == HUNG_UP


def taken_on_an_agent_stream(install: Install, tenant: Tenant) -> Run:
    store = install.store
    taker = CallTaker(runs=store.runs, ledgers=store.ledgers, organizations=store.organizations)
    call = IncomingCall(
        executable=find_for_stream(store.agents, tenant.agent_uuid, None),
        at_carrier=CarrierCall(
            organization_id=tenant.organization_id,
            provider="cloudonix",
            account=tenant.cloudonix_domain,
            call_id="sess-1",
        ),
        name="WR-AGS-00000001",
    )
    return taker.take(call, system_clock())


def test_a_call_that_is_over_begins_no_second_run(install: Install, keyed: Tenant) -> None:
    announce(install, webhook(keyed))
    (run,) = runs_of(install, keyed)
    install.ports.ender.end(run, RunStatus.CANCELED)
    assert verbs(announce(install, webhook(keyed))) == HUNG_UP
    assert len(runs_of(install, keyed)) == 1


def test_a_call_that_went_out_from_us_does_not_come_in(install: Install, keyed: Tenant) -> None:
    assert post_trigger(install, keyed).status_code == 200
    (run,) = runs_of(install, keyed)
    assert run.telephony.call_id is not None
    assert verbs(announce(install, webhook(keyed, session=run.telephony.call_id))) == HUNG_UP
    assert runs_of(install, keyed) == [run]


@pytest.mark.parametrize("key", ["wrong", WEBHOOK_KEY[:-1], None])
def test_without_the_right_key_nothing_happens(install: Install, keyed: Tenant, key: str | None) -> None:
    assert verbs(announce(install, webhook(keyed), key)) == HUNG_UP
    assert verbs(announce(install, webhook(keyed, To="+12025550199"), key)) == HUNG_UP
    assert runs_of(install, keyed) == []
    # A live call at the carrier is no substitute.
    assert install.carrier.asked == []


def test_the_key_may_come_as_a_bearer_token(install: Install, keyed: Tenant) -> None:
    headers = {"X-CX-Domain": keyed.cloudonix_domain, "Authorization": f"Bearer {WEBHOOK_KEY}"}
    assert verbs(install.http.post(INBOUND, json=webhook(keyed), headers=headers)) == STREAM


def test_the_key_of_one_organization_opens_no_other(install: Install, keyed: Tenant) -> None:
    other = install.new_tenant(keyed.organization_id[::-1])
    connect(install, other, webhook_api_key="the-key-of-the-other")
    assert verbs(announce(install, webhook(other))) == HUNG_UP
    assert verbs(announce(install, webhook(other), "the-key-of-the-other")) == STREAM
    assert runs_of(install, keyed) == []
    assert len(runs_of(install, other)) == 1


def test_without_a_key_the_call_is_looked_up_with_the_stored_token(install: Install, keyless: Tenant) -> None:
    install.carrier.answer = Answer(status=200, body={"status": "ringing"})
    assert verbs(announce(install, webhook(keyless), None)) == STREAM
    (asked,) = install.carrier.asked
    path = f"/customers/self/domains/{keyless.cloudonix_domain}/sessions/sess-1"
    assert (asked.method, asked.path, asked.authorization) == ("GET", path, f"Bearer {BEARER_TOKEN}")


def test_a_call_that_the_carrier_does_not_know_is_hung_up(install: Install, keyless: Tenant) -> None:
    install.carrier.answer = Answer(status=404)
    assert verbs(announce(install, webhook(keyless), "any key")) == HUNG_UP
    assert runs_of(install, keyless) == []


@pytest.mark.parametrize("answer", [Answer(status=429), Answer(status=500), Silence.DROPPED])
def test_a_call_that_can_not_be_looked_up_is_refused(
    install: Install, keyless: Tenant, answer: Answer | Silence
) -> None:
    install.carrier.answer = answer
    assert verbs(announce(install, webhook(keyless), None)) == REFUSED
    assert runs_of(install, keyless) == []


@pytest.mark.parametrize("session", [None, "", "..", ".", "a/b", "x" * 300, 5, {}])
def test_a_call_without_a_session_is_refused_although_it_has_an_id(
    install: Install, keyless: Tenant, session: Any
) -> None:
    assert verbs(announce(install, webhook(keyless, session=session), None)) == REFUSED
    assert (install.carrier.asked, runs_of(install, keyless)) == ([], [])


def no_agent(install: Install, tenant: Tenant) -> None:
    answer_at(install, tenant, None)


def archived(install: Install, tenant: Tenant) -> None:
    path = f"/api/v1/agents/{tenant.agent_uuid}/archive"
    assert install.http.post(path, headers=tenant.headers).status_code == 200


def limit(install: Install, tenant: Tenant, **limits: Any) -> None:
    install.store.organizations.set_limits(tenant.organization_id, Limits(**limits))


def full(install: Install, tenant: Tenant) -> None:
    limit(install, tenant, max_concurrent_calls=1)
    assert verbs(announce(install, webhook(tenant, session="the-first"))) == STREAM


def capped(install: Install, tenant: Tenant) -> None:
    path = f"/api/v1/streaming-workflows/{tenant.agent_uuid}/deploy"
    cap = {"max_concurrent_sessions": 1}
    assert install.http.post(path, json=cap, headers=tenant.headers).status_code == 201
    assert verbs(announce(install, webhook(tenant, session="the-first"))) == STREAM


def used_up(install: Install, tenant: Tenant) -> None:
    limit(install, tenant, minutes_per_month=0)


@pytest.mark.parametrize("given", [no_agent, archived, full, capped, used_up])
def test_a_call_that_can_not_be_taken_hears_so(
    install: Install, keyed: Tenant, given: Callable[[Install, Tenant], None]
) -> None:
    given(install, keyed)
    before = runs_of(install, keyed)
    reply = announce(install, webhook(keyed))
    assert verbs(reply) == REFUSED
    assert "Please" in reply.text or "not in service" in reply.text
    assert runs_of(install, keyed) == before
    call = CarrierCall(
        provider="cloudonix",
        organization_id=keyed.organization_id,
        account=keyed.cloudonix_domain,
        call_id="sess-1",
    )
    assert install.store.runs.find_call(call) is None


@pytest.mark.parametrize(
    "changes", [{"To": "+12025550199"}, {"To": None}, {"Domain": "nobody-has-this"}, {"Domain": None}]
)
def test_an_unknown_number_or_domain_is_refused(
    install: Install, keyed: Tenant, changes: dict[str, Any]
) -> None:
    assert verbs(announce(install, webhook(keyed, **changes))) == REFUSED
    assert runs_of(install, keyed) == []


def test_a_domain_that_nobody_has_verified_is_refused(install: Install, tenant: Tenant) -> None:
    answer_at(install, tenant, tenant.agent_uuid)
    assert verbs(announce(install, webhook(tenant))) == REFUSED
    assert (install.carrier.asked, runs_of(install, tenant)) == ([], [])


def test_what_is_of_no_carrier_that_we_know_is_refused(install: Install, keyed: Tenant) -> None:
    body = {"CallSid": "CA1", "From": CALLER, "To": keyed.caller_number, "AccountSid": "AC0001"}
    assert verbs(install.http.post(INBOUND, json=body, headers={"User-Agent": "TwilioProxy"})) == REFUSED


@pytest.mark.parametrize(
    "content",
    [b"", b"{", b"[]", b"null", b'"text"', b"\xff\xfe", b"[" * 100_000, b"x" * 2_000_000, b'{"a": NaN}'],
)
@pytest.mark.parametrize(
    "content_type", ["application/json", "application/x-www-form-urlencoded", "text/xml"]
)
def test_any_body_is_answered_with_a_document(install: Install, content: bytes, content_type: str) -> None:
    headers = {**carrier_headers(None), "Content-Type": content_type}
    assert verbs(install.http.post(INBOUND, content=content, headers=headers))[-1] == "Hangup"


def test_a_form_of_very_many_fields_is_refused(install: Install, keyed: Tenant) -> None:
    body = webhook(keyed) | {f"f{number}": "x" for number in range(200)}
    reply = install.http.post(INBOUND, data=body, headers=carrier_headers(WEBHOOK_KEY))
    assert verbs(reply) == REFUSED
    assert runs_of(install, keyed) == []


def test_no_number_and_no_secret_is_logged(
    install: Install, keyed: Tenant, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    announce(install, webhook(keyed))
    announce(install, webhook(keyed), "wrong-key")
    announce(install, webhook(keyed, To="+12025550199"))
    logged = "\n".join(str(vars(record)) for record in caplog.records if record.name.startswith("offhook"))
    assert "inbound call refused" in logged
    for secret in (CALLER, keyed.caller_number, WEBHOOK_KEY, "wrong-key", "sess-1", "2025550199"):
        assert secret not in logged
