"""Attempts: what becomes of contacts, and what is counted with it."""

import secrets
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest

from offhook.adapters.dynamodb.store import Store
from offhook.campaigns.model import Campaign, ContactState, ContactStatus, Counts
from offhook.errors import LimitReachedError
from tests.support.dynamodb_requests import requests
from tests.support.makers import NOON

SOON = NOON.replace(microsecond=0) + timedelta(minutes=2)
LATER = SOON + timedelta(hours=1)


@pytest.fixture
def campaign(organization_id: str) -> Campaign:
    return Campaign(
        id=f"cmp-{secrets.token_hex(6)}",
        organization_id=organization_id,
        name="Reminders",
        agent_uuid="a",
        created_at=NOON,
        max_concurrent_calls=2,
    )


def calling(campaign: Campaign, row: int, run_id: int = 7) -> ContactState:
    return ContactState(
        campaign_id=campaign.id,
        organization_id=campaign.organization_id,
        contact_id=f"000001-{row:09d}",
        number=f"+4930123{row:04d}",
        page_key="DE|Europe/Berlin#000001#000000001",
        index=row - 1,
        status=ContactStatus.CALLING,
        run_ids=(run_id,),
        due_at=SOON,
    )


def done(state: ContactState, disposition: str = "sold") -> ContactState:
    return replace(state, status=ContactStatus.DONE, due_at=None, disposition=disposition)


def waiting(state: ContactState) -> ContactState:
    return replace(state, status=ContactStatus.WAITING, due_at=LATER, retries={"busy": 1}, disposition="busy")


def claim(store: Store, campaign: Campaign, row: int) -> ContactState:
    claimed = store.attempts.claim(campaign, None, calling(campaign, row))
    assert claimed is not None
    return claimed


def test_a_first_attempt_is_claimed_once(store: Store, campaign: Campaign) -> None:
    assert store.attempts.get(campaign.id, "+49301230001") is None
    claimed = claim(store, campaign, 1)
    assert store.attempts.claim(campaign, None, calling(campaign, 1, run_id=8)) is None
    assert store.attempts.get(campaign.id, claimed.number) == claimed == calling(campaign, 1)
    assert store.attempts.counts(campaign.id) == Counts(started=1, calling=1)


def test_no_more_calls_are_claimed_than_may_be_at_once(store: Store, campaign: Campaign) -> None:
    claimed = claim(store, campaign, 1)
    claim(store, campaign, 2)
    with pytest.raises(LimitReachedError):
        store.attempts.claim(campaign, None, calling(campaign, 3))
    assert store.attempts.get(campaign.id, "+49301230003") is None
    assert store.attempts.move(claimed, done(claimed))
    claim(store, campaign, 3)
    with pytest.raises(LimitReachedError):
        store.attempts.claim(campaign, None, calling(campaign, 4))


def test_what_becomes_of_a_contact_is_counted_with_it(store: Store, campaign: Campaign) -> None:
    one, two = (claim(store, campaign, row) for row in (1, 2))
    left = store.attempts.move(one, waiting(one), attempts=1, cost_usd=Decimal("0.0125"), call_seconds=9)
    assert left is not None
    assert store.attempts.get(campaign.id, one.number) == left == replace(waiting(one), revision=2)
    assert store.attempts.move(two, done(two), attempts=1, call_seconds=21)
    assert store.attempts.counts(campaign.id) == Counts(
        started=2,
        calling=1 - 1,
        waiting=1,
        attempts=2,
        done={"sold": 1},
        cost_usd=Decimal("0.0125"),
        call_seconds=30,
    )
    again = store.attempts.claim(
        campaign, left, replace(left, status=ContactStatus.CALLING, run_ids=(7, 9), due_at=SOON)
    )
    assert again is not None
    assert again.run_ids == (7, 9)
    assert store.attempts.move(again, done(again, "voicemail"))
    assert store.attempts.counts(campaign.id).done == {"sold": 1, "voicemail": 1}


def test_a_disposition_may_be_any_text(store: Store, campaign: Campaign) -> None:
    state = claim(store, campaign, 1)
    assert store.attempts.move(state, done(state, "a[0].b 100 %"))
    assert store.attempts.counts(campaign.id).done == {"a[0].b 100 %": 1}


def test_a_disposition_that_is_corrected_is_counted_once(store: Store, campaign: Campaign) -> None:
    settled = store.attempts.move(state := claim(store, campaign, 1), done(state))
    assert settled is not None
    assert store.attempts.move(settled, done(settled, "declined"))
    assert store.attempts.counts(campaign.id).done == {"declined": 1}


@pytest.mark.parametrize("change", [done, waiting])
def test_of_many_that_settle_a_contact_one_alone_counts(
    store: Store, campaign: Campaign, change: Callable[[ContactState], ContactState]
) -> None:
    state = claim(store, campaign, 1)
    with ThreadPoolExecutor(4) as pool:
        moved = [*pool.map(lambda _: store.attempts.move(state, change(state), attempts=1), range(4))]
    assert sum(each is not None for each in moved) == 1
    counts = store.attempts.counts(campaign.id)
    assert (counts.calling, counts.attempts) == (0, 1)


def test_a_lost_reply_and_a_conflict_that_was_nobodys_count_once(
    lossy_store: Store, contended_store: Store, store: Store, campaign: Campaign
) -> None:
    state = claim(lossy_store, campaign, 1)
    assert lossy_store.attempts.move(state, done(state), attempts=1)
    other = claim(contended_store, campaign, 2)
    assert contended_store.attempts.move(other, done(other), attempts=1)
    assert store.attempts.counts(campaign.id) == Counts(started=2, attempts=2, done={"sold": 2})


def test_what_is_due_is_found_by_its_instant_whatever_else_is_stored(
    store: Store, campaign: Campaign
) -> None:
    attempts, kept = store.attempts, ContactStatus.WAITING
    one, two, three = (claim(store, replace(campaign, max_concurrent_calls=9), row) for row in (1, 2, 3))
    late, early = attempts.move(one, waiting(one)), attempts.move(two, replace(waiting(two), due_at=SOON))
    assert attempts.due(campaign.id, kept, SOON - timedelta(seconds=1), limit=10) == []
    with requests(store) as sent:
        assert attempts.due(campaign.id, kept, SOON, limit=10) == [early]
    assert sent == ["Query", "BatchGetItem"]
    assert attempts.due(campaign.id, kept, LATER, limit=10) == [early, late]
    assert attempts.due(campaign.id, kept, LATER, limit=1) == [early]
    assert attempts.due(campaign.id, ContactStatus.CALLING, LATER, limit=10) == [three]
    assert attempts.next_due(campaign.id, kept) == SOON
    assert early is not None
    assert attempts.move(early, done(early))
    assert attempts.next_due(campaign.id, kept) == LATER


def test_nothing_is_due_when_all_are_done(store: Store, campaign: Campaign) -> None:
    state = claim(store, campaign, 1)
    assert store.attempts.move(state, done(state))
    for status in ContactStatus:
        assert store.attempts.next_due(campaign.id, status) is None
        assert store.attempts.due(campaign.id, status, LATER, limit=10) == []


def test_states_are_found_by_numbers_in_one_request(store: Store, campaign: Campaign) -> None:
    states = [claim(store, campaign, row) for row in (1, 2)]
    with requests(store) as sent:
        found = store.attempts.get_many(campaign.id, [each.number for each in states] + ["+4930"])
    assert sorted(found, key=lambda each: each.number) == states
    assert sent == ["BatchGetItem"]
    assert store.attempts.get_many("another", [states[0].number]) == []
