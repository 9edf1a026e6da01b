"""What is recorded of every request and event on AWS: one log line, and metrics in CloudWatch's embedded format.

Neither holds a path, a query, a body or a number: paths carry tokens, and the others what callers said.
"""

import logging
from time import perf_counter
from typing import Any

from aws_lambda_powertools.metrics import EphemeralMetrics, MetricUnit
from aws_lambda_powertools.utilities.typing import LambdaContext
from starlette.datastructures import Headers
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from functions.http.idempotency import INTENT_IN_SCOPE, Intent
from functions.http.messages import QueueHandler
from functions.http.requests import REQUEST_ID_HEADER

NAMESPACE = "Offhook"
NO_ROUTE = "none"
EVENT_ROUTE = "event"

_logger = logging.getLogger("offhook.requests")


class MeasuredApp:
    """An ASGI application that records each request after its reply."""

    def __init__(self, app: ASGIApp, service: str) -> None:
        self._app = app
        self._service = service

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
            _log("request answered", duration_ms, run_id=_run_id(scope, status), **fields)
            _count(self._service, route, 1 if status >= 500 else 0, duration_ms)


def measured_event(handle: QueueHandler, service: str) -> QueueHandler:
    """Return a handler of events that records each one; its messages that failed are its errors."""

    def measured(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
        started = perf_counter()
        failed = 1
        try:
            answer = handle(event, context)
            failed = len(answer.get("batchItemFailures", []))
        finally:
            duration_ms = (perf_counter() - started) * 1000
            _log("event handled", duration_ms, messages=len(event.get("Records", [])), failed=failed)
            _count(service, EVENT_ROUTE, failed, duration_ms)
        return answer

    return measured


def _log(message: str, duration_ms: float, **fields: object) -> None:
    known = {name: value for name, value in fields.items() if value is not None}
    _logger.info(message, extra={**known, "duration_ms": round(duration_ms, 1)})


def _count(service: str, route: str, errors: int, duration_ms: float) -> None:
    metrics = EphemeralMetrics(namespace=NAMESPACE, service=service)
    metrics.add_dimension("route", route)
    metrics.add_metric("Requests", MetricUnit.Count, 1)
    metrics.add_metric("Errors", MetricUnit.Count, errors)
    metrics.add_metric("Latency", MetricUnit.Milliseconds, duration_ms)
    metrics.flush_metrics()


def _route(scope: Scope) -> str:
    """Return the template of the route, not the path: that may hold a token."""
    return str(getattr(scope.get("route"), "path", NO_ROUTE))


def _run_id(scope: Scope, status: int) -> int | None:
    """Return the run that the request makes, else the one that it names, if there is one: only runs have numbers."""
    intent = scope.get(INTENT_IN_SCOPE)
    made = intent.resource_id if isinstance(intent, Intent) else ""
    # What leads nowhere may be anything, somebody's number too.
    named = str(scope.get("path_params", {}).get("workflow_run_id", "")) if status < 400 else ""
    return next((int(text) for text in (made, named) if text.isascii() and text.isdigit()), None)
