"""The function that CloudFront runs before every socket, run in Node as the edge runs it."""

import json
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import infra.edge

SOURCE = (Path(infra.edge.__file__).parent / "move_secrets.js").read_text()
_NODE = Path(sys.executable).with_name("node")
# Its own scope and strict, as at the edge; a line for each event, and one for each request that comes of it.
_HARNESS = """
const handler = new Function('"use strict";' + process.argv[1] + '\\nreturn handler;')();
require('readline').createInterface({ input: process.stdin }).on('line', (line) => {
  console.log(JSON.stringify(handler(JSON.parse(line))));
});
"""


@dataclass(frozen=True, slots=True)
class EdgeFunction:
    """Says what becomes of a request at the edge."""

    process: subprocess.Popen[str]

    def run(self, query: str, headers: Mapping[str, str]) -> tuple[str, dict[str, str]]:
        """Return query and headers as the function lets them through; header names are lower case."""
        assert self.process.stdin
        assert self.process.stdout
        self.process.stdin.write(json.dumps(_event_of(query, headers)) + "\n")
        self.process.stdin.flush()
        request = json.loads(self.process.stdout.readline())
        passed = {name: each["value"] for name, each in request["headers"].items()}
        return _query_of(request["querystring"]), passed


@contextmanager
def edge_function() -> Iterator[EdgeFunction]:
    """Start Node, and end it."""
    command = [str(_NODE), "-e", _HARNESS, SOURCE]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        yield EdgeFunction(process)
        assert process.stdin
        process.stdin.close()


def _event_of(query: str, headers: Mapping[str, str]) -> dict[str, Any]:
    """Return a viewer's request as CloudFront tells it: nothing decoded, and repeated parameters under one name."""
    parameters: dict[str, list[str]] = {}
    for pair in filter(None, query.split("&")):
        name, _, value = pair.partition("=")
        parameters.setdefault(name, []).append(value)
    told: dict[str, Any] = {}
    for name, values in parameters.items():
        told[name] = {"value": values[0]}
        if len(values) > 1:
            told[name]["multiValue"] = [{"value": value} for value in values]
    return {
        "version": "1.0",
        "context": {"eventType": "viewer-request"},
        "viewer": {"ip": "192.0.2.1"},
        "request": {
            "method": "GET",
            "uri": "/api/v1/agent-stream/agent-1",
            "querystring": told,
            "headers": {name: {"value": value} for name, value in headers.items()},
            "cookies": {},
        },
    }


def _query_of(told: Mapping[str, Any]) -> str:
    return "&".join(
        f"{name}={each['value']}"
        for name, parameter in told.items()
        for each in parameter.get("multiValue", [parameter])
    )
