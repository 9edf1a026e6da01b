"""What stands in for the parts of AWS that moto lacks, or that its libraries are not here for: stacks, functions, quotas.

One stack of two functions, between which an install's settings are shared out.
"""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email.utils import formatdate
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from time import time
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

_OF_BEDROCK = ("/foundation-models", "/inference-profiles", "/foundation-model-availability/")
_FUNCTION = "AWS::Lambda::Function"
VARIABLES = ("BEDROCK", "CLOUDFORMATION", "LAMBDA", "SERVICE_QUOTAS", "STS")


@dataclass(kw_only=True)
class ControlPlane:
    """What it answers. `resources` are the stack's beside its functions, each a type and a physical id by its logical id.

    `skew_s` is how far its clock is ahead, `sts_refuses` with which code it refuses who asks.
    """

    outputs: dict[str, str]
    environment: dict[str, str]
    status: str = "UPDATE_COMPLETE"
    has_functions: bool = True
    refuses_resources: bool = False
    concurrency: int = 1000
    quotas: dict[str, int] = field(default_factory=lambda: {"Concurrent streams for transcription": 250})
    models: dict[str, bool] = field(
        default_factory=lambda: {"amazon.nova-lite-v1:0": True, "amazon.old-v1": False}
    )
    """Those of Bedrock: whether the account may use each."""
    profiles: dict[str, str] = field(
        default_factory=lambda: {"us.amazon.nova-lite-v1:0": "amazon.nova-lite-v1:0"}
    )
    """Its inference profiles, each with the model behind it."""
    refuses_bedrock: bool = False
    resources: dict[str, tuple[str, str]] = field(default_factory=dict)
    skew_s: int = 0
    sts_refuses: str = ""
    url: str = ""

    @property
    def endpoints(self) -> dict[str, str]:
        """The SDK's own variables that lead here."""
        return {f"AWS_ENDPOINT_URL_{service}": self.url for service in VARIABLES}

    @contextmanager
    def serving(self) -> Iterator["ControlPlane"]:
        plane = self

        class Handler(BaseHTTPRequestHandler):
            """Answers by what is asked for."""

            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"])).decode()
                if "X-Amz-Target" in self.headers:
                    self._send(200, json.dumps(plane.list_quotas()))
                else:
                    query = {name: values[0] for name, values in parse_qs(body).items()}
                    self._send(*plane.answer(query))

            def do_GET(self) -> None:
                path = unquote(urlsplit(self.path).path)
                if path.startswith(_OF_BEDROCK):
                    self._send(*plane.answer_bedrock(path))
                else:
                    self._send(200, json.dumps(plane.answer_lambda(path)))

            def date_time_string(self, timestamp: float | None = None) -> str:
                return formatdate(time() + plane.skew_s, usegmt=True)

            def log_message(self, *_: object) -> None:
                """Say nothing."""

            def _send(self, status: int, body: str) -> None:
                self.send_response(status)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body.encode())

        with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
            thread = Thread(target=server.serve_forever, args=(0.01,))
            thread.start()
            self.url = f"http://127.0.0.1:{server.server_port}"
            try:
                yield self
            finally:
                server.shutdown()
                thread.join()

    def answer(self, query: dict[str, str]) -> tuple[int, str]:
        """Answer a query of STS or CloudFormation: status and XML."""
        action = query["Action"]
        if action == "GetCallerIdentity":
            if self.sts_refuses:
                return 403, _error(self.sts_refuses)
            return 200, _reply(action, "<Account>123456789012</Account>")
        if query["StackName"] != "Offhook":
            return 400, _error("ValidationError")
        if action == "DescribeStacks":
            outputs = "".join(
                f"<member><OutputKey>{key}</OutputKey><OutputValue>{value}</OutputValue></member>"
                for key, value in self.outputs.items()
            )
            stack = f"<StackName>Offhook</StackName><StackStatus>{self.status}</StackStatus><Outputs>{outputs}</Outputs>"
            return 200, _reply(action, f"<Stacks><member>{stack}</member></Stacks>")
        if self.refuses_resources:
            return 403, _error("AccessDenied")
        return 200, _reply(action, f"<StackResourceSummaries>{self._resources()}</StackResourceSummaries>")

    def answer_lambda(self, path: str) -> Any:
        """Answer a request of Lambda."""
        if "account-settings" in path:
            return {"AccountLimit": {"ConcurrentExecutions": self.concurrency}}
        is_first = "first" in path
        shared = enumerate(sorted(self.environment.items()))
        return {"Environment": {"Variables": dict(each for n, each in shared if (n % 2 == 0) is is_first)}}

    def answer_bedrock(self, path: str) -> tuple[int, str]:
        """Answer a request of Bedrock: status and JSON."""
        arn = "arn:aws:bedrock:us-east-1::foundation-model/"
        if self.refuses_bedrock:
            return 403, json.dumps({"message": "No."})
        if path == _OF_BEDROCK[0]:
            return 200, json.dumps(
                {
                    "modelSummaries": [
                        {"modelId": each, "modelArn": arn + each, "responseStreamingSupported": True}
                        for each in self.models
                    ]
                }
            )
        if path == _OF_BEDROCK[1]:
            found = [
                {
                    "inferenceProfileId": each,
                    "inferenceProfileName": each,
                    "inferenceProfileArn": f"arn:aws:bedrock:us-east-1:123456789012:inference-profile/{each}",
                    "models": [{"modelArn": arn + model}],
                    "status": "ACTIVE",
                    "type": "SYSTEM_DEFINED",
                }
                for each, model in self.profiles.items()
            ]
            return 200, json.dumps({"inferenceProfileSummaries": found})
        may_use = self.models[path.rpartition("/")[2]]
        states = {
            "authorizationStatus": "AUTHORIZED" if may_use else "NOT_AUTHORIZED",
            "entitlementAvailability": "AVAILABLE",
            "regionAvailability": "AVAILABLE",
        }
        agreement = {"status": "AVAILABLE" if may_use else "NOT_AVAILABLE"}
        return 200, json.dumps({"agreementAvailability": agreement, **states})

    def list_quotas(self) -> Any:
        """Return what Transcribe allows."""
        return {"Quotas": [{"QuotaName": name, "Value": value} for name, value in self.quotas.items()]}

    def _resources(self) -> str:
        functions = {name: (_FUNCTION, name) for name in ("first", "second") if self.has_functions}
        return "".join(
            f"<member><LogicalResourceId>{logical}</LogicalResourceId><PhysicalResourceId>{physical}</PhysicalResourceId>"
            f"<ResourceType>{kind}</ResourceType></member>"
            for logical, (kind, physical) in (self.resources | functions).items()
        )


def _reply(action: str, body: str) -> str:
    return f"<{action}Response><{action}Result>{body}</{action}Result></{action}Response>"


def _error(code: str) -> str:
    return f"<ErrorResponse><Error><Code>{code}</Code><Message>No.</Message></Error></ErrorResponse>"
