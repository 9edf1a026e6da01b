"""What a run's log adds up to."""

from datetime import timedelta

from offhook.json_types import JsonObject, JsonValue
from offhook.runs.log.entry import LogEntry
from offhook.runs.log.events import Speaker
from offhook.runs.log.projections import (
    Ending,
    Segment,
    answered_by,
    ending,
    gathered,
    latency,
    transcript,
    transcript_document,
    usage,
)
from offhook.runs.log.spending import Spending
from tests.support.makers import NOON, make_event


def said(
    seq: int, segment_id: str, speaker: str, text: str, start_ms: int = 0, end_ms: int = 1000
) -> LogEntry:
    return make_event(
        seq,
        "transcript",
        segment_id=segment_id,
        speaker=speaker,
        text=text,
        start_ms=start_ms,
        end_ms=end_ms,
        turn=seq,
        node_id="greeting",
    )


def corrected(seq: int, segment_id: str, heard_text: str) -> LogEntry:
    return make_event(seq, "correction", segment_id=segment_id, original="whatever", heard_text=heard_text)


def interrupted(seq: int, segment_id: str, offset_ms: int) -> LogEntry:
    return make_event(seq, "interrupt", by="caller", segment_id=segment_id, heard_ms=0, offset_ms=offset_ms)


def test_a_transcript_tells_who_said_what_when_and_where() -> None:
    events = [
        said(1, "a", "agent", "Hello."),
        make_event(2, digit="1"),
        said(3, "b", "caller", "Yes.", 1500, 1900),
    ]
    assert transcript(iter(events)) == (
        Segment(speaker=Speaker.AGENT, text="Hello.", start_ms=0, end_ms=1000, turn=1, node_id="greeting"),
        Segment(speaker=Speaker.CALLER, text="Yes.", start_ms=1500, end_ms=1900, turn=3, node_id="greeting"),
    )


def test_an_interrupted_segment_keeps_what_was_heard() -> None:
    events = [
        said(1, "a", "agent", "Hello. Are you there?", 100, 2000),
        interrupted(2, "a", 900),
        corrected(3, "a", "Hello. "),
        said(4, "b", "caller", "Stop.", 850, 1200),
    ]
    first, second = transcript(events)
    assert (first.text, first.start_ms, first.end_ms) == ("Hello.", 100, 900)
    assert second.text == "Stop."


def test_a_segment_that_nobody_heard_vanishes() -> None:
    events = [said(1, "a", "agent", "Hello."), corrected(2, "a", " "), said(3, "b", "caller", "Hi.")]
    assert [segment.text for segment in transcript(events)] == ["Hi."]


def test_a_correction_without_its_segment_changes_nothing() -> None:
    assert [
        segment.text for segment in transcript([corrected(1, "b", ""), said(2, "a", "agent", "Hi.")])
    ] == ["Hi."]


def test_an_interruption_before_a_segment_does_not_turn_its_times_around() -> None:
    events = [said(1, "a", "agent", "Hello.", 500, 900), interrupted(2, "a", 100), corrected(3, "a", "He")]
    (segment,) = transcript(events)
    assert (segment.start_ms, segment.end_ms) == (500, 500)


def test_a_transcript_can_be_written_as_a_document() -> None:
    segments = transcript([said(1, "a", "agent", "Hello."), said(2, "b", "caller", "Hi.")])
    document = transcript_document(segments)["segments"]
    assert isinstance(document, list)
    assert document[0] == {
        "speaker": "agent",
        "text": "Hello.",
        "start_ms": 0,
        "end_ms": 1000,
        "turn": 1,
        "node_id": "greeting",
    }


NO_TOKENS: JsonObject = dict.fromkeys(
    ("input_tokens", "output_tokens", "cached_tokens", "cache_write_tokens"), 0
)


def used(part: str, engine: str, **told: float) -> JsonObject:
    nothing: JsonObject = {"streams": 0, "seconds": 0, "characters": 0, **NO_TOKENS}
    return {"part": part, "engine": engine, **nothing, **told}


def test_usage_tells_each_engine_and_counts_the_streams_of_all_owners() -> None:
    def heard(seq: int, engine: str, stream: int, seconds: float) -> LogEntry:
        use: JsonObject = {"part": "recogniser", "engine": engine, "stream": stream, "seconds": seconds}
        return make_event(seq, "usage", stt_seconds=seconds, engines=[use])

    log = [
        heard(1, "transcribe", 1, 10),
        heard(2, "transcribe", 1, 5),
        heard(3, "embedded", 2, 4),
        make_event(4, "takeover", epoch=2, owner="another"),
        heard(5, "transcribe", 1, 3),
    ]
    assert usage(log)["engines"] == [
        used("recogniser", "transcribe", streams=2, seconds=18),
        used("recogniser", "embedded", streams=1, seconds=4),
    ]
    assert [(use.stream, use.seconds) for use in Spending.of(log).uses()] == [(1, 15), (2, 4), (3, 3)]


