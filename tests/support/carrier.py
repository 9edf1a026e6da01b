"""A carrier on a real socket that speaks Cloudonix's REST and answers what a test tells it to."""

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from enum import Enum, auto
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


class Silence(Enum):
    """Two ways not to answer a request that was read."""

    DROPPED = auto()
    UNANSWERED = auto()


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What the carrier says."""

    status: int
    body: Any = None
    headers: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What the carrier was asked."""

    method: str
    path: str
    authorization: str | None
    body: Any


DIALLED = Answer(
    status=200,
    body={"token": "sess-0f3b", "domainId": 88, "subscriberId": 51, "direction": "outbound-api"},
)


def _nothing_special(_asked: Asked) -> Answer | Silence | None:
    return None


def at_first(*answers: Answer | Silence) -> Callable[[Asked], Answer | Silence | None]:
    """Answer the first requests with these, one each, and nothing special to those that follow."""
    left = list(answers)
    return lambda _asked: left.pop(0) if left else None


class ScriptedCarrier:
    """Answers each request with `answer_to` it, else with `answer`, and remembers it in `asked`."""

    def __init__(self) -> None:
        self.answer: Answer | Silence = DIALLED
        self.answer_to: Callable[[Asked], Answer | Silence | None] = _nothing_special
        self.asked: list[Asked] = []
        self.url = ""
        self._released = threading.Event()

    def reset(self) -> None:
        self.answer = DIALLED
        self.answer_to = _nothing_special
        self.asked.clear()

    @contextmanager
    def serving(self) -> Iterator["ScriptedCarrier"]:
        carrier = self

        class Handler(BaseHTTPRequestHandler):
            """Hands each request to the carrier."""

            protocol_version = "HTTP/1.1"
            disable_nagle_algorithm = True

            def do_POST(self) -> None:
                carrier._handle(self)

            do_GET = do_DELETE = do_POST  # noqa: N815 (named by the standard library)

            def log_message(self, *_: object) -> None:
                """Say nothing."""

        server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        server.daemon_threads = True
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        self.url = f"http://127.0.0.1:{server.server_port}"
        try:
            yield self
        finally:
            self._released.set()
            server.shutdown()
            server.server_close()
            thread.join()

    def _handle(self, request: BaseHTTPRequestHandler) -> None:
        body = request.rfile.read(int(request.headers.get("content-length", "0")))
        if not request.path.startswith(("/calls/", "/customers/")):
            # A client of another test may still knock at a port that was its own server's a moment ago.
            request.send_error(404)
            return
        asked = Asked(
            method=request.command,
            path=request.path,
            authorization=request.headers.get("authorization"),
            body=json.loads(body) if body else None,
        )
        self.asked.append(asked)
        answer = self.answer_to(asked) or self.answer
        if isinstance(answer, Silence):
            request.close_connection = True
            if answer is Silence.UNANSWERED:
                self._released.wait(timeout=30)
            return
        text = json.dumps(answer.body).encode() if answer.body is not None else b""
        request.send_response(answer.status)
        for name, value in {**answer.headers, "content-length": str(len(text))}.items():
            request.send_header(name, value)
        request.end_headers()
        request.wfile.write(text)
