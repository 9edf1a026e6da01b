"""Three workflows of Dograh's form, imported as they are, each run to three ends over real audio.

Speech comes from Transcribe and Polly of this machine, words and tools from scripted models, all of it through the unmodified
clients and in real time; all calls are made beside each other.
"""

import asyncio
import json
from collections.abc import AsyncIterator, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pytest

from local.aws.speech.transcribe_stream import Transcribe
from local.models.asked import Asked
from local.models.script import Reply, Rule, Script, Text, Tool, When, say
from local.models.server import model_services
from offhook.adapters.dynamodb.store import Store
from offhook.adapters.s3.media import S3Media
from offhook.json_types import JsonObject
from offhook.runs.log.events import NodeEvent, ToolCallEvent
from offhook.runs.model import Run, RunStatus, RunTelephony
from offhook.settings import Settings
from streamer.engine_room import EngineRoom
from streamer.sockets.close_codes import CloseCode
from streamer.speech.polly import PollySynthesiser
from streamer.speech.transcribe import Transport
from streamer.speech.transcribe.recogniser import TranscribeRecogniser
from streamer.speech.voice import WebRtcVoiceDetector
from tests.support.aws_speech import town as speech_town
from tests.support.fair_time import run_fairly
from tests.support.makers import make_run
from tests.support.model_calls import ACCOUNT, installed_models, lines_of
from tests.support.phone import STARTED, dial
from tests.support.rest import Install, Tenant, started_install
from tests.support.talking import Caller
from tests.support.told_audio import audio_of, teach
from tests.support.tool_server import ToolServer, tool_server
from tests.support.town import Town

pytestmark = [pytest.mark.timeout(240)]

FOLDER = Path(__file__).parents[1] / "support/dograh"
SHAPES = ("booking", "qualification", "support")
BETWEEN_CALLS_S = 0.8
SPEECH: JsonObject = {"recogniser": "transcribe", "synthesiser": "polly", "voice": "Joanna"}
ENGINE = {"booking": "bedrock", "qualification": "openai", "support": "bedrock"}


def when(system: str, heard: str, *parts: Text | Tool | str) -> Rule:
    """Return the rule for a node, by its prompt, and the caller's words."""
    made = tuple(Text(text=part) if isinstance(part, str) else part for part in parts)
    return Rule(when=When(system=system, heard=heard), reply=Reply(parts=made))


def goes(name: str) -> Tool:
    return Tool(name=name)


def last_words(system: str, text: str) -> Rule:
    """Return the rule for an end's own words, whatever was said before."""
    return Rule(when=When(system=system), reply=say(*text.split(" ", 1)[:1], " " + text.split(" ", 1)[1]))


SCRIPTS: dict[str, list[Rule]] = {
    "booking": [
        when("Find out whether", "appointment", goes("wants_to_book")),
        when("Find out whether", "cancel", goes("wants_to_cancel")),
        when("Offer Tuesday", "appointment", "We have Tuesday at nine, ", "or Thursday at four."),
        when("Offer Tuesday", "thursday", goes("slot_agreed")),
        when("Offer Tuesday", "neither", goes("no_slot_suits")),
        when("Ask whether", "cancel my", "Shall I cancel it for sure?"),
        when("Ask whether", "yes", goes("cancel_it")),
        last_words("Repeat the slot", "Thursday at four it is. Goodbye."),
        last_words("somebody will call back", "We will call you back. Goodbye."),
        last_words("is cancelled, and", "It is cancelled. Goodbye."),
        Rule(
            when=When(must_call="note_values", heard="thursday"),
            reply=Reply(parts=(Tool(name="note_values", arguments={"slot": "Thursday at four"}),)),
        ),
    ],
    "qualification": [
        when("good moment to talk", "wrong number", "I am sorry.", goes("wrong_number")),
        when("good moment to talk", "go ahead", goes("good_moment")),
        when("good moment to talk", "no time", goes("bad_moment")),
        when("roof's area", "go ahead", "How large is your roof, and is it yours?"),
        when(
            "roof's area",
            "sixty",
            "Let me see.",
            Tool(name="find_yield", arguments={"area": 60}),
            Tool(name="save_lead", arguments={"area": 60, "owner": True}),
        ),
        Rule(
            when=When(system="roof's area", told="9000"),
            reply=say("That makes nine thousand kilowatt hours. Shall an engineer call you?"),
        ),
        when("roof's area", "yes please", goes("qualified")),
        last_words("an engineer will call", "An engineer will call you. Goodbye."),
        last_words("Apologise", "Sorry for the disturbance. Goodbye."),
        Rule(
            when=When(must_call="note_values", heard="yes please"),
            reply=Reply(parts=(Tool(name="note_values", arguments={"roof_area": 60, "is_owner": True}),)),
        ),
    ],
    "support": [
        when("fault or a bill", "does not work", goes("it_is_a_fault")),
        when("fault or a bill", "my bill", goes("it_is_a_bill")),
        when(
            "restart the router",
            "does not work at all|nothing more",
            "Please restart your router. Does it work now?",
        ),
        when("restart the router", "it works", goes("works_again")),
        when("restart the router", "still", goes("still_broken")),
        when("Explain the bill", "my bill", "It has two months on it. Is that clear?"),
        when("Explain the bill", "i see", goes("understands")),
        last_words("an engineer comes", "An engineer comes tomorrow. Goodbye."),
        last_words("Say goodbye", "Thank you and goodbye."),
    ],
}


