"""Actions of a node that captures a value: what the caller's words and keys do to it, and what is said then."""

from dataclasses import asdict

from offhook.runs.end_reasons import EndReason
from offhook.runs.log.events import CaptureEvent
from offhook.vocabulary import Happening
from offhook.workflows import Capture
from streamer.call.course.course import MOST_KEYS, Course
from streamer.call.floor import Floor
from streamer.call.spoken.dialogue import Draft, Step
from streamer.call.spoken.prompts import Prompt

# These hold what the caller has said, so nothing of them is kept for other calls.
_OF_THIS_CALL = (Prompt.READ_BACK, Prompt.SO_FAR)
# After these the question is asked again.
_ASKS_AGAIN = (Prompt.UNCLEAR, Prompt.UNFIT)


def captures(call: Course, text: str) -> bool:
    """Take the caller's words for the value, or for an answer to what was said back; return False for other words."""
    dialogue, draft = call.talk.dialogue, call.talk.draft
    if dialogue is None or (not draft.is_read_back and call.talk.is_phrase(text)):
        return False
    if call.talk.asks_to_repeat(text) and dialogue.question(draft) is not None:
        call.agent.unheard = []
        call.say(call.talk.asked, fixed=False)
        return True
    step = dialogue.hear(draft, text)
    if step is None and _means_another(call, text):
        return False
    if step is not None and step.gathered is not None and _talked_over(call):
        _say(call, Prompt.READ_BACK)
    else:
        _follow(call, step or dialogue.miss(draft))
    return True


def _talked_over(call: Course) -> bool:
    """Say whether the caller has not heard what was said back: a yes before its question is none."""
    unheard, call.agent.unheard = call.agent.unheard, []
    return call.talk.draft.is_read_back and len(unheard) >= len(call.talk.asked) > 1


def _means_another(call: Course, text: str) -> bool:
    """Say whether words that are not of the value lead on, or are answered otherwise."""
    talk, agent = call.talk, call.agent
    is_of_node = talk.match(text) is not None or talk.asks_to_repeat(text) or bool(talk.node.data.prompt)
    return is_of_node or (bool(agent.unheard) and not agent.was_heard)


def misunderstand(call: Course) -> None:
    """Ask again when nothing was understood; too often, and the value is given up, or the call."""
    if call.talk.dialogue is None:
        call.misunderstand()
    else:
        _follow(call, call.talk.dialogue.miss(call.talk.draft))


def capture_key(call: Course, key: str) -> None:
    """Gather a key; `*` begins anew, and `#` ends what was keyed in, or confirms what was said back."""
    call.move(Floor.SILENT)
    if key == "*":
        _begin_anew(call)
    elif key == "#":
        capture_keys(call)
    else:
        call.keys += key
        if len(call.keys) == MOST_KEYS:
            capture_keys(call)


def takes_key(capture: Capture, key: str) -> bool:
    """Say whether a key is one of the value's."""
    return (capture.keys and key in ("*", "#")) or (capture.takes_digits and key.isdecimal())


def capture_keys(call: Course) -> None:
    """Take the keys that were pressed, which are all."""
    keys, call.keys = call.keys, ""
    if call.talk.dialogue is not None:
        _follow(call, call.talk.dialogue.key_in(call.talk.draft, keys))


def go_on_capturing(call: Course) -> None:
    """Say what the caller has not heard yet of what follows from their last words."""
    call.expect()
    call.say(call.talk.asked, fixed=False)


def _begin_anew(call: Course) -> None:
    call.keys = ""
    _keep(call, Draft(misses=call.talk.draft.misses))
    call.say(call.talk.asked)


def _keep(call: Course, draft: Draft) -> None:
    """Keep how far the capture is, for whoever takes the call over too."""
    call.talk.draft = draft
    call.idle_prompts = 0
    call.append(CaptureEvent(node_id=call.talk.node.id, **asdict(draft)))
    call.expect()


def _follow(call: Course, step: Step) -> None:
    call.agent.unheard = []
    if step.gathered is not None:
        edge = call.talk.edge_when(Happening.CAPTURED)
        if edge is not None:
            call.take(edge, step.gathered, reason=Happening.CAPTURED)
    elif step.is_over:
        _give_up(call)
    elif step.prompt is not None:
        _keep(call, step.draft)
        _say(call, step.prompt)


def _give_up(call: Course) -> None:
    edge = call.talk.edge_when(Happening.NOT_CAPTURED)
    if edge is not None:
        call.take(edge, {}, reason=Happening.NOT_CAPTURED)
    else:
        call.end(EndReason.NOT_UNDERSTOOD, say=call.settings.misunderstood_goodbye)


def _say(call: Course, prompt: Prompt) -> None:
    call.say(call.talk.prompted(prompt), fixed=prompt not in _OF_THIS_CALL)
    if prompt in _ASKS_AGAIN:
        call.say(call.talk.asked, fixed=False)
