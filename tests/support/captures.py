"""A workflow that captures one value, and a caller who is asked for it."""

from typing import Any

from offhook.json_types import JsonObject
from offhook.runs.log.events import NodeEvent
from streamer.call import events
from tests.support.calls import ScriptedCall

QUESTION = "What is it, please?"


def capturing(
    type_: str, *, gives_up: bool = True, node: JsonObject | None = None, **capture: Any
) -> JsonObject:
    """Return a workflow whose start captures `value`, and that has a phrase and a key beside it."""
    edges: list[Any] = [
        {"id": "got", "source": "ask", "target": "thanks", "data": {"when": "captured"}},
        {"id": "help", "source": "ask", "target": "help", "data": {"phrases": ["help", "a person please"]}},
    ]
    asks = {
        "name": "Ask",
        "say": f"Hello. {QUESTION}",
        "capture": {"variable": "value", "type": type_} | capture,
    }
    nodes: list[Any] = [
        {"id": "ask", "type": "startCall", "data": asks | (node or {})},
        _end("thanks", "Thank you.", "captured"),
        _end("help", "I will get help.", "help"),
    ]
    if gives_up:
        edges.append({"id": "not", "source": "ask", "target": "sorry", "data": {"when": "not_captured"}})
        nodes.append(_end("sorry", "Never mind.", "not_captured"))
    return {"nodes": nodes, "edges": edges}


def _end(id_: str, say: str, disposition: str) -> JsonObject:
    return {"id": id_, "type": "endCall", "data": {"name": id_, "say": say, "disposition": disposition}}


def asked(type_: str, *, settings: dict[str, Any] | None = None, **capture: Any) -> ScriptedCall:
    """Return a call in which the question was asked, and heard."""
    call = ScriptedCall(capturing(type_, **capture), **(settings or {}))
    call.wait_for_silence()
    return call


def talk(call: ScriptedCall, *lines: str) -> ScriptedCall:
    """Let the caller say these lines, each once the agent has said all."""
    for line in lines:
        call.wait_for_silence()
        call.speak(line)
    return call


def press(call: ScriptedCall, keys: str) -> ScriptedCall:
    """Let the caller press keys."""
    for key in keys:
        call.tell(events.KeyPressed(key=key))
        call.wait(200)
    return call


def value(call: ScriptedCall) -> object:
    """Return what was captured."""
    return call.gathered.get("value")


def way(call: ScriptedCall) -> object:
    """Return why the present node was entered."""
    return call.records(NodeEvent)[-1]["reason"]
