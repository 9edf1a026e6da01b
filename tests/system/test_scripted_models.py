"""The models of this machine, asked by the unmodified SDK and over HTTP: what they answer, what they refuse, what goes wrong."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest
import urllib3
from botocore.eventstream import ChecksumMismatch
from botocore.exceptions import ClientError, EventStreamError

from local.models.script import Fault, Kind, Moment, Reply, Rule, Text, Tool, Usage, When, say
from offhook.json_types import JsonObject
from tests.support.models import BEDROCK_MODEL, ModelTown, model_town

HELLO: JsonObject = {"role": "user", "content": [{"text": "Hello."}]}
TOOL: JsonObject = {
    "toolSpec": {"name": "book", "description": "Books.", "inputSchema": {"json": {"type": "object"}}}
}
TOOLS: JsonObject = {"tools": [TOOL]}
CHAT_HELLO: JsonObject = {"role": "user", "content": "Hello."}
CHAT_TOOLS: list[JsonObject] = [
    {"type": "function", "function": {"name": "book", "parameters": {"type": "object"}}}
]
CALLED = Reply(
    parts=(
        Text(text="Hm.", is_reasoning=True),
        Text(text="One "),
        Text(text="moment."),
        Tool(name="book", arguments={"day": "Monday"}),
    ),
    usage=Usage(input_tokens=7, output_tokens=3, cached_tokens=20),
)


@pytest.fixture
async def town() -> AsyncIterator[ModelTown]:
    async with model_town() as running:
        yield running


async def converse(town: ModelTown, **request: Any) -> list[Any]:
    return await asyncio.to_thread(town.converse, **({"messages": [HELLO]} | request))


async def test_the_sdk_reads_text_reasoning_tools_and_usage(town: ModelTown) -> None:
    town.script.add(Rule(reply=CALLED))
    events = await converse(town, toolConfig=TOOLS)
    deltas = [event["contentBlockDelta"]["delta"] for event in events if "contentBlockDelta" in event]
    assert [delta["text"] for delta in deltas if "text" in delta] == ["One ", "moment."]
    assert [delta["reasoningContent"] for delta in deltas if "reasoningContent" in delta] == [{"text": "Hm."}]
    assert "".join(delta["toolUse"]["input"] for delta in deltas if "toolUse" in delta) == '{"day": "Monday"}'
    assert {"messageStop": {"stopReason": "tool_use"}} in events
    assert events[-1]["metadata"]["usage"]["cacheReadInputTokens"] == 20
    assert town.script.asked[-1].model == BEDROCK_MODEL


async def test_a_chat_has_the_same_in_chunks(town: ModelTown) -> None:
    town.script.add(Rule(reply=CALLED))
    events = await town.chat(messages=[CHAT_HELLO], tools=CHAT_TOOLS)
    assert events[-1] == "[DONE]"
    deltas = [choice["delta"] for event in events[:-1] for choice in event["choices"]]
    assert "".join(delta.get("content") or "" for delta in deltas) == "One moment."
    calls = [call["function"] for delta in deltas for call in delta.get("tool_calls", [])]
    assert calls[0]["name"] == "book"
    assert "".join(call["arguments"] for call in calls) == '{"day": "Monday"}'
    assert events[-2]["usage"]["prompt_tokens_details"] == {"cached_tokens": 20}


async def test_the_first_rule_that_fits_answers_as_often_as_it_says(town: ModelTown) -> None:
    town.script.add(
        Rule(when=When(nth=2), reply=say("second")),
        Rule(when=When(heard="hello", offered="book"), reply=say("offered")),
        Rule(when=When(system="^dog"), reply=say("dog"), times=1),
        Rule(reply=say("else")),
    )
    system: JsonObject = {"role": "system", "content": "dog"}
    requests: list[dict[str, Any]] = [
        {"messages": [CHAT_HELLO], "tools": CHAT_TOOLS},
        {"messages": [CHAT_HELLO]},
        {"messages": [system, CHAT_HELLO]},
        {"messages": [system, CHAT_HELLO]},
    ]
    answers = [(await town.chat(**request))[1]["choices"][0]["delta"]["content"] for request in requests]
    assert answers == ["offered", "second", "dog", "else"]


async def test_what_must_be_called_is_called_where_no_rule_says_otherwise(town: ModelTown) -> None:
    choice = {"type": "function", "function": {"name": "book"}}
    events = await town.chat(messages=[CHAT_HELLO], tools=CHAT_TOOLS, tool_choice=choice)
    assert events[1]["choices"][0]["delta"]["tool_calls"][0]["function"]["name"] == "book"
    config: JsonObject = {"tools": [TOOL], "toolChoice": {"tool": {"name": "book"}}}
    assert {"messageStop": {"stopReason": "tool_use"}} in await converse(town, toolConfig=config)


USE: JsonObject = {
    "role": "assistant",
    "content": [{"toolUse": {"toolUseId": "a", "name": "book", "input": {}}}],
}
RESULT: JsonObject = {
    "role": "user",
    "content": [{"toolResult": {"toolUseId": "a", "content": [{"text": "Done."}]}}],
}
ANSWER: JsonObject = {"role": "assistant", "content": [{"text": "Hello."}]}


@pytest.mark.parametrize(
    ("request_", "sentence"),
    [
        ({"messages": [ANSWER, HELLO]}, "must start with a user message"),
        ({"messages": [HELLO, HELLO]}, "must alternate"),
        ({"messages": [HELLO, ANSWER]}, "must end with a user message"),
        ({"messages": [{"role": "user", "content": [{"text": " "}]}]}, "is blank"),
        ({"messages": [{"role": "user", "content": []}]}, "not an empty one"),
        ({"messages": [HELLO, USE, RESULT]}, "toolConfig field must be defined"),
        ({"messages": [HELLO, USE, HELLO], "toolConfig": TOOLS}, "Expected toolResult blocks"),
        ({"messages": [RESULT], "toolConfig": TOOLS}, "exceeds the number of toolUse blocks"),
        ({"system": [{"text": " "}]}, "is blank"),
        ({"system": [{"cachePoint": {"type": "default"}}, {"text": "a"}]}, "can't be the first"),
        ({"toolConfig": {"tools": [TOOL, TOOL]}}, "duplicate names"),
        ({"toolConfig": TOOLS | {"toolChoice": {"tool": {"name": "other"}}}}, "toolChoice"),
    ],
)
async def test_converse_refuses_what_bedrock_refuses(
    town: ModelTown, request_: dict[str, Any], sentence: str
) -> None:
    town.script.add(Rule(reply=say("Hello.")))
    with pytest.raises(ClientError, match=sentence) as caught:
        await converse(town, **request_)
    assert caught.value.response["Error"]["Code"] == "ValidationException"
    assert not town.script.asked


async def test_converse_takes_a_conversation_with_tools_and_cache_points(town: ModelTown) -> None:
    town.script.add(Rule(when=When(told="done"), reply=say("Hello.")))
    point: JsonObject = {"cachePoint": {"type": "default"}}
    await converse(
        town,
        system=[{"text": "a"}, point, {"text": "now"}],
        messages=[HELLO, USE, RESULT],
        toolConfig={"tools": [TOOL, point]},
    )
    assert town.script.asked[-1].offered == ("book",)


async def test_converse_refuses_another_signature(town: ModelTown) -> None:
    with pytest.raises(ClientError, match="InvalidSignatureException"):
        await converse(town, secret="another")


CHAT_ANSWER: JsonObject = {"role": "assistant", "content": "Hello."}
CHAT_USE: JsonObject = {
    "role": "assistant",
    "content": None,
    "tool_calls": [{"id": "call00000", "type": "function", "function": {"name": "book", "arguments": "{}"}}],
}
CHAT_RESULT: JsonObject = {"role": "tool", "tool_call_id": "call00000", "content": "Done."}


@pytest.mark.parametrize(
    "request_",
    [
        {"messages": [CHAT_ANSWER, CHAT_HELLO]},
        {"messages": [CHAT_HELLO, CHAT_HELLO]},
        {"messages": [CHAT_HELLO, CHAT_ANSWER]},
        {"messages": [CHAT_HELLO, CHAT_ANSWER, {"role": "system", "content": "a"}]},
        {"messages": [{"role": "user", "content": ""}]},
        {"messages": [CHAT_HELLO, CHAT_USE, CHAT_RESULT]},
        {"messages": [CHAT_HELLO, CHAT_USE, CHAT_HELLO], "tools": CHAT_TOOLS},
        {"messages": [CHAT_RESULT], "tools": CHAT_TOOLS},
        {"messages": [CHAT_HELLO], "tool_choice": "auto"},
        {"messages": [CHAT_HELLO], "stream": False},
    ],
)
async def test_a_chat_refuses_what_the_strictest_endpoint_refuses(
    town: ModelTown, request_: dict[str, Any]
) -> None:
    town.script.add(Rule(reply=say("Hello.")))
    with pytest.raises(httpx.HTTPStatusError) as caught:
        await town.chat(**request_)
    assert caught.value.response.status_code == 400
    assert not town.script.asked


async def test_a_chat_takes_what_tools_have_answered(town: ModelTown) -> None:
    town.script.add(Rule(when=When(told="done", heard="^$|hello"), reply=say("Both.")))
    town.script.add(Rule(when=When(told="done"), reply=say("Told.")))
    spoken: list[JsonObject] = [CHAT_HELLO, CHAT_USE, CHAT_RESULT]
    assert "Told." in str(await town.chat(messages=spoken, tools=CHAT_TOOLS))
    assert "Both." in str(await town.chat(messages=[*spoken, CHAT_HELLO], tools=CHAT_TOOLS))


@pytest.mark.parametrize("moment", list(Moment))
@pytest.mark.parametrize(
    ("kind", "converse_error", "chat_error"),
    [
        (Kind.CUT, urllib3.exceptions.HTTPError, httpx.TransportError),
        (Kind.STALL, urllib3.exceptions.HTTPError, httpx.ReadTimeout),
    ],
)
async def test_a_connection_breaks_off_at_any_moment(
    town: ModelTown,
    moment: Moment,
    kind: Kind,
    converse_error: type[Exception],
    chat_error: type[Exception],
) -> None:
    town.script.add(Rule(reply=CALLED.model_copy(update={"fault": Fault(kind=kind, moment=moment)})))
    if moment is Moment.BEFORE_HEADERS:
        converse_error = Exception
    with pytest.raises(converse_error):
        await converse(town, toolConfig=TOOLS, read_timeout_s=0.1)
    with pytest.raises(chat_error):
        await town.chat(messages=[CHAT_HELLO], tools=CHAT_TOOLS, read_timeout_s=0.1)


@pytest.mark.parametrize("kind", [Kind.THROTTLED, Kind.UNAVAILABLE, Kind.INTERNAL, Kind.DENIED])
async def test_a_refusal_comes_as_the_service_tells_it(town: ModelTown, kind: Kind) -> None:
    early, late = Fault(kind=kind), Fault(kind=kind, moment=Moment.IN_TEXT)
    replies = [CALLED.model_copy(update={"fault": fault}) for fault in (early, early, late, late)]
    town.script.add(*(Rule(reply=reply, times=1) for reply in replies))
    with pytest.raises(ClientError):
        await converse(town)
    with pytest.raises(httpx.HTTPStatusError):
        await town.chat(messages=[CHAT_HELLO])
    with pytest.raises(EventStreamError):
        await converse(town)
    assert "error" in (await town.chat(messages=[CHAT_HELLO]))[-1]


async def test_a_frame_of_garbage_is_none(town: ModelTown) -> None:
    fault = Fault(kind=Kind.GARBAGE, moment=Moment.IN_TEXT)
    town.script.add(Rule(reply=CALLED.model_copy(update={"fault": fault})))
    with pytest.raises(ChecksumMismatch):
        await converse(town)
    with pytest.raises(ValueError, match="Unterminated"):
        await town.chat(messages=[CHAT_HELLO])


async def test_a_reply_that_ends_early_has_no_end(town: ModelTown) -> None:
    fault = Fault(kind=Kind.END, moment=Moment.IN_TEXT)
    town.script.add(Rule(reply=CALLED.model_copy(update={"fault": fault})))
    assert not any("messageStop" in event for event in await converse(town))
    assert "[DONE]" not in await town.chat(messages=[CHAT_HELLO])


async def test_a_drip_outlasts_the_timeout_of_a_read(town: ModelTown) -> None:
    fault = Fault(kind=Kind.DRIP, moment=Moment.IN_TEXT, drip_ms=20)
    town.script.add(Rule(reply=CALLED.model_copy(update={"fault": fault})))
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.5):
            await town.chat(messages=[CHAT_HELLO], read_timeout_s=0.2)


async def test_another_process_sets_rules_and_reads_what_was_asked(town: ModelTown) -> None:
    async with httpx.AsyncClient(base_url=town.url, trust_env=False) as client:
        rule = Rule(when=When(heard="hello"), reply=say("Good day."))
        assert (await client.post("/_control/rules", json=[rule.model_dump()])).json() == {"added": 1}
        assert "Good day." in str(await town.chat(messages=[CHAT_HELLO]))
        asked = (await client.get("/_control/asked")).json()["asked"]
        assert [request["heard"] for request in asked] == ["Hello."]
        assert (await client.get("/v1/other")).status_code == 404
