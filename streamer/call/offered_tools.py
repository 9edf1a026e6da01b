"""The tools that a node offers the language model, as the call knows them: what they are called, take and say."""

from dataclasses import dataclass, field
from enum import StrEnum

from offhook.json_types import JsonObject


class ToolKind(StrEnum):
    """Who carries a tool out: whoever runs requests, or the call itself."""

    REQUEST = "request"
    END_CALL = "end_call"
    TRANSFER = "transfer"
    HANDOFF = "handoff"


@dataclass(frozen=True, slots=True, kw_only=True)
class OfferedTool:
    """A tool that the model may call in a node.

    `parameters` is the JSON Schema of its arguments, an object. `message` is said while it runs, or before the caller is put
    through to `destination`, or handed on to the agent of that UUID, or before the end; both are templates. One that `is_idempotent` may be sent again when
    nobody knows whether it was done. By one with a `call_back_zone` the caller is promised a call-back, in this time zone.
    """

    uuid: str
    name: str
    description: str
    kind: ToolKind = ToolKind.REQUEST
    parameters: JsonObject = field(default_factory=dict)
    message: str = ""
    destination: str = ""
    timeout_seconds: int = 30
    is_idempotent: bool = False
    call_back_zone: str = ""
