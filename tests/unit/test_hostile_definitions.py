"""No definition of a tenant, however it is written, holds up the event loop that all calls share."""

import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from functools import partial
from itertools import count
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from offhook.agents.settings import AgentSettings
from offhook.json_types import JsonObject, JsonValue
from offhook.workflows import Phrasebook, TemplateContext, Workflow, render, workflow_problems
from streamer.call import events
from streamer.call.floor import Floor
from streamer.call.machine import Machine

LONGEST_STOP_S = 0.02
MEASURE_S = 0.004
NOW = datetime(2027, 1, 31, tzinfo=UTC)

# Marks of many classes out of order: putting them in order is the square of their number.
MARKS = "".join(chr(code) for code in range(0x0300, 0x036F)) * 2


def definition(*, say: str = "Hello.", phrases: tuple[str, ...] = ("yes",), **data: Any) -> JsonObject:
    edges: list[JsonValue] = [
        {
            "id": f"e{number}",
            "source": "middle",
            "target": "end",
            "data": {"label": phrase, "phrases": [phrase]},
        }
        for number, phrase in enumerate(phrases, 1)
    ]
    first: JsonValue = {
        "id": "e0",
        "source": "start",
        "target": "middle",
        "data": {"label": "go", "phrases": ["go on"]},
    }
    return {
        "nodes": [
            {"id": "start", "type": "startCall", "data": {"name": "Start", "say": "Hello."}},
            {"id": "middle", "type": "agentNode", "data": {"name": "Middle", "say": say, **data}},
            {"id": "end", "type": "endCall", "data": {"name": "End", "say": "Goodbye."}},
        ],
        "edges": [first, *edges],
    }


WORST: dict[str, JsonObject] = {
    "times in many places": definition(
        say="".join(f"{{{{current_time_Area/City{n}}}}}" for n in range(9000))
    ),
    "one time, over and over": definition(say="{{current_time_Europe/Paris}} " * 9000),
    "a letter with many marks": definition(phrases=tuple(f"a{MARKS}"[:200] for _ in range(400))),
    "marks to say": definition(say=f"a{MARKS * 500}"),
    "short sentences": definition(say="A! " * 80_000),
    "no sentence": definition(say="x" * 250_000),
    "abbreviations": definition(say="Dr. St. e.g. " * 19_000),
    "ends": definition(say="." * 250_000),
    "open braces": definition(say="{{" * 125_000),
    "stars": definition(say="*_`~<[#>|" * 27_000),
    "tags": definition(say="<a b=c " * 35_000),
    "entities": definition(say="&amp;&lt;" * 28_000),
    "many phrases": definition(phrases=tuple(f"I would like number {n} of them" for n in range(2500))),
    "phrases in another script": definition(
        phrases=tuple("\u0939\u093f\u0928\u094d\u0926\u0940" * 33 for _ in range(150))
    ),
    "placeholders": definition(
        phrases=("{a}{b}{c}{d}" * 16,) * 50,
        extraction_variables=[{"name": name, "values": ["v" * 200] * 40} for name in "abcd"],
    ),
    "a long prompt": definition(say="", prompt="{{customer.name | friend}} " * 9500),
    "many ways for the model": definition(
        say="", prompt="Help.", phrases=tuple(f"way {n}" for n in range(2500))
    ),
}


@pytest.mark.parametrize("document", WORST.values(), ids=WORST.keys())
def test_no_step_of_a_call_takes_the_loop_for_long(document: JsonObject) -> None:
    workflow = Workflow.model_validate(document)
    phrasebook = Phrasebook(workflow)
    phrasebook.fill()
    # Other processes make one measurement longer, never all; and where they slow the processor down, the measure too.
    limit_s = LONGEST_STOP_S * max(1, spent(measure) / MEASURE_S)
    assert any(max(steps(workflow, phrasebook)) < limit_s for _ in range(5))


