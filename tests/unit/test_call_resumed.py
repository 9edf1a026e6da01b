"""A call that another task takes over goes on where the log leaves off."""

from dataclasses import replace
from datetime import timedelta

from offhook.runs.log.entry import LogEntry
from offhook.runs.log.events import CorrectionEvent, NodeEvent, TranscriptEvent
from offhook.runs.log.projections import transcript
from streamer.call import commands, events
from streamer.call.conversation.state import ConversationState, fold
from streamer.call.floor import Floor
from tests.support.calls import ScriptedCall, texts
from tests.support.makers import NOON, make_event


def _log(call: ScriptedCall) -> list[LogEntry]:
    return call.log


def test_a_new_call_has_an_empty_log_and_an_empty_state() -> None:
    assert fold([]) == ConversationState()


def test_the_state_knows_the_node_what_was_gathered_and_what_was_said() -> None:
    call = ScriptedCall()
    call.wait_for_silence()
    call.speak("no")
    call.wait_for_silence()
    call.speak("thursday")
    state = fold(_log(call))

    assert state.node_id == "moved"
    assert state.gathered == {"day": "thursday"}
    assert state.turn == 2
    assert texts(state.talk.lines, from_caller=True) == ["no", "thursday"]


def test_a_sentence_that_nobody_is_known_to_have_heard_is_said_again() -> None:
    call = ScriptedCall()
    call.wait(200)
    resumed = ScriptedCall(state=fold(_log(call)))

    assert resumed.said == ["Hello there.", "Does Monday still suit you?"]
    resumed.wait_for_silence()
    resumed.speak("yes")
    assert resumed.said[-1] == "Goodbye."


def test_a_caller_whose_words_were_not_answered_gets_the_answer() -> None:
    call = ScriptedCall()
    call.wait_for_silence()
    call.speak("no")
    log = _log(call)
    answered = next(e.seq for e in log if isinstance(e.event, NodeEvent) and e.data["to"] == "which_day")
    resumed = ScriptedCall(state=fold(log[: answered - 1]))

    assert resumed.said == ["Which day would suit you better?"]


def test_a_call_taken_over_in_silence_listens() -> None:
    call = ScriptedCall()
    call.wait_for_silence()
    resumed = ScriptedCall(state=fold(_log(call)))

    assert resumed.said == []
    assert resumed.machine.floor is Floor.SILENT
    resumed.speak("yes")
    assert resumed.said[-1] == "Goodbye."


def test_a_call_taken_over_during_its_goodbye_says_it_and_hangs_up() -> None:
    call = ScriptedCall()
    call.wait_for_silence()
    call.speak("yes")
    resumed = ScriptedCall(state=fold(_log(call)))
    resumed.wait_for_silence()

    assert resumed.ended.disposition == "confirmed"
    assert resumed.did(commands.HangUp) == 1


def test_segment_ids_and_offsets_go_on_instead_of_starting_again() -> None:
    call = ScriptedCall()
    call.wait_for_silence()
    offset_ms = call.machine.now_ms
    resumed = ScriptedCall(state=fold(_log(call)))
    resumed.speak("yes")

    ids = [command.segment_id for command in resumed.done if isinstance(command, commands.Say)]
    assert ids == ["s3", "s4"]
    assert resumed.machine.now_ms > offset_ms


def test_what_was_cut_off_by_the_caller_is_not_said_again() -> None:
    call = ScriptedCall()
    call.wait(len("Hello there. Does Monday ") * 60 - 100)
    call.sound(1100)
    state = fold(_log(call))

    assert state.unheard == {}
    assert texts(state.talk.lines) == ["Hello there.", "Does Monday"]


def test_an_event_for_a_sentence_of_the_former_task_changes_nothing() -> None:
    call = ScriptedCall()
    call.wait_for_silence()
    resumed = ScriptedCall(state=fold(_log(call)))
    resumed.tell(events.SegmentHeard(segment_id="s1"))

    assert resumed.machine.floor is Floor.SILENT


def _cut_at(call: ScriptedCall, node: str) -> list[LogEntry]:
    log = _log(call)
    return log[: next(e.seq for e in log if isinstance(e.event, NodeEvent) and e.data["to"] == node)]


def test_an_answer_that_has_led_on_does_not_answer_the_next_question_too() -> None:
    call = ScriptedCall()
    call.wait_for_silence()
    call.speak("no")
    resumed = ScriptedCall(state=fold(_cut_at(call, "which_day")))

    assert resumed.said == ["Which day would suit you better?"]
    assert resumed.records(NodeEvent) == []


def test_a_call_lost_before_its_first_word_begins_with_it() -> None:
    call = ScriptedCall(consent_line="This call is recorded.")
    resumed = ScriptedCall(state=fold(_cut_at(call, "greet")), consent_line="This call is recorded.")

    assert resumed.said == ["This call is recorded.", "Hello there.", "Does Monday still suit you?"]


def test_sentences_that_had_not_begun_to_sound_are_said() -> None:
    log = _log(ScriptedCall())
    first = next(e.seq for e in log if isinstance(e.event, TranscriptEvent))
    resumed = ScriptedCall(state=fold(log[:first]))

    assert resumed.said == ["Hello there.", "Does Monday still suit you?"]


def test_numbers_of_sentences_that_never_sounded_are_not_used_again() -> None:
    call = ScriptedCall()
    call.wait(200)
    log = _log(call)
    at = next(place for place, e in enumerate(log) if e.data.get("segment_id") == "s2")
    log[at] = make_event(log[at].seq, "transcript", NOON, **{**log[at].data, "segment_id": "s9"})

    assert fold(log).segments == 9


def _and_then(log: list[LogEntry], call: ScriptedCall) -> list[LogEntry]:
    """Return a log with what a later owner has written behind it."""
    return [
        *log,
        *(replace(entry, seq=seq) for seq, entry in enumerate(_log(call), len(log) + 1)),
    ]


def test_a_sentence_that_is_said_again_stands_in_the_transcript_once() -> None:
    call = ScriptedCall()
    call.wait(200)
    before = _log(call)
    resumed = ScriptedCall(state=fold(before))
    resumed.wait_for_silence()

    log = _and_then(before, resumed)
    assert [segment.text for segment in transcript(log)] == ["Hello there.", "Does Monday still suit you?"]
    assert texts(fold(log).talk.lines) == ["Hello there.", "Does Monday still suit you?"]


def test_a_sentence_taken_back_by_a_process_that_is_lost_before_it_sounds_is_not_lost() -> None:
    call = ScriptedCall()
    call.wait(200)
    before = _log(call)
    resumed = _and_then(before, ScriptedCall(state=fold(before)))
    last = max(e.seq for e in resumed if isinstance(e.event, CorrectionEvent))
    third = ScriptedCall(state=fold(resumed[:last]))

    assert third.said == ["Hello there.", "Does Monday still suit you?"]


def test_time_passes_for_a_call_that_nobody_holds() -> None:
    began = make_event(1, "takeover", epoch=1, owner="a")
    taken = make_event(2, "takeover", NOON + timedelta(seconds=9), epoch=2, owner="b")

    assert fold([began]).offset_ms == 0
    assert fold([began, taken]).offset_ms == 9000
