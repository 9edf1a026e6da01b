"""AgentRepository on DynamoDB."""

from dataclasses import replace
from datetime import timedelta
from threading import Thread

import pytest

from offhook.adapters.dynamodb.store import Store, connect
from offhook.agents.model import Agent, AgentStatus, Trigger, Version, VersionStatus
from offhook.agents.triggers import find_by_trigger
from offhook.errors import ConflictError, InvalidInputError, NotFoundError, StaleError
from offhook.ids import new_uuid
from offhook.settings import Settings
from tests.support.dynamodb_requests import requests
from tests.support.makers import NOON, make_agent, make_trigger, make_version
from tests.support.rest import workflow_with_trigger


def listed(store: Store, organization_id: str) -> tuple[Agent, ...]:
    return store.agents.page(organization_id, status=None, limit=200, before=None).agents


def with_path(draft: Version, trigger: Trigger) -> Version:
    """Return the draft with a definition whose trigger has this path."""
    return replace(draft, workflow_definition=workflow_with_trigger(trigger.trigger_path))


def test_an_agent_its_draft_and_its_triggers_come_back_as_they_were_stored(
    store: Store, organization_id: str
) -> None:
    agent, draft = make_agent(organization_id)
    triggers = [make_trigger(agent), make_trigger(agent)]
    store.agents.create(agent, draft, triggers)
    assert store.agents.get(organization_id, agent.uuid) == agent
    assert store.agents.get_by_uuid(agent.uuid) == agent
    assert store.agents.get_version(agent.uuid, 1) == draft
    assert [store.agents.find_trigger(trigger.trigger_path) for trigger in triggers] == triggers


def test_what_is_not_there_is_not_found(store: Store, organization_id: str) -> None:
    agent, draft = make_agent(organization_id)
    store.agents.create(agent, draft, [])
    with pytest.raises(NotFoundError):
        store.agents.get(f"not-{organization_id}", agent.uuid)
    with pytest.raises(NotFoundError):
        store.agents.get(organization_id, new_uuid())
    with pytest.raises(NotFoundError):
        store.agents.get_by_uuid(new_uuid())
    with pytest.raises(NotFoundError):
        store.agents.get_version(agent.uuid, 2)
    assert store.agents.find_trigger(new_uuid()) is None


def test_a_taken_trigger_path_leaves_nothing_of_the_second_agent(store: Store, organization_id: str) -> None:
    first, first_draft = make_agent(organization_id)
    trigger = make_trigger(first)
    store.agents.create(first, first_draft, [trigger])
    second, second_draft = make_agent(organization_id)
    with pytest.raises(ConflictError) as caught:
        store.agents.create(
            second, second_draft, [make_trigger(second), replace(trigger, agent_uuid=second.uuid)]
        )
    assert caught.value.code == "trigger-path-taken"
    assert listed(store, organization_id) == (first,)
    assert store.agents.find_trigger(trigger.trigger_path) == trigger


def test_an_agent_is_made_once(store: Store, organization_id: str) -> None:
    agent, draft = make_agent(organization_id)
    store.agents.create(agent, draft, [make_trigger(agent)])
    with pytest.raises(ConflictError) as caught:
        store.agents.create(replace(agent, name="Another"), draft, [])
    assert caught.value.code == "id-taken"
    assert store.agents.get(organization_id, agent.uuid) == agent


def test_a_trigger_named_twice_is_one(store: Store, organization_id: str) -> None:
    agent, draft = make_agent(organization_id)
    trigger = make_trigger(agent)
    store.agents.create(agent, draft, [trigger, trigger])
    assert store.agents.find_trigger(trigger.trigger_path) == trigger


def test_agents_are_listed_newest_first_page_by_page_with_one_query_each(
    store: Store, organization_id: str
) -> None:
    made = []
    for seconds in (1, 3, 2, 5, 4):
        agent, draft = make_agent(organization_id)
        made.append(replace(agent, created_at=NOON + timedelta(seconds=seconds)))
        store.agents.create(made[-1], draft, [])
    seen: list[Agent] = []
    before = None
    for size in (2, 2, 1):
        with requests(store) as sent:
            page = store.agents.page(organization_id, status=None, limit=2, before=before)
        assert sent == ["Query"]
        assert len(page.agents) == size
        seen += page.agents
        before = page.next_before
    assert before is None
    assert seen == sorted(made, key=lambda agent: agent.created_at, reverse=True)


