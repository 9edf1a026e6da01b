"""Campaigns that are started, paused, resumed and canceled at the front door, and how far they are."""

import json
from dataclasses import replace
from datetime import UTC, datetime, time, timedelta
from decimal import Decimal
from typing import Any

import boto3
import httpx
import pytest

from offhook.callinghours import CallingWindow, Weekday
from offhook.campaigns.model import Campaign, CampaignStatus, ContactStatus
from offhook.organizations.audit import AuditAction
from offhook.runs.model import CampaignCall, RunStatus
from offhook.waking import WakeKind
from tests.support.contacts import import_contacts, make_state
from tests.support.makers import NOON, make_admission, make_campaign, make_run
from tests.support.rest import Install, Tenant

AHEAD = timedelta(days=400)
FAR = datetime(2036, 1, 1, tzinfo=UTC)


@pytest.fixture
def campaign(install: Install, tenant: Tenant) -> Campaign:
    """Return a draft of the tenant with three contacts."""
    made = make_campaign(tenant.organization_id, agent_uuid=tenant.agent_uuid)
    install.store.campaigns.add(made)
    import_contacts(install.store, made, 3)
    return stored(install, made)


def stored(install: Install, campaign: Campaign) -> Campaign:
    return install.store.campaigns.get(campaign.organization_id, campaign.id)


def steer(install: Install, tenant: Tenant, campaign: Campaign, verb: str) -> httpx.Response:
    return install.http.post(f"/api/v1/campaigns/{campaign.id}/{verb}", headers=tenant.headers)


def told(reply: httpx.Response) -> tuple[int, str]:
    """Return the status of a reply, and that of its campaign, or the code of the refusal."""
    return reply.status_code, reply.json().get("code") or reply.json()["status"]


def messages_of(install: Install, campaign: Campaign) -> list[dict[str, Any]]:
    """Take what was sent for the campaign."""
    sqs, url = boto3.client("sqs"), install.ports.settings.campaign_queue_url
    found = []
    while got := sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10).get("Messages"):
        for message in got:
            sqs.delete_message(QueueUrl=url, ReceiptHandle=message["ReceiptHandle"])
            body = json.loads(message["Body"])
            found += [body] if body["campaign_id"] == campaign.id else []
    return found


def test_a_campaign_is_started_paused_resumed_and_canceled(
    install: Install, tenant: Tenant, campaign: Campaign
) -> None:
    started = steer(install, tenant, campaign, "start").json()
    assert (started["status"], started["version"], started["started_at"] is None) == ("running", 1, False)
    assert stored(install, campaign).key_id == tenant.api_key_id
    turns = [told(steer(install, tenant, campaign, verb)) for verb in ("pause", "resume", "cancel")]
    assert turns == [(200, "paused"), (200, "running"), (200, "canceled")]
    assert stored(install, campaign).ended_at is not None
    fed = {
        "organization_id": tenant.organization_id,
        "campaign_id": campaign.id,
        "work": "feed",
        "number": 0,
    }
    assert messages_of(install, campaign) == [fed] * 4
    entries = install.store.audit.newest(tenant.organization_id, limit=9)
    assert {(each.subject, each.key_id) for each in entries} == {(campaign.id, tenant.api_key_id)}
    assert [each.action for each in entries] == [
        AuditAction.CAMPAIGN_CANCELED,
        AuditAction.CAMPAIGN_RESUMED,
        AuditAction.CAMPAIGN_PAUSED,
        AuditAction.CAMPAIGN_STARTED,
    ]


def test_the_same_turn_twice_is_one_and_what_leads_nowhere_is_refused(
    install: Install, tenant: Tenant, campaign: Campaign
) -> None:
    assert told(steer(install, tenant, campaign, "pause")) == (409, "campaign-state")
    assert told(steer(install, tenant, campaign, "resume")) == (409, "campaign-state")
    once, twice = (steer(install, tenant, campaign, "start").json() for _ in range(2))
    assert once == twice
    steer(install, tenant, campaign, "pause")
    assert told(steer(install, tenant, campaign, "start")) == (409, "campaign-state")
    steer(install, tenant, campaign, "cancel")
    for verb in ("start", "pause", "resume"):
        assert told(steer(install, tenant, campaign, verb)) == (409, "campaign-over")
    path = f"/api/v1/campaigns/{campaign.id}"
    late = install.http.patch(path, json={"name": "Late"}, headers=tenant.headers)
    assert told(late) == (409, "campaign-over")


