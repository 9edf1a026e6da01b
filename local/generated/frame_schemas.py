"""The frames of the session socket as their documents describe them, each from the model that the code sends or reads."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

from pydantic import TypeAdapter

from offhook.runs.log.events import KINDS
from offhook.sessions.client_frames import CLIENT_FRAMES
from offhook.sessions.frames import SENT_FRAMES, VERSION

SCHEMAS = "#/components/schemas/"

_ENVELOPE: dict[str, Any] = {
    "ts": {"type": "string", "format": "date-time", "description": "When, in UTC."},
    "session_id": {"type": "string", "description": "The session: `sess_` and the run's number."},
}
_SEQ: dict[str, Any] = {
    "type": "string",
    "pattern": "^[1-9][0-9]{0,18}$",
    "description": "The frame's place in the log, from 1 and without gaps: a cursor for `resume_from`.",
}
_ID: dict[str, Any] = {
    "type": ["string", "null"],
    "maxLength": 64,
    "description": "The client's name for the frame: its answer has it as `request_id`.",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class FrameSchema:
    """One frame: `group` is `log`, `beside` or `client`, `schema` describes its data, `definitions` what that refers to."""

    group: str
    type: str
    summary: str
    schema: dict[str, Any]
    definitions: dict[str, Any]

    @property
    def name(self) -> str:
        """What it is called in the documents: two groups share types."""
        return f"{self.group}.{self.type}"

    @property
    def frame(self) -> dict[str, Any]:
        """The whole frame, its envelope included."""
        head: dict[str, Any] = {"v": {"const": VERSION}, "type": {"const": self.type}}
        required = ["type"] if self.group == "client" else ["v", "type", "ts", "session_id", "data"]
        if self.group == "client":
            head["id"] = _ID
            required += ["data"] if self.schema.get("required") else []
        else:
            head |= _ENVELOPE
        if self.group == "log":
            head["seq"] = _SEQ
            required.append("seq")
        return {"type": "object", "required": required, "properties": {**head, "data": self.schema}}


@cache
def frame_schemas() -> Sequence[FrameSchema]:
    """Return all frames: those of the log, those beside it, those of clients."""
    return (
        *_described("beside", SENT_FRAMES),
        *_described("log", KINDS.values()),
        *_described("client", CLIENT_FRAMES.values()),
    )


def _described(group: str, kinds: Any) -> Iterator[FrameSchema]:
    for kind in kinds:
        schema = TypeAdapter(kind).json_schema(ref_template=SCHEMAS + "{model}")
        definitions = schema.pop("$defs", {})
        schema.pop("title", None)
        yield FrameSchema(
            group=group,
            type=kind.type,
            summary=" ".join(schema.pop("description").split()),
            schema=schema,
            definitions=definitions,
        )
