"""Every adapter of the port against its protocol: what is asked, what is heard, and how it fails and is given up."""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import aclosing
from dataclasses import dataclass
from typing import TypeVar, cast

import pytest

from local.aws.speech.signatures import Account
from local.models.script import Fault, Kind, Moment, Reply, Rule, Text, Tool, Usage, When, say
from offhook.adapters.bedrock.client import Bedrock, BedrockModel
from offhook.adapters.openai.endpoint import ChatModel, Endpoint
from offhook.models.failures import ModelError, ModelFailure
from offhook.models.ports import LanguageModel
from offhook.models.requests import (
    ChatLine,
    Line,
    ModelEvent,
    ModelRequest,
    ModelUsage,
    Stopped,
    StopReason,
    TextDelta,
    ToolCall,
    ToolOutcome,
    ToolSpec,
    ToolUse,
    Working,
)
from tests.support.models import BEDROCK_MODEL, CHAT_MODEL, ModelTown, model_town

BOOK = ToolSpec(
    name="book",
    description="Books",
    parameters={"type": "object", "properties": {"day": {"type": "string"}}},
)
EventT = TypeVar("EventT")
HI = ChatLine(from_caller=True, text="Hi")


@dataclass(frozen=True, slots=True, kw_only=True)
class World:
    """A model, and the service that it is asked of."""

    town: ModelTown
    model: LanguageModel

    def answer(self, *replies: Reply) -> None:
        self.town.script.clear()
        self.town.script.add(*(Rule(reply=reply, times=1) for reply in replies))

    async def hear(
        self, asked: ModelRequest | None = None, *, into: list[ModelEvent] | None = None
    ) -> list[ModelEvent]:
        """Return what is answered; what came before an error is there all the same."""
        heard = [] if into is None else into
        async with asyncio.timeout(10):
            async for event in self.model.reply(asked or request()):
                heard.append(event)
        return heard


@pytest.fixture(params=["bedrock", "openai"])
async def world(
    request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch, aws_endpoint_url: str
) -> AsyncIterator[World]:
    # The SDK's session is one for the process, with the keys of the tests' own AWS.
    async with model_town(account=Account(access_key_id="test", secret_access_key="test")) as town:
        if request.param == "openai":
            endpoint = Endpoint(town.llm_url, api_key="key")
            yield World(town=town, model=ChatModel(endpoint, CHAT_MODEL, temperature=0.5))
            await endpoint.close()
            return
        monkeypatch.setenv("AWS_ENDPOINT_URL_BEDROCK_RUNTIME", town.url)
        with ThreadPoolExecutor(4) as threads:
            service = Bedrock(threads, region="us-east-1")
            yield World(town=town, model=BedrockModel(service, BEDROCK_MODEL, temperature=0.5))
            service.close()


def request(*lines: Line, tools: Sequence[ToolSpec] = (BOOK,), must_call: str = "") -> ModelRequest:
    return ModelRequest(
        system="Be brief.",
        facts="It is noon.",
        lines=lines or (HI,),
        tools=tuple(tools),
        must_call=must_call,
        max_tokens=77,
    )


def text_of(events: Sequence[ModelEvent]) -> str:
    return "".join(event.text for event in events if isinstance(event, TextDelta))


def told(events: Sequence[ModelEvent], kind: type[EventT]) -> list[EventT]:
    return [event for event in events if isinstance(event, kind)]


async def test_a_reply_is_its_text_how_it_ended_and_what_it_cost(world: World) -> None:
    usage = Usage(input_tokens=100, output_tokens=10, cached_tokens=900)
    world.answer(Reply(parts=(Text(text="We are "), Text(text="open. "), Text(text="Come!")), usage=usage))
    events = await world.hear()
    assert text_of(events) == "We are open. Come!"
    assert told(events, ModelUsage) == [ModelUsage(input_tokens=100, output_tokens=10, cached_tokens=900)]
    assert events[-1] == Stopped(reason=StopReason.END_TURN)


async def test_the_model_is_asked_with_all_that_it_needs(world: World) -> None:
    world.answer(say("Booked."))
    lines = (
        ChatLine(from_caller=False, text="Hello."),
        ChatLine(from_caller=True, text="Book monday"),
        ToolUse(call_id="x", name="book", arguments={"day": "monday"}),
        ToolOutcome(call_id="x", text="Done."),
    )
    await world.hear(request(*lines))
    (asked,) = world.town.script.asked
    assert (asked.told, asked.offered, asked.turns) == ("Done.", ("book",), asked.turns)
    assert "Be brief." in asked.system
    assert "It is noon." in asked.system
    assert "77" in str(asked.body)
    assert "0.5" in str(asked.body)


async def test_tools_are_called_with_their_arguments(world: World) -> None:
    tools = Tool(name="book", arguments={"day": "monday"}), Tool(name="book", arguments={"day": "tuesday"})
    world.answer(Reply(parts=(Text(text="One moment."), *tools)))
    events = await world.hear()
    calls = told(events, ToolCall)
    assert text_of(events) == "One moment."
    assert [(call.name, call.arguments) for call in calls] == [
        ("book", {"day": "monday"}),
        ("book", {"day": "tuesday"}),
    ]
    assert len({call.call_id for call in calls}) == 2
    assert events[-1] == Stopped(reason=StopReason.TOOL_USE)
    assert Working() in events


