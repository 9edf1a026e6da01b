"""Actions of keys: those that take an edge, and those that are gathered into a variable."""

from offhook.runs.log.events import DtmfEvent, InterruptedBy, NodeReason
from offhook.workflows import Capture, Gather, Happening
from streamer.call.actions.capturing import capture_key, capture_keys, takes_key
from streamer.call.course.course import BETWEEN_KEYS_MS, KEYS_AT_ONCE, MOST_KEYS, Course
from streamer.call.events import KeyPressed
from streamer.call.floor import Floor

_KEYS = frozenset("0123456789*#")


def key_pressed(call: Course, event: KeyPressed) -> None:
    """Take the key's edge, or gather the key."""
    if not _counts(call, event):
        return
    call.steps_alone = 0
    edge, errand = call.talk.edge_for_digit(event.key), call.talk.errand
    if edge is not None:
        _interrupt(call)
        call.take(edge, {}, reason=NodeReason.DTMF)
    elif isinstance(errand, Gather) and event.key in _KEYS:
        _interrupt(call)
        _gather_key(call, errand, event.key)
    elif isinstance(errand, Capture) and takes_key(errand, event.key):
        _interrupt(call)
        capture_key(call, event.key)


def key_is_noted(call: Course, event: KeyPressed) -> None:
    """Write down that a key was pressed; it leads nowhere while the agent is muted."""
    _counts(call, event)


def _counts(call: Course, event: KeyPressed) -> bool:
    """Append the key to the log; return False for one of a storm of them."""
    earned = (call.now_ms - call.key_ms) / BETWEEN_KEYS_MS
    call.keys_allowed = min(KEYS_AT_ONCE, call.keys_allowed + earned)
    call.key_ms = call.now_ms
    if call.keys_allowed < 1:
        return False
    call.keys_allowed -= 1
    call.append(DtmfEvent(digit=event.key, offset_ms=call.now_ms))
    return True


def keys_over(call: Course, _: object) -> None:
    """Go on with the keys that were pressed, or without them."""
    if isinstance(call.talk.errand, Gather):
        _complete(call, call.talk.errand)
    elif isinstance(call.talk.errand, Capture):
        capture_keys(call)


def _interrupt(call: Course) -> None:
    call.forget_utterance()
    call.drop_model()
    call.out += call.agent.stop(InterruptedBy.DTMF, call.now_ms)
    call.forget_interrupted()


def _gather_key(call: Course, gather: Gather, key: str) -> None:
    call.move(Floor.SILENT)
    is_last = key == gather.finish_on
    if not is_last:
        call.keys += key
    if is_last or len(call.keys) == (gather.num_digits or MOST_KEYS):
        _complete(call, gather)


def _complete(call: Course, gather: Gather) -> None:
    digits, call.keys = call.keys, ""
    is_whole = bool(digits) and len(digits) == (gather.num_digits or len(digits))
    happening = Happening.DIGITS_GATHERED if is_whole else Happening.DIGITS_MISSING
    edge = call.talk.edge_when(happening)
    if edge is None:
        call.misunderstand()
    else:
        call.take(edge, {gather.variable: digits} if is_whole else {}, reason=happening)
