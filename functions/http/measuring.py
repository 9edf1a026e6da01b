"""Recording each request after its reply, under the template of its route."""

from time import perf_counter

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from functions.http.idempotency.intent import INTENT_IN_SCOPE, Intent
from functions.http.requests import REQUEST_ID_HEADER
from functions.recording import Meter, log

NO_ROUTE = "none"


class MeasuredApp:
    """An ASGI application that records each request after its reply."""

    def __init__(self, app: ASGIApp, meter: Meter) -> None:
        self._app = app
        self._meter = meter

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        started = perf_counter()
        status, request_id = 500, None

        async def send_seen(message: Message) -> None:
            nonlocal status, request_id
            if message["type"] == "http.response.start":
                status = message["status"]
                request_id = Headers(raw=message["headers"]).get(REQUEST_ID_HEADER)
            await send(message)

        try:
            await self._app(scope, receive, send_seen)
        finally:
            duration_ms = (perf_counter() - started) * 1000
            route = _route(scope)
            fields = {"method": scope["method"], "route": route, "status": status, "request_id": request_id}
            log("request answered", duration_ms, run_id=_run_id(scope, status), **fields)
            self._meter.count(route, 1 if status >= 500 else 0, duration_ms)


def _route(scope: Scope) -> str:
    """Return the template of the route, not the path: that may hold a token."""
    return str(getattr(scope.get("route"), "path", NO_ROUTE))


def _run_id(scope: Scope, status: int) -> int | None:
    """Return the run that the request makes, else the one that it names, if there is one: only runs have numbers.

    A session is a run, too.
    """
    intent = scope.get(INTENT_IN_SCOPE)
    made = intent.resource_id if isinstance(intent, Intent) else ""
    # What leads nowhere may be anything, somebody's number too.
    params = scope.get("path_params", {}) if status < 400 else {}
    named = str(params.get("workflow_run_id") or params.get("session_id", "")).removeprefix("sess_")
    return next((int(text) for text in (made, named) if text.isascii() and text.isdigit()), None)
