"""The n8n workflow of the documents, its nodes carried out in turn by a small stand-in for n8n against a whole install."""

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import cast

import httpx
import pytest

from tests.support.callback_receiver import CallbackReceiver, Received, callback_receiver
from tests.support.whole_install import Document, WholeInstall

pytestmark = pytest.mark.timeout(150)

FILE = Path(__file__).parents[2] / "docs" / "n8n" / "outbound-call.json"
WORKFLOW: Document = json.loads(FILE.read_text(encoding="utf-8"))
NODES: dict[str, Document] = {node["name"]: node for node in WORKFLOW["nodes"]}

_EXPRESSION = re.compile(r"\{\{ (.*?) \}\}")
_OTHER_NODE = re.compile(r"\$\('([^']+)'\)\.first\(\)\.json\.(\w+)")


@dataclass(kw_only=True)
class Execution:
    """One execution: what each node gave, in the order of the connections."""

    http: httpx.Client
    resume_url: str
    receiver: CallbackReceiver
    changes: Mapping[str, str]
    api_key: str
    outputs: dict[str, Document] = field(default_factory=dict)
    resumed: Received | None = None

    def run(self) -> None:
        """Carry out every node from the trigger on."""
        (name,) = (node["name"] for node in WORKFLOW["nodes"] if node["type"].endswith("Trigger"))
        data: Document = {}
        while name:
            data = self.carry_out(name, data)
            following = WORKFLOW["connections"].get(name, {"main": [[]]})["main"][0]
            name = following[0]["node"] if following else ""

    def carry_out(self, name: str, data: Document) -> Document:
        """Do what one node does with the item that comes in; return the item that goes out."""
        node = NODES[name]
        match node["type"].rpartition(".")[2]:
            case "manualTrigger":
                out: Document = {}
            case "set":
                out = {a["name"]: a["value"] for a in node["parameters"]["assignments"]["assignments"]}
                out |= self.changes
            case "httpRequest":
                out = self.send(name, data)
            case "wait":
                assert node["parameters"]["resume"] == "webhook"
                self.resumed = self.receiver.next_delivery()
                out = {"body": self.resumed.document, "headers": dict(self.resumed.headers)}
            case other:
                pytest.fail(f"the stand-in knows no {other}")
        self.outputs[name] = out
        return out

    def send(self, name: str, data: Document) -> Document:
        """Send a node's request and return the answer's object."""
        reply = self.request(name, data)
        assert reply.status_code == 200, reply.text
        return cast("Document", reply.json())

    def request(self, name: str, data: Document) -> httpx.Response:
        parameters = NODES[name]["parameters"]
        assert parameters["genericAuthType"] == "httpHeaderAuth"
        headers = {
            header["name"]: self.filled(header["value"], data)
            for header in parameters.get("headerParameters", {"parameters": []})["parameters"]
        }
        body = json.loads(self.filled(parameters["jsonBody"], data)) if "jsonBody" in parameters else None
        return self.http.request(
            parameters.get("method", "GET"),
            self.filled(parameters["url"], data),
            headers={**headers, "X-API-Key": self.api_key},
            json=body,
        )

    def filled(self, template: str, data: Document) -> str:
        """Fill in the expressions of a parameter."""
        if not template.startswith("="):
            return template
        return _EXPRESSION.sub(lambda found: self.value(found[1], data), template[1:])

    def value(self, expression: str, data: Document) -> str:
        if inner := re.fullmatch(r"JSON\.stringify\((.*)\)", expression):
            return json.dumps(self.value(inner[1], data))
        if other := _OTHER_NODE.fullmatch(expression):
            return str(self.outputs[other[1]][other[2]])
        if own := re.fullmatch(r"\$json\.(\w+)", expression):
            return str(data[own[1]])
        return {
            "$execution.id": "231",
            "$workflow.id": "k2Tq8pYxRz0aVb1c",
            "$execution.resumeUrl": self.resume_url,
        }[expression]


@pytest.fixture(scope="module")
def execution(shared_install: WholeInstall) -> Iterator[Execution]:
    """Return the execution of the whole workflow, with nothing changed but the address that a user has to set."""
    with callback_receiver() as receiver, httpx.Client(timeout=30, trust_env=False) as http:
        execution = Execution(
            http=http,
            resume_url=f"{receiver.url}/webhook-waiting/231",
            receiver=receiver,
            changes={"offhook_url": shared_install.base_url, "customer_name": 'Ada "the first" Lovelace'},
            api_key=a_key(shared_install, "calls:write", "runs:read"),
        )
        execution.run()
        yield execution


def a_key(install: WholeInstall, *scopes: str) -> str:
    reply = install.http.post("/api/v1/user/api-keys", json={"name": "n8n", "scopes": scopes})
    assert reply.status_code == 201, reply.text
    return str(reply.json()["api_key"])


def test_the_call_is_placed_and_its_end_wakes_the_workflow(execution: Execution) -> None:
    assert list(execution.outputs) == [
        "Start",
        "Whom to call",
        "Place the call",
        "Wait for its end",
        "Read the run",
    ]
    placed, run = execution.outputs["Place the call"], execution.outputs["Read the run"]
    assert run["workflow_run_id"] == placed["workflow_run_id"]
    assert (run["status"], run["disposition"]) == ("completed", "rescheduled")
    assert run["gathered_context"] == {"day": "Thursday"}
    assert run["initial_context"]["customer_name"] == 'Ada "the first" Lovelace'


def test_what_wakes_it_is_the_run_itself(execution: Execution) -> None:
    assert execution.resumed
    assert execution.resumed.path == "/webhook-waiting/231"
    told, read = execution.resumed.document, execution.outputs["Read the run"]
    # Links are minted anew, and the callback that brings the run is still under way itself.
    changing = {"recording_url", "transcript_url", "callback"}
    assert {key: told[key] for key in read if key not in changing} == {
        key: read[key] for key in read if key not in changing
    }


def test_a_second_try_of_the_same_execution_calls_nobody(
    execution: Execution, shared_install: WholeInstall
) -> None:
    before = shared_install.run_ids()
    again = execution.request("Place the call", execution.outputs["Whom to call"])
    assert again.json() == execution.outputs["Place the call"]
    assert again.headers["Idempotent-Replayed"] == "true"
    assert shared_install.run_ids() == before


def test_no_expression_ends_early() -> None:
    for template in re.findall(r'"(=(?:[^"\\]|\\.)*)"', FILE.read_text(encoding="utf-8")):
        for inner in _EXPRESSION.findall(template):
            assert "{" not in inner
            assert "}" not in inner


def test_every_node_is_reached_and_nothing_secret_is_in_the_file() -> None:
    reached = {target["node"] for ways in WORKFLOW["connections"].values() for target in ways["main"][0]}
    assert reached | {"Start"} == set(NODES)
    assert "dg_" not in FILE.read_text(encoding="utf-8")


@pytest.mark.parametrize("name", ["Place the call", "Read the run"])
def test_every_request_gives_up_before_n8n_would_wait_for_minutes(name: str) -> None:
    assert NODES[name]["parameters"]["options"]["timeout"] <= 30_000
    assert NODES[name]["retryOnFail"] is True
