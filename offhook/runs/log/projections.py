"""What a run's log adds up to: transcript, usage, latency, gathered context, who answered and ending, each in one pass."""

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from typing import TypeVar

from offhook.errors import InvalidInputError
from offhook.histograms import histogram
from offhook.json_types import JsonObject, JsonValue
from offhook.runs.call_backs import call_back_at
from offhook.runs.log.entry import LogEntry
from offhook.runs.log.events import (
    TOKENS,
    AnsweredByEvent,
    ContextEvent,
    CorrectionEvent,
    DispositionEvent,
    EndEvent,
    EngineUse,
    FetchedEvent,
    InterruptEvent,
    KnownEvent,
    MetricsEvent,
    PlaybackEvent,
    PlaybackState,
    PromiseEvent,
    Speaker,
    TranscriptEvent,
    UsageEvent,
)
from offhook.runs.log.reading import Open
from offhook.runs.log.spending import Spending
from offhook.runs.model import Promise, PromiseStatus

STAGES = ("endpointing", "recognition", "model", "waiting", "synthesis", "playout")
"""What a caller waits for, in the order in which it happens."""

_TOTAL = "total"

EventT = TypeVar("EventT", bound=KnownEvent)


@dataclass(frozen=True, slots=True, kw_only=True)
class Segment:
    """One piece of the transcript: who said what from when to when, in milliseconds of call audio."""

    speaker: Open[Speaker]
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


def of_kind(log: Iterable[LogEntry], kind: type[EventT]) -> Iterator[EventT]:
    """Yield the events of this kind."""
    return (entry.event for entry in log if isinstance(entry.event, kind))


def has_ended(log: Iterable[LogEntry]) -> bool:
    """Say whether the log has its end."""
    return any(True for _ in of_kind(log, EndEvent))


def transcript(log: Iterable[LogEntry]) -> tuple[Segment, ...]:
    """Return what was said and heard, in the order of the log.

    What an interruption cut off is not there: the segment keeps what was heard, or vanishes.
    """
    return tuple(segment for _, segment in told_transcript(log))


def told_transcript(log: Iterable[LogEntry]) -> tuple[tuple[LogEntry, Segment], ...]:
    """Return the same, each segment with the entry that first told of it."""
    segments: dict[str | int, Segment] = {}
    tellers: dict[str | int, LogEntry] = {}
    interrupted_ms: dict[str, int] = {}
    for entry in log:
        match entry.event:
            case TranscriptEvent() as said:
                name = said.segment_id or entry.seq
                segments[name] = _segment(said)
                tellers.setdefault(name, entry)
            case PlaybackEvent(segment_id=id_, state=PlaybackState.FINISHED) as heard if id_ in segments:
                segments[id_] = replace(segments[id_], end_ms=heard.offset_ms)
            case InterruptEvent() as cut:
                interrupted_ms[cut.segment_id] = cut.offset_ms
            case CorrectionEvent(segment_id=id_) as correction if id_ in segments:
                segments[id_] = _heard(segments[id_], correction.heard_text, interrupted_ms.get(id_))
    return tuple((tellers[name], segment) for name, segment in segments.items() if segment.text)


def transcript_document(segments: Iterable[Segment]) -> JsonObject:
    """Write a transcript as the JSON document of the contract."""
    return {"segments": [asdict(segment) for segment in segments]}


def usage(log: Iterable[LogEntry]) -> JsonObject:
    """Add up what the run used: seconds, tokens, characters, and of these how many the caller heard."""
    log = list(log)
    spending, used = Spending.of(log), list(of_kind(log, UsageEvent))
    tokens: Counter[str] = Counter()
    for event in used:
        tokens.update(asdict(event.llm))
    return {
        "call_duration_seconds": spending.call_seconds(),
        "llm": {**{name: tokens[name] for name in TOKENS}, "total_tokens": tokens.total()},
        "engines": engines_document(spending.uses()),
        "stt_seconds": round(sum((each.stt_seconds for each in used), 0.0), 3),
        "tts_characters": sum(each.tts_characters for each in used),
        "tts_spoken_characters": sum(
            len(each.text) for each in transcript(log) if each.speaker == Speaker.AGENT
        ),
    }


def engines_document(uses: Iterable[EngineUse]) -> list[JsonValue]:
    """Write what each engine did, with the number of its streams; 0 for what it does not do."""
    sums: dict[tuple[str, str], EngineUse] = {}
    streams: Counter[tuple[str, str]] = Counter()
    for use in uses:
        key = (use.part, use.engine)
        sums[key] = sums.get(key, EngineUse(part=use.part, engine=use.engine)) + use
        streams[key] += use.stream > 0
    return [
        {
            "part": use.part,
            "engine": use.engine,
            "streams": streams[key],
            "seconds": round(use.seconds, 3),
            "characters": use.characters,
            **asdict(use.tokens),
        }
        for key, use in sums.items()
    ]