@dataclass(frozen=True, slots=True)
class Way:
    """What a caller says, one thing after each turn of the agent, and the nodes that the call goes through for it."""

    shape: str
    says: tuple[str, ...]
    nodes: tuple[str, ...]
    last: str
    gathered: JsonObject = field(default_factory=dict, hash=False)
    tools: tuple[str, ...] = ()

    def __str__(self) -> str:
        return f"{self.shape}: {' / '.join(self.says)}"


WAYS = (
    Way(
        "booking",
        ("i need an appointment", "thursday is good"),
        ("n1", "n2", "n4"),
        "Goodbye.",
        {"slot": "Thursday at four"},
    ),
    Way("booking", ("i need an appointment", "neither of them"), ("n1", "n2", "n5"), "Goodbye."),
    Way("booking", ("i want to cancel my visit", "yes do that"), ("n1", "n3", "n6"), "Goodbye."),
    Way(
        "qualification",
        ("sure go ahead", "sixty square metres and it is mine", "yes please"),
        ("q1", "q2", "q3"),
        "Goodbye.",
        {"roof_area": 60, "is_owner": True},
        ("find_yield", "save_lead"),
    ),
    Way("qualification", ("i have no time",), ("q1", "q4"), "Goodbye."),
    Way("qualification", ("you have the wrong number",), ("q1",), "Goodbye then.", tools=("wrong_number",)),
    Way("support", ("it does not work at all", "now it works"), ("s1", "s2", "s4"), "Thank you and goodbye."),
    Way("support", ("it does not work at all", "it is still dark"), ("s1", "s2", "s5"), "Goodbye."),
    Way("support", ("it is about my bill", "i see"), ("s1", "s3", "s6"), "Thank you and goodbye."),
)


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a call."""

    run: Run
    close_code: int | None
    nodes: tuple[str, ...]
    tools: tuple[str, ...]
    caller_lines: list[str]
    agent_lines: list[str]


@dataclass(frozen=True, slots=True)
class Evening:
    """All calls, what the models were asked meanwhile, and what the HTTP tools were asked."""

    outcomes: dict[Way, Outcome]
    asked: list[Asked]
    unanswered: list[Asked]
    tools: ToolServer
    documents: dict[str, tuple[Any, Any]]
    """Of each shape as it was sent, and as it is kept."""


@pytest.fixture(scope="module")
def evening(
    store: Store, media: S3Media, storage_settings: Settings, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Evening]:
    folder = tmp_path_factory.mktemp("shapes")
    has_all = replace(storage_settings, models="embedded,bedrock,openai", llm_url="http://127.0.0.1/v1")
    with (
        started_install(
            store, media, replace(has_all, recognisers="transcribe", synthesisers="polly"), folder
        ) as install,
        tool_server(lambda _: (200, {"kwh": 9000})) as tools,
    ):
        tenant = install.new_tenant("dograh")
        imported = {shape: _imported(install, tenant, shape, tools.url) for shape in SHAPES}
        towns = {way: _town(install, tenant, imported[way.shape][1], way) for way in WAYS}
        documents = {shape: (sent, kept["workflow_definition"]) for shape, (sent, kept) in imported.items()}
        yield run_fairly(_all_calls(towns, folder, tools, documents))


@pytest.mark.parametrize("way", WAYS, ids=str)
def test_a_call_comes_to_this_end(evening: Evening, way: Way) -> None:
    outcome = evening.outcomes[way]
    assert outcome.caller_lines == list(way.says)
    assert outcome.nodes == way.nodes
    assert outcome.agent_lines[-1] == way.last
    assert outcome.tools == way.tools
    assert way.gathered.items() <= outcome.run.gathered_context.items()
    assert outcome.run.status is RunStatus.COMPLETED
    assert outcome.close_code == CloseCode.NORMAL


def test_the_models_were_asked_nothing_that_they_had_no_answer_to(evening: Evening) -> None:
    assert [(asked.system, asked.heard, asked.told) for asked in evening.unanswered] == []
    assert {asked.protocol for asked in evening.asked} == {"converse", "chat-completions"}


@pytest.mark.parametrize("shape", SHAPES)
def test_the_document_is_kept_as_it_was(evening: Evening, shape: str) -> None:
    sent, kept = evening.documents[shape]
    assert kept == sent


def test_what_is_said_on_the_way_is_said_before_the_next_node(evening: Evening) -> None:
    agreed, fault = evening.outcomes[WAYS[0]], evening.outcomes[WAYS[6]]
    assert "One moment please." in agreed.agent_lines
    assert fault.agent_lines[2] == "Let me help you with that."


def test_the_global_node_is_told_to_those_nodes_that_want_it(evening: Evening) -> None:
    rules = "never promise a refund"
    prompts = {asked.system for asked in evening.asked if "router" in asked.system or "bill" in asked.system}
    assert {rules in prompt for prompt in prompts if "Explain the bill" in prompt} == {False}
    assert {rules in prompt for prompt in prompts if "Explain the bill" not in prompt} == {True}


def test_tools_of_one_reply_are_all_called_with_what_the_model_gave(evening: Evening) -> None:
    asked = {request.path.partition("?")[0]: request for request in evening.tools.asked}
    assert set(asked) == {"/yield", "/leads"}
    assert asked["/leads"].document == {"area": 60, "owner": True}


async def _all_calls(
    towns: dict[Way, Town], folder: Path, tools: ToolServer, documents: dict[str, tuple[Any, Any]]
) -> Evening:
    script = Script(*(rule for rules in SCRIPTS.values() for rule in rules))
    transcribe = Transcribe()
    teach(transcribe, *{text for way in WAYS for text in way.says})
    with ThreadPoolExecutor(16) as threads:
        async with (
            model_services(script, account=ACCOUNT) as url,
            speech_town(folder, transcribe, speak=_tones) as speech,
        ):
            # Nine callers at a time are more than the account of one small install has.
            speech.polly.requests_per_second = dict.fromkeys(speech.polly.requests_per_second, 100)
            async with installed_models(url) as models:
                room = EngineRoom(
                    recognisers={"transcribe": TranscribeRecogniser(speech.transcriber(Transport.WEBSOCKET))},
                    synthesisers={"polly": PollySynthesiser(speech.speaker(threads))},
                    models=models,
                    new_detector=WebRtcVoiceDetector,
                )
                async with (
                    next(iter(towns.values())).streamer(room=room) as server,
                    asyncio.TaskGroup() as tasks,
                ):
                    calls = {
                        way: tasks.create_task(_call(way, town, server.port, number * BETWEEN_CALLS_S))
                        for number, (way, town) in enumerate(towns.items())
                    }
    return Evening(
        outcomes={way: call.result() for way, call in calls.items()},
        asked=list(script.asked),
        unanswered=list(script.unanswered),
        tools=tools,
        documents=documents,
    )


async def _call(way: Way, town: Town, port: int, after_s: float) -> Outcome:
    await asyncio.sleep(after_s)
    async with dial(port, town.path()) as phone, asyncio.TaskGroup() as tasks:
        await phone.start(replace(STARTED, session=town.run.telephony.call_id))
        caller = Caller(phone)
        talking = tasks.create_task(caller.run())
        await caller.hear_out(0)
        for text in way.says:
            await caller.say(audio_of(text))
            await caller.hear_out()
        await caller.until(lambda: False)
        talking.cancel()
        close_code = phone.close_code
        await phone.hang_up()
    await town.until(lambda: town.stored_run.status.is_final)
    return Outcome(
        run=town.stored_run,
        close_code=close_code,
        nodes=tuple(str(data["to"]) for data in town.told(NodeEvent)),
        tools=tuple(sorted(str(data["name"]) for data in town.told(ToolCallEvent))),
        caller_lines=lines_of(town, "caller"),
        agent_lines=lines_of(town, "agent"),
    )


async def _tones(text: str, _voice: str) -> AsyncIterator[bytes]:
    """Speak each character as 20 ms of its own code."""
    for character in text:
        yield bytes([ord(character) % 256]) * 160


def _imported(install: Install, tenant: Tenant, shape: str, tools_url: str) -> tuple[Any, JsonObject]:
    """Make an agent of the document, with the tools that it names, and publish it; return that, and the agent as it is kept."""
    text = (FOLDER / f"{shape}.json").read_text()
    for name, tool in _tools(tools_url).items():
        if name in text:
            text = text.replace(name, _post(install, tenant, "tools", tool)["uuid"])
    document = json.loads(text)
    settings = SPEECH | {"model": ENGINE[shape], "model_id": "scripted"}
    body = {"name": shape, "workflow_definition": document, "settings": settings}
    agent = _post(install, tenant, "agents", body)
    _post(install, tenant, f"agents/{agent['uuid']}/publish", {})
    path = f"/api/v1/agents/{agent['uuid']}/versions/1"
    return document, agent | install.http.get(path, headers=tenant.headers).json()


def _tools(url: str) -> dict[str, dict[str, Any]]:
    """Return the tools by what stands in the documents for their UUIDs."""
    area = {"name": "area", "type": "number", "description": "in square metres", "required": True}
    owner = {"name": "owner", "type": "boolean", "required": True}
    lookup = {"method": "GET", "url": f"{url}/yield", "parameters": [area]}
    saving = {"method": "POST", "url": f"{url}/leads", "parameters": [area, owner]}
    return {
        "TOOL_YIELD": _tool("find_yield", "http_api", lookup),
        "TOOL_SAVE": _tool("save_lead", "http_api", saving),
        "TOOL_WRONG_NUMBER": _tool("wrong_number", "end_call", {"message": "Goodbye then."}),
    }


def _tool(name: str, category: str, definition: dict[str, Any]) -> dict[str, Any]:
    return {"name": name, "description": "A tool.", "category": category, "definition": definition}


def _post(install: Install, tenant: Tenant, path: str, body: dict[str, Any]) -> dict[str, Any]:
    reply = install.http.post(f"/api/v1/{path}", json=body, headers=tenant.headers)
    assert reply.is_success, reply.text
    made: dict[str, Any] = reply.json()
    return made


def _town(install: Install, tenant: Tenant, agent: JsonObject, way: Way) -> Town:
    run = make_run(
        tenant.organization_id,
        agent_uuid=str(agent["uuid"]),
        status=RunStatus.DIALING,
        initial_context={"customer": {"first_name": "Ada"}},
        telephony=RunTelephony(
            configuration_id=tenant.configuration_id,
            caller_number="+12025550100",
            called_number="+15550101",
            call_id=f"dograh-{WAYS.index(way)}",
        ),
        stream_number=1,
    )
    install.store.runs.create(run)
    return Town(
        store=install.store,
        media=install.ports.media,  # type: ignore[arg-type]
        carrier=install.carrier,
        box=install.ports.secret_box,  # type: ignore[arg-type]
        run=run,
    )
