"""What an organization's own system tells of a call before its first word: what is asked, and what counts of the answer.

The forms are Dograh's: `{"event": "call_inbound", "call_inbound": {…}}`, answered by an `initial_context`, or by the older
`dynamic_variables`, at the top or below the event's name.
"""

import json
from collections.abc import Iterator

from offhook.errors import OffhookError
from offhook.json_types import JsonObject, JsonValue
from offhook.runs.context import RESERVED_CONTEXT_KEYS
from offhook.runs.model import Direction, Run
from offhook.runs.placing.orders import MAX_INITIAL_CONTEXT_BYTES

MAX_LEVELS = 32
"""How deep an answer may be nested, as for requests of ours."""

_OURS = frozenset({*RESERVED_CONTEXT_KEYS, "account_id", "call_id", "runtime_configuration"})
_VALUES = ("initial_context", "dynamic_variables")


class UnusableAnswerError(OffhookError):
    """What was answered is no object that says something of the call."""

    code = "fetch-unusable"


def question_of(run: Run) -> bytes:
    """Return the body that asks about a call: which agent, who calls, and whom."""
    event = _event(run)
    telephony = run.telephony
    asked: JsonObject = {
        "agent_id": run.agent_uuid,
        "from_number": telephony.caller_number,
        "to_number": telephony.called_number,
        "workflow_run_id": run.id,
    }
    return json.dumps({"event": event, event: asked}).encode()


def answer_of(run: Run, status: int, body: bytes) -> JsonObject:
    """Return the values that an answer gives, without those that only the system itself may say.

    Raises UnusableAnswerError, in whose sentence nothing of the answer is.
    """
    if not 200 <= status < 300:
        raise UnusableAnswerError(f"The address answered with the status {status}.")
    if status == 204 or not body.strip():
        return {}
    if len(body) >= MAX_INITIAL_CONTEXT_BYTES:
        raise UnusableAnswerError("The answer is too long: 64 KB at most.")
    try:
        answer = json.loads(body)
        # What is infinite, or half of a character, is read and can't be written.
        json.dumps(answer, ensure_ascii=False, allow_nan=False).encode()
    except (ValueError, RecursionError):
        raise UnusableAnswerError("The answer is no JSON.") from None
    if not _fits(answer, MAX_LEVELS):
        raise UnusableAnswerError(f"The answer is nested more than {MAX_LEVELS} levels deep.")
    given: JsonObject = next(_objects(answer, _event(run)), {})
    return {name: value for name, value in given.items() if name not in _OURS}


def _event(run: Run) -> str:
    return "call_outbound" if run.direction is Direction.OUTBOUND else "call_inbound"


def _objects(answer: JsonValue, event: str) -> Iterator[JsonObject]:
    """Yield what may be meant, the likeliest first."""
    if not isinstance(answer, dict):
        return
    below = [each for name in (event, "call_inbound") if isinstance(each := answer.get(name), dict)]
    for name in _VALUES:
        for place in (answer, *below):
            found = place.get(name)
            if isinstance(found, dict):
                yield found


def _fits(value: JsonValue, levels: int) -> bool:
    match value:
        case dict():
            return levels > 0 and all(_fits(each, levels - 1) for each in value.values())
        case list():
            return levels > 0 and all(_fits(each, levels - 1) for each in value)
        case _:
            return True
