"""A program that waits to be told of the end of a run: an HTTP server on this machine that keeps what it gets."""

import json
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from queue import Queue
from typing import Any

Answer = int | tuple[int, dict[str, str]] | bytes
"""A status, or a status with headers, or the body of a good answer."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Received:
    """One request that came: how, where to, with which headers (their names in small letters), and its body."""

    method: str
    path: str
    headers: Mapping[str, str]
    body: bytes

    @property
    def document(self) -> Any:
        """The body, as JSON."""
        return json.loads(self.body)


@dataclass(frozen=True, slots=True, kw_only=True)
class CallbackReceiver:
    """A running receiver; answers are given in turn, the last one for ever."""

    url: str
    deliveries: "Queue[Received]"
    answers: list[Answer] = field(default_factory=lambda: [200])

    def next_delivery(self, limit_s: float = 60) -> Received:
        """Wait for the next request."""
        return self.deliveries.get(timeout=limit_s)


@contextmanager
def callback_receiver(*answers: Answer) -> Iterator[CallbackReceiver]:
    """Run a receiver on a free port for the time of the block."""
    receiver: CallbackReceiver

    class Handler(BaseHTTPRequestHandler):
        def take(self) -> None:
            body = self.rfile.read(int(self.headers.get("content-length", 0)))
            headers = {name.lower(): value for name, value in self.headers.items()}
            # Before the answer: whoever has that may look here at once.
            receiver.deliveries.put(Received(method=self.command, path=self.path, headers=headers, body=body))
            left = receiver.answers
            answer = left.pop(0) if len(left) > 1 else left[0]
            given = answer if isinstance(answer, bytes) else b""
            status, more = (
                answer if isinstance(answer, tuple) else (answer if isinstance(answer, int) else 200, {})
            )
            self.send_response(status)
            for name, value in more.items():
                self.send_header(name, value)
            self.send_header("content-length", str(len(given)))
            self.end_headers()
            self.wfile.write(given)

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    for method in ("GET", "POST", "PUT", "PATCH", "DELETE"):
        setattr(Handler, f"do_{method}", Handler.take)
    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        receiver = CallbackReceiver(
            url=f"http://127.0.0.1:{server.server_port}", deliveries=Queue(), answers=[*answers] or [200]
        )
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
        thread.start()
        try:
            yield receiver
        finally:
            server.shutdown()
            thread.join()