def test_what_can_not_call_yet_is_not_started(install: Install, tenant: Tenant, campaign: Campaign) -> None:
    empty = make_campaign(tenant.organization_id, agent_uuid=tenant.agent_uuid)
    install.store.campaigns.add(empty)
    assert told(steer(install, tenant, empty, "start")) == (409, "no-contacts")
    past = install.store.campaigns.update(replace(campaign, end_at=NOON - AHEAD), campaign)
    assert told(steer(install, tenant, campaign, "start")) == (409, "end-passed")
    at_night = CallingWindow(weekdays=tuple(Weekday), opens=time(2), closes=time(3))
    shut = install.store.campaigns.update(replace(past, end_at=None, windows=(at_night,)), past)
    reply = steer(install, tenant, campaign, "start")
    assert told(reply) == (409, "never-open")
    assert "Contacts in DE could never be called" in reply.json()["detail"]
    past = install.store.campaigns.update(replace(shut, windows=()), shut)
    lineless = replace(past, end_at=None, from_phone_number_ids=("gone",))
    install.store.campaigns.update(lineless, past)
    assert told(steer(install, tenant, campaign, "start")) == (409, "campaign-not-callable")
    assert stored(install, campaign).status is CampaignStatus.DRAFT
    assert messages_of(install, campaign) == []


def test_an_editor_who_read_an_older_state_changes_nothing(
    install: Install, tenant: Tenant, campaign: Campaign
) -> None:
    path = f"/api/v1/campaigns/{campaign.id}"

    def send(method: str, verb: str, tag: str, body: Any = None) -> httpx.Response:
        headers = {**tenant.headers, "If-Match": tag}
        return install.http.request(method, path + verb, json=body, headers=headers)

    first = install.http.get(path, headers=tenant.headers).headers["ETag"]
    edited = send("PATCH", "", first, {"name": "Mine"})
    second = edited.headers["ETag"]
    assert (edited.status_code, second) == (200, f'"{edited.json()["revision"]}"')
    whole = {"name": "Theirs", "agent_uuid": tenant.agent_uuid}
    turns = [("POST", f"/{verb}", None) for verb in ("start", "pause", "resume", "cancel")]
    for method, verb, body in [
        ("PATCH", "", {"name": "Theirs"}),
        ("PUT", "", whole),
        *turns,
        ("DELETE", "", None),
    ]:
        refused = send(method, verb, first, body)
        assert (refused.status_code, refused.json()["code"]) == (412, "precondition-failed"), (method, verb)
    assert install.http.get(path, headers=tenant.headers).json() == edited.json()
    started = send("POST", "/start", second)
    assert started.json()["status"] == "running"
    # Whoever stops a campaign may mean it in any state.
    third = send("POST", "/cancel", "*").headers["ETag"]
    assert send("DELETE", "", third).status_code == 204
    messages_of(install, campaign)


def test_who_has_no_line_is_told_so(install: Install, organization_id: str) -> None:
    lineless = install.new_tenant(organization_id, has_line=False)
    campaign = make_campaign(organization_id, agent_uuid=lineless.agent_uuid)
    install.store.campaigns.add(campaign)
    import_contacts(install.store, campaign, 1)
    assert told(steer(install, lineless, campaign, "start")) == (400, "telephony-not-configured")


def test_a_started_campaign_is_woken_though_its_message_is_lost(
    install: Install, tenant: Tenant, campaign: Campaign
) -> None:
    steer(install, tenant, campaign, "start")
    (wake,) = (each for each in install.store.wakes.due(NOON + AHEAD, limit=500) if each.id == campaign.id)
    assert (wake.kind, wake.organization_id) == (WakeKind.CAMPAIGN, tenant.organization_id)
    install.store.wakes.clear(wake.kind, wake.id)


def test_an_edit_of_a_running_campaign_is_heeded_at_once_and_its_agent_stays(
    install: Install, tenant: Tenant, campaign: Campaign
) -> None:
    steer(install, tenant, campaign, "start")
    messages_of(install, campaign)
    path = f"/api/v1/campaigns/{campaign.id}"
    edited = install.http.patch(path, json={"max_concurrent_calls": 9}, headers=tenant.headers)
    assert (edited.json()["max_concurrent_calls"], edited.json()["status"]) == (9, "running")
    assert len(messages_of(install, campaign)) == 1
    other = install.add_agent(tenant.organization_id, campaign.id[:30])
    install.editor.publish(tenant.organization_id, other)
    refused = install.http.patch(path, json={"agent_uuid": other}, headers=tenant.headers)
    assert told(refused) == (409, "campaign-started")


