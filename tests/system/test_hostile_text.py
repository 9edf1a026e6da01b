"""Whatever stands in names, words and errors of an install, no command lets it drive the operator's terminal."""

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from tests.support.whole_install import Outcome, offhook

ESCAPES = "\033[2J\033]0;owned\007\x9b31m\r\u202e\nforged line"
RUN = {
    "workflow_run_id": 7,
    "name": f"WR-API-0007{ESCAPES}",
    "status": "completed",
    "created_at": ESCAPES,
    "direction": "inbound",
    "disposition": ESCAPES,
    "end_reason": ESCAPES,
    "failure": {"code": ESCAPES, "message": ESCAPES},
    "gathered_context": {"call_id": ESCAPES, ESCAPES: "x"},
    "telephony": {"caller_number": ESCAPES, "called_number": ESCAPES},
    "latency": {"turns": 1, "p50_ms": ESCAPES, "p95_ms": ESCAPES},
    "recording_url": f"http://127.0.0.1/{ESCAPES}",
    "transcript_url": ESCAPES,
}
KEY = dict.fromkeys(("id", "name", "key_prefix", "created_at", "last_used_at", "api_key"), ESCAPES)
DATA = {
    "transcript": {"speaker": ESCAPES, "text": ESCAPES, "start_ms": 1},
    "correction": {"heard_text": ESCAPES},
    "node": {"from": ESCAPES, "to": ESCAPES},
    "context": {"gathered": {ESCAPES: ESCAPES}},
    "interrupt": {"by": ESCAPES},
    "dtmf": {"digit": ESCAPES},
    "tool-call": {"name": ESCAPES},
    "status": {"status": ESCAPES},
    "error": {"message": ESCAPES, "code": ESCAPES},
    "transfer": {"mode": ESCAPES, "state": ESCAPES, "reason": ESCAPES},
    "end": {"reason": ESCAPES, "disposition": ESCAPES, "duration_ms": 1},
}
EVENTS = [
    {"seq": seq, "at": "2026-03-04T05:06:07.000Z", "type": type_, "data": data}
    for seq, (type_, data) in enumerate(DATA.items(), start=1)
]
PROBLEM = {"detail": ESCAPES, "code": ESCAPES, "errors": [{"loc": [ESCAPES, "b"], "msg": ESCAPES}, {}]}


class Hostile(BaseHTTPRequestHandler):
    """An install of which every text is hostile."""

    def do_GET(self) -> None:
        path = self.path.partition("?")[0]
        if path.endswith("/runs/7/events"):
            is_first = "after=0" in self.path
            items = EVENTS if is_first else []
            self._answer(200, {"items": items, "next_after": len(EVENTS), "status": "completed"})
        elif path.endswith("/runs/7"):
            self._answer(200, RUN)
        elif path.endswith("/runs"):
            self._answer(200, {"items": [RUN], "next_cursor": None})
        elif path.endswith("/api-keys"):
            self._answer(200, {"items": [{**KEY, "is_active": True}], "next_cursor": None})
        else:
            self._answer(404, PROBLEM)

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers.get("Content-Length", 0)))
        if self.path.endswith("/api-keys"):
            self._answer(201, KEY)
        elif "refused" in self.path:
            self._answer(422, PROBLEM)
        else:
            self._answer(200, {"workflow_run_id": 7, "workflow_run_name": ESCAPES})

    def _answer(self, status: int, document: Any) -> None:
        content = json.dumps(document).encode()
        self.send_response(status)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, *_: object) -> None:
        """Say nothing on the test's stderr."""


@contextmanager
def hostile_install() -> Iterator[str]:
    with ThreadingHTTPServer(("127.0.0.1", 0), Hostile) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}"
        finally:
            server.shutdown()
            thread.join()


@pytest.fixture(scope="module")
def url() -> Iterator[str]:
    with hostile_install() as found:
        yield found


def lines_of(outcome: Outcome) -> list[str]:
    """Return all that a command has printed, each line without anything that a terminal would obey."""
    lines = [*outcome.out.split("\n"), *outcome.err.split("\n")]
    assert [line for line in lines if not line.isprintable()] == []
    assert [line for line in lines if line.startswith("forged")] == []
    return [line for line in lines if line]


@pytest.mark.parametrize(
    ("command", "status", "lines"),
    [
        (("runs",), 0, 2),
        (("runs", "--json"), 0, 1),
        (("keys", "list"), 0, 2),
        (("keys", "create"), 0, 2),
        (("tail", "7"), 0, len(EVENTS) + 7),
        (("tail", "7", "--json"), 0, len(EVENTS) + 1),
        (("tail", "8"), 1, 1),
        (("call", "+15555550100", "--agent", "a", "--follow"), 0, len(EVENTS) + 8),
        (("call", "+15555550100", "--agent", "refused"), 1, 1),
        (("doctor",), 1, None),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, tuple) else None,
)
def test_no_command_lets_foreign_text_drive_the_terminal(
    url: str, tmp_path: Path, command: tuple[str, ...], status: int, lines: int | None
) -> None:
    told = offhook(*command, "--base-url", url, cwd=tmp_path, env={"OFFHOOK_API_KEY": "dg_k"})
    assert told.status == status
    found = lines_of(told)
    assert lines is None or len(found) == lines
    assert any("owned" in line for line in found)
