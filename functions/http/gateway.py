"""Events of an HTTP API (payload format 2.0) in the form that Mangum takes, and the answer to one that is none."""

import logging
import re
from collections.abc import Callable, Mapping
from typing import Any

from functions.failures import fields_of
from functions.http.errors import problem

Answer = Callable[[dict[str, Any]], Mapping[str, Any]]

_logger = logging.getLogger("offhook.http")
_HOST = re.compile(r"[^:\s]+(:[0-9]{1,5})?", re.ASCII)
_PORT = re.compile(r"[0-9]{1,5}", re.ASCII)


def answer_event(answer: Answer, event: dict[str, Any]) -> Mapping[str, Any]:
    """Answer an event; with a problem, and never a traceback, where it can't be read."""
    try:
        return answer(_readable(event))
    except Exception as error:  # noqa: BLE001 (the top of a request)
        # What the application did not expect it has answered itself: this is an event that did not get there.
        _logger.warning("event not readable", extra=fields_of(error))
        reply = problem(400, "unreadable-request", "The request did not arrive in a form that can be read.")
        headers = {name: value for name, value in reply.headers.items() if name != "content-length"}
        return {"statusCode": reply.status_code, "headers": headers, "body": bytes(reply.body).decode()}


def _readable(event: dict[str, Any]) -> dict[str, Any]:
    context = event["requestContext"]
    path = _without_stage(context["http"]["path"], context.get("stage"))
    return {
        **event,
        "headers": _headers(event.get("headers") or {}),
        "rawQueryString": event.get("rawQueryString") or "",
        "requestContext": {**context, "http": {**context["http"], "path": path}},
    }


def _without_stage(path: str, stage: str | None) -> str:
    # Stages other than the default one stand in front of the path, unless a custom domain maps them away.
    if stage in (None, "$default") or not f"{path}/".startswith(f"/{stage}/"):
        return path
    return path[len(f"/{stage}") :] or "/"


def _headers(headers: Mapping[str, Any]) -> dict[str, str]:
    """Leave out what Mangum would stumble over: it reads host and port, which nothing of ours needs, as numbers."""
    kept = {name: value for name, value in headers.items() if isinstance(value, str)}
    for name in headers:
        form = {"host": _HOST, "x-forwarded-port": _PORT}.get(name.lower())
        if form and not form.fullmatch(kept.get(name, "")):
            kept.pop(name, None)
    return kept