@pytest.mark.parametrize(
    ("start_at", "is_foreseen"), [("9999-12-20T00:00:00Z", True), ("9999-12-31T23:59:59Z", False)]
)
def test_progress_tells_of_a_campaign_that_begins_as_late_as_can_be(
    install: Install, tenant: Tenant, campaign: Campaign, start_at: str, is_foreseen: bool
) -> None:
    path = f"/api/v1/campaigns/{campaign.id}"
    assert install.http.patch(path, json={"start_at": start_at}, headers=tenant.headers).is_success
    assert steer(install, tenant, campaign, "start").is_success
    found = install.http.get(f"{path}/progress", headers=tenant.headers).json()
    assert (found["status"], found["estimated_end_at"] is not None) == ("running", is_foreseen)


def test_progress_tells_where_each_contact_is(install: Install, tenant: Tenant, campaign: Campaign) -> None:
    def progress() -> dict[str, Any]:
        reply = install.http.get(f"/api/v1/campaigns/{campaign.id}/progress", headers=tenant.headers)
        found: dict[str, Any] = reply.json()
        return found

    idle = {"new": 3, "waiting": 0, "dialling": 0, "talking": 0, "done": {}, "estimated_end_at": None}
    assert {name: progress()[name] for name in idle} == idle
    steer(install, tenant, campaign, "start")
    running, store = stored(install, campaign), install.store
    first, second, _ = import_contacts(store, running, 3, key="second.csv")
    call = CampaignCall(campaign_id=campaign.id, contact_id=first.id, number=1)
    talking = make_run(tenant.organization_id, campaign=call, status=RunStatus.IN_PROGRESS)
    other = make_run(tenant.organization_id, status=RunStatus.IN_PROGRESS)
    for run in (talking, other):
        store.runs.create(run)
        store.ledgers.admit(make_admission(tenant.organization_id, run_id=run.id), NOON)
    store.attempts.claim(running, None, make_state(running, first, run_ids=(talking.id,)))
    dialling = store.attempts.claim(running, None, make_state(running, second, run_ids=(7,)))
    assert dialling is not None
    found = progress()
    assert (found["contacts"], found["new"], found["dialling"], found["talking"]) == (6, 4, 1, 1)
    assert found["estimated_end_at"] is not None
    waiting = store.attempts.move(
        dialling, replace(dialling, status=ContactStatus.WAITING, due_at=FAR), attempts=1, call_seconds=10
    )
    assert waiting is not None
    assert (progress()["waiting"], progress()["dialling"]) == (1, 0)
    done = replace(waiting, status=ContactStatus.DONE, due_at=None, disposition="sold")
    store.attempts.move(waiting, done, attempts=1, cost_usd=Decimal("0.25"), call_seconds=40)
    found = progress()
    assert (found["done"], found["dialling"], found["attempts"]) == ({"sold": 1}, 0, 2)
    assert (found["cost_usd"], found["call_seconds"]) == (0.25, 50)
    steer(install, tenant, campaign, "cancel")
    found = progress()
    assert (found["new"], found["waiting"], found["canceled"]) == (0, 0, 4)


def test_a_campaign_that_is_over_is_removed_and_one_that_is_not_is_not(
    install: Install, tenant: Tenant, campaign: Campaign
) -> None:
    path, store = f"/api/v1/campaigns/{campaign.id}", install.store
    steer(install, tenant, campaign, "start")
    assert told(install.http.delete(path, headers=tenant.headers)) == (409, "campaign-state")
    running = stored(install, campaign)
    (first,) = import_contacts(store, running, 1, key="second.csv")
    calling = store.attempts.claim(running, None, make_state(running, first))
    assert calling is not None
    steer(install, tenant, campaign, "cancel")
    busy = install.http.delete(path, headers=tenant.headers)
    assert (told(busy), "under way" in busy.text) == ((409, "campaign-state"), True)
    store.attempts.move(calling, replace(calling, status=ContactStatus.DONE, due_at=None, disposition="sold"))
    messages_of(install, campaign)
    assert install.http.delete(path, headers=tenant.headers).status_code == 204
    assert install.http.get(path, headers=tenant.headers).status_code == 404
    assert [each["work"] for each in messages_of(install, campaign)] == ["remove"]
    (entry,) = store.audit.newest(tenant.organization_id, limit=1)
    assert (entry.action, entry.subject) == (AuditAction.CAMPAIGN_REMOVED, campaign.id)


def test_runs_of_a_campaign_are_listed_below_it(install: Install, tenant: Tenant, campaign: Campaign) -> None:
    call = CampaignCall(campaign_id=campaign.id, contact_id="000001-000000001", number=1)
    run = make_run(tenant.organization_id, campaign=call)
    for each in (run, make_run(tenant.organization_id)):
        install.store.runs.create(each)
    path = f"/api/v1/campaigns/{campaign.id}/runs"
    reply = install.http.get(path, headers=tenant.headers)
    assert [each["id"] for each in reply.json()["items"]] == [run.id]
    assert install.http.get(f"{path}?status=busy", headers=tenant.headers).json()["items"] == []
