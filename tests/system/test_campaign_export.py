"""The export of a campaign at the front door: asked for, written by whoever does a campaign's work, fetched by its link."""

import csv
import io
import json
import socket
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.request import urlopen

import httpx
import pytest

from local.client.campaigns import export
from local.client.rest import InstallClient
from local.client.target import Target
from offhook.campaigns.exports import KEPT, STANDSTILL
from offhook.campaigns.model import Campaign, Contact, ContactState, ContactStatus, Page, Source
from offhook.clock import system_clock
from offhook.errors import OffhookError
from offhook.organizations.model import Scope
from offhook.runs.model import RunStatus
from tests.support.makers import make_run
from tests.support.peers import listening, replies
from tests.support.rest import Install, Tenant

ADA, GRACE = "+14155550101", "+14155550102"


@dataclass(frozen=True, slots=True, kw_only=True)
class Desk:
    """A campaign of a tenant, at the front door and from inside."""

    install: Install
    tenant: Tenant
    campaign: Campaign

    @property
    def path(self) -> str:
        return f"/api/v1/campaigns/{self.campaign.id}/export"

    def ask(self) -> httpx.Response:
        return self.install.http.post(self.path, headers=self.tenant.headers)

    def look(self) -> dict[str, Any]:
        reply = self.install.http.get(self.path, headers=self.tenant.headers)
        assert reply.status_code == 200, reply.text
        document: dict[str, Any] = reply.json()
        return document

    def write(self, number: int) -> None:
        """Do what the message asks for that POST has sent."""
        until = system_clock() + timedelta(minutes=1)
        exporter = self.install.ports.exporter
        assert exporter.go_on(self.tenant.organization_id, self.campaign.id, number, until)

    def add_contacts(self) -> None:
        """Have two people in it, of whom one was talked to."""
        contacts, now = self.install.store.contacts, system_clock()
        ada, grace = (
            Contact(
                import_number=1,
                row=row,
                number=number,
                country="US",
                zone="America/Los_Angeles",
                context={"customer_name": name},
            )
            for row, number, name in ((1, ADA, "=Ada"), (2, GRACE, "Grace"))
        )
        begun = contacts.begin_import(self.campaign, Source(key="uploads/list.csv", tag="1"), now)
        contacts.save(self.campaign, begun, begun, [Page(contacts=(ada, grace))])
        run = make_run(
            self.tenant.organization_id,
            status=RunStatus.COMPLETED,
            gathered_context={"day": "Thursday"},
            disposition="rescheduled",
        )
        self.install.store.runs.create(run)
        self._note(ada, run.id)

    def _note(self, contact: Contact, run_id: int) -> None:
        state = ContactState(
            campaign_id=self.campaign.id,
            organization_id=self.tenant.organization_id,
            contact_id=contact.id,
            number=contact.number,
            page_key="US|America/Los_Angeles#000001#000000001",
            index=0,
            status=ContactStatus.DONE,
            run_ids=(run_id,),
            disposition="rescheduled",
        )
        assert self.install.store.attempts.claim(self.campaign, None, state)


@pytest.fixture
def desk(install: Install, tenant: Tenant) -> Desk:
    body = {"name": "Reminders", "agent_uuid": tenant.agent_uuid}
    made = install.http.post("/api/v1/campaigns", json=body, headers=tenant.headers).json()
    campaign = install.store.campaigns.get(tenant.organization_id, made["id"])
    return Desk(install=install, tenant=tenant, campaign=campaign)


def test_an_export_is_written_and_fetched_with_its_link_alone(desk: Desk) -> None:
    desk.add_contacts()
    asked = desk.ask()
    assert asked.status_code == 200, asked.text
    assert (asked.json()["number"], asked.json()["status"], asked.json()["url"]) == (1, "writing", None)
    assert desk.look() == asked.json()
    desk.write(1)
    done = desk.look()
    assert (done["status"], done["rows"]) == ("done", 2)
    with urlopen(done["url"], timeout=10) as reply:
        content = reply.read()
        assert reply.headers["Content-Type"] == "text/csv; charset=utf-8"
        assert f"{desk.campaign.id}-1.csv" in reply.headers["Content-Disposition"]
    assert len(content) == done["size_bytes"]
    ada, grace = csv.DictReader(io.StringIO(content.decode("utf-8-sig"), newline=""))
    assert (ada["phone_number"], ada["customer_name"], ada["status"]) == (ADA, "'=Ada", "done")
    assert (ada["disposition"], ada["gathered_context.day"]) == ("rescheduled", "Thursday")
    assert (grace["phone_number"], grace["status"], grace["attempts"]) == (GRACE, "new", "0")


def test_asking_again_while_it_is_written_is_the_same_export(desk: Desk) -> None:
    assert desk.ask().json() == desk.ask().json()
    desk.write(1)
    assert (desk.look()["status"], desk.look()["rows"]) == ("done", 0)
    assert desk.ask().json()["number"] == 2


@pytest.mark.parametrize(
    ("is_done", "age", "status"),
    [(False, STANDSTILL, "failed"), (True, KEPT, "expired"), (True, timedelta(), "done")],
)
def test_one_that_nobody_finished_failed_and_the_file_of_an_old_one_is_gone(
    desk: Desk, is_done: bool, age: timedelta, status: str
) -> None:
    began = system_clock() - age - timedelta(seconds=1)
    export = desk.install.store.exports.begin(desk.campaign, began)
    if is_done:
        desk.install.store.exports.save(export, replace(export, ended_at=began, rows=1, size_bytes=1))
    shown = desk.look()
    assert (shown["status"], shown["url"] is not None) == (status, status == "done")


def test_without_an_export_and_for_strangers_there_is_none(desk: Desk, organization_id: str) -> None:
    reply = desk.install.http.get(desk.path, headers=desk.tenant.headers)
    assert (reply.status_code, reply.json()["code"]) == (404, "not-found")
    assert "POST" in reply.json()["detail"]
    stranger = desk.install.new_tenant(organization_id[::-1], has_line=False)
    desk.ask()
    for method in ("GET", "POST"):
        assert desk.install.http.request(method, desk.path, headers=stranger.headers).status_code == 404


def test_an_export_takes_a_key_that_may_read_campaigns(desk: Desk) -> None:
    other = desk.install.add_key(desk.tenant, Scope.RUNS_READ)
    assert desk.install.http.post(desk.path, headers=other).json()["code"] == "scope-required"
    reader = desk.install.add_key(desk.tenant, Scope.CAMPAIGNS_READ)
    assert desk.install.http.post(desk.path, headers=reader).status_code == 200


def test_an_export_that_cannot_be_put_in_its_place_leaves_nothing_behind(tmp_path: Path) -> None:
    def done(connection: socket.socket) -> None:
        document = json.dumps(
            {"status": "done", "url": f"http://127.0.0.1:{connection.getsockname()[1]}/csv"}
        )
        replies(f"HTTP/1.1 200 OK\nContent-Length: {len(document)}\nConnection: close\n\n{document}")(
            connection
        )

    taken = tmp_path / "taken"
    taken.mkdir()
    with (
        listening(done) as peer,
        InstallClient(Target(base_url=peer.url, api_key="dg_key")) as client,
        pytest.raises(OffhookError, match="can't be written"),
    ):
        export(client, "c1", taken)
    assert list(tmp_path.iterdir()) == [taken]
