"""Runs that owe something after their calls: an agent whose workflow has webhooks and checks, and finished runs of it."""

from datetime import timedelta
from typing import Any

from functions.aftercall.app import create_handler
from functions.aftercall.services import make_services
from functions.events import EventHandler
from offhook.adapters.http.guarded_client import GuardedClient
from offhook.agents.model import Agent
from offhook.json_types import JsonObject
from offhook.runs.ending.owed import webhooks_owed
from offhook.runs.model import Run, RunStatus
from offhook.tools.credentials import add_credential
from offhook.tools.model import CredentialType
from tests.support.backstage import Backstage
from tests.support.makers import NOON, make_agent, make_version

START: JsonObject = {"id": "a", "type": "startCall", "data": {"name": "A", "say": "Hello."}}

DONE: dict[str, Any] = {"batchItemFailures": []}


def aftercall(stage: Backstage, *, limit_s: float = 5) -> EventHandler:
    """Return the function that does what is owed."""
    stage.ports.courier = GuardedClient(stage.ports.addresses, request_limit_s=limit_s)
    return create_handler(make_services(stage.ports))


def webhook(url: str, *, id_: str = "crm", **data: Any) -> JsonObject:
    return {"id": id_, "type": "webhook", "data": {"name": "CRM", "endpoint_url": url, **data}}


def an_agent(stage: Backstage, *nodes: JsonObject, settings: JsonObject | None = None) -> Agent:
    """Store an agent whose workflow has these nodes beside its start."""
    agent, _ = make_agent(stage.organization_id)
    made = make_version(agent, 1)
    draft = type(made)(
        agent_uuid=agent.uuid,
        number=1,
        status=made.status,
        workflow_definition={"nodes": [START, *nodes], "edges": []},
        settings=settings or {},
        created_at=NOON,
    )
    stage.store.agents.create(agent, draft, [])
    return agent


def ended_run(stage: Backstage, agent: Agent, *, as_: RunStatus = RunStatus.NO_ANSWER, **changes: Any) -> Run:
    """Make a run of the agent's draft and end it; what follows is queued."""
    version = stage.store.agents.get_version(agent.uuid, 1)
    run = stage.add_run(
        **{
            "agent_uuid": agent.uuid,
            "webhooks": webhooks_owed(version),
            "created_at": stage.clock() - timedelta(minutes=5),
            **changes,
        }
    )
    ended = stage.ports.ender.end(run, as_)
    stage.aftercalls.sent.clear()
    return ended


def a_credential(stage: Backstage, type_: CredentialType, organization_id: str = "", **given: str) -> str:
    """Store a credential, of the stage's organization unless another is named; return its UUID."""
    made = add_credential(
        stage.store.credentials,
        stage.ports.secret_box,
        organization_id or stage.organization_id,
        f"cred-{stage.organization_id}",
        name="CRM",
        type_=type_,
        given=given,
        now=NOON,
    )
    return made.uuid
