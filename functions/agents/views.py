"""Agents and versions in their public forms."""

from typing import Any

from functions.agents.documents import (
    AgentDocument,
    AgentSummary,
    DraftDocument,
    TriggerDocument,
    VersionDocument,
    VersionSummary,
)
from offhook.agents.editing import AgentDetails
from offhook.agents.model import Agent, Version
from offhook.telephony.links import API_PATH


def agent_document(details: AgentDetails, public_base_url: str) -> AgentDocument:
    """Show an agent with its draft and the addresses of its triggers."""
    base = f"{public_base_url.rstrip('/')}{API_PATH}/public/agent"
    return AgentDocument(
        **_common(details.agent),
        draft=_draft_document(details.draft) if details.draft else None,
        triggers=[
            TriggerDocument(
                trigger_path=path, production_url=f"{base}/{path}", test_url=f"{base}/test/{path}"
            )
            for path in details.trigger_paths
        ],
    )


def agent_summary(agent: Agent) -> AgentSummary:
    """Show an agent without its documents."""
    return AgentSummary(**_common(agent), draft_version=agent.draft_version)


def version_summary(version: Version) -> VersionSummary:
    """Show a version without its documents."""
    return VersionSummary(**_version(version))


def version_document(version: Version) -> VersionDocument:
    """Show a version."""
    return VersionDocument(
        **_version(version), workflow_definition=version.workflow_definition, settings=version.settings
    )


def _common(agent: Agent) -> dict[str, Any]:
    return {
        "uuid": agent.uuid,
        "id": f"wf_{agent.uuid.replace('-', '')}",
        "name": agent.name,
        "description": agent.description,
        "status": agent.status,
        "published_version": agent.published_version,
        "revision": agent.revision,
        "created_at": agent.created_at,
        "updated_at": agent.updated_at,
    }


def _draft_document(draft: Version) -> DraftDocument:
    return DraftDocument(
        version=draft.number,
        workflow_definition=draft.workflow_definition,
        settings=draft.settings,
        created_at=draft.created_at,
    )


def _version(version: Version) -> dict[str, Any]:
    return {
        "version": version.number,
        "status": version.status,
        "created_at": version.created_at,
        "published_at": version.published_at,
    }
