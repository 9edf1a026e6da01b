"""What a run's log adds up to: transcript, usage, latency, gathered context and ending, each in one pass."""

from collections.abc import Iterable
from dataclasses import asdict, dataclass, replace
from datetime import datetime

from offhook.json_types import JsonObject, JsonValue
from offhook.runs.log.events import EventType, RunEvent, Speaker
from offhook.runs.model import RunStatus

_STAGES = ("endpointing", "recognition", "model", "synthesis")


@dataclass(frozen=True, slots=True, kw_only=True)
class Segment:
    """One piece of the transcript: who said what from when to when, in milliseconds of call audio."""

    speaker: Speaker
    text: str
    start_ms: int
    end_ms: int
    turn: int | None = None
    node_id: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Ending:
    """Why a run ended, with which disposition, and after how many milliseconds of audio."""

    reason: str | None = None
    disposition: str | None = None
    duration_ms: int | None = None


def transcript(events: Iterable[RunEvent]) -> tuple[Segment, ...]:
    """Return what was said and heard, in the order of the log.

    What an interruption cut off is not there: the segment keeps what was heard, or vanishes.
    """
    segments: dict[JsonValue, Segment] = {}
    interrupted_ms: dict[JsonValue, int] = {}
    for event in events:
        id_ = event.data.get("segment_id")
        if event.type is EventType.TRANSCRIPT:
            segments[id_ if isinstance(id_, str) else event.seq] = _segment(event.data)
        elif event.type is EventType.PLAYBACK and event.data.get("state") == "finished" and id_ in segments:
            segments[id_] = replace(segments[id_], end_ms=_whole(event.data.get("offset_ms")))
        elif event.type is EventType.INTERRUPT and "offset_ms" in event.data:
            interrupted_ms[id_] = _whole(event.data.get("offset_ms"))
        elif event.type is EventType.CORRECTION and id_ in segments:
            segments[id_] = _heard(segments[id_], event.data, interrupted_ms.get(id_))
    return tuple(segment for segment in segments.values() if segment.text)


def transcript_document(segments: Iterable[Segment]) -> JsonObject:
    """Write a transcript as the JSON document of the contract."""
    return {"segments": [asdict(segment) for segment in segments]}


def usage(events: Iterable[RunEvent]) -> JsonObject:
    """Add up what the run used: seconds, tokens, characters."""
    stt_seconds = 0.0
    characters = input_tokens = output_tokens = 0
    clock = _CallClock()
    for event in events:
        clock.see(event)
        if event.type is EventType.USAGE:
            tokens = _object(event.data.get("llm"))
            stt_seconds += _number(event.data.get("stt_seconds"))
            characters += _whole(event.data.get("tts_characters"))
            input_tokens += _whole(tokens.get("input_tokens"))
            output_tokens += _whole(tokens.get("output_tokens"))
    return {
        "call_duration_seconds": round(clock.duration_ms() / 1000, 3),
        "llm": {
            "input_tokens": input_tokens,
            "output_tokens": output_tokens,
            "total_tokens": input_tokens + output_tokens,
        },
        "stt_seconds": round(stt_seconds, 3),
        "tts_characters": characters,
    }


def latency(events: Iterable[RunEvent]) -> JsonObject:
    """Return how long the caller waited for answers, by turn, and the median of each stage; None where not measured."""
    turns: list[float] = []
    stages: dict[str, list[float]] = {stage: [] for stage in _STAGES}
    for event in events:
        if event.type is EventType.METRICS:
            _collect(turns, event.data.get("voice_to_voice_ms"))
            for stage, values in stages.items():
                _collect(values, event.data.get(f"{stage}_ms"))
    summary: JsonObject = {
        "turns": len(turns),
        "p50_ms": _percentile(turns, 50),
        "p95_ms": _percentile(turns, 95),
        "max_ms": _percentile(turns, 100),
    }
    return summary | {f"{stage}_p50_ms": _percentile(values, 50) for stage, values in stages.items()}


def gathered(events: Iterable[RunEvent]) -> JsonObject:
    """Return the gathered context: of each name the value that came last."""
    context: JsonObject = {}
    for event in events:
        if event.type is EventType.CONTEXT:
            context |= _object(event.data.get("gathered"))
    return context


def ending(events: Iterable[RunEvent]) -> Ending:
    """Return how the run ended; without an `end` event only the disposition that was chosen on the way is known."""
    found = Ending()
    for event in events:
        if event.type is EventType.DISPOSITION:
            found = replace(found, disposition=_text(event.data.get("disposition")))
        elif event.type is EventType.END:
            found = Ending(
                reason=_text(event.data.get("reason")),
                disposition=_text(event.data.get("disposition")) or found.disposition,
                duration_ms=_whole(event.data.get("duration_ms")),
            )
    return found


class _CallClock:
    """Tells how long the call was: as the end says, or where there is none, from the answer to the last event."""

    def __init__(self) -> None:
        self._told_ms: int | None = None
        self._answered_at: datetime | None = None
        self._last_at: datetime | None = None

    def see(self, event: RunEvent) -> None:
        self._last_at = event.at
        if event.type is EventType.END:
            self._told_ms = _whole(event.data.get("duration_ms"))
        elif event.type is EventType.STATUS and event.data.get("status") == RunStatus.IN_PROGRESS:
            self._answered_at = self._answered_at or event.at

    def duration_ms(self) -> float:
        if self._told_ms is not None:
            return self._told_ms
        if self._answered_at is None or self._last_at is None:
            return 0.0
        return max((self._last_at - self._answered_at).total_seconds() * 1000, 0.0)


def _segment(data: JsonObject) -> Segment:
    turn = data.get("turn")
    return Segment(
        speaker=Speaker(str(data.get("speaker"))),
        text=_text(data.get("text")) or "",
        start_ms=_whole(data.get("start_ms")),
        end_ms=_whole(data.get("end_ms")),
        turn=None if turn is None else _whole(turn),
        node_id=_text(data.get("node_id")),
    )


def _heard(segment: Segment, correction: JsonObject, interrupted_ms: int | None) -> Segment:
    end_ms = segment.end_ms
    if interrupted_ms is not None:
        end_ms = max(segment.start_ms, interrupted_ms)
    return replace(segment, text=(_text(correction.get("heard_text")) or "").strip(), end_ms=end_ms)


def _percentile(values: list[float], percent: int) -> int | None:
    """Return the smallest value that so many percent of the values do not exceed, in whole milliseconds."""
    if not values:
        return None
    place = -(-len(values) * percent // 100)
    return round(sorted(values)[place - 1])


def _collect(values: list[float], value: JsonValue) -> None:
    if value is not None:
        values.append(_number(value))


def _object(value: JsonValue) -> JsonObject:
    return value if isinstance(value, dict) else {}


def _text(value: JsonValue) -> str | None:
    return value if isinstance(value, str) else None


def _number(value: JsonValue) -> float:
    return value if isinstance(value, int | float) else 0.0


def _whole(value: JsonValue) -> int:
    return round(_number(value))
