"""What each turn of a call took and cost, as its log tells: how long the reply was waited for, and what engines did."""

from collections.abc import Iterable

from pydantic import BaseModel, Field

from offhook.documents import examples
from offhook.json_types import JsonObject
from offhook.runs.document import CostDocument, EngineUseDocument
from offhook.runs.ending.prices import PriceList, cost
from offhook.runs.log.entry import LogEntry
from offhook.runs.log.events import MetricsEvent, UsageEvent
from offhook.runs.log.projections import STAGES, engines_document, slowest_stage
from offhook.runs.log.spending import Spending

EXAMPLE_TURN: JsonObject = {
    "turn": 2,
    "voice_to_voice_ms": 610.4,
    "stages_ms": {
        "endpointing": 500.0,
        "recognition": 0.0,
        "model": 0.0,
        "waiting": 4.0,
        "synthesis": 105.8,
        "playout": 0.6,
    },
    "slowest_stage": "endpointing",
    "engines": [],
    "cost_info": {"total_usd": 0, "stt_usd": 0, "llm_usd": 0, "tts_usd": 0, "infrastructure_usd": 0},
}


class TurnDocument(BaseModel):
    """One turn of the caller, from their first sound to that of the next turn; 0 is what came before the first.

    What a stream of recognition costs at least is no turn's own: the run's `cost_info` has it, and the infrastructure.
    """

    turn: int
    voice_to_voice_ms: float | None = Field(description="From the caller's last sound to the reply's first.")
    stages_ms: dict[str, float] = Field(description=f"What that is made of: {', '.join(STAGES)}.")
    slowest_stage: str | None = Field(description="The longest of them.")
    engines: list[EngineUseDocument]
    cost_info: CostDocument

    model_config = examples(EXAMPLE_TURN)


def turns(log: Iterable[LogEntry], prices: PriceList) -> list[TurnDocument]:
    """Return the turns of a log, in order."""
    measured: dict[int, MetricsEvent] = {}
    used: dict[int, list[LogEntry]] = {}
    for entry in log:
        if isinstance(entry.event, MetricsEvent):
            measured[entry.event.turn] = entry.event
        elif isinstance(entry.event, UsageEvent) and entry.event.turn is not None:
            used.setdefault(entry.event.turn, []).append(entry)
    without_minimum = prices.without_minimum()
    return [
        _turn(number, measured.get(number), used.get(number, ()), without_minimum)
        for number in sorted(measured.keys() | used.keys())
    ]


def _turn(
    number: int, metrics: MetricsEvent | None, used: Iterable[LogEntry], prices: PriceList
) -> TurnDocument:
    uses = Spending.of(used).uses()
    stages = {stage: getattr(metrics, f"{stage}_ms", None) for stage in STAGES}
    return TurnDocument(
        turn=number,
        voice_to_voice_ms=None if metrics is None else metrics.voice_to_voice_ms,
        stages_ms={stage: ms for stage, ms in stages.items() if ms is not None},
        slowest_stage=None if metrics is None else slowest_stage(metrics),
        engines=[EngineUseDocument.model_validate(use) for use in engines_document(uses)],
        cost_info=CostDocument.model_validate(cost(uses, prices=prices)),
    )