def latency(log: Iterable[LogEntry]) -> JsonObject:
    """Return how long the caller waited for answers, in all and by stage; None where not measured."""
    stages = _waited_ms(log)
    turns = stages.pop(_TOTAL)
    summary: JsonObject = {
        "turns": len(turns),
        "p50_ms": _percentile(turns, 50),
        "p95_ms": _percentile(turns, 95),
        "max_ms": _percentile(turns, 100),
        "slowest_stage": _slowest({stage: sum(values) for stage, values in stages.items()}),
    }
    for percent in (50, 95):
        summary |= {f"{stage}_p{percent}_ms": _percentile(ms, percent) for stage, ms in stages.items()}
    return summary


def waits(log: Iterable[LogEntry]) -> JsonObject | None:
    """Return the same as histograms that add up with those of other runs (`total` is in all); None where nothing was measured."""
    counted: JsonObject = {
        stage: {str(bucket): count for bucket, count in histogram(values).items()}
        for stage, values in _waited_ms(log).items()
        if values
    }
    return counted or None


def slowest_stage(metrics: MetricsEvent) -> str | None:
    """Return what the caller waited for the longest in this turn."""
    return _slowest({stage: getattr(metrics, f"{stage}_ms") or 0.0 for stage in STAGES})


def gathered(log: Iterable[LogEntry]) -> JsonObject:
    """Return the gathered context: of each name the value that came last."""
    context: JsonObject = {}
    for event in of_kind(log, ContextEvent):
        context |= event.gathered
    return context


def promise(log: Iterable[LogEntry]) -> Promise | None:
    """Return the call-back that was promised last; one for no instant has failed already."""
    latest = None
    for entry in log:
        if isinstance(entry.event, PromiseEvent):
            latest = entry.at, entry.event
    return None if latest is None else _promise(*latest)


def _promise(said_at: datetime, said: PromiseEvent) -> Promise:
    try:
        at = call_back_at(
            day=said.day,
            time_=said.time,
            time_zone=said.time_zone,
            in_minutes=said.in_minutes,
            said_at=said_at,
        )
    except InvalidInputError:
        return Promise(at=None, reason=said.reason, status=PromiseStatus.FAILED, failure="no-such-time")
    return Promise(at=at, reason=said.reason)


def fetched(log: Iterable[LogEntry]) -> JsonObject:
    """Return what was told of the call before its first word."""
    values: JsonObject = {}
    for event in of_kind(log, FetchedEvent):
        values |= event.values
    return values


def answered_by(log: Iterable[LogEntry]) -> str | None:
    """Return who took the call at last; None where that was not told apart."""
    told = [event.answered_by for event in of_kind(log, AnsweredByEvent)]
    return (told[-1] or None) if told else None


def ending(log: Iterable[LogEntry]) -> Ending:
    """Return how the run ended; without an `end` event only the disposition that was chosen on the way is known."""
    found = Ending()
    for entry in log:
        match entry.event:
            case DispositionEvent(disposition=disposition):
                found = replace(found, disposition=disposition)
            case EndEvent() as end:
                found = Ending(
                    reason=end.reason or None,
                    disposition=end.disposition or found.disposition,
                    duration_ms=end.duration_ms,
                )
    return found


def _segment(said: TranscriptEvent) -> Segment:
    return Segment(
        speaker=said.speaker,
        text=said.text,
        start_ms=said.start_ms,
        end_ms=said.end_ms or 0,
        turn=said.turn,
        node_id=said.node_id,
    )


def _heard(segment: Segment, text: str, interrupted_ms: int | None) -> Segment:
    end_ms = segment.end_ms
    if interrupted_ms is not None:
        end_ms = max(segment.start_ms, interrupted_ms)
    return replace(segment, text=text.strip(), end_ms=end_ms)


def _waited_ms(log: Iterable[LogEntry]) -> dict[str, list[float]]:
    """Return each wait that was measured, in all and by stage."""
    measured = list(of_kind(log, MetricsEvent))
    stages = {stage: _known(getattr(metrics, f"{stage}_ms") for metrics in measured) for stage in STAGES}
    return {_TOTAL: _known(metrics.voice_to_voice_ms for metrics in measured), **stages}


def _slowest(waited_ms: dict[str, float]) -> str | None:
    stage = max(waited_ms, key=waited_ms.__getitem__)
    return stage if waited_ms[stage] > 0 else None


def _percentile(values: list[float], percent: int) -> int | None:
    """Return the smallest value that so many percent of the values do not exceed, in whole milliseconds."""
    if not values:
        return None
    place = -(-len(values) * percent // 100)
    return round(sorted(values)[place - 1])


def _known(values: Iterable[float | None]) -> list[float]:
    return [value for value in values if value is not None]
