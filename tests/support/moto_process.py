"""AWS for tests, in a process of its own: `python -m tests.support.moto_process`.

It prints its address and lives until its standard input closes, so that it never outlives the tests.
"""

import logging
import os
import sys
import threading
from collections.abc import Iterable
from types import ModuleType
from typing import Any

from moto.moto_server.werkzeug_app import (
    DomainDispatcherApplication,
    MotoRequestHandler,
    create_backend_app,
)
from werkzeug.serving import make_server

from local.aws.moto_backends import mend_dynamodb


class OneAtATime:
    """Serves one request at a time: moto checks a condition and writes in two steps, which DynamoDB never does."""

    def __init__(self, app: Any) -> None:
        self._app = app
        self._lock = threading.Lock()

    def __call__(self, environ: Any, start_response: Any) -> Iterable[bytes]:
        with self._lock:
            return list(self._app(environ, start_response))


class KeepAliveHandler(MotoRequestHandler):
    """Keeps connections open, as AWS does."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True


def serve() -> str:
    """Start to serve in the background, and return the address."""
    _stand_in_for_openapi()
    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    mend_dynamodb()
    app = OneAtATime(DomainDispatcherApplication(create_backend_app))
    server = make_server("127.0.0.1", 0, app, threaded=True, request_handler=KeepAliveHandler)
    server.daemon_threads = True  # type: ignore[attr-defined]
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return f"http://127.0.0.1:{server.server_port}"


def _stand_in_for_openapi() -> None:
    """Let moto's CloudFormation be imported without what it needs for REST APIs made of OpenAPI documents alone."""
    names = ("openapi_spec_validator", "openapi_spec_validator.validation")
    for name in (*names, "openapi_spec_validator.validation.exceptions"):
        sys.modules[name] = ModuleType(name)
    sys.modules[names[0]].validate = None  # type: ignore[attr-defined]
    sys.modules["openapi_spec_validator.validation.exceptions"].OpenAPIValidationError = Exception  # type: ignore[attr-defined]


def main() -> None:
    sys.stdout.write(serve() + "\n")
    sys.stdout.flush()
    sys.stdin.read()
    # All its state would first be taken apart, which takes seconds.
    os._exit(0)


if __name__ == "__main__":
    main()
