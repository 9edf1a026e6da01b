"""Actions of an operator: words that are put into somebody's mouth, and an agent that is cut off, told what to heed, or muted.

What is to be said waits until the floor is the agent's to take, and what counts as the caller's until it is theirs: see
`words_wait`. A muted agent listens, and is the operator's voice; it goes on by itself when no operator is heard of any more.
"""

from offhook.runs.log.events import InjectEvent, InterruptedBy, SteerEvent
from offhook.vocabulary import InjectRole
from streamer.call.actions.answering import answer_when_over, decide, resume
from streamer.call.course.course import Course
from streamer.call.course.injections import Injection
from streamer.call.events import Injected, Steered
from streamer.call.floor import Floor


def operator_adds(call: Course, event: Injected) -> None:
    """Write the text down, and have it said, heard or heeded as soon as it is its turn."""
    if _note(call, event):
        _wait(call, event)


def operator_speaks_up(call: Course, event: Injected) -> None:
    """Have the text said after the agent's present sentence, or at once; taken for the caller's it is a barge-in."""
    if not _note(call, event):
        return
    is_agents, is_callers = event.role is InjectRole.ASSISTANT, event.role is InjectRole.USER
    may_cut_in = call.talk.may_be_interrupted and not (call.caller.is_open or call.caller.is_awaited)
    if (is_callers and may_cut_in) or (event.interrupt and (is_agents or is_callers)):
        _cut_off(call)
    if is_agents and call.agent.is_active:
        call.out += call.agent.inject(_injection(call, event))
    else:
        _wait(call, event)


def operator_speaks_meanwhile(call: Course, event: Injected) -> None:
    """Have the text said to a caller who waits with us to be put through."""
    if not _note(call, event):
        return
    if event.role is not InjectRole.ASSISTANT:
        _wait(call, event)
        return
    if event.interrupt:
        call.out += call.agent.stop(InterruptedBy.OPERATOR, call.now_ms)
    call.out += call.agent.inject(_injection(call, event))
    call.note_playback()


def operator_speaks_instead(call: Course, event: Injected) -> None:
    """Say the text in the place of the muted agent; what counts as the caller's is answered when the agent goes on."""
    if not _note(call, event):
        return
    call.floor_since_ms = call.now_ms
    if event.role is InjectRole.USER:
        call.agent.unheard = []
        call.note_words(event.text, inject_id=event.inject_id)
        call.await_answer(event.text)
        return
    if event.interrupt:
        call.out += call.agent.stop(InterruptedBy.OPERATOR, call.now_ms)
    _wait(call, event)


def _note(call: Course, event: Injected) -> bool:
    """Append the injection to the log; return False for one that was told before."""
    if not call.injections.is_new(event.inject_id):
        return False
    call.append(
        InjectEvent(
            inject_id=event.inject_id,
            role=event.role,
            text=event.text,
            interrupt=event.interrupt,
            offset_ms=call.now_ms,
        )
    )
    return True


def _wait(call: Course, event: Injected) -> None:
    match event.role:
        case InjectRole.SYSTEM:
            call.talk.heed(event.text)
        case InjectRole.ASSISTANT:
            call.injections.to_say.append(_injection(call, event))
        case InjectRole.USER:
            call.injections.to_hear.append(Injection(inject_id=event.inject_id, sentences=[event.text]))


def _injection(call: Course, event: Injected) -> Injection:
    return Injection(inject_id=event.inject_id, sentences=call.talk.cut(event.text))


def words_wait(call: Course) -> bool:
    """Say what waits to be said, or hear what waits to be heard, if it is its turn; return whether something was."""
    waiting = call.injections
    if not (waiting.to_say or waiting.to_hear) or call.met is not None:
        return False
    is_silent = call.floor is Floor.SILENT
    thinks = call.floor is Floor.THINKING and not call.caller.is_awaited and call.answer_ms is None
    if waiting.to_say and (is_silent or thinks or call.floor is Floor.MUTED):
        call.say(())
    elif waiting.to_hear and is_silent:
        _hear(call, waiting.to_hear.popleft())
    else:
        return False
    return True


def _hear(call: Course, injection: Injection) -> None:
    (text,) = injection.sentences
    call.steps_alone = call.tools.rounds = 0
    call.unanswered = text
    call.note_words(text, inject_id=injection.inject_id)
    decide(call, text)


# --- cutting off ---


def operator_interrupts(call: Course, _: object) -> None:
    """Cut the agent off, and listen; words of the caller that wait for an answer get one."""
    if call.answer_ms is None:
        _cut_off(call)


def operator_stops_words(call: Course, _: object) -> None:
    """Say no more of what an operator wanted said."""
    call.out += call.agent.stop(InterruptedBy.OPERATOR, call.now_ms)


def _cut_off(call: Course) -> None:
    call.cut_off(InterruptedBy.OPERATOR)
    call.forget_interrupted()
    call.move(_whose_turn(call))


def _whose_turn(call: Course) -> Floor:
    """Return the floor of an agent that has nothing to say."""
    if call.caller.is_open:
        return Floor.CALLER
    return Floor.THINKING if call.caller.is_awaited else Floor.SILENT


# --- steering ---


def operator_steers(call: Course, event: Steered) -> None:
    """Have the agent heed instructions from its next reply on, and say nothing of its own while it is muted."""
    _steer(call, event, is_muted=bool(event.mute))
    if event.mute:
        _mute(call)


def operator_instructs(call: Course, event: Steered) -> None:
    """Have the agent heed instructions from its next reply on; it can't be muted now."""
    _steer(call, event, is_muted=False)


def operator_steers_muted(call: Course, event: Steered) -> None:
    """Have the muted agent heed instructions, and go on if it may speak again."""
    call.floor_since_ms = call.now_ms
    _steer(call, event, is_muted=event.mute is not False)
    if event.mute is False:
        unmute(call)


def _steer(call: Course, event: Steered, *, is_muted: bool) -> None:
    if event.instructions is not None:
        call.talk.instructions = event.instructions.strip()
    call.append(SteerEvent(instructions=call.talk.instructions, is_muted=is_muted, offset_ms=call.now_ms))


def _mute(call: Course) -> None:
    is_answered = call.answer_ms is None
    call.cut_off(InterruptedBy.OPERATOR)
    call.move(Floor.MUTED)
    if not is_answered:
        call.answer_ms = call.caller.end_ms + call.settings.endpointing_ms


def muted_words(call: Course, _: object) -> None:
    """Write down what the caller has said to the muted agent."""
    text = call.caller.take_text(f"c{call.turn + 1}")
    call.answer_ms = None
    if text:
        call.agent.unheard = []
        call.note_words(text)
        call.await_answer(text)


def mute_lapses(call: Course, _: object) -> None:
    """Let the agent go on, since no operator has been heard of for long: nobody is left in silence."""
    _steer(call, Steered(), is_muted=False)
    unmute(call)


def unmute(call: Course) -> None:
    """Go on where the agent was muted: with what the caller has said since, or with what was cut off."""
    is_pending = call.answer_ms is not None
    call.move(Floor.THINKING if is_pending else _whose_turn(call))
    if is_pending:
        answer_when_over(call)
    elif call.floor is Floor.SILENT and not resume(call) and call.agent.is_active:
        call.move(Floor.AGENT)
