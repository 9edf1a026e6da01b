"""Routes that ask for no key: what a stranger sends is bounded before anything looks at it."""

from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

from fastapi import APIRouter, Request, Response
from fastapi.routing import APIRoute

from functions.http.authentication import told_as_invalid
from functions.http.invalid import UNKNOWN_FIELD_HINT
from functions.http.json_body import JSON_TYPE, BoundedRequest
from functions.http.query import check_query
from functions.http.routing import Declared, Endpoint, Routes, problem_responses

_PROBLEMS = (
    HTTPStatus.BAD_REQUEST,
    HTTPStatus.UNAUTHORIZED,
    HTTPStatus.REQUEST_TIMEOUT,
    HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
    HTTPStatus.UNSUPPORTED_MEDIA_TYPE,
    HTTPStatus.UNPROCESSABLE_ENTITY,
    HTTPStatus.SERVICE_UNAVAILABLE,
)


@dataclass(frozen=True, slots=True)
class OpenPost(Declared):
    """Declares its method as a POST whose body is all that proves who asks."""

    path: str

    def add_to(self, router: APIRouter, endpoint: Endpoint, routes: Routes[Any]) -> None:
        router.add_api_route(
            self.path,
            endpoint,
            methods=["POST"],
            responses=dict(problem_responses(_PROBLEMS)),
            route_class_override=_Bounded,
        )


class _Bounded(APIRoute):
    """Checks the body's size and form, and only then lets FastAPI validate it."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        handle = super().get_route_handler()

        async def bounded(request: Request) -> Response:
            check_query(request, frozenset())
            body = BoundedRequest(request.scope, request.receive)
            await body.check(JSON_TYPE)
            with told_as_invalid(UNKNOWN_FIELD_HINT, takes_body=True):
                return await handle(body)

        return bounded
