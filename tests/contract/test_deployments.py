"""DeploymentRepository on DynamoDB, and the use cases on it: one present deployment, whoever is at it at once."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta

import pytest

from offhook.adapters.dynamodb.store import Store
from offhook.agents.model import Agent, AgentStatus, VersionStatus
from offhook.errors import ConflictError, NotFoundError, StaleError
from offhook.ids import new_deployment_id
from offhook.sessions.deployments import (
    EPHEMERAL_FOR,
    Deployment,
    Deployments,
    DeploymentStatus,
    DeploymentTerms,
)
from offhook.sessions.task_sizes import TaskSize
from tests.support.makers import NOON, make_agent, make_version

LATER = NOON + timedelta(minutes=5)
TERMS = DeploymentTerms(max_concurrent_sessions=3, idle_timeout_seconds=60)


def published(store: Store, organization_id: str) -> Agent:
    """Return a new agent whose version 1 is published."""
    agent, draft = make_agent(organization_id)
    store.agents.create(agent, draft, [])
    return store.agents.publish(agent, draft, [])


def deployments(store: Store) -> Deployments:
    return Deployments(stored=store.deployments, agents=store.agents, clock=lambda: LATER)


def deploy(store: Store, agent: Agent) -> Deployment:
    return deployments(store).deploy(agent, TERMS, new_deployment_id(LATER))


def again(store: Store, agent: Agent) -> Agent:
    return store.agents.get(agent.organization_id, agent.uuid)


def test_a_deployment_comes_back_and_stands_on_its_agent(store: Store, organization_id: str) -> None:
    agent = published(store, organization_id)
    made = deploy(store, agent)
    assert store.deployments.get(agent.uuid, made.id) == made
    assert (made.version, made.is_draft, made.terms) == (1, False, TERMS)
    assert made.size == TaskSize(cpu_units=1024, memory_mib=2048, disk_gib=20)
    # The revision is the editors': theirs has not changed.
    assert again(store, agent) == replace(agent, deployment=made.on_agent)
    with pytest.raises(NotFoundError):
        store.deployments.get(agent.uuid, "dep_unknown")


def test_a_new_deployment_ends_the_former(store: Store, organization_id: str) -> None:
    agent = published(store, organization_id)
    former = deploy(store, agent)
    present = deploy(store, again(store, agent))
    assert again(store, agent).deployment == present.on_agent
    ended = replace(former, undeployed_at=LATER, updated_at=LATER)
    found = store.deployments.newest(agent.uuid, limit=5)
    assert sorted(found, key=lambda each: each.id) == sorted([present, ended], key=lambda each: each.id)
    assert ended.status(LATER) is DeploymentStatus.UNDEPLOYED


def test_deployments_are_listed_newest_first(store: Store, organization_id: str) -> None:
    agent = published(store, organization_id)
    ids = [new_deployment_id(NOON + timedelta(milliseconds=n)) for n in range(3)]
    for id_ in ids:
        deployments(store).deploy(agent, TERMS, id_)
    assert [each.id for each in store.deployments.newest(agent.uuid, limit=2)] == [ids[2], ids[1]]


def test_whoever_deploys_beside_others_ends_what_they_deployed(store: Store, organization_id: str) -> None:
    agent = published(store, organization_id)
    with ThreadPoolExecutor(4) as pool:
        # Each believes that there is none yet.
        made = list(pool.map(lambda _: deploy(store, agent), range(4)))
    found = store.deployments.newest(agent.uuid, limit=9)
    (ready,) = [each for each in found if each.status(LATER) is DeploymentStatus.READY]
    assert again(store, agent).deployment == ready.on_agent
    assert {each.id for each in found} == {each.id for each in made}


def test_a_deployment_survives_an_edit_by_somebody_who_read_the_agent_before(
    store: Store, organization_id: str
) -> None:
    agent = published(store, organization_id)
    made = deploy(store, agent)
    store.agents.save(replace(agent, name="Renamed"), None, [])
    edited = again(store, agent)
    assert (edited.name, edited.deployment) == ("Renamed", made.on_agent)


def test_an_agent_that_was_archived_meanwhile_is_not_deployed(store: Store, organization_id: str) -> None:
    agent = published(store, organization_id)
    archived = store.agents.save(replace(agent, status=AgentStatus.ARCHIVED), None, [])
    made = deploy(store, published(store, organization_id))
    with pytest.raises(StaleError):
        store.deployments.deploy(agent, replace(made, id="dep_late", agent_uuid=agent.uuid))
    for one in (agent, archived):
        with pytest.raises(ConflictError) as caught:
            deploy(store, one)
        assert caught.value.code == "agent-archived"
        with pytest.raises(ConflictError):
            deployments(store).for_session(one, LATER)
    assert store.deployments.newest(agent.uuid, limit=5) == []


def test_undeploying_ends_what_there_is_and_nothing_is_no_error(store: Store, organization_id: str) -> None:
    agent = published(store, organization_id)
    deployments(store).undeploy(agent)
    made = deploy(store, agent)
    # One that was read before has another idea of what there is.
    deployed = again(store, agent)
    for _ in range(2):
        deployments(store).undeploy(deployed)
    assert again(store, agent).deployment is None
    assert store.deployments.get(agent.uuid, made.id).undeployed_at == LATER
    with pytest.raises(StaleError):
        store.deployments.undeploy(deployed, LATER)


def test_a_session_runs_what_is_deployed_whatever_was_published_since(
    store: Store, organization_id: str
) -> None:
    agent = published(store, organization_id)
    made = deploy(store, agent)
    newer = make_version(agent, 2)
    saved = store.agents.save(again(store, agent), newer, [])
    store.agents.publish(saved, newer, [])
    assert deployments(store).for_session(again(store, agent), LATER) == made.on_agent


def test_a_session_without_a_deployment_gets_an_ephemeral_one_of_the_published_version(
    store: Store, organization_id: str
) -> None:
    agent = published(store, organization_id)
    saved = store.agents.save(agent, make_version(agent, 2), [])
    made = deployments(store).for_session(saved, LATER)
    assert (made.version, made.is_draft, made.expires_at) == (1, False, LATER + EPHEMERAL_FOR)
    # It says nothing of how many calls there may be: nobody has asked for it.
    assert made.max_concurrent_sessions is None
    found = again(store, agent)
    assert found.deployment == made
    assert deployments(store).for_session(found, LATER) == made


def test_an_ephemeral_deployment_gives_way_when_it_expires_or_there_is_something_newer(
    store: Store, organization_id: str
) -> None:
    agent, draft = make_agent(organization_id)
    store.agents.create(agent, draft, [])
    first = deployments(store).for_session(agent, LATER)
    assert (first.version, first.is_draft) == (1, True)
    store.agents.publish(again(store, agent), draft, [])
    second = deployments(store).for_session(again(store, agent), LATER)
    assert (second.version, second.is_draft) == (1, False)
    over = LATER + EPHEMERAL_FOR
    third = deployments(store).for_session(again(store, agent), over)
    assert len({first.id, second.id, third.id}) == 3
    status = {each.id: each.status(over) for each in store.deployments.newest(agent.uuid, limit=5)}
    assert status == {
        first.id: DeploymentStatus.UNDEPLOYED,
        # It had not expired when the next was made, by the clock of whoever made that.
        second.id: DeploymentStatus.UNDEPLOYED,
        third.id: DeploymentStatus.READY,
    }


def test_sessions_that_begin_at_once_share_one_ephemeral_deployment(
    store: Store, organization_id: str
) -> None:
    agent = published(store, organization_id)
    with ThreadPoolExecutor(4) as pool:
        made = set(pool.map(lambda _: deployments(store).for_session(agent, LATER), range(4)))
    assert len(made) == 1
    assert len(store.deployments.newest(agent.uuid, limit=5)) == 1


def test_a_deployment_whose_first_reply_is_lost_is_made_once(
    lossy_store: Store, store: Store, organization_id: str
) -> None:
    agent = published(store, organization_id)
    made = deploy(lossy_store, agent)
    assert store.deployments.newest(agent.uuid, limit=5) == [made]
    deployments(lossy_store).undeploy(again(store, agent))
    assert again(store, agent).deployment is None


def test_a_deployment_is_made_where_others_are_at_the_same_items(
    contended_store: Store, store: Store, organization_id: str
) -> None:
    agent = published(store, organization_id)
    made = deploy(contended_store, agent)
    assert again(store, agent).deployment == made.on_agent


def test_many_versions_are_read_at_once_and_remembered(store: Store, organization_id: str) -> None:
    agents = [published(store, organization_id) for _ in range(3)]
    numbers = {agent.uuid: 1 for agent in agents} | {"unknown": 1}
    for _ in range(2):
        found = store.agents.get_versions(numbers)
        assert found.keys() == {agent.uuid for agent in agents}
        assert {version.status for version in found.values()} == {VersionStatus.PUBLISHED}
