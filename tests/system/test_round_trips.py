"""What a request costs in round trips to DynamoDB, counted on the wire of the real application."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from tests.support.carrier import Answer
from tests.support.rest import Install, Tenant
from tests.support.triggers import post_trigger

_EVENT = "before-send.dynamodb"


@contextmanager
def each_round_trip(install: Install, note: Callable[[str], None]) -> Iterator[None]:
    """Tell of each request to DynamoDB when it is sent, by its operation; a retry counts like the first."""
    events = install.store.database.connection.client.meta.events

    def on_send(request: Any, **_: Any) -> None:
        target = request.headers["X-Amz-Target"]
        note((target.decode() if isinstance(target, bytes) else target).rpartition(".")[2])

    events.register(_EVENT, on_send)
    try:
        yield
    finally:
        events.unregister(_EVENT, on_send)


def test_a_warm_trigger_takes_seven_round_trips_before_the_dial(install: Install, tenant: Tenant) -> None:
    assert post_trigger(install, tenant, Idempotency_Key="warms-up").status_code == 200
    install.carrier.reset()
    install.carrier.answer = Answer(status=200, body={"token": "sess-1042"})
    before_dial: list[str] = []
    after_dial: list[str] = []

    def note(name: str) -> None:
        (after_dial if install.carrier.asked else before_dial).append(name)

    with each_round_trip(install, note):
        assert post_trigger(install, tenant, Idempotency_Key="order-1042").status_code == 200
    assert before_dial == [
        "GetItem",  # the key
        "UpdateItem",  # the claim of the Idempotency-Key
        "GetItem",  # the agent; its trigger and its published version are remembered
        "Query",  # limits, configurations and numbers
        "GetItem",  # whether the number is on the do-not-call list
        "UpdateItem",  # the place in the ledger
        "PutItem",  # the run
    ]
    assert after_dial == [
        "UpdateItem",  # the carrier's id of the call
        "PutItem",  # the call's run, for its CDR
        "UpdateItem",  # the pace for the dialer
        "UpdateItem",  # the reply for whoever asks again
    ]


def test_a_replay_takes_three_round_trips(install: Install, tenant: Tenant) -> None:
    post_trigger(install, tenant, Idempotency_Key="order-1042")
    names: list[str] = []
    with each_round_trip(install, names.append):
        reply = post_trigger(install, tenant, Idempotency_Key="order-1042")
    assert reply.headers["idempotent-replayed"] == "true"
    # The key; then a claim that is refused and brings nothing, so that the one that holds is read.
    assert names == ["GetItem", "UpdateItem", "GetItem"]


def test_a_run_is_read_with_two_round_trips(install: Install, tenant: Tenant) -> None:
    run_id = post_trigger(install, tenant).json()["workflow_run_id"]
    names: list[str] = []
    with each_round_trip(install, names.append):
        reply = install.http.get(f"/api/v1/runs/{run_id}", headers=tenant.headers)
    assert reply.status_code == 200
    assert names == ["GetItem", "GetItem"]
