"""Campaigns at the front door."""

from typing import Any

import httpx
import pytest

from offhook.ids import new_uuid
from offhook.runs.model import CampaignCall
from tests.support.makers import make_run
from tests.support.rest import Install, Tenant

PATH = "/api/v1/campaigns"
WINDOW: dict[str, Any] = {"weekdays": ["monday", "friday"], "opens": "09:30", "closes": "24:00"}


@pytest.fixture
def stranger(install: Install, organization_id: str) -> Tenant:
    return install.new_tenant(organization_id[::-1], has_line=False)


def make(install: Install, tenant: Tenant, **fields: Any) -> httpx.Response:
    body = {"name": "Reminders", "agent_uuid": tenant.agent_uuid, **fields}
    return install.http.post(PATH, json=body, headers=tenant.headers)


def made(install: Install, tenant: Tenant, **fields: Any) -> dict[str, Any]:
    reply = make(install, tenant, **fields)
    assert reply.status_code == 201, reply.text
    campaign: dict[str, Any] = reply.json()
    return campaign


def ask(install: Install, tenant: Tenant, method: str, path: str, body: Any = None) -> httpx.Response:
    return install.http.request(method, f"{PATH}/{path}", json=body, headers=tenant.headers)


def faulty(reply: httpx.Response) -> list[Any]:
    """Return where the faults of a refused body are."""
    assert reply.status_code == 422, reply.text
    return [each["loc"] for each in reply.json()["errors"]]


def test_a_campaign_is_shown_as_it_was_asked_for_and_by_default(install: Install, tenant: Tenant) -> None:
    plain = made(install, tenant)
    assert ask(install, tenant, "GET", plain["id"]).json() == plain
    assert (plain["status"], plain["created_by"], plain["version"]) == ("draft", tenant.api_key_id, None)
    assert (plain["max_concurrent_calls"], plain["calls_per_minute"]) == (5, 30)
    fields = {
        "telephony_configuration_id": tenant.configuration_id,
        "from_phone_number_ids": [tenant.number_id],
        "default_country": "DE",
        "start_at": "2027-03-01T09:00:00.000Z",
        "end_at": "2027-03-02T09:00:00.000Z",
        "calling_windows": [WINDOW],
        "respects_calling_hours": False,
        "max_concurrent_calls": 7,
        "calls_per_minute": 100,
        "retries": {
            "busy": {"times": 2, "after_minutes": 5},
            "no_answer": None,
            "voicemail": None,
            "failed": None,
        },
    }
    full = made(install, tenant, **fields)
    assert {name: full[name] for name in fields} == fields


def test_a_callback_is_never_shown(install: Install, tenant: Tenant) -> None:
    campaign = made(install, tenant, callback_url="http://127.0.0.1:9/secret-token")
    shown = ask(install, tenant, "GET", campaign["id"])
    assert (campaign["has_callback"], "secret-token" in shown.text) == (True, False)
    inside = make(install, tenant, callback_url="http://169.254.169.254/latest")
    assert (faulty(inside), "latest" in inside.text) == ([["body", "callback_url"]], False)


@pytest.mark.parametrize(
    ("fields", "place"),
    [
        ({"name": " "}, ["name"]),
        ({"end_at": "2027-03-01T09:00:00Z", "start_at": "2027-03-01T10:00:00+01:00"}, ["end_at"]),
        ({"calling_windows": [{**WINDOW, "opens": "24:00"}]}, ["calling_windows", 0, "opens"]),
        ({"calling_windows": [{**WINDOW, "closes": "09:30"}]}, ["calling_windows", 0]),
        ({"calling_windows": [{**WINDOW, "weekdays": []}]}, ["calling_windows", 0, "weekdays"]),
        ({"calling_windows": [{**WINDOW, "weekdays": ["montag"]}]}, ["calling_windows", 0, "weekdays", 0]),
        ({"calling_windows": [WINDOW] * 22}, ["calling_windows"]),
        ({"max_concurrent_calls": 0}, ["max_concurrent_calls"]),
        ({"calls_per_minute": 6001}, ["calls_per_minute"]),
        ({"retries": {"busy": {"times": 11, "after_minutes": 5}}}, ["retries", "busy", "times"]),
        ({"retries": {"asleep": {"times": 1, "after_minutes": 5}}}, ["retries", "asleep"]),
        ({"default_country": "de"}, ["default_country"]),
        ({"agent_uuid": "nobody"}, ["agent_uuid"]),
        ({"telephony_configuration_id": "none"}, ["telephony_configuration_id"]),
        ({"from_phone_number_ids": ["none"]}, ["from_phone_number_ids", 0]),
        ({"colour": "red"}, ["colour"]),
    ],
)
def test_what_can_not_be_is_refused_with_its_place(
    install: Install, tenant: Tenant, fields: dict[str, Any], place: list[Any]
) -> None:
    assert faulty(make(install, tenant, **fields)) == [["body", *place]]
    assert install.store.campaigns.list(tenant.organization_id, limit=5, after=None) == ([], None)


