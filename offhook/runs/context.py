"""What a run's agent is told at the start: what others give, and what the system itself says."""

from collections.abc import Mapping

from offhook.json_types import JsonObject, JsonValue

RESERVED_CONTEXT_KEYS = (
    "provider",
    "direction",
    "phone_number",
    "called_number",
    "caller_number",
    "workflow_run_id",
    "workflow_uuid",
    "agent_uuid",
    "agent_identifier",
    "trigger_mode",
    "telephony_configuration_id",
    "from_phone_number_id",
    "api_key_id",
)
"""What the system itself says in a run's initial context; the caller's own words under these names are dropped."""


def stamped(given: Mapping[str, JsonValue], stamps: Mapping[str, JsonValue]) -> JsonObject:
    """Return the initial context of what somebody gives and what the system says, whose names nobody else can use.

    A stamp that is None is not known, and then nobody's word stands in for it.
    """
    ours = dict.fromkeys((*RESERVED_CONTEXT_KEYS, *stamps))
    own = {name: value for name, value in given.items() if name not in ours}
    return {**own, **{name: stamps[name] for name in ours if stamps.get(name) is not None}}


def greeting_in(initial: Mapping[str, JsonValue]) -> str:
    """Return the greeting that takes the place of the agent's own, as Dograh names it; empty where there is none.

    It is a text, or `{"type": "text", "text": …}`; a recording is passed over.
    """
    given = initial.get("greeting_override")
    if isinstance(given, dict):
        given = given.get("text") if given.get("type", "text") == "text" else None
    return given.strip() if isinstance(given, str) else ""
