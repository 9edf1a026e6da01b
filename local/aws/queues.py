"""Lets requests wait for messages of the embedded SQS without holding up the rest of the embedded AWS.

moto waits inside the request, of which only one at a time is let in here. So the wait is done in front of it, and moto
is asked for what is there.
"""

import json
import threading
from collections.abc import Iterable
from time import monotonic
from typing import TYPE_CHECKING, Any

from local.aws.moto_backends import has_message
from local.aws.requests import SQS_TARGET, give_body, look_at, read_body

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

# Messages that become visible with time announce themselves to nobody.
_LOOK_AGAIN_SECONDS = 1.0
_MOST_SECONDS = 20


class PatientQueues:
    """A WSGI application in front of moto's: ReceiveMessage waits here, whatever brings a message ends the wait."""

    def __init__(self, app: "WSGIApplication") -> None:
        self._app = app
        self._changed = threading.Condition()

    def __call__(self, environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
        action = environ.get("HTTP_X_AMZ_TARGET", "")
        if not action.startswith(SQS_TARGET):
            return self._app(environ, start_response)
        body = read_body(environ)
        if action.endswith(".ReceiveMessage"):
            body = self._wait(look_at(environ, body).region, body)
        give_body(environ, body)
        answer = self._app(environ, start_response)
        if not action.endswith(".ReceiveMessage"):
            self._wake()
        return answer

    def _wait(self, region: str, body: bytes) -> bytes:
        """Wait as long as the request wants and its queue is empty; return the request that does not wait."""
        wanted = _json_object(body)
        seconds = wanted.get("WaitTimeSeconds")
        if not isinstance(seconds, int) or not 0 < seconds <= _MOST_SECONDS:
            return body
        name = str(wanted.get("QueueUrl", "")).rpartition("/")[2]
        end = monotonic() + seconds
        with self._changed:
            while not has_message(name, region) and (left := end - monotonic()) > 0:
                self._changed.wait(min(left, _LOOK_AGAIN_SECONDS))
        return json.dumps(wanted | {"WaitTimeSeconds": 0}).encode()

    def _wake(self) -> None:
        with self._changed:
            self._changed.notify_all()


def _json_object(body: bytes) -> dict[str, Any]:
    try:
        value = json.loads(body)
    except ValueError:
        return {}
    return value if isinstance(value, dict) else {}
