"""Machines that take a call: known at its beginning, and dealt with as the agent's settings say."""

from typing import Any

import pytest

from offhook.runs.log.events import AnsweredByEvent, TranscriptEvent
from streamer.call import commands, events
from streamer.call.actions.machines import GREETING_PAUSE_MS, LONGEST_GREETING_MS
from streamer.call.conversation.state import ConversationState
from streamer.call.course.opening import LIMIT_MS, LONG_TALK_MS
from streamer.call.floor import Floor
from tests.support.calls import APPOINTMENT, ScriptedCall

GREETING = "Hi, this is Bob. Please LEAVE a message, after the tone."
PROMPTED: dict[str, Any] = {
    "nodes": [{"id": "talk", "type": "startCall", "data": {"name": "Talk", "prompt": "Talk."}}],
}


def answered_by(words: str, *, before: str | None = None, **voicemail: Any) -> ScriptedCall:
    """Return a call in which these words were heard, perhaps after others."""
    call = ScriptedCall(
        context={"customer_name": "Ada"}, is_outbound=True, answered_by={"voicemail": voicemail}
    )
    for said in (before, words):
        if said is not None:
            call.wait_for_silence()
            call.speak(said)
    return call


def test_a_machine_is_hung_up_on_at_once() -> None:
    call = answered_by(GREETING, action="hang_up")
    said = len(call.said)
    assert call.machine.has_ended
    assert call.did(commands.HangUp) == 1
    assert call.ended.disposition == "voicemail"
    end = call.ended
    assert (end.reason, end.disposition) == ("voicemail_detected", "voicemail")
    assert call.records(TranscriptEvent)[-1]["text"] == GREETING
    assert len(call.said) == said


MESSAGE = {"action": "leave_message", "message": "Hello {{customer_name}}. Please call us back."}
LEFT = ["Hello Ada.", "Please call us back."]


def test_a_message_waits_for_the_beep_and_is_left_in_full() -> None:
    call = answered_by(GREETING, **MESSAGE)
    assert call.machine.floor is Floor.MACHINE
    assert call.did(commands.AwaitBeep) == 1
    call.sound(3000)
    call.wait(1000)
    assert call.said[-1] not in LEFT
    call.tell(events.BeepHeard())
    assert call.said[-2:] == LEFT
    assert not call.machine.has_ended
    call.wait_for_silence()
    assert call.machine.has_ended
    assert call.ended.disposition == "voicemail"
    assert call.did(commands.HangUp) == 1


def test_without_a_beep_a_long_silence_ends_the_greeting() -> None:
    call = answered_by(GREETING, **MESSAGE)
    call.wait(GREETING_PAUSE_MS - 200)
    call.sound(1000)
    call.wait(GREETING_PAUSE_MS - 200)
    assert call.said[-1] not in LEFT
    call.wait(1000)
    assert call.said[-2:] == LEFT


def test_a_message_begins_again_when_the_machine_goes_on_and_is_given_up_never() -> None:
    call = answered_by(GREETING, **MESSAGE)
    for attempt in range(1, 4):
        call.wait(GREETING_PAUSE_MS + 700)
        assert call.said.count(LEFT[1]) == attempt
        call.sound(1100)
    call.wait_for_silence()
    assert call.said.count(LEFT[1]) == 3
    assert call.ended.reason == "voicemail_detected"


