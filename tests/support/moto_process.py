"""AWS for tests, in a process of its own: `python -m tests.support.moto_process`.

It prints its address and lives until its standard input closes, so that it never outlives the tests.
"""

import gc
import logging
import os
import sys
import threading
from collections.abc import Iterable
from types import ModuleType
from typing import Any

from moto.moto_server.werkzeug_app import DomainDispatcherApplication, create_backend_app

from local.aws.moto_backends import mend_dynamodb, mend_uploads
from local.aws.serving import make_aws_server

gc.disable()


class OneAtATime:
    """Serves one request at a time: moto checks a condition and writes in two steps, which DynamoDB never does."""

    def __init__(self, app: Any) -> None:
        self._app = app
        self._lock = threading.Lock()

    def __call__(self, environ: Any, start_response: Any) -> Iterable[bytes]:
        with self._lock:
            return list(self._app(environ, start_response))


def serve() -> str:
    """Start to serve in the background, and return the address."""
    _stand_in_for_openapi()
    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    mend_dynamodb()
    mend_uploads()
    server = make_aws_server(0, OneAtATime(DomainDispatcherApplication(create_backend_app)))
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
    address = serve()
    # What was imported stays for good, and so does most of what is stored: looking through it is a tenth of all work.
    gc.freeze()
    gc.set_threshold(20_000, 20, 20)
    gc.enable()
    sys.stdout.write(address + "\n")
    sys.stdout.flush()
    sys.stdin.read()
    # All its state would first be taken apart, which takes seconds.
    os._exit(0)


if __name__ == "__main__":
    main()
