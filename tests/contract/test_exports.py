"""Exports on DynamoDB."""

from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from offhook.adapters.dynamodb.store import Store
from offhook.campaigns.exports import STANDSTILL, Export
from offhook.errors import NotFoundError
from tests.support.makers import NOON, make_campaign


def test_one_is_written_at_a_time_and_the_next_has_the_next_number(
    store: Store, organization_id: str
) -> None:
    campaign = make_campaign(organization_id)
    assert store.exports.newest(campaign.id) is None
    first = store.exports.begin(campaign, NOON)
    assert store.exports.begin(campaign, NOON + timedelta(minutes=1)) == first
    done = done_at(first, NOON + timedelta(minutes=2))
    assert store.exports.save(first, done)
    assert store.exports.newest(campaign.id) == done
    second = store.exports.begin(campaign, NOON + timedelta(minutes=3))
    assert (first.number, second.number) == (1, 2)
    assert store.exports.newest(campaign.id) == second
    assert store.exports.get(campaign.id, 1) == done
    # Nobody writes for so long.
    assert store.exports.begin(campaign, second.created_at + STANDSTILL).number == 3


def test_only_who_knows_how_far_it_is_goes_on_and_what_is_done_stays(
    store: Store, organization_id: str
) -> None:
    export = store.exports.begin(make_campaign(organization_id), NOON)
    further = replace(
        export,
        after="US|America/New_York#000001#000000001",
        titles=("phone_number", "näme, \n"),
        upload_id="upload",
        etags=('"tag"',),
        rows=100,
        size_bytes=5_000_000,
        touched_at=NOON + timedelta(minutes=1),
    )
    assert store.exports.save(export, further)
    assert not store.exports.save(export, replace(further, rows=7))
    assert store.exports.get(export.campaign_id, export.number) == further
    done = done_at(further, NOON + timedelta(minutes=2))
    assert store.exports.save(further, done)
    assert not store.exports.save(further, replace(done, rows=7))
    assert store.exports.get(export.campaign_id, export.number) == done


def test_of_two_who_ask_at_once_both_are_given_the_same(
    store: Store, organization_id: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    campaign, exports = make_campaign(organization_id), store.exports
    with monkeypatch.context() as patched:
        patched.setattr(exports, "newest", lambda _campaign_id: None)
        assert exports.begin(campaign, NOON) == exports.begin(campaign, NOON + timedelta(seconds=1))


def test_an_export_that_is_not_there_is_not_found(store: Store) -> None:
    with pytest.raises(NotFoundError):
        store.exports.get("cmp_nobody", 1)


def done_at(export: Export, at: datetime) -> Export:
    return replace(export, ended_at=at, rows=30, size_bytes=4_711)
