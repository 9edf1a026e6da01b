"""Actions of turns: who has the floor while the caller's voice comes and goes; barge-in is one of them."""

from offhook.runs.log.events import InterruptedBy
from streamer.call.actions.answering import answer_when_over, resume
from streamer.call.actions.machines import (
    await_beep_after_talk,
    listens_for_machines,
    machine_that_says,
    meet_early,
    note_person,
)
from streamer.call.actions.partials import words_come
from streamer.call.course.course import Course
from streamer.call.course.readiness import is_backchannel
from streamer.call.events import PartlyRecognised, Recognised
from streamer.call.floor import Floor


def caller_starts(call: Course, _: object) -> None:
    """Give the caller the floor, and the recogniser the utterance."""
    call.out += call.caller.start(call.now_ms)
    call.move(Floor.CALLER)


def caller_is_overheard(call: Course, _: object) -> None:
    """Fall silent for a caller who sounds while the agent speaks; their words tell whether it is a barge-in."""
    if call.talk.may_be_interrupted or listens_for_machines(call):
        call.out += call.caller.start(call.now_ms)
    if call.talk.may_be_interrupted and call.heeds_sounds:
        call.out += call.agent.pause(call.now_ms)


def caller_goes_on(call: Course, _: object) -> None:
    """Take more speech after a pause that looked like the end: what was being thought no longer counts."""
    call.drop_reply()
    caller_starts(call, _)


def barge_in(call: Course, _: object) -> None:
    """Silence the agent, since the caller is taking the floor."""
    if call.caller.is_open and call.talk.may_be_interrupted and call.heeds_sounds:
        call.cut_off(InterruptedBy.CALLER)
        call.move(Floor.CALLER)


def overheard_pauses(call: Course, _: object) -> None:
    """Ask what it was that the agent fell silent for."""
    if call.caller.is_open:
        call.out += call.caller.finish(call.now_ms)
        await_beep_after_talk(call)


def overheard_words(call: Course, event: Recognised) -> None:
    """Give the floor to words that want it, and go on after a sound that does not."""
    is_complete = call.caller.recognised(event, call.now_ms)
    if is_complete and not call.turns.is_speaking:
        _judge_overheard(call)


def overheard_part(call: Course, event: PartlyRecognised) -> None:
    """Give the floor to the first words that want it, though the caller goes on."""
    words_come(call, event)
    if meet_early(call, event.stable_text):
        return
    is_overheard = call.caller.is_open or call.caller.is_awaited
    if is_overheard and _interrupts(call, event.stable_text):
        call.cut_off(InterruptedBy.CALLER)
        if call.turns.is_speaking:
            call.move(Floor.CALLER)
        else:
            call.timer.finished(call.caller.end_ms, call.now_ms)
            call.move(Floor.THINKING)


def words_tarry(call: Course, _: object) -> None:
    """Go on while the recogniser takes its time; words that come late interrupt all the same."""
    call.out += call.agent.go_on(call.now_ms)


def overheard_click(call: Course, _: object) -> None:
    """Let a click or a breath pass; words that came before it are judged all the same."""
    if not call.agent.playback.is_paused:
        agent_goes_on(call, _)
        return
    if call.caller.is_open:
        call.out += call.caller.ignore()
    if not call.caller.is_awaited:
        _judge_overheard(call)


def _judge_overheard(call: Course) -> None:
    if call.caller.came_late or _wants_floor(call, call.caller.text):
        call.cut_off(InterruptedBy.CALLER)
        call.timer.finished(call.caller.end_ms, call.now_ms)
        call.move(Floor.THINKING)
        answer_when_over(call)
    else:
        call.wordless_sounds = 0 if call.caller.has_text else call.wordless_sounds + 1
        note_person(call, call.caller.text)
        agent_goes_on(call, None)


def agent_goes_on(call: Course, _: object) -> None:
    """Go on with what a sound has stopped, and forget the sound."""
    call.forget_utterance()
    call.out += call.agent.go_on(call.now_ms)


def _wants_floor(call: Course, text: str) -> bool:
    """Say whether these words interrupt: "mhm" does not, and neither does a "yes" before the question has begun."""
    if _interrupts(call, text):
        return True
    is_answer = call.talk.may_be_interrupted and call.talk.is_answer(text)
    return is_answer and call.agent.playback.is_at_last(call.now_ms)


def _interrupts(call: Course, text: str) -> bool:
    is_meant = bool(text) and not is_backchannel(text, call.settings.language)
    return is_meant and (call.talk.may_be_interrupted or machine_that_says(call, text) is not None)


def utterance_over(call: Course, _: object) -> None:
    """Await what the recogniser makes of the caller's utterance."""
    call.out += call.caller.finish(call.now_ms)
    call.timer.finished(call.caller.end_ms, call.now_ms)
    call.move(Floor.THINKING)
    await_beep_after_talk(call)


def utterance_discarded(call: Course, _: object) -> None:
    """Let a click pass, and go on with what it stopped; what shows words is none."""
    if call.caller.has_part:
        utterance_over(call, _)
        return
    call.out += call.caller.ignore(is_click=True)
    call.move(Floor.THINKING)
    if call.caller.is_awaited:
        return
    if call.caller.has_text:
        answer_when_over(call)
    elif not resume(call):
        call.move(Floor.SILENT)


def agent_finishes(call: Course, _: object) -> None:
    """Give the floor to the caller, who may have begun, or have spoken, under the agent's last words."""
    if call.turns.is_speaking:
        if not call.caller.is_open:
            call.out += call.caller.start(call.now_ms)
        call.drop_model()
        call.move(Floor.CALLER)
    elif call.caller.is_awaited:
        call.timer.finished(call.caller.end_ms, call.now_ms)
        call.move(Floor.THINKING)
    elif call.tools.owes_reply:
        call.ask_model()
    else:
        call.move(Floor.THINKING if call.model.is_busy else Floor.SILENT)
