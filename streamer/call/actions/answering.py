"""Actions of answers: what is done about the caller's words, and about words that do not come."""

from offhook.runs.end_reasons import EndReason
from offhook.runs.log.events import NodeReason
from streamer.call.actions.acting import tools_are_lost
from streamer.call.actions.capturing import captures, misunderstand
from streamer.call.actions.deafness import ask_once
from streamer.call.actions.faltering import model_falters
from streamer.call.actions.machines import machine_that_says, meet_whoever_says
from streamer.call.actions.preparing import prepare
from streamer.call.conversation.speakable import speakable
from streamer.call.course.course import Course
from streamer.call.course.readiness import asks_for_more
from streamer.call.events import ModelText, Recognised
from streamer.call.floor import Floor

# Speech this short that nobody understood was a cough or a knock: no answer is better than "sorry?".
_TOO_SHORT_TO_ASK_MS = 300
# A sound without words that lasts longer was meant for us, or is a noise that will not let the agent be heard.
_LONGEST_COUGH_MS = 2000
# Engines are given so long before the turn is over. After words that ask for more most callers go on sooner, and each
# question to a model would be paid for.
_AHEAD_MS = 800
# What may be the caller's next word is heard for so long before the agent speaks: by then the detector is sure.
_ONSET_MS = 100


def words_come_late(call: Course, event: Recognised) -> None:
    """Take note of a final word that nobody waits for any more, or not yet."""
    call.caller.recognised(event, call.now_ms)


def late_words_come(call: Course, event: Recognised) -> None:
    """Answer words that nobody has waited for any more."""
    if call.caller.recognised(event, call.now_ms):
        call.timer.finished(call.caller.end_ms, call.now_ms)
        call.move(Floor.THINKING)
        answer_when_over(call)


def words_recognised(call: Course, event: Recognised) -> None:
    """Answer the caller's turn, once all of its words are there and no more are to be expected."""
    if call.caller.recognised(event, call.now_ms):
        answer_when_over(call)


def answer_when_over(call: Course) -> None:
    """Answer the words that there are, as soon as the caller has been silent for as long as they ask for."""
    call.answer_ms = call.caller.end_ms + _patience_ms(call, call.caller.text)
    if call.now_ms >= call.answer_ms:
        turn_over(call, None)
    else:
        call.prepare_ms = max(call.now_ms, call.answer_ms - _AHEAD_MS)
        if call.prepare_ms == call.now_ms:
            pause_lasts(call, None)


def pause_lasts(call: Course, _: object) -> None:
    """Have made what follows the caller's words, should these be all."""
    call.prepare_ms = None
    prepare(call, call.caller.text)


def turn_over(call: Course, _: object) -> None:
    """Answer the caller, who has said no more; a moment later when it sounds as if they went on."""
    is_late = call.answer_ms is None or call.now_ms >= call.answer_ms + _ONSET_MS
    if is_late or not call.turns.may_begin:
        answer_recognised(call)


def _patience_ms(call: Course, text: str) -> int:
    settings = call.settings
    if text and (call.talk.is_complete(text) or machine_that_says(call, text)):
        return settings.endpointing_complete_ms
    if asks_for_more(text, settings.language) or call.talk.has_begun(text) or call.caller.hesitates:
        return settings.endpointing_incomplete_ms
    return settings.endpointing_ms


def thought_too_long(call: Course, _: object) -> None:
    """Wait no longer for the recogniser, or else for tools, or for the language model."""
    if call.caller.is_awaited:
        call.caller.wait_no_longer()
        if call.caller.has_text:
            answer_when_over(call)
        else:
            _hear_no_words(call)
    elif call.tools.are_running:
        tools_are_lost(call)
    else:
        model_falters(call, "model-timeout")


def still_there(call: Course, _: object) -> None:
    """Ask a silent caller again, or end the call."""
    call.idle_prompts += 1
    if call.idle_prompts > len(call.settings.idle_prompts):
        call.end(EndReason.IDLE, say=call.settings.idle_goodbye)
    else:
        call.prompt_again(call.settings.idle_prompts[call.idle_prompts - 1])


def reply_refused(call: Course, _: object) -> None:
    """Ask again where the caller would hear nothing, since no voice says what was to be said; a few times at most."""
    call.misunderstand()


def model_speaks(call: Course, event: ModelText) -> None:
    """Say what the language model wants said."""
    text = speakable(event.text)
    if text:
        call.model.has_spoken = True
        call.timer.decided(call.moment_ms)
        call.say([text], fixed=False)


def answer_recognised(call: Course) -> None:
    """Answer the words of the caller's turn, or that there are none."""
    text = call.caller.take_text(f"c{call.turn + 1}")
    over_ms = call.now_ms if call.answer_ms is None else min(call.answer_ms, call.now_ms)
    call.answer_ms = None
    call.prepare_ms = None
    call.is_prepared = False
    call.model.turn_over()
    call.timer.finished(call.caller.end_ms, over_ms)
    call.timer.recognised(call.moment_ms)
    if text:
        _answer(call, text)
    else:
        _hear_no_words(call)


def _hear_no_words(call: Course) -> None:
    """Answer a sound that held no words: go on with what it stopped, let it pass, or ask again."""
    call.timer.cancel()
    call.wordless_sounds += bool(call.agent.unheard)
    if call.caller.voiced_ms < _LONGEST_COUGH_MS and resume(call):
        return
    if call.caller.voiced_ms < _TOO_SHORT_TO_ASK_MS or not call.heeds_sounds:
        call.move(Floor.SILENT)
    elif call.deaf_since_ms is not None:
        ask_once(call)
    else:
        misunderstand(call)


def _answer(call: Course, text: str) -> None:
    call.steps_alone = call.tools.rounds = 0
    call.unanswered = text
    call.note_words(text)
    if not meet_whoever_says(call, text):
        decide(call, text)


def decide(call: Course, text: str) -> None:
    """Do what the caller's words lead to in the present node."""
    if captures(call, text):
        return
    phrase = call.talk.match(text)
    if phrase is not None:
        call.take(phrase.edge, dict(phrase.gathered), reason=NodeReason.PHRASE)
    elif call.talk.asks_to_repeat(text):
        call.agent.unheard = []
        call.say_node()
    elif call.talk.node.data.prompt:
        call.agent.unheard = []
        call.ask_model()
    elif call.agent.unheard and not call.agent.was_heard:
        # More of the caller's last words, spoken before the reply could be heard: the reply stands.
        resume(call)
    else:
        call.misunderstand()


def resume(call: Course) -> bool:
    """Go on with what a sound without words had stopped; return False when there was nothing."""
    unheard, call.agent.unheard = call.agent.unheard, []
    if unheard:
        call.say(unheard, fixed=False)
    elif call.unanswered:
        decide(call, call.unanswered)
    elif call.model.must_ask_again or call.tools.owes_reply:
        call.ask_model()
    else:
        return False
    return True
