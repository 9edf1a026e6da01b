"""A store whose writes lose their first reply, so that the SDK sends them again."""

from collections.abc import Iterator
from http.client import HTTPConnection
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from urllib.parse import urlsplit

import pytest

from offhook.adapters.dynamodb.store import Store, connect
from offhook.settings import Settings

WRITES = ("PutItem", "UpdateItem", "DeleteItem", "TransactWriteItems")


@pytest.fixture
def lossy_store(aws_endpoint_url: str, storage_settings: Settings) -> Iterator[Store]:
    """Return a store on the other side of a proxy that drops the connection in place of the first reply to a write."""
    behind = urlsplit(aws_endpoint_url)
    lost: set[bytes] = set()

    class Proxy(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            connection = HTTPConnection(str(behind.hostname), behind.port, timeout=10)
            connection.request("POST", self.path, body, dict(self.headers))
            reply = connection.getresponse()
            content = reply.read()
            connection.close()
            if self.headers["X-Amz-Target"].endswith(WRITES) and body not in lost:
                lost.add(body)
                self.close_connection = True
                return
            self.send_response(reply.status)
            for name in ("Content-Type", "x-amzn-RequestId", "x-amz-crc32"):
                if reply.headers[name]:
                    self.send_header(name, reply.headers[name])
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
            """Say nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Proxy) as server:
        thread = Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        yield connect(storage_settings, endpoint_url=f"http://127.0.0.1:{server.server_port}")
        server.shutdown()
        thread.join()
        assert lost