def test_usage_is_the_sum_of_what_was_added() -> None:
    events = [
        make_event(1, "usage", stt_seconds=1.5),
        make_event(2, "usage", tts_characters=10, llm={"input_tokens": 100, "output_tokens": 5}),
        make_event(3, "usage", stt_seconds=0.1, tts_characters=7, llm=None),
        make_event(4, "usage", llm={"input_tokens": 20, "output_tokens": 1}),
        make_event(5, "transcript", speaker="agent", text="Good day.", segment_id="a"),
        make_event(6, "transcript", speaker="agent", text="Never heard.", segment_id="b"),
        make_event(7, "correction", segment_id="b", heard_text="Never"),
        make_event(8, "transcript", speaker="caller", text="What?"),
        make_event(9, "end", reason="agent", disposition="confirmed", duration_ms=61_500),
    ]
    assert usage(iter(events)) == {
        "call_duration_seconds": 61.5,
        "llm": {**NO_TOKENS, "input_tokens": 120, "output_tokens": 6, "total_tokens": 126},
        "engines": [
            used("recogniser", "embedded", seconds=1.6),
            used("synthesiser", "embedded", characters=17),
            used("model", "embedded", input_tokens=120, output_tokens=6),
        ],
        "stt_seconds": 1.6,
        "tts_characters": 17,
        "tts_spoken_characters": len("Good day." + "Never"),
    }


def test_a_call_without_an_end_lasted_from_its_answer_to_its_last_event() -> None:
    events = [
        make_event(1, "status", at=NOON, status="ringing"),
        make_event(2, "status", at=NOON + timedelta(seconds=5), status="in_progress"),
        make_event(3, at=NOON + timedelta(seconds=12.5)),
    ]
    assert usage(events)["call_duration_seconds"] == 7.5


def test_a_call_that_was_never_answered_used_nothing() -> None:
    assert usage([]) == {
        "call_duration_seconds": 0,
        "llm": {**NO_TOKENS, "total_tokens": 0},
        "engines": [],
        "stt_seconds": 0,
        "tts_characters": 0,
        "tts_spoken_characters": 0,
    }


def measured(seq: int, **data: JsonValue) -> LogEntry:
    return make_event(seq, "metrics", NOON, turn=seq, **data)


def test_latency_tells_the_median_the_worst_and_each_stage() -> None:
    events = [
        measured(
            n,
            voice_to_voice_ms=n * 100,
            endpointing_ms=200,
            recognition_ms=n,
            model_ms=None,
            waiting_ms=0,
            synthesis_ms=n * 20,
            playout_ms=0.4,
        )
        for n in range(20, 0, -1)
    ]
    assert latency(iter(events)) == {
        "turns": 20,
        "p50_ms": 1000,
        "p95_ms": 1900,
        "max_ms": 2000,
        "slowest_stage": "synthesis",
        "endpointing_p50_ms": 200,
        "endpointing_p95_ms": 200,
        "recognition_p50_ms": 10,
        "recognition_p95_ms": 19,
        "model_p50_ms": None,
        "model_p95_ms": None,
        "waiting_p50_ms": 0,
        "waiting_p95_ms": 0,
        "synthesis_p50_ms": 200,
        "synthesis_p95_ms": 380,
        "playout_p50_ms": 0,
        "playout_p95_ms": 0,
    }


def test_what_one_slow_turn_waited_for_is_the_slowest_stage() -> None:
    turns = [measured(n, voice_to_voice_ms=300, endpointing_ms=200, model_ms=100) for n in range(1, 4)]
    slow = measured(4, voice_to_voice_ms=2200, endpointing_ms=200, model_ms=2000)
    assert latency(turns)["slowest_stage"] == "endpointing"
    assert latency([*turns, slow])["slowest_stage"] == "model"


def test_one_turn_is_its_own_median_and_worst() -> None:
    found = latency([measured(1, voice_to_voice_ms=431.6)])
    assert (found["turns"], found["p50_ms"], found["p95_ms"], found["max_ms"]) == (1, 432, 432, 432)


def test_without_turns_there_is_no_latency() -> None:
    found = latency([])
    assert found.pop("turns") == 0
    assert set(found.values()) == {None}


def test_the_last_value_gathered_stays() -> None:
    events = [
        make_event(1, "context", gathered={"day": "Monday", "name": "Ann"}),
        make_event(2, "context", gathered={"day": None}),
        make_event(3, "context"),
    ]
    assert gathered(iter(events)) == {"day": None, "name": "Ann"}


def test_the_end_tells_how_the_run_ended() -> None:
    events = [
        make_event(1, "disposition", disposition="rescheduled", source="workflow"),
        make_event(2, "end", reason="agent", disposition="confirmed", duration_ms=10),
    ]
    assert ending(iter(events)) == Ending(reason="agent", disposition="confirmed", duration_ms=10)


def test_an_end_without_a_disposition_has_the_one_chosen_before() -> None:
    chosen = make_event(1, "disposition", disposition="rescheduled", source="workflow")
    assert ending([chosen]) == Ending(disposition="rescheduled")
    end = make_event(2, "end", reason="caller", disposition=None, duration_ms=10)
    assert ending([chosen, end]) == Ending(reason="caller", disposition="rescheduled", duration_ms=10)
    assert ending([]) == Ending()


def test_who_answered_is_who_came_last() -> None:
    screened = make_event(1, "answered-by", answered_by="screening", action="introduce")
    person = make_event(2, "answered-by", answered_by="person", action="talk")
    assert answered_by([]) is None
    assert answered_by([make_event(1, "answered-by")]) is None
    assert answered_by([screened]) == "screening"
    assert answered_by([screened, person]) == "person"
