"""The embedded language model: which tool it takes for which words, and what it asks otherwise."""

import pytest

from offhook.models.keyword_model import KeywordModel
from offhook.models.requests import (
    ChatLine,
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
)

CONFIRM = ToolSpec(name="confirm", description="When the caller agrees that the appointment is fine.")
RESCHEDULE = ToolSpec(
    name="reschedule", description="The caller wants to move the appointment to another day"
)
CANCEL = ToolSpec(name="cancel_it", description="The caller does not need the appointment any more")
TOOLS = (CONFIRM, RESCHEDULE, CANCEL)


async def answer(said: str, *tools: ToolSpec) -> list[ModelEvent]:
    lines = (ChatLine(from_caller=False, text="Does that suit you?"), ChatLine(from_caller=True, text=said))
    request = ModelRequest(system="Be brief.", lines=lines, tools=tools)
    return [event async for event in KeywordModel().reply(request)]


@pytest.mark.parametrize(
    ("said", "tool"),
    [
        ("Yes, that is fine.", CONFIRM),
        ("sure", CONFIRM),
        ("I would rather come another day", RESCHEDULE),
        ("no, another day please", RESCHEDULE),
        ("can we do some rescheduling", RESCHEDULE),
        ("it was rescheduled before", RESCHEDULE),
        ("please have it cancelled", CANCEL),
        ("I don't need it any more", CANCEL),
    ],
)
async def test_the_tool_that_shares_the_callers_words_is_called(said: str, tool: ToolSpec) -> None:
    events = await answer(said, *TOOLS)
    assert events[0] == ToolCall(name=tool.name, call_id=tool.name)


@pytest.mark.parametrize(
    "said", ["that is not fine", "what is the weather like", "", "the of and", "appointment"]
)
async def test_words_that_decide_nothing_make_it_ask_again(said: str) -> None:
    first, *_ = await answer(said, *TOOLS)
    assert isinstance(first, TextDelta)


async def test_the_question_names_what_the_tools_are_for() -> None:
    first, *_ = await answer("hm", *TOOLS)
    assert isinstance(first, TextDelta)
    assert "the appointment is fine" in first.text
    assert "to move the appointment to another day" in first.text
    assert "The caller" not in first.text


async def test_without_tools_it_asks_for_other_words() -> None:
    first, *_ = await answer("hm")
    assert first == TextDelta(text="Sorry, could you say that in other words?")


async def test_before_anything_was_said_it_greets() -> None:
    request = ModelRequest(system="Be brief.", lines=(), tools=TOOLS)
    events = [event async for event in KeywordModel().reply(request)]
    assert events[0] == TextDelta(text="Hello. How can I help you?")


async def test_usage_counts_words() -> None:
    _, usage, _ = await answer("yes fine", *TOOLS)
    assert usage == ModelUsage(input_tokens=8, output_tokens=1)


async def test_a_tool_is_not_called_twice_for_the_same_words() -> None:
    lines = (
        ChatLine(from_caller=True, text="another day please"),
        ToolUse(call_id="1", name="reschedule"),
        ToolOutcome(call_id="1", text="Done."),
    )
    request = ModelRequest(system="Be brief.", lines=lines, tools=TOOLS)
    first, *_ = [event async for event in KeywordModel().reply(request)]
    assert isinstance(first, TextDelta)


async def test_a_tool_that_must_be_called_is_called_with_nothing() -> None:
    request = ModelRequest(system="Extract.", lines=(), tools=TOOLS, must_call="cancel_it")
    first, *_ = [event async for event in KeywordModel().reply(request)]
    assert first == ToolCall(name="cancel_it", call_id="cancel_it")


async def test_it_says_how_it_ended() -> None:
    for said, reason in (("sure", StopReason.TOOL_USE), ("hm", StopReason.END_TURN)):
        assert (await answer(said, *TOOLS))[-1] == Stopped(reason=reason)


async def test_the_same_words_get_the_same_answer() -> None:
    assert await answer("another day", *TOOLS) == await answer("another day", *TOOLS)
