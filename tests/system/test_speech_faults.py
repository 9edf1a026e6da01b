"""Whatever becomes of Transcribe or Polly, and whenever: the caller is answered, and what was recognised is kept.

All calls are made at once, each with services of its own, through the real SDKs and in real time.
"""

import asyncio
import secrets
from collections.abc import AsyncIterator, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, replace
from enum import StrEnum
from pathlib import Path

import pytest

from local.aws.key_file import KeyFileSecretBox
from local.aws.speech.faults import Fault, Kind, Service
from local.aws.speech.transcribe_stream import Transcribe
from local.aws.speech.words import Word
from offhook.adapters.dynamodb.store import Store
from offhook.adapters.s3.media import S3Media
from offhook.json_types import JsonObject
from offhook.runs.log.projections import transcript
from offhook.runs.model import Run, RunStatus, RunTelephony
from streamer.engine_room import EngineRoom
from streamer.media import mulaw
from streamer.sockets.close_codes import CloseCode
from streamer.speech.polly import PollySynthesiser
from streamer.speech.transcribe import Transport
from streamer.speech.transcribe.recogniser import TranscribeRecogniser
from streamer.speech.voice import WebRtcVoiceDetector
from tests.support.aws_speech import Town as Services
from tests.support.aws_speech import town as services_of
from tests.support.carrier import ScriptedCarrier
from tests.support.cloudonix import add_cloudonix
from tests.support.engines import ScriptedModel, ScriptedSynthesiser, only
from tests.support.fair_time import run_fairly
from tests.support.makers import make_agent, make_run
from tests.support.phone import STARTED, dial
from tests.support.talking import Caller
from tests.support.town import Town

pytestmark = [pytest.mark.timeout(240)]

CLIPS = Path(__file__).parents[2] / "benchmarks/clips"
NO, THURSDAY = ((CLIPS / f"{name}.ulaw").read_bytes() for name in ("confirm", "another"))
"""Human voices, which the service is told to take for the words of the test."""
HALF_BYTES = len(NO) // 320 * 160
MOST_WAITED_MS = 3000
INTO_A_SENTENCE_MS = 400
MS_PER_CHARACTER = 40
# Calls that begin in the same moment would hold each other up, which is no fault of the services.
BETWEEN_CALLS_S = 0.5
WORKFLOW: JsonObject = {
    "nodes": [
        {
            "id": "greet",
            "type": "startCall",
            "data": {
                "name": "Greet",
                "say": "Hello {{customer_name}}. Does Monday suit you, {{customer_name}}?",
            },
        },
        {
            "id": "which_day",
            "type": "agentNode",
            "data": {
                "name": "Which day",
                "say": "Which day would suit you better, {{customer_name}}?",
                "extraction_variables": [{"name": "day", "values": ["tuesday", "thursday"]}],
            },
        },
        {
            "id": "moved",
            "type": "endCall",
            "data": {"name": "Moved", "say": "{{gathered_context.day}} it is.", "disposition": "rescheduled"},
        },
    ],
    "edges": [
        {"id": "no", "source": "greet", "target": "which_day", "data": {"phrases": ["no another day"]}},
        {"id": "day", "source": "which_day", "target": "moved", "data": {"phrases": ["{day}"]}},
    ],
}
"""For those who can only talk; each sentence is a caller's own, so none is kept from another call."""

SETTINGS: JsonObject = {"recogniser": "transcribe", "synthesiser": "polly"}
SECOND: JsonObject = {"second_synthesiser": "embedded"}
FOR_GOOD = 99


class Moment(StrEnum):
    """When it happens."""

    AT_THE_START = "before the first word"
    WHILE_THE_AGENT_SPEAKS = "mid-sentence"
    WHILE_THE_CALLER_SPEAKS = "while the caller speaks"


START, AGENT, CALLER = Moment
KINDS = {
    # A stream or a request that is just being opened can't break off in other ways.
    START: (Kind.THROTTLE, Kind.STALL, Kind.SLOW, Kind.RESET_CONNECTION),
    AGENT: (Kind.UNAVAILABLE, Kind.STALL, Kind.SILENCE, Kind.RESET_CONNECTION),
    CALLER: (Kind.INTERNAL, Kind.STALL, Kind.SILENCE, Kind.END),
}


