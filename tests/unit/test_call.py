"""Whole calls, replayed without a clock."""

import pytest

from offhook.json_types import JsonObject
from offhook.runs.end_reasons import EndReason
from offhook.runs.log.events import (
    ContextEvent,
    CorrectionEvent,
    DtmfEvent,
    ErrorEvent,
    InterruptEvent,
    NodeEvent,
    PlaybackEvent,
    TranscriptEvent,
)
from streamer.call import commands, events
from streamer.call.course.course import KEYS_AT_ONCE
from streamer.call.course.transfers import MOST_TRANSFERS
from streamer.call.floor import Floor
from tests.support.calls import MS_PER_CHARACTER, ScriptedCall


def test_the_agent_greets_by_name_and_listens_for_the_phrases_of_the_node() -> None:
    call = ScriptedCall(context={"customer_name": "Ada"})

    assert call.said == ["Hello Ada.", "Does Monday still suit you?"]
    expected = next(c for c in call.done if isinstance(c, commands.Expect))
    assert {"yes", "no another day"} <= set(expected.phrases)
    call.wait_for_silence()
    assert call.machine.floor is Floor.SILENT


def test_a_caller_who_confirms_hears_goodbye_and_is_hung_up_on() -> None:
    call = ScriptedCall()
    call.wait_for_silence()
    call.speak("yes that is fine")

    assert call.said[-2:] == ["See you on Monday.", "Goodbye."]
    assert call.did(commands.HangUp) == 0
    call.wait_for_silence()
    assert call.did(commands.HangUp) == 1
    assert call.machine.has_ended
    assert call.ended.disposition == "confirmed"
    assert call.ended.reason == "end_call"


def test_a_caller_who_wants_another_day_is_asked_which_and_it_is_gathered() -> None:
    call = ScriptedCall()
    call.wait_for_silence()
    call.speak("no, another day")
    call.wait_for_silence()
    call.speak("on Thursday please")
    call.wait_for_silence()

    assert call.gathered == {"day": "thursday"}
    assert call.records(ContextEvent) == [{"gathered": {"day": "thursday"}}]
    assert call.ended.disposition == "rescheduled"
    assert [n["to"] for n in call.records(NodeEvent)] == ["greet", "which_day", "moved"]
    assert "thursday it is." in call.said


def test_a_key_takes_the_edge_that_names_it_and_stops_the_agent() -> None:
    call = ScriptedCall()
    call.wait(400)
    call.tell(events.KeyPressed(key="2"))

    assert call.did(commands.StopPlayback) == 1
    assert call.said[-1] == "Which day would suit you better?"
    assert call.records(DtmfEvent) == [{"digit": "2", "offset_ms": 400}]


def test_silence_is_answered_by_a_second_prompt_and_then_a_polite_end() -> None:
    call = ScriptedCall(idle_timeout_ms=5000)
    call.wait_for_silence()
    call.wait(5000)
    assert call.said[-2:] == ["Are you still there?", "Does Monday still suit you?"]
    call.wait_for_silence()
    call.wait(5000)
    assert call.said[-1] == "Goodbye."
    call.wait_for_silence()

    assert call.machine.has_ended
    assert call.ended.disposition == "inactivity"
    assert call.did(commands.HangUp) == 1


def test_a_click_on_the_line_changes_nothing() -> None:
    call = ScriptedCall()
    call.wait_for_silence()
    call.sound(80)
    call.wait(2000)

    assert call.machine.floor is Floor.SILENT
    assert call.records(TranscriptEvent)[-1]["speaker"] == "agent"


def test_speech_that_nobody_understands_is_asked_again_and_then_given_up_politely() -> None:
    call = ScriptedCall()
    for sorry in ("Sorry, I did not catch that.", "I am afraid I still did not get that."):
        call.wait_for_silence()
        call.speak("purple monkey dishwasher")
        assert sorry in call.said
    call.wait_for_silence()
    call.speak("")
    call.wait_for_silence()

    assert call.machine.has_ended
    assert call.ended.disposition == "not_understood"


def test_a_caller_who_asks_to_hear_it_again_hears_it_again() -> None:
    call = ScriptedCall()
    call.wait_for_silence()
    call.speak("can you repeat that")

    assert call.said[-2:] == ["Hello there.", "Does Monday still suit you?"]


def test_a_pause_inside_a_sentence_joins_both_halves_into_one_turn() -> None:
    call = ScriptedCall()
    call.wait_for_silence()
    call.sound(400)
    call.wait(500)
    assert call.machine.floor is Floor.THINKING
    call.sound(200)
    call.recognise("no")
    assert call.said[-1] == "Does Monday still suit you?"
    call.wait(500)
    call.recognise("another day")

    assert [t["text"] for t in call.records(TranscriptEvent) if t["speaker"] == "caller"] == [
        "no another day"
    ]


