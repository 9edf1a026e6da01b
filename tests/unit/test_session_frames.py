"""Frames of the session socket: what is sent is the same text each time, and what comes is read strictly."""

import json
from typing import Any

import pytest

from offhook.clock import to_iso
from offhook.json_types import JsonObject
from offhook.runs.log.entry import LogEntry
from offhook.runs.log.events import KINDS, CorrectionEvent
from offhook.sessions.client_frames import (
    AudioSentFrame,
    EndFrame,
    FrameRefusedError,
    InjectFrame,
    StartFrame,
    SteerFrame,
    read_client_frame,
)
from offhook.sessions.commands import MOST_CHARACTERS
from offhook.sessions.frames import (
    SENT_FRAMES,
    AudioEncoding,
    Clear,
    Mark,
    Pong,
    Resume,
    frame_text,
    logged_frame,
)
from tests.support.makers import NOON, make_event


def refused(text: str | bytes) -> FrameRefusedError:
    with pytest.raises(FrameRefusedError) as refusal:
        read_client_frame(text)
    return refusal.value


def sent(**frame: Any) -> str:
    return json.dumps(frame)


def test_an_event_of_the_log_is_a_frame_with_its_seq() -> None:
    assert logged_frame("sess_7", make_event(1042, digit="5", offset_ms=20)) == (
        '{"v":1,"type":"dtmf","seq":"1042","ts":"2026-11-20T12:00:00.123Z","session_id":"sess_7",'
        '"data":{"digit":"5","offset_ms":20}}'
    )


def test_a_frame_is_the_same_text_before_and_after_the_store() -> None:
    event = CorrectionEvent(segment_id="a1", original="Grüße 😀 \ud800", heard_text='"')
    before = LogEntry.new(seq=1, at=NOON, event=event)
    after = LogEntry.read(seq=1, at=NOON, type_="correction", data=json.loads(json.dumps(before.data)))
    assert logged_frame("sess_7", before) == logged_frame("sess_7", after)
    assert logged_frame("sess_7", before).encode()


def test_what_a_newer_release_has_logged_is_sent_whole() -> None:
    event = make_event(3, "not-known-yet", new=[1, {"deep": None}])
    frame = json.loads(logged_frame("sess_7", event))
    assert (frame["type"], frame["data"]) == ("not-known-yet", {"new": [1, {"deep": None}]})


def test_a_frame_beside_the_log_has_no_seq() -> None:
    assert frame_text("sess_7", Mark(name="a1"), NOON) == (
        f'{{"v":1,"type":"mark","ts":"{to_iso(NOON)}","session_id":"sess_7","data":{{"name":"a1"}}}}'
    )
    assert json.loads(frame_text("sess_7", Clear(), NOON))["data"] == {}
    assert json.loads(frame_text("sess_7", Pong(request_id=None), NOON))["data"] == {"request_id": None}


def test_the_types_beside_the_log_are_not_those_of_its_events_but_for_two() -> None:
    """A client tells an `error` or an `end` of the log by its seq."""
    assert {frame.type for frame in SENT_FRAMES} & set(KINDS) == {"error", "end"}


def test_where_a_client_stands_is_written_as_text_as_each_seq_is() -> None:
    resume = Resume(after="5", oldest="1", newest="9", gap=False)
    assert resume.to_data() == {"after": "5", "oldest": "1", "newest": "9", "gap": False}


def test_a_frame_may_leave_out_all_that_it_has_a_default_for() -> None:
    request = read_client_frame('{"type":"start"}')
    assert (request.id, request.frame) == (None, StartFrame())
    assert isinstance(request.frame, StartFrame)
    assert request.frame.audio_in.encoding is AudioEncoding.MULAW


def test_a_frame_is_read_with_its_id() -> None:
    request = read_client_frame(
        sent(v=1, type="inject", id="q1", ts="…", data={"text": "Hello", "role": "user", "interrupt": True})
    )
    assert (request.id, request.frame) == ("q1", InjectFrame(text="Hello", role="user", interrupt=True))


def test_audio_is_read_from_base64() -> None:
    frame = read_client_frame(sent(type="audio", data={"payload": "f/8="})).frame
    assert isinstance(frame, AudioSentFrame)
    assert frame.payload == b"\x7f\xff"


def test_steering_changes_what_it_names() -> None:
    frame = read_client_frame(sent(type="steer", data={"mute": False})).frame
    assert isinstance(frame, SteerFrame)
    assert frame.model_fields_set == {"mute"}
    assert "Name what is to change" in refused(sent(type="steer", id="q1", data={})).detail


def test_what_was_made_for_another_version_is_refused() -> None:
    assert read_client_frame('{"v":1,"type":"end"}').frame == EndFrame()
    refusal = refused('{"v":2,"type":"end","id":"q1"}')
    assert (refusal.code, refusal.request_id) == ("unknown-frame", "q1")


@pytest.mark.parametrize("type_", ["transcript", "ready", "", "INJECT"])
def test_another_type_is_refused_by_its_id(type_: str) -> None:
    refusal = refused(sent(type=type_, id="q1"))
    assert (refusal.code, refusal.request_id) == ("unknown-frame", "q1")


@pytest.mark.parametrize(
    "data",
    [
        {},
        {"text": ""},
        {"text": "x" * (MOST_CHARACTERS + 1)},
        {"text": "Hello", "role": "operator"},
        {"text": "Hello", "roll": "system"},
        {"text": {"text": "Hello"}},
    ],
)
def test_a_frame_with_wrong_data_is_refused_by_its_id(data: JsonObject) -> None:
    refusal = refused(sent(type="inject", id="q1", data=data))
    assert (refusal.code, refusal.request_id) == ("invalid-frame", "q1")
    assert refusal.detail.startswith("data.")


def test_a_refusal_does_not_repeat_what_was_said() -> None:
    text = "My number is 4711. " * 500
    assert "4711" not in refused(sent(type="inject", data={"text": text})).detail


@pytest.mark.parametrize(
    "text",
    ["", "null", "[]", '"end"', "{", "{}", b"\xff", "[" * 60_000, '{"type":"end","id":"' + "x" * 65 + '"}'],
)
def test_what_is_no_frame_is_refused(text: str | bytes) -> None:
    refusal = refused(text)
    assert (refusal.code, refusal.request_id) == ("invalid-frame", None)


@pytest.mark.parametrize("format_", [{"encoding": "audio/opus"}, {"encoding": "audio/pcm", "rate": 8000}])
def test_audio_in_another_form_is_refused(format_: JsonObject) -> None:
    assert refused(sent(type="start", data={"audio_in": format_})).detail.startswith("data.audio_in")