@dataclass(frozen=True, slots=True)
class Case:
    """One call, and what goes wrong in it; without a second choice for good."""

    service: Service
    kind: Kind
    moment: Moment
    has_second: bool = True

    def __str__(self) -> str:
        return f"{self.service}: {self.kind} {self.moment}"


CASES = [Case(service, kind, moment) for service in Service for moment in Moment for kind in KINDS[moment]]

LOST = [Case(service, Kind.UNAVAILABLE, CALLER, has_second=False) for service in Service]
CUT = frozenset(case for case in CASES if case.service is Service.POLLY and case.moment is AGENT)
"""A sentence of Polly's is whole before it sounds: its request is cut at a point of its audio."""


@dataclass(frozen=True, slots=True)
class Line:
    """A streamer, and the services that it alone asks."""

    services: Services
    port: int


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a call: how long the caller waited for the agent each time, and what there is of it afterwards."""

    waited_ms: list[int]
    has_failed: bool
    close_code: int | None
    run: Run
    caller_lines: list[str]
    agent_lines: list[str]


@pytest.fixture(scope="module")
def outcomes(
    store: Store, media: S3Media, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[dict[Case, Outcome]]:
    folder = tmp_path_factory.mktemp("faults")
    with ScriptedCarrier().serving() as carrier:
        towns = _towns(store, media, carrier, folder)
        yield run_fairly(_all_calls(dict(zip([*CASES, *LOST], towns, strict=True)), folder))


@pytest.mark.parametrize("case", CASES, ids=str)
def test_the_caller_is_answered_and_understood(outcomes: dict[Case, Outcome], case: Case) -> None:
    outcome = outcomes[case]
    assert outcome.has_failed
    assert outcome.caller_lines == ["no another day", "thursday"]
    assert outcome.agent_lines[-1] == "thursday it is."
    assert (outcome.run.status, outcome.run.disposition) == (RunStatus.COMPLETED, "rescheduled")
    assert outcome.close_code == CloseCode.NORMAL
    assert max(outcome.waited_ms) <= MOST_WAITED_MS


@pytest.mark.parametrize("case", LOST, ids=str)
def test_where_nothing_takes_its_place_the_caller_is_told_before_the_call_ends(
    outcomes: dict[Case, Outcome], case: Case
) -> None:
    outcome = outcomes[case]
    assert outcome.has_failed
    assert outcome.agent_lines[-3:] == [
        "I am sorry, something went wrong on our side.",
        "Please try again later.",
        "Goodbye.",
    ]
    assert (outcome.run.status, outcome.run.disposition) == (RunStatus.FAILED, "error")
    assert outcome.close_code == CloseCode.NORMAL
    assert max(outcome.waited_ms) <= MOST_WAITED_MS


async def _all_calls(towns: dict[Case, Town], folder: Path) -> dict[Case, Outcome]:
    async with AsyncExitStack() as stack:
        lines = {case: await stack.enter_async_context(_line(town, folder)) for case, town in towns.items()}
        async with asyncio.TaskGroup() as tasks:
            calls = {
                case: tasks.create_task(_call(case, towns[case], line, number * BETWEEN_CALLS_S))
                for number, (case, line) in enumerate(lines.items())
            }
        return {case: call.result() for case, call in calls.items()}


@asynccontextmanager
async def _line(town: Town, folder: Path) -> AsyncIterator[Line]:
    own = folder / secrets.token_hex(4)
    own.mkdir()
    with ThreadPoolExecutor(8) as threads:
        async with (
            services_of(own, _transcribe(), speak=_tones) as services,
            town.streamer(room=_room(services, threads)) as server,
        ):
            yield Line(services, server.port)


async def _call(case: Case, town: Town, line: Line, after_s: float) -> Outcome:
    await asyncio.sleep(after_s)
    if case.moment is START or case in CUT:
        _spoil(case, line.services)
    async with dial(line.port, town.path()) as phone, asyncio.TaskGroup() as tasks:
        await phone.start(replace(STARTED, session=town.run.telephony.call_id))
        caller = Caller(phone)
        talking = tasks.create_task(caller.run())
        waited_ms = await _converse(case, caller, line.services)
        await caller.until(lambda: False)
        talking.cancel()
        close_code = phone.close_code
        await phone.hang_up()
    await town.until(lambda: town.stored_run.status.is_final)
    said = transcript(town.log)
    return Outcome(
        waited_ms=waited_ms,
        has_failed=_has_failed(case, line),
        close_code=close_code,
        run=town.stored_run,
        caller_lines=[line.text for line in said if line.speaker == "caller"],
        agent_lines=[line.text for line in said if line.speaker == "agent"],
    )


async def _converse(case: Case, caller: Caller, services: Services) -> list[int]:
    if case.moment is AGENT and case not in CUT:
        await caller.until(lambda: caller.has_heard(INTO_A_SENTENCE_MS))
        _spoil(case, services)
    waited_ms = [await caller.hear_out(0)]
    await caller.say(NO[:HALF_BYTES])
    if case.moment is CALLER:
        _spoil(case, services)
    await caller.say(NO[HALF_BYTES:])
    waited_ms.append(await caller.hear_out())
    await caller.say(THURSDAY)
    waited_ms.append(await caller.hear_out())
    return waited_ms


def _spoil(case: Case, services: Services) -> None:
    """Let it happen to Transcribe's stream, or to Polly's requests from now on."""
    faults = services.transcribe.faults
    if case.service is Service.POLLY:
        after_ms = INTO_A_SENTENCE_MS if case in CUT else None
        faults.add(Fault(service=case.service, kind=case.kind, after_ms=after_ms, times=FOR_GOOD))
        return
    if case.moment is START or not case.has_second:
        times = 1 if case.has_second else FOR_GOOD
        faults.add(Fault(service=case.service, kind=case.kind, times=times))
    if case.moment is not START:
        assert faults.strike(Fault(service=case.service, kind=case.kind)) == 1


def _has_failed(case: Case, line: Line) -> bool:
    """Say whether what was to happen has happened; that a stream was struck has been seen."""
    coming = line.services.transcribe.faults.coming
    return coming == 0 if case.service is Service.TRANSCRIBE and case.has_second else coming < FOR_GOOD


def _transcribe() -> Transcribe:
    transcribe = Transcribe()
    for audio, text in ((NO, "no another day"), (THURSDAY, "thursday")):
        words = text.split()
        each_ms = len(audio) // 8 // len(words)
        transcribe.scripts.add(
            mulaw.decode(audio),
            [Word(text=word, start_ms=n * each_ms, end_ms=(n + 1) * each_ms) for n, word in enumerate(words)],
        )
    return transcribe


def _room(services: Services, threads: ThreadPoolExecutor) -> EngineRoom:
    return EngineRoom(
        recognisers={"transcribe": TranscribeRecogniser(services.transcriber(Transport.WEBSOCKET))},
        synthesisers={
            "polly": PollySynthesiser(services.speaker(threads)),
            "embedded": ScriptedSynthesiser(),
        },
        models=only(ScriptedModel()),
        new_detector=WebRtcVoiceDetector,
    )


async def _tones(text: str, _voice: str) -> AsyncIterator[bytes]:
    """Speak each character as its own code."""
    for character in text:
        yield bytes([ord(character) % 256]) * 8 * MS_PER_CHARACTER


def _towns(store: Store, media: S3Media, carrier: ScriptedCarrier, folder: Path) -> list[Town]:
    """Make a run for each case."""
    organization_id = f"org-{secrets.token_hex(6)}"
    box = KeyFileSecretBox(folder / "key")
    configuration = add_cloudonix(
        store.telephony, box, organization_id, domain="acme", bearer_token="secret-token"
    )
    agents = {}
    for has_second in (True, False):
        agent, draft = make_agent(organization_id)
        settings = SETTINGS | SECOND if has_second else SETTINGS
        draft = replace(draft, workflow_definition=WORKFLOW, settings=settings)
        store.agents.create(agent, draft, [])
        agents[has_second] = agent.uuid
    runs = [
        make_run(
            organization_id,
            agent_uuid=agents[case.has_second],
            status=RunStatus.DIALING,
            initial_context={"customer_name": "Ada"},
            telephony=RunTelephony(
                configuration_id=configuration.id,
                caller_number="+15550100",
                called_number="+15550101",
                call_id=f"call-{number}",
            ),
            stream_number=1,
        )
        for number, case in enumerate([*CASES, *LOST])
    ]
    for run in runs:
        store.runs.create(run)
    return [Town(store=store, media=media, carrier=carrier, box=box, run=run) for run in runs]
