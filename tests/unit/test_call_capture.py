"""Values that callers say: captured in several breaths, said back, confirmed, corrected by ear and by keys."""

from collections.abc import Sequence

import pytest

from offhook.runs.end_reasons import EndReason
from offhook.runs.log.entry import LogEntry
from offhook.runs.log.events import CaptureEvent, ContextEvent, Event
from streamer.call import commands, events
from streamer.call.conversation.state import fold
from streamer.call.floor import Floor
from tests.support.calls import ScriptedCall
from tests.support.captures import QUESTION, asked, capturing, press, talk, value, way
from tests.support.makers import NOON

NUMBER = "four one five, five five five, oh one oh oh"
READ_BACK = ["I have 4 1 5, 5 5 5, 0 1 0 0.", "Is that right?"]


def test_a_value_is_said_back_and_kept_once_it_is_confirmed() -> None:
    call = talk(asked("phone"), NUMBER)
    assert call.said[-2:] == READ_BACK
    assert value(call) is None
    talk(call, "yes that's right")
    assert call.records(ContextEvent) == [{"gathered": {"value": "+14155550100"}}]
    assert (way(call), call.said[-1]) == ("captured", "Thank you.")


def test_without_confirmation_a_value_is_kept_as_it_is_understood() -> None:
    call = talk(asked("number", confirm=False), "forty two")
    assert (value(call), way(call)) == (42, "captured")


def test_a_number_that_is_said_in_three_breaths_is_waited_for() -> None:
    call = asked("phone")
    for breath in ("four one five", "five five five"):
        call.speak(breath, patiently=False)
        call.wait(1000)
        assert call.said[-1] == QUESTION
    call.speak("oh one oh oh")
    assert call.said[-2:] == READ_BACK


def test_whoever_pauses_for_longer_is_asked_to_go_on_and_nothing_is_lost() -> None:
    call = talk(asked("phone"), "four one five", "five five five")
    assert call.said[-2:] == ["Go on, please.", "Go on, please."]
    talk(call, "oh one oh oh", "yes")
    assert value(call) == "+14155550100"


def test_a_whole_number_is_answered_at_once_and_a_part_of_one_is_not() -> None:
    for said, longest_ms in ((NUMBER, 500), ("four one five", 2000)):
        call = asked("phone")
        call.speak(said)
        silent_ms = call.machine.now_ms
        start_ms = next(
            at_ms for at_ms, command in call.timed if isinstance(command, commands.FinishUtterance)
        )
        assert (silent_ms - start_ms <= 200) == (longest_ms == 500)
        assert silent_ms - start_ms <= longest_ms


@pytest.mark.parametrize(
    ("refusal", "heard"),
    [
        ("no, the last digit is seven", "4 1 5, 5 5 5, 0 1 0 7"),
        ("no, four one six five five five oh one oh oh", "4 1 6, 5 5 5, 0 1 0 0"),
        ("that's wrong it ends with one nine nine", "4 1 5, 5 5 5, 0 1 9 9"),
        ("no, the area code is six two eight", "6 2 8, 5 5 5, 0 1 0 0"),
    ],
)
def test_a_correction_is_put_in_its_place_and_said_back(refusal: str, heard: str) -> None:
    call = talk(asked("phone"), NUMBER, refusal)
    assert call.said[-2:] == [f"I have {heard}.", "Is that right?"]
    assert value(call) is None


def test_a_no_alone_asks_again_and_what_was_wrong_may_still_be_said() -> None:
    call = talk(asked("phone"), NUMBER, "no")
    assert call.said[-2:] == ["Sorry about that.", "Please say it once more."]
    talk(call, "the last digit is nine", "yes")
    assert value(call) == "+14155550109"


def test_a_value_that_is_refused_too_often_is_given_up() -> None:
    call = talk(asked("phone", attempts=2), NUMBER, "no", NUMBER, "no")
    assert (way(call), value(call), call.said[-1]) == ("not_captured", None, "Never mind.")


def test_what_is_not_understood_counts_too_and_without_a_way_on_the_call_ends() -> None:
    call = talk(asked("date", attempts=2, gives_up=False), "blue", "green")
    assert call.said[2:4] == ["Sorry, I did not get that.", QUESTION]
    call.wait_for_silence()
    assert call.ended.reason is EndReason.NOT_UNDERSTOOD


def test_a_sound_that_nobody_understands_counts_as_well() -> None:
    call = asked("phone", attempts=1)
    call.sound(900)
    call.recognise_next("")
    for _ in range(100):
        call.wait(20)
    assert way(call) == "not_captured"


def test_a_caller_who_has_none_is_not_asked_twice() -> None:
    for refusal in ("I don't have one", "no", "I'd rather not say"):
        assert way(talk(asked("email"), refusal)) == "not_captured"


