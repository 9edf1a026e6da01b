"""Transactions that met another one at the same item: what was wanted happens, and nobody is blamed for it."""

from dataclasses import replace

import pytest

from offhook.adapters.dynamodb.store import Store
from offhook.agents.editing import AgentChange, AgentEditor
from offhook.agents.engines import EMBEDDED
from offhook.agents.offered import Offered
from offhook.errors import ConflictError
from offhook.ids import new_uuid
from offhook.runs.waking import wake_of
from offhook.tools.in_workflows import ToolsInWorkflows
from tests.support.cloudonix import make_configuration
from tests.support.makers import NOON, make_key, make_number, make_run, make_tool
from tests.support.rest import workflow_with_trigger

OFFERED = Offered(recognisers=(EMBEDDED,), synthesisers=(EMBEDDED,))


def test_a_key_that_is_in_use_can_be_archived(
    contended_store: Store, store: Store, organization_id: str
) -> None:
    key = make_key(organization_id)
    store.organizations.add_key(key)
    contended_store.organizations.set_archived(key, NOON)
    assert store.organizations.find_key(key.key_hash) == replace(key, archived_at=NOON)


def test_a_new_key_is_stored(contended_store: Store, store: Store, organization_id: str) -> None:
    key = make_key(organization_id)
    contended_store.organizations.add_key(key)
    assert store.organizations.get_key(organization_id, key.id) == key


def test_an_agent_is_made_and_edited_with_a_free_trigger_path(
    contended_store: Store, store: Store, organization_id: str
) -> None:
    path = f"t-{new_uuid()[:8]}"
    editor = AgentEditor(
        agents=contended_store.agents,
        tools=ToolsInWorkflows(tools=store.tools, documents=store.knowledge, agents=store.agents),
        offered=OFFERED,
        clock=lambda: NOON,
    )
    agent = editor.create(
        organization_id,
        name="Reminder",
        workflow_definition=workflow_with_trigger(path),
        settings={},
    )
    edited = editor.edit(organization_id, agent.uuid, AgentChange(name="Renamed"))
    assert store.agents.get(organization_id, agent.uuid) == edited
    with pytest.raises(ConflictError) as caught:
        editor.create(
            organization_id,
            name="Thief",
            workflow_definition=workflow_with_trigger(path),
            settings={},
        )
    assert caught.value.code == "trigger-path-taken"


def test_a_tool_a_configuration_and_its_number_are_stored(
    contended_store: Store, store: Store, organization_id: str
) -> None:
    tool, configuration = make_tool(organization_id), make_configuration(organization_id)
    number = make_number(configuration, "+12025550100")
    contended_store.tools.add(tool)
    contended_store.telephony.add(configuration)
    contended_store.telephony.add_number(number)
    assert store.tools.get(organization_id, tool.uuid) == tool
    assert store.telephony.get(organization_id, configuration.id) == configuration
    assert store.telephony.get_number(organization_id, configuration.id, number.id) == number


def test_a_scheduled_run_is_stored_with_its_wake(
    contended_store: Store, store: Store, organization_id: str
) -> None:
    run = make_run(organization_id, scheduled_at=NOON.replace(microsecond=0))
    contended_store.runs.create(run)
    assert store.runs.get(organization_id, run.id) == run
    assert wake_of(run) in [*store.wakes.due(NOON, limit=9999)]
