"""What holds the feeding of a campaign up, or ends it, and that nobody is called twice or forgotten for that."""

from dataclasses import replace
from datetime import UTC, datetime, time, timedelta

import pytest

from offhook.adapters.dynamodb.runs import ledger_bounds
from offhook.callinghours import CallingWindow, Weekday
from offhook.campaigns.model import CampaignStatus, Counts, ImportStatus, Page, Source
from offhook.clock import system_clock
from offhook.runs.model import Run, RunStatus
from tests.support.campaigning import CampaignStage, MakeCampaign
from tests.support.contacts import make_contact
from tests.support.makers import NOON, make_admission, make_run
from tests.support.rest import Install


def completed(_: Run) -> RunStatus:
    return RunStatus.COMPLETED


def called(stage: CampaignStage) -> list[str | None]:
    """Return the numbers of all runs, oldest first."""
    return [run.telephony.called_number for run in stage.runs]


def test_the_quota_of_the_month_pauses_a_campaign_and_says_so(start: MakeCampaign) -> None:
    stage = start(contacts=2, max_concurrent_calls=1)
    stage.limit(minutes_per_month=1)
    stage.turn(completed)
    organization_id = stage.campaign.organization_id
    other = make_run(organization_id, usage={"call_duration_seconds": 60})
    stage.store.ledgers.admit(make_admission(organization_id, run_id=other.id), stage.clock())
    stage.store.ledgers.release(other, stage.clock())
    stage.feed()
    assert (stage.stored.status, stage.stored.paused_reason) == (CampaignStatus.PAUSED, "quota-exceeded")
    assert (len(stage.runs), stage.counts.calling) == (1, 0)
    stage.limit(minutes_per_month=60)
    stage.change(status=CampaignStatus.RUNNING, paused_reason=None)
    stage.go_on(completed)
    assert stage.attempts() == {each.number: ["completed"] for each in stage.contacts}


def test_who_finds_the_dial_queue_full_is_called_when_it_has_room(
    start: MakeCampaign, monkeypatch: pytest.MonkeyPatch
) -> None:
    stage = start(contacts=2)
    other = make_admission(stage.campaign.organization_id)
    monkeypatch.setattr(ledger_bounds, "MAX_QUEUED", 1)
    stage.store.ledgers.enqueue(other, stage.clock())
    stage.feed()
    assert stage.runs == []
    assert stage.counts == Counts(contacts=2, started=1, waiting=1)
    stage.store.ledgers.forget(other.organization_id, other.run_id)
    stage.go_on(completed)
    assert stage.attempts() == {each.number: ["completed"] for each in stage.contacts}
    assert stage.counts == Counts(contacts=2, started=2, attempts=2, done={"completed": 2})


def import_two_zones(stage: CampaignStage) -> list[str]:
    """Add four people to the one of a campaign, by turns in Berlin and in New York, and return the numbers of all five."""
    begun = stage.store.contacts.begin_import(stage.campaign, Source(key="zones.csv", tag="1"), NOON)
    contacts = [make_contact(row, import_number=begun.number) for row in range(2, 6)]
    contacts[1::2] = [
        replace(each, country="US", zone="America/New_York", number=f"+1212555010{each.row}")
        for each in contacts[1::2]
    ]
    latest = replace(begun, status=ImportStatus.DONE, rows=4, contacts=4, ended_at=NOON)
    pages = [Page(contacts=tuple(contacts[first::2])) for first in (0, 1)]
    stage.store.contacts.save(stage.campaign, begun, latest, pages)
    return [each.number for each in [*stage.contacts, *contacts]]


def test_people_of_several_zones_are_called_in_their_order(start: MakeCampaign) -> None:
    stage = start(contacts=1, max_concurrent_calls=1)
    numbers = import_two_zones(stage)
    stage.go_on(completed)
    assert called(stage) == numbers


def test_a_zone_that_is_closed_holds_up_no_other_one(start: MakeCampaign) -> None:
    morning = CallingWindow(weekdays=tuple(Weekday), opens=time(9), closes=time(10))
    stage = start(contacts=1, max_concurrent_calls=1, windows=(morning,))
    *berlin, new_york, late_berlin, late_new_york = import_two_zones(stage)
    # A Wednesday: half past nine in Berlin, and night in New York.
    stage.clock.now = datetime(2026, 12, 2, 8, 30, tzinfo=UTC)
    for _ in range(4):
        stage.turn(completed)
        stage.clock.move(minutes=1)
    assert called(stage) == [*berlin, late_berlin]
    opening = datetime(2026, 12, 2, 14, tzinfo=UTC)
    due = stage.store.wakes.due(opening + timedelta(days=1), limit=500)
    assert [wake.due_at for wake in due if wake.id == stage.campaign.id] == [opening]
    stage.clock.now = opening
    stage.go_on(completed)
    assert called(stage) == [*berlin, late_berlin, new_york, late_new_york]


def test_from_its_end_on_nobody_is_called_and_the_call_under_way_goes_on(
    install: Install, start: MakeCampaign
) -> None:
    stage = start(contacts=4, max_concurrent_calls=2, end_at=system_clock() + timedelta(minutes=10))
    stage.feed()
    (first, _) = stage.dials.sent
    stage.dials.sent.remove(first)
    stage.dial()
    stage.clock.move(minutes=11)
    # One call waits for its dial still, and one is under way.
    stage.dials.sent.append(first)
    stage.dial()
    stage.follow()
    stage.feed()
    assert not stage.stored.status.is_final
    stage.end(completed)
    stage.follow()
    stage.feed()
    assert stage.stored.status is CampaignStatus.COMPLETED
    path = f"/api/v1/campaigns/{stage.campaign.id}/progress"
    progress = install.http.get(path, headers=stage.tenant.headers).json()
    assert progress["done"] == {"completed": 1, "canceled": 1}
    assert {name: progress[name] for name in ("new", "waiting", "dialling", "canceled")} == {
        "new": 0,
        "waiting": 0,
        "dialling": 0,
        "canceled": 2,
    }
    assert len(install.carrier.asked) == 1
