"""Campaigns on DynamoDB, and the lists of their runs."""

from dataclasses import replace
from datetime import time, timedelta

import boto3
import pytest

from offhook.adapters.dynamodb.store import Store
from offhook.callinghours import CallingWindow, Weekday
from offhook.campaigns.model import (
    Campaign,
    CampaignStatus,
    Fault,
    ImportStatus,
    Page,
    RetryRule,
    RetryRules,
    Source,
)
from offhook.campaigns.ports import CampaignWork
from offhook.campaigns.removing import CampaignRemover
from offhook.errors import ConflictError, NotFoundError
from offhook.ids import new_uuid
from offhook.runs.model import CampaignCall, Delivery, DeliveryStatus, Run
from offhook.runs.ports import RunFilter
from offhook.settings import Settings
from tests.support.contacts import import_contacts, make_contact, make_state
from tests.support.makers import NOON, make_campaign, make_run

FULL = {
    "version": 3,
    "telephony_configuration_id": "configuration",
    "from_phone_number_ids": ("n1", "n2"),
    "default_country": "DE",
    "start_at": NOON,
    "end_at": NOON + timedelta(days=1),
    "windows": (
        CallingWindow(weekdays=(Weekday.MONDAY, Weekday.FRIDAY), opens=time(9), closes=time(17, 30)),
        CallingWindow(weekdays=(Weekday.SUNDAY,), opens=time(12), closes=time(13)),
    ),
    "respects_calling_hours": False,
    "retries": RetryRules(busy=RetryRule(times=2, after_minutes=5)),
    "callback_url": "https://example.com/hook",
    "notice": Delivery(status=DeliveryStatus.DELIVERED),
    "created_by": "key",
    "paused_reason": "quota-exceeded",
}


@pytest.mark.every_python
@pytest.mark.parametrize("changes", [{}, FULL])
def test_a_campaign_is_read_as_it_was_stored(
    store: Store, organization_id: str, changes: dict[str, object]
) -> None:
    campaign = make_campaign(organization_id, **changes)
    store.campaigns.add(campaign)
    assert store.campaigns.get(organization_id, campaign.id) == campaign
    with pytest.raises(ConflictError):
        store.campaigns.add(campaign)
    with pytest.raises(NotFoundError):
        store.campaigns.get(organization_id[::-1], campaign.id)


def test_an_edit_raises_the_revision_and_one_of_two_is_refused(store: Store, organization_id: str) -> None:
    former = make_campaign(organization_id, **FULL)
    store.campaigns.add(former)
    edited = replace(former, name="Other", windows=(), end_at=None, paused_reason=None)
    stored = store.campaigns.update(edited, former)
    assert stored == replace(edited, revision=2) == store.campaigns.get(organization_id, former.id)
    with pytest.raises(ConflictError) as refused:
        store.campaigns.update(replace(former, name="Third"), former)
    assert refused.value.code == "campaign-changed"
    assert store.campaigns.get(organization_id, former.id) == stored
    gone = make_campaign(organization_id)
    with pytest.raises(NotFoundError):
        store.campaigns.update(replace(gone, name="Third"), gone)


def test_no_campaign_is_completed_beside_an_import_that_it_does_not_know(
    store: Store, organization_id: str
) -> None:
    running = make_campaign(organization_id, status=CampaignStatus.RUNNING)
    store.campaigns.add(running)
    store.contacts.begin_import(running, Source(key="k", tag="t"), NOON)
    with pytest.raises(ConflictError):
        store.campaigns.update(replace(running, status=CampaignStatus.COMPLETED), running)
    paused = store.campaigns.update(replace(running, status=CampaignStatus.PAUSED), running)
    assert (paused.imports, paused.importing) == (1, 1)


def test_campaigns_are_listed_newest_first_page_by_page(store: Store, organization_id: str) -> None:
    made = [make_campaign(organization_id) for _ in range(5)]
    made[1] = replace(made[1], status=CampaignStatus.PAUSED)
    for campaign in made:
        store.campaigns.add(campaign)
    assert walk(store, organization_id) == made[::-1]
    assert walk(store, organization_id, CampaignStatus.PAUSED) == [made[1]]
    assert walk(store, organization_id[::-1]) == []


def walk(store: Store, organization_id: str, status: CampaignStatus | None = None) -> list[Campaign]:
    found: list[Campaign] = []
    after = None
    while True:
        page, after = store.campaigns.list(organization_id, limit=2, after=after, status=status)
        assert len(page) <= 2
        found += page
        if after is None:
            return found


