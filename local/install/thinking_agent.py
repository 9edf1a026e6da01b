"""The demo agent that thinks: the appointment reminder, most of whose words a language model finds.

Where to go is said in phrases, so that this machine's own recogniser hears it.
"""

from local.install import demo_agent
from offhook.agents.engines import OPENAI
from offhook.json_types import JsonObject, JsonValue

TRIGGER_PATH = "thinking-reminder"
NAME = "Appointment reminder that thinks"

SETTINGS = demo_agent.SETTINGS | {"model": OPENAI}

_RULES = (
    "You are the assistant of the Maple Street clinic, on the phone. Answer in one or two short sentences."
)
_PROMPTS = {
    "which_day": "{{appointment_day | Monday}} does not suit {{customer_name | the caller}}. Ask which weekday would suit.",
    "confirm_day": "Repeat that the caller wants {{gathered_context.day}}, and ask whether that is right.",
    "confirmed": "Thank them, look forward to {{appointment_day | Monday}}, and say goodbye.",
    "rescheduled": "Thank them, say that the appointment is now on {{gathered_context.day}}, and say goodbye.",
}


def workflow() -> JsonObject:
    """Return the reminder's workflow, with prompts in the place of what it says by itself."""
    nodes = demo_agent.WORKFLOW["nodes"]
    assert isinstance(nodes, list)  # noqa: S101 - ours
    rules: JsonObject = {"id": "rules", "type": "globalNode", "data": {"name": "Rules", "prompt": _RULES}}
    return demo_agent.WORKFLOW | {"nodes": [*map(_thinking, nodes), rules]}


def _thinking(node: JsonValue) -> JsonValue:
    assert isinstance(node, dict)  # noqa: S101 - ours
    data = node["data"]
    assert isinstance(data, dict)  # noqa: S101 - ours
    if node["type"] == "trigger":
        return node | {"data": data | {"trigger_path": TRIGGER_PATH}}
    if node["id"] not in _PROMPTS:
        return node
    told = {name: value for name, value in data.items() if name != "say"}
    return node | {"data": told | {"prompt": _PROMPTS[str(node["id"])]}}


def _says(told: str, *words: str) -> JsonObject:
    parts: list[JsonValue] = [{"kind": "text", "text": text} for text in words]
    return {"when": {"system": told}, "reply": {"first_ms": 300, "parts": parts}}


SCRIPT: list[JsonValue] = [
    _says("which weekday", "That is no pro", "blem. ", "Which weekday would ", "suit you better?"),
    _says("whether that is right", "Very well. ", "Did I hear ", "the day right?"),
    _says("look forward", "Thank you. ", "See you then. ", "Goodbye."),
    _says("is now on", "It is changed. ", "Thank you ", "and goodbye."),
]
"""What the scripted model of this machine answers (`local.models`)."""