def test_a_list_can_be_of_one_status(store: Store, organization_id: str) -> None:
    made = []
    for seconds in range(4):
        agent, draft = make_agent(organization_id)
        status = AgentStatus.ARCHIVED if seconds % 2 else AgentStatus.ACTIVE
        made.append(replace(agent, created_at=NOON + timedelta(seconds=seconds), status=status))
        store.agents.create(made[-1], draft, [])
    first = store.agents.page(organization_id, status=AgentStatus.ARCHIVED, limit=1, before=None)
    assert first.agents == (made[3],)
    rest = store.agents.page(organization_id, status=AgentStatus.ARCHIVED, limit=1, before=first.next_before)
    assert rest.agents == (made[1],)


def test_saving_writes_the_draft_over_and_raises_the_revision(store: Store, organization_id: str) -> None:
    agent, draft = make_agent(organization_id)
    store.agents.create(agent, draft, [])
    saved = store.agents.save(
        replace(agent, name="Renamed", description="Calls."), replace(draft, settings={"record": False}), []
    )
    assert (saved.revision, saved.draft_version, saved.last_version) == (2, 1, 1)
    assert store.agents.get(organization_id, agent.uuid) == saved
    assert store.agents.get_version(agent.uuid, 1).settings == {"record": False}
    assert saved.name == "Renamed"
    assert saved.description == "Calls."


