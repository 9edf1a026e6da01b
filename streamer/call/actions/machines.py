"""Actions of machines that take a call: each is heard out, and then gets what the agent's settings say.

A voicemail gets its message after the beep, and again when it goes on; a screening assistant is told who calls, and a menu
gets its keys. After these whoever comes is waited for (`streamer.call.actions.connecting`).
"""

from offhook.runs.end_reasons import EndReason
from offhook.runs.log.events import AnswerSign, InterruptedBy
from offhook.vocabulary import AnswerAction, AnsweredBy
from streamer.call.commands import AwaitBeep, Expect, SendDigits
from streamer.call.course.course import Course
from streamer.call.course.meeting import Meeting
from streamer.call.course.opening import TALKS_ON_MS
from streamer.call.floor import Floor

GREETING_PAUSE_MS = 2100
"""Silence that ends a voicemail's greeting whose beep was not heard; sentences of greetings are closer together."""

QUESTION_PAUSE_MS = 1000
"""Silence after which an assistant waits for an answer, and a menu for a key."""

LONGEST_GREETING_MS = 60_000
"""After so much more of it nobody waits for its end."""

# Who says no more than a word has no beep to come.
_TALKS_MS = 1000
# Machines beep within seconds after their last word.
_BEEP_WITHIN_MS = 5_000
_MOST_MESSAGES = 3
_MOST_TRIES = 3


def listens_for_machines(call: Course) -> bool:
    """Say whether the caller's words matter even where they may not interrupt: they may be a machine's."""
    return call.is_opening and call.opening.acts


def machine_that_says(call: Course, text: str) -> AnsweredBy | None:
    """Return the machine that says this at the beginning of a call, if the agent does more about it than to talk."""
    kind = call.opening.who_says(text, _talk_ms(call)) if call.is_opening else None
    return kind if kind and call.opening.action(kind) is not AnswerAction.TALK else None


def meet_whoever_says(call: Course, text: str) -> bool:
    """Find out who says this at the beginning of a call; return True when it is a machine that is dealt with."""
    if not call.is_opening:
        call.out += call.opening.close(call.now_ms)
        return False
    kind = call.opening.who_says(text, _talk_ms(call))
    if kind is not None and kind is not AnsweredBy.PERSON:
        return meet(call, kind, AnswerSign.WORDS)
    note_person(call, text)
    return False


def meet_early(call: Course, stable_text: str) -> bool:
    """Hang up on a machine that is known before it has finished; return True when that was done.

    What begins like one may still be another ("to leave a message, press one"), so only talk that goes on counts, but for
    the message after which there is nothing to say in any case.
    """
    text = f"{call.caller.text} {stable_text}".strip()
    kind = machine_that_says(call, text) if stable_text else None
    is_sure = kind is AnsweredBy.NOT_IN_SERVICE or _talk_ms(call) >= TALKS_ON_MS
    if kind is None or not is_sure or call.opening.action(kind) is not AnswerAction.HANG_UP:
        return False
    call.note_words(text)
    return meet(call, kind, AnswerSign.WORDS)


def note_person(call: Course, text: str) -> None:
    """Keep what a person seems to say at the beginning of a call."""
    if call.is_opening and text:
        call.opening.note(text, _talk_ms(call))


def _talk_ms(call: Course) -> int:
    """How long the caller has talked without waiting."""
    return (call.now_ms if call.turns.is_speaking else call.caller.end_ms) - call.caller.talk_start_ms


def await_beep_after_talk(call: Course) -> None:
    """Listen for a beep after talk, if it matters: nothing else may tell the machine."""
    matters = call.is_opening and call.opening.action(AnsweredBy.VOICEMAIL) is not AnswerAction.TALK
    if matters and _talk_ms(call) >= TALKS_ON_MS:
        call.opening.has_talked_on = True
    if matters and _talk_ms(call) >= _TALKS_MS:
        call.out.append(AwaitBeep(within_ms=_BEEP_WITHIN_MS))


def beep_tells(call: Course, _: object) -> None:
    """Take who has talked for long, and then beeps, for a machine."""
    if call.is_opening and (call.opening.has_talked_on or _talk_ms(call) >= TALKS_ON_MS):
        meet(call, AnsweredBy.VOICEMAIL, AnswerSign.BEEP)


def meet(call: Course, kind: AnsweredBy, sign: AnswerSign) -> bool:
    """Do what the settings say about a machine; return False where that is only to talk."""
    action = call.opening.action(kind)
    if action is not AnswerAction.TALK or kind is not call.opening.told:
        call.out += call.opening.tell(kind, sign, call.now_ms)
    if action is AnswerAction.TALK:
        return False
    _stop_for_machine(call)
    tries = call.met.tries if call.met else 0
    disposition = call.settings.answered_by.of(kind).disposition
    call.met = Meeting(kind=kind, since_ms=call.now_ms, tries=tries, disposition=disposition)
    if action is AnswerAction.HANG_UP or tries >= _MOST_TRIES:
        end_met(call, call.met)
    elif sign is AnswerSign.BEEP:
        machine_is_done(call, None)
    else:
        hear_out(call)
    return True


def _stop_for_machine(call: Course) -> None:
    call.cut_off(InterruptedBy.CALLER)
    call.forget_interrupted()
    call.forget_utterance()
    call.opening.is_open = False


def hear_out(call: Course) -> None:
    """Listen to the machine until it has said all, or beeps."""
    call.forget_utterance()
    call.drop_model()
    call.out.append(AwaitBeep())
    call.move(Floor.MACHINE)


def machine_pauses(call: Course, _: object) -> None:
    """Count the machine's silence from here."""
    call.move(Floor.MACHINE)


def machine_is_done(call: Course, _: object) -> None:
    """Give the machine what it gets: the message, the introduction, or the keys."""
    match call.met:
        case Meeting(kind=AnsweredBy.VOICEMAIL):
            _leave_message(call, call.met)
        case Meeting(kind=AnsweredBy.SCREENING):
            _introduce(call, call.met)
        case Meeting(kind=AnsweredBy.MENU):
            _press_keys(call, call.met)


def _leave_message(call: Course, met: Meeting) -> None:
    met.messages += 1
    end_met(call, met, say=call.settings.answered_by.voicemail.message)


def machine_goes_on(call: Course, _: object) -> None:
    """Begin the message again, a few times at most, when the machine talks into it: it had not finished."""
    if call.met is not None and call.ending is EndReason.VOICEMAIL and 0 < call.met.messages < _MOST_MESSAGES:
        call.out += call.agent.stop(InterruptedBy.CALLER, call.now_ms)
        call.agent.unheard = []
        hear_out(call)


def _introduce(call: Course, met: Meeting) -> None:
    met.tries += 1
    await_person(call)
    call.say(call.talk.sentences(call.settings.answered_by.screening.message))


def _press_keys(call: Course, met: Meeting) -> None:
    """Press the keys; in the next stream whoever comes is waited for."""
    met.tries += 1
    call.transfers.prepare()
    call.transfers.is_moving = True
    call.move(Floor.TRANSFER)
    call.out.append(SendDigits(digits=call.settings.answered_by.menu.keys))


def await_person(call: Course) -> None:
    """Wait for whoever the machine fetches, or for its excuse."""
    call.forget_utterance()
    call.out.append(Expect(phrases=call.opening.phrases_of_whoever_comes))
    call.move(Floor.CONNECTING)


def end_met(call: Course, met: Meeting, *, say: str = "") -> None:
    """Hang up on a machine, after these last words."""
    call.disposition = met.disposition or call.disposition
    call.end(met.reason, say=say)
