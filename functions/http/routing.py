"""Declares routes, so that each has a key check, an operation id, and its problems in the published document."""

from collections.abc import Callable, Sequence
from datetime import datetime
from http import HTTPStatus
from typing import Any

from fastapi import APIRouter

from functions.http.authentication import SECURITY_SCHEMES, guarded_route
from functions.http.errors import MEDIA_TYPE, UNKNOWN_FIELD_HINT, title_of
from functions.http.services import HttpServices
from offhook.organizations.model import Scope

PROBLEM_SCHEMA = {
    "type": "object",
    "required": ["type", "title", "status", "detail", "code"],
    "properties": {
        "type": {"type": "string"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string", "description": "A sentence that says what to do."},
        "code": {"type": "string", "description": "What a program looks at; stable."},
        "errors": {
            "type": "array",
            "items": {
                "type": "object",
                "properties": {
                    "loc": {"type": "array", "items": {"type": ["string", "integer"]}},
                    "msg": {"type": "string"},
                },
            },
        },
        "workflow_run_id": {
            "type": "integer",
            "description": "The run that records the failure, if there is one.",
        },
    },
    "example": {
        "type": "about:blank",
        "title": "Not Found",
        "status": 404,
        "detail": "There is no active trigger with this path: copy the URL from the agent's trigger node.",
        "code": "trigger-not-found",
    },
}

_ALWAYS = (
    HTTPStatus.UNAUTHORIZED,
    HTTPStatus.FORBIDDEN,
    HTTPStatus.UNPROCESSABLE_ENTITY,
    HTTPStatus.SERVICE_UNAVAILABLE,
)
_WITH_BODY = (
    HTTPStatus.REQUEST_TIMEOUT,
    HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
    HTTPStatus.UNSUPPORTED_MEDIA_TYPE,
)


class Routes:
    """Collects the guarded routes of one function."""

    def __init__(
        self, services: HttpServices, *, tag: str, unknown_field_hint: str = UNKNOWN_FIELD_HINT
    ) -> None:
        self.router = APIRouter(tags=[tag])
        self._services = services
        self._hint = unknown_field_hint

    def add(
        self,
        method: str,
        path: str,
        endpoint: Callable[..., Any],
        *,
        scope: Scope,
        operation_id: str,
        summary: str,
        status: HTTPStatus = HTTPStatus.OK,
        problems: Sequence[HTTPStatus] = (),
        new_id: Callable[[datetime], str] | None = None,
    ) -> None:
        """Add one route; `problems` are those beyond what every route may answer.

        A route with `new_id` makes something, and makes it once for an Idempotency-Key: its endpoint takes a
        `NewThing` and uses the id in it.
        """
        also = (
            *(_WITH_BODY if method in ("POST", "PUT", "PATCH") else ()),
            *((HTTPStatus.CONFLICT,) if new_id else ()),
        )
        self.router.add_api_route(
            path,
            endpoint,
            methods=[method],
            status_code=status,
            summary=summary,
            operation_id=operation_id,
            responses=problem_responses([*_ALWAYS, *also, *problems]),
            openapi_extra={"security": [{name: []} for name in SECURITY_SCHEMES]},
            route_class_override=guarded_route(self._services, scope, self._hint),
        )


def problem_responses(statuses: Sequence[HTTPStatus]) -> dict[int | str, dict[str, Any]]:
    """Return the declarations of problems with these statuses."""
    content = {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}}
    return {
        int(status): {"description": title_of(status), "content": content} for status in sorted({*statuses})
    }
