"""Ledgers on DynamoDB."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from typing import Any

import boto3
import pytest
from mypy_boto3_dynamodb.type_defs import AttributeValueTypeDef

from offhook.adapters.dynamodb.store import Store
from offhook.errors import LimitReachedError, QuotaExceededError
from offhook.organizations.limits import Limits
from offhook.runs.ledger import MAX_QUEUED, Admission, CampaignPace, Ledger
from offhook.runs.model import Delivery, DeliveryStatus, Run, RunStatus
from offhook.settings import Settings
from tests.support.dynamodb_requests import requests
from tests.support.makers import AGENT, NOON, make_admission, make_run


def final_run(admission: Admission, **changes: Any) -> Run:
    run = make_run(
        admission.organization_id,
        id=admission.run_id,
        agent_uuid=admission.agent_uuid,
        status=RunStatus.COMPLETED,
    )
    return replace(run, **changes)


def is_admitted(store: Store, admission: Admission) -> bool:
    try:
        store.ledgers.admit(admission, NOON)
    except LimitReachedError as error:
        if error.code != "concurrency-limit":
            raise
        return False
    return True


def refusal(action: Callable[..., None], *arguments: object) -> tuple[str, int]:
    with pytest.raises(LimitReachedError) as caught:
        action(*arguments)
    return caught.value.code, caught.value.retry_after_seconds


def test_an_organization_without_calls_has_an_empty_ledger(store: Store, organization_id: str) -> None:
    assert store.ledgers.get(organization_id) == Ledger(organization_id=organization_id)


def test_a_run_goes_from_the_queue_to_the_live_ones_to_the_owed_ones(
    store: Store, organization_id: str
) -> None:
    admission = make_admission(organization_id)
    run, empty = admission.run_id, Ledger(organization_id=organization_id)
    store.ledgers.enqueue(admission, NOON)
    assert store.ledgers.get(organization_id) == replace(empty, queued=frozenset({run}))
    store.ledgers.admit(admission, NOON)
    assert store.ledgers.get(organization_id) == replace(empty, live=frozenset({run}))
    store.ledgers.release(final_run(admission, callback=Delivery(url="https://example.com/hook")), NOON)
    assert store.ledgers.get(organization_id) == replace(empty, owed=frozenset({run}))
    store.ledgers.forget(organization_id, run)
    assert store.ledgers.get(organization_id) == empty


def test_a_run_that_asks_for_a_place_again_after_its_end_is_billed_once(
    store: Store, organization_id: str
) -> None:
    limits = Limits(max_concurrent_calls=5, minutes_per_month=2)
    admission = make_admission(organization_id, limits=limits)
    over = replace(final_run(admission), usage={"call_duration_seconds": 60})
    store.ledgers.admit(admission, NOON)
    store.ledgers.release(over, NOON)
    # Whoever stood still since before the first admission goes on.
    store.ledgers.admit(admission, NOON)
    store.ledgers.release(over, NOON)
    assert store.ledgers.get(organization_id) == Ledger(organization_id=organization_id)
    # A minute is left of two.
    assert is_admitted(store, make_admission(organization_id, limits=limits))


def test_a_run_whose_callback_is_done_with_is_owed_nothing(store: Store, organization_id: str) -> None:
    admission = make_admission(organization_id)
    store.ledgers.admit(admission, NOON)
    delivered = Delivery(url="https://example.com/hook", status=DeliveryStatus.DELIVERED)
    store.ledgers.release(final_run(admission, callback=delivered), NOON)
    assert store.ledgers.get(organization_id) == Ledger(organization_id=organization_id)


def test_a_run_that_was_done_with_may_be_owed_something_again(store: Store, organization_id: str) -> None:
    admission = make_admission(organization_id)
    run = final_run(admission)
    store.ledgers.admit(admission, NOON)
    store.ledgers.release(run, NOON)
    for _ in range(2):
        store.ledgers.owe(run)
        assert store.ledgers.get(organization_id).owed == {run.id}
    store.ledgers.forget(organization_id, run.id)
    assert store.ledgers.get(organization_id) == Ledger(organization_id=organization_id)


def test_of_many_calls_at_once_as_many_are_admitted_as_the_limit_says(
    store: Store, organization_id: str
) -> None:
    admissions = [make_admission(organization_id) for _ in range(64)]
    with ThreadPoolExecutor(32) as pool:
        admitted = list(pool.map(lambda admission: is_admitted(store, admission), admissions))
    assert sum(admitted) == 10
    live = {admission.run_id for admission, is_in in zip(admissions, admitted, strict=True) if is_in}
    assert store.ledgers.get(organization_id).live == live


def test_admitting_is_one_request_and_a_refusal_two(store: Store, organization_id: str) -> None:
    limits = Limits(max_concurrent_calls=1)
    with requests(store) as sent:
        store.ledgers.admit(make_admission(organization_id, limits=limits, key_id="k"), NOON)
    assert sent == ["UpdateItem"]
    with requests(store) as sent:
        late = make_admission(organization_id, limits=limits, key_id="k")
        assert refusal(store.ledgers.admit, late, NOON) == ("concurrency-limit", 5)
    assert sent == ["UpdateItem", "GetItem"]


def test_a_place_given_back_is_taken_again(store: Store, organization_id: str) -> None:
    limits = Limits(max_concurrent_calls=1)
    first, second = (make_admission(organization_id, limits=limits) for _ in range(2))
    assert is_admitted(store, first)
    assert not is_admitted(store, second)
    store.ledgers.release(final_run(first), NOON)
    assert is_admitted(store, second)


def test_an_admitted_run_is_admitted_again_without_being_counted_twice(
    store: Store, organization_id: str
) -> None:
    limits = Limits(max_concurrent_calls=2, calls_per_minute_per_key=2)
    first, second = (make_admission(organization_id, limits=limits, key_id="k") for _ in range(2))
    for _ in range(3):
        store.ledgers.admit(first, NOON)
    store.ledgers.admit(second, NOON)
    store.ledgers.admit(first, NOON)


def test_an_agents_limit_leaves_room_for_other_agents(store: Store, organization_id: str) -> None:
    first, second = (make_admission(organization_id, agent_limit=1) for _ in range(2))
    assert is_admitted(store, first)
    assert not is_admitted(store, second)
    assert is_admitted(store, replace(second, agent_uuid="another"))
    store.ledgers.release(final_run(first), NOON)
    assert is_admitted(store, make_admission(organization_id, agent_limit=1))


def test_a_keys_calls_are_counted_by_the_minute(store: Store, organization_id: str) -> None:
    def ask(key_id: str | None = "k") -> Admission:
        return make_admission(organization_id, limits=Limits(calls_per_minute_per_key=2), key_id=key_id)

    at = NOON.replace(second=17, microsecond=500_000)
    store.ledgers.admit(ask(), at)
    store.ledgers.admit(ask(), at)
    assert refusal(store.ledgers.admit, ask(), at) == ("rate-limit", 43)
    assert refusal(store.ledgers.enqueue, ask(), at) == ("rate-limit", 43)
    store.ledgers.admit(ask("another"), at)
    store.ledgers.admit(ask(None), at)
    store.ledgers.admit(ask(), at + timedelta(seconds=43))


def test_campaigns_leave_places_to_others(store: Store, organization_id: str) -> None:
    limits = Limits(max_concurrent_calls=4, campaign_share_percent=50)
    pace = CampaignPace(campaign_id="c", calls_per_minute=60)
    of_campaign = [
        make_admission(organization_id, limits=limits, campaign=pace, key_id=None) for _ in range(3)
    ]
    assert [is_admitted(store, each) for each in of_campaign] == [True, True, False]
    triggers = [make_admission(organization_id, limits=limits) for _ in range(3)]
    assert [is_admitted(store, each) for each in triggers] == [True, True, False]


def test_a_campaigns_calls_are_counted_by_the_minute(store: Store, organization_id: str) -> None:
    pace = CampaignPace(campaign_id="c", calls_per_minute=1)
    first, second = (make_admission(organization_id, campaign=pace, key_id=None) for _ in range(2))
    store.ledgers.enqueue(second, NOON)
    for _ in range(2):
        store.ledgers.admit(first, NOON)
    assert refusal(store.ledgers.admit, second, NOON) == ("rate-limit", 60 - NOON.second)
    other = make_admission(organization_id, campaign=replace(pace, campaign_id="d"), key_id=None)
    store.ledgers.admit(other, NOON)
    store.ledgers.admit(second, NOON + timedelta(minutes=1))


def test_a_queued_run_counts_for_its_key_once(store: Store, organization_id: str) -> None:
    limits = Limits(calls_per_minute_per_key=1)
    queued = make_admission(organization_id, limits=limits, key_id="k")
    store.ledgers.enqueue(queued, NOON)
    store.ledgers.enqueue(queued, NOON)
    store.ledgers.admit(queued, NOON)
    store.ledgers.enqueue(queued, NOON)
    assert store.ledgers.get(organization_id) == Ledger(
        organization_id=organization_id, live=frozenset({queued.run_id})
    )
    later = NOON + timedelta(minutes=1)
    waiting = make_admission(organization_id, limits=limits, key_id="k")
    store.ledgers.enqueue(waiting, NOON + timedelta(minutes=2))
    store.ledgers.admit(waiting, later)
    store.ledgers.admit(make_admission(organization_id, limits=limits, key_id="k"), later)


def test_a_queued_run_waits_while_all_places_are_taken(store: Store, organization_id: str) -> None:
    limits = Limits(max_concurrent_calls=1)
    live, queued = (make_admission(organization_id, limits=limits, key_id="k") for _ in range(2))
    store.ledgers.admit(live, NOON)
    store.ledgers.enqueue(queued, NOON)
    assert not is_admitted(store, queued)
    assert store.ledgers.get(organization_id).queued == {queued.run_id}


def test_what_is_spent_today_is_spent_until_midnight(store: Store, organization_id: str) -> None:
    limits = Limits(spend_per_day_usd=Decimal("0.10"))
    for usd in (0.05, 0.04):
        admission = make_admission(organization_id, limits=limits)
        store.ledgers.admit(admission, NOON)
        run = final_run(admission, cost={"total_usd": usd})
        store.ledgers.release(run, NOON)
        store.ledgers.release(run, NOON)
    admission = make_admission(organization_id, limits=limits)
    store.ledgers.admit(admission, NOON)
    store.ledgers.release(final_run(admission, cost={"total_usd": 0.01}), NOON)
    evening = NOON.replace(hour=23, minute=59, second=0, microsecond=0)
    assert refusal(store.ledgers.admit, admission, evening) == ("spend-limit", 60)
    assert refusal(store.ledgers.enqueue, admission, evening) == ("spend-limit", 60)
    store.ledgers.admit(admission, evening + timedelta(minutes=1))


def test_the_minutes_of_a_month_are_used_up_until_the_next(store: Store, organization_id: str) -> None:
    limits = Limits(minutes_per_month=2)
    admission = make_admission(organization_id, limits=limits)
    for seconds in (59.5, 60):
        admission = make_admission(organization_id, limits=limits)
        store.ledgers.admit(admission, NOON)
        run = final_run(admission, usage={"call_duration_seconds": seconds})
        store.ledgers.release(run, NOON)
        store.ledgers.release(run, NOON)
    for action in (store.ledgers.admit, store.ledgers.enqueue):
        with pytest.raises(QuotaExceededError):
            action(admission, NOON)
    assert store.ledgers.get(organization_id) == Ledger(organization_id=organization_id)
    store.ledgers.admit(admission, NOON + timedelta(days=11))


@pytest.mark.parametrize(
    "limits",
    [
        Limits(max_concurrent_calls=0),
        Limits(calls_per_minute_per_key=0),
        Limits(spend_per_day_usd=Decimal(0)),
        Limits(minutes_per_month=0),
    ],
)
def test_a_limit_of_nothing_allows_nothing_at_any_time(
    store: Store, organization_id: str, limits: Limits
) -> None:
    with pytest.raises((LimitReachedError, QuotaExceededError)):
        store.ledgers.admit(make_admission(organization_id, limits=limits, key_id="k"), NOON)
    store.ledgers.admit(make_admission(organization_id, key_id="k"), NOON)
    with pytest.raises((LimitReachedError, QuotaExceededError)):
        store.ledgers.admit(make_admission(organization_id, limits=limits, key_id="k"), NOON)


def test_a_queue_has_an_end(store: Store, storage_settings: Settings, organization_id: str) -> None:
    waiting = make_admission(organization_id)
    store.ledgers.enqueue(waiting, NOON)
    boto3.client("dynamodb").update_item(
        TableName=storage_settings.runs_table,
        Key=ledger_key(organization_id),
        UpdateExpression="ADD queued :others",
        ExpressionAttributeValues={":others": {"NS": [str(run_id) for run_id in range(1, MAX_QUEUED)]}},
    )
    assert len(store.ledgers.get(organization_id).queued) == MAX_QUEUED
    late = make_admission(organization_id)
    assert refusal(store.ledgers.enqueue, late, NOON) == ("queue-full", 5)
    store.ledgers.enqueue(waiting, NOON)
    store.ledgers.admit(waiting, NOON)
    store.ledgers.enqueue(late, NOON)


def test_a_run_without_a_place_gives_nothing_back_and_is_owed_nothing(
    store: Store, organization_id: str
) -> None:
    stranger = final_run(make_admission(organization_id), callback=Delivery(url="https://example.com/hook"))
    store.ledgers.release(stranger, NOON)
    store.ledgers.admit(make_admission(organization_id), NOON)
    store.ledgers.release(stranger, NOON)
    assert stranger.id not in store.ledgers.get(organization_id).owed


def test_a_queued_run_that_is_canceled_leaves_the_queue(store: Store, organization_id: str) -> None:
    admission = make_admission(organization_id)
    store.ledgers.enqueue(admission, NOON)
    store.ledgers.release(final_run(admission, status=RunStatus.CANCELED), NOON)
    assert store.ledgers.get(organization_id) == Ledger(organization_id=organization_id)


def test_a_run_that_was_never_made_leaves_its_agents_place_too(store: Store, organization_id: str) -> None:
    for known_agent in (AGENT, None):
        admission = make_admission(organization_id, agent_limit=1)
        store.ledgers.admit(admission, NOON)
        store.ledgers.forget(organization_id, admission.run_id, known_agent)
        store.ledgers.forget(organization_id, admission.run_id, known_agent)
    store.ledgers.admit(make_admission(organization_id, agent_limit=1), NOON)


def test_forgetting_in_an_organization_without_calls_makes_no_ledger(
    store: Store, organization_id: str
) -> None:
    store.ledgers.forget(organization_id, 1)
    assert organization_id not in [ledger.organization_id for ledger in store.ledgers.all()]


def test_counters_of_the_past_are_cleared_away_when_there_are_some(
    store: Store, storage_settings: Settings, organization_id: str
) -> None:
    for at in (NOON, NOON + timedelta(minutes=1)):
        first = make_admission(organization_id, key_id="k")
        store.ledgers.admit(first, at)
        with requests(store) as sent:
            store.ledgers.release(final_run(first, cost={"total_usd": 1}), at)
        cleared = [] if at == NOON else ["UpdateItem"]
        assert sent == ["TransactWriteItems", "GetItem", *cleared]
    later = NOON + timedelta(days=70)
    last = make_admission(organization_id, key_id="k")
    store.ledgers.admit(last, later)
    store.ledgers.release(final_run(last, usage={"call_duration_seconds": 1}), later)
    assert counters(storage_settings, organization_id) == {"minute#k#202701291200", "month#202701"}


def ledger_key(organization_id: str) -> dict[str, AttributeValueTypeDef]:
    return {"pk": {"S": f"ORG#{organization_id}"}, "sk": {"S": "LEDGER"}}


def counters(settings: Settings, organization_id: str) -> set[str]:
    found = boto3.client("dynamodb").get_item(TableName=settings.runs_table, Key=ledger_key(organization_id))
    return {name for name in found["Item"] if "#" in name}


def test_the_ledgers_of_all_organizations_are_found_without_a_scan(
    store: Store, organization_id: str
) -> None:
    names = [f"{organization_id}-{letter}" for letter in "abc"]
    admissions = {name: make_admission(name) for name in names}
    for admission in admissions.values():
        store.ledgers.admit(admission, NOON)
        store.ledgers.admit(admission, NOON)
    with requests(store) as sent:
        found = {ledger.organization_id: ledger for ledger in store.ledgers.all()}
    assert set(sent) == {"Query", "GetItem"}
    for name in names:
        assert found[name].live == {admissions[name].run_id}


def test_a_lost_reply_counts_nothing_twice(lossy_store: Store, store: Store, organization_id: str) -> None:
    limits = Limits(max_concurrent_calls=1, calls_per_minute_per_key=2, spend_per_day_usd=Decimal(2))
    admission = make_admission(organization_id, limits=limits, key_id="k")
    lossy_store.ledgers.enqueue(admission, NOON)
    lossy_store.ledgers.admit(admission, NOON)
    lossy_store.ledgers.release(final_run(admission, cost={"total_usd": 1}), NOON)
    assert store.ledgers.get(organization_id) == Ledger(organization_id=organization_id)
    store.ledgers.admit(make_admission(organization_id, limits=limits, key_id="k"), NOON)


@pytest.mark.parametrize(("estimated_seconds", "fits"), [(60, True), (61, False), (10_000, False)])
def test_a_call_may_be_estimated_to_take_what_is_left_of_the_month_and_no_more(
    store: Store, organization_id: str, estimated_seconds: int, fits: bool
) -> None:
    admission = make_admission(organization_id, limits=Limits(minutes_per_month=2))
    store.ledgers.admit(admission, NOON)
    store.ledgers.release(replace(final_run(admission), usage={"call_duration_seconds": 60}), NOON)
    asking = replace(admission, run_id=make_run().id, estimated_seconds=estimated_seconds)
    if fits:
        store.ledgers.admit(asking, NOON)
    else:
        with pytest.raises(QuotaExceededError) as refused:
            store.ledgers.admit(asking, NOON)
        assert refused.value.code == "budget-exceeded"
    assert (asking.run_id in store.ledgers.get(organization_id).live) == fits
