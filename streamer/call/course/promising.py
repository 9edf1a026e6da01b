"""Call-backs that are promised in a call: by its model, which has called a tool, or by a node that says so."""

from collections.abc import Callable
from dataclasses import asdict, dataclass, replace
from typing import Self

from offhook.json_types import JsonObject, JsonValue
from offhook.runs.call_backs import MAX_REASON_CHARACTERS
from offhook.runs.log.events import PromiseEvent
from offhook.workflows import CallBack
from streamer.call.commands import CallTool

_MOST_CHARACTERS = 32
# Minutes that are refused like all that are more: the integers of JSON may be larger than any float.
_TOO_LATE = 1e9


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """When somebody wants to be called back, and why, in words that nobody has read yet."""

    day: str = ""
    time: str = ""
    in_minutes: float | None = None
    reason: str = ""

    @classmethod
    def of(cls, arguments: JsonObject) -> Self:
        """Take it from what a model has called the tool with."""
        minutes = arguments.get("in_minutes")
        return cls(
            day=_text(arguments.get("day"), _MOST_CHARACTERS),
            time=_text(arguments.get("time"), _MOST_CHARACTERS),
            in_minutes=float(min(max(minutes, 0), _TOO_LATE)) if isinstance(minutes, int | float) else None,
            reason=_text(arguments.get("reason"), MAX_REASON_CHARACTERS),
        )


def promised_by_tool(done: CallTool, now_ms: int) -> PromiseEvent:
    """Return what the log says of a call-back that a tool has agreed to."""
    return _promise(Wanted.of(done.arguments), done.tool.call_back_zone, now_ms)


def promised_by_node(call_back: CallBack, fill: Callable[[str], str], now_ms: int) -> PromiseEvent:
    """Return the same of a node, whose templates are filled in with what was gathered until now."""
    words: JsonObject = {name: fill(getattr(call_back, name)) for name in ("day", "time", "reason")}
    wanted = replace(Wanted.of(words), in_minutes=call_back.in_minutes)
    return _promise(wanted, call_back.time_zone, now_ms)


def _promise(wanted: Wanted, time_zone: str, now_ms: int) -> PromiseEvent:
    return PromiseEvent(**asdict(wanted), time_zone=time_zone, offset_ms=now_ms)


def _text(value: JsonValue, most: int) -> str:
    return value.strip()[:most] if isinstance(value, str) else ""