def test_runs_of_a_campaign_are_found_by_it_and_by_an_agent_among_them(
    store: Store, organization_id: str
) -> None:
    agent = new_uuid()
    ours = [of_campaign("cmp_1", organization_id, agent_uuid=agent), of_campaign("cmp_1", organization_id)]
    others = [
        make_run(organization_id),
        of_campaign("cmp_2", organization_id, agent_uuid=agent),
        of_campaign("cmp_1", f"{organization_id}x"),
    ]
    for run in ours + others:
        store.runs.create(run)
    assert listed(store, organization_id, RunFilter(campaign_id="cmp_1")) == ours[::-1]
    assert listed(store, organization_id, RunFilter(campaign_id="cmp_1", agent_uuid=agent)) == ours[:1]
    assert listed(store, organization_id, RunFilter(campaign_id="cmp_3")) == []


def of_campaign(campaign_id: str, organization_id: str, **changes: object) -> Run:
    call = CampaignCall(campaign_id=campaign_id, contact_id="000001-000000001", number=1)
    return make_run(organization_id, campaign=call, **changes)


def listed(store: Store, organization_id: str, filter_: RunFilter) -> list[Run]:
    return list(store.runs.list(organization_id, filter_, limit=5, before_id=None).runs)


def test_a_removed_campaign_leaves_nothing_behind_wherever_its_removal_stops(
    store: Store, storage_settings: Settings, organization_id: str
) -> None:
    ended, other = (make_campaign(organization_id, status=CampaignStatus.CANCELED) for _ in range(2))
    for each in (ended, other):
        store.campaigns.add(replace(each, status=CampaignStatus.RUNNING))
        first = import_contacts(store, each, 2)[0]
        running = store.campaigns.get(organization_id, each.id)
        store.attempts.claim(running, None, make_state(running, first))
        _import_with_fault(store, running)
        store.exports.begin(running, NOON)
    former = store.campaigns.get(organization_id, ended.id)
    store.campaigns.remove(former)
    with pytest.raises(NotFoundError):
        store.campaigns.get(organization_id, ended.id)
    # Asked again since the first reply was lost.
    store.campaigns.remove(former)
    kept = rows_of(storage_settings, other)
    queue = CampaignMessages()
    remover = CampaignRemover(
        campaigns=store.campaigns,
        contacts=store.contacts,
        attempts=store.attempts,
        wakes=store.wakes,
        queue=queue,
        audit=store.audit,
        clock=lambda: NOON,
    )
    rounds = 0
    while rows_of(storage_settings, ended):
        remover.go_on(organization_id, ended.id, NOON)
        remover.go_on(organization_id, other.id, NOON)
        rounds += 1
    # Its time is over after each of its two pages.
    assert (rounds, queue.works) == (3, [CampaignWork.REMOVE] * 2)
    assert rows_of(storage_settings, other) == kept
    assert len(kept) > 5


def test_a_campaign_that_has_changed_or_imports_is_not_removed(store: Store, organization_id: str) -> None:
    draft = make_campaign(organization_id)
    store.campaigns.add(draft)
    started = store.campaigns.update(replace(draft, status=CampaignStatus.RUNNING), draft)
    with pytest.raises(ConflictError):
        store.campaigns.remove(draft)
    store.contacts.begin_import(started, Source(key="k", tag="t"), NOON)
    with pytest.raises(ConflictError):
        store.campaigns.remove(started)
    assert not store.campaigns.is_removed(draft.id)


def _import_with_fault(store: Store, campaign: Campaign) -> None:
    begun = store.contacts.begin_import(campaign, Source(key="second.csv", tag="2"), NOON)
    page = Page(contacts=(make_contact(1, import_number=begun.number, zone="Europe/Paris"),))
    latest = replace(begun, status=ImportStatus.DONE, rows=2, contacts=1, faults=1, ended_at=NOON)
    store.contacts.save(campaign, begun, latest, [page], [Fault(row=2, reason="No number.")])


def rows_of(settings: Settings, campaign: Campaign) -> set[tuple[str, str]]:
    """Return the keys of all that is stored of a campaign. A scan, as only a test may do."""
    pages = (
        boto3.client("dynamodb")
        .get_paginator("scan")
        .paginate(
            TableName=settings.runs_table,
            FilterExpression="contains(pk, :id)",
            ExpressionAttributeValues={":id": {"S": campaign.id}},
        )
    )
    return {(item["pk"]["S"], item["sk"]["S"]) for page in pages for item in page["Items"]}


class CampaignMessages:
    """Implements CampaignQueue: notes what is sent."""

    def __init__(self) -> None:
        self.works: list[CampaignWork] = []

    def send(
        self,
        organization_id: str,
        campaign_id: str,
        work: CampaignWork,
        *,
        number: int = 0,
        delay_seconds: int = 0,
    ) -> None:
        self.works.append(work)
