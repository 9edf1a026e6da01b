"""The public form of a run: what the API answers, and what a callback carries."""

from typing import Any

from pydantic import BaseModel, ConfigDict, Field, RootModel

from offhook.documents import examples, parts_of
from offhook.instants import Instant
from offhook.json_types import JsonObject
from offhook.runs.delivery_document import RunDeliveryDocument
from offhook.runs.log.events import EnginePart, EngineUse
from offhook.runs.log.projections import STAGES, engines_document
from offhook.runs.model import WEB, Direction, PromiseStatus, ReviewStatus, Run, RunStatus
from offhook.runs.ports import LINK_SECONDS, MediaStore
from offhook.telephony.providers import PROVIDERS

EXAMPLE_RUN: JsonObject = {
    "id": 373205151490048,
    "workflow_run_id": 373205151490048,
    "name": "WR-API-7823",
    "session_id": "sess_373205151490048",
    "agent_uuid": "0b0f9f5e-6e8a-4b43-9f0f-0a3f0a2f7d11",
    "version": 1,
    "status": "completed",
    "direction": "outbound",
    "mode": "cloudonix",
    "disposition": "confirmed",
    "end_reason": "end_call",
    "answered_by": "person",
    "created_at": "2026-11-20T10:00:00.000Z",
    "scheduled_at": None,
    "promise": {
        "at": "2026-11-21T15:30:00.000Z",
        "reason": "She has her calendar at hand then.",
        "status": "kept",
        "workflow_run_id": 373208862056448,
        "failure": None,
    },
    "promised_in": None,
    "started_at": "2026-11-20T10:00:00.000Z",
    "answered_at": "2026-11-20T10:00:06.120Z",
    "ended_at": "2026-11-20T10:00:41.480Z",
    "initial_context": {"customer_name": "Jane", "called_number": "+14155550100"},
    "gathered_context": {"day": "tuesday"},
    "logs": {},
    "recording_url": "https://media.example.com/recording.wav?X-Amz-Signature=…",
    "transcript_url": "https://media.example.com/transcript.json?X-Amz-Signature=…",
    "usage_info": {
        "call_duration_seconds": 35.4,
        "llm": {
            "input_tokens": 1840,
            "output_tokens": 96,
            "cached_tokens": 3072,
            "cache_write_tokens": 0,
            "total_tokens": 5008,
        },
        "engines": engines_document(
            [
                EngineUse(part=EnginePart.RECOGNISER, engine="transcribe", stream=1, seconds=35.4),
                EngineUse(part=EnginePart.SYNTHESISER, engine="polly-neural", characters=214),
                EngineUse(
                    part=EnginePart.MODEL,
                    engine="amazon.nova-lite-v1:0",
                    input_tokens=1840,
                    output_tokens=96,
                    cached_tokens=3072,
                ),
            ]
        ),
        "stt_seconds": 35.4,
        "tts_characters": 214,
        "tts_spoken_characters": 187,
    },
    "cost_info": {
        "total_usd": 0.018413,
        "stt_usd": 0.01416,
        "llm_usd": 0.000180,
        "tts_usd": 0.003424,
        "infrastructure_usd": 0.000649,
        "unpriced": [],
        "price_list": "aws-us-east-1-2026-11-28",
    },
    "latency": {
        "turns": 3,
        "p50_ms": 420,
        "p95_ms": 610,
        "max_ms": 610,
        "slowest_stage": "endpointing",
        "endpointing_p50_ms": 220,
        "endpointing_p95_ms": 500,
        "recognition_p50_ms": 90,
        "recognition_p95_ms": 140,
        "model_p50_ms": 0,
        "model_p95_ms": 0,
        "waiting_p50_ms": 0,
        "waiting_p95_ms": 4,
        "synthesis_p50_ms": 80,
        "synthesis_p95_ms": 95,
        "playout_p50_ms": 1,
        "playout_p95_ms": 1,
    },
    "failure": None,
    "telephony": {
        "configuration_id": "5d0c3f0e-4a52-4a43-8a6c-5f5f0d6f0a77",
        "caller_number": "+14155550199",
        "called_number": "+14155550100",
        "call_id": "sess-0f3b",
    },
    "campaign_id": None,
    "callback": {
        "status": "delivered",
        "attempts": 1,
        "last_attempt_at": "2026-11-20T10:00:42.310Z",
        "answer": "200",
    },
    "webhooks": [
        {
            "node_id": "n6",
            "status": "delivered",
            "attempts": 1,
            "last_attempt_at": "2026-11-20T10:00:42.580Z",
            "answer": "204",
        }
    ],
    "review": {"status": "done", "attempts": 1, "last_attempt_at": "2026-11-20T10:00:42.010Z"},
    "annotations": {
        "qa_n9": {
            "name": "Quality",
            "summary": "Jane moved her appointment to Tuesday. The agent confirmed it.",
            "score": 9,
            "sentiment": "positive",
            "tags": [],
            "criteria": [{"name": "Confirms the day", "result": True, "reason": "“On Tuesday then.”"}],
            "model": "global.amazon.nova-2-lite-v1:0",
            "token_usage": {"input_tokens": 812, "output_tokens": 96},
            "cost_usd": 0.000484,
            "judged_at": "2026-11-20T10:00:42.010000+00:00",
        }
    },
}


