"""How many requests to DynamoDB things take: each is a few milliseconds before a phone rings."""

from datetime import timedelta

from offhook.adapters.dynamodb.store import Store
from offhook.runs.ports import RunFilter
from tests.support.cloudonix import make_configuration
from tests.support.dynamodb_requests import requests
from tests.support.makers import (
    NOON,
    make_admission,
    make_agent,
    make_claim,
    make_events,
    make_key,
    make_number,
    make_run,
    make_trigger,
)


def test_from_the_key_to_the_first_words_takes_twelve_requests(store: Store, organization_id: str) -> None:
    key = make_key(organization_id, last_used_at=NOON)
    agent, draft = make_agent(organization_id)
    trigger = make_trigger(agent)
    configuration = make_configuration(organization_id, is_default=True)
    store.organizations.add_key(key)
    store.agents.create(agent, draft, [trigger])
    store.telephony.add(configuration)
    store.telephony.add_number(make_number(configuration, "+15550001111"))
    run = make_run(organization_id)
    with requests(store) as sent:
        store.organizations.find_key(key.key_hash)
        store.idempotency.claim(make_claim(organization_id))
        store.agents.find_trigger(trigger.trigger_path)
        store.agents.get(organization_id, agent.uuid)
        store.agents.get_version(agent.uuid, 1)
        store.telephony.outbound_profile(organization_id)
        store.ledgers.admit(make_admission(organization_id, run_id=run.id, key_id=key.id), NOON)
        store.runs.create(run)
        store.runs.set_call_id(run, "token")
        seen = store.runs.get_for_carrier(run.id)
        store.runs.take_over(seen, "streamer-1", NOON)
        store.events.append(run.id, make_events(1, 3))
    until_the_dial = ["GetItem", "UpdateItem", *["GetItem"] * 3, "Query", "UpdateItem", "PutItem"]
    assert sent == [*until_the_dial, "UpdateItem", "GetItem", "UpdateItem", "PutItem"]


def test_a_key_in_use_costs_two_writes_a_minute_and_else_one_refused(
    store: Store, organization_id: str
) -> None:
    key = make_key(organization_id)
    store.organizations.add_key(key)
    with requests(store) as sent:
        store.organizations.touch_key(key, NOON)
    assert sent == ["UpdateItem", "UpdateItem"]
    with requests(store) as sent:
        store.organizations.touch_key(key, NOON + timedelta(seconds=1))
    assert sent == ["UpdateItem", "GetItem"]


def test_a_page_of_runs_is_one_query_at_any_depth(store: Store, organization_id: str) -> None:
    runs = [make_run(organization_id) for _ in range(9)]
    for run in runs:
        store.runs.create(run)
    for before_id in (None, runs[8].id, runs[4].id, runs[0].id):
        with requests(store) as sent:
            store.runs.list(organization_id, RunFilter(), limit=3, before_id=before_id)
        assert sent == ["Query"]


def test_reading_a_log_is_lazy_and_starts_where_it_is_asked_to(store: Store) -> None:
    run = make_run()
    for first_seq in range(1, 100, 10):
        store.events.append(run.id, make_events(first_seq, 10))
    with requests(store) as sent:
        events = store.events.read(run.id, after_seq=95)
        assert sent == []
        assert [event.seq for event in events] == [96, 97, 98, 99, 100]
    assert sent == ["Query"]
