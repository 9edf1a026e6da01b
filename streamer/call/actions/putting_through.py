"""Actions of an operator who puts the caller through, and how the agent goes on where nobody could be reached.

It is a transfer like any other, of a caller who may be in the middle of something. The agent ends the sentence that
sounds and says no more of its own; a caller who speaks is not waited for, but what they have said until then is written
down, and answered if they stay. A machine is put through to nobody.
"""

from dataclasses import dataclass

from offhook.runs.log.events import InterruptedBy, SteerEvent
from offhook.workflows import Transfer
from streamer.call.actions.answering import resume, words_come_late
from streamer.call.actions.faltering import go_on_without_reply
from streamer.call.course.course import Course
from streamer.call.course.transfers import SetAside
from streamer.call.events import Recognised, TransferRequested
from streamer.call.floor import Floor


@dataclass(frozen=True, slots=True)
class _Words:
    """What the agent says of a transfer that its workflow has no words for: before, meanwhile, and when it failed."""

    before: str = ""
    meanwhile: str = ""
    failed: str = ""


_SAID = {
    "en": _Words(
        "One moment please, I am putting you through.",
        "Thank you for waiting. I am still trying to reach somebody for you.",
        "I am sorry, nobody can take your call at the moment.",
    ),
    "de": _Words(
        "Einen Moment bitte, ich verbinde Sie.",
        "Danke, dass Sie warten. Ich versuche weiter, jemanden für Sie zu erreichen.",
        "Es tut mir leid, im Augenblick kann niemand Ihren Anruf annehmen.",
    ),
    "es": _Words(
        "Un momento, por favor, le paso la llamada.",
        "Gracias por esperar. Sigo intentando localizar a alguien para usted.",
        "Lo siento, en este momento nadie puede atender su llamada.",
    ),
    "fr": _Words(
        "Un instant, s'il vous plaît, je vous mets en relation.",
        "Merci de patienter. J'essaie toujours de joindre quelqu'un pour vous.",
        "Je suis désolé, personne ne peut prendre votre appel pour le moment.",
    ),
}
# Of others the language model may know the words.
_NONE = _Words()

_TOLD = (
    "transfer",
    "An operator tried to put the caller through, and nobody could be reached. The caller is still on the line.",
)


def _words(call: Course) -> _Words:
    return _SAID.get(call.settings.language.partition("-")[0].lower(), _NONE)


def operator_puts_through(call: Course, event: TransferRequested) -> None:
    """Put the caller through, after the agent's present sentence and what is said before."""
    transfers = call.transfers
    if transfers.knows(event.command_id) or transfers.are_used_up:
        return
    _let_go_of_turn(call)
    words = _words(call)
    wanted = Transfer.model_construct(
        to=event.to,
        mode=event.mode,
        summary=event.summary,
        timeout_seconds=event.timeout_seconds,
        hold_say=words.meanwhile,
        failed_say=words.failed,
    )
    call.talk.errand = wanted
    call.out += transfers.begin(wanted, command_id=event.command_id)
    before = words.before if event.say is None else event.say
    call.say(call.talk.cut(before), fixed=event.say is None)
    call.go_on_from_words()


def operator_puts_through_muted(call: Course, event: TransferRequested) -> None:
    """Put the caller through; the agent is muted no more, so that whoever is not put through is not left in silence."""
    is_new = not call.transfers.knows(event.command_id) and not call.transfers.are_used_up
    if is_new:
        call.append(SteerEvent(instructions=call.talk.instructions, is_muted=False, offset_ms=call.now_ms))
    operator_puts_through(call, event)


def _let_go_of_turn(call: Course) -> None:
    """Keep what the agent was about, and what the caller has said, until it is known whether they stay."""
    call.drop_reply()
    call.out += call.agent.end_sentence(InterruptedBy.OPERATOR, call.now_ms)
    call.transfers.set_aside = SetAside(
        unsaid=call.agent.unheard, unanswered=call.unanswered, must_ask=call.model.must_ask_again
    )
    call.forget_interrupted()
    if call.caller.is_open:
        call.out += call.caller.finish(call.now_ms)
    if not call.caller.is_awaited:
        _note_words(call)


def words_meanwhile(call: Course, event: Recognised) -> None:
    """Write down what the caller had said before an operator put them through."""
    words_come_late(call, event)
    if call.transfers.command_id and not call.caller.is_awaited:
        _note_words(call)


def _note_words(call: Course) -> None:
    text = call.caller.take_text(f"c{call.turn + 1}") if call.caller.has_text else ""
    if text:
        aside = call.transfers.set_aside
        call.note_words(text)
        call.transfers.set_aside = SetAside(unanswered=f"{aside.unanswered} {text}".strip())


def tell_failure(call: Course) -> bool:
    """Say to a caller whom an operator wanted to put through that nobody could be reached; return False for others'."""
    command_id, call.transfers.command_id = call.transfers.command_id, ""
    if not command_id:
        return False
    call.talk.errand = call.talk.node.errand
    call.talk.learn(*_TOLD)
    call.move(Floor.SILENT)
    call.say(call.talk.cut(_words(call).failed))
    return True


def go_on_with_caller(call: Course) -> None:
    """Go on with what the agent was about: say the rest, answer the caller, or ask again what they were asked."""
    aside, call.transfers.set_aside = call.transfers.set_aside, SetAside()
    call.agent.unheard, call.unanswered = aside.unsaid, aside.unanswered
    call.model.must_ask_again = aside.must_ask
    if not resume(call):
        ask_again(call)


def ask_again(call: Course) -> None:
    """Ask the caller, who has nothing to be answered, what they were asked before an operator put them through."""
    call.say(call.talk.asked)
    if not call.agent.is_active and call.talk.node.data.prompt:
        call.ask_model()
    else:
        go_on_without_reply(call)
