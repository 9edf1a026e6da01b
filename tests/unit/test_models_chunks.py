"""Chat completions as endpoints really send them: without usage or ids, numbered wrongly, too long, with errors within."""

import json
from typing import Any

import pytest

from offhook.adapters.openai.chunks import Chunks
from offhook.adapters.openai.refusals import failure_in
from offhook.adapters.openai.sse import EventLines
from offhook.models.failures import ModelError, ModelFailure
from offhook.models.requests import ModelEvent, ModelUsage, Stopped, StopReason, TextDelta, ToolCall


def read(*chunks: Any) -> list[ModelEvent]:
    reply = Chunks()
    events = [event for chunk in chunks for event in reply.take(chunk)]
    return [*events, *reply.end()]


def delta(reason: str | None = None, **content: Any) -> dict[str, Any]:
    return {"choices": [{"index": 0, "delta": content, "finish_reason": reason}]}


def piece(arguments: Any, **told: Any) -> dict[str, Any]:
    name = {"name": told.pop("name")} if "name" in told else {}
    return delta(tool_calls=[{**told, "function": {**name, "arguments": arguments}}])


def calls(*chunks: Any) -> list[tuple[str, Any]]:
    return [(event.name, event.arguments) for event in read(*chunks) if isinstance(event, ToolCall)]


def test_the_pieces_of_a_call_are_put_together_by_their_number() -> None:
    assert calls(
        piece("", index=0, id="a", name="book"),
        piece("", index=1, id="b", name="look_up"),
        piece('{"day": ', index=0),
        piece('{"q": "x"}', index=1),
        piece('"monday"}', index=0),
    ) == [("book", {"day": "monday"}), ("look_up", {"q": "x"})]


def test_calls_that_are_all_numbered_0_are_told_apart_by_their_ids() -> None:
    assert calls(
        piece('{"day": "monday"}', index=0, id="a", name="book"),
        piece('{"day": "friday"}', index=0, id="b", name="book"),
    ) == [("book", {"day": "monday"}), ("book", {"day": "friday"})]


def test_a_call_without_id_or_number_is_one_with_an_id_of_our_own() -> None:
    events = read(piece('{"day":', name="book"), piece('"monday"}'), delta("stop"))
    assert events[-2:] == [
        ToolCall(name="book", call_id="call-0", arguments={"day": "monday"}),
        Stopped(reason=StopReason.TOOL_USE),
    ]


def test_arguments_may_be_an_object_already() -> None:
    assert calls(piece({"day": "monday"}, index=0, id="a", name="book")) == [("book", {"day": "monday"})]


def test_usage_may_be_missing_or_null_and_cached_tokens_are_counted_apart() -> None:
    assert not any(isinstance(event, ModelUsage) for event in read(delta("stop", content="Hi.")))
    usage = {
        "prompt_tokens": 100,
        "completion_tokens": 5,
        "prompt_tokens_details": {"cached_tokens": 80},
    }
    events = read({**delta(content="Hi."), "usage": None}, {"choices": [], "usage": usage})
    assert ModelUsage(input_tokens=20, output_tokens=5, cached_tokens=80) in events


def test_what_is_said_in_refusing_is_said() -> None:
    assert read(delta(refusal="I can't help with that."))[0] == TextDelta(text="I can't help with that.")


@pytest.mark.parametrize(
    "chunk",
    [{}, {"choices": None}, {"choices": [None]}, {"choices": [{"delta": None}]}, delta(tool_calls=[None])],
)
def test_chunks_that_say_nothing_are_passed_over(chunk: Any) -> None:
    assert read(chunk) == [Stopped(reason=StopReason.END_TURN)]


@pytest.mark.parametrize(
    ("error", "status", "failure", "reason"),
    [
        ({"message": "x", "code": "rate_limit_exceeded"}, 400, ModelFailure.THROTTLED, "rate_limit_exceeded"),
        ({"message": "x", "code": 429}, 500, ModelFailure.THROTTLED, "HTTP 429"),
        (
            {"message": "x", "type": "server_error", "code": None},
            500,
            ModelFailure.UNAVAILABLE,
            "server_error",
        ),
        ("model not found", 404, ModelFailure.REFUSED, "HTTP 404"),
        ({"code": "my number is 5550100"}, 504, ModelFailure.STALLED, "HTTP 504"),
    ],
)
def test_an_error_is_told_by_its_code_and_never_by_what_else_it_says(
    error: Any, status: int, failure: ModelFailure, reason: str
) -> None:
    found = failure_in({"error": error}, status=status)
    assert (found.failure, found.reason) == (failure, reason)


def test_an_error_within_a_reply_ends_it() -> None:
    with pytest.raises(ModelError):
        read(delta(content="Hi"), {"error": {"message": "overloaded", "code": 503}})


def test_more_calls_and_arguments_than_anybody_needs_end_a_reply() -> None:
    with pytest.raises(ModelError):
        read(*(piece("", index=n, id=f"{n}", name="book") for n in range(70)))
    with pytest.raises(ModelError):
        read(*(piece("x" * 60_000, index=0) for _ in range(2)))


def lines(*data: bytes) -> list[Any]:
    reader = EventLines()
    return [chunk for each in data for chunk in reader.feed(each)]


def test_events_are_read_however_they_are_cut_and_spelled() -> None:
    text = b': hello\r\nevent: x\r\ndata:{"a": 1}\r\n\r\ndata: {"a": 2}\n\ndata:\ndata: [DONE]\n\n'
    assert lines(text) == lines(*(bytes([byte]) for byte in text)) == [{"a": 1}, {"a": 2}]
    reader = EventLines()
    list(reader.feed(b"data: [DO"))
    assert not reader.is_done
    list(reader.feed(b"NE]\n"))
    assert reader.is_done


@pytest.mark.parametrize(
    "data", [b"data: {\n", b"data: 1\n", b"data: " + b"[" * 90_000 + b"\n", b"\xff" * 300_000]
)
def test_what_is_no_event_or_has_no_end_is_refused(data: bytes) -> None:
    with pytest.raises(ModelError) as caught:
        lines(data)
    assert caught.value.failure is ModelFailure.CORRUPT


def test_half_of_a_character_is_replaced_and_a_whole_one_stays() -> None:
    lines = EventLines()
    assert list(lines.feed(b'data: {"a": "\\ud83d\\ude00", "b": "Hi \\uD83D."}\n')) == [
        {"a": "\N{GRINNING FACE}", "b": "Hi ?."}
    ]
    # As the bytes that it would have, which Python's JSON takes.
    assert list(lines.feed(b'data: {"b": "Hi \xed\xa0\xbd."}\n')) == [{"b": "Hi \ufffd\ufffd\ufffd."}]


def test_a_reply_that_does_not_end_is_cut_off() -> None:
    event = b"data: " + json.dumps(delta(content="la " * 1000)).encode() + b"\n\n"
    with pytest.raises(ModelError):
        lines(*(event for _ in range(2000)))
