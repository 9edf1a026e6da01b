"""Writes whose first reply is lost, so that the SDK sends them again."""

from collections.abc import Iterator
from dataclasses import replace
from http.client import HTTPConnection
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from urllib.parse import urlsplit

import pytest

from offhook.adapters.dynamodb.store import Store, connect
from offhook.runs.model import RunStatus
from offhook.settings import Settings
from tests.support.makers import NOON, make_events, make_run

WRITES = ("PutItem", "UpdateItem")


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


def test_a_run_is_created_once_and_without_an_error(lossy_store: Store, organization_id: str) -> None:
    run = make_run(organization_id)
    lossy_store.runs.create(run)
    assert lossy_store.runs.get(organization_id, run.id) == run


def test_an_append_is_not_taken_for_somebody_elses(lossy_store: Store, organization_id: str) -> None:
    run = make_run(organization_id)
    lossy_store.events.append(run.id, make_events(1, 2))
    assert list(lossy_store.events.read(run.id)) == make_events(1, 2)


def test_a_takeover_does_not_lose_against_itself(
    lossy_store: Store, store: Store, organization_id: str
) -> None:
    run = make_run(organization_id)
    store.runs.create(run)
    taken = lossy_store.runs.take_over(run, "streamer-1", NOON)
    assert taken.ownership is not None
    assert taken.ownership.epoch == 1
    ended = replace(taken, status=RunStatus.COMPLETED, ended_at=NOON)
    lossy_store.runs.finish(ended, taken.ownership)
    assert store.runs.get(organization_id, run.id) == replace(ended, ownership=None)
