"""Serves a WSGI application on loopback, one request after the other on each connection, as AWS does.

Werkzeug closes a connection after each answer, and waits before it does: a third of what a small request costs here, and
most of what it costs its client.
"""

import http.client
import traceback
from typing import TYPE_CHECKING

from moto.moto_server.werkzeug_app import MotoRequestHandler
from werkzeug.serving import BaseWSGIServer, make_server

from local.aws.requests import Reply, call, read_body

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication, WSGIEnvironment

_WITHOUT_CONTENT = (http.client.NO_CONTENT, http.client.NOT_MODIFIED)


def make_aws_server(port: int, app: "WSGIApplication") -> BaseWSGIServer:
    """Listen on a port of loopback, 0 for a free one, with a thread for each connection."""
    return make_server("127.0.0.1", port, app, threaded=True, request_handler=_Handler)


class _Handler(MotoRequestHandler):
    """Reads each request whole before it is answered, so that the next one begins where it ends."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    # Head and content leave in one piece.
    wbufsize = -1

    def handle_expect_100(self) -> bool:
        """Tell at once that the content may come: S3's clients wait a second for that before they send it."""
        is_expected = super().handle_expect_100()
        self.wfile.flush()
        return is_expected

    def run_wsgi(self) -> None:
        environ = self.make_environ()
        body = read_body(environ)
        if len(body) < int(environ.get("CONTENT_LENGTH") or 0):
            # Its sender is gone, and half of a request is none.
            self.close_connection = True
            return
        self._send(*self._answer(environ, body))

    def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
        """Say nothing."""

    def _answer(self, environ: "WSGIEnvironment", body: bytes) -> Reply:
        try:
            return call(self.server.app, environ, body)
        except Exception:  # noqa: BLE001 (the top of a request)
            self.server.log("error", "A request was not answered:\n%s", traceback.format_exc())
            return "500 Internal Server Error", [], b""

    def _send(self, status: str, headers: list[tuple[str, str]], content: bytes) -> None:
        code, _, phrase = status.partition(" ")
        self.send_response(int(code), phrase)
        for name, value in headers:
            self.send_header(name, value)
        if int(code) not in _WITHOUT_CONTENT and "content-length" not in {
            name.lower() for name, _ in headers
        }:
            self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(content)
