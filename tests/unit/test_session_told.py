"""What a session's log tells in the forms of Strongly."""

from datetime import timedelta

from offhook.json_types import JsonObject
from offhook.runs.log.entry import LogEntry
from offhook.sessions.told import errors, handoffs, lines, metrics
from tests.support.makers import NOON, make_event, make_run

RUN = make_run()


def at(seconds: float, seq: int, type_: str, **data: object) -> LogEntry:
    event: JsonObject = data  # type: ignore[assignment]
    return make_event(seq, type_, NOON + timedelta(seconds=seconds), **event)


def said(seconds: float, seq: int, speaker: str, text: str, segment_id: str = "") -> LogEntry:
    segment = segment_id or f"s{seq}"
    return at(
        seconds,
        seq,
        "transcript",
        segment_id=segment,
        speaker=speaker,
        text=text,
        start_ms=0,
        end_ms=None,
        turn=0,
        node_id=None,
    )


def test_lines_are_what_was_heard_by_roles() -> None:
    log = [
        said(1, 1, "agent", "How may I help you today?", "a1"),
        said(2, 2, "caller", "Billing."),
        said(3, 3, "operator", "Be brief."),
        at(4, 4, "correction", segment_id="a1", original="How may I help you today?", heard_text="How may I"),
    ]
    assert [(line.role, line.text) for line in lines(RUN, log)] == [
        ("assistant", "How may I"),
        ("user", "Billing."),
        ("system", "Be brief."),
    ]
    assert lines(RUN, log)[0].emitted_at == NOON + timedelta(seconds=1)


def test_metrics_are_told_by_ten_seconds_from_the_first_event_and_empty_ones_left_out() -> None:
    reply = {"endpointing_ms": 1, "recognition_ms": 1, "model_ms": 1, "synthesis_ms": 1}
    cut = {"by": "caller", "segment_id": "a", "heard_ms": 1, "offset_ms": 1}
    log = [
        at(0, 1, "status", status="in_progress"),
        said(1, 2, "caller", "Two words"),
        said(9.99, 3, "agent", "Four"),
        at(10, 4, "interrupt", **cut),
        at(11, 5, "metrics", turn=1, voice_to_voice_ms=500.0, **reply),
        at(12, 6, "metrics", turn=2, voice_to_voice_ms=700.0, **reply),
        at(13, 7, "metrics", turn=3, voice_to_voice_ms=None, **reply),
        said(35, 8, "caller", "Bye"),
    ]
    first, second, last = metrics(RUN, log)
    assert (first.asr_words, first.tts_chars, first.barge_in_count, first.latency_ms) == (2, 4, 0, None)
    assert (second.barge_in_count, second.turns, second.latency_ms) == (1, 3, 600.0)
    assert (last.window_start, last.window_end) == (
        NOON + timedelta(seconds=30),
        NOON + timedelta(seconds=40),
    )
    assert metrics(RUN, []) == []


def test_errors_are_told_with_whether_the_call_went_on() -> None:
    log = [at(1, 7, "error", code="engine-failed", message="It failed.", node_id="n", recoverable=False)]
    (error,) = errors(RUN, log)
    assert (error.id, error.code, error.recoverable) == (f"err_{RUN.id}_7", "engine-failed", False)


def test_a_handoff_is_told_once_with_how_far_it_came() -> None:
    handoff = {
        "from_agent_uuid": "u1",
        "from_agent": "triage",
        "to_agent_uuid": "u2",
        "to_agent": "billing",
        "to_version": 1,
        "reason": "billing question",
        "failure": None,
        "offset_ms": 1,
    }
    log = [
        at(1, 1, "handoff", handoff_id="h1", state="started", **handoff),
        at(3, 2, "handoff", handoff_id="h1", state="completed", **handoff),
        at(5, 3, "handoff", handoff_id="h2", state="started", **handoff | {"to_agent": ""}),
        at(
            6,
            4,
            "handoff",
            handoff_id="h2",
            state="failed",
            **handoff | {"to_agent": "", "failure": "unknown-agent"},
        ),
    ]
    done, failed = handoffs(RUN, log).handoffs
    assert (done.id, done.from_agent, done.to_agent, done.status) == (
        f"ho_{RUN.id}_h1",
        "triage",
        "billing",
        "completed",
    )
    assert (done.started_at, done.completed_at) == (NOON + timedelta(seconds=1), NOON + timedelta(seconds=3))
    assert (failed.to_agent, failed.status, failed.completed_at) == ("u2", "failed", None)
