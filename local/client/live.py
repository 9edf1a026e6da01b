"""A run's events and its final row as lines for a terminal: who says what, which node, how fast each answer came."""

from collections.abc import Callable, Mapping
from enum import StrEnum
from typing import TextIO, cast

from offhook.clock import from_iso
from offhook.json_types import JsonObject, JsonValue
from offhook.runs.log.events import EventType, RunEvent


class Colour(StrEnum):
    """The few ANSI colours that every terminal has."""

    AGENT = "\033[32m"
    CALLER = "\033[36m"
    NODE = "\033[35m"
    QUIET = "\033[2m"
    BAD = "\033[31m"


_RESET = "\033[0m"
_SPEAKER_COLOURS = {"agent": Colour.AGENT, "caller": Colour.CALLER}
# What a latency is made of, in the order in which it happens.
_LATENCY_PARTS = {
    "endpointing_ms": "waiting for the end",
    "recognition_ms": "recognising",
    "model_ms": "thinking",
    "synthesis_ms": "synthesising",
}


def wants_colour(stream: TextIO, env: Mapping[str, str]) -> bool:
    """Say whether colours may go there: to a terminal, unless its owner has set NO_COLOR."""
    return stream.isatty() and not env.get("NO_COLOR")


def parse_event(document: JsonObject) -> RunEvent:
    """Read one event as the REST API shows it."""
    return RunEvent(
        seq=int(cast("int", document["seq"])),
        at=from_iso(str(document["at"])),
        type=EventType(str(document["type"])),
        data=_object(document.get("data")),
    )


def event_line(event: RunEvent, *, colour: bool = False) -> str | None:
    """Write an event as one line without its end; None for those that tell a person nothing."""
    form = _FORMS.get(event.type)
    line = form(event.data) if form else None
    if line is None:
        return None
    tint, at_ms, word, text = line
    # Whoever speaks may send anything: control characters must not reach the terminal.
    plain = "".join(c if c.isprintable() else " " for c in text)
    shown = f"{_clock(at_ms):>6}  {word:<8} {plain}".rstrip()
    return f"{tint}{shown}{_RESET}" if colour else shown


def run_lines(run: Mapping[str, JsonValue]) -> list[str]:
    """Write a run object of the REST API as a few lines: how it ended, what was gathered, what it took."""
    return _labelled(
        ("run", f"{run.get('workflow_run_id')} ({run.get('name')})"),
        ("status", _joined(run.get("status"), run.get("disposition"), run.get("end_reason"))),
        ("failure", _object(run.get("failure")).get("message")),
        ("gathered", _pairs(_object(run.get("gathered_context")))),
        ("length", _seconds(_object(run.get("usage_info")).get("call_duration_seconds"))),
        ("latency", _latency(_object(run.get("latency")))),
        ("cost", _usd(_object(run.get("cost_info")).get("total_usd"))),
    )


def link_lines(run: Mapping[str, JsonValue]) -> list[str]:
    """Write where a run's recording and transcript can be fetched for some minutes."""
    return _labelled(("recording", run.get("recording_url")), ("transcript", run.get("transcript_url")))


def _labelled(*told: tuple[str, JsonValue]) -> list[str]:
    return [f"{label:<10} {value}" for label, value in told if value not in (None, "")]


_Line = tuple[Colour | str, JsonValue, str, str]


def _transcript(data: JsonObject) -> _Line:
    speaker = str(data.get("speaker"))
    return _SPEAKER_COLOURS.get(speaker, ""), data.get("start_ms"), speaker, str(data.get("text", ""))


def _correction(data: JsonObject) -> _Line:
    heard = str(data.get("heard_text") or "")
    return Colour.QUIET, None, "heard", f"only: {heard}" if heard else "nothing of it"


def _node(data: JsonObject) -> _Line:
    source, target = data.get("from"), data.get("to")
    return Colour.NODE, None, "node", f"{source} -> {target}" if source else str(target)


def _context(data: JsonObject) -> _Line:
    return Colour.NODE, None, "gathered", _pairs(_object(data.get("gathered")))


def _interrupt(data: JsonObject) -> _Line:
    return Colour.QUIET, data.get("offset_ms"), "stopped", f"by the {data.get('by')}"


def _dtmf(data: JsonObject) -> _Line:
    return Colour.CALLER, data.get("offset_ms"), "key", str(data.get("digit"))


def _metrics(data: JsonObject) -> _Line | None:
    total = data.get("voice_to_voice_ms")
    if not isinstance(total, int | float):
        return None
    parts = [
        f"{words} {value:.0f}"
        for name, words in _LATENCY_PARTS.items()
        if isinstance(value := data.get(name), int | float) and value >= 1
    ]
    made_of = f" ({', '.join(parts)})" if parts else ""
    return Colour.QUIET, None, "latency", f"{total:.0f} ms{made_of}"


def _tool_call(data: JsonObject) -> _Line:
    return Colour.NODE, None, "tool", str(data.get("name"))


def _status(data: JsonObject) -> _Line:
    return Colour.QUIET, None, "status", str(data.get("status"))


def _error(data: JsonObject) -> _Line:
    return Colour.BAD, None, "error", f"{data.get('message')} ({data.get('code')})"


def _takeover(data: JsonObject) -> _Line | None:
    # Epoch 1 is the first owner: nothing was taken over.
    if data.get("epoch") == 1:
        return None
    return Colour.QUIET, None, "takeover", "another process goes on with the call"


def _transfer(data: JsonObject) -> _Line:
    colour = Colour.BAD if data.get("state") == "failed" else Colour.NODE
    return colour, None, "transfer", f"{data.get('mode')}: {_joined(data.get('state'), data.get('reason'))}"


def _end(data: JsonObject) -> _Line:
    return Colour.NODE, data.get("duration_ms"), "end", _joined(data.get("reason"), data.get("disposition"))


_FORMS: Mapping[EventType, Callable[[JsonObject], _Line | None]] = {
    EventType.TRANSCRIPT: _transcript,
    EventType.CORRECTION: _correction,
    EventType.NODE: _node,
    EventType.CONTEXT: _context,
    EventType.INTERRUPT: _interrupt,
    EventType.DTMF: _dtmf,
    EventType.METRICS: _metrics,
    EventType.TOOL_CALL: _tool_call,
    EventType.STATUS: _status,
    EventType.ERROR: _error,
    EventType.TAKEOVER: _takeover,
    EventType.TRANSFER: _transfer,
    EventType.END: _end,
}


def _object(value: JsonValue) -> JsonObject:
    return value if isinstance(value, dict) else {}


def _pairs(values: JsonObject) -> str:
    return ", ".join(f"{name} = {value}" for name, value in values.items())


def _joined(*values: JsonValue) -> str:
    return ", ".join(dict.fromkeys(str(value) for value in values if value))


def _clock(at_ms: JsonValue) -> str:
    if not isinstance(at_ms, int | float):
        return ""
    minutes, seconds = divmod(int(at_ms) // 1000, 60)
    return f"{minutes}:{seconds:02}"


def _seconds(value: JsonValue) -> str | None:
    return f"{value:.1f} s" if isinstance(value, int | float) else None


def _usd(value: JsonValue) -> str | None:
    return f"{value:.4f} USD" if isinstance(value, int | float) else None


def _latency(latency: JsonObject) -> str | None:
    if not latency.get("turns"):
        return None
    return f"p50 {latency.get('p50_ms')} ms, p95 {latency.get('p95_ms')} ms over {_counted(latency['turns'], 'turn')}"


def _counted(count: JsonValue, word: str) -> str:
    return f"{count} {word}" if count == 1 else f"{count} {word}s"
