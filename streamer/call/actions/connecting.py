"""Actions while a machine fetches somebody: whoever comes gets the greeting anew, and its excuses are understood."""

from offhook.runs.log.events import AnswerSign, InterruptedBy
from offhook.vocabulary import AnswerAction, AnsweredBy
from streamer.call.actions.machines import end_met, meet
from streamer.call.course.course import Course
from streamer.call.events import Recognised
from streamer.call.floor import Floor


def somebody_sounds(call: Course, _: object) -> None:
    """Have the recogniser hear who that is."""
    call.answer_ms = None
    call.out += call.caller.start(call.now_ms)


def somebody_pauses(call: Course, _: object) -> None:
    """Ask what was said."""
    if call.caller.is_open:
        call.out += call.caller.finish(call.now_ms)


def somebody_clicks(call: Course, _: object) -> None:
    """Let a click pass; words that came before it are judged all the same."""
    if call.caller.is_open:
        call.out += call.caller.ignore()
    _judge_later(call)


def somebody_speaks(call: Course, event: Recognised) -> None:
    """Judge the words once no more are to be expected: the first of a machine's may sound like a person's."""
    if call.caller.recognised(event, call.now_ms) and not call.turns.is_speaking:
        _judge_later(call)


def _judge_later(call: Course) -> None:
    if call.caller.has_text and not call.caller.is_awaited:
        call.answer_ms = call.caller.end_ms + call.settings.endpointing_ms


def somebody_has_spoken(call: Course, _: object) -> None:
    """Greet whoever has come; go on waiting when it is the machine that asks for it, and else give it what it wants."""
    text = call.caller.take_text(f"c{call.turn + 1}")
    call.answer_ms = None
    call.note_words(text)
    kind = call.opening.who_comes(text)
    if kind is AnsweredBy.PERSON:
        _greet(call)
    elif kind is AnsweredBy.VOICEMAIL:
        _meet_voicemail(call, AnswerSign.WORDS)
    elif kind is not None and not meet(call, kind, AnswerSign.WORDS):
        _greet(call)


def somebody_beeps(call: Course, _: object) -> None:
    """Take the beep for a voicemail's, in the place of whoever was to come."""
    _meet_voicemail(call, AnswerSign.BEEP)


def _meet_voicemail(call: Course, sign: AnswerSign) -> None:
    if call.opening.action(AnsweredBy.VOICEMAIL) is AnswerAction.TALK:
        nobody_comes(call, None)
    else:
        meet(call, AnsweredBy.VOICEMAIL, sign)


def _greet(call: Course) -> None:
    call.out += call.agent.stop(InterruptedBy.CALLER, call.now_ms)
    call.forget_interrupted()
    call.met = None
    call.out += call.opening.tell(AnsweredBy.PERSON, AnswerSign.CONVERSATION, call.now_ms)
    call.move(Floor.SILENT)
    call.begin_speaking()


def nobody_comes(call: Course, _: object) -> None:
    """Hang up on a machine that has fetched nobody."""
    call.out += call.agent.stop(InterruptedBy.AGENT, call.now_ms)
    if call.met is not None:
        end_met(call, call.met)
