"""Thinking: the model's sentences as they come, the edge it chooses, and its failures as events."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

import pytest

from offhook.errors import EngineError
from offhook.models.ports import ModelChoice
from offhook.models.requests import ChatLine, ModelUsage, TextDelta, ToolCall, ToolOutcome, ToolSpec, ToolUse
from streamer.call.commands import AskModel
from streamer.call.events import EngineFailed, EngineStumbled, Event, ModelChose, ModelFinished, ModelText
from streamer.conductor.thinking import MOST_CHARACTERS, Thinking
from streamer.speech.thinker import Thinker
from tests.support.engines import ScriptedModel, Told

FAILED = EngineFailed(engine="model", code="model-failed")
Ask = Callable[[int], None]


def question(request: int) -> AskModel:
    return AskModel(
        request=request,
        system="Be brief.",
        lines=(ChatLine(from_caller=True, text="Hi"), ChatLine(from_caller=False, text="Hello")),
        tools=(ToolSpec(name="done", description="When all is said"),),
    )


@asynccontextmanager
async def thinking(
    model: ScriptedModel, told: Callable[[Event], None], limit_s: float = 1.2
) -> AsyncIterator[tuple[Thinking, Ask]]:
    thinker = Thinker([ModelChoice(engine="m", model=model)], first_token_limit_s=limit_s)
    mind = Thinking(thinker=thinker, on_event=told)
    async with asyncio.timeout(10), asyncio.TaskGroup() as tasks:
        yield mind, lambda request: mind.ask(question(request), tasks)
        mind.cancel()


def deltas(*texts: str) -> list[TextDelta]:
    return [TextDelta(text=text) for text in texts]


async def all_of(model: ScriptedModel, limit_s: float = 1.2) -> list[Event]:
    """Ask once and return what was told until the model is done."""
    told = Told()
    async with thinking(model, told, limit_s) as (_, ask):
        ask(1)
        await told.until(lambda: _is_over(told.events))
    return told.events


def _is_over(events: list[Event]) -> bool:
    return bool(events) and isinstance(events[-1], ModelFinished | EngineFailed)


async def test_the_model_is_asked_with_prompt_conversation_and_edges() -> None:
    model = ScriptedModel(deltas("Yes."))
    await all_of(model)
    (asked,) = model.asked
    assert asked.system == "Be brief."
    assert asked.lines == (ChatLine(from_caller=True, text="Hi"), ChatLine(from_caller=False, text="Hello"))
    assert asked.tools == (ToolSpec(name="done", description="When all is said"),)


async def test_a_sentence_is_told_when_the_next_begins_and_the_last_at_the_end() -> None:
    told, more = Told(), asyncio.Event()
    async with thinking(
        ScriptedModel([*deltas("He", "llo", ". How a"), more, *deltas("re you?  ", "Fi", "ne")]), told
    ) as (_, ask):
        ask(3)
        await told.until(lambda: bool(told.events))
        assert told.events == [ModelText(request=3, text="Hello.")]
        more.set()
        await told.until(lambda: _is_over(told.events))
    assert told.events[1:] == [
        ModelText(request=3, text="How are you?"),
        ModelText(request=3, text="Fine"),
        ModelFinished(request=3),
    ]


@pytest.mark.parametrize("size", [1, 2, 7, 1000])
async def test_sentences_do_not_depend_on_the_pieces_they_come_in(size: int) -> None:
    text = " Well!! It is 3.50 euros.\n\nAll right? Yes "
    pieces = deltas(*(text[start : start + size] for start in range(0, len(text), size)))
    events = await all_of(ScriptedModel(pieces))
    texts = [event.text for event in events if isinstance(event, ModelText)]
    assert texts == ["Well!!", "It is 3.50 euros.", "All right?", "Yes"]


@pytest.mark.parametrize("script", [[], deltas(""), deltas("  ", "\n")])
async def test_a_reply_without_words_is_asked_for_once_more(script: list[TextDelta]) -> None:
    assert await all_of(ScriptedModel(script, deltas("Yes."))) == [
        EngineStumbled(engine="model", code="model-empty"),
        ModelText(request=1, text="Yes."),
        ModelFinished(request=1),
    ]


async def test_a_chosen_edge_is_told_when_all_of_the_reply_is_there() -> None:
    model = ScriptedModel([*deltas("One moment. "), ToolCall(name="done"), *deltas("So")])
    assert await all_of(model) == [
        ModelText(request=1, text="One moment."),
        ModelText(request=1, text="So"),
        ModelChose(request=1, tool="done"),
        ModelFinished(request=1),
    ]


async def test_a_new_question_drops_the_one_before() -> None:
    told, never = Told(), asyncio.Event()
    async with thinking(ScriptedModel([never, *deltas("Old.")], deltas("New.")), told) as (_, ask):
        ask(1)
        await asyncio.sleep(0)
        ask(2)
        await told.until(lambda: _is_over(told.events))
        never.set()
        await asyncio.sleep(0)
    assert told.events == [ModelText(request=2, text="New."), ModelFinished(request=2)]


async def test_what_was_dropped_before_it_was_sent_is_never_sent() -> None:
    told, model = Told(), ScriptedModel(deltas("Old."))
    async with thinking(model, told) as (mind, ask):
        ask(1)
        mind.cancel()
        mind.cancel()
        await asyncio.sleep(0)
    assert (told.events, model.asked) == ([], [])


async def test_a_reply_that_breaks_off_has_ended_with_its_last_sentence() -> None:
    broken = EngineError("It broke.", engine="model")
    events = await all_of(ScriptedModel([*deltas("First. Sec"), broken]))
    assert events == [
        ModelText(request=1, text="First."),
        EngineStumbled(engine="model", code="model-failed"),
        ModelFinished(request=1),
    ]


async def test_a_reply_that_breaks_off_within_its_first_sentence_begins_anew() -> None:
    broken = EngineError("It broke.", engine="model")
    events = await all_of(ScriptedModel([*deltas("Fir"), broken], deltas("First.")))
    assert events == [
        EngineStumbled(engine="model", code="model-failed"),
        ModelText(request=1, text="First."),
        ModelFinished(request=1),
    ]


async def test_a_model_that_takes_too_long_again_and_again_has_failed() -> None:
    events = await all_of(ScriptedModel([asyncio.Event()], [asyncio.Event()]), limit_s=0.01)
    assert events == [EngineStumbled(engine="model", code="model-stalled"), FAILED]


async def test_tokens_of_all_replies_add_up() -> None:
    told = Told()
    model = ScriptedModel(
        [*deltas("No."), ModelUsage(input_tokens=10, output_tokens=3)],
        [*deltas("Yes."), ModelUsage(input_tokens=20, output_tokens=4)],
    )
    async with thinking(model, told) as (mind, ask):
        for request in (1, 2):
            ask(request)
            await told.until(lambda request=request: ModelFinished(request=request) in told.events)  # type: ignore[misc]
    assert mind.uses == {"m": ModelUsage(input_tokens=30, output_tokens=7)}


async def test_a_reply_that_is_dropped_counts_as_far_as_it_came() -> None:
    told, never = Told(), asyncio.Event()
    async with thinking(ScriptedModel([*deltas("First of all. A"), never]), told) as (mind, ask):
        ask(1)
        await told.until(lambda: bool(told.events))
        mind.cancel()
        await asyncio.sleep(0)
        assert mind.uses == {
            "m": ModelUsage(
                input_tokens=len("Be brief.HiHellodoneWhen all is said") // 4,
                output_tokens=len("First of all. A") // 4,
            )
        }


async def test_a_long_sentence_is_told_in_pieces_that_are_said_in_one_breath() -> None:
    words = ["word, " * 100]
    told = [event for event in await all_of(ScriptedModel(deltas(*words))) if isinstance(event, ModelText)]
    assert all(len(event.text) <= MOST_CHARACTERS for event in told)
    assert " ".join(event.text for event in told) == words[0].strip()


async def test_letters_that_come_one_by_one_are_told_as_sentences() -> None:
    text = "Dr. Smith of Maple St. Clinic is free at 3.30 today. Shall I book it?"
    events = await all_of(ScriptedModel(deltas(*text)))
    assert events == [
        ModelText(request=1, text="Dr. Smith of Maple St. Clinic is free at 3.30 today."),
        ModelText(request=1, text="Shall I book it?"),
        ModelFinished(request=1),
    ]


async def test_a_tool_is_chosen_with_what_it_is_given() -> None:
    call = ToolCall(name="done", call_id="x1", arguments={"day": "monday"})
    chosen, _ = await all_of(ScriptedModel([call]))
    assert chosen == ModelChose(request=1, tool="done", call_id="x1", arguments={"day": "monday"})


async def test_tools_and_their_answers_stand_between_the_lines() -> None:
    model, told = ScriptedModel(deltas("Yes.")), Told()
    asked = AskModel(
        request=1,
        system="Be brief.",
        facts="It is Monday.",
        lines=(
            ChatLine(from_caller=True, text="Hi"),
            ToolUse(call_id="call00001", name="look", arguments={"day": "monday"}),
            ToolOutcome(call_id="call00001", text="nine", is_error=True),
        ),
        tools=(ToolSpec(name="look", description="Look.", parameters={"type": "object"}),),
    )
    async with asyncio.timeout(10), asyncio.TaskGroup() as tasks:
        thinker = Thinker([ModelChoice(engine="m", model=model)])
        Thinking(thinker=thinker, on_event=told).ask(asked, tasks)
        await told.until(lambda: _is_over(told.events))
    (request,) = model.asked
    assert request.facts == "It is Monday."
    assert request.lines[1:] == (
        ToolUse(call_id="call00001", name="look", arguments={"day": "monday"}),
        ToolOutcome(call_id="call00001", text="nine", is_error=True),
    )
    assert request.tools == (ToolSpec(name="look", description="Look.", parameters={"type": "object"}),)