def measure() -> None:
    """Do what takes a quiet processor of this decade MEASURE_S."""
    for number in range(100_000):
        number * number


def steps(workflow: Workflow, phrasebook: Phrasebook) -> Iterator[float]:
    """Drive a call into the worst node and through it; yield the CPU seconds of each step."""
    context = TemplateContext(clock=lambda: NOW, initial={"customer": {"name": "Ada" * 5000}})
    machine = Machine(
        workflow=workflow,
        settings=AgentSettings(),
        render=lambda template, gathered: render(template, context),
        phrasebook=phrasebook,
    )
    yield spent(machine.start)
    yield from utterance(machine, "go on")
    yield from utterance(machine, "what do you mean " * 500)
    yield from utterance(machine, "a" + MARKS * 200)
    yield spent(partial(machine.handle, events.CallerGone()))


def utterance(machine: Machine, text: str) -> Iterator[float]:
    """Let the agent finish, and the caller say something."""
    for segment in count(1):
        if machine.floor is not Floor.AGENT or segment > 600:
            break
        yield spent(partial(machine.handle, events.SegmentFailed(segment_id=f"s{segment}")))
    for voiced in (True,) * 30 + (False,) * 60:
        yield spent(partial(machine.hear, voiced))
    yield spent(partial(machine.handle, events.Recognised(text=text)))


def spent(step: Callable[[], object]) -> float:
    start = time.thread_time()
    step()
    return time.thread_time() - start


# Pieces of text that once made a rule, a phrase or a template slow.
TEXTS = st.sampled_from(
    [
        "a",
        "{{",
        "}}",
        "{{a.b | c}}",
        "{{current_time_A/B}}",
        "{day}",
        "Dr. ",
        "<a ",
        "&lt;",
        "*_`",
        "\n- ",
        ". ",
        MARKS[:20],
    ]
)


@pytest.mark.fuzz
@settings(max_examples=settings().max_examples // 10)
@given(
    text=st.lists(TEXTS, min_size=1, max_size=4).map("".join),
    where=st.sampled_from(["say", "phrase", "label", "node", "edge", "key"]),
)
def test_twice_as_much_of_anything_takes_twice_as_long(text: str, where: str) -> None:
    single, double = (hostile(text, where, size) for size in (40_000, 80_000))
    # Twice is linear, four times is the square; small times are mostly noise.
    limit_s = 3 * min(seconds(single) for _ in range(3)) + 0.02
    assert any(seconds(double) < limit_s for _ in range(3))


def hostile(text: str, where: str, size: int) -> JsonObject:
    """Return a definition of about so many bytes, made of this text."""
    times = size // max(len(text.encode()), 40)
    if where == "say":
        return definition(say=text * (size // len(text.encode())))
    if where == "phrase":
        return definition(phrases=tuple(f"{n} {text}"[:200] for n in range(times)), extraction_variables=DAYS)
    made = definition()
    nodes, edges = made["nodes"], made["edges"]
    assert isinstance(nodes, list)
    assert isinstance(edges, list)
    if where == "node":
        nodes += [
            {"id": f"{text}{n}"[:64], "type": "agentNode", "data": {"name": text}} for n in range(times)
        ]
    else:
        fields: dict[str, JsonObject] = {"label": {"label": text}, "edge": {}, "key": {"dtmf": text}}
        edges += [
            {"id": f"x{n}", "source": "middle", "target": "end", "data": fields[where]} for n in range(times)
        ]
    return made


DAYS = [{"name": "day", "values": ["monday", "tuesday"]}]


def seconds(document: JsonObject) -> float:
    """Measure how long it takes to check a definition, and to work out what its nodes say and listen for."""

    def work() -> None:
        workflow_problems(document)
        try:
            workflow = Workflow.model_validate(document)
        except ValidationError:
            return
        Phrasebook(workflow).fill()
        list(steps(workflow, Phrasebook(workflow)))

    return spent(work)
