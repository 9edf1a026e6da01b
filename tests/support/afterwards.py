"""Runs that owe something after their calls: an agent whose workflow has webhooks and checks, and finished runs of it."""

from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from functions.aftercall.app import create_handler
from functions.aftercall.services import make_services
from functions.events import EventHandler
from offhook.adapters.http.guarded_client import GuardedClient
from offhook.agents.model import Agent
from offhook.agents.settings import AgentSettings, parse_settings
from offhook.errors import EngineError
from offhook.json_types import JsonObject
from offhook.models.ports import ModelChoice
from offhook.models.requests import ModelEvent, ModelRequest, ModelUsage, TextDelta, ToolCall
from offhook.runs.making import review_owed, webhooks_owed
from offhook.runs.model import Run, RunStatus
from offhook.tools.credentials import add_credential
from offhook.tools.model import CredentialType
from tests.support.backstage import Backstage
from tests.support.makers import NOON, make_agent, make_event, make_version

START: JsonObject = {"id": "a", "type": "startCall", "data": {"name": "A", "say": "Hello."}}

FAIL = "fail"
"""In the place of an answer of a scripted model."""

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
            "review": review_owed(version, parse_settings(version.settings)),
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


@dataclass(slots=True)
class ScriptedModels:
    """Implements Models: one model, and a second where there is one, whose tool calls are given in turn, the last one for ever; a number fails so often."""

    answers: list[JsonObject | str]
    engine: str = "global.amazon.nova-2-lite-v1:0"
    second: "ScriptedModels | None" = None
    cached_tokens: int = 0
    requests: list[ModelRequest] = field(default_factory=list)

    @property
    def names(self) -> tuple[str, ...]:
        return (self.engine,)

    def warm(self) -> None:
        """Have nothing to make."""

    def choose(self, settings: AgentSettings) -> tuple[ModelChoice, ...]:
        return tuple(ModelChoice(engine=each.engine, model=each) for each in (self, self.second) if each)

    async def reply(self, request: ModelRequest) -> AsyncIterator[ModelEvent]:
        """Call the tool that the reply has to be; a text in the place of arguments is said, `FAIL` fails."""
        self.requests.append(request)
        answer = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        if answer == FAIL:
            raise EngineError("The model is away.", engine=self.engine)
        if isinstance(answer, str):
            yield TextDelta(text=answer)
        else:
            yield ToolCall(name=request.must_call, arguments=answer)
        input_tokens = 1000 - self.cached_tokens
        yield ModelUsage(input_tokens=input_tokens, output_tokens=100, cached_tokens=self.cached_tokens)


def talk(
    stage: Backstage, run: Run, *lines: str, disposition: str = "user_hangup", source: str = "system"
) -> None:
    """Write the log of a call in which the caller and the agent said these in turn, the agent first."""
    speakers = ("agent", "caller")
    said = [
        make_event(
            number,
            "transcript",
            segment_id=f"s{number}",
            speaker=speakers[(number - 1) % 2],
            text=line,
            start_ms=number * 1000,
            end_ms=number * 1000 + 900,
            turn=number // 2,
            node_id="a",
        )
        for number, line in enumerate(lines, 1)
    ]
    last = len(said)
    ending = [
        make_event(last + 1, "disposition", disposition=disposition, source=source),
        make_event(last + 2, "end", reason="caller", disposition=disposition, duration_ms=35_000),
    ]
    stage.store.events.append(run.id, [*said, *ending])
