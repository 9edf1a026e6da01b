"""The documents of the session socket describe what the code sends and takes, frame by frame."""

import json
from typing import Any

import jsonschema_rs
import pytest

from local.generated.asyncapi import asyncapi_document
from local.generated.frame_schemas import frame_schemas
from local.generated.session_frames import session_frames
from offhook.runs.log.entry import LogEntry
from offhook.runs.log.events import KINDS
from offhook.sessions.client_frames import CLIENT_FRAMES, FrameRefusedError, read_client_frame
from offhook.sessions.frames import (
    PROTOCOL,
    SENT_FRAMES,
    Ack,
    AudioEncoding,
    AudioFormat,
    AudioFrame,
    Clear,
    End,
    Error,
    InjectAck,
    Mark,
    Pong,
    Ready,
    Resume,
    SentFrame,
    frame_text,
    logged_frame,
)
from tests.support.makers import NOON

DOCUMENT = asyncapi_document()

FORMAT = AudioFormat(encoding=AudioEncoding.PCM, rate=16_000)
SENT: tuple[SentFrame, ...] = (
    Ready(
        protocol=PROTOCOL,
        status="active",
        agent_uuid="0b0f9f5e-6e8a-4b43-9f0f-0a3f0a2f7d11",
        version=3,
        scope="operate",
        line=True,
        live=False,
        audio_in=FORMAT,
        audio_out=None,
        resume=Resume(after="0", oldest="1", newest="9", gap=False),
        disposition_schema_version=None,
    ),
    Clear(),
    Mark(name="a1"),
    AudioFrame(payload="f38="),
    Pong(request_id="q1"),
    Ack(request_id=None),
    InjectAck(request_id="q1", inject_id="i1"),
    Error(code="invalid-frame", message="…", request_id=None),
    End(reason=None, disposition=None),
)
CLIENT: dict[str, dict[str, Any]] = {
    "start": {"audio_in": {"encoding": "audio/pcm"}, "client": {"name": "mine"}},
    "audio": {"payload": "f38="},
    "inject": {"text": "Hello", "role": "assistant", "interrupt": True},
    "interrupt": {},
    "dtmf": {"digits": "1#"},
    "steer": {"mute": True},
    "transfer": {"to": "+14155550100", "mode": "warm", "summary": "Ada waits.", "timeout_seconds": 20},
    "played": {"name": "a1"},
    "ping": {},
    "end": {},
}


def validator(name: str) -> jsonschema_rs.Draft202012Validator:
    payload = DOCUMENT["components"]["messages"][name]["payload"]
    return jsonschema_rs.Draft202012Validator(payload | {"components": DOCUMENT["components"]})


def references(part: Any) -> list[str]:
    if isinstance(part, list):
        return [found for each in part for found in references(each)]
    if not isinstance(part, dict):
        return []
    here = [part["$ref"]] if isinstance(part.get("$ref"), str) else []
    return here + [found for each in part.values() for found in references(each)]


def test_every_frame_is_described_and_sent_or_taken() -> None:
    messages = DOCUMENT["components"]["messages"]
    assert set(messages) - {"audio"} == {
        *(f"log.{type_}" for type_ in KINDS),
        *(f"beside.{kind.type}" for kind in SENT_FRAMES),
        *(f"client.{type_}" for type_ in CLIENT_FRAMES),
    }
    operations = DOCUMENT["operations"].values()
    assert {each.rpartition("/")[2] for each in references(list(operations))} == {*messages, "session"}
    assert all(message["summary"].endswith(".") for message in messages.values())


def test_every_reference_leads_somewhere() -> None:
    assert references(DOCUMENT)
    for reference in references(DOCUMENT):
        place: Any = DOCUMENT
        for step in reference.removeprefix("#/").split("/"):
            place = place[step]


@pytest.mark.parametrize("frame", SENT, ids=lambda frame: frame.type)
def test_what_is_sent_beside_the_log_is_as_described(frame: SentFrame) -> None:
    sent = json.loads(frame_text("sess_7", frame, NOON))
    schema = validator(f"beside.{frame.type}")
    schema.validate(sent)
    assert not schema.is_valid(sent | {"type": "other"})
    assert not schema.is_valid(sent | {"data": None})


@pytest.mark.parametrize("type_", KINDS)
def test_what_is_sent_of_the_log_is_as_described(type_: str) -> None:
    event = KINDS[type_].from_data({})
    sent = json.loads(logged_frame("sess_7", LogEntry.new(seq=7, at=NOON, event=event)))
    schema = validator(f"log.{type_}")
    # What is read of nothing is no frame of ours in every field; its envelope is.
    problems = [list(problem.instance_path) for problem in schema.iter_errors(sent)]
    assert all(path[:1] == ["data"] for path in problems), problems
    assert not schema.is_valid({name: value for name, value in sent.items() if name != "seq"})


@pytest.mark.parametrize("type_", CLIENT_FRAMES)
def test_what_is_taken_is_as_described(type_: str) -> None:
    frame = {"type": type_, "data": CLIENT[type_], "id": "q1"}
    validator(f"client.{type_}").validate(frame)
    assert read_client_frame(json.dumps(frame)).frame.type == type_
    wrong = frame | {"data": {"unknown": 1}}
    assert not validator(f"client.{type_}").is_valid(wrong)
    with pytest.raises(FrameRefusedError):
        read_client_frame(json.dumps(wrong))


def test_every_frame_and_field_stands_on_the_page() -> None:
    page = session_frames()
    for frame in frame_schemas():
        assert f"### `{frame.type}`\n\n{frame.summary}" in page
        for name in frame.schema.get("properties", {}):
            assert f"| `{name}` |" in page
