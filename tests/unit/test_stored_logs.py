"""Logs that an earlier release has stored read the same, and those of a later one are no error."""

import json
from dataclasses import asdict, fields, replace
from datetime import datetime
from itertools import product
from pathlib import Path
from typing import Any

import pytest

from local.client.live import event_line
from offhook.json_types import JsonObject, JsonValue
from offhook.runs.ending.media import takeovers_ms
from offhook.runs.ending.prices import built_in_prices
from offhook.runs.ending.settling import settled
from offhook.runs.log.document import event_document
from offhook.runs.log.entry import LogEntry
from offhook.runs.log.events import (
    KINDS,
    EndEvent,
    NodeEvent,
    SpeechEvent,
    TranscriptEvent,
    UnknownEvent,
    UsageEvent,
    read_event,
)
from offhook.runs.log.projections import ending, gathered, latency, transcript, transcript_document, usage
from streamer.call.conversation.state import ConversationState, fold
from tests.support.calls import texts
from tests.support.makers import make_event, make_run
from tests.support.tables import each_of

STORED: list[Any] = json.loads(
    Path(__file__).parents[1].joinpath("support", "stored_logs.json").read_text(encoding="utf-8")
)
EVERY_LOG = pytest.mark.parametrize("stored", [pytest.param(log, id=log["name"]) for log in STORED])


def read(stored: Any) -> list[LogEntry]:
    return [
        LogEntry.read(seq=seq, at=datetime.fromisoformat(at), type_=type_, data=data)
        for seq, (at, type_, data) in enumerate(stored["stored"], 1)
    ]


def as_json(value: Any) -> Any:
    return json.loads(json.dumps(value, default=asdict))


def named_then(value: Any, then: Any) -> Any:
    """Return the value without the fields that came later than the log, at any depth."""
    if not isinstance(then, dict) or not value:
        return value
    return {name: named_then(value[name], then[name]) for name in then}


@EVERY_LOG
def test_a_log_adds_up_to_what_it_did(stored: Any) -> None:
    log = read(stored)
    assert as_json(transcript_document(transcript(log))) == stored["transcript"]
    assert named_then(usage(log), stored["usage"]) == stored["usage"]
    assert named_then(latency(log), stored["latency"]) == stored["latency"]
    assert (gathered(log), as_json(asdict(ending(log)))) == (stored["gathered"], stored["ending"])
    assert takeovers_ms(log) == {int(epoch): ms for epoch, ms in stored["takeovers_ms"].items()}


@EVERY_LOG
def test_a_log_settles_its_run_as_it_did(stored: Any) -> None:
    log = read(stored)
    row = settled(make_run(), log, infrastructure="embedded", prices=built_in_prices(), now=log[-1].at)
    assert {
        name: named_then(as_json(getattr(row, name)), then) for name, then in stored["row"].items()
    } == stored["row"]


def flat(state: ConversationState) -> JsonObject:
    """Return a state as states were when these logs were written."""
    unheard = {"unheard": list(state.unheard.values()), "unheard_ids": list(state.unheard)}
    waiting = {"is_unanswered": bool(state.unanswered)}
    return asdict(state) | asdict(state.talk) | unheard | waiting


@EVERY_LOG
def test_a_call_goes_on_from_a_log_as_it_did(stored: Any) -> None:
    log = read(stored)
    for expected in stored["states"]:
        state = as_json(flat(fold(log[: expected["entries"]])))
        assert named_then(state, expected["state"]) == expected["state"]


@EVERY_LOG
def test_a_log_is_shown_as_it_was(stored: Any) -> None:
    log = read(stored)
    assert [event_document(entry).model_dump_json() for entry in log] == stored["shown"]
    assert [line.text if (line := event_line(entry.event)) else None for entry in log] == stored["lines"]


@EVERY_LOG
def test_a_log_is_written_as_it_was(stored: Any) -> None:
    for entry in read(stored):
        assert json.dumps(entry.event.to_data()) == json.dumps(entry.data)
        assert not isinstance(entry.event, UnknownEvent)


def test_no_kind_of_event_that_was_ever_written_is_unknown_now() -> None:
    written = {type_ for log in STORED for _, type_, _ in log["stored"]}
    assert len(written) == 16
    assert written <= KINDS.keys()


def test_an_event_of_a_newer_release_is_kept_shown_and_passed_over() -> None:
    log = read(STORED[-1])
    newer = make_event(len(log) + 1, "hologram", log[-1].at, offset_ms=12, light={"colour": ["red"]})
    assert newer.event == UnknownEvent(type="hologram", data={"offset_ms": 12, "light": {"colour": ["red"]}})
    assert event_document(newer).model_dump()["data"] == {"offset_ms": 12, "light": {"colour": ["red"]}}
    assert event_line(newer.event) is None
    more = [*log, newer]
    assert (transcript(more), usage(more), ending(more)) == (transcript(log), usage(log), ending(log))
    assert replace(fold(more), offset_ms=0) == replace(fold(log), offset_ms=0)
    assert fold([newer]).offset_ms == 12


def test_what_a_newer_release_adds_to_an_event_is_kept_and_shown() -> None:
    entry = make_event(1, "transcript", speaker="supervisor", text="Go on.", start_ms=5, mood={"is": "calm"})
    assert isinstance(entry.event, TranscriptEvent)
    assert (entry.event.speaker, entry.event.text) == ("supervisor", "Go on.")
    assert event_document(entry).data["mood"] == {"is": "calm"}
    (segment,) = transcript([entry])
    assert segment.speaker == "supervisor"
    assert texts(fold([entry]).talk.lines) == ["Go on."]


ODD: list[JsonValue] = [None, True, -1, 2**2000, 1.5, float("nan"), "", "odd", [], ["x"], {}, {"a": {}}]


@each_of(list(product(KINDS.values(), ODD)))
def test_no_value_of_a_field_is_an_error(kind: Any, odd: JsonValue) -> None:
    names = [field.name.removesuffix("_") for field in fields(kind)]
    for data in ({}, dict.fromkeys(names, odd), *({name: odd} for name in names)):
        entry = make_event(1, kind.type, **data)
        assert isinstance(entry.event, kind)
        log = [entry]
        fold(log), transcript(log), usage(log), latency(log), gathered(log), ending(log), takeovers_ms(log)
        event_line(entry.event)


def test_words_and_numbers_are_read_as_what_they_are() -> None:
    speech = read_event("speech", {"speaker": "agent", "state": "paused", "offset_ms": 20.4})
    assert speech == SpeechEvent(speaker="agent", state="paused", offset_ms=20)
    node = read_event("node", {"from": None, "to": "bye", "edge_id": "e", "reason": "digits_sent"})
    assert isinstance(node, NodeEvent)
    assert (node.from_, type(node.reason).__name__) == (None, "Happening")
    used = read_event("usage", {"stt_seconds": 1, "llm": {"input_tokens": 3}})
    assert isinstance(used, UsageEvent)
    assert (used.stt_seconds, used.tts_characters, used.llm.input_tokens, used.llm.output_tokens) == (
        1,
        0,
        3,
        0,
    )
    end = read_event("end", {"reason": "swallowed", "duration_ms": 5})
    assert end == EndEvent(reason="swallowed", disposition=None, duration_ms=5)
