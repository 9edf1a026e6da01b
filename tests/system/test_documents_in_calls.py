"""Documents in whole calls: what the model may look up, what it is told, and whose it never sees."""

from typing import Any

import pytest

from offhook.clock import system_clock
from offhook.ids import new_uuid
from offhook.json_types import JsonObject
from offhook.knowledge.usecases import DocumentShelf
from offhook.models.requests import ModelEvent, TextDelta, ToolCall, ToolOutcome
from offhook.runs.log.events import ErrorEvent, ToolResultEvent
from offhook.runs.model import RunStatus
from tests.support.engines import ScriptedModel, ScriptedRecogniser, make_engines
from tests.support.phone import dial
from tests.support.town import Town, hear_greeting, say_and_hear

HOURS, PETS, THEIRS, GONE = (new_uuid() for _ in range(4))
GREETING = ["Maple Street clinic.", "How can I help you?"]


@pytest.fixture
def workflow() -> JsonObject:
    def node(id_: str, type_: str, **data: Any) -> JsonObject:
        return {"id": id_, "type": type_, "data": {"name": id_, **data}}

    return {
        "nodes": [
            node(
                "help",
                "startCall",
                say=" ".join(GREETING),
                prompt="Answer questions.",
                document_uuids=[HOURS, THEIRS, GONE],
            ),
            node("pets", "agentNode", prompt="About pets.", document_uuids=[PETS]),
            node("bye", "endCall", say="Goodbye."),
        ],
        "edges": [
            {
                "id": "e1",
                "source": "help",
                "target": "pets",
                "data": {"label": "Pets", "phrases": ["my dog"]},
            },
            {
                "id": "e2",
                "source": "pets",
                "target": "bye",
                "data": {"label": "Over", "condition": "It is over"},
            },
        ],
    }


@pytest.fixture(autouse=True)
def documents(town: Town) -> None:
    shelf = DocumentShelf(documents=town.store.knowledge, media=town.media)
    own = town.run.organization_id
    for organization_id, uuid, text in (
        (own, HOURS, "# Opening hours\n\nWe open at nine."),
        (own, PETS, "Dogs wait outside before we open."),
        (own[::-1], THEIRS, "The safe opens with 4711."),
    ):
        shelf.add(organization_id, uuid, name="House rules", text=text, now=system_clock())


def called(query: object) -> list[ModelEvent]:
    return [ToolCall(name="search_documents", call_id="c1", arguments={"query": query})]  # type: ignore[dict-item]


async def talk(town: Town, model: ScriptedModel, *heard: str) -> None:
    engines = make_engines(recogniser=ScriptedRecogniser(*heard), model=model)
    async with town.streamer(engines=engines) as server, dial(server.port, town.path()) as phone:
        await phone.start()
        await hear_greeting(phone)
        for _ in heard:
            await say_and_hear(phone, 1)
        await phone.hang_up()
    await town.until(lambda: town.stored_run.status is RunStatus.COMPLETED)


async def test_a_model_looks_up_what_its_node_names_and_says_it(town: Town) -> None:
    model = ScriptedModel(called("when do you open"), [TextDelta(text="At nine.")])
    await talk(town, model, "When do you open?")
    [tool] = [each for each in model.asked[0].tools if each.name == "search_documents"]
    assert "House rules" in tool.description
    [outcome] = [line for line in model.asked[1].lines if isinstance(line, ToolOutcome)]
    assert outcome.text == "[House rules] Opening hours\nWe open at nine."
    assert [each["status"] for each in town.told(ToolResultEvent)] == ["ok"]


async def test_each_node_has_documents_of_its_own(town: Town) -> None:
    model = ScriptedModel([TextDelta(text="What of it?")], called("open"), [TextDelta(text="It waits.")])
    await talk(town, model, "my dog", "Where does it wait?")
    [outcome] = [line for line in model.asked[-1].lines if isinstance(line, ToolOutcome)]
    assert outcome.text == "[House rules] Dogs wait outside before we open."


async def test_documents_of_others_and_such_as_are_gone_are_searched_by_nobody(town: Town) -> None:
    model = ScriptedModel(called("safe 4711"), [TextDelta(text="I don't know.")])
    await talk(town, model, "What opens the safe?")
    [outcome] = [line for line in model.asked[1].lines if isinstance(line, ToolOutcome)]
    assert "4711" not in outcome.text
    [error] = [each for each in town.told(ErrorEvent) if each["code"] == "tool-not-offered"]
    assert THEIRS in str(error["message"])
    assert GONE in str(error["message"])
    assert error["recoverable"] is True


@pytest.mark.parametrize("query", [7, "", None])
async def test_a_query_that_is_none_is_refused_and_the_model_asked_again(town: Town, query: object) -> None:
    model = ScriptedModel(called(query), [TextDelta(text="Sorry?")], [TextDelta(text="Sorry?")])
    await talk(town, model, "Hm")
    assert {each["status"] for each in town.told(ToolResultEvent)} <= {"refused", "error", "failed"}
