"""AgentRepository on DynamoDB."""

from dataclasses import replace
from datetime import timedelta

import pytest

from offhook.adapters.dynamodb.store import Store
from offhook.agents.model import Agent, AgentStatus, Trigger, Version, VersionStatus
from offhook.errors import ConflictError, InvalidInputError, NotFoundError
from offhook.ids import new_uuid
from offhook.json_types import JsonObject
from tests.support.makers import NOON

DEFINITION: JsonObject = {
    "nodes": [{"id": "1", "position": {"x": 0.1, "y": -3}, "data": {"nothing": None, "name": "", "é": "€"}}],
    "edges": [],
    "large": 2**60,
}


def make_agent(organization_id: str) -> tuple[Agent, Version]:
    agent = Agent(
        uuid=new_uuid(),
        organization_id=organization_id,
        name="Reminder",
        status=AgentStatus.ACTIVE,
        created_at=NOON,
        updated_at=NOON,
        draft_version=1,
    )
    return agent, make_version(agent, 1)


def make_version(agent: Agent, number: int) -> Version:
    return Version(
        agent_uuid=agent.uuid,
        number=number,
        status=VersionStatus.DRAFT,
        workflow_definition=DEFINITION,
        settings={"voice": {"speed": 1.5}},
        created_at=NOON,
    )


def make_trigger(agent: Agent) -> Trigger:
    return Trigger(trigger_path=new_uuid(), agent_uuid=agent.uuid, organization_id=agent.organization_id)


def test_an_agent_its_draft_and_its_triggers_come_back_as_they_were_stored(
    store: Store, organization_id: str
) -> None:
    agent, draft = make_agent(organization_id)
    triggers = [make_trigger(agent), make_trigger(agent)]
    store.agents.create(agent, draft, triggers)
    assert store.agents.get(organization_id, agent.uuid) == agent
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
    assert store.agents.list(organization_id) == [first]
    assert store.agents.find_trigger(trigger.trigger_path) == trigger


def test_a_trigger_named_twice_is_one(store: Store, organization_id: str) -> None:
    agent, draft = make_agent(organization_id)
    trigger = make_trigger(agent)
    store.agents.create(agent, draft, [trigger, trigger])
    assert store.agents.find_trigger(trigger.trigger_path) == trigger


def test_agents_are_listed_newest_first(store: Store, organization_id: str) -> None:
    agents = []
    for seconds in (1, 3, 2):
        agent, draft = make_agent(organization_id)
        agents.append(replace(agent, created_at=NOON + timedelta(seconds=seconds)))
        store.agents.create(agents[-1], draft, [])
    assert store.agents.list(organization_id) == [agents[1], agents[2], agents[0]]


def test_publishing_freezes_the_draft_and_archives_the_former_version(
    store: Store, organization_id: str
) -> None:
    agent, draft = make_agent(organization_id)
    store.agents.create(agent, draft, [])
    published = store.agents.publish(agent, draft)
    assert (published.published_version, published.draft_version) == (1, None)
    assert store.agents.get(organization_id, agent.uuid) == published
    version = store.agents.get_version(agent.uuid, 1)
    assert version.status is VersionStatus.PUBLISHED
    assert version.published_at == published.updated_at


def test_a_version_is_published_once(store: Store, organization_id: str) -> None:
    agent, draft = make_agent(organization_id)
    store.agents.create(agent, draft, [])
    published = store.agents.publish(agent, draft)
    with pytest.raises(ConflictError):
        store.agents.publish(agent, draft)
    with pytest.raises(ConflictError):
        store.agents.publish(published, draft)
    assert store.agents.get(organization_id, agent.uuid) == published


def test_a_definition_too_large_to_be_stored_is_refused_in_words(store: Store, organization_id: str) -> None:
    agent, draft = make_agent(organization_id)
    huge = replace(draft, workflow_definition={"nodes": ["x" * 1000] * 420})
    with pytest.raises(InvalidInputError, match="too large") as caught:
        store.agents.create(agent, huge, [])
    assert caught.value.code == "too-large"
    assert store.agents.list(organization_id) == []