def test_more_of_the_same_answer_over_a_reply_that_nobody_heard_does_not_confuse_the_agent() -> None:
    call = ScriptedCall()
    call.wait_for_silence()
    call.speak("no")
    call.speak("i really can't make it", duration_ms=400)

    assert "Sorry, I did not catch that." not in call.said
    assert call.said[-1].endswith("better?")


def test_a_node_that_forbids_interruption_is_not_interrupted() -> None:
    workflow: JsonObject = {
        "nodes": [
            {
                "id": "a",
                "type": "startCall",
                "data": {
                    "name": "Note",
                    "say": "This call is recorded for training.",
                    "allow_interrupt": False,
                },
            },
            {"id": "b", "type": "endCall", "data": {"name": "Bye", "say": "Bye."}},
        ],
        "edges": [{"id": "e", "source": "a", "target": "b", "data": {"phrases": ["yes"]}}],
    }
    call = ScriptedCall(workflow)
    call.wait(400)
    call.sound(600)
    call.wait_for_silence()

    assert call.did(commands.StopPlayback) == 0
    assert call.machine.floor is Floor.SILENT


def test_a_caller_who_hangs_up_in_mid_sentence_ends_the_call_without_a_hang_up_of_ours() -> None:
    call = ScriptedCall()
    call.wait(1000)
    call.tell(events.CallerGone())

    assert call.machine.has_ended
    assert call.did(commands.HangUp) == 0
    assert call.ended.disposition == "user_hangup"
    assert call.records(CorrectionEvent)


def test_the_longest_call_ends_with_a_sentence() -> None:
    call = ScriptedCall(max_call_duration_seconds=20, idle_timeout_ms=60_000)
    call.wait(20_000)
    assert "Our time is up, so I have to end the call here." in call.said
    call.wait_for_silence()
    assert call.ended.disposition == "max_duration"


@pytest.mark.parametrize("engine", ["recogniser", "synthesiser"])
def test_an_engine_that_fails_for_good_is_apologised_for(engine: str) -> None:
    call = ScriptedCall()
    call.wait_for_silence()
    call.tell(events.EngineFailed(engine=engine, code=f"{engine}-failed"))
    call.wait_for_silence()

    assert "I am sorry, something went wrong on our side." in call.said
    assert call.ended.disposition == "error"
    assert call.records(ErrorEvent)[0]["code"] == f"{engine}-failed"


def test_an_engine_that_fails_and_is_stood_in_for_ends_nothing() -> None:
    call = ScriptedCall()
    call.wait_for_silence()
    call.tell(events.EngineStumbled(engine="synthesiser", code="synthesiser-throttled"))
    call.speak("yes")
    call.wait_for_silence()

    assert call.ended.disposition != "error"
    [error] = call.records(ErrorEvent)
    assert (error["code"], error["recoverable"]) == ("synthesiser-throttled", True)


def test_a_carrier_that_echoes_no_marks_is_followed_by_the_audio_clock() -> None:
    call = ScriptedCall(echoes_marks=False)
    call.wait_for_silence()
    call.wait(600)
    assert call.machine.floor is Floor.SILENT

    call.speak("yes")
    call.wait_for_silence()
    call.wait(100)
    assert call.machine.has_ended


def test_one_lost_mark_of_a_carrier_that_echoes_marks_does_not_hold_up_the_call() -> None:
    call = ScriptedCall(lost_marks={"s2", "s4"})
    call.wait_for_silence()
    call.wait(600)
    assert call.machine.floor is Floor.SILENT

    call.speak("yes")
    call.wait_for_silence()
    call.wait(600)
    assert call.machine.has_ended


def test_a_recogniser_that_never_answers_is_not_waited_for() -> None:
    call = ScriptedCall()
    call.wait_for_silence()
    call.sound(600)
    call.wait(5000)
    assert "Sorry, I did not catch that." in call.said
    call.recognise("yes")

    assert call.machine.ended is None


def test_a_sentence_that_fails_half_way_stays_only_as_far_as_it_was_made() -> None:
    call = ScriptedCall()
    call.tell(events.SegmentFailed(segment_id="s1", duration_ms=len("Hello") * 70 + 40))

    assert call.records(CorrectionEvent)[0]["heard_text"] == "Hello"