class Mode(RootModel[str]):
    """How the audio reaches us."""

    model_config = ConfigDict(json_schema_extra={"enum": [*PROVIDERS, WEB]})


class RunFailureDocument(BaseModel):
    """Why a run failed."""

    code: str
    message: str


class RunTelephonyDocument(BaseModel):
    """The carrier's side of a run."""

    configuration_id: str | None
    caller_number: str | None
    called_number: str | None
    call_id: str | None


class RunReviewDocument(BaseModel):
    """How far a language model's look back at the call is; what it found is in the run's `annotations`."""

    status: ReviewStatus
    attempts: int
    last_attempt_at: Instant | None


class RunPromiseDocument(BaseModel):
    """A call-back that the agent has promised in the call."""

    at: Instant | None = Field(description="When; null where nobody can tell.")
    reason: str = Field(description="What for, in a few words.")
    status: PromiseStatus = Field(description="`kept` once its call is ordered.")
    workflow_run_id: int | None = Field(validation_alias="run_id", description="The run of its call.")
    failure: str | None = Field(description="The code of why there will be no call.")


class RunWebhookDocument(RunDeliveryDocument):
    """How far the delivery of the finished run by a `webhook` node is."""

    node_id: str


class TokensDocument(BaseModel):
    """Tokens of language models: billed."""

    input_tokens: int = Field(description="Of the prompts, without those that a cache had or was given.")
    output_tokens: int
    cached_tokens: int = Field(default=0, description="Of the prompts, read from a cache.")
    cache_write_tokens: int = Field(default=0, description="Of the prompts, written to a cache.")
    total_tokens: int


class EngineUseDocument(BaseModel):
    """What one engine has done, as it is billed; 0 for what it does not do."""

    part: str = Field(description="`recogniser`, `synthesiser` or `model`.")
    engine: str = Field(description="By its name in the price list, such as `polly-neural`.")
    streams: int = Field(description="Streams that were recognised: each is billed by itself.")
    seconds: float = Field(description="Seconds of audio that it was given.")
    characters: int = Field(description="Characters that it was given.")
    input_tokens: int
    output_tokens: int
    cached_tokens: int = 0
    cache_write_tokens: int = 0


class CostDocument(BaseModel):
    """What the run has cost, in USD, by the prices of the list's day and region."""

    total_usd: float = Field(description="All parts whose price is known.")
    stt_usd: float | None = Field(default=None, description="Recognisers; null where one has no price.")
    llm_usd: float | None = Field(default=None, description="Language models, likewise.")
    tts_usd: float | None = Field(default=None, description="Synthesisers, likewise.")
    infrastructure_usd: float | None = Field(default=None, description="What the streamer runs on, likewise.")
    unpriced: list[str] = Field(default=[], description="Engines that the price list does not know.")
    price_list: str | None = Field(default=None, description="The price list, by its region and day.")


class UsageDocument(BaseModel):
    """What the run has used; `cost_info` prices what is billed, and the transcript has what was spoken."""

    call_duration_seconds: float = Field(
        description="Seconds from the call's first audio to its end, with pauses and transfers: billed as infrastructure."
    )
    llm: TokensDocument
    engines: list[EngineUseDocument] | None = Field(
        default=None, description="The same by engine; null for runs of before this was counted."
    )
    stt_seconds: float = Field(description="Seconds of audio that the recogniser was given: billed.")
    tts_characters: int = Field(
        description="Characters that the synthesiser was given: billed, also for what the caller never came to hear."
    )
    tts_spoken_characters: int | None = Field(
        default=None,
        description="Characters that the caller heard: not billed. Sentences that were kept from earlier calls count here "
        "and were not synthesised again; null for runs of before this was counted.",
    )


