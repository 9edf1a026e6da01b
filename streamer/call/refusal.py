"""Why an operator can't do something to a call, on which floor."""

from offhook.sessions.commands import Refusal
from offhook.vocabulary import InjectRole
from offhook.workflows import Transfer
from streamer.call.conversation.speakable import speakable
from streamer.call.course.course import Course
from streamer.call.course.transfers import MOST_TRANSFERS
from streamer.call.events import Injected, Interrupted, KeyPressed, OperatorEvent, Steered, TransferRequested
from streamer.call.floor import Floor

_NOT_BEGUN = Refusal(code="not-begun", detail="The call has not begun: try again in a moment.")
_ENDED = Refusal(code="ended", detail="The call is over.")
_ENDING = Refusal(
    code="ending", detail="The agent says its last words, then hangs up: nothing can be added any more."
)
_AWAY = Refusal(
    code="away",
    detail="The caller has left the agent's line, and hears it no more: wait until they are back.",
)
_MACHINE = Refusal(
    code="machine",
    detail="A machine has taken the call, and nobody hears this: wait until a person answers, or end the call.",
)
_WAITING = Refusal(
    code="put-through",
    detail="The caller is about to be handed on: wait until that has failed, or end the call.",
)
_UNDER_WAY = Refusal(
    code="transfer-under-way",
    detail="A transfer is under way: wait until it has failed, or end the call.",
)
_USED_UP = Refusal(
    code="too-many-transfers",
    detail=f"One call puts through {MOST_TRANSFERS} times at most, and this one has.",
)
_NOTHING_TO_SAY = Refusal(code="nothing-to-say", detail="No voice can say this: write it in words.")
_TOO_MANY = Refusal(
    code="too-many-waiting", detail="Too much waits to be said already: try again when some of it was heard."
)

_ON_NO_ACCOUNT = {
    Floor.NEW: _NOT_BEGUN,
    Floor.ENDING: _ENDING,
    Floor.AWAY: _AWAY,
    Floor.ENDED: _ENDED,
}
_BUT_INSTRUCTIONS = {Floor.MACHINE: _MACHINE, Floor.CONNECTING: _MACHINE, Floor.TRANSFER: _WAITING}


def refusal_of(call: Course, event: OperatorEvent) -> Refusal | None:
    """Return why this can't be done now; None where it can."""
    if isinstance(event, TransferRequested) and call.transfers.knows(event.command_id):
        return None
    if (refusal := _ON_NO_ACCOUNT.get(call.floor)) is not None:
        return refusal
    match event:
        case Injected(role=InjectRole.SYSTEM) | Steered(mute=None | False):
            return None
        case Injected(role=InjectRole.ASSISTANT) if call.floor is Floor.TRANSFER:
            return _WAITING if call.transfers.is_moving else _refusal_of_words(call, event)
        case Injected():
            return _BUT_INSTRUCTIONS.get(call.floor) or _refusal_of_words(call, event)
        case TransferRequested() if isinstance(call.talk.errand, Transfer):
            return _UNDER_WAY
        case TransferRequested():
            return _BUT_INSTRUCTIONS.get(call.floor) or _refusal_of_transfer(call, event)
        case Interrupted() | KeyPressed() | Steered():
            return _BUT_INSTRUCTIONS.get(call.floor)


def _refusal_of_transfer(call: Course, event: TransferRequested) -> Refusal | None:
    if call.transfers.are_used_up:
        return _USED_UP
    return _NOTHING_TO_SAY if event.say and not speakable(event.say) else None


def _refusal_of_words(call: Course, event: Injected) -> Refusal | None:
    if not speakable(event.text):
        return _NOTHING_TO_SAY
    return _TOO_MANY if call.injections.are_too_many else None
