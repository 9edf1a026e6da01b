"""The models of a call: who is asked when, what a bad reply leads to, and what is counted."""

import asyncio
from collections.abc import Sequence

import pytest

from offhook.errors import EngineError
from offhook.models.failures import ModelError, ModelFailure
from offhook.models.ports import ModelChoice
from offhook.models.requests import (
    ChatLine,
    ModelEvent,
    ModelRequest,
    ModelUsage,
    Stopped,
    StopReason,
    TextDelta,
    ToolCall,
    ToolSpec,
    Working,
)
from streamer.speech.thinker import Stumbled, Thinker, Thought
from tests.support.engines import ScriptedModel

BOOK = ToolSpec(name="book", description="Books")
CALL = ToolCall(name="book", call_id="1", arguments={"day": "monday"})
BROKEN = ToolCall(name="book", call_id="1", arguments=None)
REQUEST = ModelRequest(system="Be brief.", lines=(ChatLine(from_caller=True, text="Hi"),), tools=(BOOK,))
THROTTLED = ModelError(ModelFailure.THROTTLED, service="Bedrock")
REFUSED = ModelError(ModelFailure.REFUSED, service="Bedrock")
LOST = ModelError(ModelFailure.LOST, service="Bedrock")

Step = ModelEvent | Exception | asyncio.Event


def text(words: str) -> TextDelta:
    return TextDelta(text=words)


def stopped(reason: StopReason) -> Stopped:
    return Stopped(reason=reason)


def thinker(*models: ScriptedModel, limit_s: float = 1.2) -> Thinker:
    choices = [ModelChoice(engine=f"m{number}", model=model) for number, model in enumerate(models, 1)]
    return Thinker(choices, first_token_limit_s=limit_s)


async def think(mind: Thinker, request: ModelRequest = REQUEST, *, said: bool = False) -> list[Thought]:
    """Return what is thought; `said` tells that whole sentences were heard as soon as there was text."""
    thoughts: list[Thought] = []
    async with asyncio.timeout(10):
        async for thought in mind.think(
            request, has_said=lambda: said and any(isinstance(each, TextDelta) for each in thoughts)
        ):
            thoughts.append(thought)  # noqa: PERF401 - they are looked at while they come
    return thoughts


async def test_the_text_comes_as_it_is_written_and_the_calls_at_the_end() -> None:
    first = ScriptedModel(
        [text("One "), text("moment."), Working(), CALL, text("So."), stopped(StopReason.TOOL_USE)]
    )
    assert await think(thinker(first)) == [text("One "), text("moment."), text("So."), CALL]


@pytest.mark.parametrize(
    ("failure", "code"),
    [
        (THROTTLED, "model-throttled"),
        (LOST, "model-lost"),
        (REFUSED, "model-refused"),
        (EngineError("It broke.", engine="m1"), "model-failed"),
    ],
)
async def test_a_model_that_fails_is_followed_by_the_second(failure: Exception, code: str) -> None:
    first, second = ScriptedModel([failure]), ScriptedModel([text("Hello.")])
    assert await think(thinker(first, second)) == [Stumbled(code=code), text("Hello.")]


async def test_a_model_without_a_word_in_its_time_is_followed_by_the_second() -> None:
    first, second = ScriptedModel([asyncio.Event()]), ScriptedModel([text("Hello.")])
    assert await think(thinker(first, second, limit_s=0.01)) == [
        Stumbled(code="model-stalled"),
        text("Hello."),
    ]


async def test_signs_of_life_are_enough_for_a_model_that_writes_a_call() -> None:
    slowly = [asyncio.Event(), asyncio.Event()]
    first = ScriptedModel([Working(), slowly[0], Working(), slowly[1], CALL])
    for number, moment in enumerate(slowly, 1):
        asyncio.get_running_loop().call_later(0.03 * number, moment.set)
    assert await think(thinker(first, limit_s=0.02)) == [CALL]


async def test_the_first_is_asked_again_when_both_failed() -> None:
    first, second = ScriptedModel([THROTTLED], [text("Hello.")]), ScriptedModel([THROTTLED])
    thoughts = await think(thinker(first, second))
    assert thoughts == [Stumbled(code="model-throttled"), Stumbled(code="model-throttled"), text("Hello.")]


async def test_one_that_refuses_is_not_asked_again() -> None:
    first = ScriptedModel([REFUSED])
    with pytest.raises(ModelError) as caught:
        await think(thinker(first))
    assert (caught.value.failure, len(first.asked)) == (ModelFailure.REFUSED, 1)


async def test_when_nothing_works_there_is_an_error_within_the_time_that_a_caller_waits() -> None:
    first, second = (ScriptedModel([asyncio.Event()], [asyncio.Event()]) for _ in range(2))
    loop = asyncio.get_running_loop()
    began_s = loop.time()
    with pytest.raises(ModelError):
        await think(thinker(first, second))
    assert loop.time() - began_s < 3.5


