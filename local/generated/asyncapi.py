"""Prints docs/asyncapi.yaml, made from the frames' models: `python -m local.generated.asyncapi`."""

from typing import Any

import yaml

from local.generated.frame_schemas import FrameSchema, frame_schemas
from offhook.sessions.frames import PROTOCOL

_DESCRIPTION = (
    "One socket for each session, which is a run while it lives: a call by phone or by browser. Who opens it watches; who "
    "sends `start` to a web session is its caller. Text messages are frames, binary messages are audio in the format that "
    "`ready` names. What the socket does, and when it closes, stands in docs/session-frames.md."
)

_ADDRESS = "/api/v1/streaming/sessions/{session_id}/ws"

_QUERY: dict[str, Any] = {
    "ws_token": "The token, where the client can't send it as `Authorization: Bearer`.",
    "resume_from": "The seq of the last frame that the client has; 0 for the whole log. Without it, frames follow from now on.",
    "audio": "`json`: audio comes and goes in `audio` frames. `binary`: who watches hears the call.",
}


class _Plain(yaml.SafeDumper):  # type: ignore[misc]  # the library has no types
    """Writes what stands in two places twice: not every reader follows YAML's aliases."""

    def ignore_aliases(self, data: Any) -> bool:
        return True


def asyncapi() -> str:
    """Return the whole document."""
    document = asyncapi_document()
    return str(yaml.dump(document, Dumper=_Plain, sort_keys=False, allow_unicode=True, width=110))


def asyncapi_document() -> dict[str, Any]:
    """Return the document as it is written."""
    frames = frame_schemas()
    names = [*(frame.name for frame in frames), "audio"]
    return {
        "asyncapi": "3.0.0",
        "info": {"title": "Offhook sessions", "version": PROTOCOL, "description": _DESCRIPTION},
        "defaultContentType": "application/json",
        "servers": {
            "install": {
                "host": "{host}",
                "protocol": "wss",
                "variables": {
                    "host": {"description": "Where the install is reached.", "default": "localhost:8000"}
                },
            }
        },
        "channels": {"session": _channel(names)},
        "operations": {
            "send": _operation("send", [frame.name for frame in frames if frame.group != "client"]),
            "receive": _operation("receive", [frame.name for frame in frames if frame.group == "client"]),
        },
        "components": {
            "messages": {**{frame.name: _message(frame) for frame in frames}, "audio": _AUDIO},
            "schemas": {name: schema for frame in frames for name, schema in frame.definitions.items()},
        },
    }


_AUDIO: dict[str, Any] = {
    "title": "audio",
    "summary": "A binary message: audio in the format that `ready` names, one channel.",
    "contentType": "application/octet-stream",
    "payload": {"type": "string", "format": "binary"},
}


def _channel(names: list[str]) -> dict[str, Any]:
    query = {name: {"type": "string", "description": text} for name, text in _QUERY.items()}
    return {
        "address": _ADDRESS,
        "parameters": {"session_id": {"description": "The session: `sess_` and the run's number."}},
        "bindings": {"ws": {"method": "GET", "query": {"type": "object", "properties": query}}},
        "messages": {name: {"$ref": f"#/components/messages/{name}"} for name in names},
    }


def _operation(action: str, names: list[str]) -> dict[str, Any]:
    return {
        "action": action,
        "channel": {"$ref": "#/channels/session"},
        "messages": [{"$ref": f"#/channels/session/messages/{name}"} for name in [*names, "audio"]],
    }


def _message(frame: FrameSchema) -> dict[str, Any]:
    return {"title": frame.type, "summary": frame.summary, "payload": frame.frame}


if __name__ == "__main__":
    print(asyncapi(), end="")
