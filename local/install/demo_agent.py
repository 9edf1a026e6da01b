"""The demo agent: an appointment reminder that needs no language model."""

from offhook.json_types import JsonObject, JsonValue

TRIGGER_PATH = "appointment-reminder"
CALLER_NUMBER = "+15555550100"
DEMO_CONTEXT: JsonObject = {"customer_name": "Ada", "appointment_day": "Monday"}

_DAYS: list[JsonValue] = ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday"]

SETTINGS: JsonObject = {
    "endpointing_ms": 400,
    "idle_timeout_ms": 6000,
    "max_call_duration_seconds": 300,
    "answered_by": {
        "voicemail": {
            "action": "leave_message",
            "message": "This is the Maple Street clinic, about your appointment. We will call you again. Goodbye.",
        },
        "screening": {
            "action": "introduce",
            "message": "This is the Maple Street clinic, about an appointment.",
        },
        "menu": {"action": "press_keys", "keys": "1"},
    },
    # Short: Ctrl-C waits for it.
    "drained_goodbye": "I have to go. Goodbye.",
}

WORKFLOW: JsonObject = {
    "nodes": [
        {
            "id": "api",
            "type": "trigger",
            "data": {"name": "API", "trigger_path": TRIGGER_PATH, "enabled": True},
        },
        {
            "id": "greet",
            "type": "startCall",
            "data": {
                "name": "Greeting",
                "say": (
                    "Hello {{customer_name | there}}, this is the Maple Street clinic. "
                    "You have an appointment on {{appointment_day | Monday}}. Does that still suit you?"
                ),
            },
        },
        {
            "id": "which_day",
            "type": "agentNode",
            "data": {
                "name": "Which day",
                "say": "No problem. Which weekday would suit you better?",
                "extraction_variables": [
                    {"name": "day", "type": "string", "prompt": "The weekday that suits", "values": _DAYS}
                ],
            },
        },
        {
            "id": "confirm_day",
            "type": "agentNode",
            "data": {"name": "Confirm day", "say": "{{gathered_context.day}}. Is that right?"},
        },
        {
            "id": "confirmed",
            "type": "endCall",
            "data": {
                "name": "Confirmed",
                "say": "Thank you. We will see you on {{appointment_day | Monday}}. Goodbye.",
                "disposition": "confirmed",
            },
        },
        {
            "id": "rescheduled",
            "type": "endCall",
            "data": {
                "name": "Rescheduled",
                "say": "Your appointment is now on {{gathered_context.day}}. Thank you and goodbye.",
                "disposition": "rescheduled",
            },
        },
        {
            "id": "no_more_calls",
            "type": "endCall",
            "data": {
                "name": "No more calls",
                "say": "I am sorry. We will not call you again. Goodbye.",
                "disposition": "do_not_call",
            },
        },
    ],
    "edges": [
        {
            "id": "suits",
            "source": "greet",
            "target": "confirmed",
            "data": {
                "label": "It suits",
                "condition": "The appointment still suits the caller",
                "phrases": ["yes", "yes that is fine", "yes that works", "that is fine", "yes please"],
                "dtmf": "1",
            },
        },
        {
            "id": "does_not_suit",
            "source": "greet",
            "target": "which_day",
            "data": {
                "label": "It does not suit",
                "condition": "The caller wants another day",
                "phrases": ["no", "no another day", "another day please", "i need to reschedule"],
                "dtmf": "2",
            },
        },
        {
            "id": "wants_no_calls",
            "source": "greet",
            "target": "no_more_calls",
            "data": {
                "label": "Wants no calls",
                "condition": "The caller does not want to be called again",
                "phrases": [
                    "please do not call me again",
                    "do not call me again",
                    "stop calling me",
                    "take me off your list",
                ],
                "dtmf": "9",
            },
        },
        {
            "id": "names_a_day",
            "source": "which_day",
            "target": "confirm_day",
            "data": {
                "label": "Names a day",
                "condition": "The caller names a weekday",
                "phrases": ["{day}", "{day} please", "on {day}", "on {day} please", "how about {day}"],
            },
        },
        {
            "id": "right",
            "source": "confirm_day",
            "target": "rescheduled",
            "data": {
                "label": "Right",
                "condition": "The day is right",
                "phrases": ["yes", "yes that is right", "that is right", "yes please"],
                "dtmf": "1",
            },
        },
        {
            "id": "wrong",
            "source": "confirm_day",
            "target": "which_day",
            "data": {
                "label": "Wrong",
                "condition": "The day is wrong",
                "phrases": ["no", "no another day", "no that is wrong"],
                "dtmf": "2",
            },
        },
    ],
}


def phrases() -> tuple[str, ...]:
    """Return all that its callers may say, for a recogniser that is told before the call."""
    # Not needed by whoever asks for one of the values above, and not loaded in a moment.
    from offhook.agents.settings import AgentSettings
    from offhook.workflows import Step, parse_workflow, phrases_of

    workflow = parse_workflow(WORKFLOW)
    of_nodes = (
        phrase.text
        for node in workflow.nodes
        if isinstance(node, Step)
        for phrase in phrases_of(workflow, node)
    )
    return tuple(dict.fromkeys((*of_nodes, *AgentSettings().repeat_phrases)))
