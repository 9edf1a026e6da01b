"""The bodies of the agent routes, and the public forms of agents and versions."""

from typing import Annotated, Any

from pydantic import BaseModel, Field, StrictBool, WithJsonSchema

from functions.agents.examples import AGENT, DEFINITION, SUMMARY, VERSION
from functions.http.shown import Page, Shown
from offhook.agents.editing import MAX_NAME_LENGTH, AgentDetails
from offhook.agents.model import AgentStatus, VersionStatus
from offhook.agents.settings import GivenSettings
from offhook.documents import GivenDocument, examples, parts_of
from offhook.instants import Instant
from offhook.telephony.links import API_PATH
from offhook.workflows import ProblemKind

Name = Annotated[str, Field(min_length=1, max_length=MAX_NAME_LENGTH, pattern=r"^\S(.*\S)?$")]
Description = Annotated[str, Field(max_length=1_000)]
# A faulty one is answered with all its faults, which a schema could not tell; so the schema only shows the form.
Definition = Annotated[
    dict[str, Any],
    WithJsonSchema(
        {
            "type": "object",
            "description": "`nodes` and `edges`, 256 KB of JSON at most; docs/workflows.md has the rules.",
            "examples": [DEFINITION],
        }
    ),
]


SharedWith = Annotated[
    tuple[Annotated[str, Field(min_length=1, max_length=64)], ...],
    Field(
        max_length=100,
        description="Ids of API keys that see the agent as a streaming workflow, beside its owner's.",
    ),
]
IsPublic = Annotated[
    StrictBool,
    Field(
        description="Whether all keys of the organization see the agent as a streaming workflow: true unless said otherwise. "
        "Whoever may read agents sees all of them."
    ),
]


class NewAgent(GivenDocument):
    """An agent as a whole: what it is called, its workflow and its settings."""

    model_config = examples(
        {
            "name": "Appointment reminder",
            "description": "Reminds patients of their appointment.",
            "workflow_definition": DEFINITION,
            "settings": {"endpointing_ms": 400},
        }
    )

    name: Name
    description: Description = ""
    workflow_definition: Definition
    settings: GivenSettings = Field(default_factory=GivenSettings)
    shared_with: SharedWith | None = None
    is_public: IsPublic | None = None


class AgentEdit(GivenDocument):
    """The parts of an agent to replace; what is left out stays."""

    model_config = examples({"settings": {"endpointing_ms": 400, "record": False}})

    name: Name | None = None
    description: Description | None = None
    workflow_definition: Definition | None = None
    settings: GivenSettings | None = None
    shared_with: SharedWith | None = None
    is_public: IsPublic | None = None


class NewDuplicate(GivenDocument):
    """What the duplicate is called."""

    model_config = examples({"name": "Reminder in French"})

    name: Name | None = Field(default=None, description="The agent's name and ` (copy)` when left out.")


class DefinitionToCheck(GivenDocument):
    """A workflow definition that is checked and not stored."""

    model_config = examples({"workflow_definition": DEFINITION})

    workflow_definition: Definition


class ProblemDocument(Shown):
    """One fault of a workflow definition."""

    kind: ProblemKind
    id: str | None = Field(description="Of the node or edge.")
    field: str | None = Field(description="Within the node or edge, such as `data.prompt`.")
    message: str


class Verdict(Shown):
    """What the check has found: every fault at once."""

    model_config = examples(
        {
            "is_valid": False,
            "errors": [
                {
                    "kind": "node",
                    "id": "greeting",
                    "field": "data.prompt",
                    "message": "A startCall node needs a `prompt`, `say` or `greeting`.",
                }
            ],
            "warnings": [],
        }
    )

    is_valid: bool
    errors: list[ProblemDocument]
    warnings: list[ProblemDocument] = Field(
        default_factory=list,
        description="What works, and perhaps not as intended; of a valid definition only.",
    )


class AgentSummary(Shown):
    """A row of the list of agents."""

    model_config = examples(SUMMARY)

    uuid: str
    id: str = Field(validation_alias="wf_id")
    name: str
    description: str
    status: AgentStatus
    owner_id: str | None = Field(description="The API key that made it; null where nobody noted that.")
    shared_with: list[str]
    is_public: bool
    draft_version: int | None
    published_version: int | None
    revision: int
    created_at: Instant
    updated_at: Instant


class AgentList(Page[AgentSummary]):
    """Agents, newest first."""


class TriggerDocument(BaseModel):
    """A public path of an agent."""

    trigger_path: str
    production_url: str = Field(description="Runs the published version, if that has this trigger.")
    test_url: str = Field(description="Runs the draft, if there is one and it has this trigger.")


class DraftDocument(Shown):
    """What is being edited: no production run uses it before it is published."""

    version: int = Field(validation_alias="number")
    workflow_definition: dict[str, Any]
    settings: dict[str, Any]
    created_at: Instant


class AgentDocument(Shown):
    """An agent with its draft."""

    model_config = examples(AGENT)

    uuid: str
    id: str = Field(validation_alias="wf_id")
    name: str
    description: str
    status: AgentStatus
    owner_id: str | None
    shared_with: list[str]
    is_public: bool
    draft: DraftDocument | None
    published_version: int | None
    triggers: list[TriggerDocument]
    revision: int
    created_at: Instant
    updated_at: Instant


class Publication(BaseModel):
    """A version that production runs use from now on."""

    model_config = examples({"version": 3, "published_at": "2026-03-02T09:30:00.000Z"})

    version: int
    published_at: Instant


class VersionSummary(Shown):
    """A row of the list of versions."""

    model_config = examples(
        {k: v for k, v in VERSION.items() if k not in ("workflow_definition", "settings")}
    )

    version: int = Field(validation_alias="number")
    status: VersionStatus
    created_at: Instant
    published_at: Instant | None


class VersionDocument(VersionSummary):
    """A version with its documents."""

    model_config = examples(VERSION)

    workflow_definition: dict[str, Any]
    settings: dict[str, Any]


class VersionList(Page[VersionSummary]):
    """Versions, newest first."""


def agent_document(details: AgentDetails, public_base_url: str) -> AgentDocument:
    """Show an agent with its draft and the addresses of its triggers."""
    base = f"{public_base_url.rstrip('/')}{API_PATH}/public/agent"
    triggers = [
        {"trigger_path": path, "production_url": f"{base}/{path}", "test_url": f"{base}/test/{path}"}
        for path in details.trigger_paths
    ]
    agent = parts_of(details.agent) | {"wf_id": details.agent.wf_id}
    return AgentDocument.model_validate({**agent, "draft": details.draft, "triggers": triggers})
