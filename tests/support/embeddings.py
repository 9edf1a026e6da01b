"""Bedrock's InvokeModel with a model of embeddings behind it, on this machine: topics by their words, and faults."""

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import unquote

TOPICS = (("open", "nine", "morning", "early"), ("park", "car", "house"))
DIMENSIONS = 256


@dataclass(slots=True)
class Embeddings:
    """What was asked of which model, and how the service answers: `fault` is a status, or a body of its own."""

    url: str = ""
    asked: list[tuple[str, dict[str, Any]]] = field(default_factory=list)
    fault: int | bytes | None = None


def vector_of(text: str) -> list[float]:
    """Return a vector that points to the topic whose words the text has."""
    hits = [sum(word in text.lower() for word in topic) for topic in TOPICS]
    place = hits.index(max(hits)) if any(hits) else len(TOPICS)
    return [float(number == place) for number in range(DIMENSIONS)]


@contextmanager
def embeddings() -> Iterator[Embeddings]:
    """Serve it."""
    served = Embeddings()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            served.asked.append((unquote(self.path), body))
            fault = served.fault
            answer = json.dumps(
                {"embedding": vector_of(body["inputText"]), "inputTextTokenCount": 3}
            ).encode()
            self.send_response(fault if isinstance(fault, int) else 200)
            if isinstance(fault, int):
                answer = b'{"message": "no"}'
                self.send_header("x-amzn-ErrorType", "ThrottlingException")
            elif fault is not None:
                answer = fault
            self.send_header("Content-Length", str(len(answer)))
            self.end_headers()
            self.wfile.write(answer)

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        served.url = f"http://127.0.0.1:{server.server_port}"
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
        thread.start()
        try:
            yield served
        finally:
            server.shutdown()
            thread.join()