async def test_one_that_failed_is_asked_last_in_the_next_turns() -> None:
    first, second = ScriptedModel([LOST]), ScriptedModel([text("A.")], [text("B.")])
    mind = thinker(first, second)
    await think(mind)
    assert await think(mind) == [text("B.")]


@pytest.mark.parametrize(
    ("reply", "code"),
    [
        ([], "model-empty"),
        ([text(" \n"), stopped(StopReason.END_TURN)], "model-empty"),
        ([stopped(StopReason.REFUSED)], "model-empty"),
        ([stopped(StopReason.GUARDRAIL), CALL], "model-empty"),
        ([ToolCall(name="fly"), stopped(StopReason.TOOL_USE)], "model-unknown-tool"),
        ([CALL, ToolCall(name="fly")], "model-unknown-tool"),
        ([BROKEN], "model-malformed"),
        ([CALL, BROKEN], "model-malformed"),
        ([text("I "), stopped(StopReason.MALFORMED)], "model-malformed"),
        ([text("I would li"), stopped(StopReason.MAX_TOKENS)], "model-cut-off"),
    ],
)
async def test_a_reply_that_is_none_is_asked_for_once_more(reply: Sequence[Step], code: str) -> None:
    first = ScriptedModel(reply, [text("Hello.")])
    thoughts = await think(thinker(first))
    assert thoughts[-2:] == [Stumbled(code=code), text("Hello.")]
    assert CALL not in thoughts
    once_more = first.asked[1]
    assert (once_more.system, once_more.lines) == (REQUEST.system, REQUEST.lines)
    assert once_more.facts


async def test_a_bad_reply_does_not_put_the_model_last() -> None:
    first, second = ScriptedModel([], [text("B.")]), ScriptedModel([text("A.")])
    mind = thinker(first, second)
    assert await think(mind) == [Stumbled(code="model-empty"), text("A.")]
    assert await think(mind) == [text("B.")]


async def test_what_breaks_off_after_a_sentence_has_ended_there() -> None:
    for end in (LOST, stopped(StopReason.MAX_TOKENS), asyncio.Event()):
        first, second = ScriptedModel([text("We are open. On Sun"), end]), ScriptedModel()
        thoughts = await think(thinker(first, second), said=True)
        assert isinstance(thoughts[-1], Stumbled)
        assert (len(thoughts), second.asked) == (2, [])


@pytest.mark.parametrize("end", [[BROKEN], [Working(), LOST], [stopped(StopReason.MALFORMED)], [CALL, LOST]])
async def test_a_call_that_broke_off_after_a_sentence_is_asked_for_without_the_sentence(
    end: Sequence[Step],
) -> None:
    first, second = ScriptedModel([text("One moment. "), *end]), ScriptedModel([CALL])
    thoughts = await think(thinker(first, second), said=True)
    assert [type(each) for each in thoughts] == [TextDelta, Stumbled, ToolCall]
    assert second.asked[0].lines == (*REQUEST.lines, ChatLine(from_caller=False, text="One moment. "))


async def test_what_a_guardrail_says_is_said_and_nothing_else_is_done() -> None:
    first = ScriptedModel([text("I can't talk about that."), CALL, stopped(StopReason.GUARDRAIL)])
    assert await think(thinker(first)) == [text("I can't talk about that.")]


async def test_a_reply_that_has_to_be_a_tool_is_not_spoken() -> None:
    asked = ModelRequest(system="Extract.", lines=REQUEST.lines, tools=(BOOK,), must_call="book")
    first = ScriptedModel([text("Sure.")], [text("Here:"), CALL])
    assert await think(thinker(first), asked) == [Stumbled(code="model-no-call"), CALL]


async def test_what_each_model_has_cost_adds_up() -> None:
    used = ModelUsage(input_tokens=10, output_tokens=3, cached_tokens=100, cache_write_tokens=7)
    first, second = ScriptedModel([text("A."), used], [THROTTLED]), ScriptedModel([text("B."), used])
    mind = thinker(first, second)
    await think(mind)
    await think(mind)
    assert mind.uses == {"m1": used, "m2": used}


async def test_a_reply_that_nobody_hears_to_its_end_is_counted_as_far_as_it_came() -> None:
    first = ScriptedModel([text("First of all. A"), asyncio.Event()])
    mind = thinker(first)
    thoughts = mind.think(REQUEST, has_said=lambda: False)
    await anext(thoughts)
    await thoughts.aclose()
    assert mind.uses == {
        "m1": ModelUsage(
            input_tokens=len("Be brief.Hibook" + "Books") // 4, output_tokens=len("First of all. A") // 4
        )
    }


async def test_a_model_that_hung_when_the_caller_spoke_is_the_last_to_be_asked() -> None:
    first = ScriptedModel([text("One moment. "), asyncio.Event()], [text("Never asked.")])
    mind = thinker(first, ScriptedModel([text("Hello.")]), limit_s=0.02)
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.1):
            await think(mind, said=True)
    assert await think(mind) == [text("Hello.")]
