"""Requests for chat completions, held against the rules of OpenAI and of the strictest chat templates of open models."""

import json
import re
from typing import Any

from local.models.asked import Asked, check_names, fields, invalid, items

_SIDES = {"user": "user", "tool": "user", "assistant": "assistant"}
# vLLM's tokenizer for Mistral refuses all others.
_CALL_ID = re.compile(r"[a-zA-Z0-9]{9}")


def read(body: bytes) -> Asked:
    """Return what is asked; raise RefusalError where an endpoint would refuse it."""
    try:
        sent = fields(json.loads(body), "The request")
    except ValueError as error:
        raise invalid("We could not parse the JSON body of your request.") from error
    if not isinstance(sent.get("model"), str) or not sent["model"]:
        raise invalid("you must provide a model parameter")
    if sent.get("stream") is not True:
        raise invalid("This endpoint only streams: set stream to true.")
    offered, must_call = _tools(sent)
    messages = [fields(message, "A message") for message in items(sent.get("messages"), "messages")]
    system, turns = _parted(messages)
    _check_alternation(turns)
    _check_tools(turns, has_tools=bool(offered))
    last = turns[-1:] if turns[-1]["role"] == "user" else []
    told = _results_at_the_end(turns[: len(turns) - len(last)])
    return Asked(
        protocol="chat-completions",
        model=sent["model"],
        system=system,
        heard="\n".join(message["content"] for message in last),
        told="\n".join(message["content"] for message in told),
        offered=offered,
        must_call=must_call,
        turns=len(turns),
        body=sent,
    )


def _parted(messages: list[dict[str, Any]]) -> tuple[str, list[dict[str, Any]]]:
    for message in messages:
        content, calls = message.get("content"), message.get("tool_calls")
        if content is None and message.get("role") == "assistant" and calls:
            continue
        if not isinstance(content, str) or not content.strip():
            raise invalid("Invalid value for 'content': expected a string that is not empty.")
    is_told = messages[0].get("role") == "system"
    turns = messages[1:] if is_told else messages
    if any(message.get("role") not in _SIDES for message in turns):
        raise invalid(
            "Only the first message may be of the role system; the others are of user, assistant or tool."
        )
    if not turns:
        raise invalid("There is no user message.")
    return (messages[0]["content"] if is_told else ""), turns


def _check_alternation(turns: list[dict[str, Any]]) -> None:
    sides = [_SIDES[message["role"]] for message in turns]
    # What tools have answered and what the caller says after it are one turn for most templates.
    parted = [side for place, side in enumerate(sides) if not _goes_on(turns, place)]
    if any(side != ("assistant" if place % 2 else "user") for place, side in enumerate(parted)):
        raise invalid("Conversation roles must alternate user/assistant/user/assistant/...")
    if parted[-1] != "user":
        raise invalid(
            "Cannot continue a final message of the assistant: the conversation must end with the user."
        )


def _goes_on(turns: list[dict[str, Any]], place: int) -> bool:
    return place > 0 and turns[place - 1]["role"] == "tool" and _SIDES[turns[place]["role"]] == "user"


def _check_tools(turns: list[dict[str, Any]], *, has_tools: bool) -> None:
    expected: list[str] = []
    for message in turns:
        if message["role"] == "tool":
            if message.get("tool_call_id") not in expected:
                raise invalid(
                    "messages with role 'tool' must be a response to a preceeding message with 'tool_calls'."
                )
            expected.remove(message["tool_call_id"])
            continue
        if expected:
            raise invalid(
                "An assistant message with 'tool_calls' must be followed by tool messages responding to each "
                f"'tool_call_id'. The following tool_call_ids did not have response messages: {', '.join(expected)}"
            )
        expected = [_call_id(call) for call in message.get("tool_calls", [])]
        if expected and not has_tools:
            raise invalid("tool_calls are in the messages, and the request has no tools.")
    if expected:
        raise invalid("An assistant message with 'tool_calls' must be followed by tool messages.")


def _call_id(call: Any) -> str:
    match call:
        case {
            "id": str(call_id),
            "type": "function",
            "function": {"name": str(name), "arguments": str(arguments)},
        }:
            list(check_names([name], "tool_calls"))
            if not _CALL_ID.fullmatch(call_id):
                raise invalid(f"Tool call id was {call_id} but must be a-z, A-Z, 0-9, with a length of 9.")
            fields(json.loads(arguments), "The arguments of a tool call")
            return call_id
    raise invalid("A tool call must have an id, the type function, and a function with name and arguments.")


def _tools(sent: dict[str, Any]) -> tuple[tuple[str, ...], str]:
    if "tools" not in sent:
        if "tool_choice" in sent:
            raise invalid("'tool_choice' is only allowed when 'tools' are specified.")
        return (), ""
    functions = [fields(tool.get("function"), "A tool's function") for tool in items(sent["tools"], "tools")]
    names = tuple(check_names((function.get("name", "") for function in functions), "tools"))
    if any(function.get("parameters", {}).get("type") != "object" for function in functions):
        raise invalid("Invalid schema for function: schema must be a JSON Schema of 'type: \"object\"'.")
    return names, _must_call(sent.get("tool_choice"), names)


def _must_call(choice: Any, names: tuple[str, ...]) -> str:
    match choice:
        case None | "auto":
            return ""
        case "required":
            return names[0]
        case {"type": "function", "function": {"name": str(name)}} if name in names:
            return name
    raise invalid("Invalid value for 'tool_choice': auto, required, or a function of the tools.")


def _results_at_the_end(turns: list[dict[str, Any]]) -> list[dict[str, Any]]:
    count = next((n for n, message in enumerate(reversed(turns)) if message["role"] != "tool"), len(turns))
    return turns[len(turns) - count :]
