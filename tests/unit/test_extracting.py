"""Extracting: the model is asked for one function, and whatever it does becomes values or a note."""

from offhook.errors import EngineError
from offhook.models.ports import ModelChoice
from offhook.models.requests import ChatLine, TextDelta, ToolCall
from offhook.workflows import Variable
from streamer.call.commands import Extract
from streamer.call.events import Extracted
from streamer.conductor.extracting import Extracting
from streamer.speech.thinker import Thinker
from tests.support.engines import ScriptedModel

ORDER = Extract(
    node_id="desk",
    system="Note values.",
    lines=(ChatLine(from_caller=True, text="I am Ann"),),
    variables=(Variable(name="name"),),
)


async def found_by(model: ScriptedModel, engine: str = "m") -> Extracted:
    told: list[Extracted] = []
    choices = (ModelChoice(engine=engine, model=model),)
    await Extracting(Thinker(choices), choices, on_found=told.append).extract(ORDER)
    (found,) = told
    return found


async def test_the_model_must_call_the_function_that_takes_the_values() -> None:
    model = ScriptedModel([ToolCall(name="note_values", arguments={"name": "Ann"})])
    found = await found_by(model)
    assert found == Extracted(node_id="desk", values={"name": "Ann"})
    (request,) = model.asked
    assert request.must_call == "note_values"
    assert [tool.name for tool in request.tools] == ["note_values"]


async def test_a_model_that_talks_instead_or_fails_gives_a_note() -> None:
    talk, broken = [TextDelta(text="Ann.")], [EngineError("It broke.", engine="m")]
    for script in (talk, broken):
        found = await found_by(ScriptedModel(*[script] * 4))
        assert (found.values, len(found.faults)) == ({}, 1)


async def test_the_embedded_model_is_not_asked() -> None:
    model = ScriptedModel()
    found = await found_by(model, engine="embedded")
    assert model.asked == []
    assert "embedded" in found.faults[0]
