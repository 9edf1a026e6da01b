"""What models really answer, and what the caller hears of it: the same from both engines.

All is answered in one call of each engine, through the real clients of both protocols, but what ends a call.
"""

import asyncio
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, replace

import pytest

from local.models.script import Reply, Rule, Script, Text, Tool, Usage, When, say
from local.models.server import model_services
from offhook.adapters.dynamodb.store import Store
from offhook.adapters.s3.media import S3Media
from offhook.json_types import JsonObject, JsonValue
from offhook.models.requests import StopReason
from offhook.runs.log.projections import transcript
from tests.support.carrier import ScriptedCarrier
from tests.support.fair_time import run_fairly
from tests.support.model_calls import ACCOUNT, BOTH, installed_models, room_with, towns_of
from tests.support.phone import STARTED, dial
from tests.support.town import Town, hear_greeting, say_and_hear

pytestmark = [pytest.mark.timeout(120)]

GREETING = ["Maple Street clinic.", "How can I help you?"]
NUMBERED: list[JsonValue] = [
    {
        "id": f"way{n}",
        "source": "help",
        "target": "other",
        "data": {"label": f"Way {n}", "condition": f"The caller asks for number {n}"},
    }
    for n in range(1, 20)
]
WORKFLOW: JsonObject = {
    "nodes": [
        {
            "id": "help",
            "type": "startCall",
            "data": {"name": "Help", "say": " ".join(GREETING), "prompt": "Help the caller."},
        },
        {"id": "booked", "type": "endCall", "data": {"name": "Booked", "say": "You are booked. Goodbye."}},
        {"id": "other", "type": "endCall", "data": {"name": "Other", "say": "Somebody calls you. Goodbye."}},
    ],
    "edges": [
        {
            "id": "book",
            "source": "help",
            "target": "booked",
            "data": {"label": "Book", "condition": "The caller wants an appointment"},
        },
        *NUMBERED,
    ],
}
"""Twenty ways on, each of which is a tool."""

BOOK = Tool(name="book")
BOOKED, OTHER = ["You are booked.", "Goodbye."], ["Somebody calls you.", "Goodbye."]
FINE = say("That is ", "fine.")


@dataclass(frozen=True, slots=True)
class Case:
    """What a model answers, one reply for each time that it is asked, and what the caller hears of it."""

    replies: tuple[Reply, ...]
    heard: list[str]

    @property
    def ends(self) -> bool:
        return self.heard[-2:] in (BOOKED, OTHER)


def reply(*parts: Text | Tool, stop: StopReason | None = None) -> Reply:
    return Reply(parts=parts, stop=stop, usage=Usage(input_tokens=40, output_tokens=8))


def thinking(text: str) -> Text:
    return Text(text=text, is_reasoning=True)


def spoken(text: str) -> Text:
    return Text(text=text)


LONG = " ".join(["and another word"] * 20)

CASES = {
    "text in pieces": Case((say("We are o", "pen. ", "Come", " in."),), ["We are open.", "Come in."]),
    "a tool": Case((reply(BOOK),), BOOKED),
    "text, then a tool": Case((reply(spoken("One moment"), BOOK),), ["One moment", *BOOKED]),
    "a tool, then text": Case((reply(BOOK, spoken("Let me see.")),), ["Let me see.", *BOOKED]),
    "two tools": Case((reply(BOOK, Tool(name="way_3")),), BOOKED),
    "one of twenty tools": Case((reply(Tool(name="way_17")),), OTHER),
    "a tool in one piece": Case((reply(Tool(name="book", pieces=1)),), BOOKED),
    "a tool's JSON is broken": Case(
        (reply(Tool(name="book", arguments='{"day": "Mon')), FINE), ["That is fine."]
    ),
    "a tool's arguments are no object": Case(
        (reply(Tool(name="book", arguments="[1]")), FINE), ["That is fine."]
    ),
    "a tool without arguments": Case((reply(Tool(name="book", arguments="")),), BOOKED),
    "a tool that there is not": Case((reply(Tool(name="cancel_everything")), FINE), ["That is fine."]),
    "nothing": Case((reply(), FINE), ["That is fine."]),
    "blanks": Case((say(" ", "\n"), FINE), ["That is fine."]),
    "malformed": Case((reply(stop=StopReason.MALFORMED), FINE), ["That is fine."]),
    "cut off in its first sentence": Case(
        (reply(spoken("We are open from"), stop=StopReason.MAX_TOKENS), FINE), ["That is fine."]
    ),
    "cut off later": Case(
        (reply(spoken("We are open. From nine"), stop=StopReason.MAX_TOKENS),), ["We are open."]
    ),
    "a guardrail": Case(
        (reply(spoken("I can't talk about that."), stop=StopReason.GUARDRAIL),), ["I can't talk about that."]
    ),
    "a filter without words": Case((reply(stop=StopReason.REFUSED), FINE), ["That is fine."]),
    "reasoning": Case((reply(thinking("The caller is rude."), spoken("We are open.")),), ["We are open."]),
    "reasoning alone": Case((reply(thinking("Hm.")), FINE), ["That is fine."]),
    "reasoning in the text": Case(
        (say("<thi", "nk>The caller is rude.", " Hm.</th", "ink>\n\nWe are open."),), ["We are open."]
    ),
    "markup": Case(
        (say("**We** are ", "`open`, see [here](https://example.com).  "),), ["We are open, see here."]
    ),
    "a list": Case((say("We have:\n", "- Monday\n", "- Tuesday\n"),), ["We have:\nMonday. Tuesday"]),
    "abbreviations": Case(
        (say("Dr. Smith is in St. James Road at 3.30 p.m. on Monday. Come then."),),
        ["Dr. Smith is in St. James Road at 3.30 p.m. on Monday.", "Come then."],
    ),
    "a sentence without an end": Case((say("We are open"),), ["We are open"]),
    "emoji": Case((say("We are open \U0001f600", "."),), ["We are open."]),
}
TALK = [name for name, case in CASES.items() if not case.ends]
"""What is answered in one call, one after the other; the name of a case is what the caller says."""
ENDS = [name for name, case in CASES.items() if case.ends]