def test_a_greeting_without_end_gets_its_message_after_a_while() -> None:
    call = answered_by(GREETING, **MESSAGE)
    for _ in range(LONGEST_GREETING_MS // 1000 + 1):
        call.sound(900)
        call.wait(100)
    assert call.said[-2:] == LEFT


@pytest.mark.parametrize("words", ["Please leave a messenger.", "yes", "the message was to leave"])
def test_other_words_are_a_persons(words: str) -> None:
    ended = answered_by(words, action="hang_up").machine.ended
    assert ended is None or ended.disposition != "voicemail"


def test_a_machine_is_ignored_unless_the_agent_says_otherwise() -> None:
    call = answered_by(GREETING)
    assert not call.machine.has_ended
    assert call.said[-1] == "Does Monday still suit you?"


def test_words_of_the_agents_own_are_known() -> None:
    call = answered_by("Der Anrufbeantworter ist an", action="hang_up", phrases=["anrufbeantworter ist"])
    assert call.ended.disposition == "voicemail"


def test_whoever_has_taken_a_step_is_a_person() -> None:
    call = answered_by(GREETING, before="no another day", action="hang_up")
    assert not call.machine.has_ended


def test_a_call_that_is_taken_over_in_its_first_step_still_knows_a_machine() -> None:
    state = ConversationState(node_id="greet", said_here=["Hello."])
    call = ScriptedCall(state=state, is_outbound=True, voicemail={"action": "hang_up"})
    call.wait_for_silence()
    call.speak(GREETING)
    assert call.ended.disposition == "voicemail"


def test_the_recogniser_is_told_what_machines_say_while_one_may_have_answered() -> None:
    def told(call: ScriptedCall) -> list[tuple[str, ...]]:
        return [command.phrases for command in call.done if isinstance(command, commands.Expect)]

    settings = {
        "voicemail": {"action": "hang_up", "phrases": ["at the beep"]},
        "not_in_service": {"action": "talk"},
    }
    first, second = told(answered_by("no another day", action="hang_up", phrases=["at the beep"]))
    assert "at the beep" in first
    assert "yes" in first
    assert "at the beep" not in second
    assert told(ScriptedCall(PROMPTED, is_outbound=True, answered_by=settings)) == [("at the beep",)]
    assert told(ScriptedCall(PROMPTED)) == [()]
    assert told(ScriptedCall(PROMPTED, answered_by=settings)) == [()]
    ignored = {"voicemail": {"phrases": ["at the beep"]}}
    assert "at the beep" not in told(ScriptedCall(APPOINTMENT, is_outbound=True, answered_by=ignored))[0]


DEAD = "We're sorry, the number you have dialed is not in service."
HANGS_UP: dict[str, Any] = {"action": "hang_up"}


def outbound(workflow: dict[str, Any] = APPOINTMENT, **answered_by: Any) -> ScriptedCall:
    return ScriptedCall(workflow, context={"customer_name": "Ada"}, is_outbound=True, answered_by=answered_by)


def told(call: ScriptedCall) -> list[tuple[str, str]]:
    return [(str(event["answered_by"]), str(event["sign"])) for event in call.records(AnsweredByEvent)]


def test_by_default_a_number_that_is_not_in_service_is_hung_up_on() -> None:
    call = outbound()
    call.speak(DEAD, 3000)
    assert (call.ended.reason, call.ended.disposition) == ("number_not_in_service", "not_in_service")
    assert told(call) == [("not_in_service", "words")]
    assert call.records(TranscriptEvent)[-1]["text"] == DEAD


@pytest.mark.parametrize(
    ("kind", "words", "reason"),
    [
        ("voicemail", GREETING, "voicemail_detected"),
        ("screening", "Please say your name and the reason for your call.", "call_screened"),
        ("menu", "For sales, press one.", "menu_reached"),
        ("not_in_service", DEAD, "number_not_in_service"),
    ],
)
def test_what_is_hung_up_on_has_its_reason_and_the_disposition_of_the_settings(
    kind: str, words: str, reason: str
) -> None:
    call = outbound(**{kind: {**HANGS_UP, "disposition": "nobody"}})
    call.speak(words, 3000)
    assert (call.ended.reason, call.ended.disposition) == (reason, "nobody")
    talked_to = outbound(**{kind: {"action": "talk"}})
    talked_to.speak(words, 3000)
    assert told(talked_to) == [(kind, "words")]
    assert not talked_to.machine.has_ended
    assert talked_to.said[-1] == "Does Monday still suit you?"


def test_a_machine_that_is_only_talked_to_is_told_once_and_another_all_the_same() -> None:
    call = outbound(voicemail=HANGS_UP)
    for _ in range(2):
        call.speak("Please say your name.", 1500)
        call.wait(1000)
    assert told(call) == [("screening", "words")]
    call.speak(GREETING, 3000)
    assert told(call) == [("screening", "words"), ("voicemail", "words")]
    assert call.machine.has_ended


def test_calls_that_come_in_are_not_judged() -> None:
    call = ScriptedCall(answered_by={"voicemail": HANGS_UP})
    call.speak(GREETING, 3000)
    assert told(call) == []
    assert not call.machine.has_ended


@pytest.mark.parametrize(("wait_ms", "is_judged"), [(LIMIT_MS - 4000, True), (LIMIT_MS + 1000, False)])
def test_only_talk_that_begins_in_the_first_seconds_is_judged(wait_ms: int, is_judged: bool) -> None:
    call = ScriptedCall(is_outbound=True, idle_timeout_ms=60_000, answered_by={"voicemail": HANGS_UP})
    call.wait(wait_ms)
    call.speak(GREETING, 3000)
    assert call.machine.has_ended == is_judged


def test_what_people_say_too_tells_a_machine_only_where_it_talks_on() -> None:
    words = "Sorry, he's not available right now."
    for duration_ms, is_machine in ((1800, False), (LONG_TALK_MS + 200, True)):
        call = outbound(voicemail=HANGS_UP)
        call.speak(words, duration_ms)
        assert call.machine.has_ended == is_machine
    call = outbound(voicemail=HANGS_UP)
    call.speak(f"{words} Can I take a message?", LONG_TALK_MS + 200)
    assert not call.machine.has_ended


def test_a_beep_after_talk_tells_a_machine_whose_words_are_not_known() -> None:
    for voicemail, leaves in ((MESSAGE, True), (HANGS_UP, False)):
        call = outbound(voicemail=voicemail)
        call.sound(3000)
        call.wait(300)
        assert [c.within_ms for c in call.done if isinstance(c, commands.AwaitBeep)] == [5000]
        call.tell(events.BeepHeard())
        assert told(call) == [("voicemail", "beep")]
        assert (call.said[-1] == LEFT[-1]) == leaves
        call.wait_for_silence()
        assert call.ended.reason == "voicemail_detected"


def test_talk_that_nobody_understands_goes_on_over_its_pauses() -> None:
    call = outbound(voicemail=HANGS_UP)
    for _ in range(2):
        call.sound(1400)
        call.recognise_next("")
        call.wait(100)
    call.wait(1500)
    call.tell(events.BeepHeard())
    assert told(call) == [("voicemail", "beep")]


def test_a_beep_after_a_sentence_is_nothing() -> None:
    call = outbound(voicemail=HANGS_UP)
    call.sound(1500)
    call.wait(300)
    assert call.did(commands.AwaitBeep) == 1
    call.tell(events.BeepHeard())
    assert told(call) == []


@pytest.mark.parametrize(
    ("answered_by", "talk_ms"), [({"voicemail": HANGS_UP}, 700), ({}, 3000), ({"menu": HANGS_UP}, 3000)]
)
def test_no_beep_is_listened_for_after_a_word_or_where_it_changes_nothing(
    answered_by: dict[str, Any], talk_ms: int
) -> None:
    call = outbound(**answered_by)
    call.sound(talk_ms)
    call.wait(300)
    assert call.did(commands.AwaitBeep) == 0


def test_a_beep_in_a_conversation_is_nothing() -> None:
    call = outbound(voicemail=HANGS_UP)
    call.wait_for_silence()
    call.speak("no another day")
    call.tell(events.BeepHeard())
    assert told(call) == [("person", "conversation")]
    assert not call.machine.has_ended


FORBIDDEN: dict[str, Any] = {
    "nodes": [
        {
            "id": "talk",
            "type": "startCall",
            "data": {
                "name": "Talk",
                "say": "This is a long announcement. Goodbye.",
                "allow_interrupt": False,
            },
        }
    ]
}


def test_a_machine_stops_an_agent_whom_people_may_not_interrupt() -> None:
    call = outbound(FORBIDDEN, voicemail=HANGS_UP)
    call.speak("Wait a minute, please stop.", 1500)
    assert call.did(commands.StopPlayback) == call.did(commands.PausePlayback) == 0
    machine = outbound(FORBIDDEN, voicemail=MESSAGE)
    machine.sound(1500)
    machine.recognise_next(GREETING)
    assert machine.did(commands.StopPlayback) == 1
    assert machine.machine.floor is Floor.MACHINE


def part(stable: str) -> events.PartlyRecognised:
    return events.PartlyRecognised(text=f"{stable} whatever", stable_text=stable)


@pytest.mark.parametrize("workflow", [APPOINTMENT, FORBIDDEN])
def test_a_machine_is_hung_up_on_in_the_middle_of_a_sentence(workflow: dict[str, Any]) -> None:
    call = outbound(workflow)
    call.sound(1400)
    call.tell(part("we're sorry the number you have dialed"))
    assert not call.machine.has_ended
    call.tell(part("we're sorry the number you have dialed is not in service"))
    assert call.ended.reason == "number_not_in_service"
    said = call.records(TranscriptEvent)[-1]
    assert said["text"] == "we're sorry the number you have dialed is not in service"
    assert said["end_ms"] == call.machine.now_ms


def test_what_begins_like_one_machine_may_still_be_another() -> None:
    call = outbound(voicemail=HANGS_UP, menu=HANGS_UP)
    call.sound(1200)
    call.tell(part("to leave a message"))
    assert not call.machine.has_ended
    call.sound(1500)
    call.tell(part("to leave a message press one"))
    assert call.ended.reason == "menu_reached"


def test_who_takes_a_step_or_answers_in_a_word_is_a_person_and_who_is_silent_is_nobody() -> None:
    call = outbound()
    call.wait_for_silence()
    call.speak("yes")
    assert told(call) == [("person", "conversation")]
    short = outbound()
    short.speak("Hello?")
    assert told(short) == []
    short.tell(events.CallerGone())
    assert told(short) == [("person", "conversation")]
    silent = outbound()
    silent.wait(3000)
    silent.tell(events.CallerGone())
    assert told(silent) == []


def test_a_person_hears_the_same_at_the_same_moment_as_where_nobody_is_judged() -> None:
    def course(*, is_outbound: bool) -> list[tuple[int, commands.Command]]:
        call = ScriptedCall(
            is_outbound=is_outbound,
            answered_by={"voicemail": MESSAGE, "menu": HANGS_UP, "screening": HANGS_UP},
        )
        call.wait(400)
        call.speak("Hello?", 500)
        call.wait_for_silence()
        call.speak("no another day")
        call.wait_for_silence()
        told = commands.Expect | commands.Append
        return [(at_ms, command) for at_ms, command in call.timed if not isinstance(command, told)]

    assert course(is_outbound=True) == course(is_outbound=False)
