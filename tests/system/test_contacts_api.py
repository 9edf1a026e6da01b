"""Contacts at the front door: sent as a body or as a file, imported, listed."""

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any
from urllib.request import Request, urlopen

import httpx
import pytest

from functions.feeder import app as feeder_app
from functions.feeder.app import create_handler as create_feeder
from functions.feeder.services import make_services as make_feeder
from offhook.adapters.dynamodb.campaigns.contacts import DynamoContacts
from offhook.adapters.sqs.queue import SqsCampaignQueue
from offhook.campaigns import importing
from offhook.campaigns.model import CampaignStatus
from offhook.campaigns.ports import CampaignWork
from offhook.errors import StorageError
from offhook.ids import new_uuid
from tests.support.rest import Install, Tenant


@pytest.fixture
def campaign_id(install: Install, tenant: Tenant) -> str:
    body = {"name": "Reminders", "agent_uuid": tenant.agent_uuid, "default_country": "US"}
    made: str = install.http.post("/api/v1/campaigns", json=body, headers=tenant.headers).json()["id"]
    return made


Ask = Callable[..., httpx.Response]


@pytest.fixture
def ask(install: Install, tenant: Tenant, campaign_id: str) -> Ask:
    def send(method: str, path: str, body: Any = None, **how: Any) -> httpx.Response:
        url = f"/api/v1/campaigns/{campaign_id}/{path}"
        return install.http.request(method, url, json=body, headers=tenant.headers, **how)

    return send


def person(number: int, **fields: Any) -> dict[str, Any]:
    return {"phone_number": f"+1415555{number:04d}", **fields}


def import_file(
    install: Install, tenant: Tenant, campaign_id: str, body: bytes, **how: Any
) -> dict[str, Any]:
    """Do what a client does with a file, and what the feeder does with its message; return the import."""
    path = f"/api/v1/campaigns/{campaign_id}"

    def post(noun: str, **fields: Any) -> dict[str, Any]:
        reply = install.http.post(f"{path}/{noun}", json=fields, headers=tenant.headers)
        assert reply.is_success, reply.text
        made: dict[str, Any] = reply.json()
        return made

    upload = post("uploads", size_bytes=len(body))
    request = Request(upload["url"], data=body, method=upload["method"], headers=upload["headers"])
    with urlopen(request, timeout=10):
        begun = post("imports", upload_id=upload["upload_id"], **how)
    assert begun["status"] == "reading"
    feed(install, tenant, campaign_id, begun["number"])
    done: dict[str, Any] = install.http.get(
        f"{path}/imports/{begun['number']}", headers=tenant.headers
    ).json()
    return done


def feed(install: Install, tenant: Tenant, campaign_id: str, number: int) -> None:
    """Do what the feeder does with the message that orders an import."""
    order = {"organization_id": tenant.organization_id, "campaign_id": campaign_id, "work": "import"}
    body = json.dumps({**order, "number": number})
    handler = create_feeder(make_feeder(install.ports))
    assert handler({"Records": [{"messageId": "1", "body": body}]}, None)["batchItemFailures"] == []


def test_people_of_a_body_are_contacts_once_it_is_answered(ask: Ask) -> None:
    context = {"order": {"id": 7, "paid": None}, "name": "Zoë"}
    people = [
        person(100, time_zone="America/New_York", initial_context=context),
        {"phone_number": "(415) 555-0101"},
        {"phone_number": "nobody"},
        person(100),
    ]
    reply = ask("POST", "contacts", {"contacts": people})
    assert reply.status_code == 201, reply.text
    imported = reply.json()
    assert (imported["status"], imported["failure"]) == ("done", None)
    assert [imported[name] for name in ("rows", "contacts", "faults", "duplicates")] == [4, 2, 1, 1]
    assert ask("GET", "imports").json()["items"] == [imported]
    contacts = ask("GET", "contacts").json()
    assert contacts["next_cursor"] is None
    assert contacts["items"][1] == {
        "id": "000001-000000001",
        "phone_number": "+14155550100",
        "country": "US",
        "time_zone": "America/New_York",
        "initial_context": context,
        "status": "new",
        "disposition": None,
        "due_at": None,
        "workflow_run_ids": [],
    }
    assert contacts["items"][0]["phone_number"] == "+14155550101"
    faults = ask("GET", "imports/1/faults").json()["items"]
    assert [fault["row"] for fault in faults] == [3, 4]
    assert "nobody" not in str(faults)


def test_a_file_is_sent_to_its_url_and_imported(
    install: Install, tenant: Tenant, campaign_id: str, ask: Ask
) -> None:
    rows = "".join(f"Person {n};415 555 {n:04d};\n" for n in range(1, 251))
    body = f"name;Handy;empty\n{rows}bad;1;\n".encode("utf-8-sig")
    done = import_file(install, tenant, campaign_id, body, number_column="handy")
    assert done["failure"] is None
    assert (done["status"], done["contacts"], done["faults"]) == ("done", 250, 1)
    names, cursor = [], None
    for size in (120, 120, 10):
        query = f"contacts?limit=120{f'&cursor={cursor}' if cursor else ''}"
        page = ask("GET", query).json()
        names += [contact["initial_context"]["name"] for contact in page["items"]]
        cursor = page["next_cursor"]
        assert len(page["items"]) == size
    assert (names, cursor) == ([f"Person {n}" for n in range(1, 251)], None)
    assert ask("GET", "contacts?status=done").json() == {"items": [], "next_cursor": None}
    another = import_file(install, tenant, campaign_id, b"name\nBob\n")
    assert (another["number"], another["status"]) == (2, "failed")
    assert "phone_number" in another["failure"]