def test_an_agent_without_a_published_version_calls_nobody(install: Install, tenant: Tenant) -> None:
    draft = install.add_agent(tenant.organization_id, new_uuid())
    reply = make(install, tenant, agent_uuid=draft)
    assert faulty(reply) == [["body", "agent_uuid"]]
    assert "publish it" in reply.text


def test_what_is_left_out_of_an_edit_stays_and_goes_when_all_is_said_anew(
    install: Install, tenant: Tenant
) -> None:
    campaign = made(install, tenant, calling_windows=[WINDOW], end_at="2027-03-02T09:00:00Z")
    edited = ask(install, tenant, "PATCH", campaign["id"], {"name": "Other", "end_at": None}).json()
    assert edited["updated_at"] is not None
    assert edited == {**campaign, "name": "Other", "revision": 2, "updated_at": edited["updated_at"]}
    whole = {"name": "Third", "agent_uuid": tenant.agent_uuid}
    said = ask(install, tenant, "PUT", campaign["id"], whole).json()
    assert (said["name"], said["end_at"], said["calling_windows"]) == ("Third", None, [])
    wrong = ask(install, tenant, "PATCH", campaign["id"], {"from_phone_number_ids": ["none"]})
    assert faulty(wrong) == [["body", "from_phone_number_ids", 0]]
    assert ask(install, tenant, "GET", campaign["id"]).json() == said


def test_campaigns_are_listed_newest_first_by_cursor_and_status(
    install: Install, tenant: Tenant, stranger: Tenant
) -> None:
    ids = [made(install, tenant)["id"] for _ in range(3)]
    first = ask(install, tenant, "GET", "?limit=2").json()
    second = ask(install, tenant, "GET", f"?limit=2&cursor={first['next_cursor']}").json()
    assert [each["id"] for each in first["items"] + second["items"]] == ids[::-1]
    assert second["next_cursor"] is None
    assert ask(install, tenant, "GET", "?status=running").json()["items"] == []
    assert ask(install, stranger, "GET", "").json()["items"] == []
    assert ask(install, stranger, "GET", ids[0]).status_code == 404


def test_runs_tell_their_campaign_and_are_listed_by_it(
    install: Install, tenant: Tenant, stranger: Tenant
) -> None:
    call = CampaignCall(campaign_id="cmp_1", contact_id="000001-000000001", number=1)
    run, other = make_run(tenant.organization_id, campaign=call), make_run(tenant.organization_id)
    for each in (run, other):
        install.store.runs.create(each)

    def listed(asks: Tenant) -> list[Any]:
        reply = install.http.get("/api/v1/runs?campaign_id=cmp_1", headers=asks.headers)
        return [(each["id"], each["campaign_id"]) for each in reply.json()["items"]]

    assert (listed(tenant), listed(stranger)) == ([(run.id, "cmp_1")], [])


def test_a_campaign_is_made_once_for_an_idempotency_key(install: Install, tenant: Tenant) -> None:
    body = {"name": "Once", "agent_uuid": tenant.agent_uuid}
    headers = {**tenant.headers, "Idempotency-Key": "march"}
    replies = [install.http.post(PATH, json=body, headers=headers) for _ in range(2)]
    assert replies[0].json() == replies[1].json()
    assert len(ask(install, tenant, "GET", "").json()["items"]) == 1