def test_a_moment_is_granted_and_counts_for_nothing() -> None:
    call = talk(asked("phone", attempts=1), "just a second", "okay", NUMBER, "yes")
    assert "Take your time." in call.said
    assert value(call) == "+14155550100"


def test_a_phrase_of_the_node_takes_its_edge() -> None:
    assert way(talk(asked("name"), "a person please")) == "phrase"
    call = talk(asked("phone"), NUMBER, "can I have a person please")
    assert way(call) == "phrase"


def test_whatever_else_is_said_goes_to_the_model_where_the_node_has_a_prompt() -> None:
    call = talk(asked("phone", node={"prompt": "Get the number."}), "why do you need that")
    assert call.did(commands.AskModel) >= 1
    call = talk(asked("phone", node={"prompt": "Get the number."}), NUMBER, "yes")
    assert value(call) == "+14155550100"


def test_an_answer_that_is_neither_is_asked_for_again() -> None:
    call = talk(asked("phone"), NUMBER, "bananas")
    assert call.said[-1] == "Please say yes or no, or what to change."
    talk(call, "yes")
    assert value(call) == "+14155550100"


def test_who_asks_to_hear_it_again_hears_what_was_understood() -> None:
    call = talk(asked("phone", settings={"repeat_phrases": ["say that again"]}), NUMBER, "say that again")
    assert call.said[-2:] == READ_BACK


def test_a_silent_caller_hears_what_was_understood_so_far() -> None:
    call = talk(asked("phone", settings={"idle_prompts": ["Hello?"]}), "four one five")
    call.wait_for_silence()
    call.wait(10_100)
    assert call.said[-3:] == ["Hello?", "So far I have 4 1 5.", "Please go on."]
    talk(call, "five five five oh one oh oh")
    call.wait_for_silence()
    call.wait(10_100)
    assert call.said[-2:] == READ_BACK


def test_nothing_that_the_caller_said_is_kept_for_other_calls() -> None:
    call = talk(asked("phone"), "four one five", "five five five oh one oh oh", "no", NUMBER)
    for command in call.done:
        if isinstance(command, commands.Say | commands.Prepare) and any(
            char.isdecimal() for char in command.text
        ):
            assert not command.fixed


@pytest.mark.parametrize(
    ("language", "type_", "lines", "asks", "captured"),
    [
        (
            "de-DE",
            "phone",
            ("null dreißig eins zwei drei", "vier fünf sechs sieben", "nein, am ende acht", "ja, genau"),
            "Stimmt das?",
            "+49301234568",
        ),
        ("de-DE", "date", ("am dritten mai", "nein, am vierten", "stimmt"), "Stimmt das?", "2026-05-04"),
        (
            "es-ES",
            "email",
            ("juan punto perez arroba gmail punto com", "sí, correcto"),
            "¿Es correcto?",
            "juan.perez@gmail.com",
        ),
        (
            "es-ES",
            "number",
            ("doscientos cincuenta y tres", "no", "doscientos cincuenta y dos", "sí"),
            "¿Es correcto?",
            252,
        ),
        (
            "fr-FR",
            "phone",
            ("zéro six douze trente-quatre", "cinquante-six soixante-dix-huit", "oui, c'est ça"),
            "Est-ce exact ?",
            "+33612345678",
        ),
        (
            "fr-FR",
            "name",
            ("je m'appelle jean dupont", "non, d u p o n d", "oui"),
            "Est-ce exact ?",
            "Jean Dupond",
        ),
        ("ja-JP", "number", ("forty two", "yes"), "Is that right?", 42),
    ],
)
def test_a_value_is_captured_in_the_agents_language(
    language: str, type_: str, lines: tuple[str, ...], asks: str, captured: object
) -> None:
    call = talk(asked(type_, settings={"language": language}), *lines)
    assert asks in call.said
    assert value(call) == captured


def test_a_caller_may_speak_any_of_the_agents_languages() -> None:
    settings = {"languages": ["en-US", "es-US"]}
    call = talk(asked("date", settings=settings), "el tres de mayo", "sí, correcto")
    assert value(call) == "2026-05-03"


# --- keys ---


def test_a_number_is_keyed_in_and_ended_and_confirmed_by_pound() -> None:
    call = press(asked("phone"), "4155550100#")
    assert call.said[-2:] == READ_BACK
    press(call, "#")
    assert value(call) == "+14155550100"


def test_a_pause_ends_keys_too() -> None:
    call = press(asked("phone", timeout_ms=2000), "4155550100")
    call.wait(2000)
    assert call.said[-2:] == READ_BACK