@pytest.mark.parametrize("arguments", ['{"day": "mon', "[1]", '"monday"'])
async def test_arguments_that_are_no_object_are_none(world: World, arguments: str) -> None:
    world.answer(Reply(parts=(Tool(name="book", arguments=arguments),)))
    (call,) = told(await world.hear(), ToolCall)
    assert call.arguments is None


async def test_a_tool_that_must_be_called_is_asked_for(world: World) -> None:
    world.town.script.add(
        Rule(
            when=When(must_call="book"),
            reply=Reply(parts=(Tool(name="book", arguments={"day": "friday"}),)),
        )
    )
    (call,) = told(await world.hear(request(must_call="book")), ToolCall)
    assert call.arguments == {"day": "friday"}


async def test_reasoning_is_not_said(world: World) -> None:
    reasoning = Text(text="Hm, what do they want?", is_reasoning=True)
    world.answer(Reply(parts=(reasoning, Text(text="<think>Aha.</think>"), Text(text="We are open."))))
    assert text_of(await world.hear()) == "We are open."


@pytest.mark.parametrize("reason", [StopReason.MAX_TOKENS, StopReason.GUARDRAIL, StopReason.MALFORMED])
async def test_why_a_reply_ended_is_told(world: World, reason: StopReason) -> None:
    world.answer(Reply(parts=(Text(text="I can't"),), stop=reason))
    events = await world.hear()
    assert (text_of(events), events[-1]) == ("I can't", Stopped(reason=reason))


@pytest.mark.parametrize(
    ("kind", "failure"),
    [
        (Kind.THROTTLED, ModelFailure.THROTTLED),
        (Kind.UNAVAILABLE, ModelFailure.UNAVAILABLE),
        (Kind.INTERNAL, ModelFailure.UNAVAILABLE),
        (Kind.NOT_READY, ModelFailure.UNAVAILABLE),
        (Kind.DENIED, ModelFailure.REFUSED),
        (Kind.INVALID, ModelFailure.REFUSED),
        (Kind.CUT, ModelFailure.LOST),
    ],
)
async def test_what_is_refused_says_whether_trying_again_helps(
    world: World, kind: Kind, failure: ModelFailure
) -> None:
    world.answer(Reply(parts=(Text(text="Hi."),), fault=Fault(kind=kind)))
    with pytest.raises(ModelError) as caught:
        await world.hear()
    assert (caught.value.failure, caught.value.retryable) == (failure, failure is not ModelFailure.REFUSED)


@pytest.mark.parametrize(
    ("kind", "moment", "failures"),
    [
        (Kind.THROTTLED, Moment.IN_TEXT, {ModelFailure.THROTTLED}),
        (Kind.INTERNAL, Moment.IN_TEXT, {ModelFailure.UNAVAILABLE}),
        (Kind.CUT, Moment.IN_TEXT, {ModelFailure.LOST}),
        (Kind.END, Moment.IN_TEXT, {ModelFailure.LOST}),
        (Kind.END, Moment.BEFORE_END, {ModelFailure.LOST}),
        (Kind.GARBAGE, Moment.IN_TEXT, {ModelFailure.CORRUPT}),
    ],
)
async def test_what_came_before_a_reply_broke_off_is_heard(
    world: World, kind: Kind, moment: Moment, failures: set[ModelFailure]
) -> None:
    world.answer(Reply(parts=(Text(text="One."), Text(text=" Two.")), fault=Fault(kind=kind, moment=moment)))
    heard: list[ModelEvent] = []
    with pytest.raises(ModelError) as caught:
        await world.hear(into=heard)
    assert caught.value.failure in failures
    assert text_of(heard).startswith("One.")


async def test_an_error_tells_nothing_of_what_was_said(world: World) -> None:
    world.answer(Reply(fault=Fault(kind=Kind.INVALID)))
    secret = ChatLine(from_caller=True, text="My number is 5550100")
    with pytest.raises(ModelError) as caught:
        await world.hear(request(secret))
    assert "5550100" not in str(caught.value)


async def test_whoever_stops_listening_frees_the_reply_at_once(world: World) -> None:
    stall = Fault(kind=Kind.STALL, moment=Moment.IN_TEXT)
    world.answer(Reply(parts=(Text(text="One."), Text(text=" Two.")), fault=stall), say("Next."))
    async with aclosing(cast("AsyncGenerator[ModelEvent, None]", world.model.reply(request()))) as reply:
        assert text_of([await anext(reply)]) == "One."
    async with asyncio.timeout(1):
        await world.town.idle()
        assert text_of(await world.hear()) == "Next."


async def test_connections_are_used_again(world: World) -> None:
    world.answer(say("One."), say("Two."), say("Three."))
    for text in ("One.", "Two.", "Three."):
        assert text_of(await world.hear()) == text
    assert world.town.script.connections == 1