class LatencyDocument(BaseModel):
    """How long the caller waited for answers, from their last sound to the agent's first, and for what.

    A stage is null where it was not measured; `p50` and `p95` of the stages are of different turns, so don't add them up.
    The log's `metrics` events have each turn's.
    """

    turns: int = Field(description="Turns of the caller that were answered.")
    p50_ms: int | None = Field(default=None, description="The median of all answers.")
    p95_ms: int | None = None
    max_ms: int | None = None
    slowest_stage: str | None = Field(
        default=None, description=f"What took the longest in all: {', '.join(STAGES)}."
    )
    endpointing_p50_ms: int | None = Field(default=None, description="Until the turn was found to be over.")
    recognition_p50_ms: int | None = Field(
        default=None, description="From there until the words were stable."
    )
    model_p50_ms: int | None = Field(
        default=None, description="From there until the first sentence of the reply was known."
    )
    waiting_p50_ms: int | None = Field(
        default=None,
        description="From there until a thread, and the shared rate, were free for the synthesiser.",
    )
    synthesis_p50_ms: int | None = Field(default=None, description="From there until its first audio.")
    playout_p50_ms: int | None = Field(
        default=None, description="From there until the first chunk was written to the carrier."
    )
    endpointing_p95_ms: int | None = None
    recognition_p95_ms: int | None = None
    model_p95_ms: int | None = None
    waiting_p95_ms: int | None = None
    synthesis_p95_ms: int | None = None
    playout_p95_ms: int | None = None


class RunDocument(BaseModel):
    """A run. Instants are ISO 8601 in UTC; the two links open for 15 minutes."""

    id: int
    workflow_run_id: int
    name: str
    session_id: str
    agent_uuid: str
    version: int
    status: RunStatus
    direction: Direction
    mode: Mode
    disposition: str | None
    end_reason: str | None
    answered_by: str | None = Field(
        default=None,
        description="Who took an outbound call: person, voicemail, screening, menu or not_in_service. The latest, where "
        "it was several; null when that was not told apart.",
    )
    created_at: Instant
    scheduled_at: Instant | None = Field(
        default=None, description="When it was to be dialled; null where that was at once."
    )
    promise: RunPromiseDocument | None = Field(
        default=None, description="The call-back that was promised in it; null where none was."
    )
    promised_in: int | None = Field(
        default=None, description="The run in which this call was promised; null for any other."
    )
    started_at: Instant | None
    answered_at: Instant | None
    ended_at: Instant | None
    initial_context: dict[str, Any]
    gathered_context: dict[str, Any]
    logs: dict[str, Any] = Field(description="What the carrier announced of an incoming call.")
    recording_url: str | None
    transcript_url: str | None
    usage_info: UsageDocument | None
    cost_info: CostDocument | None
    latency: LatencyDocument | None
    failure: RunFailureDocument | None
    telephony: RunTelephonyDocument
    campaign_id: str | None = Field(default=None, description="The campaign whose call it was.")
    callback: RunDeliveryDocument | None = Field(description="The delivery to the run's `callback_url`.")
    webhooks: list[RunWebhookDocument] = Field(
        default=[], description="The deliveries by the workflow's `webhook` nodes; empty in lists."
    )
    review: RunReviewDocument | None = Field(
        default=None,
        description="The quality checks and the choice of a disposition; null in lists, and without any.",
    )
    annotations: dict[str, Any] = Field(
        default={},
        description="What the review has found: `qa_<node id>` for each check, and `disposition`; empty in lists.",
    )

    model_config = examples(EXAMPLE_RUN)


def run_document(run: Run, media: MediaStore) -> RunDocument:
    """Show a run, with fresh links; what has the same name in both is taken over."""
    shown = parts_of(run) | {
        "workflow_run_id": run.id,
        "session_id": run.session_id,
        "recording_url": recording_url(run, media),
        "transcript_url": transcript_url(run, media),
        "usage_info": run.usage,
        "cost_info": run.cost,
        "failure": run.error,
        "campaign_id": None if run.campaign is None else run.campaign.campaign_id,
    }
    return RunDocument.model_validate(shown, from_attributes=True)


def recording_url(run: Run, media: MediaStore) -> str | None:
    """Return a fresh link to the recording; None where there is none."""
    if run.recording_key is None:
        return None
    return media.link(run.recording_key, seconds=LINK_SECONDS, download_name=f"{run.name}.wav")


def transcript_url(run: Run, media: MediaStore) -> str | None:
    """Return a fresh link to the transcript; None where there is none."""
    if run.transcript_key is None:
        return None
    return media.link(run.transcript_key, seconds=LINK_SECONDS, download_name=f"{run.name}.json")