@dataclass(frozen=True, slots=True)
class Outcome:
    """What the agent has said, and how often its model was asked."""

    heard: list[str]
    asked: int


@pytest.fixture(scope="module")
def outcomes(
    store: Store, media: S3Media, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[dict[tuple[str, str], Outcome]]:
    settings: dict[str, JsonObject] = {
        f"{engine}-{n}": {"model": engine, "model_id": f"{engine}-{n}"}
        for engine in BOTH
        for n in range(len(ENDS) + 1)
    }
    with ScriptedCarrier().serving() as carrier:
        towns = towns_of(store, media, carrier, tmp_path_factory.mktemp("replies"), WORKFLOW, settings)
        yield run_fairly(_all_calls(towns))


@pytest.mark.parametrize("engine", BOTH)
@pytest.mark.parametrize("name", CASES)
def test_the_caller_hears(outcomes: dict[tuple[str, str], Outcome], engine: str, name: str) -> None:
    outcome = outcomes[engine, name]
    assert outcome.heard == CASES[name].heard
    assert outcome.asked == len(CASES[name].replies)


def _script() -> Script:
    talk = [(When(heard=f"^{name}$"), name) for name in TALK]
    # The last calls have a model each, in whichever of them the caller says the first of all.
    ends = [(When(model=f"-{n}$"), name) for n, name in enumerate(ENDS, 1)]
    return Script(
        *(
            Rule(when=when.model_copy(update={"model": when.model or f"^{engine}-0$"}), reply=answer, times=1)
            for engine in BOTH
            for when, name in (*ends, *talk)
            for answer in CASES[name].replies
        )
    )


async def _all_calls(towns: dict[str, Town]) -> dict[tuple[str, str], Outcome]:
    script = _script()
    async with model_services(script, account=ACCOUNT) as url, installed_models(url) as models:
        room = room_with(models, *TALK)
        async with next(iter(towns.values())).streamer(room=room) as server, asyncio.TaskGroup() as tasks:
            calls = [tasks.create_task(_calls(engine, server.port, towns)) for engine in BOTH]
    counts = Counter((asked.model, asked.heard) for asked in script.asked)
    return {
        (engine, name): Outcome(heard, counts[f"{engine}-{n}", TALK[number]])
        for engine, call in zip(BOTH, calls, strict=True)
        for n, answers in enumerate(call.result())
        for number, (name, heard) in enumerate(answers)
    }


async def _calls(engine: str, port: int, towns: dict[str, Town]) -> list[list[tuple[str, list[str]]]]:
    """Make one engine's calls, one after the other."""
    calls = [TALK, *([name] for name in ENDS)]
    return [await _call(port, towns[f"{engine}-{n}"], names) for n, names in enumerate(calls)]


async def _call(port: int, town: Town, names: list[str]) -> list[tuple[str, list[str]]]:
    """Have the caller say these, and hear each answer out; return what was said to each."""
    async with dial(port, town.path()) as phone:
        await phone.start(replace(STARTED, session=town.run.telephony.call_id))
        await hear_greeting(phone)
        for name in names:
            await say_and_hear(phone, len(CASES[name].heard))
        await phone.hang_up()
    await town.until(lambda: town.stored_run.status.is_final)
    return list(zip(names, _answers(town), strict=True))


def _answers(town: Town) -> list[list[str]]:
    """Return what the agent has said after each of the caller's lines."""
    answers: list[list[str]] = []
    for line in transcript(town.log):
        if line.speaker == "caller":
            answers.append([])
        elif answers:
            answers[-1].append(line.text)
    return answers
