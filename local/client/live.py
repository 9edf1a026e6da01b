"""A run's events and its final row as lines for a terminal: who says what, which node, how fast each answer came."""

from collections.abc import Mapping
from typing import cast

from local.client.terminal import Colour, Line
from offhook.clock import from_iso
from offhook.json_types import JsonObject, JsonValue
from offhook.runs.log import events
from offhook.runs.log.entry import LogEntry
from offhook.runs.log.projections import STAGES
from offhook.runs.model import TransferStatus

_SPEAKER_COLOURS = {"agent": Colour.AGENT, "caller": Colour.CALLER}
_STAGES = {
    "endpointing": "waiting for the end",
    "recognition": "recognising",
    "model": "thinking",
    "waiting": "waiting for the synthesiser",
    "synthesis": "synthesising",
    "playout": "sending",
}


def parse_event(document: JsonObject) -> LogEntry:
    """Read one event as the REST API shows it."""
    return LogEntry.read(
        seq=int(cast("int", document["seq"])),
        at=from_iso(str(document["at"])),
        type_=str(document["type"]),
        data=_object(document.get("data")),
    )


def event_line(event: events.Event) -> Line | None:
    """Write an event as one line; None for those that tell a person nothing."""
    told = _told(event)
    if told is None:
        return None
    colour, at_ms, word, text = told
    return Line(text=f"{_clock(at_ms):>6}  {word:<8} {text}".rstrip(), colour=colour)


def run_lines(run: Mapping[str, JsonValue]) -> list[str]:
    """Write a run object of the REST API as a few lines: how it ended, what was gathered, what it took."""
    return _labelled(
        ("run", f"{run.get('workflow_run_id')} ({run.get('name')})"),
        ("status", _joined(run.get("status"), run.get("disposition"), run.get("end_reason"))),
        ("failure", _object(run.get("failure")).get("message")),
        ("gathered", _pairs(_object(run.get("gathered_context")))),
        ("length", _seconds(_object(run.get("usage_info")).get("call_duration_seconds"))),
        ("latency", _latency(_object(run.get("latency")))),
        ("cost", _cost(_object(run.get("cost_info")))),
    )


def link_lines(run: Mapping[str, JsonValue]) -> list[str]:
    """Write where a run's recording and transcript can be fetched for some minutes."""
    return _labelled(("recording", run.get("recording_url")), ("transcript", run.get("transcript_url")))


def _labelled(*told: tuple[str, JsonValue]) -> list[str]:
    return [f"{label:<10} {value}" for label, value in told if value not in (None, "")]


_Told = tuple[Colour | None, int | None, str, str]


def _told(event: events.Event) -> _Told | None:
    match event:
        case events.TranscriptEvent(speaker=speaker):
            return _SPEAKER_COLOURS.get(speaker), event.start_ms, speaker, event.text
        case events.CorrectionEvent(heard_text=heard) if event.segment_id.startswith("c"):
            return Colour.QUIET, None, "caller", f"rather: {heard}" if heard else "nothing, in truth"
        case events.CorrectionEvent(heard_text=heard):
            return Colour.QUIET, None, "heard", f"only: {heard}" if heard else "nothing of it"
        case events.NodeEvent(from_=source):
            return Colour.NODE, None, "node", f"{source} -> {event.to}" if source else event.to
        case events.ContextEvent():
            return Colour.NODE, None, "gathered", _pairs(event.gathered)
        case events.InterruptEvent():
            return Colour.QUIET, event.offset_ms, "stopped", f"by the {event.by}"
        case events.DtmfEvent():
            return Colour.CALLER, event.offset_ms, "key", event.digit
        case events.AnsweredByEvent():
            return Colour.NODE, event.offset_ms, "answered", f"by {event.answered_by}: {event.action}"
        case events.MetricsEvent(voice_to_voice_ms=total_ms) if total_ms is not None:
            return Colour.QUIET, None, "latency", f"{total_ms:.0f} ms{_made_of(event)}"
        case events.ToolCallEvent():
            return Colour.NODE, None, "tool", event.name
        case events.StatusEvent():
            return Colour.QUIET, None, "status", event.status
        case events.ErrorEvent():
            return Colour.BAD, None, "error", f"{event.message} ({event.code})"
        # Epoch 1 is the first owner: nothing was taken over.
        case events.TakeoverEvent(epoch=epoch) if epoch != 1:
            return Colour.QUIET, None, "takeover", "another process goes on with the call"
        case events.TransferEvent():
            tint = Colour.BAD if event.state == TransferStatus.FAILED else Colour.NODE
            whose = "an operator's, " if event.command_id else ""
            return tint, None, "transfer", f"{whose}{event.mode}: {_joined(event.state, event.reason)}"
        case events.InjectEvent():
            return Colour.NODE, event.offset_ms, "operator", f"as the {event.role}: {event.text}"
        case events.SteerEvent():
            told = [event.instructions, "the agent is muted" if event.is_muted else ""]
            return Colour.NODE, event.offset_ms, "operator", _joined(*told) or "steers no more"
        case events.HandoffEvent():
            tint = Colour.BAD if event.state == events.HandoffState.FAILED else Colour.NODE
            to = _joined(event.state, event.to_agent, event.failure)
            return tint, event.offset_ms, "handoff", to
        case events.PromiseEvent():
            return Colour.NODE, event.offset_ms, "promise", f"to call back {_when(event)}"
        case events.EndEvent():
            return Colour.NODE, event.duration_ms, "end", _joined(event.reason, event.disposition)
        case _:
            return None


def _when(promise: events.PromiseEvent) -> str:
    if promise.in_minutes is not None:
        return f"in {promise.in_minutes:g} minutes"
    return f"{promise.day} {promise.time} ({promise.time_zone})".strip()


def _made_of(metrics: events.MetricsEvent) -> str:
    parts = ((_STAGES[stage], getattr(metrics, f"{stage}_ms")) for stage in STAGES)
    told = [f"{words} {ms:.0f}" for words, ms in parts if ms is not None and ms >= 1]
    return f" ({', '.join(told)})" if told else ""


def _object(value: JsonValue) -> JsonObject:
    return value if isinstance(value, dict) else {}


def _pairs(values: JsonObject) -> str:
    return ", ".join(f"{name} = {value}" for name, value in values.items())


def _joined(*values: JsonValue) -> str:
    return ", ".join(dict.fromkeys(str(value) for value in values if value))


def _clock(at_ms: int | None) -> str:
    if at_ms is None:
        return ""
    minutes, seconds = divmod(at_ms // 1000, 60)
    return f"{minutes}:{seconds:02}"


def _seconds(value: JsonValue) -> str | None:
    return f"{value:.1f} s" if isinstance(value, int | float) else None


def _cost(cost: JsonObject) -> str | None:
    total, unpriced = cost.get("total_usd"), cost.get("unpriced")
    if not isinstance(total, int | float):
        return None
    told = f"{total:.4f} USD"
    return f"{told} without {_joined(*unpriced)}" if isinstance(unpriced, list) and unpriced else told


def _latency(latency: JsonObject) -> str | None:
    if not latency.get("turns"):
        return None
    told = f"p50 {latency.get('p50_ms')} ms, p95 {latency.get('p95_ms')} ms over {_counted(latency['turns'], 'turn')}"
    stage = latency.get("slowest_stage")
    return f"{told}, most of it {_STAGES.get(str(stage), stage)}" if stage else told


def _counted(count: JsonValue, word: str) -> str:
    return f"{count} {word}" if count == 1 else f"{count} {word}s"
