"""A run as it is made, of whatever call: whose it is, what it follows, what its agent knows, and what it will owe."""

from collections.abc import Mapping
from datetime import datetime

from offhook.agents.afterwards import checks_of, webhooks_of
from offhook.agents.executable import Executable
from offhook.agents.model import Version
from offhook.agents.settings import AgentSettings, parse_settings
from offhook.json_types import JsonObject, JsonValue
from offhook.runs.context import stamped
from offhook.runs.model import Delivery, Direction, Review, Run, RunStatus, RunTelephony


def run_of(
    executable: Executable,
    *,
    run_id: int,
    name: str,
    status: RunStatus,
    direction: Direction,
    mode: str,
    telephony: RunTelephony,
    given: Mapping[str, JsonValue],
    stamps: Mapping[str, JsonValue],
    now: datetime,
) -> Run:
    """Return the run of a call; its initial context is what was `given`, and the `stamps` beside those that every run has."""
    agent, version = executable.agent, executable.version
    settings = parse_settings(version.settings)
    ours: JsonObject = {
        "provider": mode,
        "direction": direction.value,
        "caller_number": telephony.caller_number,
        "called_number": telephony.called_number,
        "workflow_run_id": run_id,
        "agent_uuid": agent.uuid,
    }
    return Run(
        id=run_id,
        organization_id=agent.organization_id,
        name=name,
        agent_uuid=agent.uuid,
        version=version.number,
        is_draft=version.number == agent.draft_version,
        status=status,
        direction=direction,
        mode=mode,
        created_at=now,
        started_at=None if status is RunStatus.QUEUED else now,
        initial_context=stamped(given, {**ours, **stamps}),
        telephony=telephony,
        webhooks=webhooks_owed(version),
        review=review_owed(version, settings),
        retention_days=settings.retention_days,
    )


def webhooks_owed(version: Version) -> tuple[Delivery, ...]:
    """Return a delivery for each webhook of the version."""
    return tuple(Delivery(node_id=node.id) for node in webhooks_of(version.workflow_definition))


def review_owed(version: Version, settings: AgentSettings) -> Review | None:
    """Return the review of a call of this version; None where there is nothing to judge."""
    is_wanted = bool(settings.dispositions) or bool(checks_of(version.workflow_definition))
    return Review() if is_wanted else None
