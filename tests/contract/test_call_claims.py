"""Which run a carrier's call has, for everybody who hears of the call."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import Any, cast

import pytest

from offhook.adapters.dynamodb.runs.runs import DynamoRuns
from offhook.adapters.dynamodb.store import Store
from offhook.telephony.model import CarrierCall


@pytest.fixture
def call(organization_id: str) -> CarrierCall:
    return CarrierCall(
        organization_id=organization_id, provider="cloudonix", account="acme.cloudonix.net", call_id="sess-1"
    )


def test_a_call_is_found_by_organization_domain_and_session(store: Store, call: CarrierCall) -> None:
    assert store.runs.find_call(call) is None
    assert store.runs.claim_call(call, 11) == 11
    assert store.runs.find_call(call) == 11
    for other in (
        replace(call, organization_id=f"{call.organization_id}x"),
        replace(call, provider="pigeon"),
        replace(call, account="other.cloudonix.net"),
        replace(call, call_id="sess-2"),
    ):
        assert store.runs.find_call(other) is None


def test_the_first_of_many_keeps_the_call(store: Store, call: CarrierCall) -> None:
    with ThreadPoolExecutor(8) as pool:
        holders = set(pool.map(lambda run_id: store.runs.claim_call(call, run_id), range(1, 9)))
    assert holders == {store.runs.find_call(call)}


def test_a_call_passes_on_from_the_run_that_it_had_and_from_no_other(store: Store, call: CarrierCall) -> None:
    store.runs.claim_call(call, 11)
    assert store.runs.claim_call(call, 12, in_place_of=10) == 11
    assert store.runs.claim_call(call, 12, in_place_of=11) == 12
    assert store.runs.find_call(call) == 12


def test_a_call_that_is_released_while_it_is_claimed_is_the_claimers(
    store: Store, call: CarrierCall, monkeypatch: pytest.MonkeyPatch
) -> None:
    store.runs.claim_call(call, 11)
    items = cast("DynamoRuns", store.runs)._calls
    change = items.change

    def change_late(*asked: Any) -> Any:
        store.runs.release_call(call, 11)
        return change(*asked)

    monkeypatch.setattr(items, "change", change_late)
    assert store.runs.claim_call(call, 12) == 12
    assert store.runs.claim_call(call, 13) == 12


def test_a_call_is_released_by_its_own_run_alone(store: Store, call: CarrierCall) -> None:
    store.runs.claim_call(call, 11)
    store.runs.release_call(call, 12)
    assert store.runs.find_call(call) == 11
    store.runs.release_call(call, 11)
    assert store.runs.find_call(call) is None
