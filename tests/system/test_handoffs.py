"""Calls that one agent hands on to another, over a real socket and store: who talks, what the log tells, who takes over."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import httpx
import pytest

from offhook.adapters.dynamodb.store import Store
from offhook.addresses import AddressPolicy
from offhook.agents.model import Agent, AgentStatus
from offhook.clock import system_clock
from offhook.ids import new_uuid
from offhook.json_types import JsonObject
from offhook.models.requests import TextDelta, ToolCall
from offhook.runs.log.events import HandoffEvent, NodeEvent, ToolResultEvent
from offhook.runs.log.projections import transcript
from offhook.runs.model import RunStatus
from offhook.tools.model import ToolCategory
from offhook.tools.usecases import Toolbox, ToolForm
from tests.support.engines import ScriptedModel, ScriptedRecogniser, ScriptedSynthesiser, make_engines
from tests.support.makers import make_agent
from tests.support.phone import Phone, dial
from tests.support.rest import Install, Tenant
from tests.support.town import Town, hear_greeting, say_and_hear

GREETING = ["Hello.", "What is it about?"]
PASSING, ASKING = "I am passing you on.", ["This is billing, about my bill.", "Is it paid?"]
FAILING = ["They are not there.", "May I take a message?"]
BILLING: JsonObject = {
    "nodes": [
        {
            "id": "ask",
            "type": "startCall",
            "data": {"name": "Ask", "say": "This is billing, about {{gathered_context.topic}}. Is it paid?"},
        },
        {
            "id": "done",
            "type": "endCall",
            "data": {"name": "Done", "say": "All is well.", "disposition": "paid"},
        },
    ],
    "edges": [{"id": "paid", "source": "ask", "target": "done", "data": {"phrases": ["yes"]}}],
}


def triage(agent_uuid: str, **start: Any) -> JsonObject:
    """Return the workflow of an agent that hands on whoever asks about a bill."""
    topic = {"name": "topic", "values": ["my bill"]}
    data = {"name": "Greet", "say": " ".join(GREETING), "extraction_variables": [topic]}
    return {
        "nodes": [
            {"id": "greet", "type": "startCall", "data": data | start},
            {
                "id": "hand_on",
                "type": "handoff",
                "data": {
                    "name": "To billing",
                    "say": PASSING,
                    "handoff": {
                        "agent_uuid": agent_uuid,
                        "reason": "billing question",
                        "failed_say": FAILING[0],
                    },
                },
            },
            {"id": "message", "type": "agentNode", "data": {"name": "Message", "say": FAILING[1]}},
        ],
        "edges": [
            {"id": "bill", "source": "greet", "target": "hand_on", "data": {"phrases": ["{topic}"]}},
            {"id": "alone", "source": "hand_on", "target": "message", "data": {"when": "handoff_failed"}},
        ],
    }


@pytest.fixture
def billing_uuid() -> str:
    return new_uuid()


@pytest.fixture
def workflow(billing_uuid: str) -> JsonObject:
    return triage(billing_uuid)


def add_billing(store: Store, organization_id: str, uuid: str, *, is_published: bool = True) -> Agent:
    """Store the second agent, which has another voice and another language."""
    agent, draft = make_agent(organization_id)
    agent = replace(agent, uuid=uuid, name="Billing")
    settings: JsonObject = {"language": "en-GB", "voice": "en-gb"}
    draft = replace(draft, agent_uuid=uuid, workflow_definition=BILLING, settings=settings)
    store.agents.create(agent, draft, [])
    return store.agents.publish(agent, draft, []) if is_published else agent


async def ask_about_bill(phone: Phone) -> None:
    """Hear the greeting, ask, and hear out what follows: two sentences of whoever has the call then."""
    await phone.start()
    await hear_greeting(phone)
    await say_and_hear(phone, 1)
    await phone.wait_until(lambda: len(phone.marks) == 5)
    for mark in phone.marks[3:]:
        await phone.confirm(mark)


def agent_lines(town: Town) -> list[str]:
    return [line.text for line in transcript(town.log) if line.speaker == "agent"]


async def test_a_caller_is_handed_on_and_the_second_agent_sees_the_call_through(
    town: Town, billing_uuid: str
) -> None:
    add_billing(town.store, town.run.organization_id, billing_uuid)
    recogniser, synthesiser = ScriptedRecogniser("my bill", "yes"), ScriptedSynthesiser()
    engines = make_engines(recogniser=recogniser, synthesiser=synthesiser)
    async with town.streamer(engines=engines) as server, dial(server.port, town.path()) as phone:
        await ask_about_bill(phone)
        await say_and_hear(phone, 1)
    await town.until(lambda: town.stored_run.status is RunStatus.COMPLETED)
    assert agent_lines(town) == [*GREETING, PASSING, *ASKING, "All is well."]
    assert (town.stored_run.disposition, town.stored_run.gathered_context) == ("paid", {"topic": "my bill"})
    started, completed = town.told(HandoffEvent)
    assert (started["state"], completed["state"]) == ("started", "completed")
    assert {
        name: completed[name] for name in ("from_agent", "from_agent_uuid", "to_agent", "to_version")
    } == {
        "from_agent": "Reminder",
        "from_agent_uuid": town.run.agent_uuid,
        "to_agent": "Billing",
        "to_version": 1,
    }
    voices = dict(zip(synthesiser.asked, synthesiser.voices, strict=True))
    assert {voices[text] for text in (*ASKING, "All is well.")} == {"en-gb"}
    assert voices[PASSING] != "en-gb"
    first, second = recogniser.streams
    assert first.is_closed
    assert "yes" in second.expected[0]


async def test_who_takes_the_call_over_goes_on_as_the_second_agent(town: Town, billing_uuid: str) -> None:
    add_billing(town.store, town.run.organization_id, billing_uuid)
    first_engines = make_engines(recogniser=ScriptedRecogniser("my bill"))
    second_engines = make_engines(recogniser=ScriptedRecogniser("yes"))
    async with (
        town.streamer(engines=first_engines) as first,
        town.streamer(engines=second_engines) as second,
        dial(first.port, town.path()) as phone,
    ):
        await ask_about_bill(phone)
        await town.until(lambda: len(town.told(HandoffEvent)) == 2 and "playback" in town.log[-1].event.type)
        # What is published meanwhile is for later calls.
        agent = town.store.agents.get(town.run.organization_id, billing_uuid)
        town.store.agents.save(replace(agent, status=AgentStatus.ARCHIVED), None, [])
        async with dial(second.port, town.path(2)) as other:
            await other.start()
            await say_and_hear(other, 1)
    await town.until(lambda: town.stored_run.status is RunStatus.COMPLETED)
    assert town.stored_run.disposition == "paid"
    assert [data["to"] for data in town.told(NodeEvent)] == ["greet", "hand_on", "ask", "done"]


def _archived(town: Town, uuid: str) -> None:
    agent = add_billing(town.store, town.run.organization_id, uuid)
    town.store.agents.save(replace(agent, status=AgentStatus.ARCHIVED), None, [])


def _unpublished(town: Town, uuid: str) -> None:
    add_billing(town.store, town.run.organization_id, uuid, is_published=False)


def _anothers(town: Town, uuid: str) -> None:
    add_billing(town.store, town.run.organization_id[::-1], uuid)


@pytest.mark.parametrize(
    ("make", "failure"),
    [
        (_archived, "agent-archived"),
        (_unpublished, "agent-not-published"),
        (_anothers, "agent-not-found"),
    ],
)
async def test_a_call_goes_on_without_an_agent_that_can_not_take_it(
    town: Town, billing_uuid: str, make: Callable[[Town, str], object], failure: str
) -> None:
    make(town, billing_uuid)
    engines = make_engines(recogniser=ScriptedRecogniser("my bill"))
    async with town.streamer(engines=engines) as server, dial(server.port, town.path()) as phone:
        await ask_about_bill(phone)
        await phone.hang_up()
    await town.until(lambda: town.stored_run.status is RunStatus.COMPLETED)
    assert [(data["state"], data["failure"]) for data in town.told(HandoffEvent)] == [
        ("started", None),
        ("failed", failure),
    ]
    assert agent_lines(town)[3:] == FAILING


class TestTool:
    """The same, where a language model decides about it."""

    @pytest.fixture
    def workflow(self) -> JsonObject:
        data: JsonObject = {
            "name": "Help",
            "say": " ".join(GREETING),
            "prompt": "Help.",
            "tool_uuids": ["to-billing"],
        }
        return {"nodes": [{"id": "help", "type": "startCall", "data": data}], "edges": []}

    async def test_a_model_hands_the_caller_on(self, town: Town, billing_uuid: str) -> None:
        add_billing(town.store, town.run.organization_id, billing_uuid)
        form = ToolForm(
            name="to_billing",
            description="Hands the caller on to billing.",
            category=ToolCategory.HANDOFF,
            definition={"agent_uuid": billing_uuid, "message": "One moment."},
        )
        toolbox = Toolbox(
            tools=town.store.tools, credentials=town.store.credentials, addresses=AddressPolicy([])
        )
        toolbox.add(town.run.organization_id, "to-billing", form, system_clock())
        chosen = ToolCall(name="to_billing", call_id="c1", arguments={"reason": "a bill"})
        model = ScriptedModel([TextDelta(text="Sure."), chosen])
        engines = make_engines(recogniser=ScriptedRecogniser("my bill", "yes"), model=model)
        async with town.streamer(engines=engines) as server, dial(server.port, town.path()) as phone:
            await phone.start()
            await hear_greeting(phone)
            await say_and_hear(phone, 4)
            await say_and_hear(phone, 1)
        await town.until(lambda: town.stored_run.status is RunStatus.COMPLETED)
        assert [data["reason"] for data in town.told(HandoffEvent)] == ["a bill", "a bill"]
        assert [data["status"] for data in town.told(ToolResultEvent)] == ["ok"]
        assert town.stored_run.disposition == "paid"


# --- where agents are edited ---


def create(install: Install, tenant: Tenant, definition: JsonObject) -> httpx.Response:
    body = {"name": "Triage", "workflow_definition": definition}
    return install.http.post("/api/v1/agents", json=body, headers=tenant.headers)


def test_an_agent_that_is_handed_on_to_must_be_there(
    install: Install, tenant: Tenant, organization_id: str
) -> None:
    assert create(install, tenant, triage(tenant.agent_uuid)).status_code == 201
    stranger = install.new_tenant(organization_id[::-1], has_line=False)
    theirs = create(install, stranger, BILLING).json()["uuid"]
    for unknown in (new_uuid(), theirs):
        refused = create(install, tenant, triage(unknown))
        assert refused.status_code == 422
        [problem] = refused.json()["errors"]
        assert (problem["id"], problem["field"]) == ("hand_on", "data.handoff")
        assert problem["message"].startswith(f"There is no agent {unknown} in your organization")


def test_so_must_one_that_a_tool_hands_on_to(install: Install, tenant: Tenant) -> None:
    def named(agent_uuid: str) -> httpx.Response:
        tool = {
            "name": f"to_{agent_uuid[:4]}",
            "description": "Hands on.",
            "category": "handoff",
            "definition": {"agent_uuid": agent_uuid},
        }
        made = install.http.post("/api/v1/tools", json=tool, headers=tenant.headers)
        assert made.status_code == 201, made.text
        data: JsonObject = {"name": "Help", "prompt": "Help.", "tool_uuids": [made.json()["uuid"]]}
        return create(
            install, tenant, {"nodes": [{"id": "help", "type": "startCall", "data": data}], "edges": []}
        )

    assert named(tenant.agent_uuid).status_code == 201
    refused = named(new_uuid())
    assert refused.status_code == 422
    assert refused.json()["errors"][0]["field"] == "data.tool_uuids"


def test_a_handoff_needs_a_way_on_for_when_it_fails(install: Install, tenant: Tenant) -> None:
    definition = triage(tenant.agent_uuid)
    definition["edges"] = [definition["edges"][0]]  # type: ignore[index]
    definition["nodes"] = definition["nodes"][:2]  # type: ignore[index]
    refused = create(install, tenant, definition)
    assert refused.status_code == 422
    assert "needs an edge with `when` handoff_failed" in refused.text