def test_a_reply_that_no_voice_says_is_not_silence_and_not_for_ever() -> None:
    call = ScriptedCall()
    call.wait_for_silence()
    before = len(call.said)
    call.tell(events.ReplyRefused())
    assert call.said[before:] == ["Sorry, I did not catch that.", "Does Monday still suit you?"]
    for _ in range(5):
        call.wait_for_silence()
        call.tell(events.ReplyRefused())
    call.wait_for_silence()
    assert call.ended.reason is EndReason.NOT_UNDERSTOOD


def test_words_from_before_a_key_do_not_reach_the_next_node() -> None:
    call = ScriptedCall()
    call.wait_for_silence()
    call.sound(600)
    call.wait(520)
    call.tell(events.KeyPressed(key="2"))
    call.recognise("tuesday")
    call.wait_for_silence()
    call.speak("on thursday")

    assert [t["text"] for t in call.records(TranscriptEvent) if t["speaker"] == "caller"] == ["on thursday"]


def test_a_key_pressed_while_speaking_closes_the_utterance() -> None:
    call = ScriptedCall()
    call.wait_for_silence()
    call.sound(300)
    call.tell(events.KeyPressed(key="2"))

    assert call.did(commands.StartUtterance) == call.did(commands.FinishUtterance) == 1


def test_a_storm_of_keys_is_not_recorded() -> None:
    call = ScriptedCall()
    for _ in range(1000):
        call.tell(events.KeyPressed(key="9"))

    assert len(call.records(DtmfEvent)) == KEYS_AT_ONCE
    call.wait(400)
    for _ in range(1000):
        call.tell(events.KeyPressed(key="9"))
    assert len(call.records(DtmfEvent)) == KEYS_AT_ONCE + 10


def test_keys_that_come_without_audio_between_them_all_count() -> None:
    call = ScriptedCall()
    for key in "5557890#":
        call.tell(events.KeyPressed(key=key))
    assert [data["digit"] for data in call.records(DtmfEvent)] == list("5557890#")


def test_music_without_a_pause_interrupts_once() -> None:
    call = ScriptedCall()
    call.sound(30_080)
    call.recognise("")
    interruptions = len(call.records(InterruptEvent))
    call.sound(120_000)
    assert len(call.records(InterruptEvent)) == interruptions > 0
    assert call.ended.disposition == "inactivity"


def test_after_a_pause_the_caller_is_heard_again() -> None:
    call = ScriptedCall()
    call.sound(30_080)
    call.recognise("")
    call.wait(600)
    call.wait_for_silence()
    call.speak("yes")
    assert call.gathered is not None
    assert call.said[-2:] == ["See you on Monday.", "Goodbye."]


def test_a_sentence_without_a_mark_ends_when_its_audio_ends() -> None:
    call = ScriptedCall(echoes_marks=False)
    call.wait(8000)
    first, second = (
        _ms(data, "offset_ms") for data in call.records(PlaybackEvent) if data["state"] == "finished"
    )
    starts = [_ms(data, "start_ms") for data in call.records(TranscriptEvent)]
    assert first == starts[0] + len(call.said[0]) * MS_PER_CHARACTER
    assert second == starts[1] + len(call.said[1]) * MS_PER_CHARACTER
    assert starts[1] >= first


def _ms(data: JsonObject, name: str) -> int:
    value = data[name]
    assert isinstance(value, int)
    return value


ROUND_AND_ROUND: JsonObject = {
    "nodes": [
        {"id": "a", "type": "startCall", "data": {"name": "A", "say": "Hello."}},
        {
            "id": "b",
            "type": "agentNode",
            "data": {"name": "B", "say": "One moment.", "transfer": {"to": "+14155550100"}},
        },
    ],
    "edges": [
        {"id": "ab", "source": "a", "target": "b", "data": {"label": "go", "phrases": ["go"]}},
        {"id": "bb", "source": "b", "target": "b", "data": {"label": "again", "when": "transfer_failed"}},
    ],
}


def test_a_call_that_goes_in_circles_without_the_caller_ends_with_a_reason_of_its_own() -> None:
    call = ScriptedCall(ROUND_AND_ROUND)
    call.wait_for_silence()
    call.speak("go")
    for _ in range(100):
        call.wait_for_silence()
        if call.machine.has_ended:
            break
        call.tell(events.TransferFailed(reason="busy"))
    assert call.ended.reason == "workflow_loop"
    assert call.did(commands.Transfer) == MOST_TRANSFERS
    assert call.records(ErrorEvent)[0]["code"] == "too-many-transfers"
    assert len(call.records(NodeEvent)) < 30


def test_a_noise_that_never_ends_is_given_up_politely() -> None:
    call = ScriptedCall()
    call.wait_for_silence()
    for _ in range(3):
        call.sound(30_080)
        call.recognise("")
    call.sound(10_000)

    assert call.ended.disposition == "inactivity"
