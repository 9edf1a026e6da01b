"""Whatever becomes of a language model, and whenever: the caller hears something sensible within three seconds, and the call goes on.

All calls are made beside each other, through the real clients of both protocols and in real time.
"""

import asyncio
from collections.abc import Iterator
from dataclasses import dataclass, replace

import pytest

from local.models.script import Fault, Kind, Moment, Reply, Rule, Script, Text, Tool, When, say
from local.models.server import model_services
from offhook.adapters.dynamodb.store import Store
from offhook.adapters.s3.media import S3Media
from offhook.agents.settings import AgentSettings
from offhook.json_types import JsonObject
from offhook.runs.log.events import ErrorEvent
from offhook.runs.model import Run, RunStatus
from streamer.sockets.close_codes import CloseCode
from tests.support.carrier import ScriptedCarrier
from tests.support.engines import SILENCE, VOICE
from tests.support.fair_time import run_fairly
from tests.support.model_calls import ACCOUNT, BOTH, installed_models, lines_of, room_with, towns_of
from tests.support.phone import STARTED, dial
from tests.support.talking import Caller
from tests.support.town import Town

pytestmark = [pytest.mark.timeout(240)]

MOST_WAITED_MS = 3000
# Calls that begin in the same moment would hold each other up, which is no fault of the models.
BETWEEN_CALLS_S = 0.8
WORKFLOW: JsonObject = {
    "nodes": [
        {
            "id": "help",
            "type": "startCall",
            "data": {"name": "Help", "say": "Maple Street clinic.", "prompt": "Help the caller."},
        },
        {
            "id": "booked",
            "type": "endCall",
            "data": {"name": "Booked", "say": "You are booked.", "disposition": "booked"},
        },
    ],
    "edges": [
        {
            "id": "book",
            "source": "help",
            "target": "booked",
            "data": {"label": "Book", "condition": "The caller wants an appointment"},
        }
    ],
}
OPEN, BOOK = "are you open", "book me in please"
GOING_ON = "said nothing more"
SPEECH = VOICE * 30 + SILENCE
# Its first sentence is read, and begun, before anything else comes.
LOOKING = Reply(
    parts=(
        Text(text="Let me see. We "),
        Text(text="are ", after_ms=300),
        Text(text="open."),
        Tool(name="book"),
    )
)
FAULTS = (
    Fault(kind=Kind.THROTTLED),
    Fault(kind=Kind.STALL),
    Fault(kind=Kind.CUT),
    Fault(kind=Kind.DRIP, moment=Moment.AFTER_HEADERS),
    Fault(kind=Kind.INTERNAL, moment=Moment.IN_TEXT),
    Fault(kind=Kind.STALL, moment=Moment.IN_TEXT),
    Fault(kind=Kind.GARBAGE, moment=Moment.IN_TOOL),
    Fault(kind=Kind.END, moment=Moment.BEFORE_END),
)
# Its last sentence is said, unless that and the fault are read together.
_ALL_BUT_ITS_END = [
    ["Let me see.", "We are open.", "Yes, we are open."],
    ["Let me see.", "Yes, we are open."],
]
ANSWERS = {
    Moment.BEFORE_HEADERS: [["Yes, we are open."]],
    Moment.AFTER_HEADERS: [["Yes, we are open."]],
    Moment.IN_TEXT: [["Let me see."]],
    Moment.IN_TOOL: _ALL_BUT_ITS_END,
    Moment.BEFORE_END: _ALL_BUT_ITS_END,
}
"""What the caller hears of the one and of the other: a sentence that was said is not said again."""


@dataclass(frozen=True, slots=True)
class Case:
    """One call, and what befalls the first model of its agent; without a second one only its first answer."""

    engine: str
    fault: Fault
    has_second: bool = True

    def __str__(self) -> str:
        return f"{self.engine}: {self.fault.kind} {self.fault.moment}"

    @property
    def other(self) -> str:
        return next(engine for engine in BOTH if engine != self.engine)