def test_an_import_that_is_not_through_in_time_goes_on_with_another_message(
    install: Install, tenant: Tenant, campaign_id: str, ask: Ask, monkeypatch: pytest.MonkeyPatch
) -> None:
    sent: list[tuple[CampaignWork, int]] = []
    monkeypatch.setattr(importing, "_ROWS_A_STEP", 2)
    monkeypatch.setattr(feeder_app, "LIMIT", timedelta())
    monkeypatch.setattr(
        SqsCampaignQueue, "send", lambda _, __, ___, work, number=0, **____: sent.append((work, number))
    )
    body = b"phone\n" + b"".join(b"+1415555%04d\n" % row for row in range(5))
    assert import_file(install, tenant, campaign_id, body)["status"] == "reading"
    assert sent == [(CampaignWork.IMPORT, 1), (CampaignWork.IMPORT, 1)]
    feed(install, tenant, campaign_id, 1)
    feed(install, tenant, campaign_id, 1)
    done = ask("GET", "imports/1").json()
    assert (done["status"], done["contacts"]) == ("done", 5)


def test_faults_come_page_by_page(ask: Ask) -> None:
    people = [{"phone_number": "x"} for _ in range(7)]
    assert ask("POST", "contacts", {"contacts": people}).json()["faults"] == 7
    first = ask("GET", "imports/1/faults?limit=5").json()
    rest = ask("GET", f"imports/1/faults?limit=5&cursor={first['next_cursor']}").json()
    assert [fault["row"] for fault in first["items"] + rest["items"]] == list(range(1, 8))
    assert rest["next_cursor"] is None


def test_the_same_body_with_the_same_idempotency_key_is_imported_once(
    install: Install, tenant: Tenant, campaign_id: str, ask: Ask
) -> None:
    headers = {**tenant.headers, "Idempotency-Key": new_uuid()}
    replies = [
        install.http.post(
            f"/api/v1/campaigns/{campaign_id}/contacts", json={"contacts": [person(1)]}, headers=headers
        )
        for _ in range(2)
    ]
    assert replies[0].json() == replies[1].json()
    assert len(ask("GET", "imports").json()["items"]) == 1


def test_a_body_that_comes_again_since_nobody_answered_is_imported_once(
    install: Install, tenant: Tenant, campaign_id: str, ask: Ask, monkeypatch: pytest.MonkeyPatch
) -> None:
    headers = {**tenant.headers, "Idempotency-Key": new_uuid()}
    path, body = f"/api/v1/campaigns/{campaign_id}/contacts", {"contacts": [person(1)]}
    with monkeypatch.context() as failing:
        failing.setattr(DynamoContacts, "save", unreachable)
        assert install.http.post(path, json=body, headers=headers).status_code == 503
    assert ask("GET", "imports/1").json()["status"] == "reading"
    other = ask("POST", "contacts", {"contacts": [person(2)]})
    assert (other.status_code, other.json()["code"]) == (409, "import-running")
    reply = install.http.post(path, json=body, headers=headers)
    assert (reply.status_code, reply.json()["contacts"]) == (201, 1)
    assert len(ask("GET", "imports").json()["items"]) == 1


def unreachable(*_: object) -> None:
    raise StorageError("The database did not answer.")


def test_imports_are_listed_page_by_page(ask: Ask) -> None:
    for number in range(1, 4):
        assert ask("POST", "contacts", {"contacts": [person(number)]}).json()["number"] == number
    first = ask("GET", "imports?limit=2").json()
    rest = ask("GET", f"imports?limit=2&cursor={first['next_cursor']}").json()
    assert [each["number"] for each in first["items"] + rest["items"]] == [3, 2, 1]
    assert rest["next_cursor"] is None


def test_a_file_that_was_not_sent_is_told(ask: Ask) -> None:
    reply = ask("POST", "imports", {"upload_id": new_uuid()})
    assert reply.status_code == 422
    assert reply.json()["errors"][0]["loc"] == ["body", "upload_id"]


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("uploads", {"size_bytes": 268_435_457}),
        ("uploads", {"size_bytes": 0}),
        ("imports", {"upload_id": "../../other"}),
        ("contacts", {"contacts": []}),
        ("contacts", {"contacts": [{"phone_number": "+14155550100"}] * 1_001}),
        ("contacts", {"contacts": [{"number": "+14155550100"}]}),
    ],
)
def test_what_is_too_much_or_no_contact_is_refused(ask: Ask, path: str, body: Any) -> None:
    assert ask("POST", path, body).status_code == 422


def test_nothing_is_added_to_a_campaign_that_is_over(
    install: Install, tenant: Tenant, campaign_id: str, ask: Ask
) -> None:
    campaign = install.store.campaigns.get(tenant.organization_id, campaign_id)
    install.store.campaigns.update(replace(campaign, status=CampaignStatus.CANCELED), campaign)
    for path, body in (("contacts", {"contacts": [person(1)]}), ("uploads", {"size_bytes": 1})):
        reply = ask("POST", path, body)
        assert (reply.status_code, reply.json()["code"]) == (409, "campaign-over")


def test_an_import_that_is_not_there_is_not_found(ask: Ask) -> None:
    for path in ("imports/1", "imports/1/faults"):
        assert ask("GET", path).status_code == 404
