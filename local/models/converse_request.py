"""Requests to Converse, held against the rules that Bedrock refuses them by; the sentences are its own where they are known."""

import json
from collections.abc import Iterator
from typing import Any

from local.models.asked import Asked, check_names, fields, invalid, items

_MOST_CACHE_POINTS = 4
_KNOWN = frozenset(
    {
        "messages",
        "system",
        "inferenceConfig",
        "toolConfig",
        "guardrailConfig",
        "additionalModelRequestFields",
        "additionalModelResponseFieldPaths",
        "performanceConfig",
        "promptVariables",
        "requestMetadata",
        "serviceTier",
        "outputConfig",
    }
)


def read(model: str, body: bytes) -> Asked:
    """Return what is asked; raise RefusalError where Bedrock would refuse it."""
    try:
        sent = fields(json.loads(body), "The request")
    except ValueError as error:
        raise invalid("The request is no JSON.") from error
    if unknown := set(sent) - _KNOWN:
        raise invalid(f"Unknown fields: {', '.join(sorted(unknown))}.")
    offered, must_call = _tools(sent)
    messages = [fields(message, "A message") for message in items(sent.get("messages"), "messages")]
    _check_turns(messages)
    _check_blocks(messages, has_tools=bool(offered))
    _check_inference(sent.get("inferenceConfig", {}))
    _check_cache_points(sent)
    last = messages[-1]["content"]
    return Asked(
        protocol="converse",
        model=model,
        system="\n".join(_system(sent)),
        heard="\n".join(block["text"] for block in last if "text" in block),
        told="\n".join(_told(block["toolResult"]) for block in last if "toolResult" in block),
        offered=offered,
        must_call=must_call,
        turns=len(messages),
        body=sent,
    )


def _check_turns(messages: list[dict[str, Any]]) -> None:
    if messages[0].get("role") != "user":
        raise invalid(
            "A conversation must start with a user message. Try again with a conversation that starts with a user message."
        )
    for number, message in enumerate(messages):
        if message.get("role") != ("assistant" if number % 2 else "user"):
            raise invalid(
                "A conversation must alternate between user and assistant roles. "
                "Make sure the conversation alternates between user and assistant roles and try again."
            )
    if len(messages) % 2 == 0:
        raise invalid(
            "This model does not support assistant message prefill. The conversation must end with a user message."
        )


def _check_blocks(messages: list[dict[str, Any]], *, has_tools: bool) -> None:
    expected: set[str] = set()
    for number, message in enumerate(messages):
        where = f"messages.{number}.content"
        blocks = [fields(block, where) for block in items(message.get("content"), where)]
        for place, block in enumerate(blocks):
            _check_block(block, f"{where}.{place}", is_user=message["role"] == "user")
        uses = [block["toolUse"]["toolUseId"] for block in blocks if "toolUse" in block]
        results = [block["toolResult"]["toolUseId"] for block in blocks if "toolResult" in block]
        if (uses or results) and not has_tools:
            raise invalid(
                "The toolConfig field must be defined when using toolUse and toolResult content blocks."
            )
        _check_results(expected, results, where)
        expected = set(uses)
        if len(expected) < len(uses):
            raise invalid(f"{where} contains duplicate Ids for toolUse blocks.")


def _check_results(expected: set[str], results: list[str], where: str) -> None:
    if missing := expected - set(results):
        raise invalid(
            f"Expected toolResult blocks at {where} for the following Ids: {', '.join(sorted(missing))}"
        )
    if len(results) > len(expected):
        raise invalid(
            f"The number of toolResult blocks at {where} exceeds the number of toolUse blocks of previous turn."
        )


def _check_block(block: dict[str, Any], where: str, *, is_user: bool) -> None:
    match block:
        case {"text": str(text)}:
            _check_text(text, where, "ContentBlock")
        case {"toolUse": {"toolUseId": str(call_id), "name": str(name), "input": dict()}} if not is_user:
            list(check_names([name], where))
            list(check_names([call_id], where))
        case {"toolResult": {"toolUseId": str(), "content": [*contents]}} if is_user:
            for content in contents:
                if isinstance(content, dict) and isinstance(content.get("text"), str):
                    _check_text(content["text"], where, "ToolResultContentBlock")
        case {"cachePoint": {"type": "default"}}:
            pass
        case _:
            raise invalid(f"{where} is no content block that this role may send.")


def _check_text(text: str, where: str, kind: str) -> None:
    if not text.strip():
        raise invalid(
            f"The text field in the {kind} object at {where} is blank. Add text to the text field, and try again."
        )


def _system(sent: dict[str, Any]) -> Iterator[str]:
    for number, block in enumerate(sent.get("system", [])):
        if "text" in fields(block, f"system.{number}"):
            _check_text(block["text"], f"system.{number}", "SystemContentBlock")
            yield block["text"]


def _tools(sent: dict[str, Any]) -> tuple[tuple[str, ...], str]:
    """Return the names of the tools, and which of them must be called."""
    if "toolConfig" not in sent:
        return (), ""
    config = fields(sent["toolConfig"], "toolConfig")
    specs = [
        tool["toolSpec"] for tool in items(config.get("tools"), "toolConfig.tools") if "toolSpec" in tool
    ]
    names = tuple(check_names((spec.get("name", "") for spec in specs), "toolConfig.tools"))
    for spec in specs:
        if spec.get("inputSchema", {}).get("json", {}).get("type") != "object":
            raise invalid(
                f"toolConfig.tools: {spec['name']}: inputSchema.json.type must be one of the following: object."
            )
        if "description" in spec and not spec["description"]:
            raise invalid(f"toolConfig.tools: {spec['name']}: description must have a length of at least 1.")
    return names, _must_call(config.get("toolChoice"), names)


def _must_call(choice: Any, names: tuple[str, ...]) -> str:
    match choice:
        case None | {"auto": {}}:
            return ""
        case {"any": {}}:
            return names[0]
        case {"tool": {"name": str(name)}} if name in names:
            return name
    raise invalid("toolConfig.toolChoice must be auto, any, or one of the tools.")


def _check_inference(config: Any) -> None:
    config = fields(config, "inferenceConfig")
    if config.get("maxTokens", 1) < 1:
        raise invalid("inferenceConfig.maxTokens must be at least 1.")
    if not 0 <= config.get("temperature", 0) <= 1:
        raise invalid("inferenceConfig.temperature must be between 0 and 1.")


def _check_cache_points(sent: dict[str, Any]) -> None:
    places = [sent.get("toolConfig", {}).get("tools", []), sent.get("system", [])]
    places += [message["content"] for message in sent["messages"]]
    if any("cachePoint" in blocks[0] for blocks in places if blocks):
        raise invalid("A cachePoint can't be the first of its blocks: there is nothing before it to be kept.")
    if sum("cachePoint" in block for blocks in places for block in blocks) > _MOST_CACHE_POINTS:
        raise invalid(f"A request has at most {_MOST_CACHE_POINTS} cache points.")


def _told(result: dict[str, Any]) -> str:
    return "\n".join(content.get("text") or json.dumps(content.get("json")) for content in result["content"])
