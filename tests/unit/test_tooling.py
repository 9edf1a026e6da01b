"""Tools on their way to whoever carries them out: kept in the log first, side by side, and always answered."""

import asyncio
from collections.abc import Callable, Sequence
from typing import cast

from offhook.agents.settings import AgentSettings
from offhook.json_types import JsonObject
from offhook.models.requests import ToolCall, ToolOutcome, ToolUse
from offhook.runs.log.events import Event, PromiseEvent, ToolResultEvent
from offhook.workflows import TemplateContext, parse_workflow
from streamer.call.commands import CallTool, CallTools
from streamer.call.events import ToolAnswered
from streamer.call.machine import Machine
from streamer.call.offered_tools import OfferedTool
from streamer.conductor.clips import Clips
from streamer.conductor.conductor import CallOptions, Conductor
from streamer.conductor.line import LineCall, LineSocket
from streamer.conductor.playout import Pacer
from streamer.conductor.tooling import Toolbox, Tooling
from streamer.speech.ports import Listening
from streamer.tools.ports import MOST_ANSWER_CHARACTERS, ToolContext
from tests.support.engines import ScriptedModel, make_engines
from tests.support.makers import NOON
from tests.support.pacing import FakeSocket, started_stream

LOOK = OfferedTool(uuid="t1", name="look", description="Look.")
BOOK = OfferedTool(uuid="t2", name="book", description="Book.")


class Runner:
    """Does what the test says, and notes the order of things."""

    def __init__(self, *, waits: asyncio.Event | None = None, text: str = "done") -> None:
        self.happened: list[str] = []
        self.contexts: list[ToolContext] = []
        self.began = asyncio.Event()
        self._waits = waits
        self._text = text

    async def run(self, call: ToolUse, *, context: ToolContext) -> ToolOutcome:
        self.happened.append(f"run {call.name}")
        self.contexts.append(context)
        self.began.set()
        if self._waits is not None:
            await self._waits.wait()
        return ToolOutcome(call_id=call.call_id, text=self._text)

    async def flush(self) -> None:
        self.happened.append("flush")
        await asyncio.sleep(0)


def toolbox(runner: Runner) -> Toolbox:
    def values(gathered: JsonObject) -> TemplateContext:
        return TemplateContext(clock=lambda: NOON, gathered=gathered)

    return Toolbox(runner=runner, run_id="7", values=values, flush=runner.flush)


async def call(
    box: Toolbox | None, *tools: OfferedTool, then: Callable[[], None] = lambda: None
) -> list[ToolAnswered]:
    answers: list[ToolAnswered] = []
    tooling = Tooling(box, on_answer=answers.append)
    calls: Sequence[CallTool] = [
        CallTool(call_id=f"call0000{n}", tool=tool, arguments={}) for n, tool in enumerate(tools, 1)
    ]
    async with asyncio.timeout(5), asyncio.TaskGroup() as tasks:
        tooling.call(CallTools(calls=tuple(calls), gathered={"day": "monday"}), tasks.create_task)
        for _ in range(5):
            await asyncio.sleep(0)
        then()
    return answers


async def test_the_log_is_kept_before_a_tool_is_sent() -> None:
    runner = Runner()
    await call(toolbox(runner), LOOK)
    assert runner.happened == ["flush", "run look"]


async def test_tools_run_side_by_side() -> None:
    go = asyncio.Event()
    runner = Runner(waits=go)

    def both_run() -> None:
        assert {"run look", "run book"} <= set(runner.happened)
        go.set()

    answers = await call(toolbox(runner), LOOK, BOOK, then=both_run)
    assert {answer.call_id for answer in answers} == {"call00001", "call00002"}


async def test_a_tool_is_told_its_key_and_what_its_templates_are_filled_with() -> None:
    runner = Runner()
    await call(toolbox(runner), LOOK)
    (context,) = runner.contexts
    assert context.key == "7-call00001"
    assert context.values.gathered == {"day": "monday"}


async def test_one_that_does_not_answer_in_time_is_answered_for(monkeypatch: object) -> None:
    slow = OfferedTool(uuid="t3", name="slow", description="Slow.", timeout_seconds=-1)
    (answer,) = await call(toolbox(Runner(waits=asyncio.Event())), slow)
    assert answer.is_error
    assert "not known" in answer.text


async def test_a_call_without_tools_of_its_own_says_so_to_the_model() -> None:
    (answer,) = await call(None, LOOK)
    assert answer.is_error


async def test_an_answer_is_cut() -> None:
    (answer,) = await call(toolbox(Runner(text="x" * 100_000)), LOOK)
    assert len(answer.text) == MOST_ANSWER_CHARACTERS


class Line(FakeSocket):
    """A line that does to its call what the test says once a tool runs."""

    def attach(self, listener: LineCall) -> None:
        """Know the call."""
        self.call = listener


async def outlasting(leave: Callable[[LineCall], None]) -> list[Event]:
    """Return what is on record of a call whose caller leaves like this before its tool has answered."""
    answer, records, line = asyncio.Event(), list[Event](), Line()
    runner = Runner(waits=answer)
    model = ScriptedModel([ToolCall(call_id="m", name="call_back", arguments={"in_minutes": 5})])
    node: JsonObject = {"id": "a", "type": "startCall", "data": {"name": "A", "prompt": "Talk."}}
    tool = OfferedTool(uuid="t", name="call_back", description="Promise.", call_back_zone="UTC")
    machine = Machine(
        workflow=parse_workflow({"nodes": [node], "edges": []}),
        settings=AgentSettings(),
        render=lambda template, gathered: template,
        tools={"a": (tool,)},
    )
    conductor = Conductor(
        socket=cast(LineSocket, line),
        stream=started_stream(),
        pacer=Pacer(asyncio.get_running_loop()),
        engines=make_engines(model=model),
        clips=Clips(),
        machine=machine,
        options=CallOptions(
            listening=Listening(language="en-US"), on_record=records.append, toolbox=toolbox(runner)
        ),
    )
    async with asyncio.timeout(5), asyncio.TaskGroup() as lasting:
        call = lasting.create_task(conductor.run(lasting))
        await runner.began.wait()
        leave(line.call)
        await call
        answer.set()
        await conductor.finish()
    return records


async def test_a_call_back_that_is_agreed_on_as_the_caller_hangs_up_is_promised() -> None:
    records = await outlasting(lambda call: call.caller_is_gone())
    assert [event.status for event in records if isinstance(event, ToolResultEvent)] == ["ok"]
    assert [event.in_minutes for event in records if isinstance(event, PromiseEvent)] == [5]


async def test_a_tool_that_answers_while_the_line_is_lost_breaks_nothing() -> None:
    records = await outlasting(lambda call: call.on_closed())
    assert [event.status for event in records if isinstance(event, ToolResultEvent)] == ["ok"]
