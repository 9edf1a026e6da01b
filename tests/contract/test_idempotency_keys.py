"""IdempotencyKeys on DynamoDB."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from typing import Any, cast

import boto3
import pytest

from offhook.adapters.dynamodb.items.database import Items
from offhook.adapters.dynamodb.organizations.idempotency import DynamoIdempotencyKeys
from offhook.adapters.dynamodb.store import Store
from offhook.errors import ConflictError
from offhook.organizations.idempotency import REMEMBERED_FOR, Claim, StoredReply
from offhook.settings import Settings
from tests.support.dynamodb_requests import requests
from tests.support.makers import NOON, make_claim
from tests.support.races import race

REPLY = StoredReply(status=201, body='{"id":"é"}', headers=(("Location", "/a"), ("X-B", "c")))


def test_a_free_key_is_claimed_with_one_request(store: Store, organization_id: str) -> None:
    claim = make_claim(organization_id)
    with requests(store) as sent:
        assert store.idempotency.claim(claim) == claim
    assert sent == ["UpdateItem"]


def test_a_held_key_shows_who_holds_it_with_one_read_more(store: Store, organization_id: str) -> None:
    first = store.idempotency.claim(make_claim(organization_id))
    with requests(store) as sent:
        assert store.idempotency.claim(make_claim(organization_id, fingerprint="other")) == first
    assert sent == ["UpdateItem", "GetItem"]


def test_of_many_claims_at_once_one_holds_the_key(store: Store, organization_id: str) -> None:
    claims = [make_claim(organization_id) for _ in range(50)]
    with ThreadPoolExecutor(25) as pool:
        holders = set(pool.map(store.idempotency.claim, claims))
    assert len(holders) == 1
    assert holders < set(claims)


def test_keys_of_two_organizations_are_two_keys(store: Store, organization_id: str) -> None:
    mine, theirs = make_claim(organization_id), make_claim(f"not-{organization_id}")
    assert store.idempotency.claim(mine) == mine
    assert store.idempotency.claim(theirs) == theirs


def test_a_reply_is_kept_as_it_was(store: Store, organization_id: str) -> None:
    claim = store.idempotency.claim(make_claim(organization_id))
    store.idempotency.complete(claim, REPLY)
    assert store.idempotency.claim(make_claim(organization_id)) == replace(claim, reply=REPLY)


def test_a_claim_of_yesterday_holds_nothing(store: Store, organization_id: str) -> None:
    old = store.idempotency.claim(make_claim(organization_id))
    store.idempotency.complete(old, REPLY)
    almost = make_claim(organization_id, claimed_at=NOON + REMEMBERED_FOR - timedelta(microseconds=1))
    assert store.idempotency.claim(almost) == replace(old, reply=REPLY)
    new = make_claim(organization_id, claimed_at=NOON + REMEMBERED_FOR)
    assert store.idempotency.claim(new) == new
    assert store.idempotency.claim(almost) == new


def test_of_many_who_find_a_claim_of_yesterday_one_holds_the_key(store: Store, organization_id: str) -> None:
    store.idempotency.claim(make_claim(organization_id))
    claims = [make_claim(organization_id, claimed_at=NOON + REMEMBERED_FOR) for _ in range(20)]
    with ThreadPoolExecutor(20) as pool:
        holders = set(pool.map(store.idempotency.claim, claims))
    assert len(holders) == 1
    assert holders < set(claims)


def test_of_two_who_reclaim_at_once_one_goes_on_under_the_same_id(store: Store, organization_id: str) -> None:
    stale = store.idempotency.claim(make_claim(organization_id))
    later = NOON + timedelta(minutes=1)
    results = race(*[lambda n=n: store.idempotency.reclaim(stale, f"attempt-{n}", later) for n in range(8)])
    won = [result for result in results if isinstance(result, Claim)]
    assert len(won) == 1
    assert won[0] == replace(stale, attempt=won[0].attempt, claimed_at=later)
    assert store.idempotency.claim(make_claim(organization_id)) == won[0]


def test_an_answered_claim_is_not_reclaimed(store: Store, organization_id: str) -> None:
    stale = store.idempotency.claim(make_claim(organization_id))
    store.idempotency.complete(stale, REPLY)
    with pytest.raises(ConflictError):
        store.idempotency.reclaim(stale, "late", NOON)
    assert store.idempotency.claim(make_claim(organization_id)).reply == REPLY


def test_a_claim_is_bound_to_another_id(store: Store, organization_id: str) -> None:
    claim = store.idempotency.claim(make_claim(organization_id))
    bound = store.idempotency.rebind(claim, "another")
    assert bound == replace(claim, resource_id="another")
    assert store.idempotency.claim(make_claim(organization_id)) == bound


def test_a_lost_claim_binds_and_answers_and_releases_nothing(store: Store, organization_id: str) -> None:
    lost = store.idempotency.claim(make_claim(organization_id))
    held = store.idempotency.reclaim(lost, "another", NOON)
    with pytest.raises(ConflictError):
        store.idempotency.rebind(lost, "another id")
    store.idempotency.complete(lost, REPLY)
    store.idempotency.release(lost)
    assert store.idempotency.claim(make_claim(organization_id)) == held


def test_a_released_key_is_free(store: Store, organization_id: str) -> None:
    claim = store.idempotency.claim(make_claim(organization_id))
    store.idempotency.release(claim)
    store.idempotency.release(claim)
    other = make_claim(organization_id)
    assert store.idempotency.claim(other) == other


def test_a_key_that_is_released_while_it_is_asked_for_is_held_by_who_asks(
    store: Store, organization_id: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = store.idempotency.claim(make_claim(organization_id))
    items: Items[Any] = cast("DynamoIdempotencyKeys", store.idempotency)._claims
    read = items.get

    def read_late(pk: str, sk: str) -> Any:
        store.idempotency.release(first)
        return read(pk, sk)

    monkeypatch.setattr(items, "get", read_late)
    second = make_claim(organization_id, fingerprint="other")
    assert store.idempotency.claim(second) == second
    assert store.idempotency.claim(make_claim(organization_id)) == second


@pytest.mark.parametrize("act", ["reclaim", "rebind", "complete"])
def test_a_claim_that_is_gone_is_not_made_again(store: Store, organization_id: str, act: str) -> None:
    gone = make_claim(organization_id)
    actions: dict[str, Callable[[], object]] = {
        "reclaim": lambda: store.idempotency.reclaim(gone, "another", NOON),
        "rebind": lambda: store.idempotency.rebind(gone, "another"),
        "complete": lambda: store.idempotency.complete(gone, REPLY),
    }
    race(actions[act])
    other = make_claim(organization_id)
    assert store.idempotency.claim(other) == other


def test_the_key_itself_is_not_stored_and_the_row_is_gone_after_a_day(
    store: Store, storage_settings: Settings, organization_id: str
) -> None:
    claim = store.idempotency.claim(make_claim(organization_id))
    store.idempotency.complete(claim, REPLY)
    pages = (
        boto3.client("dynamodb")
        .get_paginator("scan")
        .paginate(
            TableName=storage_settings.runs_table,
            FilterExpression="organization_id = :id",
            ExpressionAttributeValues={":id": {"S": organization_id}},
        )
    )
    rows = [row for page in pages for row in page["Items"]]
    assert len(rows) == 1
    assert "Jane" not in str(rows)
    assert "4155550100" not in str(rows)
    assert rows[0]["ttl"] == {"N": str(int((NOON + REMEMBERED_FOR).timestamp()))}


def test_a_claim_whose_reply_is_lost_holds_the_key_itself(lossy_store: Store, organization_id: str) -> None:
    claim = make_claim(organization_id)
    assert lossy_store.idempotency.claim(claim) == claim
    held = lossy_store.idempotency.reclaim(claim, "another", NOON)
    bound = lossy_store.idempotency.rebind(held, "another id")
    lossy_store.idempotency.complete(bound, REPLY)
    assert lossy_store.idempotency.claim(make_claim(organization_id)) == replace(bound, reply=REPLY)
