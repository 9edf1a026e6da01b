"""Stores behind a proxy that answers for DynamoDB: with silence, with half of
what was asked, or with a conflict that was nobody's fault.
"""

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.client import HTTPConnection
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from urllib.parse import urlsplit

import pytest

from offhook.adapters.dynamodb.store import Store, connect
from offhook.settings import Settings

WRITES = ("PutItem", "UpdateItem", "DeleteItem", "TransactWriteItems")
_CONFLICT = {
    "__type": "com.amazonaws.dynamodb.v20120810#TransactionCanceledException",
    "Message": "Transaction cancelled, please refer cancellation reasons for specific reasons [TransactionConflict]",
    "CancellationReasons": [
        {"Code": "TransactionConflict", "Message": "Transaction is ongoing for the item"}
    ],
}

_ONGOING = {
    "__type": "com.amazonaws.dynamodb.v20120810#TransactionConflictException",
    "message": "Transaction is ongoing for the item",
}

Reply = tuple[int, bytes]
Forward = Callable[[], Reply]
Answering = Callable[[str, bytes, Forward], Reply | None]
"""Answers a request, given its action and its body, with the help of the real DynamoDB; None drops the connection."""


@pytest.fixture
def lossy_store(aws_endpoint_url: str, storage_settings: Settings) -> Iterator[Store]:
    """Return a store whose writes lose their first reply, so that the SDK sends them again."""
    lost: set[bytes] = set()

    def lose_first_reply(action: str, body: bytes, forward: Forward) -> Reply | None:
        reply = forward()
        if action not in WRITES or body in lost:
            return reply
        lost.add(body)
        return None

    with _behind_proxy(aws_endpoint_url, storage_settings, lose_first_reply) as store:
        yield store
    assert lost


@pytest.fixture
def contended_store(aws_endpoint_url: str, storage_settings: Settings) -> Iterator[Store]:
    """Return a store whose writes first meet a transaction at the same item, which refuses them."""
    refused: list[bytes] = []

    def refuse_every_second(action: str, body: bytes, forward: Forward) -> Reply:
        if action not in WRITES:
            return forward()
        refused.append(body)
        conflict = _CONFLICT if action == "TransactWriteItems" else _ONGOING
        return forward() if len(refused) % 2 == 0 else (400, json.dumps(conflict).encode())

    with _behind_proxy(aws_endpoint_url, storage_settings, refuse_every_second) as store:
        yield store
    assert refused


@contextmanager
def throttled_store(
    aws_endpoint_url: str, settings: Settings, *, for_requests: int
) -> Iterator[tuple[Store, list[int]]]:
    """Open a store that does one item of each batch read, for so many requests; then all that is asked.

    The list says how many items each request has asked for.
    """
    asked: list[int] = []

    def leave_undone(action: str, body: bytes, forward: Forward) -> Reply:
        status, content = forward()
        if action != "BatchGetItem":
            return status, content
        ((table, request),) = json.loads(body)["RequestItems"].items()
        asked.append(len(request["Keys"]))
        if len(asked) > for_requests:
            return status, content
        reply = json.loads(content)
        done = reply["Responses"][table][:1]
        keys = [{name: item[name] for name in ("pk", "sk")} for item in done]
        undone = {**request, "Keys": [key for key in request["Keys"] if key not in keys]}
        left = {"Responses": {table: done}, "UnprocessedKeys": {table: undone} if undone["Keys"] else {}}
        return status, json.dumps(left).encode()

    with _behind_proxy(aws_endpoint_url, settings, leave_undone) as store:
        yield store, asked


@contextmanager
def _behind_proxy(aws_endpoint_url: str, settings: Settings, answering: Answering) -> Iterator[Store]:
    behind = urlsplit(aws_endpoint_url)

    class Proxy(BaseHTTPRequestHandler):
        """Has each request answered."""

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            action = self.headers["X-Amz-Target"].rpartition(".")[2]
            reply = answering(action, body, lambda: self._forward(body))
            if reply is None:
                self.close_connection = True
                return
            status, content = reply
            self.send_response(status)
            self.send_header("Content-Type", "application/x-amz-json-1.0")
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def _forward(self, body: bytes) -> Reply:
            connection = HTTPConnection(str(behind.hostname), behind.port, timeout=10)
            connection.request("POST", self.path, body, dict(self.headers))
            reply = connection.getresponse()
            content = reply.read()
            connection.close()
            return reply.status, content

        def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
            """Say nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Proxy) as server:
        thread = Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        try:
            yield connect(settings, endpoint_url=f"http://127.0.0.1:{server.server_port}")
        finally:
            server.shutdown()
            thread.join()
