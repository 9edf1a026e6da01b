"""Declares routes, so that each has a key check, an operation id, and its problems in the published document."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from http import HTTPStatus
from typing import Any

from fastapi import APIRouter

from functions.http.authentication import SECURITY_SCHEMES, guarded_route
from functions.http.errors import UNKNOWN_FIELD_HINT
from functions.http.once import KEY_HEADER, KEY_PATTERN, Once
from functions.http.routing import problem_responses
from functions.http.secrets import secret_fields_of
from functions.http.services import HttpServices
from offhook.organizations.model import Scope

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
_KEY_PARAMETER = {
    "name": KEY_HEADER,
    "in": "header",
    "required": False,
    "description": "A text of your own for this one intent. For 24 hours the same request with the same key is "
    "answered with what was answered first, and nothing is made or dialled again.",
    "schema": {"type": "string", "minLength": 1, "maxLength": 255, "pattern": KEY_PATTERN},
    "example": "order-1042-reminder",
}

_ETAG = {
    "description": "The state that was shown; send it as If-Match to change nothing newer.",
    "schema": {"type": "string"},
    "example": '"3"',
}


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
        other_replies: Mapping[int | str, dict[str, Any]] | None = None,
        has_etag: bool = False,
        new_id: Callable[[datetime], str] | None = None,
        dedupe_field: str | None = None,
    ) -> None:
        """Add one route; `problems` are those beyond what every route may answer, `other_replies` other successes.

        A route with `new_id` makes something, and makes it once for an Idempotency-Key: its endpoint takes a
        `NewThing` and uses the id in it. `dedupe_field` names the field of the body that may stand in for the header.
        """
        once = self._once(endpoint, new_id, dedupe_field)
        also = (
            *(_WITH_BODY if method in ("POST", "PUT", "PATCH") else ()),
            *((HTTPStatus.CONFLICT,) if once else ()),
        )
        self.router.add_api_route(
            path,
            endpoint,
            methods=[method],
            status_code=status,
            summary=summary,
            operation_id=operation_id,
            responses={
                **(other_replies or {}),
                **({status: {"headers": {"ETag": _ETAG}}} if has_etag else {}),
                **problem_responses([*_ALWAYS, *also, *problems]),
            },
            openapi_extra={
                "security": [{name: []} for name in SECURITY_SCHEMES],
                # Only OAuth2 schemes can name scopes in "security" itself.
                "x-required-scope": scope.value,
                **({"parameters": [_KEY_PARAMETER]} if once else {}),
            },
            route_class_override=guarded_route(self._services, scope, self._hint, once),
        )

    def _once(
        self,
        endpoint: Callable[..., Any],
        new_id: Callable[[datetime], str] | None,
        dedupe_field: str | None,
    ) -> Once | None:
        if new_id is None:
            return None
        return Once(
            services=self._services,
            new_id=new_id,
            dedupe_field=dedupe_field,
            secret_fields=secret_fields_of(endpoint),
        )
