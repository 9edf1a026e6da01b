"""What triggers start, and those of a stored definition; calls look for nothing else in one."""

from offhook.agents.afterwards import nodes_of
from offhook.agents.executable import Executable, find_by_uuid
from offhook.agents.model import Trigger
from offhook.agents.ports import AgentRepository
from offhook.errors import ForbiddenError, NotFoundError
from offhook.json_types import JsonObject
from offhook.workflows import TriggerNode, is_trigger_path
from offhook.workflows.nodes.trigger import TriggerData


def find_by_trigger(
    agents: AgentRepository, organization_id: str, trigger_path: str, *, wants_draft: bool
) -> Executable:
    """Return what a trigger path starts.

    Raises NotFoundError for an unknown or inactive trigger, ForbiddenError for another organization's.
    """
    trigger = agents.find_trigger(trigger_path) if is_trigger_path(trigger_path) else None
    if trigger is None:
        raise _no_such_trigger()
    try:
        return _started_by(agents, organization_id, trigger, wants_draft=wants_draft)
    except (ForbiddenError, NotFoundError):
        # The path may have passed to another agent since the trigger was remembered.
        agents.forget_trigger(trigger_path)
        current = agents.find_trigger(trigger_path)
        if current is None or current == trigger:
            raise
    return _started_by(agents, organization_id, current, wants_draft=wants_draft)


def trigger_paths(definition: JsonObject) -> list[str]:
    """Return the paths of all triggers, also of those that are switched off: they stay the agent's."""
    return [data.trigger_path for data in _triggers(definition) if data.trigger_path]


def _started_by(
    agents: AgentRepository, organization_id: str, trigger: Trigger, *, wants_draft: bool
) -> Executable:
    if trigger.organization_id != organization_id:
        raise ForbiddenError("This API key has no access to the trigger's agent.", code="access-denied")
    found = find_by_uuid(agents, organization_id, trigger.agent_uuid, wants_draft=wants_draft)
    # The stored definition decides, not the trigger: an edit of the draft can't change a production address.
    triggers = _triggers(found.version.workflow_definition)
    if not any(each.enabled and each.trigger_path == trigger.trigger_path for each in triggers):
        raise _no_such_trigger()
    return found


def _no_such_trigger() -> NotFoundError:
    return NotFoundError(
        "There is no active trigger with this path: copy the URL from the agent's trigger node.",
        code="trigger-not-found",
    )


def _triggers(definition: JsonObject) -> list[TriggerData]:
    """Read the triggers of a stored definition, and nothing else of it: this happens at each call that is placed."""
    return [TriggerNode.model_validate(node).data for node in nodes_of(definition, TriggerNode.kind)]
