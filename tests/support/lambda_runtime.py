"""A function under the runtime client of AWS Lambda, as a process of its own, and the Runtime API that it asks."""

import json
import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from queue import Queue
from typing import Any
from uuid import uuid4

from offhook.settings import Settings

API = "/2018-06-01/runtime"
LIMIT_S = 60.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What the function answered; `kind` is `response`, `error`, `init-error`, or `exit`."""

    kind: str
    body: Any


class RuntimeApi(ThreadingHTTPServer):
    """Hands events out to one function, and takes its answers."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Asked)
        self.events: Queue[str | None] = Queue()
        self.outcomes: Queue[Outcome] = Queue()

    @property
    def address(self) -> str:
        return f"127.0.0.1:{self.server_address[1]}"

    def handle_error(self, *_: object) -> None:
        """Say nothing of the connection that a function leaves open when it is ended."""


class _Asked(BaseHTTPRequestHandler):
    server: RuntimeApi
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        event = self.server.events.get() if self.path == f"{API}/invocation/next" else None
        if event is None:
            self.close_connection = True
            return
        headers = {
            "Content-Type": "application/json",
            "Lambda-Runtime-Aws-Request-Id": str(uuid4()),
            "Lambda-Runtime-Deadline-Ms": str(int((time.time() + 30) * 1000)),
            "Lambda-Runtime-Invoked-Function-Arn": "arn:aws:lambda:us-east-1:123456789012:function:offhook",
            "Lambda-Runtime-Trace-Id": "Root=1-5e1b4151-43a0913a12345678901234567",
        }
        self._answer(200, event, headers)

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length", 0))).decode()
        kind = "init-error" if self.path.endswith("/init/error") else self.path.rpartition("/")[2]
        self.server.outcomes.put(Outcome(kind=kind, body=json.loads(body)))
        self._answer(202, "{}", {})

    def _answer(self, status: int, body: str, headers: dict[str, str]) -> None:
        self.send_response(status)
        for name, value in {**headers, "Content-Length": str(len(body.encode()))}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body.encode())

    def log_message(self, *_: object) -> None:
        """Say nothing on the test's stderr."""


@dataclass(slots=True)
class LambdaProcess:
    """A running function, and all lines that it has written."""

    api: RuntimeApi
    lines: list[str] = field(default_factory=list)
    written: threading.Condition = field(default_factory=threading.Condition)

    def invoke(self, event: dict[str, Any]) -> Any:
        """Return the function's answer to an event."""
        self.api.events.put(json.dumps(event))
        outcome = self.api.outcomes.get(timeout=LIMIT_S)
        assert outcome.kind == "response", outcome
        return outcome.body

    def follow(self, output: Iterator[str]) -> None:
        for line in output:
            with self.written:
                self.lines.append(line.rstrip("\n"))
                self.written.notify_all()
        self.api.outcomes.put(Outcome(kind="exit", body=self.lines[-20:]))

    def records(self, **fields: object) -> list[dict[str, Any]]:
        """Return the JSON lines that have these fields; wait for the first one."""
        return self._those(lambda record: fields.items() <= record.items())

    def metrics(self) -> list[dict[str, Any]]:
        """Return the lines of CloudWatch's embedded metrics; wait for the first one."""
        return self._those(lambda record: "_aws" in record)

    def _those(self, is_wanted: Callable[[dict[str, Any]], bool]) -> list[dict[str, Any]]:
        def found() -> list[dict[str, Any]]:
            known = [json.loads(line) for line in self.lines if line.startswith("{")]
            return [each for each in known if is_wanted(each)]

        with self.written:
            self.written.wait_for(found, timeout=LIMIT_S)
            return found()


@contextmanager
def running_lambda(name: str, settings: Settings) -> Iterator[LambdaProcess]:
    """Run a function with the environment of these settings, on the AWS that the SDK's own variables name."""
    command = [sys.executable, "-m", "awslambdaric", f"functions.{name}.handler.handler"]
    # As verbose as an operator can make it: libraries must be quiet all the same.
    verbose = {"AWS_LAMBDA_LOG_FORMAT": "JSON", "AWS_LAMBDA_LOG_LEVEL": "DEBUG"}
    with running_command(command, {**os.environ, **settings.to_env(), **verbose}, name=name) as function:
        yield function


@contextmanager
def running_command(
    command: Sequence[str], environment: Mapping[str, str], *, name: str, folder: Path | None = None
) -> Iterator[LambdaProcess]:
    """Run a function by a command that starts the runtime client, with these variables and those of Lambda itself."""
    api = RuntimeApi()
    server = threading.Thread(target=api.serve_forever, kwargs={"poll_interval": 0.05})
    server.start()
    lambdas = {
        "AWS_LAMBDA_RUNTIME_API": api.address,
        "AWS_LAMBDA_FUNCTION_NAME": f"offhook-{name}",
        "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": "1024",
        "AWS_LAMBDA_FUNCTION_VERSION": "$LATEST",
        "PYTHONUNBUFFERED": "1",
    }
    try:
        with subprocess.Popen(
            command,
            env={**environment, **lambdas},
            cwd=folder,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        ) as process:
            assert process.stdout is not None
            function = LambdaProcess(api)
            reader = threading.Thread(target=function.follow, args=[process.stdout])
            reader.start()
            try:
                yield function
            finally:
                process.terminate()
                process.wait(LIMIT_S)
                reader.join()
    finally:
        api.events.put(None)
        api.shutdown()
        server.join()
        api.server_close()


def http_event(
    method: str, path: str, *, headers: dict[str, str] | None = None, body: str | None = None, query: str = ""
) -> dict[str, Any]:
    """Return an event of an HTTP API, payload format 2.0."""
    return {
        "version": "2.0",
        "routeKey": "$default",
        "rawPath": path,
        "rawQueryString": query,
        "headers": {"host": "voice.example.net", **(headers or {})},
        "requestContext": {
            "http": {"method": method, "path": path, "sourceIp": "192.0.2.1", "protocol": "HTTP/1.1"},
            "requestId": "gateway-1",
            "stage": "$default",
        },
        "body": body,
        "isBase64Encoded": False,
    }


def queue_event(*bodies: str) -> dict[str, Any]:
    """Return an event of SQS with these messages, `m0` and on."""
    return {
        "Records": [
            {"messageId": f"m{index}", "body": body, "eventSource": "aws:sqs", "attributes": {}}
            for index, body in enumerate(bodies)
        ]
    }
