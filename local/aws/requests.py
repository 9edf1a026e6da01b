"""HTTP requests to the embedded AWS: calling moto with one, looking at it, keeping it to call moto again."""

import base64
import io
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote

from werkzeug.test import run_wsgi_app

from offhook.json_types import JsonObject

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication, WSGIEnvironment

SQS_TARGET = "AmazonSQS."
"""What the action of each SQS request begins with."""

Reply = tuple[str, list[tuple[str, str]], bytes]
"""Status line, headers and content."""

_CREDENTIAL = re.compile(r"Credential=[^/]*/[^/]*/([^/]*)/([^/,]*)")
_DEFAULT_REGION = "us-east-1"


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """What we look at in a request."""

    method: str
    path: str
    query: str
    target: str
    region: str
    is_s3: bool
    content_type: str
    body: bytes


def read_body(environ: "WSGIEnvironment") -> bytes:
    stream = environ["wsgi.input"]
    if environ.get("wsgi.input_terminated"):
        body: bytes = stream.read()
    else:
        body = stream.read(int(environ.get("CONTENT_LENGTH") or 0))
    return body


def give_body(environ: "WSGIEnvironment", body: bytes) -> None:
    """Have an application read this body, whole, in the place of what came."""
    environ["wsgi.input"] = io.BytesIO(body)
    environ["CONTENT_LENGTH"] = str(len(body))
    environ.pop("HTTP_TRANSFER_ENCODING", None)


def call(app: "WSGIApplication", environ: "WSGIEnvironment", body: bytes) -> Reply:
    """Call a WSGI application and wait for its whole answer."""
    give_body(environ, body)
    chunks, status, headers = run_wsgi_app(app, environ, buffered=True)
    return status, headers.to_wsgi_list(), b"".join(chunks)


def look_at(environ: "WSGIEnvironment", body: bytes) -> Request:
    scope = _CREDENTIAL.search(environ.get("HTTP_AUTHORIZATION", ""))
    target = environ.get("HTTP_X_AMZ_TARGET", "")
    return Request(
        method=environ["REQUEST_METHOD"],
        # WSGI hands paths over as Latin-1 whatever they are.
        path=environ.get("PATH_INFO", "").encode("latin-1").decode("utf-8", "replace"),
        query=unquote(environ.get("QUERY_STRING", "")),
        target=target,
        region=scope[1] if scope else _DEFAULT_REGION,
        is_s3=not target and (scope is None or scope[2] == "s3"),
        content_type=environ.get("CONTENT_TYPE", ""),
        body=body,
    )


def replayable(request: Request) -> JsonObject:
    """Keep what a request did, without who signed it."""
    return {
        "method": request.method,
        "path": request.path,
        "query": request.query,
        "target": request.target,
        "region": request.region,
        "service": "s3" if request.is_s3 else "dynamodb",
        "content_type": request.content_type,
        "body": base64.b64encode(request.body).decode(),
    }


def environ_of(state: Any) -> "WSGIEnvironment":
    scope = f"local/20000101/{state['region']}/{state['service']}/aws4_request"
    environ = {
        "REQUEST_METHOD": state["method"],
        "SCRIPT_NAME": "",
        "PATH_INFO": state["path"].encode().decode("latin-1"),
        "QUERY_STRING": state["query"],
        "SERVER_NAME": "127.0.0.1",
        "SERVER_PORT": "80",
        "SERVER_PROTOCOL": "HTTP/1.1",
        "HTTP_HOST": "127.0.0.1",
        "HTTP_AUTHORIZATION": f"AWS4-HMAC-SHA256 Credential={scope}, SignedHeaders=host, Signature=0",
        "CONTENT_TYPE": state["content_type"],
        "wsgi.url_scheme": "http",
        "wsgi.errors": io.StringIO(),
        "wsgi.version": (1, 0),
        "wsgi.multithread": True,
        "wsgi.multiprocess": False,
        "wsgi.run_once": False,
    }
    return environ | ({"HTTP_X_AMZ_TARGET": state["target"]} if state["target"] else {})
