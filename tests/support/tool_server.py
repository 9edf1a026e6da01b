"""Somebody's HTTP API, as tools call it: a server on this machine that keeps what it is asked and answers as a test says."""

import json
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """One request: its headers' names are in small letters."""

    method: str
    path: str
    headers: Mapping[str, str]
    body: bytes

    @property
    def document(self) -> Any:
        """The body, as JSON."""
        return json.loads(self.body)


Answering = Callable[[Asked], tuple[int, Any]]
"""Returns a status and what is sent as JSON; waits as long as it likes. With an OSError, nothing is sent."""


@dataclass(slots=True, kw_only=True)
class ToolServer:
    """A running server and what it was asked."""

    url: str
    asked: list[Asked] = field(default_factory=list)


@contextmanager
def tool_server(answer: Answering) -> Iterator[ToolServer]:
    """Serve on a free port, each request in a thread of its own, for the time of the block."""
    server_of_tools: ToolServer

    class Handler(BaseHTTPRequestHandler):
        def _serve(self) -> None:
            body = self.rfile.read(int(self.headers.get("content-length", 0)))
            headers = {name.lower(): value for name, value in self.headers.items()}
            asked = Asked(method=self.command, path=self.path, headers=headers, body=body)
            server_of_tools.asked.append(asked)
            with suppress(OSError):
                self._send(*answer(asked))

        def _send(self, status: int, document: Any) -> None:
            sent = json.dumps(document).encode()
            self.send_response(status)
            self.send_header("content-type", "application/json")
            self.send_header("content-length", str(len(sent)))
            self.end_headers()
            self.wfile.write(sent)

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    for method in ("GET", "POST", "PUT", "PATCH", "DELETE"):
        setattr(Handler, f"do_{method}", Handler._serve)
    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        server_of_tools = ToolServer(url=f"http://127.0.0.1:{server.server_port}")
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
        thread.start()
        try:
            yield server_of_tools
        finally:
            server.shutdown()
            thread.join()