def test_of_two_writers_who_read_the_same_one_is_refused(store: Store, organization_id: str) -> None:
    agent, draft = make_agent(organization_id)
    store.agents.create(agent, draft, [])
    outcomes: list[str] = []

    def save(name: str) -> None:
        try:
            store.agents.save(replace(agent, name=name), replace(draft, settings={"voice": name}), [])
            outcomes.append(name)
        except StaleError:
            outcomes.append("stale")

    threads = [Thread(target=save, args=(name,)) for name in ("one", "two", "three")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert outcomes.count("stale") == 2
    (winner,) = set(outcomes) - {"stale"}
    stored = store.agents.get(organization_id, agent.uuid)
    assert (stored.name, stored.revision) == (winner, 2)
    assert store.agents.get_version(agent.uuid, 1).settings == {"voice": winner}


def test_a_frozen_version_is_never_written_over(store: Store, organization_id: str) -> None:
    agent, draft = make_agent(organization_id)
    store.agents.create(agent, draft, [])
    published = store.agents.publish(agent, draft, [])
    with pytest.raises(StaleError):
        store.agents.save(published, replace(draft, settings={"record": False}), [])
    assert store.agents.get_version(agent.uuid, 1).settings == draft.settings


def test_a_save_that_takes_anothers_path_changes_nothing(store: Store, organization_id: str) -> None:
    first, first_draft = make_agent(organization_id)
    trigger = make_trigger(first)
    store.agents.create(first, first_draft, [trigger])
    second, second_draft = make_agent(organization_id)
    own = make_trigger(second)
    store.agents.create(second, second_draft, [own])
    with pytest.raises(ConflictError) as caught:
        store.agents.save(
            replace(second, name="Thief"), second_draft, [replace(trigger, agent_uuid=second.uuid)]
        )
    assert caught.value.code == "trigger-path-taken"
    assert store.agents.get(organization_id, second.uuid) == second
    store.agents.forget_trigger(own.trigger_path)
    assert store.agents.find_trigger(own.trigger_path) == own


def test_a_path_that_is_given_up_is_free_for_others(store: Store, organization_id: str) -> None:
    first, first_draft = make_agent(organization_id)
    trigger = make_trigger(first)
    store.agents.create(first, first_draft, [trigger])
    store.agents.save(first, first_draft, [])
    assert store.agents.find_trigger(trigger.trigger_path) is None
    second, second_draft = make_agent(organization_id)
    passed_on = replace(trigger, agent_uuid=second.uuid)
    store.agents.create(second, second_draft, [passed_on])
    assert store.agents.find_trigger(trigger.trigger_path) == passed_on


def test_publishing_freezes_the_draft_and_archives_the_former_version(
    store: Store, organization_id: str
) -> None:
    agent, draft = make_agent(organization_id)
    store.agents.create(agent, draft, [])
    published = store.agents.publish(agent, draft, [])
    assert (published.published_version, published.draft_version, published.revision) == (1, None, 2)
    assert store.agents.get(organization_id, agent.uuid) == published
    version = store.agents.get_version(agent.uuid, 1)
    assert version.status is VersionStatus.PUBLISHED
    assert version.published_at == published.updated_at
    second = make_version(agent, 2)
    edited = store.agents.save(published, second, [])
    assert (edited.published_version, edited.draft_version, edited.last_version) == (1, 2, 2)
    store.agents.publish(edited, second, [])
    statuses = [v.status for v in store.agents.versions(agent.uuid, limit=9, before=None)]
    assert statuses == [VersionStatus.PUBLISHED, VersionStatus.ARCHIVED]
    assert [v.number for v in store.agents.versions(agent.uuid, limit=1, before=2)] == [1]
    assert [v.number for v in store.agents.versions(agent.uuid, limit=1, before=None)] == [2]


def test_a_version_is_published_once(store: Store, organization_id: str) -> None:
    agent, draft = make_agent(organization_id)
    store.agents.create(agent, draft, [])
    published = store.agents.publish(agent, draft, [])
    with pytest.raises(ConflictError):
        store.agents.publish(agent, draft, [])
    with pytest.raises(ConflictError):
        store.agents.publish(published, draft, [])
    assert store.agents.get(organization_id, agent.uuid) == published


def test_a_definition_too_large_to_be_stored_is_refused_in_words(store: Store, organization_id: str) -> None:
    agent, draft = make_agent(organization_id)
    huge = replace(draft, workflow_definition={"nodes": ["x" * 1000] * 420})
    with pytest.raises(InvalidInputError, match="too large") as caught:
        store.agents.create(agent, huge, [])
    assert caught.value.code == "too-large"
    assert listed(store, organization_id) == ()


def test_a_warm_production_trigger_costs_one_request(store: Store, organization_id: str) -> None:
    agent, draft = make_agent(organization_id)
    trigger = make_trigger(agent)
    draft = with_path(draft, trigger)
    store.agents.create(agent, draft, [trigger])
    store.agents.publish(agent, draft, [trigger])
    for expected in (["GetItem"] * 3, ["GetItem"]):
        with requests(store) as sent:
            found = find_by_trigger(store.agents, organization_id, trigger.trigger_path, wants_draft=False)
        assert sent == expected
        assert found.version.number == 1


def test_a_path_that_another_process_has_passed_on_is_found_at_its_new_agent(
    store: Store, storage_settings: Settings, organization_id: str
) -> None:
    first, first_draft = make_agent(organization_id)
    trigger = make_trigger(first)
    first_draft = with_path(first_draft, trigger)
    store.agents.create(first, first_draft, [trigger])
    found = find_by_trigger(store.agents, organization_id, trigger.trigger_path, wants_draft=True)
    assert found.agent == first
    other_store = connect(storage_settings)
    other_store.agents.save(first, make_version(first, 1), [])
    second, second_draft = make_agent(organization_id)
    second_draft = with_path(second_draft, trigger)
    other_store.agents.create(second, second_draft, [replace(trigger, agent_uuid=second.uuid)])
    for _ in range(2):
        found = find_by_trigger(store.agents, organization_id, trigger.trigger_path, wants_draft=True)
        assert found.agent == second


def test_absence_and_drafts_are_never_remembered(store: Store, organization_id: str) -> None:
    agent, draft = make_agent(organization_id)
    trigger = make_trigger(agent)
    assert store.agents.find_trigger(trigger.trigger_path) is None
    store.agents.create(agent, draft, [trigger])
    assert store.agents.find_trigger(trigger.trigger_path) == trigger
    for _ in range(2):
        with requests(store) as sent:
            store.agents.get_version(agent.uuid, 1)
        assert sent == ["GetItem"]


def test_a_save_whose_reply_was_lost_is_made_once(
    lossy_store: Store, store: Store, organization_id: str
) -> None:
    agent, draft = make_agent(organization_id)
    trigger = make_trigger(agent)
    lossy_store.agents.create(agent, draft, [trigger])
    saved = lossy_store.agents.save(replace(agent, name="Renamed"), draft, [trigger])
    assert store.agents.get(organization_id, agent.uuid) == saved
