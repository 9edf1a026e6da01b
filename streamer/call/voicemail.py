"""Actions of answering machines: the message waits for the greeting's end, and begins again when the machine goes on."""

from offhook.runs.end_reasons import EndReason
from offhook.runs.log.events import InterruptedBy
from streamer.call.commands import AwaitBeep
from streamer.call.course import Course
from streamer.call.floor import Floor

GREETING_PAUSE_MS = 2100
"""Silence that ends a greeting whose beep was not heard; sentences of greetings are closer together."""

LONGEST_GREETING_MS = 60_000
"""After so much more of it nobody waits for its end."""

_MOST_MESSAGES = 3


def await_greeting_end(call: Course) -> None:
    """Listen to the machine until it has said all, or beeps."""
    call.forget_utterance()
    call.drop_model()
    if not call.messages_begun:
        call.greeting_since_ms = call.now_ms
    call.out.append(AwaitBeep())
    call.move(Floor.VOICEMAIL)


def machine_pauses(call: Course, _: object) -> None:
    """Count the machine's silence from here."""
    call.move(Floor.VOICEMAIL)


def leave_message(call: Course, _: object) -> None:
    """Say the message, then hang up."""
    call.messages_begun += 1
    call.end(EndReason.VOICEMAIL, say=call.settings.voicemail.message)


def machine_goes_on(call: Course, _: object) -> None:
    """Begin the message again, a few times at most, when the machine talks into it: it had not finished."""
    if call.ending is EndReason.VOICEMAIL and 0 < call.messages_begun < _MOST_MESSAGES:
        call.out += call.agent.stop(InterruptedBy.CALLER, call.now_ms)
        call.agent.unheard = []
        await_greeting_end(call)