def test_star_begins_anew_and_keys_take_the_place_of_what_was_heard() -> None:
    call = press(asked("phone"), "415*")
    assert call.said[-1] == QUESTION
    press(call, "4155550199#")
    press(call, "4155550100#")
    assert call.said[-2:] == READ_BACK
    call = press(talk(asked("phone"), NUMBER), "4155550199##")
    assert value(call) == "+14155550199"


def test_keys_give_a_number_and_a_date() -> None:
    assert value(press(asked("number"), "42##")) == 42
    assert value(press(asked("date"), "05032027##")) == "2027-05-03"
    assert value(press(asked("date", region="DE"), "03052027##")) == "2027-05-03"


def test_keys_that_are_no_value_are_asked_for_again() -> None:
    call = press(asked("phone"), "12#")
    assert call.said[-1] in (QUESTION, "Go on, please.")
    assert value(call) is None


def test_letters_have_no_keys_and_what_was_said_back_is_confirmed_by_one_all_the_same() -> None:
    call = press(asked("email"), "5")
    assert call.machine.floor is Floor.SILENT
    assert call.records(CaptureEvent) == []
    press(talk(call, "ann at gmail dot com"), "#")
    assert value(call) == "ann@gmail.com"


def test_keys_lead_on_where_nothing_hears() -> None:
    call = asked("phone")
    call.tell(events.HearingLost())
    call.wait(9_000)
    press(call, "4155550100##")
    assert value(call) == "+14155550100"


# --- barge-in ---


def test_a_correction_interrupts_what_is_said_back() -> None:
    call = talk(asked("phone"), NUMBER)
    call.wait(400)
    call.speak("no, the last digit is seven")
    assert call.did(commands.StopPlayback) == 1
    assert call.said[-2] == "I have 4 1 5, 5 5 5, 0 1 0 7."


def test_a_yes_to_the_question_is_heard_before_its_end() -> None:
    call = talk(asked("phone"), NUMBER)
    call.wait(60 * len(READ_BACK[0]) + 100)
    call.speak("yes")
    assert value(call) == "+14155550100"


def test_a_yes_to_what_the_caller_could_not_hear_yet_keeps_nothing() -> None:
    call = talk(asked("phone"), NUMBER)
    call.wait(400)
    call.speak("yes yes that's right", duration_ms=1400)
    assert value(call) is None
    assert call.said[-2:] == READ_BACK
    talk(call, "yes")
    assert value(call) == "+14155550100"


# --- another process takes over ---


def _taken_over(call: ScriptedCall, *, before: Sequence[Event] = ()) -> ScriptedCall:
    """Return the call as the next process has it, which reads what was written in it and in those `before`."""
    log = [
        LogEntry.new(seq=seq, at=NOON, event=event) for seq, event in enumerate([*before, *call.appended], 1)
    ]
    return ScriptedCall(capturing("phone"), state=fold(log))


def test_what_was_understood_survives_a_takeover() -> None:
    first = talk(asked("phone"), "four one five")
    first.wait_for_silence()
    second = talk(_taken_over(first), "five five five oh one oh oh")
    assert second.said[-2:] == READ_BACK
    second.wait_for_silence()
    third = talk(_taken_over(second, before=first.appended), "yes")
    assert value(third) == "+14155550100"


def test_a_value_that_was_not_said_back_yet_is_said_back_by_who_takes_over() -> None:
    call = talk(asked("phone"), NUMBER)
    log = call.log
    (kept,) = (entry.seq for entry in log if isinstance(entry.event, CaptureEvent))
    resumed = ScriptedCall(capturing("phone"), state=fold(log[:kept]))
    assert resumed.said == READ_BACK
    talk(resumed, "yes")
    assert value(resumed) == "+14155550100"


def test_words_that_were_not_understood_yet_are_by_who_takes_over() -> None:
    call = talk(asked("phone"), NUMBER)
    log = call.log
    (kept,) = (entry.seq for entry in log if isinstance(entry.event, CaptureEvent))
    resumed = ScriptedCall(capturing("phone"), state=fold(log[: kept - 1]))
    assert resumed.said == READ_BACK


def test_a_day_that_was_said_back_stays_that_day_over_midnight() -> None:
    call = talk(asked("date"), "tomorrow")
    assert call.said[-2] == "I have Tuesday, March 3rd, 2026."
    assert fold(call.log).draft.heard == "2026-03-03"


def test_keys_that_were_pressed_are_not_lost() -> None:
    call = press(asked("phone"), "41555")
    resumed = press(_taken_over(call), "50100##")
    assert value(resumed) == "+14155550100"


def test_misses_are_counted_across_a_takeover() -> None:
    call = talk(asked("phone"), "blue", "green")
    call.wait_for_silence()
    assert way(talk(_taken_over(call), "red")) == "not_captured"