CASES = [Case(engine, fault) for engine in BOTH for fault in FAULTS]
ALONE = [Case(engine, Fault(kind=Kind.UNAVAILABLE), has_second=False) for engine in BOTH]


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a call: how long the caller waited each time, and what there is of it afterwards."""

    waited_ms: list[int]
    failures: int
    close_code: int | None
    run: Run
    agent_lines: list[str]
    stumbles: list[str]

    def answers(self, fault: Fault) -> list[list[str]]:
        """Return what may have been said: of a model that a busy machine held up before its first word, nothing was."""
        was_held_up = fault.kind is not Kind.STALL and self.stumbles[:1] == ["model-timeout"]
        return ANSWERS[Moment.BEFORE_HEADERS if was_held_up else fault.moment]


@pytest.fixture(scope="module")
def outcomes(
    store: Store, media: S3Media, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[dict[Case, Outcome]]:
    cases = [*CASES, *ALONE]
    settings = {str(number): _settings(case, number) for number, case in enumerate(cases)}
    with ScriptedCarrier().serving() as carrier:
        towns = towns_of(store, media, carrier, tmp_path_factory.mktemp("faults"), WORKFLOW, settings)
        yield run_fairly(_all_calls(dict(zip(cases, towns.values(), strict=True))))


@pytest.mark.parametrize("case", CASES, ids=str)
def test_the_caller_is_answered_by_the_second_model(outcomes: dict[Case, Outcome], case: Case) -> None:
    outcome = outcomes[case]
    assert outcome.failures >= 1
    assert outcome.agent_lines[1:-1] in outcome.answers(case.fault)
    assert outcome.agent_lines[-1] == "You are booked."
    assert (outcome.run.status, outcome.run.disposition) == (RunStatus.COMPLETED, "booked")
    assert outcome.close_code == CloseCode.NORMAL
    assert max(outcome.waited_ms) <= MOST_WAITED_MS


@pytest.mark.parametrize("case", ALONE, ids=str)
def test_where_there_is_no_second_model_the_caller_is_told_and_the_call_goes_on(
    outcomes: dict[Case, Outcome], case: Case
) -> None:
    outcome = outcomes[case]
    assert outcome.failures >= 2
    assert " ".join(outcome.agent_lines[1:-1]) == AgentSettings().no_answer
    assert outcome.agent_lines[-1] == "You are booked."
    assert (outcome.run.status, outcome.run.disposition) == (RunStatus.COMPLETED, "booked")
    assert max(outcome.waited_ms) <= MOST_WAITED_MS


def _settings(case: Case, number: int) -> JsonObject:
    first: JsonObject = {"model": case.engine, "model_id": f"first-{number}"}
    second: JsonObject = {"second_model": case.other, "second_model_id": "second"}
    return first | second if case.has_second else first


def _rules() -> Iterator[Rule]:
    for number, case in enumerate([*CASES, *ALONE]):
        heard = None if case.has_second else OPEN
        reply = LOOKING.model_copy(update={"fault": case.fault})
        yield Rule(when=When(model=f"^first-{number}$", heard=heard), reply=reply)
    yield Rule(when=When(heard=BOOK), reply=Reply(parts=(Tool(name="book"),)))
    # Where the first had begun to speak, the second one is asked to go on.
    yield Rule(when=When(model="^second$", heard=f"{OPEN}|{GOING_ON}"), reply=say("Yes, we are ", "open."))


async def _all_calls(towns: dict[Case, Town]) -> dict[Case, Outcome]:
    script = Script(*_rules())
    async with model_services(script, account=ACCOUNT) as url, installed_models(url) as models:
        room = room_with(models, OPEN, BOOK)
        async with next(iter(towns.values())).streamer(room=room) as server, asyncio.TaskGroup() as tasks:
            calls = {
                case: tasks.create_task(_call(town, server.port, number, script))
                for number, (case, town) in enumerate(towns.items())
            }
    return {case: call.result() for case, call in calls.items()}


async def _call(town: Town, port: int, number: int, script: Script) -> Outcome:
    await asyncio.sleep(number * BETWEEN_CALLS_S)
    async with dial(port, town.path()) as phone, asyncio.TaskGroup() as tasks:
        await phone.start(replace(STARTED, session=town.run.telephony.call_id))
        caller = Caller(phone)
        talking = tasks.create_task(caller.run())
        waited_ms = [await caller.hear_out(0)]
        for _ in (OPEN, BOOK):
            await caller.say(SPEECH)
            waited_ms.append(await caller.hear_out())
        await caller.until(lambda: False)
        talking.cancel()
        close_code = phone.close_code
        await phone.hang_up()
    await town.until(lambda: town.stored_run.status.is_final)
    return Outcome(
        waited_ms=waited_ms,
        failures=sum(asked.model == f"first-{number}" for asked in script.asked),
        close_code=close_code,
        run=town.stored_run,
        agent_lines=lines_of(town, "agent"),
        stumbles=[str(data["code"]) for data in town.told(ErrorEvent)],
    )
