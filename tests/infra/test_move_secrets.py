"""The edge's function in Node, and what the streamer reads of what it lets through: the same as of the address itself."""

import json
import re
import subprocess
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

import infra.edge
from streamer.sockets.stream_request import _MOVED, StreamRequest, read_stream_request

SOURCE = (Path(infra.edge.__file__).parent / "move_secrets.js").read_text()
NODE = Path(sys.executable).with_name("node")
# Its own scope and strict, as at the edge; a line for each event, and one for each request that comes of it.
HARNESS = """
const handler = new Function('"use strict";' + process.argv[1] + '\\nreturn handler;')();
require('readline').createInterface({ input: process.stdin }).on('line', (line) => {
  console.log(JSON.stringify(handler(JSON.parse(line))));
});
"""


@dataclass(frozen=True, slots=True)
class Node:
    process: subprocess.Popen[str]

    def run(self, query: str, headers: Mapping[str, str]) -> tuple[str, dict[str, str]]:
        """Return query and headers as the function lets them through."""
        assert self.process.stdin
        assert self.process.stdout
        self.process.stdin.write(json.dumps(event_of(query, headers)) + "\n")
        self.process.stdin.flush()
        request = json.loads(self.process.stdout.readline())
        passed = {name: each["value"] for name, each in request["headers"].items()}
        return query_of(request["querystring"]), passed

    def read(self, query: str, headers: Mapping[str, str]) -> StreamRequest:
        """Return what the streamer reads behind the edge."""
        return read_stream_request("agent-1", None, *self.run(query, headers))


def event_of(query: str, headers: Mapping[str, str]) -> dict[str, Any]:
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


def query_of(told: Mapping[str, Any]) -> str:
    return "&".join(
        f"{name}={each['value']}"
        for name, parameter in told.items()
        for each in parameter.get("multiValue", [parameter])
    )


@pytest.fixture(scope="module")
def node() -> Iterator[Node]:
    with subprocess.Popen(
        [NODE, "-e", HARNESS, SOURCE], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        yield Node(process)
        assert process.stdin
        process.stdin.close()


def test_secrets_leave_the_address_and_all_else_stays(node: Node) -> None:
    query, headers = node.run(
        "api_key=dg_1&provider=cloudonix&session=XI%2B1&from=+15555550100&a=1&a=2", {"host": "voice"}
    )
    assert query == "provider=cloudonix&from=+15555550100&a=1&a=2"
    assert headers == {"host": "voice", "x-offhook-api-key": "dg_1", "x-offhook-session": "XI%2B1"}


@pytest.mark.parametrize(
    ("query", "key", "session"),
    [
        ("api_key=a%2Fb%3D%3D&session=a+b", "a/b==", "a+b"),
        ("api_key=%C3%BC&session=50%25", "ü", "50%"),
        ("api_key=dg_1&api_key=dg_2&session=&session=XI-2", "dg_1", "XI-2"),
        ("api%5Fkey=dg_1&%73ession=XI-1", "dg_1", "XI-1"),
        ("api_key=&provider=cloudonix", None, None),
        ("provider=cloudonix&constructor=x&%zz=1", None, None),
        ("", None, None),
    ],
    ids=["encoded", "not ASCII", "repeated", "name encoded", "empty", "missing", "no query"],
)
def test_the_streamer_reads_what_it_would_have_read_of_the_address(
    node: Node, query: str, key: str | None, session: str | None
) -> None:
    read = node.read(query, {})
    assert read == read_stream_request("agent-1", None, query, {})
    assert (read.api_key, read.parameters.get("session")) == (key, session)


def test_headers_that_a_client_has_made_up_count_for_nothing(node: Node) -> None:
    forged = dict.fromkeys(_MOVED.values(), "forged")
    assert node.read("provider=cloudonix", forged).api_key is None
    read = node.read("api_key=dg_1&session=XI-1", forged)
    assert (read.api_key, read.parameters["session"]) == ("dg_1", "XI-1")


def test_it_moves_what_the_streamer_looks_for(node: Node) -> None:
    query, headers = node.run("&".join(f"{name}=secret" for name in _MOVED), {})
    assert (query, headers) == ("", dict.fromkeys(_MOVED.values(), "secret"))


_TEXT = st.text("ab%25+/=;-_0é", max_size=6).map(lambda text: text.replace("é", "%C3%A9").replace("=", "%3D"))
_NAMES = st.sampled_from(["api_key", "session", "provider", "Domain", "api%5Fkey", "%zz", "__proto__"])


@pytest.mark.fuzz
@given(st.lists(st.tuples(_NAMES, _TEXT), max_size=5))
def test_of_any_address_the_streamer_reads_the_same(node: Node, parameters: list[tuple[str, str]]) -> None:
    query = "&".join(f"{name}={value}" for name, value in parameters)
    passed, headers = node.run(query, dict.fromkeys(_MOVED.values(), "forged"))
    assert read_stream_request("agent-1", None, passed, headers) == read_stream_request(
        "agent-1", None, query, {}
    )
    assert not {"api_key", "session", "api%5Fkey"} & {pair.partition("=")[0] for pair in passed.split("&")}


def test_it_is_within_what_the_edge_runs() -> None:
    assert len(SOURCE.encode()) < 10_000
    code = re.sub(r"//.*", "", SOURCE)
    # The runtime is ECMAScript 5.1 with some of what came later: nothing of that is needed here.
    assert not re.search(
        r"=>|`|\.\.\.|\b(let|const|class|of|async|await|import|require|eval|Function)\b", code
    )
