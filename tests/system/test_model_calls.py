"""Calls that a language model leads, from the carrier's socket to the finished run."""

import asyncio
from collections.abc import AsyncIterator, Callable

import pytest

from offhook.json_types import JsonObject
from offhook.models.ports import ModelChoice
from offhook.models.requests import ChatLine, ModelEvent, ModelRequest, ModelUsage, TextDelta, ToolCall
from offhook.runs.log.events import ErrorEvent, NodeEvent
from offhook.runs.log.projections import transcript
from offhook.runs.model import RunStatus
from streamer.conductor.engines import Engines
from streamer.sockets.close_codes import CloseCode
from tests.support.engines import ScriptedRecogniser, make_engines
from tests.support.phone import dial
from tests.support.town import Town, hear_greeting, say_and_hear

Answer = Callable[[ModelRequest], list[ModelEvent]]


class Desk:
    """A model that answers each question by what is asked in it; `values` are what it finds in the talk."""

    def __init__(self, answers: dict[str, list[ModelEvent]], *, values: JsonObject) -> None:
        self.asked: list[ModelRequest] = []
        self._answers = answers
        self._values = values

    async def reply(self, request: ModelRequest) -> AsyncIterator[ModelEvent]:
        self.asked.append(request)
        await asyncio.sleep(0)
        if request.must_call:
            yield ToolCall(name=request.must_call, arguments=self._values)
        else:
            last = [line.text for line in request.lines if isinstance(line, ChatLine) and line.from_caller]
            for event in self._answers[
                f"{request.system.splitlines()[-1]} {last[-1] if last else ''}".strip()
            ]:
                yield event
        yield ModelUsage(input_tokens=100, output_tokens=10, cached_tokens=50)


WORKFLOW: JsonObject = {
    "nodes": [
        {"id": "hello", "type": "startCall", "data": {"name": "Hello", "prompt": "Greet."}},
        {
            "id": "book",
            "type": "agentNode",
            "data": {
                "name": "Book",
                "prompt": "Book.",
                "extraction_enabled": True,
                "extraction_prompt": "Pick out who comes.",
                "extraction_variables": [
                    {"name": "patient", "type": "string", "prompt": "who comes"},
                    {"name": "age", "type": "number", "prompt": "how old"},
                ],
            },
        },
        {
            "id": "bye",
            "type": "endCall",
            "data": {"name": "Bye", "prompt": "Take leave.", "disposition": "booked"},
        },
        {"id": "rules", "type": "globalNode", "data": {"name": "Rules", "prompt": "Be brief."}},
    ],
    "edges": [
        {
            "id": "e1",
            "source": "hello",
            "target": "book",
            "data": {
                "label": "Wants booking",
                "condition": "The caller wants to book",
                "transition_speech": "One moment, {{customer_name}}.",
            },
        },
        {
            "id": "e2",
            "source": "book",
            "target": "bye",
            "data": {"label": "Booked", "condition": "It is booked"},
        },
    ],
}
ANSWERS: dict[str, list[ModelEvent]] = {
    "Greet.": [TextDelta(text="Good day. "), TextDelta(text="How can I help?")],
    "Greet. a visit for ann": [ToolCall(name="wants_booking")],
    "Book. a visit for ann": [TextDelta(text="Is nine fine?")],
    "Book. nine is fine": [TextDelta(text="It is booked. "), ToolCall(name="booked")],
    "Take leave. nine is fine": [TextDelta(text="Until then, Ann.")],
}


@pytest.fixture
def workflow() -> JsonObject:
    return WORKFLOW


def engines_of(model: Desk, *heard: str) -> Engines:
    made = make_engines(recogniser=ScriptedRecogniser(*heard))
    return Engines(
        recognisers=made.recognisers,
        voices=made.voices,
        models=(ModelChoice(engine="desk", model=model),),
        new_detector=made.new_detector,
    )


async def test_a_call_that_a_model_leads_from_its_greeting_to_its_end(town: Town) -> None:
    model = Desk(ANSWERS, values={"patient": "Ann", "age": "ten"})
    async with (
        town.streamer(engines=engines_of(model, "a visit for ann", "nine is fine")) as server,
        dial(server.port, town.path()) as phone,
    ):
        await phone.start()
        await hear_greeting(phone)
        await say_and_hear(phone, 2)
        await say_and_hear(phone, 2)
        assert await phone.wait_closed() == CloseCode.NORMAL
    run = town.stored_run
    assert [segment.text for segment in transcript(town.log)] == [
        "Good day.",
        "How can I help?",
        "a visit for ann",
        "One moment, Ada.",
        "Is nine fine?",
        "nine is fine",
        "It is booked.",
        "Until then, Ann.",
    ]
    assert [node["to"] for node in town.told(NodeEvent)] == ["hello", "book", "bye"]
    assert (run.status, run.disposition) == (RunStatus.COMPLETED, "booked")
    assert run.gathered_context == {"patient": "Ann"}
    assert [error["code"] for error in town.told(ErrorEvent)] == ["extraction-failed"]
    (extraction,) = [request for request in model.asked if request.must_call]
    assert "Pick out who comes." in extraction.system
    asked = len(model.asked)
    assert run.usage is not None
    tokens = run.usage["llm"]
    assert isinstance(tokens, dict)
    assert tokens["input_tokens"] == 100 * asked
    assert {request.system.splitlines()[0] for request in model.asked if not request.must_call} == {
        "Be brief."
    }


async def test_values_are_found_after_a_caller_who_hangs_up(town: Town) -> None:
    model = Desk(ANSWERS, values={"patient": "Ann"})
    async with (
        town.streamer(engines=engines_of(model, "a visit for ann")) as server,
        dial(server.port, town.path()) as phone,
    ):
        await phone.start()
        await hear_greeting(phone)
        await say_and_hear(phone, 2)
        await phone.hang_up()
    assert town.stored_run.gathered_context == {"patient": "Ann"}
    assert town.stored_run.status is RunStatus.COMPLETED
