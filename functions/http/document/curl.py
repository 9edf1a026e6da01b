"""The cURL command that shows how an operation of an OpenAPI document is asked for."""

import json
import re
import shlex
from typing import Any

from functions.http.document.examples import content_example, parameter_example
from functions.http.json_body import CSV_TYPE, JSON_TYPE

_PLACE = re.compile(r"\{(\w+)\}")


def curl_of(document: dict[str, Any], method: str, path: str, operation: dict[str, Any]) -> str:
    """Return a command that can be copied: `$OFFHOOK_BASE_URL` and `$OFFHOOK_API_KEY` are the reader's own."""
    lines = [f'curl -X {method.upper()} "$OFFHOOK_BASE_URL{_address(path, operation)}"']
    if "security" in operation:
        lines.append('-H "X-API-Key: $OFFHOOK_API_KEY"')
    lines += [
        f"-H {shlex.quote(each['name'] + ': ' + parameter_example(each))}"
        for each in operation.get("parameters", [])
        if each["in"] == "header" and each.get("required")
    ]
    content = operation.get("requestBody", {}).get("content", {})
    if CSV_TYPE in content:
        lines += [f"-H 'Content-Type: {CSV_TYPE}'", "--data-binary @list.csv"]
    body = content_example(document, content.get(JSON_TYPE, {}))
    if body is not None:
        lines += [
            f"-H 'Content-Type: {JSON_TYPE}'",
            f"-d {shlex.quote(json.dumps(body, ensure_ascii=False))}",
        ]
    return " \\\n  ".join(lines)


def _address(path: str, operation: dict[str, Any]) -> str:
    parameters = {each["name"]: each for each in operation.get("parameters", [])}
    filled = _PLACE.sub(lambda place: parameter_example(parameters[place[1]]), path)
    asked = [
        f"{name}={parameter_example(each)}"
        for name, each in parameters.items()
        if each["in"] == "query" and each.get("required")
    ]
    return f"{filled}?{'&'.join(asked)}" if asked else filled
